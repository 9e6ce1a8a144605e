"""volunteering"""

from __future__ import annotations

revision: str = "202611212340"
down_revision: str | None = "202611212330"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
