"""volunteering"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611212340"
down_revision: str | None = "202611212330"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BAN_SIDES = ("resident", "volunteer", "staff")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(table: str, column: str, target: str, target_column: str = "id") -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.{target_column}"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def upgrade() -> None:
    _add_columns()
    _add_people_tables()
    _add_volunteer_tables()
    _add_tool_tables()


def _add_columns() -> None:
    with op.batch_alter_table("volunteer") as batch:
        batch.add_column(sa.Column("max_tasks_per_day", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_volunteer_max_tasks_per_day_not_negative"), "max_tasks_per_day >= 0"
        )
    for table in ("availability_window", "weekly_hours"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(
                sa.Column(
                    "from_second_anchor", sa.Boolean(), nullable=False, server_default=sa.false()
                )
            )
    with op.batch_alter_table("assignment") as batch:
        batch.add_column(sa.Column("seats", sa.Integer(), nullable=False, server_default="1"))
        batch.create_check_constraint(op.f("ck_assignment_seats_at_least_1"), "seats >= 1")
    with op.batch_alter_table("ban") as batch:
        batch.add_column(
            sa.Column("asked_by", sa.String(length=32), nullable=False, server_default="staff")
        )
        batch.add_column(sa.Column("reason", sa.String(length=64), nullable=True))
        sides = ", ".join(f"'{side}'" for side in BAN_SIDES)
        batch.create_check_constraint(op.f("ck_ban_banside"), f"asked_by IN ({sides})")


def _add_people_tables() -> None:
    op.create_table(
        "vetting_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            words("vettingstatus", "requested", "passed", "failed", "revoked", "lapsed"),
            nullable=False,
        ),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from",
            name=op.f("ck_vetting_item_ends_after_start"),
        ),
        key("vetting_item", "community_id", "community"),
        key("vetting_item", "person_id", "person"),
        key("vetting_item", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vetting_item")),
    )
    op.create_index(
        "ix_vetting_item_person_id_code", "vetting_item", ["person_id", "code", "recorded_at"]
    )
    op.create_index(
        "ix_vetting_item_community_id_valid_until", "vetting_item", ["community_id", "valid_until"]
    )
    op.create_table(
        "minor",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.CheckConstraint("birth_year BETWEEN 1900 AND 2200", name=op.f("ck_minor_birth_year")),
        key("minor", "person_id", "person"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_minor")),
    )
    op.create_table(
        "guardian_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("minor_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(length=50), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "guardian_id <> minor_id", name=op.f("ck_guardian_consent_guardian_is_another")
        ),
        sa.CheckConstraint(
            "valid_until > granted_at", name=op.f("ck_guardian_consent_ends_after_start")
        ),
        key("guardian_consent", "community_id", "community"),
        key("guardian_consent", "minor_id", "person"),
        key("guardian_consent", "guardian_id", "person"),
        key("guardian_consent", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_consent")),
    )
    op.create_index("ix_guardian_consent_minor_id", "guardian_consent", ["minor_id", "valid_until"])


def _add_volunteer_tables() -> None:
    op.create_table(
        "away_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("start_min", sa.Integer(), nullable=False),
        sa.Column("end_min", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_away_period_ends_after_start")),
        sa.CheckConstraint(
            "start_min BETWEEN 0 AND 1439 AND end_min BETWEEN 1 AND 1440 AND end_min > start_min",
            name=op.f("ck_away_period_minutes"),
        ),
        key("away_period", "volunteer_id", "volunteer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_away_period")),
    )
    op.create_index("ix_away_period_volunteer_id", "away_period", ["volunteer_id", "last_day"])
    op.create_table(
        "team",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size BETWEEN 1 AND 50", name=op.f("ck_team_size")),
        key("team", "volunteer_id", "volunteer"),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_team")),
    )
    op.create_table(
        "team_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        key("team_member", "team_id", "team", "volunteer_id"),
        key("team_member", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint("team_id", "person_id", name=op.f("uq_team_member_team_id_person_id")),
    )
    op.create_index("ix_team_member_person_id", "team_member", ["person_id"])


def _add_tool_tables() -> None:
    op.create_table(
        "depot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        key("depot", "community_id", "community"),
        key("depot", "household_id", "household"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depot")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_depot_community_id_code")),
    )
    op.create_table(
        "tool_stock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("depot_id", sa.Uuid(), nullable=False),
        sa.Column("ability_id", sa.Uuid(), nullable=False),
        sa.Column("owned", sa.Integer(), nullable=False),
        sa.Column("lent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "lent >= 0 AND lent <= owned", name=op.f("ck_tool_stock_lent_within_owned")
        ),
        key("tool_stock", "depot_id", "depot"),
        key("tool_stock", "ability_id", "ability"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_stock")),
        sa.UniqueConstraint(
            "depot_id", "ability_id", name=op.f("uq_tool_stock_depot_id_ability_id")
        ),
    )
    op.create_table(
        "tool_loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stock_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("ability_id", sa.Uuid(), nullable=False),
        sa.Column("lent_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("handed_at", MOMENT, nullable=True),
        sa.Column("returned_at", MOMENT, nullable=True),
        sa.CheckConstraint("due_at >= lent_at", name=op.f("ck_tool_loan_due_after_lending")),
        key("tool_loan", "stock_id", "tool_stock"),
        key("tool_loan", "volunteer_id", "volunteer"),
        key("tool_loan", "ability_id", "ability"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_loan")),
    )
    op.create_index("ix_tool_loan_stock_id", "tool_loan", ["stock_id"])
    op.create_index(
        "uq_tool_loan_volunteer_id_ability_id_out",
        "tool_loan",
        ["volunteer_id", "ability_id"],
        unique=True,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )


def downgrade() -> None:
    for table in (
        "tool_loan",
        "tool_stock",
        "depot",
        "team_member",
        "team",
        "away_period",
        "guardian_consent",
        "minor",
        "vetting_item",
    ):
        op.drop_table(table)
    with op.batch_alter_table("ban") as batch:
        batch.drop_constraint(op.f("ck_ban_banside"), type_="check")
        batch.drop_column("reason")
        batch.drop_column("asked_by")
    with op.batch_alter_table("assignment") as batch:
        batch.drop_constraint(op.f("ck_assignment_seats_at_least_1"), type_="check")
        batch.drop_column("seats")
    for table in ("availability_window", "weekly_hours"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("from_second_anchor")
    with op.batch_alter_table("volunteer") as batch:
        batch.drop_constraint(op.f("ck_volunteer_max_tasks_per_day_not_negative"), type_="check")
        batch.drop_column("max_tasks_per_day")
