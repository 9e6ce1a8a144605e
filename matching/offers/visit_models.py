"""Pictures of work that was done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed


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
