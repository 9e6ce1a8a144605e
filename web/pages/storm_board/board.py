"""The storm that is on: where it stands, whom it leaves without help, and what to do about it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.ids import parse_id
from core.pagination import PageArgs, read_page
from matching.errors import StormUnknown
from matching.models import Storm
from matching.storms import listing_repository as listing
from matching.storms.board_repository import HomeCount
from matching.storms.repository import find_current_storm, list_storms
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import PRIVATE, render_page
from web.pages.storm_board import views
from web.pages.storm_board import words as say
from web.pages.storm_board.reading import Board, draw_board, read_board

PAGE = 20
MOST_PARTS = 32


@get("/staff/storm", name="storm_board")
async def get_storm(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The storm that is on, else the last one, else what will be here."""
    async with desk.look(request) as call:
        town = call.staff()
        storm = await find_current_storm(call.session, town.id)
        if storm is None:
            latest = await list_storms(call.session, town.id, limit=1)
            storm = latest[0] if latest else None
        if storm is None:
            return call.show("storm_board/no_storm.html", {})
        return await _show(call, storm)


@get("/staff/storms/{storm_id:uuid}", name="storm_of_staff")
async def get_one(
    request: AnyRequest, storm_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One storm of the town, such as the last one."""
    async with desk.look(request) as call:
        return await _show(call, await find_storm(call, storm_id))


@get("/staff/storm/now", name="storm_board_now")
async def get_now(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The part of the board that changes; nothing while it is as before and the minute is."""
    async with desk.look(request) as call:
        call.staff()
        query = request.query_params
        storm = await find_storm(call, parse_id(query.get("storm", "")))
        made = await read_board(call, storm, query.get("layer", ""))
        if query.get("mark") == _mark(call, made):
            return Response(None, status_code=204, headers=PRIVATE)
        now = await _render_now(call, made)
        return Response(now, media_type=MediaType.HTML, headers=PRIVATE)


@get("/staff/storms", name="storms_of_staff")
async def get_storms(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """All storms of the town, the newest first."""
    async with desk.look(request) as call:
        town = call.staff()
        args = PageArgs(first=PAGE, after=request.query_params.get("after") or None)
        page = await read_page(call.session, listing.list_community_storms(town.id), args)
        keys = [row.id for row in page.items]
        counts = await listing.load_request_counts(call.session, call.actor, keys)
        words = call.reader.translator
        rows = [
            {
                "storm": row,
                "state": say.storm_state(words.gettext, row.status),
                "depth": views.depth_words(words, row.depth_cm),
                "homes": views.count(
                    HomeCount(None, None, status, number)
                    for status, number in counts.get(row.id, {}).items()
                ),
            }
            for row in page.items
        ]
        more = f"/staff/storms?after={page.cursors[-1]}" if page.has_next else ""
        return call.show("storm_board/storms.html", {"rows": rows, "more": more})


async def find_storm(call: Call, storm_id: UUID | None) -> Storm:
    """A storm of the town whose staff asks.

    Raises
    ------
    StormUnknown
        When there is no such storm in it.
    """
    town = call.staff()
    rows = {}
    if storm_id is not None:
        rows = await listing.load_storms(call.session, call.actor, [storm_id])
    storm = None if storm_id is None else rows.get(storm_id)
    if storm is None or storm.community_id != town.id:
        raise StormUnknown("There is no such storm here.")
    return storm


async def _show(call: Call, storm: Storm) -> Answer:
    made = await read_board(call, storm, call.request.query_params.get("layer", ""))
    words = call.reader.translator
    values = {
        "board": made,
        "part": await _render_now(call, made),
        "hold_words": say.hold_reason(words.gettext, made.storm.hold_reason),
    }
    return call.show("storm_board/storm.html", values)


_PARTS: OrderedDict[tuple[Hashable, ...], str] = OrderedDict()
"""What was shown lately. It holds nothing of the person who looks, and no form."""


async def _render_now(call: Call, made: Board) -> str:
    """The part of the board that changes, drawn once for all who look while it is the same."""
    mark = _mark(call, made)
    key = (made.storm.id, call.reader.language, call.reader.time_zone, mark)
    found = _PARTS.get(key)
    if found is None:
        values = {"board": made, "map": await draw_board(call, made), "mark": mark}
        found = render_page("storm_board/_now.html", call.reader, values | {"now": call.now})
        _PARTS[key] = found
        while len(_PARTS) > MOST_PARTS:
            _PARTS.popitem(last=False)
    return found


def _mark(call: Call, made: Board) -> str:
    """The same while nothing changed and the time of the numbers reads the same."""
    return f"{made.mark}{call.now:%H%M}"
