"""The storm that is on: where it stands, whom it leaves without help, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.ids import parse_id
from core.pagination import PageArgs, read_page
from matching.errors import StormUnknown
from matching.models import Storm
from matching.storms import listing_repository as listing
from matching.storms.board_repository import HomeCount, list_newest_event_ids
from matching.storms.repository import find_current_storm, list_storms
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import PRIVATE, render_page
from web.pages.storm_board import views
from web.pages.storm_board import words as say
from web.pages.storm_board.reading import LAYERS, draw_board, read_board, read_job

PAGE = 20
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shown:
    """A board as all see it. It holds nothing of the person who looks, and no form."""

    steps: tuple[views.Step, ...]
    mark: str
    """The same while nothing changed and the time of the numbers reads the same."""
    part: str
    """What changes, as HTML."""


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
        return await _show(desk, call, storm)


@get("/staff/storms/{storm_id:uuid}", name="storm_of_staff")
async def get_one(
    request: AnyRequest, storm_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One storm of the town, such as the last one."""
    async with desk.look(request) as call:
        return await _show(desk, call, await find_storm(call, storm_id))


@get("/staff/storm/now", name="storm_board_now")
async def get_now(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The part of the board that changes; nothing while it is as before and the minute is."""
    async with desk.look(request) as call:
        call.staff()
        query = request.query_params
        storm = await find_storm(call, parse_id(query.get("storm", "")))
        shown = await _find_shown(desk, call, storm)
        if query.get("mark") == shown.mark:
            return Response(None, status_code=204, headers=PRIVATE)
        return Response(shown.part, media_type=MediaType.HTML, headers=PRIVATE)


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


async def _show(desk: Desk, call: Call, storm: Storm) -> Answer:
    values = {
        "storm": storm,
        "shown": await _find_shown(desk, call, storm),
        "hold_words": say.hold_reason(call.reader.translator.gettext, storm.hold_reason),
    }
    return call.show("storm_board/storm.html", values)


async def _find_shown(desk: Desk, call: Call, storm: Storm) -> Shown:
    """A board as it was drawn some seconds ago, unless something has happened since.

    Whoever presses a button sees what it did; a volunteer's calendar, an area drawn anew and the
    like leave no event, and are seen when the seconds are over.
    """
    asked = call.request.query_params.get("layer", "")
    layer = asked if asked in LAYERS else LAYERS[0]
    if not desk.settings.pages_keep_s:
        return await _make_shown(desk, call, storm, layer)
    newest = await list_newest_event_ids(call.session, call.actor, storm)
    job = await read_job(call)
    running = None if job is None else (job.row.id, job.row.status, job.stage, job.percent)
    reader = (call.reader.language, call.reader.time_zone)
    key = ("storm", storm.id, storm.version, layer, *reader, newest, running)
    async with desk.kept.one_at_a_time(key):
        kept: Shown | None = desk.kept.find(key, call.now)
        if kept is None:
            kept = await _make_shown(desk, call, storm, layer)
            until = call.now + timedelta(seconds=desk.settings.pages_keep_s)
            desk.kept.keep(key, kept, until)
    return kept


async def _make_shown(desk: Desk, call: Call, storm: Storm, layer: str) -> Shown:
    board = await read_board(call, storm, layer)
    mark = f"{board.mark}{call.now:%H%M}"
    key = ("storm part", storm.id, call.reader.language, call.reader.time_zone, mark)
    part: str | None = desk.kept.find(key, call.now)
    if part is None:
        drawn = await draw_board(call, board)
        values = {"board": board, "map": drawn, "mark": mark, "now": call.now}
        part = render_page("storm_board/_now.html", call.reader, values)
        if desk.settings.pages_keep_s:
            desk.kept.keep(key, part, call.now + A_MINUTE)
    return Shown(board.steps, mark, part)
