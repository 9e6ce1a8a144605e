"""Synthetic households that sort their waste, and the files that a hauler would send of them.

Nobody is modelled here as a figure of a route: every home has habits of its own, throws away and
sets out by chance week after week, and trucks, counters and sorters see the sum. What a campaign
does is written into the habits of the homes it reaches (`Campaigning`); whether that can be seen
is left to the measurement.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WEEK = timedelta(days=7)
HEADS = {
    "routes": ("route", "areas", "households"),
    "set_outs": ("route", "week", "set_outs"),
    "weights": ("route", "day", "stream", "weight_kg"),
    "sorts": (
        "route",
        "week",
        "sample",
        "recyclables_in_recycling_kg",
        "contaminants_in_recycling_kg",
        "recyclables_in_trash_kg",
        "other_in_trash_kg",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How homes behave without any campaign; all of it made up.

    Parameters
    ----------
    set_out_chance
        Of one home in one week; differs between routes by ``set_out_spread``.
    recyclables_kg
        What one home throws away in a week that could be recycled, in the mean.
    capture_share
        How much of that goes into the recycling cart; differs between routes by
        ``capture_spread`` and between homes as a Beta distribution of ``capture_evenness``.
    wrong_kg
        What one home puts into that cart though it does not belong there.
    other_kg
        All other trash.
    week_spread
        By how much a week differs from others everywhere: weather, holidays.
    route_week_spread
        By how much a route differs in one week from itself: a crew, a street that is closed.
    """

    set_out_chance: float = 0.62
    set_out_spread: float = 0.06
    recyclables_kg: float = 4.2
    capture_share: float = 0.55
    capture_spread: float = 0.05
    capture_evenness: float = 6.0
    wrong_kg: float = 0.45
    other_kg: float = 8.0
    week_spread: float = 0.06
    route_week_spread: float = 0.04


