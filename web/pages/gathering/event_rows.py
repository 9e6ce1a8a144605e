"""Days of events with what belongs to them, many at once."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.events import listing_repository as listing
from campaigns.events.kinds import RegistrationStatus
from campaigns.events.models import EventOccurrence
from campaigns.events.policy import can_see_place
from people.repository import load_communities
from web.pages.desk import Call
from web.pages.gathering.views_events import DayRows


async def load_cards(call: Call, days: Sequence[EventOccurrence]) -> list[DayRows]:
    """Each day with its event, its place and one's own sign-up, in the same order.

    A day whose event is not for the one who asks is left out.
    """
    if not days:
        return []
    session, actor = call.session, call.actor
    events = await listing.load_events(session, actor, [day.event_id for day in days])
    shown = [day for day in days if day.event_id in events]
    keys = [day.id for day in shown]
    place_ids = {day.id: day.place_id or events[day.event_id].place_id for day in shown}
    places = await listing.load_places(session, actor, list(set(place_ids.values())))
    inside = await listing.load_inside(session, actor, list(events))
    knows = await listing.load_knows_place(session, actor, keys)
    own = await listing.load_own_registrations(session, actor, keys)
    waiting = [row.id for row in own.values() if row.status is RegistrationStatus.WAITING]
    ahead = await listing.load_ahead_counts(session, actor, waiting) if waiting else {}
    towns = await load_communities(session, actor, list({day.community_id for day in shown}))
    found = []
    for day in shown:
        place, mine = places[place_ids[day.id]], own.get(day.id)
        exact = can_see_place(
            is_public=place.is_public,
            is_inside=day.event_id in inside,
            has_seat=day.id in knows,
        )
        found.append(
            DayRows(
                town_slug=towns[day.community_id].slug,
                event=events[day.event_id],
                day=day,
                place=place,
                is_exact=exact,
                own=mine,
                ahead_count=0 if mine is None else ahead.get(mine.id, 0),
            )
        )
    return found
