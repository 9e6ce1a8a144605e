"""Why a request is left, and the smallest single change that would serve it.

Nothing is guessed: each change is applied, the surroundings are planned again, and the answer says
what came out. Everything is counted against a plan of the same surroundings without the change, so
that a better search is never mistaken for a change that helped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.engine.changes import Change, Lock, LongerReach, MoreTime
from matching.engine.funnel import Funnel, FunnelMaker, Reason
from matching.engine.problem import InvalidProblem, Problem
from matching.engine.proposals import Proposal, propose_changes, select_tries
from matching.engine.replan import NOISE_M, Replan, Replanner, Solver
from matching.engine.scope import Scope
from matching.engine.seats import Seating
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from matching.engine.suitability import Suitability, judge_volunteers
from matching.engine.travel import IntArray

EFFORT = 12
"""Plans that are made for one request, at most."""

LOCK_PLANS = 2
FEWEST_PLANS = 5
"""One without a change, two to force the request in, and two changes."""

FINE_TIME_S = 300
FINE_ROUTE_M = 50
"""A change that helped is made smaller until it is this close to one that does not."""

MAX_ABLE_INSIDE = 8


@dataclass(frozen=True)
class Trial:
    """A change that was applied, and what the new plan does with it.

    Parameters
    ----------
    change
        In the numbers of the problem.
    served
        Whether the new plan serves the request, and is worth no less than the one without the
        change (a `Lock` may cost).
    value_gain_m, weight_gain
        New plan minus old plan: metres, and weight of the requests served.
    gained, displaced
        Requests that only the new plan serves, the explained one among them; and requests that
        only the old plan serves.
    possible
        False when no plan fits the change: locks that cannot be kept.
    """

    change: Change
    served: bool
    value_gain_m: float
    weight_gain: float
    gained: tuple[int, ...]
    displaced: tuple[int, ...]
    possible: bool = True


@dataclass(frozen=True)
class Explanation:
    """Why one request is left, and what would change that.

    Parameters
    ----------
    request
        Index.
    reason
        The main reason.
    funnel
        Where the volunteers drop out.
    trials
        Every change that was tried, in that order.
    served_again
        True when planning the surroundings again serves the request without any change: the plan
        has room for improvement there.
    replanned
        Volunteers who were planned again; 0 when nothing was tried.
    whole
        True when that was the whole problem.
    """

    request: int
    reason: Reason
    funnel: Funnel
    trials: tuple[Trial, ...]
    served_again: bool
    replanned: int
    whole: bool

    @property
    def smallest(self) -> Trial | None:
        """The smallest change that serves the request and takes no help from anybody, or None."""
        useful = [
            trial for trial in self.trials if trial.served and not isinstance(trial.change, Lock)
        ]
        return min(useful, key=lambda trial: trial.change.size_min, default=None)

    @property
    def lock(self) -> Trial | None:
        """What it would cost to force the request into the plan; None when nobody could do it."""
        found = (trial for trial in self.trials if isinstance(trial.change, Lock))
        return next((trial for trial in found if trial.possible), None)


def unserved_requests(problem: Problem, solution: Solution) -> IntArray:
    """(u,) int64, requests that no route visits, ascending."""
    left = np.ones(len(problem.requests), np.bool_)
    for route in solution.routes:
        left[list(route.requests)] = False
    return np.flatnonzero(left).astype(np.int64)


def explain(
    problem: Problem,
    solution: Solution,
    requests: Sequence[int] | None = None,
    *,
    effort: int = EFFORT,
    solver: Solver | None = None,
    stop: Stop | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Explanation, ...]:
    """Say why requests are left, and find the smallest change that would serve each.

    Parameters
    ----------
    problem, solution
        The problem and its plan.
    requests
        Indices of requests that the plan leaves; None takes all of them.
    effort
        Plans that are made for one request at most, `FEWEST_PLANS` or more; 0 makes none, so
        that only the funnel is told.
    solver
        Makes the new plans; `matching.engine.solve.solve` with the seed of the solution unless
        told otherwise. The same problem must give it the same plan.
    stop
        When reached, no further change is tried: the remaining requests are explained by their
        funnel alone.
    progress
        Called with 1 after each request.

    Returns
    -------
    tuple of Explanation
        In the order of ``requests``. Same problem, solution and effort: same answer, unless the
        stop was reached.

    Raises
    ------
    ValueError
        When a request is served, or the effort is between 0 and `FEWEST_PLANS`.
    """
    if effort and effort < FEWEST_PLANS:
        raise ValueError(f"effort must be 0, or {FEWEST_PLANS} or more, not {effort}")
    left = unserved_requests(problem, solution)
    chosen = left.tolist() if requests is None else [int(request) for request in requests]
    for request in chosen:
        if request not in left:
            raise ValueError(f"request {request} is served, or there is none of that number")
    solver = solver or solver_like(solution)
    explainer = _Explainer(problem, solution, effort, solver, stop or Stop())
    told = []
    for request in chosen:
        told.append(explainer.explain(request))
        if progress is not None:
            progress(1)
    return tuple(told)


def solver_like(solution: Solution) -> Solver:
    """`solve` with the seed of a solution."""
    seed = solution.certificate.seed

    def solve_again(problem: Problem) -> Solution:
        return solve(problem, seed=seed)

    return solve_again


class _Explainer:
    """What the explanations of one plan share."""

    def __init__(
        self, problem: Problem, solution: Solution, effort: int, solver: Solver, stop: Stop
    ) -> None:
        self.problem = problem
        self.stop = stop
        self.effort = effort
        self.seating = Seating(problem, solution)
        self.funnels = FunnelMaker(problem, solution)
        self.replanner = Replanner(problem, solution, solver)
        self.served = np.setdiff1d(
            np.arange(len(problem.requests)), unserved_requests(problem, solution)
        )

    def explain(self, request: int) -> Explanation:
        who = judge_volunteers(self.problem, request)
        funnel = self.funnels.count(who)
        reason = funnel.reason
        assert reason is not None  # the funnels know the plan
        told = Explanation(request, reason, funnel, (), False, 0, False)
        if not self.effort or self.stop.reached():
            return told
        most = self.effort - 1 - LOCK_PLANS
        proposals = propose_changes(self.problem, who, self.seating, self.served)
        tries = select_tries(proposals, most)
        scope = self.replanner.find_scope(request, _people(who, tries))
        base = self.replanner.plan_base(scope)
        told = replace(told, replanned=len(scope.volunteers), whole=scope.whole)
        if request in base.served:
            return replace(told, served_again=True)
        case = _Case(request, who, scope, base)
        trials = self._try_changes(case, tries, most)
        lock = None if self.stop.reached() else self._try_lock(case)
        return replace(told, trials=(*trials, *(() if lock is None else (lock,))))

    def _try_changes(self, case: _Case, tries: Sequence[Proposal], most: int) -> list[Trial]:
        """The smallest first until one helps; then smaller ones of its kind."""
        trials: list[Trial] = []
        for proposal in tries:
            if self.stop.reached():
                return trials
            trials.append(self._try(case, proposal.change))
            if trials[-1].served:
                break
        helped = trials[-1] if trials and trials[-1].served else None
        while helped is not None and len(trials) < most and not self.stop.reached():
            failed = [trial.change for trial in trials if not trial.served]
            smaller = _halve(helped.change, failed, self._least_route_m(case, helped.change))
            if smaller is None:
                break
            trials.append(self._try(case, smaller))
            if trials[-1].served:
                helped = trials[-1]
        return trials

    def _least_route_m(self, case: _Case, change: Change) -> int:
        """Metres that a volunteer's route lacks for this one visit: less is never enough."""
        if not isinstance(change, LongerReach):
            return 0
        way_m = int(case.who.out_m[change.volunteer] + case.who.back_m[change.volunteer])
        return max(0, way_m - int(self.problem.volunteers.max_route_m[change.volunteer]))

    def _try(self, case: _Case, change: Change) -> Trial:
        base = case.base
        try:
            plan = self.replanner.plan_with(case.scope, change)
        except InvalidProblem:
            return Trial(change, False, 0.0, 0.0, (), (), possible=False)
        costless = plan.value >= base.value - NOISE_M or isinstance(change, Lock)
        return Trial(
            change=change,
            served=case.request in plan.served and costless,
            value_gain_m=plan.value - base.value,
            weight_gain=plan.weight - base.weight,
            gained=tuple(sorted(plan.served - base.served)),
            displaced=tuple(sorted(base.served - plan.served)),
        )

    def _try_lock(self, case: _Case) -> Trial | None:
        """Make the request outweigh all others, see who serves it, and lock it to them."""
        table = self.problem.requests
        able = np.intersect1d(np.flatnonzero(case.who.able), case.scope.volunteers)
        chances = self.problem.volunteers.accept_p[able]
        likely = chances[chances > 0]
        if len(likely) == 0 or len(able) < table.crew_size[case.request]:
            return None
        part = case.scope.problem
        at = int(np.searchsorted(case.scope.requests, case.request))
        weight = part.requests.weight.copy()
        weight[at] = table.crew_size[case.request] * (weight.sum() + 1) / float(likely.min())
        heavy = replace(part, requests=replace(part.requests, weight=weight))
        plan = self.replanner.plan(case.scope, heavy)
        crew = tuple(
            sorted(
                int(case.scope.volunteers[route.volunteer])
                for route in plan.routes
                if at in route.requests
            )
        )
        return self._try(case, Lock(case.request, crew)) if crew else None


