"""What came out of one storm, and the bound that nobody can pass."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from matching.ladder.board import FloatArray
from matching.simulation.parameters import DAY_S, HOUR_S, START_S
from matching.simulation.play import DAYS, DONE, Play
from matching.simulation.world import World

URGENT_WEIGHT = 4.0
SMALL_AREA = 5
"""Neighbourhoods with fewer homes say nothing about fairness."""


@dataclass(frozen=True)
class Outcome:
    """One policy, one storm, one seed.

    ``served``: homes done before the deadline; ``weight``: sum of their weights; ``urgent_share``:
    part of the urgent homes; ``messages_p50/p95``: per volunteer; ``inactive_share``: people who
    left; ``worst_area_share``: served part of the neighbourhood served least; ``km_per_served``:
    walked one way; ``load_gini``: inequality of homes per volunteer; ``hours_to_accept``: median
    from the later of 16:00 and the request to the agreement.
    """

    served: float
    weight: float
    urgent_share: float
    messages: float
    messages_per_served: float
    messages_p50: float
    messages_p95: float
    inactive_share: float
    worst_area_share: float
    km_per_served: float
    load_gini: float
    hours_to_accept: float


MEASURES = tuple(field.name for field in fields(Outcome))


def measure(play: Play) -> Outcome:
    """Read the outcome off a storm that was played."""
    world = play.world
    done = play.status == DONE
    urgent = world.weight >= URGENT_WEIGHT
    n_messages = float(play.n_messages.sum())
    served = float(done.sum())
    waited_s = play.accept_s[done] - np.maximum(world.arrives_s[done], START_S)
    return Outcome(
        served=served,
        weight=float(world.weight[done].sum()),
        urgent_share=_share(float(done[urgent].sum()), float(urgent.sum())),
        messages=n_messages,
        messages_per_served=_share(n_messages, served),
        messages_p50=float(np.percentile(play.n_messages, 50)),
        messages_p95=float(np.percentile(play.n_messages, 95)),
        inactive_share=float(play.out.mean()),
        worst_area_share=_worst_area(world, done),
        km_per_served=_share(float(play.walked_m[done].sum()) / 1000.0, served),
        load_gini=gini(play.n_done),
        hours_to_accept=float(np.median(waited_s)) / HOUR_S if served else float("nan"),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _worst_area(world: World, done: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    size = len(world.ground.area_names)
    need = np.bincount(world.home_area, minlength=size)
    served = np.bincount(world.home_area[done], minlength=size)
    counted = need >= SMALL_AREA
    return float((served[counted] / need[counted]).min()) if counted.any() else 0.0


def gini(amounts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
    """Inequality of amounts: 0 when all have the same, near 1 when one has everything."""
    ordered = np.sort(amounts.astype(np.float64))
    total = ordered.sum()
    if total <= 0:
        return 0.0
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))


def omniscient_bound(world: World) -> tuple[float, float]:
    """(homes, weight) that no policy can pass, even one that knows every answer beforehand.

    A linear program with the true answers: who helps and answers at all, which homes each would
    say yes to, places, and hours of work. It forgives walking, no-shows, withdrawals and
    cancellations.
    """
    crowd = world.crowd
    hours_s = _working_s(world)
    helps = world.on & ~world.ghost & (hours_s > 0)
    fits = helps[world.pair_person] & world.says_yes
    fits &= world.job_s[world.pair_home] <= hours_s[world.pair_person]
    v, r = world.pair_person[fits], world.pair_home[fits]
    if not len(v):
        return 0.0, 0.0
    column = np.arange(len(v))
    shape_v, shape_r = (world.n_people, len(v)), (world.n_homes, len(v))
    ones = np.ones(len(v))
    rows = vstack(
        [
            csr_matrix((ones, (r, column)), shape_r),
            csr_matrix((ones, (v, column)), shape_v),
            csr_matrix((world.job_s[r] / HOUR_S, (v, column)), shape_v),
        ]
    )
    limit = np.concatenate([np.ones(world.n_homes), crowd.places, hours_s / HOUR_S])
    return _maximum(ones, rows, limit), _maximum(world.weight[r], rows, limit)


def _maximum(value: FloatArray, rows: csr_matrix, limit: FloatArray) -> float:
    result = linprog(-value, A_ub=rows, b_ub=limit, bounds=(0, 1), method="highs-ds")
    if result.status != 0:
        raise RuntimeError(f"The linear program of the bound ended so: {result.message}")
    return float(-result.fun)


def _working_s(world: World) -> FloatArray:
    """(m,) seconds between the end of the snow and the deadline in which each could work."""
    total = np.zeros(world.n_people)
    for day in range(DAYS):
        begins = np.maximum(day * DAY_S + world.crowd.opens_s, world.behaviour.snow_ends_s)
        ends = np.minimum(day * DAY_S + world.crowd.closes_s, world.deadline_s)
        total += np.maximum(ends - begins, 0.0)
    return total
