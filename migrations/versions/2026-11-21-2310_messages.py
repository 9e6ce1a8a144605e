"""messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "202611212310"
down_revision: str | None = "202611212300"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)


def words(name: str, *values: str) -> sa.Enum:
    """A column of code words, held by a check."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    with op.batch_alter_table("contact_point") as contact_point:
        contact_point.add_column(sa.Column("bounced_at", MOMENT, nullable=True))
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column(
            "purpose",
            words("purpose", "matching", "offers", "campaigns", "research"),
            nullable=True,
        ),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("channel", words("channel", "email", "sms", "phone"), nullable=True),
        sa.Column(
            "status",
            words(
                "messagestatus",
                "queued",
                "sending",
                "sent",
                "delivered",
                "failed",
                "bounced",
                "suppressed",
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("storm_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.String(length=32), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("hurry", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("digestible", sa.Boolean(), nullable=False),
        sa.Column("digest_id", sa.Uuid(), nullable=True),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", MOMENT, nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("state_at", MOMENT, nullable=True),
        sa.Column("mail_id", sa.String(length=255), nullable=True),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_message_attempts")),
        sa.CheckConstraint(
            "status = 'suppressed' OR status = 'failed' OR channel IS NOT NULL",
            name=op.f("ck_message_channel_given"),
        ),
        sa.CheckConstraint(
            "status <> 'suppressed' OR reason IS NOT NULL", name=op.f("ck_message_reason_given")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_message_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_message_consent_id_consent")
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_point.id"],
            name=op.f("fk_message_contact_point_id_contact_point"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["message.id"], name=op.f("fk_message_digest_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_message_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_message_mail_id")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_message_provider_id")),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "message", columns, unique=False)
    op.create_table(
        "message_words",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("calendar", sa.LargeBinary(), nullable=True),
        sa.Column("unsubscribe_url", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_words_message_id_message")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_words")),
    )


INDEXES = {
    "ix_message_community_id_status": ["community_id", "status", "id"],
    "ix_message_person_id_queued_at": ["person_id", "queued_at"],
    "ix_message_person_id_storm_id": ["person_id", "storm_id"],
    "ix_message_status_due_at": ["status", "due_at"],
    "ix_message_subject": ["subject_type", "subject_id"],
}


def downgrade() -> None:
    op.drop_table("message_words")
    op.drop_table("message")
    with op.batch_alter_table("contact_point") as contact_point:
        contact_point.drop_column("bounced_at")
