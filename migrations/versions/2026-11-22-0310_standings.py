"""pledges, boards and badges"""

from __future__ import annotations

revision: str = "202611220310"
down_revision: str | None = "202611220300"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
