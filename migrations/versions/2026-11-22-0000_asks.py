"""asks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220000"
down_revision: str | None = "202611212350"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LIVE = sa.text("status IN ('proposed', 'sent')")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("storm_id", sa.Uuid(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "origin",
            words("askorigin", "wave", "season_pair", "reseat", "substitute"),
            nullable=False,
        ),
        sa.Column(
            "status",
            words("askstatus", "proposed", "sent", "answered", "silent", "withdrawn"),
            nullable=False,
        ),
        sa.Column("arm", sa.String(length=32), nullable=False),
        sa.Column("plan_p", sa.Double(), nullable=False),
        sa.Column("willingness", sa.Double(), nullable=False),
        sa.Column("life_s", sa.Integer(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("silent_after_at", MOMENT, nullable=True),
        sa.Column("answer", words("askanswer", "yes", "no", "not_today"), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer_delay_s", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("plan_p BETWEEN 0 AND 1", name=op.f("ck_ask_plan_p")),
        sa.CheckConstraint("willingness BETWEEN 0 AND 1", name=op.f("ck_ask_willingness")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_ask_community_id_community")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_ask_round_id_round")),
        sa.ForeignKeyConstraint(["storm_id"], ["storm.id"], name=op.f("fk_ask_storm_id_storm")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_ask_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sa.UniqueConstraint("key", name=op.f("uq_ask_key")),
    )
    op.create_index("ix_ask_community_id_status", "ask", ["community_id", "status"], unique=False)
    op.create_index("ix_ask_storm_id", "ask", ["storm_id"], unique=False)
    op.create_index(
        "ix_ask_volunteer_id_proposed_at", "ask", ["volunteer_id", "proposed_at"], unique=False
    )
    op.create_index(
        "uq_ask_live",
        "ask",
        ["volunteer_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    _create_answers()
    with op.batch_alter_table("offer") as table:
        table.add_column(sa.Column("ask_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_offer_ask_id_ask"), "ask", ["ask_id"], ["id"])
        table.create_index("ix_offer_ask_id", ["ask_id"], unique=False)
    with op.batch_alter_table("round") as table:
        table.add_column(sa.Column("job_key", sa.String(length=120), nullable=True))
    with op.batch_alter_table("storm") as table:
        table.add_column(sa.Column("urgent_since", MOMENT, nullable=True))


def _create_answers() -> None:
    op.create_table(
        "asked_home",
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("in_plan", sa.Boolean(), nullable=False),
        sa.Column("accept_p", sa.Double(), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("travel_m", sa.Integer(), nullable=False),
        sa.Column("travel_bucket", sa.String(length=20), nullable=False),
        sa.Column("radius_share", sa.Double(), nullable=False),
        sa.Column("answer", words("askanswer", "yes", "no", "not_today"), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint("accept_p BETWEEN 0 AND 1", name=op.f("ck_asked_home_accept_p")),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_asked_home_ask_id_ask")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_asked_home_request_id_help_request"),
        ),
        sa.PrimaryKeyConstraint("ask_id", "request_id", name=op.f("pk_asked_home")),
    )
    op.create_index("ix_asked_home_request_id", "asked_home", ["request_id"], unique=False)
    op.create_table(
        "storm_volunteer",
        sa.Column("storm_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("not_today_at", MOMENT, nullable=True),
        sa.Column("silence_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["storm_id"], ["storm.id"], name=op.f("fk_storm_volunteer_storm_id_storm")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_storm_volunteer_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("storm_id", "volunteer_id", name=op.f("pk_storm_volunteer")),
    )
    op.create_table(
        "volunteer_reach",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("measured_at", MOMENT, nullable=False),
        sa.Column("homes", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_volunteer_reach_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_volunteer_reach")),
    )
    op.create_table(
        "answer_model_fit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("ask_count", sa.Integer(), nullable=False),
        sa.Column("model", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_answer_model_fit_community_id_community"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_model_fit")),
        sa.UniqueConstraint(
            "community_id",
            "valid_from",
            name=op.f("uq_answer_model_fit_community_id_valid_from"),
        ),
    )


def downgrade() -> None:
    with op.batch_alter_table("storm") as table:
        table.drop_column("urgent_since")
    with op.batch_alter_table("round") as table:
        table.drop_column("job_key")
    with op.batch_alter_table("offer") as table:
        table.drop_index("ix_offer_ask_id")
        table.drop_constraint(op.f("fk_offer_ask_id_ask"), type_="foreignkey")
        table.drop_column("ask_id")
    op.drop_table("answer_model_fit")
    op.drop_table("volunteer_reach")
    op.drop_table("storm_volunteer")
    op.drop_table("asked_home")
    op.drop_table("ask")
