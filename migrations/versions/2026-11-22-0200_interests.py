"""interests, facts of households, a purpose"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611220200"
down_revision: str | None = "202611220120"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
OLD_PURPOSES = ("matching", "offers", "campaigns", "research")
PURPOSES = ("matching", "offers", "campaigns", "programmes", "research")


def key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def upgrade() -> None:
    _allow_purposes(PURPOSES)
    op.create_table(
        "interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("label_es", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "code = lower(code) AND code <> ''", name=op.f("ck_interest_code_in_small_letters")
        ),
        key("interest", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_interest_community_id_code")),
    )
    op.create_table(
        "person_interest",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("stated_at", MOMENT, nullable=False),
        key("person_interest", "person_id", "person"),
        key("person_interest", "community_id", "community"),
        sa.PrimaryKeyConstraint(
            "person_id", "community_id", "topic", name=op.f("pk_person_interest")
        ),
    )
    op.create_index(
        "ix_person_interest_community_id_topic", "person_interest", ["community_id", "topic"]
    )
    op.create_table(
        "household_facts",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("has_seniors", sa.Boolean(), nullable=True),
        sa.Column("has_children", sa.Boolean(), nullable=True),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        key("household_facts", "household_id", "household"),
        key("household_facts", "declared_by", "person"),
        key("household_facts", "consent_id", "consent"),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_household_facts")),
    )
    op.create_index("ix_household_facts_declared_by", "household_facts", ["declared_by"])


def _allow_purposes(purposes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    for table in ("consent", "message"):
        name = op.f(f"ck_{table}_purpose")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(name, type_="check")
            batch.create_check_constraint(name, f"purpose IN ({listed})")


def downgrade() -> None:
    op.drop_table("household_facts")
    op.drop_table("person_interest")
    op.drop_table("interest")
    # A consent to programmes is none to campaigns, so these lines cannot be kept under another
    # name. Of the messages the record stays.
    gone = "SELECT id FROM consent WHERE purpose = 'programmes'"
    op.execute(f"UPDATE message SET consent_id = NULL WHERE consent_id IN ({gone})")  # noqa: S608 - no input
    op.execute("UPDATE message SET purpose = 'campaigns' WHERE purpose = 'programmes'")
    op.execute("DELETE FROM consent WHERE purpose = 'programmes'")
    _allow_purposes(OLD_PURPOSES)
