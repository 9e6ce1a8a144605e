"""From events to deliveries, in the transaction that records them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import Event
from core.ids import new_id
from core.jobs import NewJob, enqueue
from messaging.webhooks import repository
from messaging.webhooks.kinds import BY_EVENT
from messaging.webhooks.models import WebhookDelivery
from messaging.webhooks.payloads import make_body

DELIVER = "messaging.deliver_webhooks"


async def announce_events(session: Session, events: Sequence[Event]) -> None:
    """Write a delivery for each endpoint that wants to hear of an event.

    It is kept with the event or not at all, so nothing is told that did not happen, and nothing
    that happened is forgotten.
    """
    told = [
        (event, BY_EVENT[event.kind])
        for event in events
        if event.kind in BY_EVENT and event.community_id is not None
    ]
    if not told:
        return
    communities = {event.community_id for event, _ in told if event.community_id is not None}
    endpoints = await repository.list_listening(session, communities)
    for endpoint in endpoints:
        wanted = set(endpoint.kinds)
        mine = [
            (event, kind)
            for event, kind in told
            if event.community_id == endpoint.community_id and kind.name in wanted
        ]
        for event, kind in mine:
            session.add(
                WebhookDelivery(
                    id=new_id(),
                    endpoint_id=endpoint.id,
                    event_id=event.id,
                    kind=kind.name,
                    body=make_body(event, kind),
                    due_at=event.happened_at,
                    created_at=event.happened_at,
                )
            )
        if mine:
            await session.flush()
            await enqueue_sending(session, endpoint.id, now=max(e.happened_at for e, _ in mine))


async def enqueue_sending(
    session: Session, endpoint_id: UUID, *, now: datetime, due_at: datetime | None = None
) -> None:
    """Have a worker send what is due for an endpoint: one job for all of it."""
    await enqueue(
        session,
        NewJob(
            name=DELIVER,
            args={"endpoint_id": str(endpoint_id)},
            key=f"webhooks:{endpoint_id}",
            due_at=due_at,
            now=now,
        ),
    )
