"""events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220240"
down_revision: str | None = "202611220230"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _add_events()
    _add_occurrences()
    _add_registrations()
    _add_roles()


def _add_events() -> None:
    op.create_table(
        "event_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address_text", sa.String(length=500), nullable=False),
        sa.Column("unit", sa.String(length=50), nullable=True),
        sa.Column("lon_deg", sa.Double(), nullable=False),
        sa.Column("lat_deg", sa.Double(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column(
            "precision",
            words("precision", "rooftop", "interpolated", "street", "area"),
            nullable=False,
        ),
        sa.Column("address_id", sa.String(length=100), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint("lat_deg BETWEEN -90 AND 90", name=op.f("ck_event_place_lat_deg")),
        sa.CheckConstraint("lon_deg BETWEEN -180 AND 180", name=op.f("ck_event_place_lon_deg")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_place")),
    )
    op.create_table(
        "community_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status", words("eventstatus", "draft", "published", "cancelled"), nullable=False
        ),
        sa.Column(
            "audience", words("eventaudience", "public", "community", "group"), nullable=False
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("starts_local", sa.String(length=16), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("max_party", sa.Integer(), nullable=False),
        sa.Column("confirm_s", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 100000", name=op.f("ck_community_event_capacity")
        ),
        sa.CheckConstraint(
            "confirm_s BETWEEN 900 AND 604800", name=op.f("ck_community_event_confirm_s")
        ),
        sa.CheckConstraint(
            "duration_s BETWEEN 300 AND 604800", name=op.f("ck_community_event_duration_s")
        ),
        sa.CheckConstraint("max_party BETWEEN 1 AND 20", name=op.f("ck_community_event_max_party")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_community_event_campaign_id_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_community_event_community_id_community"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_community_event_created_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["affinity_group.id"],
            name=op.f("fk_community_event_group_id_affinity_group"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["event_place.id"], name=op.f("fk_community_event_place_id_event_place")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_event")),
        sa.UniqueConstraint(
            "community_id", "client_key", name=op.f("uq_community_event_community_id_client_key")
        ),
    )
    op.create_index("ix_community_event_campaign_id", "community_event", ["campaign_id"])
    op.create_index(
        "ix_community_event_community_id_status", "community_event", ["community_id", "status"]
    )
    op.create_index("ix_community_event_group_id", "community_event", ["group_id"])


def _add_occurrences() -> None:
    op.create_table(
        "event_occurrence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("status", words("occurrencestatus", "scheduled", "cancelled"), nullable=False),
        sa.Column("recurs_at", MOMENT, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken_count", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("came_count", sa.Integer(), nullable=False),
        sa.Column("no_show_count", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 100000", name=op.f("ck_event_occurrence_capacity")
        ),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_event_occurrence_ends_after_start")
        ),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_event_occurrence_last_number")),
        sa.CheckConstraint(
            "taken_count BETWEEN 0 AND capacity",
            name=op.f("ck_event_occurrence_taken_within_capacity"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_event_occurrence_community_id_community"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["community_event.id"],
            name=op.f("fk_event_occurrence_event_id_community_event"),
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["event_place.id"], name=op.f("fk_event_occurrence_place_id_event_place")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_occurrence")),
        sa.UniqueConstraint(
            "event_id", "recurs_at", name=op.f("uq_event_occurrence_event_id_recurs_at")
        ),
    )
    op.create_index(
        "ix_event_occurrence_community_id_starts_at",
        "event_occurrence",
        ["community_id", "starts_at"],
    )


def _add_registrations() -> None:
    op.create_table(
        "event_registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            words("registrationstatus", "seated", "waiting", "offered", "cancelled", "expired"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("signed_up_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("offered_until_at", MOMENT, nullable=True),
        sa.Column("expired_count", sa.Integer(), nullable=False),
        sa.Column("offer_count", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("check_in_code", sa.String(length=6), nullable=True),
        sa.Column("attendance", words("attendance", "came", "no_show"), nullable=True),
        sa.Column("came_count", sa.Integer(), nullable=False),
        sa.Column("checked_in_at", MOMENT, nullable=True),
        sa.Column("checked_in_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'offered') = (offered_until_at IS NOT NULL)",
            name=op.f("ck_event_registration_offer_has_end"),
        ),
        sa.CheckConstraint(
            "came_count BETWEEN 0 AND party_size", name=op.f("ck_event_registration_came_count")
        ),
        sa.CheckConstraint(
            "party_size BETWEEN 1 AND 20", name=op.f("ck_event_registration_party_size")
        ),
        sa.ForeignKeyConstraint(
            ["checked_in_by"],
            ["person.id"],
            name=op.f("fk_event_registration_checked_in_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_event_registration_community_id_community"),
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["event_occurrence.id"],
            name=op.f("fk_event_registration_occurrence_id_event_occurrence"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_event_registration_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_registration")),
        sa.UniqueConstraint(
            "occurrence_id",
            "check_in_code",
            name=op.f("uq_event_registration_occurrence_id_check_in_code"),
        ),
        sa.UniqueConstraint(
            "occurrence_id", "number", name=op.f("uq_event_registration_occurrence_id_number")
        ),
        sa.UniqueConstraint(
            "occurrence_id", "person_id", name=op.f("uq_event_registration_occurrence_id_person_id")
        ),
    )
    op.create_index("ix_event_registration_person_id", "event_registration", ["person_id"])
    op.create_index(
        "ix_event_registration_status_offered_until_at",
        "event_registration",
        ["status", "offered_until_at"],
    )
    op.create_table(
        "event_desk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["event_occurrence.id"],
            name=op.f("fk_event_desk_occurrence_id_event_occurrence"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_event_desk_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_desk")),
        sa.UniqueConstraint(
            "occurrence_id", "person_id", name=op.f("uq_event_desk_occurrence_id_person_id")
        ),
    )


def _add_roles() -> None:
    op.create_table(
        "event_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("wanted_count", sa.Integer(), nullable=False),
        sa.Column("abilities", JSON, nullable=False),
        sa.CheckConstraint(
            "wanted_count BETWEEN 1 AND 100", name=op.f("ck_event_role_wanted_count")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["community_event.id"],
            name=op.f("fk_event_role_event_id_community_event"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_role")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_event_role_event_id_code")),
    )
    op.create_table(
        "event_helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            words("helperstatus", "volunteered", "proposed", "invited", "confirmed", "withdrawn"),
            nullable=False,
        ),
        sa.Column("is_own_offer", sa.Boolean(), nullable=False),
        sa.Column("travel_m", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_event_helper_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["event_occurrence.id"],
            name=op.f("fk_event_helper_occurrence_id_event_occurrence"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_event_helper_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["event_role.id"], name=op.f("fk_event_helper_role_id_event_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_helper")),
        sa.UniqueConstraint(
            "occurrence_id", "person_id", name=op.f("uq_event_helper_occurrence_id_person_id")
        ),
    )
    op.create_index("ix_event_helper_person_id", "event_helper", ["person_id"])
    op.create_index("ix_event_helper_role_id", "event_helper", ["role_id"])


def downgrade() -> None:
    op.drop_table("event_helper")
    op.drop_table("event_role")
    op.drop_table("event_desk")
    op.drop_table("event_registration")
    op.drop_table("event_occurrence")
    op.drop_table("community_event")
    op.drop_table("event_place")
