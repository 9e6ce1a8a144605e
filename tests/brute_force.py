"""The true answer for tiny problems, by trying everything. Slow, simple, and nobody's friend.

Every day plan of every volunteer is listed (each order of each set of requests, spread over the
shifts in each way), then volunteers are combined one after the other. Use it for six requests and
four volunteers at the most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matching.engine.problem import Problem
from matching.engine.solution import Prices

NO_WAY = 1 << 40


@dataclass(frozen=True)
class DayPlan:
    """What one volunteer does: (shift, request, start second) of each visit, and its value."""

    visits: tuple[tuple[int, int, int], ...]
    value: float


@dataclass(frozen=True)
class Answer:
    """The best value and one way to reach it, a day plan for each volunteer."""

    value: float
    plans: tuple[DayPlan, ...]


def agreed_starts(problem: Problem, request: int) -> list[int]:
    """Moments at which a crew may start: second by second, as the definition says."""
    step_s, service_s = (
        problem.objective.crew_start_step_s,
        int(problem.requests.service_s[request]),
    )
    found = set()
    for opens, closes in problem.requests.windows(request):
        for moment in range(opens, closes - service_s + 1):
            if moment == opens or moment % step_s == 0:
                found.add(moment)
    return sorted(found)


def list_day_plans(problem: Problem, volunteer: int) -> list[DayPlan]:
    """Every day plan that keeps every rule of the volunteer, the empty one among them.

    Single visits start as early as they can: waiting is free, so later never helps. Crew visits
    are listed for every agreed start.
    """
    world = _World(problem, volunteer)
    plans = []
    for visits in world.extend((), 0, world.shifts[0][0] if world.shifts else 0):
        value = world.value_of(visits)
        if value is not None:
            plans.append(DayPlan(visits, value))
    return plans


class _World:
    def __init__(self, problem: Problem, volunteer: int) -> None:
        volunteers, requests = problem.volunteers, problem.requests
        self.problem, self.volunteer = problem, volunteer
        self.shifts = volunteers.shifts(volunteer)
        places = np.arange(len(volunteers) + len(requests))
        model = problem.travel[int(volunteers.mode[volunteer])]
        self.seconds, self.metres = model.legs(places[:, None], places[None, :])
        self.first = len(volunteers)
        self.allowed = [j for j in range(len(requests)) if self._is_allowed(j)]
        self.starts = {j: agreed_starts(problem, j) for j in self.allowed}
        pairs = problem.preferred.tolist()
        self.bonus = {j: problem.bonus_m[at] for at, (i, j) in enumerate(pairs) if i == volunteer}
        self.locked = {j for i, j in problem.locked.tolist() if i == volunteer}

    def _is_allowed(self, j: int) -> bool:
        volunteers, requests, i = self.problem.volunteers, self.problem.requests, self.volunteer
        if [i, j] in self.problem.banned.tolist():
            return False
        if requests.skills[j] & ~volunteers.skills[i]:
            return False
        if requests.languages[j] and not requests.languages[j] & volunteers.languages[i]:
            return False
        seconds, metres = self.seconds[i, self.first + j], self.metres[i, self.first + j]
        return bool(
            seconds < NO_WAY
            and seconds <= volunteers.max_travel_s[i]
            and metres <= volunteers.max_travel_m[i]
        )

    def extend(
        self, visits: tuple[tuple[int, int, int], ...], shift: int, ready_s: int
    ) -> Iterator[tuple[tuple[int, int, int], ...]]:
        """Every way to go on, shift by shift; the limits are looked at when a plan is valued."""
        yield visits
        if len(visits) >= self.problem.volunteers.max_tasks[self.volunteer]:
            return
        for later in range(shift, len(self.shifts)):
            same = bool(visits) and visits[-1][0] == later
            place = self.first + visits[-1][1] if same else self.volunteer
            since_s = ready_s if same else self.shifts[later][0]
            for j in self.allowed:
                if j in {visit[1] for visit in visits}:
                    continue
                arrival_s = since_s + int(self.seconds[place, self.first + j])
                for start_s in self._list_starts(j, arrival_s):
                    end_s = start_s + int(self.problem.requests.service_s[j])
                    if end_s <= self.shifts[later][1]:
                        yield from self.extend((*visits, (later, j, start_s)), later, end_s)

    def _list_starts(self, j: int, arrival_s: int) -> list[int]:
        if self.problem.requests.crew_size[j] > 1:
            return [start_s for start_s in self.starts[j] if start_s >= arrival_s]
        service_s = int(self.problem.requests.service_s[j])
        early = [
            max(opens, arrival_s)
            for opens, closes in self.problem.requests.windows(j)
            if max(opens, arrival_s) + service_s <= closes
        ]
        return [min(early)] if early else []

    def value_of(self, visits: tuple[tuple[int, int, int], ...]) -> float | None:
        """The value of a plan in metres; None when it breaks a limit or leaves out locked work."""
        problem, i = self.problem, self.volunteer
        volunteers, requests, objective = problem.volunteers, problem.requests, problem.objective
        if not self.locked <= {j for _, j, _ in visits}:
            return None
        total_m, work_s = 0, sum(int(requests.service_s[j]) for _, j, _ in visits)
        for shift in {visit[0] for visit in visits}:
            stops = [(j, start_s) for at, j, start_s in visits if at == shift]
            chain = [i, *(self.first + j for j, _ in stops), i]
            legs = list(pairwise(chain))
            seconds = [int(self.seconds[leg]) for leg in legs]
            metres = sum(int(self.metres[leg]) for leg in legs)
            last, start_s = stops[-1]
            home_s = start_s + int(requests.service_s[last]) + seconds[-1]
            if home_s > self.shifts[shift][1] or metres > volunteers.max_route_m[i]:
                return None
            total_m, work_s = total_m + metres, work_s + sum(seconds)
        if work_s > volunteers.max_work_s[i]:
            return None
        value = -objective.travel_cost * total_m
        for k, (_, j, _) in enumerate(visits):
            share = requests.weight[j] / requests.crew_size[j]
            value += share * volunteers.accept_p[i] * objective.value_m_per_weight
            value += self.bonus.get(j, 0.0) - objective.load_cost_m * (volunteers.load[i] + k)
        return float(value)


def find_best_plan(problem: Problem) -> Answer | None:
    """The best plan of all; None when locked work cannot be kept."""
    m, n = len(problem.volunteers), len(problem.requests)
    assert n <= 6, "too many requests for brute force"
    assert m <= 4, "too many volunteers for brute force"
    options = [_keep_best_of_each(problem, list_day_plans(problem, i)) for i in range(m)]
    crews = {j for j in range(n) if problem.requests.crew_size[j] > 1}
    # A state says who is served so far: the singles, and the crew members at each start.
    states: dict[frozenset[tuple[int, int, int]], Answer] = {frozenset(): Answer(0.0, ())}
    for choices in options:
        reached: dict[frozenset[tuple[int, int, int]], Answer] = {}
        for state, answer in states.items():
            for plan in choices:
                joined = _join(problem, state, plan, crews)
                if joined is None:
                    continue
                value = answer.value + plan.value
                if joined not in reached or value > reached[joined].value:
                    reached[joined] = Answer(value, (*answer.plans, plan))
        states = reached
    complete = [
        answer
        for state, answer in states.items()
        if all(count == problem.requests.crew_size[j] for j, _, count in state)
    ]
    return max(complete, key=lambda answer: answer.value, default=None)


def _keep_best_of_each(problem: Problem, plans: list[DayPlan]) -> list[DayPlan]:
    """Of plans that do the same for the rest of the world, the best one."""
    best: dict[frozenset[tuple[int, int]], DayPlan] = {}
    for plan in plans:
        effect = frozenset(
            (j, start_s if problem.requests.crew_size[j] > 1 else -1)
            for _, j, start_s in plan.visits
        )
        if effect not in best or plan.value > best[effect].value:
            best[effect] = plan
    return list(best.values())


def _join(
    problem: Problem, state: frozenset[tuple[int, int, int]], plan: DayPlan, crews: set[int]
) -> frozenset[tuple[int, int, int]] | None:
    """The state after a plan; None when it serves somebody twice or at two moments."""
    served = {j: (start_s, count) for j, start_s, count in state}
    for _, j, start_s in plan.visits:
        moment = start_s if j in crews else -1
        before, count = served.get(j, (moment, 0))
        if before != moment or count >= problem.requests.crew_size[j]:
            return None
        served[j] = (moment, count + 1)
    return frozenset((j, start_s, count) for j, (start_s, count) in served.items())


def find_best_net_value(problem: Problem, volunteer: int, prices: Prices) -> float | None:
    """The most that a volunteer can earn after paying the price of each visit; None if no plan."""
    crew_price = {
        (j, start_s): price
        for j, members in prices.crew
        for start_s, price in zip(agreed_starts(problem, j), members, strict=True)
    }
    nets = [
        plan.value
        - sum(crew_price.get((j, start_s), prices.request[j]) for _, j, start_s in plan.visits)
        for plan in list_day_plans(problem, volunteer)
    ]
    return float(max(nets)) if nets else None
