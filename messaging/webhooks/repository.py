"""The queries on endpoints, deliveries and attempts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from core.db import Session
from messaging.webhooks.kinds import DeliveryStatus, EndpointStatus
from messaging.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from people.kinds import Role
from people.models import Membership, Person

MAX_ENDPOINTS = 20
"""Of one community."""
MAX_REPLAYED = 1_000
MAX_SWEPT = 500
MAX_MANAGERS = 50
DELETED_AT_ONCE = 5_000


async def list_listening(
    session: Session, community_ids: Collection[UUID]
) -> Sequence[WebhookEndpoint]:
    """The endpoints of these communities that are told what happens, in a fixed order."""
    query = (
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.community_id.in_(community_ids),
            WebhookEndpoint.status == EndpointStatus.ACTIVE,
        )
        .order_by(WebhookEndpoint.id)
        .limit(MAX_ENDPOINTS * max(1, len(community_ids)))
        # Whoever deletes one of them waits until what is told to it is kept.
        .with_for_update(read=True, key_share=True)
    )
    return (await session.scalars(query)).all()


async def find_endpoint(session: Session, endpoint_id: UUID) -> WebhookEndpoint | None:
    """One endpoint, as it stands now."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    found: WebhookEndpoint | None = await session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


async def lock_endpoint(session: Session, endpoint_id: UUID) -> WebhookEndpoint | None:
    """One endpoint, held until the end of the transaction."""
    found: WebhookEndpoint | None = await session.scalar(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def count_endpoints(session: Session, community_id: UUID) -> int:
    """How many endpoints a community has."""
    query = select(func.count()).where(WebhookEndpoint.community_id == community_id)
    return int(await session.scalar(query) or 0)


async def delete_endpoint(session: Session, endpoint_id: UUID) -> None:
    """Remove an endpoint with everything that was told to it."""
    mine = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint_id)
    await session.execute(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(mine)))
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id))
    await session.execute(delete(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))


async def find_delivery(session: Session, delivery_id: UUID) -> WebhookDelivery | None:
    """One delivery, as it stands now."""
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id)
    found: WebhookDelivery | None = await session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


async def find_next_due(
    session: Session, endpoint_id: UUID, *, by: datetime
) -> WebhookDelivery | None:
    """The delivery of an endpoint that waits longest and may be tried by a moment."""
    found: WebhookDelivery | None = await session.scalar(
        select(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
            WebhookDelivery.due_at <= by,
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(1)
    )
    return found


async def find_next_due_at(session: Session, endpoint_id: UUID) -> datetime | None:
    """When the next delivery of an endpoint is due."""
    found: datetime | None = await session.scalar(
        select(func.min(WebhookDelivery.due_at)).where(
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
        )
    )
    return found


async def lock_delivery(session: Session, delivery_id: UUID) -> WebhookDelivery | None:
    """One delivery, held until the end of the transaction."""
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id).with_for_update()
    found: WebhookDelivery | None = await session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


async def replay_between(
    session: Session, endpoint_id: UUID, *, since: datetime, until: datetime, now: datetime
) -> int:
    """Let deliveries that were settled be told again: the oldest of a time first; how many."""
    picked = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status != DeliveryStatus.WAITING,
            WebhookDelivery.created_at >= since,
            WebhookDelivery.created_at < until,
        )
        .order_by(WebhookDelivery.created_at, WebhookDelivery.id)
        .limit(MAX_REPLAYED)
    )
    rows = await session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(picked))
        .values(status=DeliveryStatus.WAITING, due_at=now, attempts=0, settled_at=None)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


async def fail_waiting(session: Session, endpoint_id: UUID, *, now: datetime) -> int:
    """Give up what waits for an endpoint that was switched off; how many."""
    rows = await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status == DeliveryStatus.WAITING,
        )
        .values(status=DeliveryStatus.FAILED, settled_at=now)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


async def list_endpoints_due(session: Session, *, now: datetime) -> list[UUID]:
    """Endpoints with deliveries that are due."""
    query = (
        select(WebhookDelivery.endpoint_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(
            WebhookDelivery.status == DeliveryStatus.WAITING,
            WebhookDelivery.due_at <= now,
            WebhookEndpoint.status == EndpointStatus.ACTIVE,
        )
        .distinct()
        .limit(MAX_SWEPT)
    )
    return sorted(await session.scalars(query))


async def list_managers(session: Session, community_id: UUID) -> list[UUID]:
    """The managers of a community."""
    query = (
        select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.community_id == community_id,
            Membership.role == Role.MANAGER,
            Membership.ended_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(Membership.person_id)
        .limit(MAX_MANAGERS)
    )
    return list(await session.scalars(query))


async def forget_deliveries(session: Session, *, before: datetime) -> int:
    """Remove what was settled and written before a moment, a page of it; how many."""
    picked = list(
        await session.scalars(
            select(WebhookDelivery.id)
            .where(
                WebhookDelivery.created_at < before,
                WebhookDelivery.status != DeliveryStatus.WAITING,
            )
            .limit(DELETED_AT_ONCE)
        )
    )
    await session.execute(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(picked)))
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(picked)))
    return len(picked)


@dataclass(frozen=True)
class Backlog:
    """What waits to be told."""

    late_count: int
    """Deliveries that are due and were not tried yet."""
    failing_count: int
    """Endpoints whose last attempt failed."""


async def measure_backlog(session: Session, *, now: datetime, late_since: datetime) -> Backlog:
    """How much is overdue, and how many endpoints fail."""
    late = await session.scalar(
        select(func.count())
        .select_from(WebhookDelivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(
            WebhookDelivery.status == DeliveryStatus.WAITING,
            WebhookDelivery.due_at <= late_since,
            WebhookEndpoint.status == EndpointStatus.ACTIVE,
            WebhookEndpoint.failing_since_at.is_(None),
        )
    )
    failing = await session.scalar(
        select(func.count()).where(
            WebhookEndpoint.status == EndpointStatus.ACTIVE,
            WebhookEndpoint.failing_since_at.is_not(None),
        )
    )
    return Backlog(int(late or 0), int(failing or 0))
