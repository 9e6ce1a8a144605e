"""The queries on who looked at what is kept about a person."""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from core.db import Session
from core.events import Event
from people.auth import Actor
from people.models import Person

LOOKED = (
    "address.released",
    "contact.released",
    "person.exported",
    "person.found",
    "person.opened",
)
"""What the history calls it when somebody sees more of a person than a code."""
MAX_LOOKS = 50


async def list_looks(session: Session, actor: Actor, person: Person) -> list[Event]:
    """Who saw what of a person, the newest first: for staff of the communities where it was."""
    about = and_(Event.subject_type == "person", Event.subject_id == person.id)
    if person.household_id is not None:
        home = and_(Event.subject_type == "household", Event.subject_id == person.household_id)
        about = or_(about, home)
    query = select(Event).where(about, Event.kind.in_(LOOKED))
    if not actor.is_system:
        query = query.where(
            or_(Event.community_id.in_(actor.staff_communities()), Event.community_id.is_(None))
        )
    query = query.order_by(Event.happened_at.desc(), Event.id.desc()).limit(MAX_LOOKS)
    return list(await session.scalars(query))
