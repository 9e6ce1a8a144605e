"""The queries of browsers that show notices."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.db import Session
from people.auth import Actor
from people.push_models import PushSubscription

MOST_BROWSERS = 10
"""Of one person; the one that was turned on first makes way."""


async def list_own(session: Session, actor: Actor) -> list[PushSubscription]:
    """The browsers of the actor, the newest first."""
    if actor.person_id is None:
        return []
    return await list_of(session, actor.person_id)


async def list_of(session: Session, person_id: UUID) -> list[PushSubscription]:
    """The browsers of a person, the newest first."""
    found = await session.scalars(
        select(PushSubscription)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.created_at.desc(), PushSubscription.id.desc())
        .limit(MOST_BROWSERS + 1)
    )
    return list(found)


async def find_by_endpoint(session: Session, endpoint: str) -> PushSubscription | None:
    """The browser with this address at its push service, locked."""
    found: PushSubscription | None = await session.scalar(
        select(PushSubscription).where(PushSubscription.endpoint == endpoint).with_for_update()
    )
    return found


async def find_by_id(session: Session, subscription_id: UUID) -> PushSubscription | None:
    """One browser, locked."""
    found: PushSubscription | None = await session.scalar(
        select(PushSubscription).where(PushSubscription.id == subscription_id).with_for_update()
    )
    return found
