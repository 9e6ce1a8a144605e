"""Telling again: a test, one delivery, or everything of some time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.events import record_event
from core.ids import new_id
from messaging.webhooks import policy, repository
from messaging.webhooks.announcing import enqueue_sending
from messaging.webhooks.endpoints import get_endpoint
from messaging.webhooks.errors import DeliveryUnknown, EndpointDisabled, InvalidEndpoint
from messaging.webhooks.kinds import TEST_KIND, DeliveryStatus, EndpointStatus
from messaging.webhooks.models import WebhookDelivery, WebhookEndpoint
from messaging.webhooks.payloads import make_test_body
from people.auth import Actor

KEPT = timedelta(days=30)
"""Deliveries are kept so long, and can be told again."""


async def send_test(
    session: Session, actor: Actor, endpoint_id: UUID, *, now: datetime
) -> WebhookDelivery:
    """Send a delivery of the kind ``webhook.test``, whatever kinds the endpoint has chosen."""
    endpoint = await _get_active(session, actor, endpoint_id)
    event_id = new_id()
    row = WebhookDelivery(
        endpoint_id=endpoint.id,
        event_id=event_id,
        kind=TEST_KIND,
        body=make_test_body(event_id, endpoint.community_id, endpoint.id, now=now),
        due_at=now,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, "webhook.tested", endpoint, now, count=1)
    await enqueue_sending(session, endpoint.id, now=now)
    return row


async def get_delivery(session: Session, actor: Actor, delivery_id: UUID) -> WebhookDelivery:
    """One delivery of an endpoint that the actor may manage."""
    row = await repository.find_delivery(session, delivery_id)
    endpoint = None if row is None else await repository.find_endpoint(session, row.endpoint_id)
    if row is None or endpoint is None:
        raise DeliveryUnknown(f"There is no delivery {delivery_id}.")
    if not policy.can_manage_webhooks(actor, endpoint.community_id):
        raise DeliveryUnknown(f"There is no delivery {delivery_id}.")
    return row


async def replay_delivery(
    session: Session, actor: Actor, delivery_id: UUID, *, now: datetime
) -> WebhookDelivery:
    """Send one delivery again: the same id, the same body. One that waits is tried at once.

    Records ``webhook.replayed``.
    """
    found = await get_delivery(session, actor, delivery_id)
    endpoint = await _get_active(session, actor, found.endpoint_id)
    row = await repository.lock_delivery(session, delivery_id)
    if row is None:
        raise DeliveryUnknown(f"There is no delivery {delivery_id}.")
    row.status, row.due_at, row.settled_at, row.attempts = DeliveryStatus.WAITING, now, None, 0
    await session.flush()
    _record(session, actor, "webhook.replayed", endpoint, now, count=1)
    await enqueue_sending(session, endpoint.id, now=now)
    return row


async def replay_deliveries(
    session: Session,
    actor: Actor,
    endpoint_id: UUID,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
) -> int:
    """Send again what was told from ``since`` on and before ``until``, at most 1,000; how many.

    Records ``webhook.replayed``.
    """
    if since.tzinfo is None or until.tzinfo is None or since >= until:
        raise InvalidEndpoint("Say a time that begins before it ends, both with a time zone.")
    endpoint = await _get_active(session, actor, endpoint_id)
    count = await repository.replay_between(session, endpoint_id, since=since, until=until, now=now)
    if count:
        _record(session, actor, "webhook.replayed", endpoint, now, count=count)
        await enqueue_sending(session, endpoint_id, now=now)
    return count


async def _get_active(session: Session, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = await get_endpoint(session, actor, endpoint_id, lock=True)
    if endpoint.status is not EndpointStatus.ACTIVE:
        raise EndpointDisabled("Nothing is sent to this webhook: switch it on first.")
    return endpoint


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    endpoint: WebhookEndpoint,
    now: datetime,
    *,
    count: int,
) -> None:
    record_event(
        session,
        kind,
        subject_type="webhook",
        subject_id=endpoint.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=endpoint.community_id,
        count=count,
    )
