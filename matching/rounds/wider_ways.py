"""Ways that only a what-if needs: beyond everybody's reach, and from homes of newcomers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.privacy import cell_center
from matching.engine.changes import Newcomer, add_volunteers
from matching.engine.problem import Problem
from matching.engine.recruits import Extend
from matching.rounds.problem import MODES, RoundProblem
from matching.rounds.travel import TravelFinder, build_travel

WIDER = 1.5
"""How much further than they want to go volunteers are looked at for a little more reach."""


def measure_wider(made: RoundProblem, find_travel: TravelFinder) -> Problem:
    """The problem of a round with the ways that volunteers could take with more reach.

    Every plan of the round is a plan of this problem, and the other way round.
    """
    volunteers = made.problem.volunteers
    further = replace(
        volunteers,
        max_travel_s=np.ceil(WIDER * volunteers.max_travel_s).astype(np.int64),
        max_travel_m=np.ceil(WIDER * volunteers.max_travel_m).astype(np.int64),
    )
    return replace(made.problem, travel=build_travel(MODES, further, made.lonlat, find_travel))


def settle_newcomers(made: RoundProblem, find_travel: TravelFinder) -> Extend:
    """Puts newcomers into the problem of a round with ways measured along the streets.

    They live in the middle of a cell, so that nobody's address stands for theirs.
    """

    def extend(problem: Problem, newcomers: Sequence[Newcomer]) -> Problem:
        homes = []
        for newcomer in newcomers:
            cell = made.requests[newcomer.near_request].household.cell
            exact = made.lonlat[len(made.volunteers) + newcomer.near_request]
            homes.append(tuple(exact) if cell is None else cell_center(cell))
        wide = add_volunteers(problem, newcomers)
        m = len(made.volunteers)
        lonlat = np.insert(made.lonlat, [m] * len(homes), np.array(homes), axis=0)
        return replace(wide, travel=build_travel(MODES, wide.volunteers, lonlat, find_travel))

    return extend
