"""Messages that go out. The rows are the outbox: queued with what they tell of, or not at all.

What a message says stands in a table of its own (`MessageWords`), which is emptied some days after
delivery and when the person is erased; the row stays as a record that something was sent.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from messaging.kinds import MessageStatus
from people.kinds import Channel, Purpose

KEY_LENGTH = 200
WORD_LENGTH = 64


class Message(Keyed, Base):
    """One message to one person."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint(
            "status = 'suppressed' OR status = 'failed' OR channel IS NOT NULL",
            name="channel_given",
        ),
        CheckConstraint("status <> 'suppressed' OR reason IS NOT NULL", name="reason_given"),
        Index("ix_message_person_id_queued_at", "person_id", "queued_at"),
        Index("ix_message_person_id_storm_id", "person_id", "storm_id"),
        Index("ix_message_community_id_status", "community_id", "status", "id"),
        Index("ix_message_status_due_at", "status", "due_at"),
        Index("ix_message_subject", "subject_type", "subject_id"),
    )

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    purpose: Mapped[Purpose | None]
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent.id"))
    """The line of the ledger that allowed it."""
    contact_point_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contact_point.id", ondelete="SET NULL")
    )
    channel: Mapped[Channel | None]
    status: Mapped[MessageStatus]
    reason: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    """A code word: why it is suppressed, failed or bounced, or why it waits."""
    storm_id: Mapped[UUID | None]
    subject_type: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[UUID | None]
    pinned: Mapped[bool]
    """Goes to this contact point or nowhere."""
    hurry: Mapped[bool]
    counts: Mapped[bool]
    digestible: Mapped[bool]
    once: Mapped[bool] = mapped_column(default=False)
    """Rather lost than doubled: what a dead worker may have handed over is not sent again."""
    digest_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    """The digest that says this instead."""
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    """Since when somebody is sending it."""
    handed_at: Mapped[datetime | None]
    """When its words began to go to the carrier in this attempt; whether it took them all stands
    in ``sent_at``."""
    sent_at: Mapped[datetime | None]
    state_at: Mapped[datetime | None]
    """When what the carrier last told us was so."""
    mail_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    """The Message-ID header, the same in every attempt."""
    provider_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    """What the carrier of text messages calls it."""


class MessageWords(Base):
    """What a message says. May hold personal data, so it does not stay."""

    __tablename__ = "message_words"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    short: Mapped[str] = mapped_column(Text)
    calendar: Mapped[bytes | None] = mapped_column(LargeBinary)
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))
