"""Looking after a planned event: its words and roles, opening it, calling it off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.events import helping, organizing
from campaigns.events import listing_repository as listing
from campaigns.events.errors import CapacityTooSmall, InvalidEvent
from campaigns.events.kinds import CancelReason, EventStatus, OccurrenceStatus
from campaigns.events.managing import check_manager
from campaigns.events.models import DESCRIPTION_LENGTH, TITLE_LENGTH, EventOccurrence, EventRole
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_long
from web.pages.gathering import event_form
from web.pages.gathering.events import get_rows
from web.pages.gathering.ground import Slug, go_to_town, say_refusal, show_again
from web.pages.gathering.views_events import DayRows, make_card, make_path, say_when
from web.pages.guards import AnyRequest

CHANGE, CANCEL = "gathering/event_change.html", "gathering/event_cancel.html"
DAY, ALL = "day", "all"


@get("/events/{community:str}/{day_id:uuid}/change", name="change_event")
async def get_change(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Words, seats and roles of the event, on all its days."""
    async with desk.look(request) as call:
        call, rows = await enter(call, community, day_id)
        event, roles = rows.event, await _list_roles(call, rows)
        form = {
            "title": event.title,
            "description": event.description,
            "capacity": str(event.capacity),
            "max_party": str(event.max_party),
            "audience": event.audience.value,
        } | event_form.write_roles(roles)
        return call.show(CHANGE, _change_values(call, rows, roles, form))


