"""Where help is asked for and given now, by neighbourhood and by cell; in public only in groups.

In public a number stands only for at least `FEWEST_PEOPLE`. Cells lie within neighbourhoods, and
what a neighbourhood has beyond its shown cells is nobody's or again at least as many people: so
subtracting one from the other tells nothing either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from core.db import Session
from matching.maps import coverage_repository
from matching.maps.areas import CityMap, ShownArea, ShownCell
from matching.maps.coverage_repository import Asking

FEWEST_PEOPLE = 5

Place = TypeVar("Place", "CellCoverage", "AreaCoverage")


@dataclass(frozen=True)
class Counts:
    """Read from the database: by cell, who asks and who gives."""

    community_id: UUID
    counted_at: datetime
    asking: Mapping[int | None, Asking]
    giving: Mapping[int | None, int]


@dataclass(frozen=True, eq=False)
class CellCoverage:
    """One cell. None is a number that is not for the reader."""

    cell: ShownCell
    resident_count: int | None
    waiting_count: int | None
    volunteer_count: int | None


@dataclass(frozen=True, eq=False)
class AreaCoverage:
    """One neighbourhood. None is a number that is not for the reader."""

    area: ShownArea
    resident_count: int | None
    waiting_count: int | None
    volunteer_count: int | None


@dataclass(frozen=True, eq=False)
class Coverage:
    """All neighbourhoods, and the cells where somebody asks or gives."""

    counted_at: datetime
    resident_count: int | None
    waiting_count: int | None
    volunteer_count: int | None
    areas: tuple[AreaCoverage, ...]
    cells: tuple[CellCoverage, ...]


async def count_people(session: Session, community_id: UUID, *, now: datetime) -> Counts:
    """Read who asks and who gives, by cell."""
    asking = await coverage_repository.count_asking(session, community_id)
    giving = await coverage_repository.count_giving(session, community_id, at=now)
    return Counts(community_id, now, asking, giving)


def cover(counts: Counts, city: CityMap) -> Coverage:
    """Everything that is known, for staff. A person whose cell is not known counts in the sums."""
    keys = {cell for cell in (*counts.asking, *counts.giving) if cell is not None}
    nobody = Asking(0, 0)
    cells = tuple(
        CellCoverage(
            city.cell(key),
            counts.asking.get(key, nobody).resident_count,
            counts.asking.get(key, nobody).waiting_count,
            counts.giving.get(key, 0),
        )
        for key in sorted(keys)
    )
    return Coverage(
        counted_at=counts.counted_at,
        resident_count=sum(one.resident_count for one in counts.asking.values()),
        waiting_count=sum(one.waiting_count for one in counts.asking.values()),
        volunteer_count=sum(counts.giving.values()),
        areas=tuple(_sum_area(area, cells) for area in city.areas),
        cells=cells,
    )


def hide_few(coverage: Coverage) -> Coverage:
    """The same for everybody: numbers of at least `FEWEST_PEOPLE`, and cells that have one."""
    asked = _shown_cells(coverage, {one.cell.cell: one.resident_count for one in coverage.cells})
    given = _shown_cells(coverage, {one.cell.cell: one.volunteer_count for one in coverage.cells})
    cells = tuple(
        _hide(one, asked=one.cell.cell in asked, given=one.cell.cell in given)
        for one in coverage.cells
        if one.cell.cell in asked or one.cell.cell in given
    )
    areas = tuple(
        _hide(
            one,
            asked=(one.resident_count or 0) >= FEWEST_PEOPLE,
            given=(one.volunteer_count or 0) >= FEWEST_PEOPLE,
        )
        for one in coverage.areas
    )
    return Coverage(coverage.counted_at, None, None, None, areas, cells)


def _sum_area(area: ShownArea, cells: Iterable[CellCoverage]) -> AreaCoverage:
    sums: Counter[str] = Counter()
    for one in cells:
        if one.cell.area == area.name:
            sums["residents"] += one.resident_count or 0
            sums["waiting"] += one.waiting_count or 0
            sums["volunteers"] += one.volunteer_count or 0
    return AreaCoverage(area, sums["residents"], sums["waiting"], sums["volunteers"])


def _shown_cells(coverage: Coverage, counts: Mapping[int, int | None]) -> set[int]:
    """Cells with enough people, as long as the hidden rest of their neighbourhood has as well."""
    by_area: dict[str | None, list[tuple[int, int]]] = {}
    for one in coverage.cells:
        count = counts[one.cell.cell] or 0
        if count:
            by_area.setdefault(one.cell.area, []).append((count, one.cell.cell))
    shown: set[int] = set()
    for found in by_area.values():
        large = sorted(pair for pair in found if pair[0] >= FEWEST_PEOPLE)
        rest = sum(count for count, _ in found) - sum(count for count, _ in large)
        while large and 0 < rest < FEWEST_PEOPLE:
            rest += large.pop(0)[0]
        shown.update(cell for _, cell in large)
    return shown


def _hide(one: Place, *, asked: bool, given: bool) -> Place:
    return replace(
        one,
        resident_count=one.resident_count if asked else None,
        waiting_count=one.waiting_count if asked else None,
        volunteer_count=one.volunteer_count if given else None,
    )
