"""The rules that a plan must keep, one small function each. Nothing here knows a solver."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Problem, crew_starts
from matching.engine.solution import Route, Solution
from matching.engine.travel import UNREACHABLE


@dataclass(frozen=True)
class Violation:
    """A rule that the plan breaks, where, and how.

    Parameters
    ----------
    constraint
        The name of the rule, for example ``time_window``.
    message
        One sentence with ids and amounts.
    volunteer, request
        Ids of whom it concerns, where there is one.
    """

    constraint: str
    message: str
    volunteer: str | None = None
    request: str | None = None


@dataclass(frozen=True)
class Trip:
    """A route with everything that the rules look at.

    Parameters
    ----------
    route
        The route as stated, all indices known.
    name
        How messages call it.
    volunteer, requests
        Ids.
    leg_s, leg_m
        ``k + 1`` seconds and metres: home to the first stop, ..., the last stop to home.
    home_s, home_m
        ``k`` seconds and metres from home straight to each stop.
    """

    route: Route
    name: str
    volunteer: str
    requests: tuple[str, ...]
    leg_s: tuple[int, ...]
    leg_m: tuple[int, ...]
    home_s: tuple[int, ...]
    home_m: tuple[int, ...]


Rule = Callable[[Problem, Sequence[Trip]], Iterator[Violation]]


def find_malformed_routes(problem: Problem, solution: Solution) -> dict[int, list[Violation]]:
    """Routes that the other rules cannot read: unknown indices, no stop, stops without a time."""
    found: dict[int, list[Violation]] = {}
    n_volunteers, n_requests = len(problem.volunteers), len(problem.requests)
    for number, route in enumerate(solution.routes):
        name, problems = f"route {number + 1}", []
        if not 0 <= route.volunteer < n_volunteers:
            text = f"{name}: the problem has no volunteer number {route.volunteer}."
            problems.append(Violation("known_ids", text))
        elif not 0 <= route.shift < len(problem.volunteers.shifts(route.volunteer)):
            who = problem.volunteers.ids[route.volunteer]
            text = f"{name}: volunteer {who!r} has no shift number {route.shift}."
            problems.append(Violation("known_ids", text, who))
        problems.extend(
            Violation("known_ids", f"{name}: the problem has no request number {request}.")
            for request in route.requests
            if not 0 <= request < n_requests
        )
        if not route.requests:
            problems.append(Violation("route_not_empty", f"{name} visits nobody."))
        if len(route.start_s) != len(route.requests):
            text = f"{name} has {len(route.requests)} stops but {len(route.start_s)} start times."
            problems.append(Violation("stop_times", text))
        if problems:
            found[number] = problems
    return found


def lay_out_trips(problem: Problem, routes: Sequence[tuple[int, Route]]) -> list[Trip]:
    """Look up all legs of all routes at once, one call for each travel model."""
    by_mode: dict[int, list[tuple[int, Route]]] = defaultdict(list)
    for number, route in routes:
        by_mode[int(problem.volunteers.mode[route.volunteer])].append((number, route))
    first_request, trips = len(problem.volunteers), []
    for mode, members in sorted(by_mode.items()):
        stops = [[first_request + int(j) for j in route.requests] for _, route in members]
        homes = [int(route.volunteer) for _, route in members]
        chains = [[home, *stop, home] for home, stop in zip(homes, stops, strict=True)]
        origin = np.array([place for chain in chains for place in chain[:-1]], np.int64)
        target = np.array([place for chain in chains for place in chain[1:]], np.int64)
        home = np.repeat(np.array(homes, np.int64), [len(chain) - 1 for chain in chains])
        leg_s, leg_m = problem.travel[mode].legs(origin, target)
        home_s, home_m = problem.travel[mode].legs(home, target)
        at = 0
        for (number, route), chain in zip(members, chains, strict=True):
            legs, visits = slice(at, at + len(chain) - 1), slice(at, at + len(chain) - 2)
            at += len(chain) - 1
            who = problem.volunteers.ids[route.volunteer]
            trips.append(
                Trip(
                    route=route,
                    name=f"route {number + 1} of volunteer {who!r}",
                    volunteer=who,
                    requests=tuple(problem.requests.ids[j] for j in route.requests),
                    leg_s=tuple(leg_s[legs].tolist()),
                    leg_m=tuple(leg_m[legs].tolist()),
                    home_s=tuple(home_s[visits].tolist()),
                    home_m=tuple(home_m[visits].tolist()),
                )
            )
    return trips


def check_reachable(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Every leg has a known way."""
    for trip in trips:
        chain = ("home", *trip.requests, "home")
        for at, (seconds, metres) in enumerate(zip(trip.leg_s, trip.leg_m, strict=True)):
            if max(seconds, metres) >= UNREACHABLE:
                text = f"{trip.name}: no way is known from {chain[at]} to {chain[at + 1]}."
                yield Violation("reachable", text, trip.volunteer)


