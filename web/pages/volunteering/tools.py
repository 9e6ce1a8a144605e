"""Tools on loan: what one has, until when, and where tools are lent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from litestar import get
from litestar.di import NamedDependency

from core.pagination import PageArgs, read_page
from matching.models import Volunteer
from matching.volunteering import lent_repository
from matching.volunteering.models import Depot
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.volunteering import words
from web.pages.volunteering.own import ask_to_sign_up, find_own
from web.pages.volunteering.time_views import say_opening

TOOLS = "/volunteering/tools"
PAGE = 20


@dataclass(frozen=True)
class LoanLine:
    """One tool that is promised or with the volunteer."""

    tool: str
    place: str
    due_at: datetime
    is_handed: bool
    is_late: bool


@dataclass(frozen=True)
class DepotLine:
    """A place that lends tools, and what is there now."""

    name: str
    address: str
    hours: tuple[str, ...]
    tools: tuple[tuple[str, int], ...]


@get(TOOLS, name="volunteer_tools")
async def get_tools(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What is out, and where more is."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        args = PageArgs(PAGE, call.request.query_params.get("after", "")[:500] or None)
        page = await read_page(call.session, lent_repository.list_depots_of(own.community_id), args)
        depots = await _view_depots(call, list(page.items))
        values = {
            "loans": await _view_loans(call, own),
            "depots": depots,
            "after": page.cursors[-1] if page.has_next else None,
        }
        return call.show("volunteering/tools.html", values)


async def _view_loans(call: Call, own: Volunteer) -> list[LoanLine]:
    rows = await lent_repository.load_open_loans(call.session, call.actor, [own.id])
    known = words.say_abilities(call.reader)
    return [
        LoanLine(
            words.say_ability(row.stock.ability.code, known),
            row.stock.depot.name,
            row.due_at,
            row.handed_at is not None,
            row.due_at < call.now,
        )
        for row in rows.get(own.id, [])
    ]


async def _view_depots(call: Call, depots: list[Depot]) -> list[DepotLine]:
    stocks = await lent_repository.load_stocks_of(
        call.session, call.actor, [depot.id for depot in depots]
    )
    known = words.say_abilities(call.reader)
    return [
        DepotLine(
            depot.name,
            depot.household.address.address_text,
            say_opening(depot.hours, call.reader),
            tuple(
                (words.say_ability(row.ability.code, known), row.owned - row.lent)
                for row in stocks.get(depot.id, [])
            ),
        )
        for depot in depots
    ]
