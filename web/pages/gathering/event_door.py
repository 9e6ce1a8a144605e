"""At the door of an event: who has a seat, checking in by a press or by code. Plain forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.events import check_in
from campaigns.events import listing_repository as listing
from campaigns.events.errors import (
    DeskClosed,
    EventNotYours,
    InvalidEvent,
    NoSeat,
    RegistrationUnknown,
    TooManyCodes,
)
from campaigns.events.kinds import LIVE, Attendance, RegistrationStatus
from campaigns.events.models import CHECK_IN_LENGTH, EventRegistration
from core.errors import InvalidInput
from core.i18n import Translator
from core.pagination import Page
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_whole
from web.pages.gathering import views_events
from web.pages.gathering.events import UNKNOWN_BUTTON, get_rows
from web.pages.gathering.ground import Slug, field_id, go_to_town
from web.pages.gathering.views_events import DayRows
from web.pages.guards import AnyRequest
from web.pages.paging import list_page

PAGE = "gathering/check_in.html"
MOST: Final = 100
REFUSALS: Final[dict[type[Exception], str]] = {
    TooManyCodes: "too_many_codes",
    DeskClosed: "desk_closed",
    NoSeat: "no_seat",
    InvalidEvent: "wrong_count",
}


@dataclass(frozen=True)
class Guest:
    """Somebody who signed up."""

    id: UUID
    name: str
    party_size: int
    party: str
    state: str
    tag: str
    is_here: bool
    is_waiting: bool
    came_count: int


@get("/events/{community:str}/{day_id:uuid}/check-in", name="event_door")
async def get_door(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """The list of who signed up, with a button each, and a field for codes."""
    async with desk.look(request) as call:
        call.person()
        call = await go_to_town(call, community)
        rows = await _open_door(call, day_id)
        page, after = await list_page(call, listing.list_registrations(day_id), MOST)
        return call.show(PAGE, await _read_values(call, rows, page) | {"after": after})


@post("/events/{community:str}/{day_id:uuid}/check-in", name="event_door_post", status_code=303)
async def post_door(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Check somebody in. Twice has one effect; a wrong code counts."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        rows = await _open_door(call, day_id)
        path = f"{views_events.make_path(community, day_id)}/check-in"
        do = call.form.get("do", "")
        if do == "code" and not call.form.get("code", "").strip():
            return call.go(path, said="no_code")
        try:
            # What was refused is taken back alone, and the page says so.
            async with call.session.begin_nested():
                if do == "code":
                    return await _check_code(call, day_id, path)
                if do == "row":
                    return await _check_row(call, rows, path)
                if do == "close":
                    await check_in.close_attendance(
                        call.session, day_id, now=call.now, actor=call.actor
                    )
                    return call.go(path, said="closed")
        except tuple(REFUSALS) as error:
            return call.go(path, said=REFUSALS[type(error)])
        raise InvalidInput(UNKNOWN_BUTTON)


async def _check_code(call: Call, day_id: UUID, path: str) -> Answer:
    code = call.form.get("code", "")[: 4 * CHECK_IN_LENGTH]
    done = await check_in.check_in_by_code(
        call.session, call.actor, day_id, code, now=call.now, came_count=_count(call)
    )
    if done.registration is None:
        return call.go(f"{path}?left={done.tries_left}", said="wrong_code")
    key = done.registration.id
    return call.go(f"{path}#g-{key}", said="was_already" if done.was_already else "is_in")


async def _check_row(call: Call, rows: DayRows, path: str) -> Answer:
    key = field_id(call.form, "registration")
    known = await listing.load_registrations(call.session, call.actor, [key])
    if key not in known or known[key].occurrence_id != rows.day.id:
        raise RegistrationUnknown("There is no such sign-up for this event.")
    await check_in.check_in_registration(
        call.session, call.actor, key, now=call.now, came_count=_count(call)
    )
    return call.go(f"{path}#g-{key}", said="is_in")


def _count(call: Call) -> int | None:
    return read_whole(call.form.get("came_count", ""))


async def _open_door(call: Call, day_id: UUID) -> DayRows:
    """The day, for who stands at its door.

    Raises
    ------
    EventNotYours
        For everybody else.
    """
    rows = await get_rows(call, day_id)
    inside = await listing.load_inside(call.session, call.actor, [rows.event.id])
    if rows.event.id not in inside:
        raise EventNotYours("Only staff and organizers of the event know who comes.")
    return rows


async def _read_values(call: Call, rows: DayRows, page: Page[EventRegistration]) -> dict[str, Any]:
    live = [row for row in page.items if row.status in LIVE]
    names = await listing.load_names(call.session, call.actor, [row.id for row in live])
    speaker, day = call.reader.translator, rows.day
    guests = sorted(
        (_make_guest(speaker, row, names.get(row.id, ""), call.now) for row in live),
        key=lambda one: (one.is_waiting, one.is_here, one.name.casefold(), one.id),
    )
    opens = day.starts_at - check_in.OPENS_BEFORE
    shuts = day.ends_at + check_in.CLOSES_AFTER
    return {
        "card": views_events.make_card(speaker, rows, call.now),
        "guests": guests,
        "seated_count": sum(not one.is_waiting for one in guests),
        "came": day.came_count,
        "taken": day.taken_count,
        "is_open": opens <= call.now <= shuts,
        "opens": speaker.say_moment(opens),
        "is_before": call.now < opens,
        "may_close": call.now >= day.ends_at and day.closed_at is None,
        "is_closed": day.closed_at is not None,
        "left": read_whole(call.request.query_params.get("left", "")) or 0,
    }


def _make_guest(speaker: Translator, row: EventRegistration, name: str, now: datetime) -> Guest:
    _ = speaker.gettext
    is_here = row.checked_in_at is not None
    if row.checked_in_at is not None:
        state, tag = _("Here since %(time)s", time=speaker.say_time(row.checked_in_at)), "ok"
    elif row.attendance is Attendance.NO_SHOW:
        state, tag = _("Did not come"), "sent"
    elif row.status is RegistrationStatus.SEATED:
        state, tag = _("Has a seat"), "sent"
    elif row.status is RegistrationStatus.OFFERED:
        state, tag = _("A seat is kept"), "wait"
    else:
        state, tag = _("Waits for a seat"), "wait"
    return Guest(
        id=row.id,
        name=name or _("Somebody who left"),
        party_size=row.party_size,
        party=speaker.ngettext("%(num)s person", "%(num)s people", row.party_size),
        state=state,
        tag=tag,
        is_here=is_here,
        is_waiting=row.status is RegistrationStatus.WAITING,
        came_count=row.came_count,
    )
