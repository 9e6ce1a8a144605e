"""Conversations about one visit: who takes part, and what was said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from messaging.kinds import ThreadSide

CODE_LENGTH = 8


class Thread(Keyed, Base):
    """A conversation about one thing, such as an agreed visit."""

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_id"),
        CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
        Index("ix_thread_community_id", "community_id", "id"),
        Index("ix_thread_closed_at", "closed_at"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    """When the visit begins: around it, what one says reaches the other at any hour."""
    ends_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """Since when nothing can be said any more."""
    post_count: Mapped[int] = mapped_column(default=0)


class ThreadMember(Base):
    """Somebody who takes part, and the code by which they answer from a phone."""

    __tablename__ = "thread_member"
    __table_args__ = (
        UniqueConstraint("person_id", "code"),
        Index("ix_thread_member_person_id", "person_id"),
    )

    thread_id: Mapped[UUID] = mapped_column(
        ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    side: Mapped[ThreadSide]
    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    """"TO K7 I am at the door"; no two threads of a person have the same."""
    joined_at: Mapped[datetime]


class ThreadPost(Keyed, Base):
    """One thing that was said. Empty once its author was erased."""

    __tablename__ = "thread_post"
    __table_args__ = (
        Index("ix_thread_post_thread_id", "thread_id", "id"),
        Index("ix_thread_post_author_id", "author_id", "posted_at"),
        UniqueConstraint("thread_id", "source_key"),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    side: Mapped[ThreadSide]
    text: Mapped[str] = mapped_column(Text)
    """With numbers to call and addresses to write to masked."""
    masked_count: Mapped[int] = mapped_column(default=0)
    source_key: Mapped[str | None] = mapped_column(String(200))
    """What a carrier called the text that brought it, so that a repetition is no second post."""
    posted_at: Mapped[datetime]