@dataclass(frozen=True, eq=False)
class _Case:
    """One request, who could serve it, what is planned again, and the plan without a change."""

    request: int
    who: Suitability
    scope: Scope
    base: Replan


def _people(who: Suitability, tries: Sequence[Proposal]) -> IntArray:
    """Volunteers who have to be in the scope: those who change, and the nearest who are able."""
    able = np.flatnonzero(who.able)
    able = able[np.argsort(who.out_s[able], kind="stable")[:MAX_ABLE_INSIDE]]
    changing = [one.change.volunteer for one in tries if isinstance(one.change, LongerReach)]
    apt = np.flatnonzero(who.fitting & who.in_reach)
    apt = apt[np.argsort(who.out_s[apt], kind="stable")[:MAX_ABLE_INSIDE]]
    return np.unique(np.concatenate([able, apt, np.array(changing, np.int64)])).astype(np.int64)


def _halve(change: Change, failed: Sequence[Change], least_route_m: int) -> Change | None:
    """The middle between a change that helped and the largest alike that did not; None if close.

    Reach from home needs no search: it is exactly the way there, and less is never enough.
    """
    if isinstance(change, MoreTime):
        return _halve_time(change, failed)
    if not isinstance(change, LongerReach) or not change.extra_route_m:
        return None
    below_m = [
        other.extra_route_m
        for other in failed
        if isinstance(other, LongerReach)
        and replace(other, extra_route_m=change.extra_route_m) == change
        and other.extra_route_m < change.extra_route_m
    ]
    floor_m = max([least_route_m, *below_m])
    if change.extra_route_m - floor_m <= FINE_ROUTE_M:
        return None
    return replace(change, extra_route_m=(change.extra_route_m + floor_m) // 2)


def _halve_time(change: MoreTime, failed: Sequence[Change]) -> MoreTime | None:
    """Between windows that end (or begin) at the same moment."""
    alike = [other for other in failed if isinstance(other, MoreTime)]
    later = [
        other for other in alike if other.open_s == change.open_s and other.close_s < change.close_s
    ]
    earlier = [
        other for other in alike if other.close_s == change.close_s and other.open_s > change.open_s
    ]
    for others in (later, earlier):
        if not others:
            continue
        below = max(others, key=lambda other: other.extra_s)
        if change.extra_s - below.extra_s <= FINE_TIME_S:
            return None
        return MoreTime(
            change.request,
            (change.open_s + below.open_s) // 2,
            (change.close_s + below.close_s) // 2,
            (change.extra_s + below.extra_s) // 2,
        )
    return None
