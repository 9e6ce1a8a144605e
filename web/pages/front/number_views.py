"""Numbers of a town as everybody may see them: none that tells of fewer than five."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.standings.suppression import K, show_in_steps, suppress
from matching.reporting.public_repository import Asked, Given
from web.pages.design.maps import State

MONTHS: Final = 12
GOOD, FAIR = 80, 50
"""Percent of homes with somebody, from which a neighborhood is well or half served."""


@dataclass(frozen=True)
class NumberRow:
    """A month or a neighborhood. None is a number that is not told."""

    name: str
    asked: int | None
    reached: int | None
    percent: int | None
    state: State | None


@dataclass(frozen=True)
class Impact:
    """What neighbors gave, as far as it may be told."""

    homes: int | None
    visits: int | None
    hours: int | None
    helpers: int | None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to tell."""
        return self.homes is not None


def month_edges(now: datetime, zone: ZoneInfo, months: int = MONTHS) -> list[datetime]:
    """The first moments of the last months, oldest first, and of the next one."""
    local = now.astimezone(zone)
    first = local.year * 12 + local.month - 1
    return [
        datetime(number // 12, number % 12 + 1, 1, tzinfo=zone)
        for number in range(first - months + 1, first + 2)
    ]


def make_rows(counts: Mapping[str, Asked]) -> list[NumberRow]:
    """Rows whose numbers cannot be worked out from one another, in steps of five.

    The sum of all may be known, of those with somebody and of those without too. A row tells how
    many had somebody only when both its parts may be told: each follows from the other.
    """
    asked = suppress({name: one.homes for name, one in counts.items()}, k=K)
    with_somebody = suppress({name: one.reached for name, one in counts.items()}, k=K)
    without = suppress({name: one.homes - one.reached for name, one in counts.items()}, k=K)
    made = []
    for name, one in counts.items():
        parts = (asked[name], with_somebody[name], without[name])
        told = None if None in parts else show_in_steps(one.reached)
        percent = None if told is None else round(100 * one.reached / one.homes / 5) * 5
        whole = None if asked[name] is None else show_in_steps(one.homes)
        made.append(NumberRow(name, whole, told, percent, state_of(percent)))
    return made


def state_of(percent: int | None) -> State | None:
    """How a neighborhood is colored."""
    if percent is None:
        return None
    if percent >= GOOD:
        return "ok"
    return "ask" if percent >= FAIR else "wait"


def make_impact(given: Given) -> Impact:
    """The figures of what was given; nothing when they tell of few."""
    if min(given.homes, given.helpers) < K:
        return Impact(None, None, None, None)
    return Impact(
        show_in_steps(given.homes),
        show_in_steps(given.visits),
        show_in_steps(round(given.work_s / 3600)),
        show_in_steps(given.helpers),
    )
