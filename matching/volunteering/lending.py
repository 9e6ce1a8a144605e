"""Which volunteers a round may reckon with as borrowers of tools: never more than are in stock.

Before the plan, so that the plan itself knows who has a tool. Each job that needs a tool is given
to at most as many volunteers as it needs, each volunteer takes as many jobs as there is room for,
and whoever lacks the tool must be lent one. The best such choice decides who borrows what; ways
and times are left to the plan. Pure: no database, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_JOBS = 300
SEARCH_LIMIT = 0.5
"""Units of the solver's own count of work, so that the same data give the same loans."""
CLOSE_ENOUGH = 0.005
"""A choice within this share of the best one that could be is good enough."""
VALUE_STEP = 1_000
"""Steps of one unit of weight in the solver's whole numbers."""


@dataclass(frozen=True)
class Shelf:
    """Tools of one kind in one depot."""

    ability: str
    free: int


@dataclass(frozen=True)
class Hands:
    """A volunteer.

    Parameters
    ----------
    shelves
        From where they could fetch something, by index.
    """

    has: frozenset[str]
    room: int
    accept_p: float
    shelves: tuple[int, ...] = ()


@dataclass(frozen=True)
class Job:
    """A request that needs a tool, of a shelf or of somebody who has it.

    Parameters
    ----------
    near
        Volunteers who could do it if they had what it needs, by index.
    """

    needs: frozenset[str]
    weight: float
    near: tuple[int, ...]
    crew_size: int = 1


@dataclass(frozen=True)
class Lending:
    """Who borrows what.

    Parameters
    ----------
    loans
        (volunteer, shelf) by index.
    short
        Abilities of which a volunteer would have taken one, had there been another.
    proven
        Whether no choice for the heaviest `MAX_JOBS` jobs is better by more than `CLOSE_ENOUGH`.
    """

    loans: frozenset[tuple[int, int]]
    short: frozenset[str]
    proven: bool = True


def choose_loans(jobs: Sequence[Job], hands: Sequence[Hands], shelves: Sequence[Shelf]) -> Lending:
    """Lend as many tools as are useful, where they serve the most weight."""
    # A job whose tool no shelf has takes the time of somebody who has one.
    useful = sorted((job for job in jobs if job.needs), key=lambda job: -job.weight)
    wanted = _find_wanted(useful, hands, shelves)
    asked = Counter(shelf for _, shelf in wanted)
    if all(count <= shelves[shelf].free for shelf, count in asked.items()):
        return _lend_to_all(wanted, shelves)
    heaviest = useful[:MAX_JOBS]
    loans, proven = _search(heaviest, hands, shelves, _find_wanted(heaviest, hands, shelves))
    # What the search leaves may still be of use; who has a tool need not be sent out.
    loans = _fill_up(loans, wanted, shelves)
    given = {(volunteer, shelves[shelf].ability) for volunteer, shelf in loans}
    rest = [shelf.free - sum(at == k for _, at in loans) for k, shelf in enumerate(shelves)]
    short = {
        shelves[shelf].ability
        for volunteer, shelf in wanted
        if (volunteer, shelves[shelf].ability) not in given
        and all(
            rest[other] <= 0
            for other in hands[volunteer].shelves
            if shelves[other].ability == shelves[shelf].ability
        )
    }
    return Lending(frozenset(loans), frozenset(short), proven)


def _find_wanted(
    jobs: Sequence[Job], hands: Sequence[Hands], shelves: Sequence[Shelf]
) -> list[tuple[int, int]]:
    """(volunteer, shelf) where the tool would let the volunteer do some job."""
    found = set()
    for job in jobs:
        for volunteer in job.near:
            one = hands[volunteer]
            missing = job.needs - one.has
            within = {shelves[shelf].ability for shelf in one.shelves}
            if one.room > 0 and missing <= within:
                found |= {
                    (volunteer, shelf) for shelf in one.shelves if shelves[shelf].ability in missing
                }
    return sorted(found)


def _lend_to_all(wanted: Sequence[tuple[int, int]], shelves: Sequence[Shelf]) -> Lending:
    """Enough for everybody: one of a kind each, from the first shelf."""
    first: dict[tuple[int, str], int] = {}
    for volunteer, shelf in wanted:
        first.setdefault((volunteer, shelves[shelf].ability), shelf)
    loans = {(volunteer, shelf) for (volunteer, _), shelf in first.items()}
    return Lending(frozenset(loans), frozenset())


def _search(
    jobs: Sequence[Job],
    hands: Sequence[Hands],
    shelves: Sequence[Shelf],
    wanted: Sequence[tuple[int, int]],
) -> tuple[set[tuple[int, int]], bool]:
    """The best choice, by CP-SAT; and whether it is proven."""
    from ortools.sat.python import cp_model

    model: Any = cp_model.CpModel()
    loan = {pair: model.new_bool_var("") for pair in wanted}
    by_kind: dict[tuple[int, str], list[Any]] = {}
    for (volunteer, shelf), variable in loan.items():
        by_kind.setdefault((volunteer, shelves[shelf].ability), []).append(variable)
    for variables in by_kind.values():
        model.add_at_most_one(variables)
    for number, tools in enumerate(shelves):
        model.add(sum(v for (_, at), v in loan.items() if at == number) <= tools.free)
    gain: list[Any] = [-variable for variable in loan.values()]
    tasks: dict[int, list[Any]] = {}
    for job in jobs:
        visits = []
        for volunteer in job.near:
            missing = job.needs - hands[volunteer].has
            if hands[volunteer].room < 1 or any((volunteer, a) not in by_kind for a in missing):
                continue
            visit = model.new_bool_var("")
            for ability in missing:
                model.add(visit <= sum(by_kind[volunteer, ability]))
            visits.append(visit)
            tasks.setdefault(volunteer, []).append(visit)
            worth = job.weight / job.crew_size * hands[volunteer].accept_p
            gain.append(visit * max(1, round(worth * VALUE_STEP)))
        model.add(sum(visits) <= job.crew_size)
    for volunteer, visits in tasks.items():
        model.add(sum(visits) <= hands[volunteer].room)
    model.maximize(sum(gain))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = SEARCH_LIMIT
    solver.parameters.relative_gap_limit = CLOSE_ENOUGH
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return set(), False
    chosen = {pair for pair, variable in loan.items() if solver.boolean_value(variable)}
    return chosen, status == cp_model.OPTIMAL


def _fill_up(
    loans: set[tuple[int, int]], wanted: Sequence[tuple[int, int]], shelves: Sequence[Shelf]
) -> set[tuple[int, int]]:
    """Lend what is left, one after the other, to those who have no tool of a kind yet."""
    chosen = set(loans)
    free = [shelf.free - sum(at == k for _, at in loans) for k, shelf in enumerate(shelves)]
    served = {(volunteer, shelves[at].ability) for volunteer, at in loans}
    for volunteer, shelf in wanted:
        kind = (volunteer, shelves[shelf].ability)
        if free[shelf] > 0 and kind not in served:
            free[shelf] -= 1
            served.add(kind)
            chosen.add((volunteer, shelf))
    return chosen
