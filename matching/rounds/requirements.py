"""What requests need and volunteers have, by name; each name becomes a bit of the engine.

Besides skills and tools these are checks (``vetting:waiver``), consents of guardians
(``guardian:snow``), adults who come along (``adult:snow``), teams (``team:2``) and tools that are
all lent (``stock:shovel``). A name that everybody has is left out.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from matching.availability import Weekly, expand_availability
from matching.engine.travel import FloatArray, IntArray
from matching.imports.fields import parse_weekly
from matching.models import HelpRequest, Volunteer
from matching.rounds.ground import Ground, straight_reach_m
from matching.rounds.inputs import RoundInputs
from matching.volunteering.clearance import STOCK, TEAM
from matching.volunteering.days import Span, VolunteerDays
from matching.volunteering.lending import Hands, Job, Lending, Shelf, choose_loans
from matching.volunteering.tools_repository import StockRow

NEAREST = 6
"""Volunteers with a tool, and as many without it, who are looked at for one request."""


@dataclass(frozen=True, eq=False)
class Scene:
    """The rows of a round, and who could do what, roughly.

    Parameters
    ----------
    free
        (n,) whether nobody holds a place in the request's crew yet.
    home_xy_m
        (m, 2) float64, where each volunteer starts from.
    """

    inputs: RoundInputs
    requests: Sequence[HelpRequest]
    days: Sequence[VolunteerDays]
    free: Sequence[bool]
    held: frozenset[tuple[int, int]]
    ground: Ground
    home_xy_m: FloatArray
    spans_s: Sequence[Sequence[tuple[int, int]]]
    banned: frozenset[tuple[int, int]]
    depot_xy_m: Mapping[UUID, FloatArray]

    @property
    def volunteers(self) -> Sequence[Volunteer]:
        """In the order of the problem."""
        return self.inputs.volunteers

    def find_doable(self, volunteer: int) -> tuple[IntArray, FloatArray]:
        """Requests in reach of a volunteer, nearest first, and their distance."""
        return self.ground.find_doable(
            self.home_xy_m[volunteer],
            straight_reach_m(self.volunteers[volunteer]),
            self.spans_s[volunteer],
        )


@dataclass
class Requirements:
    """Names that requests need and volunteers have, and the size of each crew.

    Parameters
    ----------
    crew_size
        Volunteers whom the plan looks for; a team that comes as one counts as one.
    barred
        (volunteer, request) by index: not cleared to join a crew that has begun to form.
    loans
        (volunteer, ability): tools that the plan reckons with.
    """

    needs: list[set[str]]
    has: list[set[str]]
    crew_size: list[int]
    barred: set[tuple[int, int]] = field(default_factory=set)
    loans: frozenset[tuple[int, str]] = frozenset()
    loans_proven: bool = True


def find_requirements(scene: Scene) -> Requirements:
    """Work out what everybody needs and has, in the order: crews, checks, teams, tools."""
    found = Requirements(
        needs=[
            {need.ability.code for need in row.needs} if free else set()
            for row, free in zip(scene.requests, scene.free, strict=True)
        ],
        has=[
            {held.ability.code for held in row.person.abilities}
            | scene.inputs.borrowed.get(row.id, frozenset())
            for row in scene.volunteers
        ],
        crew_size=_find_crew_sizes(scene),
    )
    _add_clearance(scene, found)
    _add_teams(scene, found)
    _add_loans(scene, found)
    return found


def _find_crew_sizes(scene: Scene) -> list[int]:
    """How many the plan still looks for: a held team is one, whoever is not here is none."""
    works = {(work.volunteer_id, work.request_id): work for work in scene.inputs.held}
    locked: dict[int, int] = defaultdict(int)
    more: dict[int, int] = defaultdict(int)
    for i, j in scene.held:
        volunteer, request = scene.volunteers[i], scene.requests[j]
        work = works[volunteer.id, request.id]
        fills = work.seats if work.accepted else min(team_size(volunteer), request.crew_size)
        locked[j] += 1
        more[j] += fills - 1
    gone = scene.inputs.gone_seats
    return [
        max(row.crew_size - more[j] - gone.get(row.id, 0), locked[j], 1)
        for j, row in enumerate(scene.requests)
    ]


def _add_clearance(scene: Scene, found: Requirements) -> None:
    """Checks and consents that at least one volunteer lacks."""
    rules, clearances = scene.inputs.rules, scene.inputs.clearances
    by_kind: dict[str, list[int]] = defaultdict(list)
    for j, row in enumerate(scene.requests):
        by_kind[row.kind.value].append(j)
    for kind, requests in by_kind.items():
        required = scene.inputs.required_vetting.get(kind, frozenset())
        gaps = [
            frozenset(clearances[row.id].find_gaps(kind, rules, required))
            if row.id in clearances
            else frozenset()
            for row in scene.volunteers
        ]
        lacked = frozenset().union(*gaps)
        for names, missing in zip(found.has, gaps, strict=True):
            names |= lacked - missing
        for j in requests:
            if scene.free[j]:
                found.needs[j] |= lacked
            else:
                found.barred |= {
                    (i, j) for i, gap in enumerate(gaps) if gap and (i, j) not in scene.held
                }


def team_size(row: Volunteer) -> int:
    """How many come along with a volunteer."""
    return 1 if row.team is None else row.team.size


def _add_teams(scene: Scene, found: Requirements) -> None:
    """Let a team be the whole crew of a request, where one of that size could go.

    Such a request is then for teams of that size alone; the heaviest crews choose first, and no
    team is counted on for more of them than it has room for.
    """
    teams = [i for i, row in enumerate(scene.volunteers) if team_size(row) > 1]
    crews = [j for j, size in enumerate(found.crew_size) if size > 1 and scene.free[j]]
    if not teams or not crews:
        return
    room = {i: scene.days[i].room - sum(at == i for at, _ in scene.held) for i in teams}
    reach: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for i in teams:
        for j, distance_m in zip(*scene.find_doable(i), strict=True):
            reach[int(j)].append((float(distance_m), i))
    for j in sorted(crews, key=lambda j: (-scene.requests[j].weight, j)):
        size = found.crew_size[j]
        able = [
            i
            for _, i in sorted(reach[j])
            if team_size(scene.volunteers[i]) >= size
            and room[i] > 0
            and (i, j) not in scene.banned
            and found.needs[j] <= found.has[i]
        ]
        if not able:
            continue
        room[able[0]] -= 1
        name = f"{TEAM}:{size}"
        found.needs[j].add(name)
        found.crew_size[j] = 1
        for i in teams:
            if team_size(scene.volunteers[i]) >= size:
                found.has[i].add(name)


def _add_loans(scene: Scene, found: Requirements) -> None:
    """Lend tools of the depots to those who lack them, as far as the stock goes."""
    stocks = scene.inputs.stocks
    lendable = {row.ability for row in stocks}
    wanted = [j for j, names in enumerate(found.needs) if names & lendable]
    if not wanted:
        return
    hands = [
        Hands(
            has=frozenset(found.has[i]),
            room=scene.days[i].room,
            accept_p=row.accept_prior,
            shelves=_find_shelves(scene, i, stocks),
        )
        for i, row in enumerate(scene.volunteers)
    ]
    near = _find_near(scene, found, wanted, lendable)
    jobs = [
        Job(frozenset(found.needs[j]), scene.requests[j].weight, near[j], found.crew_size[j])
        for j in wanted
    ]
    shelves = [Shelf(row.ability, row.free) for row in stocks]
    lending = choose_loans(jobs, hands, shelves)
    found.loans = frozenset((i, stocks[shelf].ability) for i, shelf in lending.loans)
    found.loans_proven = lending.proven
    for i, ability in found.loans:
        found.has[i].add(ability)
    _rename_short(found, lending)


def _rename_short(found: Requirements, lending: Lending) -> None:
    """Tools of which there are too few go by a name that says so."""
    for ability in lending.short:
        for names in (*found.needs, *found.has):
            if ability in names:
                names.remove(ability)
                names.add(f"{STOCK}:{ability}")


def _find_near(
    scene: Scene, found: Requirements, wanted: Sequence[int], lendable: set[str]
) -> dict[int, tuple[int, ...]]:
    """For each request the nearest who could do it, with the tool and without it."""
    lists: dict[int, list[tuple[float, int]]] = {j: [] for j in wanted}
    for i in range(len(scene.volunteers)):
        for j, distance_m in zip(*scene.find_doable(i), strict=True):
            if int(j) in lists and (i, int(j)) not in scene.banned:
                lists[int(j)].append((float(distance_m), i))
    near = {}
    for j, found_at in lists.items():
        able = [i for _, i in sorted(found_at) if found.needs[j] - lendable <= found.has[i]]
        owners = [i for i in able if found.needs[j] <= found.has[i]][:NEAREST]
        others = [i for i in able if not found.needs[j] <= found.has[i]][:NEAREST]
        near[j] = (*owners, *others)
    return near


def _find_shelves(scene: Scene, volunteer: int, stocks: Sequence[StockRow]) -> tuple[int, ...]:
    """Stocks in depots that a volunteer could reach while they are open, nearest first."""
    inputs, windows = scene.inputs, scene.days[volunteer].windows
    if not windows:
        return ()
    span = Span(inputs.horizon.start_at, windows[-1][1], inputs.zone)
    reach_m, found = inputs.rules.depot_reach_m, []
    for number, row in enumerate(stocks):
        distance_m = float(np.hypot(*(scene.depot_xy_m[row.depot_id] - scene.home_xy_m[volunteer])))
        if distance_m <= reach_m and is_open(row.hours, span):
            found.append((distance_m, number))
    return tuple(number for _, number in sorted(found))


@functools.lru_cache(maxsize=4096)
def is_open(hours: tuple[str, ...], span: Span) -> bool:
    """Whether a depot opens at some time of a span; no hours at all mean always."""
    if not hours:
        return True
    rules = [
        Weekly(day, opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
        for day, opens, closes in parse_weekly("hours", "|".join(hours))
    ]
    return bool(
        expand_availability(
            [], rules, starts_at=span.starts_at, ends_at=span.ends_at, zone=span.zone
        )
    )
