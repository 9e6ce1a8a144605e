"""Where other systems want to be told what happens, and what was told to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from messaging.webhooks.kinds import DeliveryStatus, EndpointStatus

URL_LENGTH = 500
DESCRIPTION_LENGTH = 200
SECRET_LENGTH = 120
WORD_LENGTH = 64


class WebhookEndpoint(Keyed, Base):
    """An address of another system that is told what happens in one community."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index("ix_webhook_endpoint_community_id_status", "community_id", "status"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LENGTH), default="")
    kinds: Mapped[list[str]]
    """Public kinds, such as ``request.opened``."""
    status: Mapped[EndpointStatus] = mapped_column(default=EndpointStatus.ACTIVE)
    disabled_reason: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    disabled_at: Mapped[datetime | None]
    secret: Mapped[str] = mapped_column(String(SECRET_LENGTH))
    """What deliveries are signed with. It must be known to sign, so it cannot be a digest."""
    old_secret: Mapped[str | None] = mapped_column(String(SECRET_LENGTH))
    old_secret_until_at: Mapped[datetime | None]
    """Until then deliveries are signed with both."""
    failing_since_at: Mapped[datetime | None]
    """The first failure after the last success."""
    failure_count: Mapped[int] = mapped_column(default=0)
    """Failures in a row."""
    rests_until_at: Mapped[datetime | None]
    """After a failure nothing is sent for a while."""
    busy_until_at: Mapped[datetime | None]
    """A worker sends; others leave it alone until then."""
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WebhookDelivery(Keyed, Base):
    """One event for one endpoint: written with the event, or not at all."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_endpoint_id_due_at", "endpoint_id", "status", "due_at"),
        Index("ix_webhook_delivery_created_at", "created_at"),
        Index(
            "ix_webhook_delivery_due_at_waiting",
            "due_at",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    """The row of the history that it tells; the ``webhook-id`` is made from it."""
    kind: Mapped[str] = mapped_column(String(WORD_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    """As it is sent: the same bytes in every attempt."""
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.WAITING)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    """Since it was written or replayed."""
    created_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class WebhookAttempt(Keyed, Base):
    """One try: what came back and how long it took. What the answer said is not kept."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery_id", "delivery_id", "id"),)

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    attempted_at: Mapped[datetime]
    status_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(WORD_LENGTH))
    """A code word when no answer came, such as ``timed_out``."""
    duration_ms: Mapped[int]
