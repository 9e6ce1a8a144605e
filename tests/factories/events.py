"""Plain functions that plan events and sign people up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from campaigns.events import repository
from campaigns.events.jobs import register_jobs
from campaigns.events.models import CommunityEvent, EventOccurrence, EventRegistration
from campaigns.events.planning import CreateEvent, NamedPlace, create_event
from campaigns.events.signing_up import SignUp, sign_up
from core.clock import FixedClock
from core.db import Database, Session
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from matching.imports.records import Place
from messaging.models import Message
from people.auth import Actor
from people.kinds import Role
from people.models import Community
from tests.factories.people import actor_as, add_person

PLACE = Place(
    address_text="1 Imaginary Street",
    unit=None,
    lon_deg=-71.1106,
    lat_deg=42.3736,
    precision="rooftop",
    area="Riverside",
    cell=0x8928308280FFFFF,
    address_id=None,
)
PARK = NamedPlace("Imaginary Park", PLACE)
GARDEN = NamedPlace("A garden", replace(PLACE, address_text="9 Hidden Street"), is_public=False)


def plan(community: Community, **values: Any) -> CreateEvent:
    """A public evening in February with two seats, published."""
    defaults: dict[str, Any] = {
        "title": "Repair evening",
        "description": "Bring your lamp.",
        "place": PARK,
        "starts_local": "2026-02-10T18:00",
        "duration_s": 7_200,
        "capacity": 2,
        "publish": True,
    }
    return CreateEvent(community_id=community.id, **(defaults | values))


async def add_event(
    session: Session, community: Community, *, now: datetime, **values: Any
) -> tuple[CommunityEvent, list[EventOccurrence]]:
    """An event with all its days."""
    planned = await create_event(session, Actor.system(), plan(community, **values), now=now)
    return planned.event, await repository.list_occurrences(session, planned.event.id)


async def add_resident(session: Session, community: Community, **values: Any) -> Actor:
    """Somebody of the community, as who acts."""
    person = await add_person(session, community, **values)
    return actor_as(Role.RESIDENT, community.id, person.id)


async def join(
    database: Database, actor: Actor, occurrence_id: UUID, *, now: datetime, party_size: int = 1
) -> EventRegistration:
    """Sign up in a transaction of its own."""
    async with database.begin() as session:
        return await sign_up(session, actor, SignUp(occurrence_id, party_size), now=now)


async def run_jobs(database: Database, clock: FixedClock) -> None:
    """Do what events have put off."""
    registry = JobRegistry()
    register_jobs(registry)
    tools = JobTools(database=database, clock=clock, settings=Settings())
    await run_due_jobs(database, registry, tools)


async def messages(database: Database, person_id: UUID | None) -> list[Message]:
    """What was written to somebody, in order."""
    async with database.read() as session:
        query = select(Message).where(Message.person_id == person_id).order_by(Message.id)
        return list(await session.scalars(query))
