"""answers of somebody who asks for help, kept for a day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220900"
down_revision: str | None = "202611220320"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "ask_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("outcome", JSON, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_ask_draft_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ask_draft_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_draft")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_ask_draft_secret_digest")),
    )
    op.create_index("ix_ask_draft_person_id", "ask_draft", ["person_id"])
    op.create_index("ix_ask_draft_updated_at", "ask_draft", ["updated_at"])


def downgrade() -> None:
    op.drop_index("ix_ask_draft_updated_at", table_name="ask_draft")
    op.drop_index("ix_ask_draft_person_id", table_name="ask_draft")
    op.drop_table("ask_draft")
