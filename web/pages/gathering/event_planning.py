"""Planning an event on one page: for managers, and organizers of a group or campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency

from campaigns.events import helping, organizing, planning, policy
from campaigns.events import listing_repository as listing
from campaigns.events.errors import EventNotYours, HourSkipped, InvalidEvent, InvalidRepeat
from campaigns.events.kinds import EventAudience, EventStatus
from campaigns.events.models import (
    DESCRIPTION_LENGTH,
    TITLE_LENGTH,
    CommunityEvent,
    EventPlace,
)
from campaigns.events.planning_repository import (
    list_led_campaigns,
    list_led_groups,
    list_used_places,
)
from campaigns.events.wall import write_local
from campaigns.groups.models import Group
from campaigns.programmes.models import Campaign
from core.errors import TalkootError
from core.ids import new_code, parse_id
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_long
from web.pages.gathering import event_form
from web.pages.gathering.event_places import ADDRESS, locate_asked, make_place_values, read_place
from web.pages.gathering.ground import Slug, go_to_town, say_refusal, show_again
from web.pages.gathering.views_events import make_path
from web.pages.guards import AnyRequest
from web.pages.locating import Located

PAGE = "gathering/event_plan.html"
KEY_LETTERS: Final = 16
USUAL_SEATS: Final = "20"
SEEN_FIELDS: Final = (
    *("title", "description", "starts_local", "duration_s", "capacity", "max_party", "audience"),
    *("group_id", "campaign_id"),
)


@dataclass(frozen=True)
class Means:
    """What the one who plans may choose from."""

    groups: tuple[Group, ...]
    campaigns: tuple[Campaign, ...]
    places: tuple[EventPlace, ...]
    is_manager: bool
    group: Group | None
    """The group that the page was opened for."""


@get("/events/{community:str}/new", name="plan_event")
async def get_new(request: AnyRequest, *, community: Slug, desk: NamedDependency[Desk]) -> Answer:
    """The empty form; for a group or a campaign when the address names one."""
    async with desk.look(request) as call:
        call.person()
        call = await go_to_town(call, community)
        means = await _read_means(call)
        # a place that only some may see is never shown to all because a tick was there before
        are_public = [one.is_public for one in means.places[: 1 if means.group else None]]
        form = {
            "group": "" if means.group is None else str(means.group.id),
            "campaign": call.request.query_params.get("campaign", "")[:40],
            "where": f"p:{means.places[0].id}" if means.group and means.places else ADDRESS,
            "repeats": event_form.ONCE,
            "capacity": USUAL_SEATS,
            "max_party": "4",
            "audience": EventAudience.PUBLIC.value,
            "key": new_code(KEY_LETTERS),
        } | ({"is_public": "1"} if all(are_public) else {})
        return call.show(PAGE, _make_values(call, means, form, Located()))


@post("/events/{community:str}/new", name="plan_event_post", status_code=303)
async def post_new(request: AnyRequest, *, community: Slug, desk: NamedDependency[Desk]) -> Answer:
    """Plan it with all its days and roles. The same form again is one event."""
    located = await locate_asked(request, desk, community, _read_means)
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        means = await _read_means(call)
        description = await read_long(request, "description", longest=DESCRIPTION_LENGTH)
        values = _make_values(call, means, call.form | {"description": description}, located)
        written, group, place = await _read(call, means, description, located)
        if written.errors or place is None or written.starts_local is None:
            raise show_again(call, PAGE, values, _in_order(written.errors))
        command = planning.CreateEvent(
            community_id=call.town.id,
            title=written.title,
            description=written.description,
            place=place,
            starts_local=write_local(written.starts_local),
            duration_s=written.duration_s,
            capacity=written.capacity,
            hour=written.hour,
            rule=written.rule,
            audience=written.audience,
            group_id=None if group is None else group.id,
            campaign_id=_chosen(means.campaigns, call.form.get("campaign", "")),
            max_party=written.max_party,
            publish=call.form.get("do") == "open",
            client_key=call.form.get("key", "")[:KEY_LETTERS] or None,
        )
        try:
            made = await planning.create_event(call.session, call.actor, command, now=call.now)
            if not made.is_known:
                await helping.set_roles(
                    call.session, call.actor, made.event.id, written.roles, now=call.now
                )
        except (EventNotYours, HourSkipped, InvalidRepeat, InvalidEvent) as error:
            raise show_again(call, PAGE, values, _explain(call, error)) from None
        days = await listing.load_days_of(call.session, call.actor, [made.event.id])
        first = days[made.event.id][0]
        said = await _name_outcome(call, made, command)
        left_out = ",".join(local.date().isoformat() for local in made.skipped)
        query = f"?skipped={left_out}" if left_out else ""
        return call.go(f"{make_path(community, first.id)}{query}", said=said)


async def _name_outcome(call: Call, made: planning.Planned, command: planning.CreateEvent) -> str:
    """What became of the form. The same one again opens a draft, and changes nothing else."""
    event = made.event
    if command.publish and event.status is EventStatus.DRAFT:
        await organizing.publish_event(call.session, call.actor, event.id, now=call.now)
    if event.status is EventStatus.CANCELLED or not _is_as_written(event, command):
        return "known"
    return "drafted" if event.status is EventStatus.DRAFT else "planned"


def _is_as_written(event: CommunityEvent, command: planning.CreateEvent) -> bool:
    """Whether an event is what the form asks for, by what people would look at."""
    return all(getattr(event, name) == getattr(command, name) for name in SEEN_FIELDS)


async def _read_means(call: Call) -> Means:
    """What may be chosen.

    Raises
    ------
    EventNotYours
        When nothing may be planned here.
    """
    session, actor, town = call.session, call.actor, call.town
    is_manager = policy.can_manage_events(actor, town.id, organizes=False)
    groups = await list_led_groups(session, actor, town.id)
    campaigns = await list_led_campaigns(session, actor, town.id)
    if not (is_manager or groups or campaigns):
        raise EventNotYours("Events are planned by managers, and by organizers for their group.")
    asked = parse_id(call.request.query_params.get("group", "")[:40])
    group = next((one for one in groups if one.id == asked), None)
    places = await list_used_places(session, actor, town.id, None if group is None else group.id)
    return Means(tuple(groups), tuple(campaigns), tuple(places), is_manager, group)


async def _read(
    call: Call, means: Means, description: str, located: Located
) -> tuple[event_form.Written, Group | None, planning.NamedPlace | None]:
    """Everything that was written, with all that is missing."""
    speaker, form = call.reader.translator, call.form
    written = event_form.Written()
    event_form.read_words(speaker, form, description, written)
    key = parse_id(form.get("group", ""))
    group = next((one for one in means.groups if one.id == key), None)
    campaign = _chosen(means.campaigns, form.get("campaign", ""))
    if not means.is_manager and group is None and campaign is None:
        field = "group" if means.groups else "campaign"
        written.errors[field] = speaker.gettext("Choose what it is for")
    place = await read_place(call, located, group, written.errors)
    event_form.read_times(speaker, form, written, ZoneInfo(call.town.time_zone), call.now)
    event_form.read_rule(speaker, form, written)
    event_form.read_seats(speaker, form, written)
    event_form.read_audience(speaker, form, written, has_group=group is not None)
    event_form.read_roles(speaker, form, (), written)
    return written, group, place


def _chosen(rows: tuple[Campaign, ...], text: str) -> UUID | None:
    key = parse_id(text)
    return next((row.id for row in rows if row.id == key), None)


def _in_order(errors: Mapping[str, str]) -> dict[str, str]:
    """Errors in the order of the fields."""
    order = (
        *("title", "description", "group", "campaign", "where", "place_name", "address"),
        *("day", "from", "until", "hour", "repeats", "last_day", "capacity", "max_party"),
        "audience",
    )
    known = [name for name in order if name in errors]
    return {name: errors[name] for name in [*known, *(one for one in errors if one not in known)]}


def _explain(call: Call, error: TalkootError) -> dict[str, str]:
    """What the workflow refused, at its field."""
    _ = call.reader.translator.gettext
    words = {
        InvalidRepeat.code: _("It would come back too often. Choose an earlier last day"),
        EventNotYours.code: _("Choose a group and a campaign that you organize"),
    }
    field = {
        EventNotYours.code: "group",
        HourSkipped.code: "from",
        InvalidRepeat.code: "last_day",
    }.get(error.code, "title")
    return {field: say_refusal(call, error, words)}


def _make_values(
    call: Call, means: Means, form: Mapping[str, str], located: Located
) -> dict[str, Any]:
    _, speaker = call.reader.translator.gettext, call.reader.translator
    town = call.town.slug
    group = means.group
    back = f"/groups/{town}/{group.slug}" if group is not None else "/events"
    query = "" if group is None else f"?group={group.id}"
    nothing = _("No group") if means.is_manager else _("Choose one")
    chosen = next((one for one in means.groups if str(one.id) == form.get("group")), group)
    return {
        "path": f"/events/{town}/new{query}",
        "back": back,
        "group": group,
        "groups": [("", nothing), *((str(one.id), one.name) for one in means.groups)],
        "campaigns": [
            ("", _("No campaign")),
            *((str(one.id), one.title) for one in means.campaigns),
        ],
        "repeats": event_form.list_repeats(speaker),
        "hours": event_form.list_hours(
            speaker, comes_back=form.get("repeats", event_form.ONCE) != event_form.ONCE
        ),
        "audiences": event_form.list_audiences(speaker, has_groups=bool(means.groups)),
        "roles": event_form.fill_roles((), form),
        "longest_title": TITLE_LENGTH,
        "longest_description": DESCRIPTION_LENGTH,
        "form": form,
        "errors": {},
    } | make_place_values(call, located, means.places, group=chosen)
