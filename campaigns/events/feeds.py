"""Calendars of events that other programs fetch: a community's public ones, and one event."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from campaigns.events import feeds_repository, helpers_repository, repository
from campaigns.events.calendar_file import Day, Series, write_feed, write_place
from campaigns.events.models import CommunityEvent, EventOccurrence, EventPlace
from campaigns.events.policy import can_see_participants, can_see_place
from campaigns.events.seats_repository import has_seat
from core.db import Session
from people.auth import Actor
from people.repository import get_community

BEFORE = timedelta(days=30)
"""Events stay in the feed so long after their last day."""


async def read_public_feed(session: Session, slug: str, *, now: datetime) -> bytes:
    """The public events of a community; of places that are not public no address.

    Raises
    ------
    CommunityUnknown
        When there is none with this short name.
    """
    community = await get_community(session, slug)
    events = await feeds_repository.list_public_events(session, community.id, now - BEFORE)
    days = await feeds_repository.load_days(session, [event.id for event in events])
    places = await feeds_repository.load_places(session, events, days)
    return write_feed(
        community.name,
        [
            _make_series(event, days.get(event.id, []), places, exact=frozenset())
            for event in events
        ],
    )


async def read_event_file(session: Session, actor: Actor, event_id: UUID) -> bytes:
    """One event as a calendar file, with as much of its places as the actor may know."""
    event = await repository.get_event(session, actor, event_id)
    organizes = await repository.organizes(session, actor, event)
    is_inside = can_see_participants(actor, event.community_id, organizes=organizes)
    days = await feeds_repository.load_days(session, [event.id])
    places = await feeds_repository.load_places(session, [event], days)
    known = set()
    for day in days.get(event.id, []):
        seated = await has_seat(session, day.id, actor.person_id)
        helps = await helpers_repository.is_helping(session, day.id, actor.person_id)
        if can_see_place(is_public=False, is_inside=is_inside, has_seat=seated or helps):
            known.add(day.id)
    series = _make_series(event, days.get(event.id, []), places, exact=frozenset(known))
    return write_feed(event.title, [series], refresh=False)


def _make_series(
    event: CommunityEvent,
    days: list[EventOccurrence],
    places: dict[UUID, EventPlace],
    *,
    exact: frozenset[UUID],
) -> Series:
    """An event with its days; ``exact`` are the days whose place the reader may know."""

    def where(day: EventOccurrence) -> str:
        place = places[day.place_id or event.place_id]
        return write_place(place, exact=place.is_public or day.id in exact)

    usual = places[event.place_id]
    knows_all = bool(days) and all(day.id in exact for day in days)
    return Series(
        event,
        write_place(usual, exact=usual.is_public or knows_all),
        [Day(day, where(day)) for day in days],
    )
