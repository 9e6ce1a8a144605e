"""Does the certificate prove its bound? The sum is done again, and each volunteer's part searched.

References
----------
Desaulniers, Desrosiers and Solomon (editors), *Column Generation*, Springer 2005, chapter 1, for
the bound; `matching.engine.solution.Prices` has the formula.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.engine.check_rules import Violation
from matching.engine.check_search import Day, DaySearch, Offer, Outcome
from matching.engine.problem import Problem, crew_starts
from matching.engine.solution import Certificate, Prices
from matching.engine.travel import UNREACHABLE, FloatArray, IntArray, StraightTravel

RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE_M = 1e-3
MAX_STEPS = 1_000_000


@dataclass(frozen=True)
class BoundReport:
    """What the checker can say about the bound.

    Parameters
    ----------
    stated
        The bound of the certificate; ``inf`` where none was proven.
    recomputed
        The sum of the prices; None without prices.
    n_volunteers
        All volunteers of the problem.
    searched
        How many were searched to the end.
    undecided
        (id, own upper bound in metres) where the search was too long: what is stated may or may not
        be right, but no plan of that volunteer earns more than the own upper bound.
    proven
        A bound that this checker vouches for, when every volunteer was looked at; else None. It is
        higher than the stated one by what the own upper bounds exceed the stated amounts.
    """

    stated: float
    recomputed: float | None
    n_volunteers: int
    searched: int = 0
    undecided: tuple[tuple[str, float], ...] = ()
    proven: float | None = None


class VolunteerDays:
    """Cuts the part of one volunteer out of a problem, net of prices.

    Parameters
    ----------
    problem
        The problem.
    prices
        Prices of the right shapes, finite.
    """

    def __init__(self, problem: Problem, prices: Prices) -> None:
        self._problem = problem
        self._price = prices.request
        self._crew_price = dict(prices.crew)
        self._starts = {j: tuple(crew_starts(problem, j)) for j in self._crew_price}
        self._spans: dict[int, tuple[tuple[int, int], ...]] = {}
        self._bonus: dict[int, list[tuple[int, float]]] = {}
        for (i, j), bonus_m in zip(problem.preferred, problem.bonus_m, strict=True):
            self._bonus.setdefault(int(i), []).append((int(j), float(bonus_m)))
        self._banned = _group_pairs(problem.banned)
        self._locked = _group_pairs(problem.locked)
        self._taken = self._find_taken()
        self._taken |= self._find_hopeless_crews()

    def _find_taken(self) -> npt.NDArray[np.bool_]:
        """Requests whose whole crew is locked: nobody else can visit them."""
        locks = Counter(int(j) for _, j in self._problem.locked)
        taken = np.zeros(len(self._problem.requests), bool)
        for request, count in locks.items():
            taken[request] = count >= self._problem.requests.crew_size[request]
        return taken

    def _find_hopeless_crews(self) -> npt.NDArray[np.bool_]:
        """Requests for more volunteers than are allowed to visit them."""
        crews = np.flatnonzero(self._problem.requests.crew_size > 1)
        count = np.zeros(len(self._problem.requests), np.int64)
        if len(crews):
            for volunteer in range(len(self._problem.volunteers)):
                count[self.list_allowed(volunteer, crews)] += 1
        hopeless = np.zeros(len(count), bool)
        hopeless[crews] = count[crews] < self._problem.requests.crew_size[crews]
        return hopeless

    def list_allowed(self, volunteer: int, among: IntArray | None = None) -> IntArray:
        """Requests that the volunteer may visit, by every rule about the pair alone."""
        requests, volunteers = self._problem.requests, self._problem.volunteers
        asked = requests.languages
        allowed = (requests.skills & ~volunteers.skills[volunteer]) == 0
        allowed &= (asked == 0) | ((asked & volunteers.languages[volunteer]) != 0)
        allowed &= ~self._taken
        allowed[self._locked.get(volunteer, [])] = True
        allowed[self._banned.get(volunteer, [])] = False
        found = np.flatnonzero(allowed) if among is None else among[allowed[among]]
        model = self._problem.travel[int(volunteers.mode[volunteer])]
        seconds, metres = model.legs(np.array([volunteer]), len(volunteers) + found)
        near = (seconds <= volunteers.max_travel_s[volunteer]) & (seconds < UNREACHABLE)
        near &= (metres <= volunteers.max_travel_m[volunteer]) & (metres < UNREACHABLE)
        near &= self._fits_alone(volunteer, found, seconds, metres)
        near_found: IntArray = found[near]
        return near_found

    def _fits_alone(
        self, volunteer: int, found: IntArray, seconds: IntArray, metres: IntArray
    ) -> npt.NDArray[np.bool_]:
        """Whether going there and straight back keeps the limits of time and length.

        Straight travel keeps the triangle inequality, so no detour is shorter; other travel may
        not keep it, and everything stays. The slack covers rounding up, once for each way.
        """
        problem, volunteers = self._problem, self._problem.volunteers
        model = problem.travel[int(volunteers.mode[volunteer])]
        if not isinstance(model, StraightTravel):
            return np.ones(len(found), bool)
        spans = [end - start for start, end in volunteers.shifts(volunteer)]
        limit_s = min(int(volunteers.max_work_s[volunteer]), max(spans, default=0))
        limit_s += 4 + int(4 / model.speed_m_s)
        limit_m = int(volunteers.max_route_m[volunteer]) + 4
        work_s = 2 * seconds + problem.requests.service_s[found]
        fits: npt.NDArray[np.bool_] = (work_s <= limit_s) & (2 * metres <= limit_m)
        return fits

    def cut(self, volunteer: int) -> tuple[IntArray, Day] | None:
        """The allowed requests and the volunteer's day; None when locked work is not allowed."""
        problem, volunteers = self._problem, self._problem.volunteers
        allowed = self.list_allowed(volunteer)
        locked = self._locked.get(volunteer, [])
        if not set(locked) <= set(allowed.tolist()):
            return None
        places = np.append(volunteer, len(volunteers) + allowed).astype(np.int64)
        model = problem.travel[int(volunteers.mode[volunteer])]
        leg_s, leg_m = model.legs(places[:, None], places[None, :])
        value = self._value_visits(volunteer)
        day = Day(
            offers=tuple(self._offer(int(j), float(value[j])) for j in allowed),
            must=tuple(int(at) for at in np.flatnonzero(np.isin(allowed, locked))),
            shifts=tuple(volunteers.shifts(volunteer)),
            leg_s=leg_s,
            leg_m=leg_m,
            max_tasks=int(volunteers.max_tasks[volunteer]),
            max_work_s=int(volunteers.max_work_s[volunteer]),
            max_route_m=int(volunteers.max_route_m[volunteer]),
            travel_cost=float(problem.objective.travel_cost),
            load_cost_m=float(problem.objective.load_cost_m),
            load=float(volunteers.load[volunteer]),
        )
        return allowed, day

    def _value_visits(self, volunteer: int) -> FloatArray:
        """(n,) float64, metres: what a visit of the volunteer to each request earns."""
        requests, objective = self._problem.requests, self._problem.objective
        chance = float(self._problem.volunteers.accept_p[volunteer])
        value = requests.weight / requests.crew_size * chance * objective.value_m_per_weight
        for request, bonus_m in self._bonus.get(volunteer, []):
            value[request] += bonus_m
        return value

    def _offer(self, request: int, value_m: float) -> Offer:
        service_s = int(self._problem.requests.service_s[request])
        if request in self._crew_price:
            nets = tuple(value_m - price for price in self._crew_price[request])
            return Offer(service_s, (), self._starts[request], nets)
        if request not in self._spans:
            windows = self._problem.requests.windows(request)
            spans = [(first, close - service_s) for first, close in windows]
            self._spans[request] = tuple(span for span in spans if span[0] <= span[1])
        nets = (value_m - float(self._price[request]),)
        return Offer(service_s, self._spans[request], None, nets)


