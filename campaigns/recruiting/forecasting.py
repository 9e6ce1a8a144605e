"""Whom a programme lacks most: newcomers are added to a round, and it is planned again.

Prices say where to look (`matching.engine.recruits`), plans say what it would bring. Those who
really come live anywhere in their neighbourhood, so a promise is the least of what several draws
of homes gave, and not the best. Pure: a problem in, targets out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.engine.changes import MoreVolunteers, Newcomer, add_volunteers
from matching.engine.problem import Problem
from matching.engine.recruits import Recruit, recruits
from matching.engine.scope import Scope, is_small, take_part, take_whole
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop

MOST_TRIED = 8
"""Neighbourhoods in which a newcomer is tried."""
MOST_TARGETS = 4
"""Few calls for help are heard, many are not."""
MOST_OF_A_KIND = 5
HOME_DRAWS = 3
"""Homes of newcomers: as tried, and drawn at random in their neighbourhood."""
PROMISED_SHARE = 0.9
"""Of the least that planning again gave: plans are not perfect, and two of them differ."""
PART_VOLUNTEERS, PART_OPEN = 24, 48
"""How much around a target is planned again to say what it brings alone."""

Solver = Callable[[Problem, int], Solution]
Kind = tuple[int, int, int, int]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Target:
    """Volunteers of one kind in one area, and what they would bring by themselves."""

    newcomers: tuple[Newcomer, ...]
    promised_count: int

    @property
    def kind(self) -> Kind:
        """Area, skills, languages, way of travelling."""
        return kind_of(self.newcomers[0])


@dataclass(frozen=True)
class Forecast:
    """What newcomers would bring to one round.

    Parameters
    ----------
    served_count, unserved_count
        Residents with and without help in the round as it is.
    targets
        What to look for, the most first.
    promised_count
        Residents more when all targets are met: less than the sum of the targets where they
        would serve the same homes.
    """

    served_count: int
    unserved_count: int
    targets: tuple[Target, ...]
    promised_count: int

    @property
    def volunteer_count(self) -> int:
        """Of all targets."""
        return sum(len(target.newcomers) for target in self.targets)

    @property
    def newcomers(self) -> list[Newcomer]:
        """Everybody who is looked for."""
        return [newcomer for target in self.targets for newcomer in target.newcomers]


@dataclass(frozen=True, eq=False)
class Ground:
    """A round to recruit for.

    Parameters
    ----------
    problem
        As the round kept it.
    residents
        Whose each request is, by its index: people are counted, and not requests.
    served_count
        Residents whom the round's own plan serves; a plan that is made again may serve fewer.
    """

    problem: Problem
    residents: Sequence[int]
    served_count: int = 0

    def count_served(self, solution: Solution) -> int:
        """Residents of whom a plan serves at least one request."""
        return len(self.people_of(request for r in solution.routes for request in r.requests))

    def people_of(self, requests: object) -> set[int]:
        """Whose some requests are."""
        return {self.residents[request] for request in requests}  # type: ignore[attr-defined]  # indices


def plan_with_seed(problem: Problem, seed: int) -> Solution:
    """The engine's plan."""
    return solve(problem, seed=seed)


def kind_of(newcomer: Newcomer) -> Kind:
    """What makes two newcomers alike: area, skills, languages, way of travelling."""
    return newcomer.area, newcomer.skills, newcomer.languages, newcomer.mode


