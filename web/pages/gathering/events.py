"""Events: what comes, one day of an event, signing up for it, and offering help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.events import helping, signing_up
from campaigns.events import listing_repository as listing
from campaigns.events.errors import EventUnknown, RegistrationUnknown
from campaigns.events.feeds import read_event_file
from campaigns.events.kinds import LIVE
from campaigns.events.managing import manages
from campaigns.events.models import EventOccurrence
from campaigns.events.words import name_reasons
from campaigns.groups import repository as groups
from campaigns.programmes import repository as programmes
from core.errors import Conflict, InvalidInput
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_day, read_whole
from web.pages.gathering import views_events
from web.pages.gathering.event_rows import load_cards
from web.pages.gathering.ground import (
    Slug,
    field_id,
    go_to_town,
    list_areas,
    say_refusal,
    show,
    show_again,
)
from web.pages.gathering.views_events import DayRows, make_path
from web.pages.guards import AnyRequest
from web.pages.keeping import shown_to_all
from web.pages.paging import list_page
from web.pages.rendering import PRIVATE

LIST, PAGE = "gathering/events.html", "gathering/event.html"
WEEK: Final = timedelta(days=7)
MOST_OWN: Final = 30
MOST_SKIPPED: Final = 5
UNKNOWN_BUTTON = "This button is not known. Open the page again."


@get("/events", name="events")
@shown_to_all
async def get_events(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What comes next, all of it or a part."""
    async with desk.look(request) as call:
        town, query = call.town, call.request.query_params
        areas = await list_areas(town)
        area = query.get("area") if query.get("area") in areas else None
        is_week = query.get("when") == "week"
        until = call.now + WEEK if is_week else None
        wanted = replace(listing.OPEN_DAYS, since=call.now, until=until, area=area)
        page, after = await list_page(call, listing.list_days(call.actor, town.id, wanted))
        speaker = call.reader.translator
        kept = ({"when": "week"} if is_week else {}) | ({"area": area} if area else {})
        ahead = await _list_own(call)
        days = {day.id: day for day in [*ahead, *page.items]}
        rows = {one.day.id: one for one in await load_cards(call, list(days.values()))}
        own, cards = (
            views_events.make_cards(
                speaker, [rows[day.id] for day in listed if day.id in rows], call.now
            )
            for listed in (ahead, page.items)
        )
        above = {card.path for card in own}
        values = {
            "events": tuple(card for card in cards if card.path not in above),
            "own_events": own,
            "areas": areas,
            "area": area or "",
            "is_week": is_week,
            "town_slug": town.slug,
            "next": f"/events?{urlencode(kept | {'after': after})}" if after else "",
            "is_first": "after" not in query,
        }
        return show(call, LIST, values)


