"""Everything that the board of a storm is made from, read in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from matching.kinds import RoundJobStatus
from matching.maps.areas import CityMap, open_city_map
from matching.maps.coverage_repository import count_giving
from matching.models import Storm
from matching.rounds import listing_repository as rounds
from matching.rounds.models import Round, RoundJob
from matching.rounds.reading import find_last_told_prices
from matching.rounds.requesting import find_last_round_job
from matching.storms import board_repository as board
from people.repository import read_rules_at
from web.pages.design.ground import Ground, find_ground
from web.pages.design.maps import Drawing, DrawnCell, State, Words, draw_city
from web.pages.desk import Call
from web.pages.storm_board import recruits, views
from web.pages.storm_board import words as say

OPEN_JOBS = (RoundJobStatus.WAITING, RoundJobStatus.RUNNING)
LAYERS = ("homes", "worth")


@dataclass(frozen=True)
class Proof:
    """How good the plan of a round is."""

    row: Round
    number: int
    title: str
    worth: str
    is_checked: bool
    before: Round | None
    """The round before it in the same storm."""


@dataclass(frozen=True)
class Job:
    """A round that somebody asked for and that is not over."""

    row: RoundJob
    stage: str
    percent: int
    seconds: int


@dataclass(frozen=True)
class Board:
    """What a storm's board shows."""

    storm: Storm
    steps: tuple[views.Step, ...]
    depth: str
    homes: views.Homes
    areas: tuple[views.Area, ...]
    volunteers: int
    why: views.Why
    log: tuple[views.LogLine, ...]
    job: Job | None
    proof: Proof | None
    prices: recruits.Prices | None
    cells: tuple[views.MapCell, ...]
    layer: str

    @property
    def mark(self) -> str:
        """The same while nothing changed that the board shows."""
        job = None if self.job is None else (self.job.row.id, self.job.stage, self.job.percent // 5)
        proof = None if self.proof is None else self.proof.row.id
        shown = (self.homes, self.areas, self.volunteers, self.log, self.why)
        return views.mark_of(self.storm.version, shown, job, proof, self.layer)


async def read_board(call: Call, storm: Storm, layer: str = "homes") -> Board:
    """The board of one storm, for staff."""
    session, actor, words = call.session, call.actor, call.reader.translator
    rows = await board.count_homes(session, actor, storm)
    homes = views.count(rows)
    last = await board.list_last_rounds(session, actor, storm)
    why = await _read_why(call, storm, homes.nobody, last)
    giving = await count_giving(session, storm.community_id, at=call.now)
    return Board(
        storm=storm,
        steps=views.make_steps(words, storm),
        depth=views.depth_words(words, storm.depth_cm),
        homes=homes,
        areas=views.by_area(rows, words.gettext("Elsewhere")),
        volunteers=sum(giving.values()),
        why=why,
        log=views.make_log(words, await board.list_log(session, actor, storm)),
        job=await read_job(call),
        proof=await _read_proof(call, storm, last),
        prices=recruits.make_prices(words, await find_last_told_prices(session, call.town)),
        cells=views.by_cell(rows),
        layer=layer if layer in LAYERS else "homes",
    )


async def _read_why(call: Call, storm: Storm, nobody: int, last: Sequence[Round]) -> views.Why:
    words, planned = call.reader.translator, 0
    left: Sequence[board.LeftHome] = ()
    if last and nobody:
        key = last[0].id
        left = await board.list_left_homes(call.session, call.actor, storm, key)
        planned = await board.count_planned_homes(call.session, call.actor, storm, key)
    round_id = last[0].id if last else None
    return views.make_why(words, left, nobody=nobody, planned=planned, round_id=round_id)


async def read_job(call: Call) -> Job | None:
    """The round that somebody asked for and that waits or runs."""
    row = await find_last_round_job(call.session, call.actor, call.town.id)
    return None if row is None or row.status not in OPEN_JOBS else make_job(call, row)


def make_job(call: Call, row: RoundJob) -> Job:
    """How far a round is that somebody asked for."""
    begun = row.started_at or row.requested_at
    end = row.ended_at or call.now
    return Job(
        row,
        say.stage_words(call.reader.translator.gettext, row.stage),
        round(row.share * 100),
        max(0, round((end - begun).total_seconds())),
    )


async def _read_proof(call: Call, storm: Storm, last: Sequence[Round]) -> Proof | None:
    if not last:
        return None
    number = await board.count_rounds(call.session, call.actor, storm)
    before = last[1] if len(last) > 1 else None
    return await make_proof(call, last[0], before, number)


async def make_proof(call: Call, row: Round, before: Round | None, number: int) -> Proof:
    """How good the plan of a finished round is, in words."""
    kept = await rounds.load_certificates(call.session, call.actor, [row.id])
    words = call.reader.translator
    return Proof(
        row=row,
        number=number,
        title=say.gap_title(words, row.gap),
        worth=say.value_words(words, row.value_m, row.bound_m),
        is_checked=bool(kept.get(row.id, {}).get("checked")),
        before=before,
    )


# --- the map --------------------------------------------------------------------------------------


async def draw_board(call: Call, made: Board) -> Drawing:
    """The cells of a storm with their numbers, or what one more volunteer is worth."""
    ground, city = await open_city(call)
    if made.layer == "worth":
        return await draw_worth(call, made.prices, ground, city)
    _ = call.reader.translator.gettext
    cells = [
        DrawnCell(
            f"{one.cell:x}",
            city.cell(one.cell).geometry,
            one.state,
            one.homes.nobody,
            _(
                "%(area)s: %(nobody)s with nobody, %(asked)s asked, %(yes)s with a yes",
                area=one.area or _("Elsewhere"),
                nobody=one.homes.nobody,
                asked=one.homes.asked,
                yes=one.homes.yes + one.homes.done,
            ),
        )
        for one in made.cells
    ]
    words = Words(
        _("Map of %(town)s: homes by area", town=call.town.name),
        _("The table of coverage by neighborhood holds the same numbers."),
        name="board",
    )
    return await asyncio.to_thread(draw_city, ground, cells, words)


async def open_city(call: Call) -> tuple[Ground, CityMap]:
    """The ground and the cells of the town."""
    rules = await read_rules_at(call.session, call.town.id, call.now)
    ground = await find_ground(call.town.city_pack)
    return ground, await asyncio.to_thread(open_city_map, call.town, rules.anonymity_k)


async def draw_worth(
    call: Call, prices: recruits.Prices | None, ground: Ground, city: CityMap
) -> Drawing:
    """Neighbourhoods by what one more volunteer would add."""
    _ = call.reader.translator.gettext
    cells = []
    for row in () if prices is None else prices.rows:
        area = city.find_area(row.area)
        if area is not None:
            state = _state_of(row.worth)
            number = round(row.worth) if state == "wait" else 0
            told = _("%(area)s: %(number)s", area=row.area, number=f"{row.worth:.1f}")
            key = row.area.replace(" ", "_")  # as of its row in the table
            cells.append(DrawnCell(key, area.geometry, state, number, told))
    words = Words(
        _("Map of %(town)s: homes that one more volunteer would reach", town=call.town.name),
        _("The table beside it holds the same numbers."),
        name="board",
    )
    return await asyncio.to_thread(draw_city, ground, cells, words)


def _state_of(worth: float) -> State:
    if worth >= 1:
        return "wait"
    return "ask" if worth >= recruits.LITTLE else "ok"
