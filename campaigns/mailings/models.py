"""Mailings: one message to an audience, in two languages, and to whom it went."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.mailings.kinds import Action, MailingStatus, RecipientStatus, Variant
from core.columns import Base, Keyed, Versioned
from people.kinds import Purpose
from people.models import NAME_LENGTH

REASON_LENGTH = 64


class Mailing(Keyed, Versioned, Base):
    """One message to the people of one version of a segment."""

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint("rate_per_min BETWEEN 1 AND 6000", name="rate_per_min"),
        CheckConstraint("next_position >= 0", name="next_position"),
        CheckConstraint("sample_size IS NULL OR sample_size >= 1", name="sample_size"),
        CheckConstraint("seed >= 0", name="seed"),
        Index("ix_mailing_community_id_status", "community_id", "status", "id"),
        Index("ix_mailing_content", "segment_version_id", "content_digest", "approved_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    segment_version_id: Mapped[UUID] = mapped_column(ForeignKey("segment_version.id"))
    purpose: Mapped[Purpose]
    status: Mapped[MailingStatus] = mapped_column(default=MailingStatus.DRAFT)
    title: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """What staff call it; nobody else reads it."""
    texts: Mapped[dict[str, Any]]
    """By variant and language; see `campaigns.mailings.texts.Text`."""
    content_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of purpose and texts: what makes two mailings the same."""
    rate_per_min: Mapped[int] = mapped_column(default=120)
    despite_storm: Mapped[bool] = mapped_column(default=False)
    """Whether it goes out during an active storm too."""
    accepts_fallback: Mapped[bool] = mapped_column(default=False)
    """Whether people whose language is missing get the other one."""
    sample_size: Mapped[int | None]
    """People of each variant in the comparison, fixed before the first mail; None without one."""
    wait_s: Mapped[int] = mapped_column(default=0)
    """So long after the last mail of the sample the result is read, and not before."""
    seed: Mapped[int] = mapped_column(BigInteger)
    """Decides the order of the list, and with it who gets which variant."""
    recipient_count: Mapped[int | None]
    """Places on the list; None until it is drawn up."""
    next_position: Mapped[int] = mapped_column(default=0)
    """The first place on the list whose turn has not come."""
    starts_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    """When somebody said: send it."""
    began_at: Mapped[datetime | None]
    sample_out_at: Mapped[datetime | None]
    result_due_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    """The comparison as it was read once, at the time that was fixed."""
    chosen_variant: Mapped[Variant | None]
    """What the rest gets."""
    held_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    """Why it rests although it is under way, such as ``storm``."""
    ended_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MailingRecipient(Keyed, Base):
    """One person's place on the list of a mailing. Goes when the person is erased."""

    __tablename__ = "mailing_recipient"
    __table_args__ = (
        UniqueConstraint("mailing_id", "person_id"),
        UniqueConstraint("mailing_id", "position"),
        Index("ix_mailing_recipient_person_id", "person_id"),
        Index("ix_mailing_recipient_message_id", "message_id"),
        CheckConstraint("position >= 0", name="position"),
    )

    mailing_id: Mapped[UUID] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    position: Mapped[int]
    variant: Mapped[Variant | None]
    """None for the rest of a comparison, until it is decided."""
    in_sample: Mapped[bool]
    language: Mapped[str] = mapped_column(String(8))
    status: Mapped[RecipientStatus] = mapped_column(default=RecipientStatus.WAITING)
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    """A code word: why they did not get it."""
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    queued_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    """Only where the community switched such figures on."""
    action: Mapped[Action | None]
    """The first thing they did."""
    acted_at: Mapped[datetime | None]


class MailingSettings(Base):
    """What a community decided about its mailings."""

    __tablename__ = "mailing_settings"
    __table_args__ = (
        CheckConstraint("week_budget BETWEEN 1 AND 50", name="week_budget"),
        CheckConstraint("gap_s BETWEEN 0 AND 2592000", name="gap_s"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"), primary_key=True)
    counts_opens: Mapped[bool] = mapped_column(default=False)
    """Whether mails carry a picture that tells when they are opened."""
    week_budget: Mapped[int] = mapped_column(default=3)
    """Messages of all senders in seven days, from which on a mailing passes a person over."""
    gap_s: Mapped[int] = mapped_column(default=3600)
    """Seconds of peace before a mailing, after any other message."""
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
