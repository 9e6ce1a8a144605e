"""webhooks and calendar feeds"""

from __future__ import annotations

revision: str = "202611220120"
down_revision: str | None = "202611220110"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
