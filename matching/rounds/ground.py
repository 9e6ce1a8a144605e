"""Who could do what, roughly: straight lines and hours only, for choices before the plan.

The plan itself measures ways along the streets. What is chosen here (from which anchor somebody
starts, which crews a team may be, who borrows a tool) becomes part of its problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.engine.travel import FloatArray, IntArray
from matching.kinds import TravelMode
from matching.models import HelpRequest, Volunteer

SPEED_M_S = {TravelMode.WALK: 1.33, TravelMode.BIKE: 4.2, TravelMode.CAR: 8.0}
DETOUR = 1.3
"""How much longer ways are than straight lines, about."""

Spans = Sequence[tuple[int, int]]
BoolArray = npt.NDArray[np.bool_]


def straight_reach_m(row: Volunteer) -> float:
    """About how far a volunteer goes, straight."""
    way_m = row.max_travel_s * SPEED_M_S[row.mode]
    return min(way_m, np.inf if row.radius_m is None else row.radius_m) / DETOUR


@dataclass(frozen=True, eq=False)
class Ground:
    """Requests with places and hours.

    Parameters
    ----------
    xy_m
        (n, 2) float64, metres.
    owner, open_s, close_s
        (n_windows,) int64, the request of each window and its seconds.
    """

    xy_m: FloatArray
    weight: FloatArray
    service_s: IntArray
    owner: IntArray
    open_s: IntArray
    close_s: IntArray

    @classmethod
    def of(cls, rows: Sequence[HelpRequest], windows: Sequence[Spans], xy_m: FloatArray) -> Ground:
        """The ground of the requests of a round."""
        flat = [window for spans in windows for window in spans]
        return cls(
            xy_m=xy_m,
            weight=np.array([row.weight for row in rows], np.float64),
            service_s=np.array([row.service_s for row in rows], np.int64),
            owner=np.repeat(
                np.arange(len(rows), dtype=np.int64),
                np.array([len(spans) for spans in windows], np.int64),
            ),
            open_s=np.array([opens for opens, _ in flat], np.int64),
            close_s=np.array([closes for _, closes in flat], np.int64),
        )

    def find_doable(
        self, xy_m: FloatArray, reach_m: float, shifts: Spans
    ) -> tuple[IntArray, FloatArray]:
        """(k,) requests within reach that fit into a shift, nearest first, and their distance."""
        distance_m = np.hypot(*(self.xy_m - xy_m).T) if len(self.xy_m) else np.zeros(0)
        fits: BoolArray = np.zeros(len(self.xy_m), np.bool_)
        for start, end in shifts:
            room_s = np.minimum(self.close_s, end) - np.maximum(self.open_s, start)
            fits[self.owner[room_s >= self.service_s[self.owner]]] = True
        near = np.flatnonzero(fits & (distance_m <= reach_m))
        order = np.argsort(distance_m[near], kind="stable")
        return near[order], distance_m[near[order]]

    def weigh(self, xy_m: FloatArray, reach_m: float, shifts: Spans) -> float:
        """The weight of all that somebody could do from a place."""
        return float(self.weight[self.find_doable(xy_m, reach_m, shifts)[0]].sum())
