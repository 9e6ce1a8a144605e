"""results that were made public"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220320"
down_revision: str | None = "202611220310"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "result_publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("figures", JSON, nullable=False),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= published_at",
            name=op.f("ck_result_publication_withdrawn_later"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_result_publication_campaign_id_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by"],
            ["person.id"],
            name=op.f("fk_result_publication_published_by_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_publication")),
    )
    op.create_index(
        "ix_result_publication_campaign_id_published_at",
        "result_publication",
        ["campaign_id", "published_at"],
    )


def downgrade() -> None:
    op.drop_index("ix_result_publication_campaign_id_published_at", table_name="result_publication")
    op.drop_table("result_publication")
