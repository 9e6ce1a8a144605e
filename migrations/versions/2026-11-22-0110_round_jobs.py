"""rounds as jobs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611220110"
down_revision: str | None = "202611220100"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("status IN ('waiting', 'running')")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    name = op.f(f"fk_round_job_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "round_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column(
            "status",
            words("roundjobstatus", "waiting", "running", "finished", "cancelled", "failed"),
            nullable=False,
        ),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("time_limit_s", sa.Double(), nullable=False),
        sa.Column("horizon_start_at", MOMENT, nullable=True),
        sa.Column("horizon_end_at", MOMENT, nullable=True),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("stop_wanted", words("roundstop", "discard", "keep"), nullable=True),
        sa.Column(
            "stage",
            words(
                "roundstage",
                "reading",
                "measuring",
                "planning",
                "checking",
                "explaining",
                "storing",
            ),
            nullable=True,
        ),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("best_value_m", sa.Double(), nullable=True),
        sa.Column("best_served_count", sa.Integer(), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.CheckConstraint("share >= 0 AND share <= 1", name=op.f("ck_round_job_share_within_1")),
        sa.CheckConstraint("key <> ''", name=op.f("ck_round_job_key_given")),
        key("community_id", "community"),
        key("requested_by", "person"),
        key("round_id", "round"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_job")),
        sa.UniqueConstraint("community_id", "key", name=op.f("uq_round_job_community_id_key")),
    )
    op.create_index(
        "uq_round_job_open",
        "round_job",
        ["community_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_round_job_community_id_requested_at", "round_job", ["community_id", "requested_at"]
    )
    op.create_index("ix_round_job_requested_by", "round_job", ["requested_by"])


def downgrade() -> None:
    op.drop_table("round_job")
