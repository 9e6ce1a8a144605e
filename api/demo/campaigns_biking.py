"""Synthetic people who ride, and the file of rides that they would tell.

Everybody has a habit of their own: on how many days of a week they ride, and how far. Weeks differ
everywhere by the weather. What a campaign does is written into those habits (`lift`); whether that
can be seen is left to the measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from api.demo.campaigns_recycling import write_csv

HEAD = ("person", "date", "start", "minutes", "km", "purpose")


@dataclass(frozen=True, kw_only=True)
class Riding:
    """How people ride; all of it made up.

    Parameters
    ----------
    days_a_week
        Of one person in the mean; differs between people as a Gamma distribution of ``evenness``.
    week_spread
        By how much a week differs from others for everybody: the weather.
    area_spread
        By how much a neighbourhood differs in one week from itself: roadworks, a school holiday.
    """

    days_a_week: float = 1.0
    evenness: float = 2.0
    week_spread: float = 0.12
    area_spread: float = 0.1
    ride_km: float = 3.5


@dataclass(frozen=True)
class Rider:
    """Somebody who rides."""

    key: str
    """The mail address that the file names them by."""
    area: str


class RidingTown:
    """People with habits of their own; the same seed makes the same rides."""

    def __init__(self, riders: Sequence[Rider], seed: int, riding: Riding | None = None) -> None:
        self.riders = tuple(riders)
        self.riding = riding or Riding()
        self._rng = np.random.default_rng(seed)
        even = self.riding.evenness
        self.days = self._rng.gamma(even, self.riding.days_a_week / even, len(riders))

    def ride(
        self,
        first: date,
        week_count: int,
        *,
        lift: float = 0.0,
        lifted: frozenset[str] = frozenset(),
    ) -> list[tuple[str, date, tuple[object, ...]]]:
        """The rides of some weeks: who, when, and the rest of the line.

        ``lift`` adds to the days of those who live in ``lifted``: 0.1 is a tenth more.
        """
        rng, told = self._rng, []
        areas = sorted({rider.area for rider in self.riders})
        for week in range(week_count):
            weather = rng.lognormal(0, self.riding.week_spread)
            here = dict(
                zip(areas, rng.lognormal(0, self.riding.area_spread, len(areas)), strict=True)
            )
            for number, rider in enumerate(self.riders):
                more = 1 + lift if rider.area in lifted else 1.0
                chance = min(0.95, self.days[number] / 7 * weather * here[rider.area] * more)
                for day in range(7):
                    if rng.random() < chance:
                        on = first + timedelta(days=7 * week + day)
                        told.append((rider.key, on, self._describe(on)))
        return told

    def _describe(self, on: date) -> tuple[object, ...]:
        rng = self._rng
        km = round(float(np.clip(rng.lognormal(np.log(self.riding.ride_km), 0.4), 0.8, 20)), 1)
        minutes = max(5, round(km / float(rng.uniform(11, 18)) * 60))
        start = f"{7 + int(rng.integers(0, 12)):02d}:{int(rng.integers(0, 60)):02d}"
        return (on.isoformat(), start, minutes, km, "transport" if on.weekday() < 5 else "leisure")


def write_rides(rides: Sequence[tuple[str, date, tuple[object, ...]]]) -> bytes:
    """The file that ``talkoot`` takes."""
    return write_csv(HEAD, ((person, *rest) for person, _, rest in rides)).encode()