def _group_pairs(pairs: IntArray) -> dict[int, list[int]]:
    grouped: dict[int, list[int]] = {}
    for i, j in pairs:
        grouped.setdefault(int(i), []).append(int(j))
    return grouped


def check_bound(
    problem: Problem,
    certificate: Certificate,
    value: float,
    sample: list[int],
    *,
    max_steps: int = MAX_STEPS,
    progress: Callable[[int], None] | None = None,
) -> tuple[list[Violation], BoundReport]:
    """Check the bound of a certificate.

    Parameters
    ----------
    problem, certificate
        What was solved and what came out.
    value
        The value of the plan as the checker computed it, metres.
    sample
        Indices of the volunteers whose amount is searched again.
    max_steps
        Limit of each search.
    progress
        Called with 1 after each volunteer.

    Returns
    -------
    violations
        What does not hold.
    report
        What was looked at, and how.
    """
    bound, prices, m = certificate.bound, certificate.prices, len(problem.volunteers)
    report = BoundReport(stated=bound, recomputed=None, n_volunteers=m)
    if prices is None:
        if bound == math.inf:
            return [], report
        text = f"the bound is {bound} but the certificate holds no prices that prove it."
        return [Violation("bound_prices", text)], report
    violations = list(_check_prices(problem, prices))
    if violations:
        return violations, report
    recomputed = sum_prices(prices, problem)
    report = BoundReport(stated=bound, recomputed=recomputed, n_volunteers=m)
    violations.extend(_check_sum(value, bound, recomputed))
    violations.extend(_check_empty_plans(problem, prices))
    found, undecided, excess_m = _search_volunteers(problem, prices, sample, max_steps, progress)
    everyone = len(set(sample)) == m
    report = BoundReport(
        stated=bound,
        recomputed=recomputed,
        n_volunteers=m,
        searched=len(sample) - len(undecided),
        undecided=tuple(undecided),
        proven=recomputed + excess_m if everyone else None,
    )
    return violations + found, report