@dataclass(frozen=True, kw_only=True)
class Campaigning:
    """What a campaign changes in the homes it reaches: 0.1 is a tenth more than without it."""

    capture_lift: float = 0.0
    wrong_lift: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RouteSpec:
    """One collection route."""

    code: str
    areas: tuple[str, ...]
    household_count: int


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What the city pays to have counted; every ``sort_every`` weeks a sample is sorted."""

    sort_every: int = 4
    sorted_homes: int = 40
    counts_set_outs: bool = True
    weighs_trash: bool = True


class RecyclingTown:
    """Routes of homes with habits of their own; the same seed makes the same town."""

    def __init__(
        self, routes: Sequence[RouteSpec], seed: int, habits: Habits | None = None
    ) -> None:
        self.routes = tuple(routes)
        self.habits = habits or Habits()
        self._rng = np.random.default_rng(seed)
        self.most = max(route.household_count for route in routes)
        counts = np.array([route.household_count for route in routes])
        self.lives: Bools = np.arange(self.most)[None, :] < counts[:, None]
        """(routes, homes): which places hold a home, for routes of unlike sizes."""
        habit, shape = self.habits, (len(routes), self.most)
        captures = np.clip(
            self._rng.normal(habit.capture_share, habit.capture_spread, len(routes)), 0.1, 0.85
        )
        even = habit.capture_evenness
        self.capture: Floats = self._rng.beta(
            (captures * even)[:, None], ((1 - captures) * even)[:, None], shape
        )
        chances = self._rng.normal(habit.set_out_chance, habit.set_out_spread, len(routes))
        self.set_out: Floats = np.clip(chances, 0.2, 0.95)[:, None].repeat(self.most, 1)

    def play(
        self,
        weeks: Sequence[date],
        treated: Bools,
        campaigning: Campaigning,
        counting: Counting,
    ) -> dict[str, str]:
        """Let the weeks pass, and write down what is counted, as files by kind.

        Parameters
        ----------
        weeks
            Mondays.
        treated
            (routes,) bool: where the campaign is under way in these weeks.
        """
        lines: dict[str, list[Sequence[object]]] = {"set_outs": [], "weights": [], "sorts": []}
        for number, week in enumerate(weeks):
            seen = self._pass_week(treated, campaigning)
            self._weigh(week, seen, counting, lines)
            if number % counting.sort_every == 0:
                self._sort(week, seen, counting, lines)
        return {kind: write_csv(HEADS[kind], rows) for kind, rows in lines.items() if rows}

    def _pass_week(self, treated: Bools, campaigning: Campaigning) -> _Week:
        habit, rng, shape = self.habits, self._rng, self.lives.shape
        everywhere = rng.lognormal(0, habit.week_spread)
        here = rng.lognormal(0, habit.route_week_spread, (shape[0], 1))
        lift = np.where(treated, 1 + campaigning.capture_lift, 1.0)[:, None]
        wrong_lift = np.where(treated, 1 + campaigning.wrong_lift, 1.0)[:, None]
        thrown = rng.gamma(2.0, habit.recyclables_kg / 2, shape) * everywhere * here
        right = thrown * np.minimum(1.0, self.capture * lift)
        wrong = rng.gamma(1.0, habit.wrong_kg, shape) * everywhere * here * wrong_lift
        other = rng.gamma(2.0, habit.other_kg / 2, shape) * everywhere * here
        out = (rng.random(shape) < self.set_out) & self.lives
        return _Week(out, right, wrong, thrown - right, other)

    def _weigh(
        self, week: date, seen: _Week, counting: Counting, lines: dict[str, list[Sequence[object]]]
    ) -> None:
        # A cart that stayed in last week is the fuller for it.
        recycled = (seen.out * (seen.right + seen.wrong) / self.set_out).sum(1)
        trash = (self.lives * (seen.lost + seen.other)).sum(1)
        for row, route in enumerate(self.routes):
            day = (week + timedelta(days=row % 5)).isoformat()
            if counting.counts_set_outs:
                lines["set_outs"].append((route.code, week.isoformat(), int(seen.out[row].sum())))
            lines["weights"].append((route.code, day, "recycling", round(recycled[row], 1)))
            if counting.weighs_trash:
                lines["weights"].append((route.code, day, "trash", round(trash[row], 1)))

    def _sort(
        self, week: date, seen: _Week, counting: Counting, lines: dict[str, list[Sequence[object]]]
    ) -> None:
        for row, route in enumerate(self.routes):
            size = min(counting.sorted_homes, route.household_count)
            homes = self._rng.choice(route.household_count, size, replace=False)
            sums = (
                round(float(part[row, homes].sum()), 2)
                for part in (seen.right, seen.wrong, seen.lost, seen.other)
            )
            lines["sorts"].append((route.code, week.isoformat(), "sample-1", *sums))


@dataclass(frozen=True)
class _Week:
    """(routes, homes) arrays, kilograms."""

    out: Bools
    right: Floats
    wrong: Floats
    lost: Floats
    other: Floats


def spread_routes(addresses: dict[str, int], count: int) -> list[RouteSpec]:
    """Collection routes through neighbourhoods, by their addresses; each lies in one of them."""
    total = sum(addresses.values())
    routes: list[RouteSpec] = []
    for area, homes in addresses.items():
        pieces = max(1, round(count * homes / total))
        for piece in range(pieces):
            size = homes // pieces + (piece < homes % pieces)
            if size:
                routes.append(
                    RouteSpec(code=f"R{len(routes) + 1:02d}", areas=(area,), household_count=size)
                )
    return routes


def list_weeks(first: date, count: int) -> list[date]:
    """So many Mondays."""
    return [first + number * WEEK for number in range(count)]


def write_routes(routes: Sequence[RouteSpec]) -> str:
    """The file of the routes."""
    return write_csv(
        HEADS["routes"],
        ((route.code, "|".join(route.areas), route.household_count) for route in routes),
    )


def write_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A file as a spreadsheet would write it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
