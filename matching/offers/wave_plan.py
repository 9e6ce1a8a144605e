"""From a solved round and the ladder's decision to the asks of one wave. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from core.ids import new_id
from matching.engine.solution import Solution
from matching.kinds import AskOrigin
from matching.ladder.answers import pair_chances
from matching.ladder.board import AskDraft
from matching.ladder.planners import GreedyPlanner, WaveTask
from matching.ladder.timing import board_usable_s, silence_s
from matching.ladder.waves import plan_wave
from matching.offers.board import WaveBoard
from matching.offers.fitting_time import GET_READY, find_delay, find_start, free_time, told_travel_s
from matching.rounds.problem import RoundProblem


@dataclass(frozen=True)
class ShownHome:
    """One home of an ask; a stop of the plan has its time."""

    request_id: UUID
    request_version: int
    in_plan: bool
    accept_p: float
    travel_s: int
    travel_m: int
    travel_bucket: str
    radius_share: float
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class PlannedAsk:
    """One ask before it is stored."""

    id: UUID
    volunteer_id: UUID
    origin: AskOrigin
    willingness: float
    life_s: int
    homes: tuple[ShownHome, ...]

    @property
    def stops(self) -> tuple[ShownHome, ...]:
        """The plan."""
        return tuple(home for home in self.homes if home.in_plan)

    @property
    def plan_p(self) -> float:
        """The chance of a yes to something of the plan; its stops are taken as independent."""
        return 1.0 - float(np.prod([1.0 - home.accept_p for home in self.stops]))


@dataclass(frozen=True, eq=False)
class RoundPlanner:
    """Plans of a wave from the routes of a solved round.

    The round visits each home once. Homes that one ask does not make sure enough are then put
    before others who are free, worth most first.
    """

    routes: dict[int, tuple[int, ...]]

    def plan(self, task: WaveTask) -> list[tuple[int, ...]]:
        """See `matching.ladder.planners.Planner`."""
        plans: list[tuple[int, ...]] = []
        left = task.nobody.copy()
        for row, person in enumerate(task.people.tolist()):
            first, last = int(task.ptr[row]), int(task.ptr[row + 1])
            chance = dict(
                zip(task.home[first:last].tolist(), task.chance[first:last].tolist(), strict=True)
            )
            stops = [home for home in self.routes.get(person, ()) if home in chance]
            plans.append(tuple(stops[: int(task.room[row])]))
            for home in plans[-1]:
                left[home] *= 1.0 - chance[home]
        free = [row for row, stops in enumerate(plans) if not stops]
        if free:
            others = GreedyPlanner().plan(_rest(task, free, left))
            for row, plan in zip(free, others, strict=True):
                plans[row] = plan
        return plans


def _rest(task: WaveTask, rows: Sequence[int], nobody: np.ndarray) -> WaveTask:
    """The same task for some of its people, after others have got their plans."""
    spans = [np.arange(task.ptr[row], task.ptr[row + 1]) for row in rows]
    entries = np.concatenate(spans).astype(np.int64)
    share = np.divide(nobody, task.nobody, out=np.zeros_like(nobody), where=task.nobody > 0)
    return replace(
        task,
        people=task.people[list(rows)],
        ptr=np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64),
        home=task.home[entries],
        chance=task.chance[entries],
        cost=task.cost[entries],
        need=task.need * share,
        nobody=nobody,
        room=task.room[list(rows)],
    )


def plan_asks(
    wave: WaveBoard, solution: Solution, visits: dict[tuple[UUID, UUID], datetime]
) -> list[PlannedAsk]:
    """Who is asked in this wave about which homes, and when each visit would be.

    ``visits`` are the starts that the round found, by (volunteer, request).
    """
    ladder = wave.state.ladder
    planner = RoundPlanner(new_stops(wave.made, solution))
    drafts = plan_wave(wave.board, ladder, planner)
    life_s = round(silence_s(board_usable_s(wave.board, ladder), ladder))
    chances = pair_chances(wave.board, ladder)
    asks = []
    for draft in drafts:
        ask = make_ask(wave, with_a_stop(draft), chances, life_s, visits)
        if ask is not None:
            asks.append(ask)
    return asks


def new_stops(made: RoundProblem, solution: Solution) -> dict[int, tuple[int, ...]]:
    """The stops of each volunteer in the order of the day, without agreed work."""
    stops: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for route in solution.routes:
        for request, start_s in zip(route.requests, route.start_s, strict=True):
            if (route.volunteer, request) not in made.held:
                stops[route.volunteer].append((start_s, request))
    return {person: tuple(j for _, j in sorted(mine)) for person, mine in stops.items()}


def with_a_stop(draft: AskDraft) -> AskDraft:
    """An ask to learn gets the first home of its list as a stop, so that a text can answer it."""
    if draft.stops or not draft.menu:
        return draft
    return replace(draft, stops=draft.menu[:1], menu=draft.menu[1:])


def make_ask(
    wave: WaveBoard,
    draft: AskDraft,
    chances: np.ndarray,
    life_s: int,
    visits: dict[tuple[UUID, UUID], datetime],
) -> PlannedAsk | None:
    """The ask of a draft with the times of its visits; None when no stop fits any more."""
    volunteer = wave.made.volunteers[draft.person]
    held = list(wave.made.inputs.agreed.get(volunteer.id, ()))
    homes: list[ShownHome] = []
    delay = _delay(wave, draft, held, visits)
    for home in draft.stops:
        request = wave.made.requests[home]
        start = visits.get((volunteer.id, request.id))
        start = None if start is None else start + delay
        shown = _show(wave, draft.person, home, chances)
        if start is None:
            free = free_time(volunteer, held, wave.state.zone, wave.state.now)
            travel_s = told_travel_s(shown.travel_bucket, volunteer.max_travel_s)
            start = find_start(request, free, travel_s=travel_s, now=wave.state.now)
        if start is None:
            continue
        end = start + timedelta(seconds=request.service_s)
        held.append((start, end))
        homes.append(replace(shown, in_plan=True, starts_at=start, ends_at=end))
    if not homes:
        return None
    homes.sort(key=lambda one: one.starts_at or wave.state.now)
    homes += [_show(wave, draft.person, home, chances) for home in draft.menu]
    return PlannedAsk(
        id=new_id(),
        volunteer_id=volunteer.id,
        origin=AskOrigin.SEASON_PAIR if draft.season else AskOrigin.WAVE,
        willingness=float(wave.board.people.willingness[draft.person]),
        life_s=life_s,
        homes=tuple(homes),
    )


def _delay(
    wave: WaveBoard,
    draft: AskDraft,
    held: list[tuple[datetime, datetime]],
    visits: dict[tuple[UUID, UUID], datetime],
) -> timedelta:
    """How much later the route begins than the round has it: it plans from now on, and a message
    is answered some time after it was sent."""
    volunteer = wave.made.volunteers[draft.person]
    planned = [
        (
            request,
            visits[volunteer.id, request.id],
            float(wave.travel_s[wave.pair(draft.person, home)]),
        )
        for home in draft.stops
        if (volunteer.id, (request := wave.made.requests[home]).id) in visits
    ]
    now = wave.state.now
    lead = timedelta(seconds=max(wave.state.ladder.answer_median_s, GET_READY.total_seconds()))
    free = free_time(volunteer, held, wave.state.zone, now)
    return find_delay(planned, free, lead=lead, now=now)


def _show(wave: WaveBoard, person: int, home: int, chances: np.ndarray) -> ShownHome:
    pair = wave.pair(person, home)
    request = wave.made.requests[home]
    return ShownHome(
        request_id=request.id,
        request_version=request.version,
        in_plan=False,
        accept_p=min(1.0, float(chances[pair])),
        travel_s=int(wave.travel_s[pair]),
        travel_m=int(wave.board.pairs.travel_m[pair]),
        travel_bucket=wave.describe_way(person, home).value,
        radius_share=float(wave.board.pairs.reach[pair]),
    )
