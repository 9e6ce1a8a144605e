"""From the points of a track to how far and how long somebody rode, and where, blurred.

Distances are geodesics on the WGS 84 ellipsoid. What lies in a gap, between two pieces of track or
where the receiver lost its way, is not counted as ridden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
from pyproj import Geod

from campaigns.biking.errors import ImpossibleRide, IndoorRide, InvalidTrack
from campaigns.biking.gpx import Track, TrackPoint
from campaigns.biking.rules import BikingRules

BLUR_M = 200.0
"""So much of the way is left out at the start and at the end before a place is taken."""
CELL_RESOLUTION = 8
"""Hexagons with sides of about 530 m: several hundred homes in a town."""
MOST_BACKWARDS_SHARE = 0.02
MINUTE_S = 60.0
KM_H = 3.6

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredRide:
    """What is left of a track."""

    started_at: datetime
    duration_s: int
    """Time between points, without gaps."""
    distance_m: int
    start_cell: int | None
    end_cell: int | None
    span_s: int
    """From the first point to the last one, with gaps."""


@dataclass(frozen=True)
class _Way:
    """Points that were ridden, one after the other, with what was ridden to each."""

    lon_deg: FloatArray
    lat_deg: FloatArray
    ridden_m: FloatArray
    ridden_s: FloatArray
    jump_count: int


@cache
def _ellipsoid() -> Geod:
    return Geod(ellps="WGS84")


def measure_track(track: Track, rules: BikingRules) -> MeasuredRide:
    """How far and how long.

    Raises
    ------
    IndoorRide
        When it never leaves a small circle.
    ImpossibleRide
        When it is faster than a bicycle, or jumps about.
    InvalidTrack
        When its times run backwards.
    """
    segments = _in_order(track)
    moments = [point.moment for points in segments for point in points]
    if len(moments) < 2:
        raise IndoorRide("The track has a single point: rides indoors do not count.")
    way = _join([_measure_segment(points, rules) for points in segments])
    count = len(way.lon_deg) + way.jump_count
    # Slips stand at the place where they were found; a few are usual between high houses.
    if way.jump_count > max(2.0, rules.most_jump_share * count):
        raise ImpossibleRide(
            f"{way.jump_count} of {count} points could not have been reached by bicycle."
        )
    _check_place(way, rules)
    _check_speed(way, rules)
    start_cell, end_cell = _blur(way)
    return MeasuredRide(
        started_at=moments[0],
        duration_s=math.ceil(way.ridden_s[-1]),
        distance_m=round(way.ridden_m[-1]),
        start_cell=start_cell,
        end_cell=end_cell,
        span_s=math.ceil((moments[-1] - moments[0]).total_seconds()),
    )


def _in_order(track: Track) -> list[list[TrackPoint]]:
    """Pieces whose times ascend; a point that goes back in time is left out, many are refused."""
    kept: list[list[TrackPoint]] = []
    last: datetime | None = None
    backwards = 0
    for points in track.segments:
        piece: list[TrackPoint] = []
        for point in points:
            if last is not None and point.moment < last:
                backwards += 1
                continue
            if not piece or point.moment > piece[-1].moment:
                piece.append(point)
            last = point.moment
        if piece:
            kept.append(piece)
    if backwards > MOST_BACKWARDS_SHARE * track.points:
        raise InvalidTrack(
            f"The times of {backwards} points run backwards: export the ride again, alone."
        )
    return kept


def _distances(lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
    _, _, metres = _ellipsoid().inv(lon_deg[:-1], lat_deg[:-1], lon_deg[1:], lat_deg[1:])
    return np.asarray(metres, np.float64)


def _measure_segment(points: list[TrackPoint], rules: BikingRules) -> _Way:
    start = points[0].moment
    lon = np.array([point.lon_deg for point in points])
    lat = np.array([point.lat_deg for point in points])
    at_s = np.array([(point.moment - start).total_seconds() for point in points])
    keep = _drop_slips(lon, lat, at_s, rules)
    lon, lat, at_s = lon[keep], lat[keep], at_s[keep]
    step_m, step_s = _distances(lon, lat), np.diff(at_s)
    gap = step_s > rules.gap_s
    step_m, step_s = np.where(gap, 0.0, step_m), np.where(gap, 0.0, step_s)
    zero = np.zeros(1)
    return _Way(
        lon_deg=lon,
        lat_deg=lat,
        ridden_m=np.concatenate([zero, np.cumsum(step_m)]),
        ridden_s=np.concatenate([zero, np.cumsum(step_s)]),
        jump_count=int((~keep).sum()),
    )


def _drop_slips(
    lon: FloatArray, lat: FloatArray, at_s: FloatArray, rules: BikingRules
) -> npt.NDArray[np.bool_]:
    """Which points can have been reached by bicycle from the one kept before."""
    keep = np.ones(len(lon), bool)
    most_m_s = rules.most_jump_km_h / KM_H
    speeds = _distances(lon, lat) / np.maximum(np.diff(at_s), 1e-3)
    if not (speeds > most_m_s).any():
        return keep
    geod: Any = _ellipsoid()
    last = 0
    for index in range(1, len(lon)):
        wait_s = at_s[index] - at_s[last]
        if wait_s > rules.gap_s:
            last = index
            continue
        if last == index - 1:
            too_fast = speeds[last] > most_m_s
        else:
            _, _, metres = geod.inv(lon[last], lat[last], lon[index], lat[index])
            too_fast = metres / max(wait_s, 1e-3) > most_m_s
        if too_fast:
            keep[index] = False
        else:
            last = index
    return keep


def _join(ways: list[_Way]) -> _Way:
    """Pieces after one another: nothing is ridden between them."""
    metres, seconds = [], []
    far_m = far_s = 0.0
    for way in ways:
        metres.append(way.ridden_m + far_m)
        seconds.append(way.ridden_s + far_s)
        far_m, far_s = float(metres[-1][-1]), float(seconds[-1][-1])
    return _Way(
        lon_deg=np.concatenate([way.lon_deg for way in ways]),
        lat_deg=np.concatenate([way.lat_deg for way in ways]),
        ridden_m=np.concatenate(metres),
        ridden_s=np.concatenate(seconds),
        jump_count=sum(way.jump_count for way in ways),
    )


def _check_place(way: _Way, rules: BikingRules) -> None:
    count = len(way.lon_deg)
    first_lon, first_lat = np.full(count, way.lon_deg[0]), np.full(count, way.lat_deg[0])
    _, _, metres = _ellipsoid().inv(first_lon, first_lat, way.lon_deg, way.lat_deg)
    if float(np.max(metres)) < rules.indoor_radius_m:
        raise IndoorRide(
            f"The track stays within {rules.indoor_radius_m} m of its first point: rides indoors "
            "do not count."
        )


def _check_speed(way: _Way, rules: BikingRules) -> None:
    """Refuse what was too fast for a whole minute; the mean is checked with every other ride."""
    seconds, metres = way.ridden_s, way.ridden_m
    whole = seconds + MINUTE_S <= seconds[-1]
    if not whole.any():
        return
    ahead = np.interp(seconds[whole] + MINUTE_S, seconds, metres) - metres[whole]
    fastest_km_h = float(ahead.max()) / MINUTE_S * KM_H
    if fastest_km_h > rules.most_minute_km_h:
        raise ImpossibleRide(
            f"A whole minute of the track is at {fastest_km_h:.0f} km/h; a bicycle ride stays "
            f"below {rules.most_minute_km_h:.0f}."
        )


def _blur(way: _Way) -> tuple[int | None, int | None]:
    """Coarse cells of a place well into the ride and of one well before its end."""
    total_m = float(way.ridden_m[-1])
    if total_m < 2 * BLUR_M:
        return None, None
    after = int(np.searchsorted(way.ridden_m, BLUR_M))
    before = int(np.searchsorted(way.ridden_m, total_m - BLUR_M, side="right")) - 1
    if before < after:
        return None, None
    return _cell(way, after), _cell(way, before)


def _cell(way: _Way, index: int) -> int:
    return int(
        h3.latlng_to_cell(float(way.lat_deg[index]), float(way.lon_deg[index]), CELL_RESOLUTION)
    )
