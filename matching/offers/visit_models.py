"""What is left of visits that were done: pictures, and thanks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed

THANKS_LENGTH = 300


class VisitPhoto(Keyed, Base):
    """One picture, made anew from what was sent: no place, camera or time is left in it."""

    __tablename__ = "visit_photo"
    __table_args__ = (
        Index("ix_visit_photo_assignment_id", "assignment_id"),
        CheckConstraint("width_px > 0 AND height_px > 0", name="size_above_0"),
    )

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignment.id"))
    media_type: Mapped[str] = mapped_column(String(32))
    width_px: Mapped[int]
    height_px: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    content_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was sent, so that sending it twice keeps one."""
    created_at: Mapped[datetime]


class VisitThanks(Base):
    """What a resident said to whoever came, once a request. Gone when either is forgotten."""

    __tablename__ = "visit_thanks"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    words: Mapped[str] = mapped_column(String(THANKS_LENGTH))
    """With numbers to call and addresses to write to masked; empty for thanks without words, and
    for words that staff took away."""
    said_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """When staff took it away: it was said all the same, and is not said again."""
