"""Ways for what-ifs: beyond everybody's reach, and from homes that nobody lives in yet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import h3
import numpy as np

from geo.travel import SparseMatrix, TravelMode
from matching.engine.changes import LongerReach
from matching.engine.check import check
from matching.engine.explain import explain
from matching.engine.recruits import recruits
from matching.engine.solve import solve
from matching.rounds.problem import MODES
from matching.rounds.travel import build_travel
from matching.rounds.wider_ways import measure_wider, settle_newcomers
from tests.problems import Ask, Help, build_problem

M_PER_DEGREE = 100_000.0
FINE = 12


class StraightWays:
    """Straight ways at 10 m/s on a small flat piece of the equator."""

    def sparse(self, points: Any, *, limit_s: float, progress: Any = None) -> SparseMatrix:
        n = len(points)
        apart = np.asarray(points)[:, None] - np.asarray(points)[None, :]
        metres = np.ceil(M_PER_DEGREE * np.hypot(*apart.transpose(2, 0, 1))).astype(np.int64)
        seconds = -(-metres // 10)
        known = (seconds <= limit_s) & ~np.eye(n, dtype=bool)
        rows, index = np.nonzero(known)
        ptr = np.concatenate([[0], np.cumsum(known.sum(axis=1))]).astype(np.int64)
        return SparseMatrix(ptr, index.astype(np.int64), seconds[rows, index], metres[rows, index])


def find_travel(mode: TravelMode) -> StraightWays:
    return StraightWays()


def make_round(asks: list[Ask], helpers: list[Help]) -> Any:
    """A round over a plane in metres, with the ways that `build_travel` keeps for it."""
    flat = build_problem(asks, helpers)
    lonlat = flat.xy_m / M_PER_DEGREE
    travel = build_travel(MODES, flat.volunteers, lonlat, find_travel)
    homes = lonlat[len(helpers) :].tolist()
    return SimpleNamespace(
        problem=build_problem(asks, helpers, travel=travel),
        lonlat=lonlat,
        volunteers=[None] * len(helpers),
        requests=[
            SimpleNamespace(
                household=SimpleNamespace(
                    cell=h3.str_to_int(h3.latlng_to_cell(lat_deg, lon_deg, FINE))
                )
            )
            for lon_deg, lat_deg in homes
        ],
    )


def test_a_little_more_reach_is_found_beyond_the_ways_of_the_round() -> None:
    made = make_round([Ask("a", (1300, 0))], [Help("v", max_travel_s=100)])
    solution = solve(made.problem)
    assert solution.routes == ()
    (without,) = explain(made.problem, solution)
    assert not any(isinstance(trial.change, LongerReach) for trial in without.trials)
    wide = measure_wider(made, find_travel)
    (told,) = explain(wide, solution)
    assert told.smallest is not None
    assert told.smallest.change == LongerReach(0, extra_travel_s=30)


def test_wider_ways_change_no_plan() -> None:
    asks = [Ask("a", (800, 0)), Ask("b", (1300, 0)), Ask("c", (500, 400))]
    made = make_round(asks, [Help("v", max_travel_s=100), Help("w", (0, 300), max_travel_s=90)])
    wide = measure_wider(made, find_travel)
    narrow = solve(made.problem)
    assert solve(wide).certificate.value == narrow.certificate.value
    assert len(wide.travel[0].index) > len(made.problem.travel[0].index)  # type: ignore[union-attr]  # sparse


def test_a_newcomer_where_nobody_goes_reaches_the_neighbours() -> None:
    """The round knows no way between two homes that no volunteer reaches."""
    asks = [Ask("a", (9000, 0)), Ask("b", (9200, 0)), Ask("c", (100, 0))]
    made = make_round(asks, [Help("v", max_travel_s=60)])
    solution = solve(made.problem)
    copied = recruits(made.problem, solution, 1)
    measured = recruits(made.problem, solution, 1, extend=settle_newcomers(made, find_travel))
    assert [one.served_more for one in copied] == [1]
    assert [one.served_more for one in measured] == [2]
    newcomer = measured[0].price.newcomer
    wide = settle_newcomers(made, find_travel)(made.problem, [newcomer])
    assert check(wide, solve(wide)).valid
    home = made.lonlat[1 + newcomer.near_request] * M_PER_DEGREE
    out_s, _ = wide.travel[0].legs(np.array([1]), np.array([2 + newcomer.near_request]))
    assert 0 < out_s[0] < 5, home  # in the middle of the cell, not at the door
