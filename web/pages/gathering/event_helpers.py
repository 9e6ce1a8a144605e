"""Who helps at an event: for its organizers, who take people for roles and let them go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.events import helping
from campaigns.events import listing_repository as listing
from campaigns.events.errors import EventClosed, HelperUnknown, InvalidEvent, RoleFull
from campaigns.events.helpers_repository import count_in_roles
from campaigns.events.kinds import HelperStatus
from campaigns.events.models import EventHelper, EventRole
from core.errors import InvalidInput
from core.i18n import Translator
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering.event_keeping import enter, looking_after
from web.pages.gathering.events import UNKNOWN_BUTTON
from web.pages.gathering.ground import Slug, field_id, show_again
from web.pages.gathering.views_events import DayRows, make_card, make_path
from web.pages.guards import AnyRequest
from web.pages.paging import list_page

PAGE: Final = "gathering/event_helpers.html"
A_PAGE: Final = 50
TOLD: Final = (HelperStatus.VOLUNTEERED, HelperStatus.INVITED, HelperStatus.CONFIRMED)
"""Who offered help, was asked or has agreed hears when they are let go."""


@dataclass(frozen=True)
class HelperRow:
    """Somebody who helps or might."""

    id: UUID
    name: str
    state: str
    tag: str
    role_id: str
    may_take: bool
    is_agreed: bool
    """They count on it, so letting them go asks once more."""


@dataclass(frozen=True)
class RoleState:
    """How far a role is filled."""

    label: str
    words: str
    open_count: int


@get("/events/{community:str}/{day_id:uuid}/helpers", name="event_helpers")
async def get_helpers(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Who offered to help, and which roles have their people."""
    async with desk.look(request) as call:
        call, rows = await enter(call, community, day_id)
        return call.show(PAGE, await _read_values(call, rows))


@post("/events/{community:str}/{day_id:uuid}/helpers", name="event_helpers_post", status_code=303)
async def post_helpers(
    request: AnyRequest, *, community: Slug, day_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Take somebody for a role, or let them go. Twice is once."""
    async with looking_after(request, desk, community, day_id) as (call, rows):
        session, actor, do = call.session, call.actor, call.form.get("do", "")
        key = field_id(call.form, "helper")
        known = await listing.load_helpers(session, actor, [key])
        if key not in known or known[key].occurrence_id != rows.day.id:
            raise HelperUnknown("There is no such offer of help for this event.")
        said = f"help_{do}"
        if do == "go":
            if known[key].status in TOLD:
                said = "help_told"
            await helping.withdraw_help(session, actor, key, now=call.now)
        elif do == "take":
            role_id = field_id(call.form, "role") if call.form.get("role") else None
            try:
                await helping.confirm_helper(session, actor, key, role_id=role_id, now=call.now)
            except (RoleFull, InvalidEvent, EventClosed) as error:
                errors = {"helpers": _explain(call, error.code)}
                raise show_again(call, PAGE, await _read_values(call, rows), errors) from None
        else:
            raise InvalidInput(UNKNOWN_BUTTON)
        return call.go(_page_path(call, make_path(community, day_id)), said=said)


async def _read_values(call: Call, rows: DayRows) -> dict[str, Any]:
    session, actor, speaker = call.session, call.actor, call.reader.translator
    listed = listing.list_helpers(rows.day.id, gone_too=False)
    page, after = await list_page(call, listed, A_PAGE)
    counts = await count_in_roles(session, rows.day.id)
    names = await listing.load_names(session, actor, [row.id for row in page.items])
    roles = (await listing.load_roles_of(session, actor, [rows.event.id])).get(rows.event.id, [])
    nothing = speaker.gettext("Choose a role")
    card = make_card(speaker, rows, call.now)
    states = [_make_state(speaker, role, counts) for role in roles]
    return {
        "card": card,
        "action": _page_path(call, card.path),
        "helpers": [_make_row(speaker, row, names.get(row.id, ""), roles) for row in page.items],
        "next": f"{card.path}/helpers?{urlencode({'after': after})}" if after else "",
        "states": states,
        "roles": [("", nothing), *((str(role.id), role.label) for role in roles)],
        "open_count": sum(state.open_count for state in states),
        "errors": {},
    }


def _page_path(call: Call, path: str) -> str:
    """The part of the list that was open, so that a button leads back to it."""
    after = call.request.query_params.get("after")
    return f"{path}/helpers?{urlencode({'after': after})}" if after else f"{path}/helpers"


def _make_row(
    speaker: Translator, row: EventHelper, name: str, roles: Sequence[EventRole]
) -> HelperRow:
    _ = speaker.gettext
    role = next((one.label for one in roles if one.id == row.role_id), "")
    if row.status is HelperStatus.CONFIRMED:
        state, tag = (_("Helps: %(role)s", role=role) if role else _("Helps")), "ok"
    elif row.status is HelperStatus.INVITED:
        state, tag = (_("Was asked: %(role)s", role=role) if role else _("Was asked")), "wait"
    elif row.status is HelperStatus.PROPOSED:
        state, tag = _("Would suit"), "sent"
    else:
        state, tag = (_("Offers: %(role)s", role=role) if role else _("Offers to help")), "go"
    return HelperRow(
        id=row.id,
        name=name or _("Somebody who left"),
        state=state,
        tag=tag,
        role_id="" if row.role_id is None else str(row.role_id),
        may_take=row.status in (HelperStatus.VOLUNTEERED, HelperStatus.PROPOSED),
        is_agreed=row.status is HelperStatus.CONFIRMED,
    )


def _make_state(
    speaker: Translator, role: EventRole, counts: Mapping[tuple[UUID, HelperStatus], int]
) -> RoleState:
    """Who was only asked has not said yes, so that the role still needs somebody."""
    taken = counts.get((role.id, HelperStatus.CONFIRMED), 0)
    asked = counts.get((role.id, HelperStatus.INVITED), 0)
    words = speaker.gettext(
        "%(taken)s of %(all)s",
        taken=speaker.say_number(taken),
        all=speaker.say_number(role.wanted_count),
    )
    if asked:
        more = speaker.ngettext("%(num)s more was asked", "%(num)s more were asked", asked)
        words = f"{words}, {more}"
    return RoleState(role.label, words, max(0, role.wanted_count - taken))


def _explain(call: Call, code: str) -> str:
    _ = call.reader.translator.gettext
    return {
        RoleFull.code: _("This role has all the people it needs. Choose another one."),
        EventClosed.code: _("This person does not help on that day any more."),
    }.get(code, _("Choose the role for which you take this person."))
