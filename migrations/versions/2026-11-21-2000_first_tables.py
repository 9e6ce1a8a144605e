"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611212000"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("city_pack", sa.String(length=500), nullable=False),
        sa.Column("utm_epsg", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "slug = lower(slug) AND slug <> ''", name=op.f("ck_community_slug_in_small_letters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("slug", name=op.f("uq_community_slug")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_event_kind_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(
        "ix_event_community_id_happened_at", "event", ["community_id", "happened_at"], unique=False
    )
    op.create_index(
        "ix_event_subject", "event", ["subject_type", "subject_id", "happened_at"], unique=False
    )

    op.create_table(
        "ability",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            words("abilitykind", "skill", "tool"),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_ability_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ability")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_ability_community_id_code")),
    )
    op.create_table(
        "community_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_community_rules_community_id_community"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_rules")),
        sa.UniqueConstraint(
            "community_id", "valid_from", name=op.f("uq_community_rules_community_id_valid_from")
        ),
    )
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            words("placekind", "home", "work", "other"),
            nullable=False,
        ),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("area", sa.String(length=200), nullable=True),
        sa.Column(
            "precision",
            words("precision", "rooftop", "interpolated", "street", "area"),
            nullable=False,
        ),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_household_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint(
            "community_id", "source_key", name=op.f("uq_household_community_id_source_key")
        ),
    )
    op.create_index(
        "ix_household_community_id_cell", "household", ["community_id", "cell"], unique=False
    )

    op.create_table(
        "storm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            words("stormstatus", "watch", "armed", "active", "hold", "closed"),
            nullable=False,
        ),
        sa.Column(
            "hold_reason",
            words("holdreason", "ice", "dark", "still_snowing"),
            nullable=True,
        ),
        sa.Column("depth_cm", sa.Double(), nullable=True),
        sa.Column("snow_ended_at", MOMENT, nullable=True),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_storm_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storm")),
    )
    op.create_index(
        "ix_storm_community_id_status", "storm", ["community_id", "status"], unique=False
    )

    op.create_table(
        "household_address",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("address_text", sa.String(length=500), nullable=False),
        sa.Column("unit", sa.String(length=50), nullable=True),
        sa.Column("lon_deg", sa.Double(), nullable=False),
        sa.Column("lat_deg", sa.Double(), nullable=False),
        sa.Column("address_id", sa.String(length=100), nullable=True),
        sa.CheckConstraint("lat_deg BETWEEN -90 AND 90", name=op.f("ck_household_address_lat_deg")),
        sa.CheckConstraint(
            "lon_deg BETWEEN -180 AND 180", name=op.f("ck_household_address_lon_deg")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_address_household_id_household"),
        ),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_household_address")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_person_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index("ix_person_household_id", "person", ["household_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            words("purpose", "matching", "offers", "campaigns", "research"),
            nullable=False,
        ),
        sa.Column(
            "channel",
            words("channel", "email", "sms", "phone"),
            nullable=True,
        ),
        sa.Column("text_version", sa.String(length=50), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_consent_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_consent_recorded_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        "ix_consent_person_id_purpose",
        "consent",
        ["person_id", "purpose", "recorded_at"],
        unique=False,
    )

    op.create_table(
        "contact_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            words("channel", "email", "sms", "phone"),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contact_point_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint(
            "person_id", "channel", "value", name=op.f("uq_contact_point_person_id_channel_value")
        ),
    )
    op.create_index(
        "ix_contact_point_channel_value", "contact_point", ["channel", "value"], unique=False
    )

    op.create_table(
        "help_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column(
            "kind",
            words("requestkind", "snow", "yard", "groceries", "ride", "tech", "recycling", "other"),
            nullable=False,
        ),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("storm_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            words(
                "requeststatus",
                "submitted",
                "needs_review",
                "open",
                "offered",
                "accepted",
                "in_progress",
                "done",
                "confirmed",
                "not_done",
                "cancelled",
                "expired",
            ),
            nullable=False,
        ),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("crew_size", sa.Integer(), nullable=False),
        sa.Column("seats_taken", sa.Integer(), nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("crew_size >= 1", name=op.f("ck_help_request_crew_size_at_least_1")),
        sa.CheckConstraint(
            "seats_taken BETWEEN 0 AND crew_size",
            name=op.f("ck_help_request_seats_taken_within_crew"),
        ),
        sa.CheckConstraint("service_s >= 0", name=op.f("ck_help_request_service_s_not_negative")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_help_request_weight_above_0")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_help_request_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_help_request_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_help_request_resident_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["storm_id"], ["storm.id"], name=op.f("fk_help_request_storm_id_storm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
        sa.UniqueConstraint(
            "community_id", "reference", name=op.f("uq_help_request_community_id_reference")
        ),
        sa.UniqueConstraint(
            "community_id", "source_key", name=op.f("uq_help_request_community_id_source_key")
        ),
    )
    op.create_index(
        "ix_help_request_community_id_status",
        "help_request",
        ["community_id", "status"],
        unique=False,
    )
    op.create_index("ix_help_request_resident_id", "help_request", ["resident_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            words("role", "resident", "volunteer", "coordinator", "manager"),
            nullable=False,
        ),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_membership_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "community_id",
            "role",
            "source_key",
            name=op.f("uq_membership_community_id_role_source_key"),
        ),
        sa.UniqueConstraint(
            "person_id",
            "community_id",
            "role",
            name=op.f("uq_membership_person_id_community_id_role"),
        ),
    )
    op.create_index(
        "ix_membership_community_id_role", "membership", ["community_id", "role"], unique=False
    )

    op.create_table(
        "person_ability",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ability_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ability_id"], ["ability.id"], name=op.f("fk_person_ability_ability_id_ability")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_ability_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "ability_id", name=op.f("pk_person_ability")),
    )
    op.create_index("ix_person_ability_ability_id", "person_ability", ["ability_id"], unique=False)

    op.create_table(
        "person_name",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("call_name", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_name_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_name")),
    )
    op.create_table(
        "preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column(
            "channel",
            words("channel", "email", "sms", "phone"),
            nullable=True,
        ),
        sa.Column("quiet_from_min", sa.Integer(), nullable=False),
        sa.Column("quiet_until_min", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quiet_from_min BETWEEN 0 AND 1439", name=op.f("ck_preferences_quiet_from_min")
        ),
        sa.CheckConstraint(
            "quiet_until_min BETWEEN 0 AND 1439", name=op.f("ck_preferences_quiet_until_min")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_preferences_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("storm_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            words("roundstatus", "running", "finished", "cancelled", "failed"),
            nullable=False,
        ),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("horizon_start_at", MOMENT, nullable=False),
        sa.Column("horizon_end_at", MOMENT, nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=True),
        sa.Column("objective", JSON, nullable=True),
        sa.Column("value_m", sa.Double(), nullable=True),
        sa.Column("bound_m", sa.Double(), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("weight_served", sa.Double(), nullable=True),
        sa.Column("request_count", sa.Integer(), nullable=True),
        sa.Column("volunteer_count", sa.Integer(), nullable=True),
        sa.Column("served_count", sa.Integer(), nullable=True),
        sa.Column("stopped_early", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_round_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["person.id"], name=op.f("fk_round_started_by_person")
        ),
        sa.ForeignKeyConstraint(["storm_id"], ["storm.id"], name=op.f("fk_round_storm_id_storm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
    )
    op.create_index(
        "ix_round_community_id_started_at", "round", ["community_id", "started_at"], unique=False
    )
    op.create_index(
        "uq_round_running",
        "round",
        ["community_id"],
        unique=True,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )

    op.create_table(
        "volunteer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("second_anchor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            words("volunteerstatus", "active", "paused", "left"),
            nullable=False,
        ),
        sa.Column("paused_until", MOMENT, nullable=True),
        sa.Column(
            "mode",
            words("travelmode", "walk", "bike", "car"),
            nullable=False,
        ),
        sa.Column("max_tasks", sa.Integer(), nullable=False),
        sa.Column("max_work_s", sa.Integer(), nullable=False),
        sa.Column("max_travel_s", sa.Integer(), nullable=False),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("accept_prior", sa.Double(), nullable=False),
        sa.Column("load", sa.Double(), nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("accept_prior BETWEEN 0 AND 1", name=op.f("ck_volunteer_accept_prior")),
        sa.CheckConstraint(
            "max_tasks >= 0 AND max_work_s >= 0", name=op.f("ck_volunteer_limits_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_volunteer_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["household.id"], name=op.f("fk_volunteer_home_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_volunteer_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["second_anchor_id"],
            ["household.id"],
            name=op.f("fk_volunteer_second_anchor_id_household"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer")),
        sa.UniqueConstraint(
            "community_id", "source_key", name=op.f("uq_volunteer_community_id_source_key")
        ),
        sa.UniqueConstraint(
            "person_id", "community_id", name=op.f("uq_volunteer_person_id_community_id")
        ),
    )
    op.create_table(
        "availability_window",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_availability_window_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_availability_window_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_window")),
    )
    op.create_index(
        "ix_availability_window_volunteer_id",
        "availability_window",
        ["volunteer_id", "ends_at"],
        unique=False,
    )

    op.create_table(
        "ban",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_ban_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_ban_created_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_ban_resident_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_ban_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ban")),
        sa.UniqueConstraint(
            "volunteer_id", "resident_id", name=op.f("uq_ban_volunteer_id_resident_id")
        ),
    )
    op.create_index("ix_ban_community_id", "ban", ["community_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            words(
                "offerstatus", "proposed", "sent", "accepted", "declined", "expired", "withdrawn"
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("accept_p", sa.Double(), nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer_delay_s", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("accept_p BETWEEN 0 AND 1", name=op.f("ck_offer_accept_p")),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_offer_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_offer_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["help_request.id"], name=op.f("fk_offer_request_id_help_request")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_offer_round_id_round")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_offer_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint(
            "round_id",
            "request_id",
            "volunteer_id",
            name=op.f("uq_offer_round_id_request_id_volunteer_id"),
        ),
    )
    op.create_index("ix_offer_request_id_status", "offer", ["request_id", "status"], unique=False)
    op.create_index(
        "ix_offer_volunteer_id_status", "offer", ["volunteer_id", "status"], unique=False
    )
    op.create_index(
        "uq_offer_volunteer_id_code_live",
        "offer",
        ["volunteer_id", "code"],
        unique=True,
        sqlite_where=sa.text("status IN ('proposed', 'sent', 'expired')"),
        postgresql_where=sa.text("status IN ('proposed', 'sent', 'expired')"),
    )

    op.create_table(
        "request_need",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("ability_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ability_id"], ["ability.id"], name=op.f("fk_request_need_ability_id_ability")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_request_need_request_id_help_request"),
        ),
        sa.PrimaryKeyConstraint("request_id", "ability_id", name=op.f("pk_request_need")),
    )
    op.create_index("ix_request_need_ability_id", "request_need", ["ability_id"], unique=False)

    op.create_table(
        "request_window",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "closes_at > opens_at", name=op.f("ck_request_window_closes_after_opening")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_request_window_request_id_help_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_window")),
    )
    op.create_index("ix_request_window_request_id", "request_window", ["request_id"], unique=False)

    op.create_table(
        "round_document",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            words("documentkind", "problem", "plan", "certificate", "explanations", "prices"),
            nullable=False,
        ),
        sa.Column("body", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_document_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "kind", name=op.f("pk_round_document")),
    )
    op.create_table(
        "season_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("bonus_m", sa.Double(), nullable=False),
        sa.CheckConstraint("bonus_m >= 0", name=op.f("ck_season_pair_bonus_m_not_negative")),
        sa.CheckConstraint(
            "valid_until >= valid_from", name=op.f("ck_season_pair_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_season_pair_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_season_pair_resident_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_season_pair_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_pair")),
        sa.UniqueConstraint(
            "volunteer_id",
            "resident_id",
            "valid_from",
            name=op.f("uq_season_pair_volunteer_id_resident_id_valid_from"),
        ),
    )
    op.create_index(
        "ix_season_pair_community_id", "season_pair", ["community_id", "valid_until"], unique=False
    )

    op.create_table(
        "unserved_reason",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_unserved_reason_request_id_help_request"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_unserved_reason_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "request_id", name=op.f("pk_unserved_reason")),
    )
    op.create_index(
        "ix_unserved_reason_request_id", "unserved_reason", ["request_id"], unique=False
    )

    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_min", sa.Integer(), nullable=False),
        sa.Column("end_min", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "start_min BETWEEN 0 AND 1439 AND end_min BETWEEN 1 AND 1440 AND end_min > start_min",
            name=op.f("ck_weekly_hours_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_weekly_hours_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    op.create_index("ix_weekly_hours_volunteer_id", "weekly_hours", ["volunteer_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            words("assignmentstatus", "accepted", "in_progress", "done", "released"),
            nullable=False,
        ),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_assignment_ends_after_start")),
        sa.CheckConstraint("seat >= 0", name=op.f("ck_assignment_seat_not_negative")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_assignment_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_assignment_offer_id_offer")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["help_request.id"], name=op.f("fk_assignment_request_id_help_request")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_assignment_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_assignment_offer_id")),
    )
    op.create_index(
        "ix_assignment_volunteer_id_status", "assignment", ["volunteer_id", "status"], unique=False
    )
    op.create_index(
        "uq_assignment_request_id_seat_held",
        "assignment",
        ["request_id", "seat"],
        unique=True,
        sqlite_where=sa.text("status <> 'released'"),
        postgresql_where=sa.text("status <> 'released'"),
    )


def downgrade() -> None:
    op.drop_table("assignment")
    op.drop_table("weekly_hours")
    op.drop_table("unserved_reason")
    op.drop_table("season_pair")
    op.drop_table("round_document")
    op.drop_table("request_window")
    op.drop_table("request_need")
    op.drop_table("offer")
    op.drop_table("ban")
    op.drop_table("availability_window")
    op.drop_table("volunteer")
    op.drop_table("round")
    op.drop_table("preferences")
    op.drop_table("person_name")
    op.drop_table("person_ability")
    op.drop_table("membership")
    op.drop_table("help_request")
    op.drop_table("contact_point")
    op.drop_table("consent")
    op.drop_table("person")
    op.drop_table("household_address")
    op.drop_table("storm")
    op.drop_table("household")
    op.drop_table("community_rules")
    op.drop_table("ability")
    op.drop_table("event")
    op.drop_table("community")
