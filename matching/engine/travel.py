"""Travel between the places of a problem: seconds and metres, always whole numbers.

Places are numbered volunteers first, then requests: place ``i`` with ``i < n_volunteers`` is the
home of volunteer ``i``; place ``n_volunteers + j`` is request ``j``. Whole seconds and metres keep
the arithmetic of solver and checker identical to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

UNREACHABLE = np.int64(1 << 40)
"""Seconds or metres of a pair that no street connects; larger than any horizon."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StraightTravel:
    """Straight line times a detour factor, at one speed.

    ``metres = ceil(detour * distance)`` and ``seconds = ceil(metres / speed_m_s)``: rounding up
    keeps the triangle inequality, which rounding to the nearest would break.

    Parameters
    ----------
    xy_m
        (n_volunteers + n_requests, 2) float64, metres in one projected plane.
    detour
        Street length over straight length, at least 1.
    speed_m_s
        Metres per second, above 0.
    """

    xy_m: FloatArray
    detour: float
    speed_m_s: float

    def legs(self, origin: IntArray, destination: IntArray) -> tuple[IntArray, IntArray]:
        """Seconds and metres from each origin to the destination at the same position.

        Both arguments broadcast against each other; the results are int64 of that shape.
        """
        delta = self.xy_m[origin] - self.xy_m[destination]
        metres = np.ceil(self.detour * np.sqrt(delta[..., 0] ** 2 + delta[..., 1] ** 2))
        seconds = np.ceil(metres / self.speed_m_s)
        return seconds.astype(np.int64), metres.astype(np.int64)


@dataclass(frozen=True, eq=False)
class SparseTravel:
    """Known pairs only, in compressed rows; every other pair is unreachable.

    Parameters
    ----------
    ptr
        (n_places + 1,) int64; row ``i`` is ``index[ptr[i]:ptr[i + 1]]``.
    index
        (n_pairs,) int64, destination places, ascending within a row.
    seconds, metres
        (n_pairs,) int64.
    """

    ptr: IntArray
    index: IntArray
    seconds: IntArray
    metres: IntArray

    @cached_property
    def _keys(self) -> IntArray:
        """(n_pairs,) int64, ascending: origin times the number of places plus destination."""
        places = np.int64(len(self.ptr) - 1)
        rows = np.repeat(np.arange(places, dtype=np.int64), np.diff(self.ptr))
        return rows * places + self.index

    def legs(self, origin: IntArray, destination: IntArray) -> tuple[IntArray, IntArray]:
        """As `StraightTravel.legs`; a place to itself is 0, an unknown pair `UNREACHABLE`."""
        origin, destination = np.broadcast_arrays(
            np.asarray(origin, np.int64), np.asarray(destination, np.int64)
        )
        shape = origin.shape
        flat_origin, flat_destination = origin.ravel(), destination.ravel()
        places, keys = np.int64(len(self.ptr) - 1), self._keys
        wanted = flat_origin * places + flat_destination
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        seconds = np.full(len(wanted), UNREACHABLE)
        metres = np.full(len(wanted), UNREACHABLE)
        if len(keys):
            known = keys[at] == wanted
            seconds[known], metres[known] = self.seconds[at[known]], self.metres[at[known]]
        same = flat_origin == flat_destination
        seconds[same] = 0
        metres[same] = 0
        return seconds.reshape(shape), metres.reshape(shape)


Travel = StraightTravel | SparseTravel
