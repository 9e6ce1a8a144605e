"""Endpoints, deliveries and attempts, as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true

from core.db import Session
from core.pagination import Listing, SortKey
from messaging.webhooks.kinds import DeliveryStatus
from messaging.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from people.auth import Actor
from people.kinds import Role

MAX_ATTEMPTS_SHOWN = 20


def _managed(actor: Actor) -> ColumnElement[bool]:
    """Endpoints of communities that the actor manages."""
    if actor.is_system:
        return true()
    managed = sorted(key for key, roles in actor.roles.items() if Role.MANAGER in roles)
    return WebhookEndpoint.community_id.in_(managed)


def list_endpoints(actor: Actor, community_id: UUID) -> Listing[WebhookEndpoint]:
    """The endpoints of a community, the oldest first; none for who does not manage it."""
    return Listing(
        query=select(WebhookEndpoint).where(
            WebhookEndpoint.community_id == community_id, _managed(actor)
        ),
        key=SortKey("id", WebhookEndpoint.__table__.c.id),
    )


async def load_endpoints(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> Mapping[UUID, WebhookEndpoint]:
    """Endpoints by id, those that the actor may manage."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.id.in_(keys), _managed(actor))
    return {row.id: row for row in await session.scalars(query)}


def list_deliveries(
    actor: Actor, endpoint_id: UUID, statuses: Sequence[DeliveryStatus] = ()
) -> Listing[WebhookDelivery]:
    """What was told to an endpoint, the newest first; nothing for who does not manage it."""
    query = (
        select(WebhookDelivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.endpoint_id == endpoint_id, _managed(actor))
    )
    if statuses:
        query = query.where(WebhookDelivery.status.in_(statuses))
    columns: Any = WebhookDelivery.__table__.c
    return Listing(
        query=query,
        key=SortKey("id", columns.id, descending=True),
        sort=(SortKey("created_at", columns.created_at, descending=True),),
    )


async def load_deliveries(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> Mapping[UUID, WebhookDelivery]:
    """Deliveries by id, those of endpoints that the actor may manage."""
    query = (
        select(WebhookDelivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.id.in_(keys), _managed(actor))
    )
    return {row.id: row for row in await session.scalars(query)}


async def load_attempts(
    session: Session, actor: Actor, delivery_ids: Sequence[UUID]
) -> Mapping[UUID, list[WebhookAttempt]]:
    """The newest tries of each of these deliveries, the oldest of them first."""
    place = (
        func.row_number()
        .over(partition_by=WebhookAttempt.delivery_id, order_by=WebhookAttempt.id.desc())
        .label("place")
    )
    ranked = (
        select(WebhookAttempt.id, place)
        .join(WebhookDelivery, WebhookDelivery.id == WebhookAttempt.delivery_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookAttempt.delivery_id.in_(delivery_ids), _managed(actor))
        .subquery()
    )
    query = (
        select(WebhookAttempt)
        .join(ranked, ranked.c.id == WebhookAttempt.id)
        .where(ranked.c.place <= MAX_ATTEMPTS_SHOWN)
        .order_by(WebhookAttempt.id)
    )
    found: dict[UUID, list[WebhookAttempt]] = {key: [] for key in delivery_ids}
    for row in await session.scalars(query):
        found[row.delivery_id].append(row)
    return found
