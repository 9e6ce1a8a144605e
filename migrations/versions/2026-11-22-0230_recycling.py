"""recycling and recruiting"""

from __future__ import annotations

revision: str = "202611220230"
down_revision: str | None = "202611220220"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
