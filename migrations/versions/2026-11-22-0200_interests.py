"""interests, facts of households, a purpose"""

from __future__ import annotations

revision: str = "202611220200"
down_revision: str | None = "202611220120"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
