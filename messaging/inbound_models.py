"""Text messages that came in. What they say is not kept: only that each was answered once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed


class InboundText(Keyed, Base):
    """One text message from somebody, by the id that the carrier gave it."""

    __tablename__ = "inbound_text"
    __table_args__ = (
        Index("ix_inbound_text_received_at", "received_at"),
        Index("ix_inbound_text_sender_digest", "sender_digest", "received_at"),
    )

    provider_id: Mapped[str] = mapped_column(String(100), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    sender_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the number, to tell a flood from one sender; emptied with the reply."""
    verb: Mapped[str] = mapped_column(String(32))
    """What was understood: a code word."""
    received_at: Mapped[datetime]
    reply: Mapped[str | None] = mapped_column(Text)
    """The answer, for a repeated delivery of the same text; emptied after a day."""
