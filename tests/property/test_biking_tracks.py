"""Tracks of all kinds: what the measured way must obey, and that no file does more than be read."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from campaigns.biking.checking import RideFacts, check_ride
from campaigns.biking.errors import ImpossibleRide, InvalidRide, InvalidTrack
from campaigns.biking.gpx import Track, TrackPoint, read_track
from campaigns.biking.rules import BikingRules
from campaigns.biking.tracks import measure_track
from tests.gpx import EAST_10_M, START, write_gpx

RULES = BikingRules()
METRES_A_DEGREE = 111_320.0
ELLIPSOID = Geod(ellps="WGS84")

steps = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.floats(0, 8, allow_nan=False),
        st.floats(-math.pi / 2, math.pi / 2, allow_nan=False),
    ),
    min_size=20,
    max_size=120,
)
"""Seconds, metres a second, and heading: somebody who rides eastwards somehow."""


def walk(moves: list[tuple[int, float, float]]) -> list[TrackPoint]:
    at_s, x_m, y_m = 0, 0.0, 0.0
    points = [TrackPoint(START, -71.11, 42.37)]
    for wait_s, speed_m_s, heading in moves:
        at_s += wait_s
        x_m += wait_s * speed_m_s * math.cos(heading)
        y_m += wait_s * speed_m_s * math.sin(heading)
        lon = -71.11 + x_m / (METRES_A_DEGREE * math.cos(math.radians(42.37)))
        lat = 42.37 + y_m / METRES_A_DEGREE
        points.append(TrackPoint(START + timedelta(seconds=at_s), lon, lat))
    assume(abs(points[-1].lat_deg) < 80 and points[-1].lon_deg < -70.0)
    assume(points[-1].lon_deg - points[0].lon_deg > 0.002)
    return points


def distance_m(*segments: list[TrackPoint]) -> int:
    return measure_track(Track([list(points) for points in segments]), RULES).distance_m


@given(steps)
def test_a_way_is_as_long_as_its_steps_and_no_shorter_than_the_straight_line(
    moves: list[tuple[int, float, float]],
) -> None:
    points = walk(moves)
    ridden = sum(wait_s * speed for wait_s, speed, _ in moves)
    first, last = points[0], points[-1]
    _, _, straight = ELLIPSOID.inv(first.lon_deg, first.lat_deg, last.lon_deg, last.lat_deg)
    found = distance_m(points)
    assert math.isclose(found, ridden, rel_tol=0.02, abs_tol=5)
    assert found >= straight - 1


@given(steps, st.data())
def test_a_way_cut_in_two_loses_only_the_step_between(
    moves: list[tuple[int, float, float]], data: st.DataObject
) -> None:
    points = walk(moves)
    cut = data.draw(st.integers(1, len(points) - 1))
    whole, parts = distance_m(points), distance_m(points[:cut], points[cut:])
    step_m = moves[cut - 1][0] * moves[cut - 1][1]
    assert math.isclose(whole - parts, step_m, rel_tol=0.02, abs_tol=3)


@given(steps)
def test_the_way_back_is_as_long(moves: list[tuple[int, float, float]]) -> None:
    points = walk(moves)
    last = points[-1].moment
    back = [
        TrackPoint(START + (last - point.moment), point.lon_deg, point.lat_deg)
        for point in reversed(points)
    ]
    assert abs(distance_m(points) - distance_m(back)) <= 1


@given(steps, st.floats(-60, 60, allow_nan=False))
def test_the_same_way_elsewhere_on_its_parallel_is_as_long(
    moves: list[tuple[int, float, float]], turn_deg: float
) -> None:
    points = walk(moves)
    moved = [TrackPoint(point.moment, point.lon_deg + turn_deg, point.lat_deg) for point in points]
    assert abs(distance_m(points) - distance_m(moved)) <= 1


@given(steps, st.integers(0, 10_000))
def test_a_point_told_twice_adds_nothing(moves: list[tuple[int, float, float]], place: int) -> None:
    points = walk(moves)
    twice = points[place % len(points)]
    at = points.index(twice)
    assert distance_m([*points[:at], twice, *points[at:]]) == distance_m(points)


@given(steps)
def test_whatever_is_taken_was_ridden_at_the_speed_of_a_bicycle(
    moves: list[tuple[int, float, float]],
) -> None:
    found = measure_track(Track([walk(moves)]), RULES)
    facts = RideFacts(
        started_at=found.started_at, duration_s=found.duration_s, distance_m=found.distance_m
    )
    try:
        check_ride(facts, RULES)
    except InvalidRide:
        return
    assert 3.6 * found.distance_m / found.duration_s <= RULES.most_mean_km_h


wild = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), wild, wild), max_size=40))
def test_wild_points_are_measured_or_refused_and_nothing_else(
    rows: list[tuple[int, float, float]],
) -> None:
    data = write_gpx([[(float(at_s), lon, lat) for at_s, lon, lat in rows]])
    try:
        found = measure_track(read_track(data), RULES)
    except (InvalidTrack, InvalidRide):
        return
    assert 0 <= found.distance_m <= 21_000_000 * len(rows)
    assert 0 <= found.duration_s <= found.span_s + 1


GOOD = write_gpx([[(2.0 * n, -71.11 + EAST_10_M * n, 42.37) for n in range(30)]])
TOKENS = [
    b"<!DOCTYPE gpx>", b"<!ENTITY a 'b'>", b"&a;", b"<![CDATA[", b"]]>", b"<trkpt>", b"</trkpt>",
    b"<trkseg>", b"</gpx>", b"\x00", b"\xff\xfe", b"<?xml version='1.0' encoding='utf-7'?>",
    b'lat="nan"', b"<time>", b"<!--", b"<gpx:trkpt xmlns:gpx='x'>",
]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 40), st.sampled_from(TOKENS)),
        max_size=6,
    )
)
def test_a_mangled_file_is_read_or_refused_and_nothing_else(
    cuts: list[tuple[int, int, bytes]],
) -> None:
    data = GOOD
    for at, length, token in cuts:
        data = data[:at] + token + data[at + length :]
    try:
        track = read_track(data)
    except (InvalidTrack, InvalidRide):
        return
    assert 1 <= track.points <= 40


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_track(data)
    except (InvalidTrack, ImpossibleRide, InvalidRide):
        return
    raise AssertionError("no random bytes are a track")
