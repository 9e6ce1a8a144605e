"""How much help was asked for near a place: what somebody who thinks of signing up may know.

Counted by the blurred cells of homes. A small count would tell about single homes, so it becomes
"a few"; larger ones are rounded, and only some distances can be asked for, so that two answers
cannot be subtracted from one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from core.db import Session
from geo.privacy import cell_center
from geo.travel import great_circle_m
from matching.volunteering import work_repository

SMALLEST_COUNT = 5
RADII_M = (500, 1_000, 2_000)
WINTER_BEGINS, WINTER_ENDS = 10, 5
"""Months: from October until the end of April."""


@dataclass(frozen=True)
class NearCount:
    """How many requests there were near.

    Parameters
    ----------
    about
        Rounded to fives; None when there were few.
    """

    about: int | None

    @property
    def words(self) -> str:
        """As the middle of a sentence: "about 10 requests", "a few requests"."""
        return "a few requests" if self.about is None else f"about {self.about} requests"


async def count_requests_near(
    session: Session,
    community_id: UUID,
    cell: int,
    *,
    since: datetime,
    until: datetime,
    radius_m: int = RADII_M[1],
) -> NearCount:
    """How many requests came in a time from homes whose cell lies near; every answer is blurred.

    ``radius_m`` is taken up to the next of `RADII_M`, metres.
    """
    radius_m = next((known for known in RADII_M if radius_m <= known), RADII_M[-1])
    counts = await work_repository.count_requests_by_cell(
        session, community_id, since=since, until=until
    )
    if not counts:
        return NearCount(None)
    centers = np.array([cell_center(key) for key in counts])
    near = great_circle_m(centers, np.array(cell_center(cell))) <= radius_m
    total = int(np.array(list(counts.values()))[near].sum())
    if total < SMALLEST_COUNT:
        return NearCount(None)
    return NearCount(SMALLEST_COUNT * round(total / SMALLEST_COUNT))


def last_winter(now: datetime) -> tuple[datetime, datetime]:
    """From October to April: the last winter that is over.

    Only a whole one, so that nobody learns about a single home by asking again next week.
    """
    year = now.year - 1 if now.month >= WINTER_ENDS else now.year - 2
    return datetime(year, WINTER_BEGINS, 1, tzinfo=UTC), datetime(
        year + 1, WINTER_ENDS, 1, tzinfo=UTC
    )
