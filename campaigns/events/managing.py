"""Who manages an event: asked in one way by pages, by programs and by the workflows."""

from __future__ import annotations

from campaigns.events import policy, repository
from campaigns.events.errors import EventNotYours
from campaigns.events.models import CommunityEvent
from core.db import Session
from people.auth import Actor


async def manages(session: Session, actor: Actor, event: CommunityEvent) -> bool:
    """Whether the actor may change an event."""
    if policy.can_manage_events(actor, event.community_id, organizes=False):
        return True
    return actor.person_id is not None and await repository.organizes(session, actor, event)


async def check_manager(session: Session, actor: Actor, event: CommunityEvent) -> None:
    """Refuse whoever does not manage the event."""
    if not await manages(session, actor, event):
        raise EventNotYours("Only managers and organizers of the event may do this.")
