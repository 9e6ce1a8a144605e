"""mailings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "202611220300"
down_revision: str | None = "202611220250"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PURPOSES = ("matching", "offers", "campaigns", "programmes", "research")


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(
    table: str, column: str, target: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    """A foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def upgrade() -> None:
    op.add_column(
        "message", sa.Column("once", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("message", sa.Column("handed_at", MOMENT, nullable=True))
    _add_mailings()
    _add_recipients()
    _add_settings()


def _add_mailings() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("segment_version_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", words("purpose", *PURPOSES), nullable=False),
        sa.Column(
            "status",
            words(
                "mailingstatus",
                "draft",
                "scheduled",
                "sending",
                "paused",
                "waiting",
                "choosing",
                "sent",
                "cancelled",
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("rate_per_min", sa.Integer(), nullable=False),
        sa.Column("despite_storm", sa.Boolean(), nullable=False),
        sa.Column("accepts_fallback", sa.Boolean(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("wait_s", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("recipient_count", sa.Integer(), nullable=True),
        sa.Column("next_position", sa.Integer(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("began_at", MOMENT, nullable=True),
        sa.Column("sample_out_at", MOMENT, nullable=True),
        sa.Column("result_due_at", MOMENT, nullable=True),
        sa.Column("result", JSON, nullable=True),
        sa.Column("chosen_variant", words("variant", "a", "b"), nullable=True),
        sa.Column("held_reason", sa.String(length=64), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("rate_per_min BETWEEN 1 AND 6000", name=op.f("ck_mailing_rate_per_min")),
        sa.CheckConstraint("next_position >= 0", name=op.f("ck_mailing_next_position")),
        sa.CheckConstraint(
            "sample_size IS NULL OR sample_size >= 1", name=op.f("ck_mailing_sample_size")
        ),
        sa.CheckConstraint("seed >= 0", name=op.f("ck_mailing_seed")),
        key("mailing", "community_id", "community"),
        key("mailing", "campaign_id", "campaign"),
        key("mailing", "segment_version_id", "segment_version"),
        key("mailing", "created_by", "person"),
        key("mailing", "approved_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
    )
    op.create_index("ix_mailing_community_id_status", "mailing", ["community_id", "status", "id"])
    op.create_index(
        "ix_mailing_content", "mailing", ["segment_version_id", "content_digest", "approved_at"]
    )


def _add_recipients() -> None:
    op.create_table(
        "mailing_recipient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mailing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant", words("variant", "a", "b"), nullable=True),
        sa.Column("in_sample", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "status",
            words("recipientstatus", "waiting", "queued", "left", "skipped"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("action", words("action", "link", "reply", "sign_up"), nullable=True),
        sa.Column("acted_at", MOMENT, nullable=True),
        sa.CheckConstraint("position >= 0", name=op.f("ck_mailing_recipient_position")),
        key("mailing_recipient", "mailing_id", "mailing", ondelete="CASCADE"),
        key("mailing_recipient", "person_id", "person"),
        key("mailing_recipient", "message_id", "message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_recipient")),
        sa.UniqueConstraint(
            "mailing_id", "person_id", name=op.f("uq_mailing_recipient_mailing_id_person_id")
        ),
        sa.UniqueConstraint(
            "mailing_id", "position", name=op.f("uq_mailing_recipient_mailing_id_position")
        ),
    )
    op.create_index("ix_mailing_recipient_person_id", "mailing_recipient", ["person_id"])
    op.create_index("ix_mailing_recipient_message_id", "mailing_recipient", ["message_id"])


def _add_settings() -> None:
    op.create_table(
        "mailing_settings",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("counts_opens", sa.Boolean(), nullable=False),
        sa.Column("week_budget", sa.Integer(), nullable=False),
        sa.Column("gap_s", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "week_budget BETWEEN 1 AND 50", name=op.f("ck_mailing_settings_week_budget")
        ),
        sa.CheckConstraint("gap_s BETWEEN 0 AND 2592000", name=op.f("ck_mailing_settings_gap_s")),
        key("mailing_settings", "community_id", "community"),
        key("mailing_settings", "changed_by", "person"),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_mailing_settings")),
    )


def downgrade() -> None:
    op.drop_table("mailing_settings")
    op.drop_table("mailing_recipient")
    op.drop_table("mailing")
    op.drop_column("message", "handed_at")
    op.drop_column("message", "once")