@get("/events/{community:str}/{day_id:uuid}", name="event")
@shown_to_all
async def get_event(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One day of an event; the id of an event leads to its next day."""
    async with desk.look(request) as call:
        call = await go_to_town(call, community)
        rows = await find_rows(call, day_id)
        if rows is None:
            return call.go(make_path(community, await _find_next_day(call, day_id)))
        return show(call, PAGE, await read_values(call, rows))


@get("/events/{community:str}/{day_id:uuid}/event.ics", name="event_file")
async def get_event_file(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """The event for a calendar program, with as much of its place as one may know."""
    async with desk.look(request) as call:
        call = await go_to_town(call, community)
        rows = await get_rows(call, day_id)
        content = await read_event_file(call.session, call.actor, rows.event.id)
        headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="event.ics"'}
        return Response(content, media_type="text/calendar", headers=headers)


@post("/events/{community:str}/{day_id:uuid}/sign-up", name="event_sign_up", status_code=303)
async def post_sign_up(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Take seats, or a place in the line. Twice is once."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        rows = await get_rows(call, day_id)
        party = read_whole(call.form.get("party_size", "1") or "1") or 0
        command = signing_up.SignUp(day_id, party)
        try:
            row = await signing_up.sign_up(call.session, call.actor, command, now=call.now)
        except InvalidInput as error:
            errors = {"party_size": say_refusal(call, error, _refusals(call, rows))}
            raise show_again(call, PAGE, await read_values(call, rows), errors) from None
        return call.go(make_path(community, day_id), said=row.status.value)


@post("/events/{community:str}/{day_id:uuid}/seat", name="event_seat", status_code=303)
async def post_seat(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Confirm the seat that is kept, give it back, or come with more or fewer."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        rows = await get_rows(call, day_id)
        if rows.own is None:
            raise RegistrationUnknown("You have not signed up for this event.")
        session, actor, key, now = call.session, call.actor, rows.own.id, call.now
        do = call.form.get("do", "")
        if do == "confirm":
            await signing_up.confirm_seat(session, actor, key, now=now)
        elif do == "cancel":
            await signing_up.cancel_registration(session, actor, key, now=now)
        elif do == "party":
            party = read_whole(call.form.get("party_size", "")) or 0
            try:
                await signing_up.change_party(session, actor, key, party, now=now)
            except (InvalidInput, Conflict) as error:
                errors = {"party_size": say_refusal(call, error, _refusals(call, rows))}
                raise show_again(call, PAGE, await read_values(call, rows), errors) from None
        else:
            raise InvalidInput(UNKNOWN_BUTTON)
        return call.go(make_path(community, day_id), said=f"seat_{do}")


@post("/events/{community:str}/{day_id:uuid}/help", name="event_help", status_code=303)
async def post_help(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Offer help, say yes or no to being asked, take an offer back."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        await get_rows(call, day_id)
        session, actor, now, do = call.session, call.actor, call.now, call.form.get("do", "")
        if do == "offer":
            role_id = field_id(call.form, "role") if call.form.get("role") else None
            await helping.offer_help(session, actor, day_id, role_id=role_id, now=now)
        elif do == "yes":
            await helping.accept_help(session, actor, field_id(call.form, "helper"), now=now)
        elif do == "no":
            await helping.withdraw_help(session, actor, field_id(call.form, "helper"), now=now)
        else:
            raise InvalidInput(UNKNOWN_BUTTON)
        return call.go(f"{make_path(community, day_id)}#help", said=f"help_{do}")


async def find_rows(call: Call, day_id: UUID) -> DayRows | None:
    """A day of an event of the town for the one who asks, with what belongs to it."""
    days = await listing.load_days(call.session, call.actor, [day_id])
    rows = await load_cards(call, list(days.values()))
    return next((one for one in rows if one.day.community_id == call.town.id), None)


async def get_rows(call: Call, day_id: UUID) -> DayRows:
    """The same.

    Raises
    ------
    EventUnknown
        When there is none such.
    """
    rows = await find_rows(call, day_id)
    if rows is None:
        raise EventUnknown(f"There is no day {day_id} of an event, or it is not for you.")
    return rows


async def read_values(call: Call, rows: DayRows) -> dict[str, Any]:
    """Everything that stands on the page of an event."""
    session, actor, event = call.session, call.actor, rows.event
    inside = await listing.load_inside(session, actor, [event.id])
    roles = await listing.load_roles_of(session, actor, [event.id])
    own_help = await listing.load_own_help(session, actor, [rows.day.id])
    days = await listing.load_days_of(session, actor, [event.id])
    view = views_events.make_view(
        call.reader.translator,
        rows,
        roles=roles.get(event.id, []),
        helping=own_help.get(rows.day.id),
        days=days.get(event.id, []),
        is_inside=event.id in inside,
        now=call.now,
    )
    reason, speaker = rows.day.cancel_reason, call.reader.translator
    may_manage = await manages(session, actor, event)
    return {
        "event": view,
        "links": await _list_links(call, rows),
        "repeats": event.rule is not None,
        "may_manage": may_manage,
        "skipped": _read_skipped(call) if may_manage else "",
        "why_off": "" if reason is None else name_reasons(speaker.language)[reason],
        "errors": {},
        "form": call.form,
    }


def _read_skipped(call: Call) -> str:
    """The days that a series lacks, as whoever has just planned it reads them."""
    texts = call.request.query_params.get("skipped", "").split(",")[:MOST_SKIPPED]
    days = [day for day in map(read_day, texts) if day is not None]
    return "; ".join(call.reader.translator.say_day(day) for day in days)


async def _list_links(call: Call, rows: DayRows) -> list[tuple[str, str]]:
    """The group and the campaign that the event is of."""
    found, slug = [], rows.town_slug
    if rows.event.group_id is not None:
        known = await groups.load_groups(call.session, call.actor, [rows.event.group_id])
        found += [(f"/groups/{slug}/{one.slug}", one.name) for one in known.values()]
    if rows.event.campaign_id is not None:
        plans = await programmes.load_campaigns(call.session, call.actor, [rows.event.campaign_id])
        found += [(f"/campaigns/{slug}/{one.slug}", one.title) for one in plans.values()]
    return found


async def _list_own(call: Call) -> Sequence[EventOccurrence]:
    """The days that one signed up for and that lie ahead."""
    if call.actor.person_id is None or "after" in call.request.query_params:
        return ()
    page = await read_page(
        call.session, listing.list_own_registrations(call.actor), PageArgs(MOST_OWN)
    )
    keys = [row.occurrence_id for row in page.items if row.status in LIVE]
    days = await listing.load_days(call.session, call.actor, keys) if keys else {}
    return sorted(
        (day for day in days.values() if day.ends_at > call.now),
        key=lambda day: (day.starts_at, day.id),
    )


async def _find_next_day(call: Call, event_id: UUID) -> UUID:
    """The next day of an event, else its last one."""
    days = (await listing.load_days_of(call.session, call.actor, [event_id])).get(event_id, [])
    own = [day for day in days if day.community_id == call.town.id]
    if not own:
        raise EventUnknown(f"There is no event {event_id}, or it is not for you.")
    return next((day.id for day in own if day.ends_at > call.now), own[-1].id)


def _refusals(call: Call, rows: DayRows) -> dict[str, str]:
    _ = call.reader.translator.gettext
    most = min(rows.event.max_party, rows.day.capacity)
    return {
        "party_too_large": _("Write how many come with you in all, from 1 to %(most)s.", most=most),
        "no_room": _("So many seats are not free. Come with fewer people, or sign up others."),
        "no_seat": _("You have no seat yet, so the number stays as it is."),
        "event_closed": _("This event takes no changes any more."),
    }
