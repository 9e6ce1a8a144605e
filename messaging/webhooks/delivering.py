"""Sending what is due for one endpoint: one after the other, each attempt on record.

Nothing is promised about the order, and a delivery may come twice: when the process ends between
the answer and its record, it is sent again under the same ``webhook-id``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from core.clock import Clock
from core.db import Database, Session
from core.logging import get_logger
from messaging.webhooks import repository
from messaging.webhooks.announcing import enqueue_sending
from messaging.webhooks.endpoints import switch_off
from messaging.webhooks.kinds import DeliveryStatus, Disabled, EndpointStatus
from messaging.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from messaging.webhooks.notices import tell_managers
from messaging.webhooks.posting import Answer
from messaging.webhooks.retrying import GIVE_UP_ENDPOINT, next_try_at, rest_until
from messaging.webhooks.signing import make_headers

BATCH = 50
WORK_TIME = timedelta(seconds=60)
LEASE = timedelta(seconds=120)
"""Longer than one batch and one attempt can take."""

_logger = get_logger(__name__)


class PostsDeliveries(Protocol):
    """What `messaging.webhooks.posting.Poster` does."""

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer: ...


@dataclass(frozen=True)
class Parcel:
    """One attempt, ready to go."""

    delivery_id: UUID
    url: str
    headers: dict[str, str]
    body: bytes


async def deliver_due(
    database: Database, poster: PostsDeliveries, clock: Clock, endpoint_id: UUID
) -> int:
    """Send what is due for an endpoint until nothing is or an attempt fails; how many went well.

    What is left is for a later job, which is enqueued here.
    """
    started = clock.now()
    if not await _claim(database, endpoint_id, now=started):
        return 0
    good = 0
    try:
        for _ in range(BATCH):
            parcel = await _pack_next(database, endpoint_id, now=clock.now())
            if parcel is None:
                break
            answer = await poster.post(parcel.url, parcel.headers, parcel.body)
            await _settle(database, parcel.delivery_id, answer, now=clock.now())
            if not answer.is_good:
                break
            good += 1
            if clock.now() - started > WORK_TIME:
                break
    finally:
        await _release(database, endpoint_id, now=clock.now())
    return good


async def _claim(database: Database, endpoint_id: UUID, *, now: datetime) -> bool:
    """Take an endpoint for this worker, unless it rests, is off or another worker has it."""
    async with database.begin() as session:
        endpoint = await repository.lock_endpoint(session, endpoint_id)
        if endpoint is None or endpoint.status is not EndpointStatus.ACTIVE:
            return False
        held = [
            moment
            for moment in (endpoint.busy_until_at, endpoint.rests_until_at)
            if moment is not None and moment > now
        ]
        if held:
            await enqueue_sending(session, endpoint_id, now=now, due_at=max(held))
            return False
        endpoint.busy_until_at = now + LEASE
        return True


async def _pack_next(database: Database, endpoint_id: UUID, *, now: datetime) -> Parcel | None:
    async with database.read() as session:
        endpoint = await repository.find_endpoint(session, endpoint_id)
        if endpoint is None or endpoint.status is not EndpointStatus.ACTIVE:
            return None
        row = await repository.find_next_due(session, endpoint_id, by=now)
        if row is None:
            return None
        body = row.body.encode()
        headers = make_headers(_secrets(endpoint, now), row.event_id, body, now=now)
        return Parcel(row.id, endpoint.url, headers, body)


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that hold, the new one first."""
    until = endpoint.old_secret_until_at
    if endpoint.old_secret is not None and until is not None and until > now:
        return [endpoint.secret, endpoint.old_secret]
    return [endpoint.secret]


async def _settle(database: Database, delivery_id: UUID, answer: Answer, *, now: datetime) -> None:
    """Write down what came of an attempt, and what follows."""
    async with database.begin() as session:
        found = await repository.find_delivery(session, delivery_id)
        if found is None:
            return
        endpoint = await repository.lock_endpoint(session, found.endpoint_id)
        row = await repository.lock_delivery(session, delivery_id)
        if endpoint is None or row is None:
            return
        row.attempts += 1
        row.first_tried_at = row.first_tried_at or now
        session.add(
            WebhookAttempt(
                delivery_id=row.id,
                attempted_at=now,
                status_code=answer.status_code,
                error=answer.error,
                duration_ms=answer.duration_ms,
            )
        )
        if answer.is_good:
            row.status, row.settled_at = DeliveryStatus.DELIVERED, now
            endpoint.failing_since_at, endpoint.failure_count = None, 0
            endpoint.rests_until_at = None
        else:
            await _note_failure(session, endpoint, row, answer, now)
        await session.flush()
    _logger.info(
        "webhook.tried",
        webhook_id=endpoint.id,
        code=answer.error or f"http_{answer.status_code}",
        duration_ms=answer.duration_ms,
    )


async def _note_failure(
    session: Session,
    endpoint: WebhookEndpoint,
    row: WebhookDelivery,
    answer: Answer,
    now: datetime,
) -> None:
    endpoint.failing_since_at = endpoint.failing_since_at or now
    endpoint.failure_count += 1
    endpoint.rests_until_at = rest_until(endpoint.failure_count, now=now, wait_s=answer.wait_s)
    again_at = next_try_at(row.id, row.attempts, now=now, wait_s=answer.wait_s)
    if again_at is None:
        row.status, row.settled_at = DeliveryStatus.FAILED, now
    elif row.status is DeliveryStatus.WAITING:
        row.due_at = again_at
    if endpoint.status is not EndpointStatus.ACTIVE:
        return
    if answer.is_gone:
        reason = Disabled.GONE
    elif now - endpoint.failing_since_at >= GIVE_UP_ENDPOINT:
        reason = Disabled.FAILING
    else:
        return
    await switch_off(session, endpoint, reason, now=now)
    await tell_managers(session, endpoint, now=now)
    _logger.warning("webhook.switched_off", webhook_id=endpoint.id, reason=reason.value)


async def _release(database: Database, endpoint_id: UUID, *, now: datetime) -> None:
    """Let other workers have the endpoint, and plan when to come back."""
    async with database.begin() as session:
        endpoint = await repository.lock_endpoint(session, endpoint_id)
        if endpoint is None:
            return
        endpoint.busy_until_at = None
        if endpoint.status is not EndpointStatus.ACTIVE:
            return
        due_at = await repository.find_next_due_at(session, endpoint_id)
        if due_at is not None:
            rests = endpoint.rests_until_at
            due_at = due_at if rests is None else max(due_at, rests)
            await enqueue_sending(session, endpoint_id, now=now, due_at=due_at)
