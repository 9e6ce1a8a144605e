"""why an event was called off"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611221320"
down_revision: str | None = "202611220900"
branch_labels: None = None
depends_on: None = None

REASONS = ("weather", "place", "too_few", "nobody_leads")
CHECK = "ck_event_occurrence_cancelreason"


def upgrade() -> None:
    with op.batch_alter_table("event_occurrence") as batch:
        batch.add_column(sa.Column("cancel_reason", sa.String(length=32), nullable=True))
        reasons = ", ".join(f"'{reason}'" for reason in REASONS)
        batch.create_check_constraint(op.f(CHECK), f"cancel_reason IN ({reasons})")


def downgrade() -> None:
    with op.batch_alter_table("event_occurrence") as batch:
        batch.drop_constraint(op.f(CHECK), type_="check")
        batch.drop_column("cancel_reason")
