"""The overview of all staff pages, and where one more volunteer would help most."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.di import NamedDependency

from core.pagination import count_all
from matching.board_repository import read_board as read_counts
from matching.intake.call_back_repository import list_waiting
from matching.intake.reviewing import MAX_LISTED, list_review
from matching.kinds import AskStatus, RequestStatus
from matching.rounds.reading import find_last_told_prices
from messaging.failures import list_failed_messages
from people.kinds import Role
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.storm_board import recruits
from web.pages.storm_board.forecasts import read_forecasts
from web.pages.storm_board.reading import draw_worth, open_city

MOST_FAILED = 50


@get("/staff", name="staff_overview")
async def get_overview(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Every page of the staff, and what waits for somebody."""
    async with desk.look(request) as call:
        return call.show("storm_board/overview.html", await _read(call))


async def _read(call: Call) -> dict[str, Any]:
    town = call.staff()
    counts = await read_counts(call.session, call.actor, town.id)
    review = await list_review(call.session, call.actor, town.id, limit=MAX_LISTED)
    calls = await count_all(call.session, list_waiting(call.actor, town.id))
    failed = await list_failed_messages(call.session, call.actor, town.id, limit=MOST_FAILED)
    open_count = counts.requests.get(RequestStatus.OPEN, 0)
    return {
        "review": _more(len(review), MAX_LISTED),
        "calls": calls,
        "failed": _more(len(failed), MOST_FAILED),
        "nobody": open_count + counts.requests.get(RequestStatus.NOT_DONE, 0),
        "messages": counts.asks.get(AskStatus.PROPOSED, 0),
        "storm": counts.storm,
        "job": counts.round_job,
        "is_manager": call.actor.has_role(town.id, Role.MANAGER),
    }


def _more(number: int, most: int) -> str:
    """A number of which only so many were read."""
    return f"{number}+" if number >= most else str(number)


@get("/staff/recruitment", name="recruitment_of_staff")
async def get_recruitment(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """By neighborhood: what one more volunteer would add, as a map and as a table."""
    async with desk.look(request) as call:
        town = call.staff()
        told = await find_last_told_prices(call.session, town)
        prices = recruits.make_prices(call.reader.translator, told)
        drawn = None
        if prices is not None:
            drawn = await draw_worth(call, prices, *await open_city(call))
        return call.show(
            "storm_board/recruitment.html",
            {
                "prices": prices,
                "map": drawn,
                "forecasts": await read_forecasts(call),
                "is_manager": call.actor.has_role(town.id, Role.MANAGER),
            },
        )
