"""Which places hang together, when a service only answers whether some of them do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from geo.travel import FloatArray, great_circle_m

Connected = Callable[[int, Sequence[int]], bool]
"""``connected(anchor, others)``: whether one can get from a place to all of the others."""


def split_regions(points: FloatArray, connected: Connected) -> list[list[int]]:
    """Split places into regions, by asking about halves of those that are left.

    A few strange places among ``n`` cost about ``2 log2(n)`` questions each.

    Parameters
    ----------
    points
        (n, 2) float64 lon and lat. The search starts in their middle, where the largest region is
        likely to be.

    Returns
    -------
    Ascending positions of the places of each region. A place that is not even connected with
    itself, because no street is near it, is in none.
    """
    waiting = list(range(len(points)))
    regions: list[list[int]] = []
    while waiting:
        anchor = _most_central(points, waiting)
        waiting.remove(anchor)
        if not connected(anchor, [anchor]):
            continue
        members = _members(anchor, waiting, connected)
        regions.append(sorted([anchor, *members]))
        waiting = [place for place in waiting if place not in set(members)]
    return regions


def _most_central(points: FloatArray, places: list[int]) -> int:
    here = points[places]
    return places[int(np.argmin(great_circle_m(here, np.median(here, axis=0))))]


def _members(anchor: int, places: list[int], connected: Connected) -> list[int]:
    if not places or connected(anchor, places):
        return places
    if len(places) == 1:
        return []
    middle = len(places) // 2
    return _members(anchor, places[:middle], connected) + _members(
        anchor, places[middle:], connected
    )
