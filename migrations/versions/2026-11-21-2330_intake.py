"""intake"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611212330"
down_revision: str | None = "202611212320"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.add_column(
        "help_request", sa.Column("scope", JSON, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("help_request", sa.Column("deadline_at", MOMENT, nullable=True))
    op.create_table(
        "intake_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column(
            "topic", words("intaketopic", "kinds", "eligibility", "deadlines"), nullable=False
        ),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_intake_rules_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_rules")),
        sa.UniqueConstraint(
            "community_id",
            "topic",
            "valid_from",
            name=op.f("uq_intake_rules_community_id_topic_valid_from"),
        ),
    )
    op.create_table(
        "standing_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            words("requestkind", "snow", "yard", "groceries", "ride", "tech", "recycling", "other"),
            nullable=False,
        ),
        sa.Column(
            "cadence",
            words("cadence", "once", "next_snowfall", "every_snowfall", "season"),
            nullable=False,
        ),
        sa.Column(
            "status", words("standingstatus", "needs_review", "active", "ended"), nullable=False
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("scope", JSON, nullable=False),
        sa.Column("needs", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("service_s", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("crew_size", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            words("intakechannel", "web", "phone", "staff", "sms", "import", "standing"),
            nullable=False,
        ),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "caller", words("callerkind", "family", "neighbour", "agency", "other"), nullable=True
        ),
        sa.Column(
            "verdict", words("verdict", "eligible", "not_eligible", "needs_person"), nullable=False
        ),
        sa.Column("verdict_version", sa.String(length=64), nullable=False),
        sa.Column("verdict_reasons", JSON, nullable=False),
        sa.Column("review_reasons", JSON, nullable=False),
        sa.Column("similar_to_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "service_s > 0 AND weight > 0 AND crew_size >= 1",
            name=op.f("ck_standing_request_amounts"),
        ),
        sa.CheckConstraint(
            "valid_until >= valid_from", name=op.f("ck_standing_request_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_standing_request_community_id_community"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_standing_request_household_id_household"),
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["person.id"], name=op.f("fk_standing_request_resident_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["similar_to_id"],
            ["standing_request.id"],
            name=op.f("fk_standing_request_similar_to_id_standing_request"),
        ),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["person.id"], name=op.f("fk_standing_request_taken_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_request")),
        sa.UniqueConstraint(
            "community_id", "source_key", name=op.f("uq_standing_request_community_id_source_key")
        ),
    )
    op.create_index(
        "ix_standing_request_community_id_status",
        "standing_request",
        ["community_id", "status"],
        unique=False,
    )
    op.create_index(
        "ix_standing_request_resident_id", "standing_request", ["resident_id"], unique=False
    )
    op.create_table(
        "standing_access",
        sa.Column("standing_id", sa.Uuid(), nullable=False),
        sa.Column("access_notes", sa.String(length=1000), nullable=True),
        sa.Column(
            "contact_choice",
            words("contactchoice", "platform", "phone", "sms", "email"),
            nullable=False,
        ),
        sa.Column("caller_name", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["standing_id"],
            ["standing_request.id"],
            name=op.f("fk_standing_access_standing_id_standing_request"),
        ),
        sa.PrimaryKeyConstraint("standing_id", name=op.f("pk_standing_access")),
    )
    op.create_table(
        "standing_break",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standing_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_standing_break_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["standing_id"],
            ["standing_request.id"],
            name=op.f("fk_standing_break_standing_id_standing_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_break")),
        sa.UniqueConstraint(
            "standing_id", "starts_on", name=op.f("uq_standing_break_standing_id_starts_on")
        ),
    )
    op.create_table(
        "request_details",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            words("intakechannel", "web", "phone", "staff", "sms", "import", "standing"),
            nullable=False,
        ),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "caller", words("callerkind", "family", "neighbour", "agency", "other"), nullable=True
        ),
        sa.Column("standing_id", sa.Uuid(), nullable=True),
        sa.Column(
            "verdict", words("verdict", "eligible", "not_eligible", "needs_person"), nullable=False
        ),
        sa.Column("verdict_version", sa.String(length=64), nullable=False),
        sa.Column("verdict_reasons", JSON, nullable=False),
        sa.Column("review_reasons", JSON, nullable=False),
        sa.Column("similar_to_id", sa.Uuid(), nullable=True),
        sa.Column("follows_deadline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_request_details_request_id_help_request"),
        ),
        sa.ForeignKeyConstraint(
            ["similar_to_id"],
            ["help_request.id"],
            name=op.f("fk_request_details_similar_to_id_help_request"),
        ),
        sa.ForeignKeyConstraint(
            ["standing_id"],
            ["standing_request.id"],
            name=op.f("fk_request_details_standing_id_standing_request"),
        ),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["person.id"], name=op.f("fk_request_details_taken_by_id_person")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request_details")),
    )
    op.create_index(
        "ix_request_details_similar_to_id", "request_details", ["similar_to_id"], unique=False
    )
    op.create_index(
        "ix_request_details_standing_id", "request_details", ["standing_id"], unique=False
    )
    op.create_table(
        "request_access",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("access_notes", sa.String(length=1000), nullable=True),
        sa.Column(
            "contact_choice",
            words("contactchoice", "platform", "phone", "sms", "email"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_request_access_request_id_help_request"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request_access")),
    )
    op.create_table(
        "request_caller",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("caller_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["help_request.id"],
            name=op.f("fk_request_caller_request_id_help_request"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_request_caller")),
    )
    op.create_table(
        "declaration",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("at_least_age", sa.Integer(), nullable=True),
        sa.Column("has_disability", sa.Boolean(), nullable=True),
        sa.Column("has_no_other_help", sa.Boolean(), nullable=True),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "at_least_age BETWEEN 1 AND 120", name=op.f("ck_declaration_at_least_age")
        ),
        sa.CheckConstraint(
            "birth_year BETWEEN 1900 AND 2100", name=op.f("ck_declaration_birth_year")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_declaration_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_declaration_consent_id_consent")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_declaration_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "community_id", name=op.f("pk_declaration")),
    )
    op.create_table(
        "text_dialogue",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("step", words("textstep", "kind", "when", "confirm"), nullable=False),
        sa.Column(
            "kind",
            words("requestkind", "snow", "yard", "groceries", "ride", "tech", "recycling", "other"),
            nullable=True,
        ),
        sa.Column("wanted", words("textwhen", "today", "tomorrow", "next_snow"), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_text_dialogue_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_text_dialogue_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_text_dialogue")),
    )


def downgrade() -> None:
    op.drop_table("text_dialogue")
    op.drop_table("declaration")
    op.drop_table("request_caller")
    op.drop_table("request_access")
    op.drop_table("request_details")
    op.drop_table("standing_break")
    op.drop_table("standing_access")
    op.drop_table("standing_request")
    op.drop_table("intake_rules")
    op.drop_column("help_request", "deadline_at")
    op.drop_column("help_request", "scope")
