"""Calendars that other programs read by a secret link."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed

DIGEST_LENGTH = 64


class FeedKind(StrEnum):
    """What a calendar holds."""

    VISITS = "visits"
    """The visits that a volunteer has agreed to."""
    STORMS = "storms"
    """The storms of a community, for its staff."""


class CalendarFeed(Keyed, Base):
    """A calendar of one person. Only the SHA-256 of its link is kept, so a copy opens nothing."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index("ix_calendar_feed_person_id", "person_id"),)

    token_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    kind: Mapped[FeedKind]
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