@post("/events/{community:str}/{day_id:uuid}/change", name="change_event_post", status_code=303)
async def post_change(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Keep what is different. Of new words nobody is told by mail."""
    async with looking_after(request, desk, community, day_id) as (call, rows):
        speaker, event = call.reader.translator, rows.event
        roles = await _list_roles(call, rows)
        description = await read_long(request, "description", longest=DESCRIPTION_LENGTH)
        written = event_form.Written()
        event_form.read_words(speaker, call.form, description, written)
        event_form.read_seats(speaker, call.form, written)
        event_form.read_audience(speaker, call.form, written, has_group=event.group_id is not None)
        event_form.read_roles(speaker, call.form, roles, written)
        values = _change_values(call, rows, roles, call.form | {"description": description})
        if written.errors:
            raise show_again(call, CHANGE, values, written.errors)
        command = organizing.ChangeEvent(
            event_id=event.id,
            title=written.title,
            description=written.description,
            audience=written.audience,
            capacity=None if written.capacity == event.capacity else written.capacity,
            max_party=written.max_party,
        )
        try:
            await organizing.change_event(call.session, call.actor, command, now=call.now)
        except CapacityTooSmall:
            words = speaker.gettext("More seats than that are taken on one of the days")
            raise show_again(call, CHANGE, values, {"capacity": words}) from None
        try:
            if _differ(roles, written.roles):
                await helping.set_roles(
                    call.session, call.actor, event.id, written.roles, now=call.now
                )
        except InvalidEvent as error:
            words = speaker.gettext("Somebody has a role that you took away. Let them go first")
            said = say_refusal(call, error, {InvalidEvent.code: words})
            raise show_again(call, CHANGE, values, {"role1": said}) from None
        return call.go(make_path(community, day_id), said="changed")


@get("/events/{community:str}/{day_id:uuid}/cancel", name="cancel_event")
async def get_cancel(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Before it is called off: which days, why, and who is told."""
    async with desk.look(request) as call:
        call, rows = await enter(call, community, day_id)
        return call.show(CANCEL, await _cancel_values(call, rows, {"scope": DAY}))


@post("/events/{community:str}/{day_id:uuid}/cancel", name="cancel_event_post", status_code=303)
async def post_cancel(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Call off one day, or all that lie ahead. Twice is once."""
    async with looking_after(request, desk, community, day_id, off_too=True) as (call, rows):
        form, path = call.form, make_path(community, day_id)
        reason_code, scope = form.get("reason", ""), form.get("scope", DAY)
        errors = {}
        if reason_code and reason_code not in list(CancelReason):
            errors["reason"] = call.reader.translator.gettext("Choose one of these, or none")
        if scope not in (DAY, ALL):
            errors["scope"] = call.reader.translator.gettext("Choose which days are called off")
        if errors:
            raise show_again(call, CANCEL, await _cancel_values(call, rows, form), errors)
        reason = CancelReason(reason_code) if reason_code else None
        session, actor, now = call.session, call.actor, call.now
        if scope == ALL:
            await organizing.cancel_event(session, actor, rows.event.id, reason=reason, now=now)
            return call.go(path, said="all_off")
        await organizing.cancel_occurrence(session, actor, day_id, reason=reason, now=now)
        return call.go(path, said="day_off")


@post("/events/{community:str}/{day_id:uuid}/open", name="open_event", status_code=303)
async def post_open(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Open a draft for sign-ups. Twice is once."""
    async with looking_after(request, desk, community, day_id) as (call, rows):
        await organizing.publish_event(call.session, call.actor, rows.event.id, now=call.now)
        return call.go(make_path(community, day_id), said="planned")


@asynccontextmanager
async def looking_after(
    request: AnyRequest, desk: Desk, community: str, day_id: UUID, *, off_too: bool = False
) -> AsyncIterator[tuple[Call, DayRows]]:
    """A button of who looks after an event, and the day that it is about."""
    async with desk.press(request) as call:
        yield await enter(call, community, day_id, off_too=off_too)


async def enter(
    call: Call, community: str, day_id: UUID, *, off_too: bool = False
) -> tuple[Call, DayRows]:
    """The day of an address, for who may change it.

    Raises
    ------
    EventNotYours, EventClosed
        For everybody else, and when there is nothing left to change.
    """
    call.person()
    call = await go_to_town(call, community)
    rows = await get_rows(call, day_id)
    await check_manager(call.session, call.actor, rows.event)
    if not off_too:
        organizing.refuse_over(rows.event, rows.day, call.now)
    return call, rows


async def _list_roles(call: Call, rows: DayRows) -> list[EventRole]:
    key = rows.event.id
    return (await listing.load_roles_of(call.session, call.actor, [key])).get(key, [])


async def list_ahead(call: Call, rows: DayRows) -> list[EventOccurrence]:
    """The days of the event that lie ahead and take place."""
    key = rows.event.id
    days = (await listing.load_days_of(call.session, call.actor, [key])).get(key, [])
    return [
        day for day in days if day.ends_at > call.now and day.status is OccurrenceStatus.SCHEDULED
    ]


def _differ(roles: list[EventRole], wanted: list[helping.RoleWanted]) -> bool:
    known = {(one.code, one.label, one.wanted_count) for one in roles}
    return known != {(one.code, one.label, one.wanted_count) for one in wanted}


def head_values(call: Call, rows: DayRows, form: Mapping[str, str]) -> dict[str, Any]:
    """What every form of a planned event shows."""
    card = make_card(call.reader.translator, rows, call.now)
    return {"card": card, "form": form, "errors": {}, "repeats": rows.event.rule is not None}


def _change_values(
    call: Call, rows: DayRows, roles: list[EventRole], form: Mapping[str, str]
) -> dict[str, Any]:
    speaker = call.reader.translator
    return head_values(call, rows, form) | {
        "audiences": event_form.list_audiences(speaker, has_groups=rows.event.group_id is not None),
        "roles": event_form.fill_roles(roles, form),
        "longest_title": TITLE_LENGTH,
        "longest_description": DESCRIPTION_LENGTH,
    }


async def _cancel_values(call: Call, rows: DayRows, form: Mapping[str, str]) -> dict[str, Any]:
    speaker = call.reader.translator
    ahead = await list_ahead(call, rows)
    return head_values(call, rows, form) | {
        "reasons": event_form.list_reasons(speaker),
        "ahead": [say_when(speaker, day) for day in ahead],
        "day_taken": rows.day.taken_count,
        "all_taken": sum(day.taken_count for day in ahead),
        "is_told": rows.event.status is not EventStatus.DRAFT,
    }
