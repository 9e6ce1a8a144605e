"""What the page of an agreed visit shows, behind a secret link or signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.errors import InvalidInput
from geo.travel import TravelMode
from matching.errors import AssignmentUnknown
from matching.kinds import RequestStatus
from matching.models import Volunteer
from matching.offers.answering import release_work
from matching.offers.casework import report_done, start_work
from matching.offers.disclosure import VisitDetails, read_visit_details
from matching.offers.effects import VISIT
from matching.offers.reading import VisitPage, list_day_stops, read_visit_page
from matching.offers.visit_banning import keep_apart
from matching.volunteering.listing_repository import load_volunteers
from messaging.conversation_models import Thread
from messaging.conversations import list_posts, post_message
from people.auth import Actor
from people.disclosure import read_addresses
from web.pages.messages import Said, find_open_thread
from web.pages.rendering import Reader
from web.pages.volunteering import words
from web.pages.volunteering.pictures import DrawnWalk, Point, draw_way, open_map

NOT_THIS_PERSON = "not_this_person"
MOST_STOPS = 6


@dataclass(frozen=True)
class Stop:
    """One home on the way, in order; its address only where it may be shown."""

    assignment_id: UUID
    number: int
    is_here: bool
    area: str | None
    details: VisitDetails | None = None


@dataclass(frozen=True)
class VisitView:
    """A whole page of a visit."""

    page: VisitPage
    details: VisitDetails | None
    stops: tuple[Stop, ...]
    way: DrawnWalk | None
    speech: str
    posts: tuple[Said, ...]
    thread_open: bool


@dataclass(frozen=True)
class Looking:
    """Who opens a visit. Whoever is signed in sees the whole way of the day."""

    session: Session
    actor: Actor
    person_id: UUID
    work_id: UUID
    reader: Reader
    now: Any
    whole_day: bool = False


def reasons_for_cannot(reader: Reader) -> list[tuple[str, str]]:
    """What may be the matter, as a code word and in words."""
    _ = reader.translator.gettext
    return [
        ("no_time", _("I have no time after all")),
        ("not_well", _("I am not well")),
        ("no_answer", _("Nobody is at home, or I cannot find it")),
        (NOT_THIS_PERSON, _("I do not want to help this person")),
        ("other", _("Something else")),
    ]


async def read_visit_view(looking: Looking) -> VisitView:
    """The visit, with addresses as long as the volunteer holds it. Each look is written down."""
    session, actor, now = looking.session, looking.actor, looking.now
    page = await read_visit_page(session, actor, looking.work_id, looking.reader.language, now=now)
    rows = await load_volunteers(session, actor, [page.volunteer_id])
    own = rows.get(page.volunteer_id)
    if own is None or own.person_id != looking.person_id:
        raise AssignmentUnknown(f"There is no accepted work {looking.work_id}.")
    stops = await _read_stops(looking, page)
    here = next((stop for stop in stops if stop.is_here), None)
    way = await _draw(looking, page, own, stops)
    thread = await find_open_thread(session, VISIT, looking.work_id)
    return VisitView(
        page=page,
        details=None if here is None else here.details,
        stops=tuple(stops),
        way=way,
        speech=_say_speech(page, looking.reader),
        posts=await _read_posts(looking, thread),
        thread_open=thread is not None,
    )


def visit_values(view: VisitView, reader: Reader) -> dict[str, Any]:
    """The values of the template."""
    return {
        "page": view.page,
        "details": view.details,
        "stops": view.stops,
        "way": view.way,
        "speech": view.speech,
        "posts": view.posts,
        "thread_open": view.thread_open,
        "is_confirmed": view.page.request_status is RequestStatus.CONFIRMED,
        "reasons": reasons_for_cannot(reader),
    }


async def answer(looking: Looking, form: dict[str, str]) -> str:
    """One button of a visit; what it did, as a code word."""
    session, actor, now, work_id = looking.session, looking.actor, looking.now, looking.work_id
    do = form.get("do")
    if do == "start":
        await start_work(session, actor, work_id, now=now)
        return ""
    if do == "done":
        await report_done(session, actor, work_id, now=now)
        return ""
    if do == "cannot":
        known = {code for code, _ in reasons_for_cannot(looking.reader)}
        reason = form.get("reason", "")
        if reason == NOT_THIS_PERSON:
            await keep_apart(session, actor, work_id, now=now)
        else:
            reason = reason if reason in known else "volunteer_cannot"
            await release_work(session, actor, work_id, now=now, reason=reason)
        return ""
    if do == "write":
        thread = await find_open_thread(session, VISIT, work_id)
        if thread is None:
            return ""
        await post_message(session, actor, thread.id, form.get("words", ""), now=now)
        return "written"
    raise InvalidInput("This button is not known. Open the page again.")


async def _read_stops(looking: Looking, page: VisitPage) -> list[Stop]:
    if not page.is_held:
        return []
    session, actor, now = looking.session, looking.actor, looking.now
    found: Sequence[tuple[UUID, str | None]] = [(looking.work_id, None)]
    if looking.whole_day:
        found = await list_day_stops(session, page, ZoneInfo(looking.reader.time_zone))
    stops = []
    for number, (key, area) in enumerate(found[:MOST_STOPS], start=1):
        details = await read_visit_details(session, actor, key, now=now)
        stops.append(Stop(key, number, key == looking.work_id, area, details))
    return stops


async def _draw(
    looking: Looking, page: VisitPage, own: Volunteer, stops: Sequence[Stop]
) -> DrawnWalk | None:
    places = [
        (stop.details.address.lon_deg, stop.details.address.lat_deg)
        for stop in stops
        if stop.details is not None
    ]
    if not places:
        return None
    ground = await open_map(looking.session, looking.actor, page.community_id, looking.now)
    if ground is None:
        return None
    start: Point | None = ground.middle(own.home.cell)
    if looking.whole_day:
        known = await read_addresses(looking.session, looking.actor, [own.home_id], now=looking.now)
        if own.home_id in known:
            start = (known[own.home_id].lon_deg, known[own.home_id].lat_deg)
    return await draw_way(ground, TravelMode(own.mode.value), start, places, looking.reader)


async def _read_posts(looking: Looking, thread: Thread | None) -> tuple[Said, ...]:
    if thread is None or not looking.whole_day:
        return ()
    rows = await list_posts(looking.session, looking.actor, thread.id, now=looking.now, limit=20)
    return tuple(
        Said(row.text, row.side.value, row.posted_at, row.author_id == looking.person_id)
        for row in reversed(rows)
    )


def _say_speech(page: VisitPage, reader: Reader) -> str:
    if not page.languages:
        return ""
    _ = reader.translator.gettext
    names = (words.say_language(code, reader) for code in page.languages)
    return _("Speaks %(languages)s.", languages=words.join_words(names, reader))