def sum_prices(prices: Prices, problem: Problem) -> float:
    """The bound that prices prove, metres: the formula of `Prices`."""
    parts = [max(0.0, float(price)) for price in prices.request]
    for request, members in prices.crew:
        size = int(problem.requests.crew_size[request])
        parts.append(max(0.0, size * max(members, default=0.0)))
    parts.extend(float(amount) for amount in prices.volunteer)
    return math.fsum(parts)


def _check_prices(problem: Problem, prices: Prices) -> Iterator[Violation]:
    """Prices are finite and there is one for everything that needs one."""
    n, m = len(problem.requests), len(problem.volunteers)
    if prices.request.shape != (n,) or prices.volunteer.shape != (m,):
        text = (
            f"prices are stated for {prices.request.shape[0]} requests and "
            f"{prices.volunteer.shape[0]} volunteers; the problem has {n} and {m}."
        )
        yield Violation("bound_prices", text)
        return
    for j in np.flatnonzero(~np.isfinite(prices.request)):
        where = problem.requests.ids[j]
        yield Violation(
            "bound_prices", f"the price of request {where!r} is no number.", None, where
        )
    for i in np.flatnonzero(~np.isfinite(prices.volunteer)):
        who = problem.volunteers.ids[i]
        yield Violation("bound_prices", f"the amount of volunteer {who!r} is no number.", who)
    crews = np.flatnonzero(problem.requests.crew_size > 1)
    if sorted(request for request, _ in prices.crew) != crews.tolist():
        text = "crew prices must stand for each request that needs a crew, once, and no other."
        yield Violation("bound_prices", text)
        return
    for request, members in prices.crew:
        where, expected = problem.requests.ids[request], len(crew_starts(problem, request))
        if len(members) != expected:
            text = f"request {where!r} has {len(members)} crew prices for {expected} start times."
            yield Violation("bound_prices", text, None, where)
        if not all(math.isfinite(price) for price in members):
            text = f"a crew price of request {where!r} is no number."
            yield Violation("bound_prices", text, None, where)
        if prices.request[request] != 0:
            text = f"request {where!r} needs a crew; its price for a single visit must be 0."
            yield Violation("bound_prices", text, None, where)


def _check_sum(value: float, bound: float, recomputed: float) -> Iterator[Violation]:
    tolerance = ABSOLUTE_TOLERANCE_M + RELATIVE_TOLERANCE * abs(recomputed)
    if not abs(bound - recomputed) <= tolerance:
        text = f"the stated bound is {bound} m; the prices add up to {recomputed} m."
        yield Violation("bound_sum", text)
    if not value <= bound + tolerance:
        text = f"the plan is worth {value} m, which is more than its bound of {bound} m."
        yield Violation("bound_value", text)


def _check_empty_plans(problem: Problem, prices: Prices) -> Iterator[Violation]:
    """Who has no locked work can stay at home and earn 0: the amount is never below it."""
    free = np.ones(len(problem.volunteers), bool)
    free[problem.locked[:, 0]] = False
    for i in np.flatnonzero(free & (prices.volunteer < -ABSOLUTE_TOLERANCE_M)):
        who = problem.volunteers.ids[i]
        text = f"volunteer {who!r} can earn 0 m at home; {prices.volunteer[i]} m are stated."
        yield Violation("bound_volunteer", text, who)


def _search_volunteers(
    problem: Problem,
    prices: Prices,
    sample: list[int],
    max_steps: int,
    progress: Callable[[int], None] | None,
) -> tuple[list[Violation], list[tuple[str, float]], float]:
    """Violations, undecided volunteers, and the metres by which the stated amounts fall short."""
    days = VolunteerDays(problem, prices)
    violations: list[Violation] = []
    undecided: list[tuple[str, float]] = []
    excess_m: list[float] = []
    for volunteer in sample:
        who, stated = problem.volunteers.ids[volunteer], float(prices.volunteer[volunteer])
        target_m = stated + ABSOLUTE_TOLERANCE_M + RELATIVE_TOLERANCE * abs(stated)
        cut = days.cut(volunteer)
        if cut is not None:
            outcome = DaySearch(cut[1], target_m, max_steps=max_steps).run()
            if outcome.plan is not None:
                violations.append(_tell_better_plan(problem, who, stated, cut[0], outcome))
            if not outcome.complete:
                undecided.append((who, outcome.upper_m))
            excess_m.append(outcome.upper_m - target_m)
        if progress is not None:
            progress(1)
    return violations, undecided, math.fsum(excess_m)


def _tell_better_plan(
    problem: Problem, who: str, stated: float, allowed: IntArray, outcome: Outcome
) -> Violation:
    visits = ", ".join(
        f"{problem.requests.ids[allowed[at]]!r} at {start_s} s"
        for at, start_s in outcome.plan or ()
    )
    text = (
        f"volunteer {who!r} can earn {outcome.best_m:.3f} m net of prices ({visits}); "
        f"{stated:.3f} m are stated, so the bound is not proven."
    )
    return Violation("bound_volunteer", text, who)
