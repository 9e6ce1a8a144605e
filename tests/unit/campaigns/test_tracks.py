"""From points to a ride: gaps, slips, places and speeds."""

from __future__ import annotations

import h3.api.basic_int as h3
import msgspec
import pytest
from pyproj import Geod

from campaigns.biking.errors import ImpossibleRide, IndoorRide, InvalidTrack
from campaigns.biking.gpx import Track, read_track
from campaigns.biking.rules import BikingRules
from campaigns.biking.tracks import CELL_RESOLUTION, MeasuredRide, measure_track
from tests.gpx import EAST_10_M, Point, ride_east, write_gpx

RULES = BikingRules()
LAT = 42.37


def track_of(*segments: list[Point]) -> Track:
    return read_track(write_gpx(segments))


def measure(*segments: list[Point]) -> MeasuredRide:
    return measure_track(track_of(*segments), RULES)


def shifted(points: list[Point], *, by_s: float, by_deg: float = 0.0) -> list[Point]:
    return [(at_s + by_s, lon + by_deg, lat) for at_s, lon, lat in points]


def test_a_known_geodesic_is_measured_to_the_metre() -> None:
    points = ride_east(200)
    _, _, expected = Geod(ellps="WGS84").inv(points[0][1], LAT, points[-1][1], LAT)
    found = measure(points)
    assert found.distance_m == pytest.approx(expected, abs=1)
    assert found.duration_s == 398


def test_what_lies_between_two_pieces_is_not_ridden() -> None:
    first = ride_east(100)
    second = shifted(first, by_s=3_600, by_deg=0.05)
    alone, both = measure(first), measure(first, second)
    assert both.distance_m == pytest.approx(2 * alone.distance_m, abs=1)
    assert both.duration_s == 2 * alone.duration_s
    assert both.span_s == 3_600 + alone.duration_s


def test_a_long_silence_within_a_piece_is_a_gap_too() -> None:
    first = ride_east(100)
    second = shifted(first, by_s=3_600, by_deg=0.05)
    assert measure([*first, *second]).distance_m == measure(first, second).distance_m


def test_a_pause_at_one_place_adds_neither_way_nor_time() -> None:
    first = ride_east(100)
    rest = shifted(first, by_s=198 + 900, by_deg=99 * EAST_10_M)
    paused = measure([*first, *rest])
    assert paused.duration_s == 2 * 198
    assert paused.span_s == 2 * 198 + 900


def test_a_slip_of_the_receiver_is_left_out() -> None:
    points = ride_east(200)
    at_s, lon, lat = points[100]
    slipped = [*points[:100], (at_s, lon + 0.02, lat), *points[101:]]
    assert measure(slipped).distance_m == pytest.approx(measure(points).distance_m, abs=1)


def test_a_track_that_jumps_about_is_refused() -> None:
    points = [
        (at_s, lon + (0.02 if number % 3 == 0 else 0.0), lat)
        for number, (at_s, lon, lat) in enumerate(ride_east(200))
    ]
    with pytest.raises(ImpossibleRide, match="could not have been reached"):
        measure(points)


def test_a_drive_is_refused() -> None:
    with pytest.raises(ImpossibleRide, match="could not have been reached"):
        measure(ride_east(300, step_deg=6 * EAST_10_M))
    with pytest.raises(ImpossibleRide, match="whole minute"):
        measure(ride_east(300, step_deg=4 * EAST_10_M))


def test_a_short_descent_is_no_drive() -> None:
    slow, fast = ride_east(200), 3.0 * EAST_10_M
    at_s, lon, lat = slow[-1]
    descent = [(at_s + 2 * n, lon + fast * n, lat) for n in range(1, 21)]
    assert measure([*slow, *descent]).distance_m > measure(slow).distance_m


def test_who_stays_at_one_place_rides_indoors() -> None:
    swaying = [(2 * n, -71.11 + 0.0002 * (n % 2), LAT) for n in range(600)]
    with pytest.raises(IndoorRide, match="within 100 m"):
        measure(swaying)
    with pytest.raises(IndoorRide, match="single point"):
        measure(ride_east(1))


def test_times_that_run_backwards_are_refused_and_a_single_one_is_left_out() -> None:
    points = ride_east(200)
    with pytest.raises(InvalidTrack, match="run backwards"):
        measure(points[::-1])
    at_s, lon, lat = points[100]
    one_back = [*points[:100], (at_s - 50, lon, lat), *points[101:]]
    assert measure(one_back).distance_m == pytest.approx(measure(points).distance_m, abs=1)


def test_a_second_piece_from_before_the_first_is_refused() -> None:
    later = shifted(ride_east(100), by_s=10_000)
    with pytest.raises(InvalidTrack, match="run backwards"):
        measure(later, ride_east(100))


def test_start_and_end_are_blurred_cells_of_places_well_inside_the_ride() -> None:
    points = ride_east(400)
    found = measure(points)
    for cell, number in ((found.start_cell, 20), (found.end_cell, -22)):
        assert cell is not None
        assert h3.get_resolution(cell) == CELL_RESOLUTION
        _, lon, lat = points[number]
        near = h3.latlng_to_cell(lat, lon, CELL_RESOLUTION)
        assert h3.grid_distance(cell, near) <= 1
    kept = set(MeasuredRide.__dataclass_fields__)
    assert not {name for name in kept if "lon" in name or "lat" in name or "point" in name}


def test_another_home_within_the_cut_leaves_the_same_trace() -> None:
    """Where exactly within the first 200 m somebody set out cannot be told from what is kept."""
    points = ride_east(400)
    home_beside = [(0.0, points[0][1], LAT + 0.0003), *points[1:]]
    one, other = measure(points), measure(home_beside)
    assert (one.start_cell, one.end_cell) == (other.start_cell, other.end_cell)


def test_a_ride_shorter_than_both_cuts_tells_no_place() -> None:
    found = measure(ride_east(35))
    assert (found.start_cell, found.end_cell) == (None, None)


def test_over_the_date_line_the_way_is_short() -> None:
    points = [(2 * n, (179.99 + 0.0001 * n + 180) % 360 - 180, 0.0) for n in range(200)]
    assert measure(points).distance_m == pytest.approx(199 * 11.13, rel=0.01)


def test_rules_decide_how_long_a_silence_is() -> None:
    points = [(60 * n, -71.11 + 0.002 * n, LAT) for n in range(20)]
    strict = msgspec.structs.replace(RULES, gap_s=30)
    assert measure_track(track_of(points), RULES).distance_m > 3_000
    assert measure_track(track_of(points), strict).distance_m == 0
