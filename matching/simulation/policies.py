"""The policies that are compared, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np

from matching.engine.problem import Objective, Problem, Requests, Volunteers
from matching.engine.travel import StraightTravel
from matching.ladder.board import BoolArray
from matching.ladder.engine_planner import EnginePlanner
from matching.ladder.rules import SPARING, LadderRules
from matching.simulation.ladder_policy import LadderOptions, LadderPolicy
from matching.simulation.parameters import DAY_S, HOUR_S
from matching.simulation.peers import (
    ClaimBoard,
    Digest,
    Everyone,
    NearestFirst,
    SeasonPairs,
    Waves,
)
from matching.simulation.play import DAYS, Play, Policy
from matching.simulation.world import World

WEEK_M = 10**7
"""Metres or seconds that limit nothing."""


@dataclass(frozen=True)
class Contestant:
    """A policy, and how its messages are meant.

    ``mass``: the same text to many, which fewer answer. ``late_s``: seconds until a no-show is
    noticed, where that differs from the usual.
    """

    name: str
    make: Callable[[World], Policy]
    words: str
    mass: bool = False
    late_s: float | None = None

    def play(self, world: World, inactive: BoolArray | None = None) -> Play:
        """Play one storm."""
        play = Play(
            world, self.make(world), mass=self.mass, check_in_s=self.late_s, inactive=inactive
        )
        play.run()
        return play


LADDER = "ladder"
GREEDY = "ladder-greedy"
URGENT = "ladder-urgent"
PLAIN_AREAS = "ladder-no-areas"
PEER = "digest-urgent"
SLOW_PEER = "digest-urgent-6h"
HIDING = "ladder-urgent-hides"
BOUND = "bound"


def _ladder(
    options: LadderOptions | None = None,
    rules: LadderRules | None = None,
    *,
    engine: bool = False,
) -> Callable[[World], Policy]:
    def make(world: World) -> Policy:
        planner = EnginePlanner(make_problem(world)) if engine else None
        return LadderPolicy(rules or LadderRules(), planner, options)

    return make


CONTESTANTS = {
    one.name: one
    for one in (
        Contestant(
            LADDER,
            _ladder(engine=True),
            "the offer ladder as the product runs it, with the optimiser",
        ),
        Contestant(GREEDY, _ladder(), "the same without the optimiser: the best pair first"),
        Contestant(
            URGENT, _ladder(LadderOptions(urgent_mode=True)), "the ladder in urgent mode, greedy"
        ),
        Contestant(
            HIDING,
            _ladder(LadderOptions(urgent_mode=True, forecast=True, priced_list=True)),
            "urgent mode that also knows how many residents will call, and keeps homes off the"
            " lists while places are dear: not in the product",
        ),
        Contestant(
            "ladder-sparing",
            _ladder(rules=msgspec.convert(SPARING, LadderRules)),
            "the ladder, greedy, with the setting that counts messages above homes",
        ),
        Contestant(
            "ladder-pairs",
            _ladder(LadderOptions(season_first=True)),
            "the ladder, greedy, asking season pairs first",
        ),
        Contestant(
            PLAIN_AREAS,
            _ladder(rules=LadderRules(area_share=0.0)),
            "the ladder, greedy, without the weight for areas that fall behind",
        ),
        Contestant(
            "ladder-no-late-yes",
            _ladder(LadderOptions(late_yes=False)),
            "the ladder, greedy, refusing answers that come after the silence",
        ),
        Contestant(
            "ladder-no-menu",
            _ladder(LadderOptions(menu=False)),
            "the ladder, greedy, with the plan alone",
        ),
        Contestant(
            "ladder-no-button",
            _ladder(LadderOptions(button=False)),
            "the ladder, greedy, without 'not today'",
        ),
        Contestant(
            PEER,
            lambda world: Digest(urgent_first=True),
            "a personal digest every two hours with a live list, urgent homes first",
        ),
        Contestant(
            "digest-urgent-button",
            lambda world: Digest(urgent_first=True, button=True),
            "the same with the ladder's 'not today'",
        ),
        Contestant(
            SLOW_PEER,
            lambda world: Digest(urgent_first=True, every_s=6 * HOUR_S),
            "the urgent-first digest each six hours: its best setting here",
        ),
        Contestant(
            "digest-urgent-group",
            lambda world: Digest(urgent_first=True),
            "the urgent-first digest as a group mail",
            mass=True,
        ),
        Contestant(
            "digest-urgent-late",
            lambda world: Digest(urgent_first=True),
            "the urgent-first digest without an on-my-way message: no-shows noticed after 6 hours",
            late_s=6 * HOUR_S,
        ),
        Contestant(
            "digest",
            lambda world: Digest(urgent_first=False),
            "a personal digest every two hours with a live list, nearest homes first",
        ),
        Contestant(
            "nearest",
            lambda world: NearestFirst(patience_s=20 * 60.0),
            "each home asks the nearest volunteer, then the next after 20 minutes",
        ),
        Contestant(
            "everyone",
            lambda world: Everyone(),
            "everybody in reach hears of every home; the first yes counts",
            mass=True,
        ),
        Contestant(
            "waves", lambda world: Waves(), "waves of 20 live offers for each place", mass=True
        ),
        Contestant(
            "board",
            lambda world: ClaimBoard(),
            "a claim board, announced twice",
            mass=True,
            late_s=6 * HOUR_S,
        ),
        Contestant(
            "pairs", lambda world: SeasonPairs(), "season pairs, nobody steps in", late_s=WEEK_M
        ),
    )
}
"""Everything that can be compared."""

USUAL = (
    LADDER,
    GREEDY,
    URGENT,
    "ladder-pairs",
    PEER,
    SLOW_PEER,
    "digest-urgent-button",
    "digest",
    "nearest",
    "everyone",
    "waves",
    "board",
    "pairs",
)
PEERS = (PEER, SLOW_PEER, "digest", "nearest", "everyone", "waves", "board", "pairs")


def make_problem(world: World) -> Problem:
    """The storm as a matching problem: what a round would know, without who says yes."""
    crowd, behaviour = world.crowd, world.behaviour
    n, m = world.n_homes, world.n_people
    begins, ends = [], []
    for day in range(DAYS):
        opens = np.maximum(day * DAY_S + crowd.opens_s, behaviour.snow_ends_s)
        closes = np.minimum(day * DAY_S + crowd.closes_s, world.deadline_s)
        begins.append(opens)
        ends.append(np.maximum(closes, opens))
    start_s, end_s = np.stack(begins, axis=1), np.stack(ends, axis=1)
    long = np.full(m, WEEK_M, np.int64)
    none = np.zeros(m, np.int64)
    everywhere = np.concatenate([crowd.xy_m, world.home_xy_m])
    requests = Requests(
        ids=tuple(str(at) for at in range(n)),
        service_s=np.ceil(world.job_s).astype(np.int64),
        weight=world.weight,
        skills=world.needs_skill.astype(np.int64),
        languages=np.zeros(n, np.int64),
        crew_size=np.ones(n, np.int64),
        window_ptr=np.arange(n + 1, dtype=np.int64),
        window_open_s=np.full(n, int(behaviour.snow_ends_s), np.int64),
        window_close_s=np.full(n, int(world.deadline_s), np.int64),
        area=world.home_area,
    )
    volunteers = Volunteers(
        ids=tuple(str(at) for at in range(m)),
        shift_ptr=np.arange(m + 1, dtype=np.int64) * DAYS,
        shift_start_s=np.ceil(start_s).astype(np.int64).ravel(),
        shift_end_s=np.ceil(end_s).astype(np.int64).ravel(),
        max_tasks=crowd.places,
        max_work_s=long,
        max_travel_s=long,
        max_travel_m=np.ceil(crowd.radius_m).astype(np.int64),
        max_route_m=long,
        skills=crowd.skilled.astype(np.int64),
        languages=none,
        load=np.zeros(m),
        accept_p=np.ones(m),
        mode=none,
        area=crowd.area,
    )
    return Problem(
        requests=requests,
        volunteers=volunteers,
        objective=Objective(),
        travel=(StraightTravel(everywhere, behaviour.detour, behaviour.speed_m_s),),
        xy_m=everywhere,
        banned=np.zeros((0, 2), np.int64),
        preferred=np.zeros((0, 2), np.int64),
        bonus_m=np.zeros(0),
        locked=np.zeros((0, 2), np.int64),
    )
