"""Another time or place for a planned event: for one day of it, or for all that lie ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.events import organizing
from campaigns.events.errors import CapacityTooSmall, HourSkipped, HourTwice, InvalidEvent
from campaigns.events.kinds import EventStatus
from campaigns.events.planning import MAX_CAPACITY, NamedPlace
from campaigns.events.wall import write_local
from core.errors import TalkootError
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_whole
from web.pages.gathering import event_form
from web.pages.gathering.event_keeping import (
    ALL,
    DAY,
    enter,
    head_values,
    list_ahead,
    looking_after,
)
from web.pages.gathering.event_places import KEEP, locate_asked, make_place_values, read_place
from web.pages.gathering.ground import Slug, say_refusal, show_again
from web.pages.gathering.views_events import DayRows, make_path
from web.pages.guards import AnyRequest
from web.pages.locating import Located

MOVE = "gathering/event_move.html"


@get("/events/{community:str}/{day_id:uuid}/move", name="move_event")
async def get_move(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Another time or place: of this day, or of all that lie ahead."""
    async with desk.look(request) as call:
        call, rows = await enter(call, community, day_id)
        form = {"scope": DAY, "where": KEEP, "capacity": str(rows.day.capacity)}
        form |= _show_times(rows) | ({"is_public": "1"} if rows.place.is_public else {})
        return call.show(MOVE, await _make_values(call, rows, form, Located()))


@post("/events/{community:str}/{day_id:uuid}/move", name="move_event_post", status_code=303)
async def post_move(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Move it. Everybody who signed up is told once, and nobody of what is so already."""

    async def check(call: Call) -> None:
        await enter(call, community, day_id)

    located = await locate_asked(request, desk, community, check)
    async with looking_after(request, desk, community, day_id) as (call, rows):
        speaker, written = call.reader.translator, event_form.Written()
        values = await _make_values(call, rows, call.form, located)
        is_all = call.form.get("scope") == ALL
        _read_times(call, rows, written, is_all=is_all)
        place = await read_place(call, located, None, written.errors, kept=rows.place)
        seats = _read_day_seats(call, rows, is_all, written)
        if written.errors:
            raise show_again(call, MOVE, values, written.errors)
        command, before = _make_move(call, rows, written, place), rows.event.sequence
        try:
            event, _ = await organizing.move_event(call.session, call.actor, command, now=call.now)
            if seats is not None:
                await organizing.set_capacity(call.session, call.actor, day_id, seats, now=call.now)
        except CapacityTooSmall:
            words = speaker.gettext("More seats than that are taken on this day")
            raise show_again(call, MOVE, values, {"capacity": words}) from None
        except (HourSkipped, HourTwice, InvalidEvent) as error:
            raise show_again(call, MOVE, values, _explain(call, error)) from None
        said = "moved" if event.sequence > before else "same" if seats is None else "changed"
        return call.go(make_path(community, day_id), said=said)


def _show_times(rows: DayRows) -> dict[str, str]:
    zone = ZoneInfo(rows.event.time_zone)
    return event_form.show_times(rows.day.starts_at, rows.day.ends_at, zone)


def _is_as_shown(call: Call, rows: DayRows) -> bool:
    """Whether the time is left as it was: then it is not read again, and nothing gets shorter."""
    shown = _show_times(rows)
    return all(call.form.get(name, "") == value for name, value in shown.items())


def _read_times(call: Call, rows: DayRows, written: event_form.Written, *, is_all: bool) -> None:
    """When it is to be; nothing when that stays as it is."""
    shown = _show_times(rows)
    if is_all and call.form.get("day") != shown["day"]:
        words = call.reader.translator.gettext("All days keep their date. Move one day alone")
        written.errors["day"] = words
    if not _is_as_shown(call, rows):
        zone = ZoneInfo(rows.event.time_zone)
        event_form.read_times(call.reader.translator, call.form, written, zone, call.now)


def _read_day_seats(
    call: Call, rows: DayRows, is_all: bool, written: event_form.Written
) -> int | None:
    """The seats of this day when they are to be others."""
    _, seats = call.reader.translator.gettext, read_whole(call.form.get("capacity", ""))
    if seats == rows.day.capacity:
        return None
    if is_all:
        written.errors["capacity"] = _(
            "This number is of one day. Change the seats of all days beside the words of the event"
        )
    elif seats is None or not 1 <= seats <= MAX_CAPACITY:
        written.errors["capacity"] = _("Write how many people have room")
    return seats


def _make_move(
    call: Call, rows: DayRows, written: event_form.Written, place: NamedPlace | None
) -> organizing.MoveEvent:
    """What is asked for. A place that is kept changes for the days alone that are there now."""
    length_s = round((rows.day.ends_at - rows.day.starts_at).total_seconds())
    starts = written.starts_local
    if call.form.get("scope") == ALL:
        return organizing.MoveEvent(
            event_id=rows.event.id,
            time_of_day=f"{starts:%H:%M}" if starts is not None else _show_times(rows)["from"],
            hour=written.hour,
            duration_s=length_s if starts is None else written.duration_s,
            place=place,
            from_place_id=rows.place.id if call.form.get("where") == KEEP else None,
        )
    return organizing.MoveEvent(
        occurrence_id=rows.day.id,
        starts_local=None if starts is None else write_local(starts),
        hour=written.hour,
        duration_s=None if starts is None else written.duration_s,
        place=place,
    )


def _explain(call: Call, error: TalkootError) -> dict[str, str]:
    _ = call.reader.translator.gettext
    words = {
        HourSkipped.code: _("The clocks jump over this time on one of the days"),
        HourTwice.code: _(
            "The clocks show this time twice on one of the days. Move that one alone"
        ),
        InvalidEvent.code: _("This time is over. Choose a later one"),
    }
    return {"from": say_refusal(call, error, words)}


async def _make_values(
    call: Call, rows: DayRows, form: Mapping[str, str], located: Located
) -> dict[str, Any]:
    speaker = call.reader.translator
    ahead = await list_ahead(call, rows)
    return (
        head_values(call, rows, form)
        | {
            "ahead_count": len(ahead),
            "hours": event_form.list_hours(speaker),
            "is_told": rows.event.status is not EventStatus.DRAFT,
        }
        | make_place_values(call, located, (), kept=rows.place.name)
    )
