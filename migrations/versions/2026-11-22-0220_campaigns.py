"""campaigns and rides"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220220"
down_revision: str | None = "202611220210"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = ("biking", "recycling", "recruitment", "other")
STATES = ("draft", "scheduled", "running", "finished", "archived")
UNITS = (
    "rides",
    "ride_days",
    "distance_km",
    "riders",
    "new_riders",
    "participation_share",
    "set_outs",
    "set_out_share",
    "weight_kg",
    "capture_share",
    "contamination_share",
    "sign_ups",
    "vetted",
    "first_tasks",
    "participants",
    "actions",
)


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def upgrade() -> None:
    _add_campaigns()
    _add_people()
    _add_rides()


def _add_campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("kind", words("campaignkind", *KINDS), nullable=False),
        sa.Column("status", words("campaignstatus", *STATES), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=2000), nullable=False),
        sa.Column("goal_value", sa.Double(), nullable=True),
        sa.Column("goal_unit", words("goalunit", *UNITS), nullable=True),
        sa.Column("baseline_value", sa.Double(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("areas", JSON, nullable=False),
        sa.Column("comparison_areas", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("budget_note", sa.String(length=500), nullable=True),
        sa.Column("cost_cents", sa.Integer(), nullable=True),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "slug = lower(slug) AND slug <> ''", name=op.f("ck_campaign_slug_in_small_letters")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_campaign_ends_after_start")),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_campaign_cost_cents")),
        sa.CheckConstraint(
            "(goal_value IS NULL) = (goal_unit IS NULL)", name=op.f("ck_campaign_goal_with_unit")
        ),
        key("campaign", "community_id", "community"),
        key("campaign", "created_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("community_id", "slug", name=op.f("uq_campaign_community_id_slug")),
    )
    op.create_index("ix_campaign_community_id_status", "campaign", ["community_id", "status"])
    op.create_index("ix_campaign_status_starts_at", "campaign", ["status", "starts_at"])
    op.create_table(
        "campaign_group",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("is_comparison", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        key("campaign_group", "campaign_id", "campaign"),
        key("campaign_group", "group_id", "affinity_group"),
        sa.PrimaryKeyConstraint("campaign_id", "group_id", name=op.f("pk_campaign_group")),
    )
    op.create_index("ix_campaign_group_group_id", "campaign_group", ["group_id"])


def _add_people() -> None:
    op.create_table(
        "campaign_team",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", words("teamrole", "owner", "editor", "viewer"), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        key("campaign_team", "campaign_id", "campaign"),
        key("campaign_team", "person_id", "person"),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("pk_campaign_team")),
    )
    op.create_index("ix_campaign_team_person_id", "campaign_team", ["person_id"])
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("invite_code", sa.String(length=12), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("took_part_before", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "invited_by IS NULL OR invited_by <> person_id",
            name=op.f("ck_campaign_member_not_invited_by_self"),
        ),
        key("campaign_member", "campaign_id", "campaign"),
        key("campaign_member", "person_id", "person"),
        key("campaign_member", "invited_by", "person"),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("pk_campaign_member")),
        sa.UniqueConstraint("invite_code", name=op.f("uq_campaign_member_invite_code")),
    )
    op.create_index("ix_campaign_member_person_id", "campaign_member", ["person_id"])


def _add_rides() -> None:
    op.create_table(
        "ride",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("source", words("ridesource", "form", "csv", "gpx"), nullable=False),
        sa.Column("purpose", words("ridepurpose", "transport", "leisure"), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("start_cell", sa.BigInteger(), nullable=True),
        sa.Column("end_cell", sa.BigInteger(), nullable=True),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("distance_m > 0", name=op.f("ck_ride_distance_m")),
        sa.CheckConstraint("duration_s > 0", name=op.f("ck_ride_duration_s")),
        key("ride", "campaign_id", "campaign"),
        key("ride", "community_id", "community"),
        key("ride", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ride")),
        sa.UniqueConstraint(
            "campaign_id",
            "person_id",
            "content_key",
            name=op.f("uq_ride_campaign_id_person_id_content_key"),
        ),
    )
    op.create_index("ix_ride_campaign_id_local_day", "ride", ["campaign_id", "local_day"])
    op.create_index("ix_ride_person_id_started_at", "ride", ["person_id", "started_at"])
    op.create_index("ix_ride_community_id_local_day", "ride", ["community_id", "local_day"])


def downgrade() -> None:
    op.drop_table("ride")
    op.drop_table("campaign_member")
    op.drop_table("campaign_team")
    op.drop_table("campaign_group")
    op.drop_table("campaign")
