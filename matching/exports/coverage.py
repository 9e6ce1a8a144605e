"""How much help there is and is asked for by cell; few people never stand alone. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FEWEST_PEOPLE = 5


@dataclass(frozen=True)
class Covered:
    """The counts of one cell, or of several that were joined."""

    cell: int | None
    area: str | None
    """None: the rest of the community."""
    person_count: int
    """Residents who asked and volunteers who take part."""
    volunteer_count: int
    asked_count: int
    open_count: int
    served_count: int
    is_joined: bool = False


def join_small(rows: Iterable[Covered], *, fewest: int = FEWEST_PEOPLE) -> list[Covered]:
    """Cells with enough people as they are; the others joined by area, then with one another.

    When what is left over is few people still, it takes the smallest row with it, so that every
    row stands for ``fewest`` people or more. A community with fewer in all has no rows.
    """
    kept: list[Covered] = []
    by_area: dict[str | None, list[Covered]] = defaultdict(list)
    for row in rows:
        if row.cell is not None and row.person_count >= fewest:
            kept.append(row)
        else:
            by_area[row.area].append(row)
    rest: list[Covered] = []
    for area, members in sorted(by_area.items(), key=lambda item: item[0] or ""):
        joined = _join(members, area)
        if area is not None and joined.person_count >= fewest:
            kept.append(joined)
        else:
            rest += members
    if rest:
        while kept and sum(row.person_count for row in rest) < fewest:
            smallest = min(kept, key=lambda row: (row.person_count, row.area or "", row.cell or 0))
            kept.remove(smallest)
            rest.append(smallest)
        joined = _join(rest, None)
        if joined.person_count >= fewest:
            kept.append(joined)
    return kept


def _join(rows: Sequence[Covered], area: str | None) -> Covered:
    return Covered(
        cell=None,
        area=area,
        person_count=sum(row.person_count for row in rows),
        volunteer_count=sum(row.volunteer_count for row in rows),
        asked_count=sum(row.asked_count for row in rows),
        open_count=sum(row.open_count for row in rows),
        served_count=sum(row.served_count for row in rows),
        is_joined=True,
    )
