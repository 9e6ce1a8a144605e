"""Links that open one page for one person, as the database knows them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed

ACTION_LENGTH = 32
DIGEST_LENGTH = 64


class Link(Keyed, Base):
    """A link in a message. Only the SHA-256 of its token is kept, so a copy opens nothing."""

    __tablename__ = "link"
    __table_args__ = (
        Index("ix_link_person_id", "person_id"),
        Index("ix_link_expires_at", "expires_at"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        CheckConstraint("action <> ''", name="action_given"),
    )

    token_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    action: Mapped[str] = mapped_column(String(ACTION_LENGTH))
    """The one thing it is for, such as ``answer_offer``."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    subject_id: Mapped[UUID]
    """What it is about; the action says of which kind."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
