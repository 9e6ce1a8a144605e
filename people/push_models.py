"""Browsers that show notices, as the database knows them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed

ENDPOINT_LENGTH = 500
DEVICE_LENGTH = 32


class PushSubscription(Keyed, Base):
    """A browser in which a person turned notices on: where its push service takes them."""

    __tablename__ = "push_subscription"
    __table_args__ = (
        Index("ix_push_subscription_person_id", "person_id"),
        Index("ix_push_subscription_sign_in_id", "sign_in_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sign_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in.id", ondelete="SET NULL"))
    """Who signs out there hears nothing more; a sign-in that only grew old leaves it."""
    endpoint: Mapped[str] = mapped_column(String(ENDPOINT_LENGTH), unique=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    """The public key of the browser, in base64url."""
    auth: Mapped[str] = mapped_column(String(32))
    """The secret of the browser. It must be known to write to it, so it cannot be a digest."""
    key_hash: Mapped[str] = mapped_column(String(64))
    """Of the key of ours that it was made for; with another one it is of no use."""
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH))
    """As its owner would know it again: ``firefox_on_android``."""
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When its push service took the last notice."""