def check_one_route_per_shift(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """A shift holds at most one route."""
    counts = Counter((trip.volunteer, trip.route.shift) for trip in trips)
    for (who, shift), count in counts.items():
        if count > 1:
            text = f"volunteer {who!r} has {count} routes in shift {shift}; one is allowed."
            yield Violation("one_route_per_shift", text, who)


def check_one_visit(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """A volunteer visits a request at most once."""
    counts = Counter((trip.volunteer, request) for trip in trips for request in trip.requests)
    for (who, request), count in counts.items():
        if count > 1:
            text = f"volunteer {who!r} visits request {request!r} {count} times; once is allowed."
            yield Violation("one_visit", text, who, request)


def check_arrival(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Work starts at or after the arrival; the first leg leaves home when the shift starts."""
    for trip in trips:
        shift_start_s, _ = problem.volunteers.shifts(trip.route.volunteer)[trip.route.shift]
        ready_s = shift_start_s
        for at, request in enumerate(trip.route.requests):
            start_s, arrival_s = trip.route.start_s[at], ready_s + trip.leg_s[at]
            if start_s < arrival_s:
                who, where = trip.volunteer, trip.requests[at]
                text = (
                    f"{trip.name}: work at request {where!r} starts at {start_s} s, "
                    f"{arrival_s - start_s} s before the earliest arrival."
                )
                yield Violation("arrival", text, who, where)
            ready_s = start_s + int(problem.requests.service_s[request])


def check_shift(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """The volunteer is back home when the shift ends."""
    for trip in trips:
        _, shift_end_s = problem.volunteers.shifts(trip.route.volunteer)[trip.route.shift]
        last = trip.route.requests[-1]
        service_s = int(problem.requests.service_s[last])
        home_s = trip.route.start_s[-1] + service_s + trip.leg_s[-1]
        if home_s > shift_end_s:
            text = f"{trip.name} is back home {home_s - shift_end_s} s after the shift has ended."
            yield Violation("shift", text, trip.volunteer)


def check_time_window(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """The whole job lies inside one window of the request."""
    for trip in trips:
        for at, request in enumerate(trip.route.requests):
            start_s = trip.route.start_s[at]
            end_s = start_s + int(problem.requests.service_s[request])
            windows = problem.requests.windows(request)
            if not any(opens <= start_s and end_s <= closes for opens, closes in windows):
                where = trip.requests[at]
                text = (
                    f"{trip.name}: request {where!r} is worked on from {start_s} s to {end_s} s, "
                    "which lies in none of its windows."
                )
                yield Violation("time_window", text, trip.volunteer, where)


def check_crews(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """A request gets its whole crew or nobody; a crew starts at one agreed moment."""
    visits: dict[int, dict[str, int]] = defaultdict(dict)
    for trip in trips:
        for at, request in enumerate(trip.route.requests):
            visits[request][trip.volunteer] = trip.route.start_s[at]
    for request, starts in sorted(visits.items()):
        where, size = problem.requests.ids[request], int(problem.requests.crew_size[request])
        if len(starts) != size:
            text = f"request {where!r} needs {size} volunteers and gets {len(starts)}."
            yield Violation("crew_size", text, None, where)
        if size == 1:
            continue
        if len(set(starts.values())) > 1:
            text = f"the crew of request {where!r} starts at {sorted(set(starts.values()))} s."
            yield Violation("crew_start", text, None, where)
        allowed = set(crew_starts(problem, request))
        for start_s in sorted(set(starts.values()) - allowed):
            text = f"the crew of request {where!r} starts at {start_s} s, no agreed clock time."
            yield Violation("crew_start", text, None, where)


def check_skills(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """The volunteer has every skill and tool that is asked for."""
    for trip in trips:
        has = int(problem.volunteers.skills[trip.route.volunteer])
        for request, where in zip(trip.route.requests, trip.requests, strict=True):
            missing = int(problem.requests.skills[request]) & ~has
            if missing:
                names = ", ".join(_name_bits(missing, problem.skill_names))
                text = f"volunteer {trip.volunteer!r} lacks {names} for request {where!r}."
                yield Violation("skills", text, trip.volunteer, where)


def check_languages(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """The volunteer has one of the languages that are asked for."""
    for trip in trips:
        has = int(problem.volunteers.languages[trip.route.volunteer])
        for request, where in zip(trip.route.requests, trip.requests, strict=True):
            asked = int(problem.requests.languages[request])
            if asked and not asked & has:
                names = " or ".join(_name_bits(asked, problem.language_names))
                text = f"volunteer {trip.volunteer!r} has no {names} for request {where!r}."
                yield Violation("languages", text, trip.volunteer, where)


def _name_bits(mask: int, names: tuple[str, ...]) -> list[str]:
    bits = [bit for bit in range(64) if mask >> bit & 1]
    return [names[bit] if bit < len(names) else f"bit {bit}" for bit in bits]


def check_banned(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """No banned pair meets."""
    banned = {(int(i), int(j)) for i, j in problem.banned}
    for trip in trips:
        for request, where in zip(trip.route.requests, trip.requests, strict=True):
            if (trip.route.volunteer, request) in banned:
                text = f"volunteer {trip.volunteer!r} is banned from request {where!r}."
                yield Violation("banned", text, trip.volunteer, where)


def check_locked(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Accepted work stays with whom it was promised to."""
    planned = {(trip.route.volunteer, request) for trip in trips for request in trip.route.requests}
    for i, j in problem.locked:
        if (int(i), int(j)) not in planned:
            who, where = problem.volunteers.ids[i], problem.requests.ids[j]
            text = f"request {where!r} is locked to volunteer {who!r}, who does not visit it."
            yield Violation("locked", text, who, where)


def check_max_tasks(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Visits of a volunteer over the whole horizon."""
    tasks: Counter[int] = Counter()
    for trip in trips:
        tasks[trip.route.volunteer] += len(trip.route.requests)
    for volunteer, count in tasks.items():
        limit = int(problem.volunteers.max_tasks[volunteer])
        if count > limit:
            who = problem.volunteers.ids[volunteer]
            text = f"volunteer {who!r} has {count} visits; {limit} are allowed."
            yield Violation("max_tasks", text, who)


def check_max_work(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Service and travel of a volunteer over the whole horizon."""
    work_s: Counter[int] = Counter()
    for trip in trips:
        service_s = sum(int(problem.requests.service_s[j]) for j in trip.route.requests)
        work_s[trip.route.volunteer] += service_s + sum(trip.leg_s)
    for volunteer, seconds in work_s.items():
        limit_s = int(problem.volunteers.max_work_s[volunteer])
        if seconds > limit_s:
            who = problem.volunteers.ids[volunteer]
            text = f"volunteer {who!r} works and travels {seconds} s; {limit_s} s are allowed."
            yield Violation("max_work", text, who)


def check_max_travel(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Each stop lies near enough to home, in seconds and in metres, one way."""
    for trip in trips:
        limit_s = int(problem.volunteers.max_travel_s[trip.route.volunteer])
        limit_m = int(problem.volunteers.max_travel_m[trip.route.volunteer])
        for where, seconds, metres in zip(trip.requests, trip.home_s, trip.home_m, strict=True):
            if seconds > limit_s or metres > limit_m:
                text = (
                    f"request {where!r} is {seconds} s and {metres} m from the home of volunteer "
                    f"{trip.volunteer!r}; {limit_s} s and {limit_m} m are allowed."
                )
                yield Violation("max_travel", text, trip.volunteer, where)


def check_max_route(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """Each route, home to home, is short enough."""
    for trip in trips:
        metres, limit_m = sum(trip.leg_m), int(problem.volunteers.max_route_m[trip.route.volunteer])
        if metres > limit_m:
            text = f"{trip.name} is {metres} m long; {limit_m} m are allowed."
            yield Violation("max_route", text, trip.volunteer)


def check_route_totals(problem: Problem, trips: Sequence[Trip]) -> Iterator[Violation]:
    """The stated seconds and metres of a route are those of its legs."""
    for trip in trips:
        stated, own = (
            (trip.route.travel_s, trip.route.travel_m),
            (sum(trip.leg_s), sum(trip.leg_m)),
        )
        if stated != own:
            text = (
                f"{trip.name} states {stated[0]} s and {stated[1]} m of travel; "
                f"its legs add up to {own[0]} s and {own[1]} m."
            )
            yield Violation("route_totals", text, trip.volunteer)


RULES: tuple[Rule, ...] = (
    check_reachable,
    check_one_route_per_shift,
    check_one_visit,
    check_arrival,
    check_shift,
    check_time_window,
    check_crews,
    check_skills,
    check_languages,
    check_banned,
    check_locked,
    check_max_tasks,
    check_max_work,
    check_max_travel,
    check_max_route,
    check_route_totals,
)
"""Every rule about routes, in the order of the report."""
