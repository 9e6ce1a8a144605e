"""calls by name and number, and thanks that were taken away"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611221740"
down_revision: str | None = "202611221325"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("closed_at IS NULL")
INDEX = "uq_call_back_waiting"


def upgrade() -> None:
    with op.batch_alter_table("visit_thanks") as batch:
        batch.add_column(sa.Column("removed_at", MOMENT, nullable=True))
    op.drop_index(INDEX, table_name="call_back")
    with op.batch_alter_table("call_back") as batch:
        batch.add_column(sa.Column("asked_at", MOMENT, nullable=True))
    op.execute("UPDATE call_back SET asked_at = created_at")
    with op.batch_alter_table("call_back") as batch:
        batch.alter_column("asked_at", existing_type=MOMENT, nullable=False)
    _make_index("community_id", "phone", "name")


def downgrade() -> None:
    op.drop_index(INDEX, table_name="call_back")
    # A number waits once again: who asked after the first is kept among those who were called.
    op.execute(
        """
        UPDATE call_back SET closed_at = asked_at WHERE closed_at IS NULL AND EXISTS (
            SELECT 1 FROM call_back AS first
            WHERE first.community_id = call_back.community_id AND first.phone = call_back.phone
            AND first.closed_at IS NULL AND first.id < call_back.id
        )
        """
    )
    with op.batch_alter_table("call_back") as batch:
        batch.drop_column("asked_at")
    _make_index("community_id", "phone")
    # Thanks that were taken away had no row before.
    op.execute("DELETE FROM visit_thanks WHERE removed_at IS NOT NULL")
    with op.batch_alter_table("visit_thanks") as batch:
        batch.drop_column("removed_at")


def _make_index(*columns: str) -> None:
    op.create_index(
        INDEX,
        "call_back",
        list(columns),
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