def make_forecast(
    ground: Ground,
    *,
    most_volunteers: int,
    seed: int,
    solver: Solver = plan_with_seed,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Find whom to recruit, and what they would bring.

    Parameters
    ----------
    stop
        Nobody else is tried after it; what was found until then is promised and told.
    progress
        Called with steps done and steps in all.
    """
    stop = stop or Stop()
    steps = _Steps(2 + MOST_TARGETS * (MOST_OF_A_KIND + 1) + HOME_DRAWS, progress)
    base = solver(ground.problem, seed)
    served = max(ground.count_served(base), ground.served_count)
    steps.advance()
    tried = recruits(
        ground.problem, base, MOST_TRIED, solver=lambda part: solver(part, seed), stop=stop
    )
    steps.advance()
    alone = _Alone(ground, base, seed, solver)
    curves = []
    for newcomer in _pick_kinds(tried):
        curves.append(_grow(alone, newcomer, most_volunteers, stop, steps))
        steps.skip_to(2 + len(curves) * MOST_OF_A_KIND)
    steps.skip_to(2 + MOST_TARGETS * MOST_OF_A_KIND)
    targets = []
    for group in _share_out(curves, most_volunteers):
        promised = alone.promise(group)
        if promised > 0:
            targets.append(Target(tuple(group), promised))
        steps.advance()
    steps.skip_to(steps.total - HOME_DRAWS)
    targets.sort(key=lambda target: (-target.promised_count, len(target.newcomers), target.kind))
    together = 0
    if targets:
        together = _promise_together(
            ground, targets, served=served, seed=seed, solver=solver, steps=steps
        )
    steps.skip_to(steps.total)
    everybody = len(set(ground.residents))
    return Forecast(served, everybody - served, tuple(targets), together)


class _Steps:
    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total = total
        self.done = 0
        self._progress = progress

    def advance(self) -> None:
        self.skip_to(self.done + 1)

    def skip_to(self, done: int) -> None:
        self.done = min(max(self.done, done), self.total)
        if self._progress is not None:
            self._progress(self.done, self.total)


@dataclass(frozen=True)
class _Curve:
    """What one, two, three and more newcomers of a kind would bring."""

    newcomers: tuple[Newcomer, ...]
    gains: tuple[int, ...]
    """Residents more by the first, the first two, and so on."""


def _pick_kinds(tried: Sequence[Recruit]) -> list[Newcomer]:
    """The best newcomer of each of the neighbourhoods that gain most."""
    best: dict[int, Newcomer] = {}
    for one in sorted(tried, key=lambda one: (-one.served_more, -one.weight_gain)):
        if one.served_more > 0 and len(best) < MOST_TARGETS:
            best.setdefault(one.price.area, one.price.newcomer)
    return list(best.values())


def _grow(alone: _Alone, first: Newcomer, most: int, stop: Stop, steps: _Steps) -> _Curve:
    """Add newcomers of a kind to a neighbourhood for as long as each serves somebody more."""
    places = alone.list_places(first)
    newcomers: list[Newcomer] = []
    gains: list[int] = []
    while len(newcomers) < min(MOST_OF_A_KIND, most) and not stop.reached():
        place = places[len(newcomers) % len(places)]
        gain = alone.gain([*newcomers, replace(first, near_request=place)])
        steps.advance()
        if gain <= (gains[-1] if gains else 0):
            break
        newcomers.append(replace(first, near_request=place))
        gains.append(gain)
    return _Curve(tuple(newcomers), tuple(gains))


def _share_out(curves: Sequence[_Curve], most: int) -> list[list[Newcomer]]:
    """The next newcomer always goes where they bring most."""
    counts = [0] * len(curves)
    while sum(counts) < most:
        steps = [
            (curve.gains[count] - (curve.gains[count - 1] if count else 0), -at)
            for at, (curve, count) in enumerate(zip(curves, counts, strict=True))
            if count < len(curve.gains)
        ]
        if not steps:
            break
        counts[-max(steps)[1]] += 1
    return [
        list(curve.newcomers[:count]) for curve, count in zip(curves, counts, strict=True) if count
    ]


def draw_homes(
    problem: Problem, newcomers: Sequence[Newcomer], random: np.random.Generator
) -> list[Newcomer]:
    """The same newcomers, each beside a home that is drawn in their area."""
    areas = problem.requests.area
    moved = []
    for newcomer in newcomers:
        here = np.flatnonzero(areas == newcomer.area)
        moved.append(replace(newcomer, near_request=int(random.choice(here))))
    return moved


class _Alone:
    """Says what one group of newcomers brings, by planning their surroundings again."""

    def __init__(self, ground: Ground, base: Solution, seed: int, solver: Solver) -> None:
        self._ground = ground
        self._base = base
        self._seed = seed
        self._solver = solver

    def promise(self, group: Sequence[Newcomer]) -> int:
        """The least residents more of several draws of homes."""
        problem = self._ground.problem
        least = None
        for draw in range(HOME_DRAWS):
            random = np.random.default_rng([self._seed, draw, *kind_of(group[0])[1:]])
            homes = group if draw == 0 else draw_homes(problem, group, random)
            gain = self.gain(homes)
            least = gain if least is None else min(least, gain)
            if least <= 0:
                return 0
        return least or 0

    def list_places(self, first: Newcomer) -> list[int]:
        """Where newcomers of a kind would live: as tried, then beside open requests of the area.

        Each further one beside the open request that is furthest from those before.
        """
        problem, served = (
            self._ground.problem,
            {request for route in self._base.routes for request in route.requests},
        )
        m = len(problem.volunteers)
        here = np.array(
            [
                request
                for request in np.flatnonzero(problem.requests.area == first.area).tolist()
                if request not in served and request != first.near_request
            ],
            np.int64,
        )
        places = [first.near_request]
        away_m = np.full(len(here), np.inf)
        while len(places) < min(MOST_OF_A_KIND, len(here) + 1):
            last_m = problem.xy_m[m + places[-1]]
            away_m = np.minimum(away_m, np.hypot(*(problem.xy_m[m + here] - last_m).T))
            places.append(int(here[int(away_m.argmax())]))
        return places

    def gain(self, group: Sequence[Newcomer]) -> int:
        """Residents more with these newcomers, their surroundings planned again."""
        scope = self._scope(group)
        wider = scope.problem
        inside = [scope.inside(MoreVolunteers(newcomer)) for newcomer in self._within(scope, group)]
        wider = add_volunteers(
            wider, [one.newcomer for one in inside if isinstance(one, MoreVolunteers)]
        )
        plan = self._solver(wider, self._seed)
        before = self._served_in(scope)
        after = self._ground.people_of(
            int(scope.requests[request]) for route in plan.routes for request in route.requests
        )
        return len(after) - len(before)

    def _scope(self, group: Sequence[Newcomer]) -> Scope:
        problem = self._ground.problem
        if is_small(problem):
            return take_whole(problem)
        m = len(problem.volunteers)
        middle_m = np.mean([problem.xy_m[m + one.near_request] for one in group], axis=0)
        near = min(
            group,
            key=lambda one: float(np.hypot(*(problem.xy_m[m + one.near_request] - middle_m))),
        )
        return take_part(
            problem,
            self._base,
            near.near_request,
            np.zeros(0, np.int64),
            most_volunteers=PART_VOLUNTEERS,
            most_open=PART_OPEN,
        )

    def _within(self, scope: Scope, group: Sequence[Newcomer]) -> list[Newcomer]:
        """Newcomers beside a home of the part; those elsewhere move beside its nearest one."""
        problem, known = self._ground.problem, set(scope.requests.tolist())
        m = len(problem.volunteers)
        inside = []
        for one in group:
            near = one.near_request
            if near not in known:
                away_m = np.hypot(*(problem.xy_m[m + scope.requests] - problem.xy_m[m + near]).T)
                near = int(scope.requests[int(away_m.argmin())])
            inside.append(replace(one, near_request=near))
        return inside

    def _served_in(self, scope: Scope) -> set[int]:
        known: Collection[int] = set(scope.requests.tolist())
        return self._ground.people_of(
            request for route in self._base.routes for request in route.requests if request in known
        )


def _promise_together(
    ground: Ground,
    targets: Sequence[Target],
    *,
    served: int,
    seed: int,
    solver: Solver,
    steps: _Steps,
) -> int:
    """What all targets bring together: a little below the least of several draws."""
    newcomers = [newcomer for target in targets for newcomer in target.newcomers]
    least = sum(target.promised_count for target in targets)
    for draw in range(HOME_DRAWS):
        random = np.random.default_rng([seed, draw])
        homes = newcomers if draw == 0 else draw_homes(ground.problem, newcomers, random)
        plan = solver(add_volunteers(ground.problem, homes), seed + draw)
        least = min(least, ground.count_served(plan) - served)
        steps.advance()
    return max(math.floor(PROMISED_SHARE * least), 0)
