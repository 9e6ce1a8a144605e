"""The answer to a problem: routes, and a certificate that says how good they are."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.travel import FloatArray


@dataclass(frozen=True)
class Route:
    """One trip of one volunteer in one shift, home to home.

    Parameters
    ----------
    volunteer
        Index of the volunteer.
    shift
        Which of the volunteer's shifts, 0 first.
    requests
        Indices of the requests in the order of the visits; at least one.
    start_s
        When the work starts at each, seconds from the start of the horizon.
    travel_s, travel_m
        The whole route, home to home.
    """

    volunteer: int
    shift: int
    requests: tuple[int, ...]
    start_s: tuple[int, ...]
    travel_s: int
    travel_m: int


@dataclass(frozen=True, eq=False)
class Prices:
    """Dual prices: what the scarce parts of the problem are worth, metres.

    Any prices prove a bound; good prices prove a tight one. With ``a_j`` the price of request
    ``j`` and ``b_i`` the best that volunteer ``i`` could earn after paying for each visit,

    ``bound = sum_j max(0, a_j) + sum_crews max(0, max_t crew_size * a_jt) + sum_i b_i``.

    (Lagrangean relaxation of the set packing; Desaulniers, Desrosiers and Solomon, *Column
    Generation*, 2005, chapter 1.)

    Parameters
    ----------
    request
        (n,) float64: price of one visit to each request of crew size 1; 0 for the others.
    crew
        For each request with a larger crew: its index, and the price of one member's visit at
        each of its `crew_starts`, in their order.
    volunteer
        (m,) float64: ``b_i``, 0 or more unless the volunteer has locked work.
    """

    request: FloatArray
    crew: tuple[tuple[int, tuple[float, ...]], ...]
    volunteer: FloatArray


@dataclass(frozen=True, eq=False)
class Certificate:
    """What was solved, what came out, and how far from the best possible it can be at most.

    Parameters
    ----------
    problem_digest
        `Problem.digest` of the problem that was solved.
    seed
        The seed of the run.
    value, visit_value, travel_cost, load_cost
        Metres; ``value = visit_value - travel_cost - load_cost``. See `Objective`.
    weight_served
        Sum of the weights of the requests that are served.
    bound
        No plan can be worth more. ``inf`` when the run was stopped before a bound was proven.
    prices
        The prices that prove the bound; None with an infinite bound.
    stopped
        True when the time limit or the caller ended the run early.
    """

    problem_digest: str
    seed: int
    value: float
    visit_value: float
    travel_cost: float
    load_cost: float
    weight_served: float
    bound: float
    prices: Prices | None
    stopped: bool

    @property
    def gap(self) -> float:
        """(bound - value) / bound, 0 for an empty bound: the most that any plan could add."""
        if self.bound <= 0:
            return 0.0
        return max(0.0, (self.bound - self.value) / self.bound)


@dataclass(frozen=True, eq=False)
class Solution:
    """Routes in the order of volunteer and shift, and their certificate."""

    routes: tuple[Route, ...]
    certificate: Certificate
