"""The week of a volunteer as a grid of days and parts of the day, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matching.availability import Weekly
from matching.models import WeeklyHours

PARTS: tuple[tuple[str, int, int], ...] = (
    ("early", 6 * 60, 9 * 60),
    ("morning", 9 * 60, 12 * 60),
    ("afternoon", 12 * 60, 17 * 60),
    ("evening", 17 * 60, 21 * 60),
)
"""Code word, and minutes after local midnight."""
DAYS = range(7)
STARTS = {start: number for number, (_, start, _) in enumerate(PARTS)}
ENDS = {end: number for number, (_, _, end) in enumerate(PARTS)}


@dataclass(frozen=True)
class Week:
    """Hours as the grid shows them, and those that fit into no box."""

    boxes: frozenset[str]
    """Such as ``5-morning``: Monday is 0."""
    others: tuple[WeeklyHours, ...]


def box(day: int, part: str) -> str:
    """The name of one box."""
    return f"{day}-{part}"


def split_week(rows: Sequence[WeeklyHours]) -> Week:
    """Which boxes are ticked, and what stays beside the grid."""
    boxes: set[str] = set()
    others = []
    for row in rows:
        first, last = STARTS.get(row.start_min), ENDS.get(row.end_min)
        plain = row.valid_from is None and row.valid_until is None and not row.from_second_anchor
        if not plain or first is None or last is None:
            others.append(row)
        else:
            boxes |= {box(row.weekday, PARTS[number][0]) for number in range(first, last + 1)}
    return Week(frozenset(boxes), tuple(others))


def read_boxes(form: Mapping[str, str], prefix: str = "at-") -> frozenset[str]:
    """The boxes that a form has ticked."""
    known = {box(day, part) for day in DAYS for part, _, _ in PARTS}
    return frozenset(
        name.removeprefix(prefix)
        for name in form
        if name.startswith(prefix) and name.removeprefix(prefix) in known
    )


def join_week(boxes: Iterable[str]) -> tuple[tuple[Weekly, bool], ...]:
    """Hours of every week: boxes side by side become one span."""
    ticked, found = set(boxes), []
    for day in DAYS:
        start: int | None = None
        for number, (part, opens, closes) in enumerate(PARTS):
            if box(day, part) not in ticked:
                continue
            start = opens if start is None else start
            is_last = number + 1 == len(PARTS)
            if is_last or box(day, PARTS[number + 1][0]) not in ticked:
                found.append((Weekly(day, start, closes), False))
                start = None
    return tuple(found)


def keep_rule(row: WeeklyHours) -> tuple[Weekly, bool]:
    """Hours beside the grid, as they are."""
    return (
        Weekly(row.weekday, row.start_min, row.end_min, row.valid_from, row.valid_until),
        row.from_second_anchor,
    )
