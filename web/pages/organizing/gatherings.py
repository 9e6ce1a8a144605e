"""Groups and events of a town for its staff: what waits, who leads, what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.events.kinds import EventStatus
from campaigns.events.listing_repository import DayFilter, list_days, load_waiting_counts
from campaigns.events.policy import can_manage_events
from campaigns.groups import overview_repository as overview
from campaigns.groups import policy
from campaigns.groups.errors import GroupUnknown, InvalidGroup
from campaigns.groups.founding import take_over_group
from campaigns.groups.kinds import GroupRole, GroupStatus, MemberStatus
from campaigns.groups.models import Group
from campaigns.groups.overview_repository import GroupFigures, GroupView
from campaigns.groups.repository import find_member, load_groups
from core.errors import NotPermitted
from core.ids import parse_id
from people.directory_repository import load_names
from people.kinds import Role
from people.memberships_repository import list_staff
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering import views_events
from web.pages.gathering.event_rows import load_cards
from web.pages.guards import AnyRequest
from web.pages.paging import list_page

A_PAGE: Final = 50
LATELY: Final = timedelta(days=30)
LEAD = "organizing/group_lead.html"


@get("/staff/groups", name="staff_groups")
async def get_groups(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The groups of the town by name: all that go on, or a part of them."""
    async with desk.look(request) as call:
        town, query = call.staff(), request.query_params
        view = query.get("show", GroupView.ACTIVE)
        wanted = GroupView(view) if view in list(GroupView) else GroupView.ACTIVE
        listing = overview.list_staff_groups(call.actor, town.id, wanted)
        page, after = await list_page(call, listing, A_PAGE)
        figures = await overview.load_figures(
            call.session, call.actor, [row.id for row in page.items]
        )
        _ = call.reader.translator.gettext
        values = {
            "rows": [(row, figures.get(row.id, GroupFigures())) for row in page.items],
            "show": wanted.value,
            "views": [
                (GroupView.ACTIVE.value, _("All that go on")),
                (GroupView.WAITING.value, _("Where something waits")),
                (GroupView.LEADERLESS.value, _("Nobody leads them")),
                (GroupView.ENDED.value, _("Ended")),
            ],
            "town_slug": town.slug,
            "is_manager": call.actor.has_role(town.id, Role.MANAGER),
            "more": _more("/staff/groups", wanted.value, after),
        }
        return call.show("organizing/groups.html", values)


