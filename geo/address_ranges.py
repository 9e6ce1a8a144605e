"""Placing houses along streets from the house numbers at the ends of each block.

A street segment says which numbers stand on its left and on its right (seen along the line). A
house stands at the share of the block that its number has in the range, set off from the centre
line by `SIDE_OFFSET_M`. The ends of a block belong to the crossing, so houses keep
`END_INSET_M` from them where the block is long enough.

References
----------
.. [1] Goldberg, Wilson, Knoblock (2007), From Text to Geographic Coordinates: The Current State of
   Geocoding, URISA Journal 19(1), section on linear interpolation.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.street_names import street_key

SIDE_OFFSET_M = 12.0
END_INSET_M = 8.0
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class RangePosition:
    """Where a house number falls: position in degrees, segment index, side, exact or clamped.

    ``gap`` is how far the number lies outside the range of the segment: 0 is inside.
    """

    lon: float
    lat: float
    segment: int
    left: bool
    gap: int


@dataclass(frozen=True, slots=True)
class _Block:
    segment: int
    left: bool
    start: int
    end: int

    @property
    def low(self) -> int:
        return min(self.start, self.end)

    @property
    def high(self) -> int:
        return max(self.start, self.end)

    def gap(self, number: int) -> int:
        return max(self.low - number, number - self.high, 0)

    def takes(self, number: int) -> bool:
        """Whether the parity fits: a range from odd to even takes both."""
        mixed = (self.start - self.end) % 2
        return bool(mixed) or (number - self.start) % 2 == 0


class AddressRanges:
    """House-number ranges of all named streets.

    Parameters
    ----------
    names
        Names of each segment, the main one first.
    ranges
        (n, 4) int64: left from, left to, right from, right to; -1 is none.
    lines
        (n,) shapely LineString, lon and lat in degrees.
    """

    def __init__(
        self,
        names: list[tuple[str, ...]],
        ranges: npt.NDArray[np.int64],
        lines: npt.NDArray[np.object_],
    ) -> None:
        self._lines = lines
        self._blocks: dict[str, list[_Block]] = defaultdict(list)
        for segment, (own_names, row) in enumerate(zip(names, ranges.tolist(), strict=True)):
            for key in dict.fromkeys(street_key(name) for name in own_names if name):
                for left, (start, end) in ((True, row[:2]), (False, row[2:])):
                    if start >= 0 and end >= 0:
                        self._blocks[key].append(_Block(segment, left, start, end))

    def has_street(self, key: str) -> bool:
        """Whether any segment of a street (see `street_key`) has a range."""
        return key in self._blocks

    def find_position(self, key: str, number: int, *, max_gap: int = 0) -> RangePosition | None:
        """Place a house number on a street; None when no range is within ``max_gap`` numbers.

        Of several fitting ranges the narrowest wins, as the one that says most.
        """
        fitting = [block for block in self._blocks.get(key, ()) if block.takes(number)]
        best = min(
            fitting,
            key=lambda block: (block.gap(number), block.high - block.low, block.segment),
            default=None,
        )
        if best is None or best.gap(number) > max_gap:
            return None
        lon, lat = _place_on_block(self._lines[best.segment], best, number)
        return RangePosition(lon, lat, best.segment, best.left, best.gap(number))


def _place_on_block(line: Any, block: _Block, number: int) -> tuple[float, float]:
    number = min(max(number, block.low), block.high)
    spread = block.end - block.start
    share = (number - block.start) / spread if spread else 0.5
    return place_beside_line(np.asarray(line.coords, np.float64)[:, :2], share, left=block.left)


def place_beside_line(
    lonlat: npt.NDArray[np.float64], share: float, *, left: bool
) -> tuple[float, float]:
    """Return lon, lat in degrees of the point at a share of a line's length, set off to one side.

    Parameters
    ----------
    lonlat
        (k, 2) float64 vertices in degrees, k >= 2. A block is short enough for a local plane.
    share
        0 to 1 along the line, before the inset at both ends.
    """
    scale = np.array([math.cos(math.radians(lonlat[0, 1])), 1.0]) * _METRES_PER_DEGREE
    xy_m = (lonlat - lonlat[0]) * scale
    steps = np.hypot(*np.diff(xy_m, axis=0).T)
    length_m = float(steps.sum())
    if length_m == 0.0:
        return float(lonlat[0, 0]), float(lonlat[0, 1])
    inset_m = min(END_INSET_M, length_m / 4)
    along_m = inset_m + share * (length_m - 2 * inset_m)
    ends = np.cumsum(steps)
    at = min(int(np.searchsorted(ends, along_m)), len(steps) - 1)
    while steps[at] == 0.0:
        at -= 1
    direction = (xy_m[at + 1] - xy_m[at]) / steps[at]
    normal = np.array([-direction[1], direction[0]]) * (1.0 if left else -1.0)
    point = xy_m[at] + direction * (along_m - (ends[at] - steps[at])) + normal * SIDE_OFFSET_M
    lon, lat = lonlat[0] + point / scale
    return float(lon), float(lat)
