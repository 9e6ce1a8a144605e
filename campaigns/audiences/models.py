"""Segments: saved descriptions of whom to reach. Each change is a version of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from people.models import NAME_LENGTH

NOTE_LENGTH = 500


class Segment(Keyed, Base):
    """A description of people under a name, such as "cyclists in Area 2"."""

    __tablename__ = "segment"
    __table_args__ = (
        UniqueConstraint("community_id", "name"),
        CheckConstraint("latest_number >= 1", name="latest_number"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    latest_number: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    """Since when it is offered no more; what was sent to it keeps its version."""


class SegmentVersion(Keyed, Base):
    """What a segment says from one change to the next. Never changed: messages refer to it."""

    __tablename__ = "segment_version"
    __table_args__ = (
        UniqueConstraint("segment_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    segment_id: Mapped[UUID] = mapped_column(ForeignKey("segment.id"))
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    """See `campaigns.audiences.definitions.Definition`."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class PreviewSalt(Base):
    """The secret with which the counts of a community's previews are blurred."""

    __tablename__ = "preview_salt"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]


class PreviewLook(Keyed, Base):
    """That somebody of staff looked at a preview, and what it showed. Holds no list of people."""

    __tablename__ = "preview_look"
    __table_args__ = (
        Index("ix_preview_look_person_id_looked_at", "person_id", "looked_at"),
        Index("ix_preview_look_community_id_looked_at", "community_id", "looked_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    looked_at: Mapped[datetime]
    sketch: Mapped[bytes | None] = mapped_column(LargeBinary(2048))
    """See `campaigns.audiences.blurring`; None when the figures of an earlier look were shown."""
    shown: Mapped[dict[str, Any] | None]
    """The rounded figures of this look."""
