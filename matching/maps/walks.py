"""The way from door to door along the streets, for whoever has said yes and knows the doors."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
from shapely import LineString

from geo.errors import NoUsableStreets
from geo.graph_travel import GraphTravel
from geo.open_cities import OpenCity, open_city
from geo.travel import TravelMode

MOST_MODELS = 8
MOST_STOPS = 8


@dataclass(frozen=True)
class Walk:
    """A way through some places, in order.

    Parameters
    ----------
    line
        Shapely, lon and lat in degrees.
    """

    line: Any
    length_m: float
    travel_s: float


_MODELS: OrderedDict[tuple[OpenCity, TravelMode], GraphTravel] = OrderedDict()
_LOCK = Lock()


def trace_walk(
    city_pack: str, mode: TravelMode, places: Sequence[tuple[float, float]]
) -> Walk | None:
    """The quickest way through these places; None when the streets lead to one of them nowhere.

    The first time for a city takes about a second: call it in a thread.
    """
    if not 2 <= len(places) <= MOST_STOPS:
        return None
    try:
        model = _open_model(city_pack, mode)
    except NoUsableStreets:
        return None
    points, pieces = np.array(places, np.float64), []
    for start, end in pairwise(points):
        piece = model.graph.route_line(start, end)
        if piece is None:
            return None
        pieces.append(np.asarray(piece.coords, np.float64))
    measured = [model.matrix(start[None, :], end[None, :]) for start, end in pairwise(points)]
    length_m = sum(float(leg.travel_m[0, 0]) for leg in measured)
    travel_s = sum(float(leg.travel_s[0, 0]) for leg in measured)
    if not np.isfinite([length_m, travel_s]).all():
        return None
    return Walk(LineString(np.concatenate(pieces)), length_m, travel_s)


def _open_model(city_pack: str, mode: TravelMode) -> GraphTravel:
    city = open_city(city_pack)
    with _LOCK:
        key = (city, mode)
        if key not in _MODELS:
            _MODELS[key] = GraphTravel.from_pack(city.pack, mode)
            while len(_MODELS) > MOST_MODELS:
                _MODELS.popitem(last=False)
        _MODELS.move_to_end(key)
        return _MODELS[key]