@get("/staff/groups/{group_id:uuid}/lead", name="staff_group_lead")
async def get_lead(
    request: AnyRequest, group_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Who could lead a group: oneself, a member, or somebody of the staff."""
    async with desk.look(request) as call:
        group = await _find_group(call, group_id)
        return call.show(LEAD, await _lead_values(call, group, {}))


@post("/staff/groups/{group_id:uuid}/lead", name="staff_group_lead_post", status_code=303)
async def post_lead(
    request: AnyRequest, group_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Make somebody its organizer. Twice is once."""
    async with desk.press(request) as call:
        group = await _find_group(call, group_id)
        _ = call.reader.translator.gettext
        words = _("Choose who leads it")
        chosen = parse_id(call.form.get("person", ""))
        role = None if chosen is None else await _find_role(call, group, chosen)
        if role is GroupRole.ORGANIZER:
            return call.go("/staff/groups", said="led")
        if role is not None or chosen in await _list_staff_ids(call):
            try:
                await take_over_group(call.session, call.actor, group.id, chosen, now=call.now)
                return call.go("/staff/groups", said="led")
            except InvalidGroup:
                words = _("This person is not an adult of the town. Choose somebody else")
        values = await _lead_values(call, group, call.form)
        raise call.show_again(LEAD, values | {"errors": {"person": words}})


@get("/staff/events", name="staff_events")
async def get_events(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The days of events: those to come, drafts, those called off, and those that are over."""
    async with desk.look(request) as call:
        town = call.staff()
        filters = {
            "coming": DayFilter(since=call.now, called_off=False, status=EventStatus.PUBLISHED),
            "drafts": DayFilter(since=call.now, called_off=False, status=EventStatus.DRAFT),
            "off": DayFilter(since=call.now - LATELY, called_off=True),
            "over": DayFilter(
                since=call.now - LATELY,
                over_by=call.now,
                called_off=False,
                status=EventStatus.PUBLISHED,
            ),
        }
        show = request.query_params.get("show", "coming")
        show = show if show in filters else "coming"
        listing = list_days(call.actor, town.id, filters[show])
        page, after = await list_page(call, listing, A_PAGE)
        rows = await load_cards(call, page.items)
        cards = views_events.make_cards(call.reader.translator, rows, call.now)
        waiting = await load_waiting_counts(call.session, call.actor, [one.day.id for one in rows])
        _ = call.reader.translator.gettext
        values = {
            "rows": [
                (card, one.day, waiting.get(one.day.id, 0))
                for card, one in zip(cards, rows, strict=True)
            ],
            "show": show,
            "views": [
                ("coming", _("To come")),
                ("drafts", _("Drafts")),
                ("off", _("Called off")),
                ("over", _("Over, in the last 30 days")),
            ],
            "town_slug": town.slug,
            "may_plan": can_manage_events(call.actor, town.id, organizes=False),
            "more": _more("/staff/events", show, after),
        }
        return call.show("organizing/events.html", values)


def _more(path: str, show: str, after: str) -> str:
    return f"{path}?{urlencode({'show': show, 'after': after})}" if after else ""


async def _find_group(call: Call, group_id: UUID) -> Group:
    """A group that goes on, for a manager of its town."""
    town = call.staff()
    group = (await load_groups(call.session, call.actor, [group_id])).get(group_id)
    if group is None or group.community_id != town.id or group.status is not GroupStatus.ACTIVE:
        raise GroupUnknown("There is no such group, or it is not for you.")
    if not policy.can_take_over(call.actor, group):
        raise NotPermitted("Only a manager of the programme gives a group an organizer.")
    return group


def _lead_path(group: Group, after: str | None) -> str:
    query = f"?{urlencode({'after': after})}" if after else ""
    return f"/staff/groups/{group.id}/lead{query}"


async def _find_role(call: Call, group: Group, person_id: UUID) -> GroupRole | None:
    """What somebody is in a group; None for who does not belong to it."""
    row = await find_member(call.session, group.id, person_id=person_id)
    return row.role if row is not None and row.status is MemberStatus.MEMBER else None


async def _list_staff_ids(call: Call) -> set[UUID]:
    rows = await list_staff(call.session, call.actor, call.town.id)
    return {row.person_id for row in rows}


async def _lead_values(call: Call, group: Group, form: Any) -> dict[str, Any]:
    """Who could lead it: oneself, the staff, and a page of its members."""
    _ = call.reader.translator.gettext
    page, after = await list_page(call, overview.list_candidates(call.actor, group.id), A_PAGE)
    members = [row.person_id for row in page.items]
    names = await load_names(call.session, call.actor, members)
    found = {str(call.person()): (_("I do it myself"), "")}
    for key in members:
        if key in names:
            found.setdefault(str(key), (names[key].full_name, _("Belongs to the group")))
    for row in await list_staff(call.session, call.actor, group.community_id):
        if row.name:
            found.setdefault(str(row.person_id), (row.name, _("Works for the programme")))
    figures = await overview.load_figures(call.session, call.actor, [group.id])
    return {
        "group": group,
        "organizer_count": figures[group.id].organizer_count,
        "people": [(code, name, more) for code, (name, more) in found.items()],
        "path": _lead_path(group, call.request.query_params.get("after")),
        "more": _lead_path(group, after) if after else "",
        "form": form,
        "errors": {},
    }
