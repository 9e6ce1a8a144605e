"""Travel models: streets and straight lines, door to door, within limits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo import street_cache
from geo.city import CityPack, shipped_pack
from geo.errors import InvalidCoordinates, InvalidTravelSetting
from geo.graph_travel import GraphTravel
from geo.straight_travel import StraightTravel
from geo.street_cache import load_street_graph
from geo.street_lines import select_streets
from geo.travel import (
    SparseMatrix,
    TravelMode,
    TravelModel,
    great_circle_m,
    group_nearby,
)
from tests.streets import M_PER_DEGREE, at, build_streets, grid_shapes


@pytest.fixture(scope="module")
def cambridge() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


@pytest.fixture
def town() -> GraphTravel:
    return GraphTravel(build_streets(grid_shapes(8, 8)), speed_kmh=3.6)


def dense(matrix: SparseMatrix, n: int) -> np.ndarray:
    table = np.full((n, n), -1, np.int64)
    for row in range(n):
        part = slice(matrix.ptr[row], matrix.ptr[row + 1])
        table[row, matrix.index[part]] = matrix.seconds[part]
    return table


def test_walk_counts_the_way_to_the_street_and_back() -> None:
    model = GraphTravel(build_streets([[(0.0, 0.0), (1000.0, 0.0)]]), speed_kmh=3.6)
    found = model.matrix(at((100.0, 20.0)), at((700.0, -30.0)))
    assert found.travel_m[0, 0] == pytest.approx(20 + 600 + 30, abs=0.01)
    assert found.travel_s[0, 0] == pytest.approx(650, abs=0.01)


def test_neighbours_in_one_house_are_no_walk_apart(town: GraphTravel) -> None:
    found = town.matrix(at((50.0, 20.0)), at((50.0, 20.0), (50.0, -20.0)))
    assert found.travel_s[0] == pytest.approx([0, 40], abs=0.01)


def test_speed_changes_time_and_not_length() -> None:
    graph = build_streets(grid_shapes(5, 5))
    ends = at((0.0, 0.0)), at((300.0, 200.0))
    usual = GraphTravel(graph).matrix(*ends)
    winter = GraphTravel(graph, speed_kmh=3.0).matrix(*ends)
    assert usual.travel_s[0, 0] == pytest.approx(500 / (4.8 / 3.6), abs=0.05)
    assert winter.travel_s[0, 0] == pytest.approx(600, abs=0.05)
    assert winter.travel_m[0, 0] == usual.travel_m[0, 0]


def test_over_the_limit_is_infinite_in_both_tables(town: GraphTravel) -> None:
    targets = at((300.0, 0.0), (300.0, 100.0), (350.0, 0.0))
    found = town.matrix(at((0.0, 0.0)), targets, limit_s=350.5)
    assert np.isfinite(found.travel_s[0]).tolist() == [True, False, True]
    assert np.isfinite(found.travel_m[0]).tolist() == [True, False, True]


def test_the_way_to_the_street_counts_towards_the_limit(town: GraphTravel) -> None:
    found = town.matrix(at((50.0, 40.0)), at((150.0, 0.0)), limit_s=120)
    assert found.travel_s[0, 0] == math.inf
    assert town.matrix(at((50.0, 0.0)), at((150.0, 0.0)), limit_s=120).travel_s[0, 0] < 120


def test_no_sources_or_no_targets_give_an_empty_table(town: GraphTravel) -> None:
    assert town.matrix(np.zeros((0, 2)), at((0.0, 0.0))).travel_s.shape == (0, 1)
    assert town.matrix(at((0.0, 0.0)), np.zeros((0, 2))).travel_m.shape == (1, 0)


def test_places_far_from_every_street_are_unreachable(town: GraphTravel) -> None:
    found = town.matrix(at((0.0, 0.0), (-400.0, 0.0)), at((100.0, 0.0), (-400.0, 0.0)))
    assert np.isfinite(found.travel_s).tolist() == [[True, False], [False, False]]


def test_a_car_takes_the_fast_road_and_reports_its_metres() -> None:
    slow = [[(0.0, 0.0), (500.0, 0.0)], [(500.0, 0.0), (1000.0, 0.0)]]
    fast = [[(0.0, 0.0), (0.0, 200.0)], [(0.0, 200.0), (1000.0, 200.0)]]
    last = [[(1000.0, 200.0), (1000.0, 0.0)]]
    graph = build_streets(
        slow + fast + last, mode=TravelMode.CAR, slowness_s_m=[0.5, 0.5, 0.05, 0.05, 0.05]
    )
    model = GraphTravel(graph)
    found = model.matrix(at((0.0, 0.0)), at((1000.0, 0.0)))
    assert found.travel_s[0, 0] == pytest.approx(70, abs=0.01)
    assert found.travel_m[0, 0] == pytest.approx(1400, abs=0.05)


def test_a_car_has_no_speed_of_its_own() -> None:
    graph = build_streets(grid_shapes(3, 3), mode=TravelMode.CAR)
    with pytest.raises(InvalidTravelSetting, match="each street has its own speed"):
        GraphTravel(graph, speed_kmh=30)


@pytest.mark.parametrize("speed_kmh", [0, -4, math.nan, math.inf])
def test_impossible_speeds_are_refused(speed_kmh: float) -> None:
    with pytest.raises(InvalidTravelSetting, match="speed above 0"):
        StraightTravel(speed_kmh=speed_kmh)


@pytest.mark.parametrize("limit_s", [-1, math.nan])
def test_impossible_limits_are_refused(town: GraphTravel, limit_s: float) -> None:
    with pytest.raises(InvalidTravelSetting, match="0 or more"):
        town.matrix(at((0.0, 0.0)), at((0.0, 0.0)), limit_s=limit_s)


@pytest.mark.parametrize(
    "points", [[[math.nan, 0]], [[181, 0]], [[0, 91]], [[1, 2, 3]], [1, 2]], ids=str
)
def test_impossible_places_are_refused(town: GraphTravel, points: list[object]) -> None:
    with pytest.raises(InvalidCoordinates, match="lon"):
        town.matrix(np.array(points, float), at((0.0, 0.0)))


@pytest.mark.parametrize("model", ["streets", "straight"])
def test_sparse_holds_exactly_the_pairs_of_the_matrix(model: str, town: GraphTravel) -> None:
    chosen: TravelModel = town if model == "streets" else StraightTravel(speed_kmh=3.6)
    points = at(*np.random.default_rng(1).uniform(-20, 720, (300, 2)))
    points[17] = points[3]
    limit_s = 260.0
    found = chosen.sparse(points, limit_s=limit_s)
    wanted = np.ceil(chosen.matrix(points, points, limit_s=limit_s).travel_s)
    np.fill_diagonal(wanted, np.inf)
    assert dense(found, 300).tolist() == np.where(np.isfinite(wanted), wanted, -1).tolist()
    assert {array.dtype for array in (found.ptr, found.index, found.seconds, found.metres)} == {
        np.dtype(np.int64)
    }
    for row in range(300):
        assert (np.diff(found.index[found.ptr[row] : found.ptr[row + 1]]) > 0).all()
    assert 0 < len(found.index) < 300 * 299


def test_sparse_of_nothing_is_empty(town: GraphTravel) -> None:
    found = town.sparse(np.zeros((0, 2)), limit_s=60)
    assert found.ptr.tolist() == [0]
    assert len(found.index) == 0


def test_sparse_reports_its_progress(town: GraphTravel) -> None:
    seen: list[tuple[int, int]] = []
    points = at(*np.random.default_rng(1).uniform(0, 700, (300, 2)))
    town.sparse(points, limit_s=60, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (300, 300)
    assert len(seen) > 1


def test_groups_of_near_points_are_a_partition() -> None:
    points = np.random.default_rng(2).normal(0, 0.01, (1000, 2))
    groups = group_nearby(points, 64)
    assert sorted(np.concatenate(groups).tolist()) == list(range(1000))
    assert max(map(len, groups)) <= 64
    assert len(groups) == 16
    widths = [np.ptp(points[group], axis=0).prod() for group in groups]
    assert np.median(widths) < 0.1 * np.ptp(points, axis=0).prod()


def test_reach_covers_what_the_matrix_reaches(town: GraphTravel) -> None:
    home = at((310.0, 20.0))
    area = town.reach(home, limits_s=[300.0])[0][0]
    corners = at(*[(100.0 * i, 100.0 * j) for i in range(8) for j in range(8)])
    travel_s = town.matrix(home, corners).travel_s[0]
    assert shapely.covers(area, shapely.points(corners[travel_s <= 299])).all()
    too_far = corners[travel_s > 300 + 60]
    assert len(too_far) > 5
    assert not shapely.intersects(area, shapely.points(too_far)).any()


def test_reach_grows_with_the_limit(town: GraphTravel) -> None:
    small, middle, large = town.reach(at((300.0, 300.0)), limits_s=[120, 240, 480])[0]
    assert 0 < small.area < middle.area < large.area
    assert middle.buffer(1 / M_PER_DEGREE).covers(small)
    assert large.buffer(1 / M_PER_DEGREE).covers(middle)


def test_reach_is_empty_without_a_street_or_time(town: GraphTravel) -> None:
    areas = town.reach(at((-2000.0, 0.0), (50.0, 40.0)), limits_s=[300, 30])
    assert [[area.is_empty for area in row] for row in areas] == [[True, True], [False, True]]


def test_reach_stops_at_the_river() -> None:
    banks = [[(0.0, 0.0), (1000.0, 0.0)], [(0.0, 200.0), (1000.0, 200.0)]]
    bridge = [[(0.0, 0.0), (0.0, 200.0)]]
    model = GraphTravel(build_streets(banks + bridge), speed_kmh=3.6)
    area = model.reach(at((900.0, 0.0)), limits_s=[500])[0][0]
    assert area.covers(shapely.Point(at((500.0, 0.0))[0]))
    assert not area.covers(shapely.Point(at((900.0, 200.0))[0]))


def test_straight_line_takes_the_detour_into_account() -> None:
    model = StraightTravel(detour=1.5, speed_kmh=3.6)
    found = model.matrix(np.array([[10.0, 60.0]]), np.array([[10.0, 60.01]]))
    assert found.travel_m[0, 0] == pytest.approx(1.5 * 0.01 * M_PER_DEGREE, rel=1e-6)
    assert found.travel_s[0, 0] == pytest.approx(found.travel_m[0, 0])


def test_straight_reach_is_a_circle() -> None:
    home = np.array([[24.94, 60.17]])
    model = StraightTravel(detour=1.25, speed_kmh=4.5)
    area = model.reach(home, limits_s=[600])[0][0]
    rim = great_circle_m(home, np.array(area.exterior.coords))
    assert rim == pytest.approx(np.full(len(rim), 600.0), abs=0.01)


def test_labels_say_how_the_figures_were_found() -> None:
    graph = build_streets(grid_shapes(3, 3))
    assert GraphTravel(graph, speed_kmh=3.5).label == "along streets, on foot at 3.5 km/h"
    assert "estimate, not streets" in StraightTravel().label


def test_great_circle_of_a_known_pair() -> None:
    helsinki, cambridge = np.array([24.9384, 60.1699]), np.array([-71.1056, 42.3736])
    assert great_circle_m(helsinki, cambridge) == pytest.approx(6_308_000, rel=0.005)


# --- the graphs of a real city ---


def test_every_address_of_cambridge_is_near_a_street(cambridge: CityPack) -> None:
    model = GraphTravel.from_pack(cambridge)
    snapped = model.graph.snap(cambridge.addresses.lonlat)
    assert (snapped.edge >= 0).all()
    assert np.median(snapped.access_m) < 15
    assert model.graph.n_edges > 0.98 * len(cambridge.streets)


@pytest.mark.parametrize("mode", list(TravelMode))
def test_streets_of_cambridge_are_longer_than_the_air(cambridge: CityPack, mode: str) -> None:
    model = GraphTravel.from_pack(cambridge, mode)
    rng = np.random.default_rng(4)
    lonlat = cambridge.addresses.lonlat
    chosen = lonlat[rng.integers(0, len(lonlat), 60)]
    found = model.matrix(chosen, chosen)
    known = np.isfinite(found.travel_m)
    air = great_circle_m(chosen[:, None], chosen[None, :])
    assert known.mean() > 0.95
    assert (found.travel_m[known] >= 0.995 * air[known] - 0.5).all()
    apart = known & (air > 300)
    assert 1.1 < np.median(found.travel_m[apart] / air[apart]) < 1.6


def test_walking_ignores_one_way_streets_and_driving_does_not(cambridge: CityPack) -> None:
    lonlat = cambridge.addresses.lonlat[::400]
    walk = GraphTravel.from_pack(cambridge).matrix(lonlat, lonlat).travel_s
    drive = GraphTravel.from_pack(cambridge, "car").matrix(lonlat, lonlat).travel_s
    assert walk == pytest.approx(walk.T, abs=1e-6)
    both = np.isfinite(drive) & np.isfinite(drive.T)
    assert np.abs(drive - drive.T)[both].max() > 30


def test_one_ways_count_only_where_cars_go(cambridge: CityPack) -> None:
    streets = cambridge.streets
    walk = select_streets(streets, TravelMode.WALK)
    car = select_streets(streets, TravelMode.CAR)
    assert walk.forward.all()
    assert walk.backward.all()
    assert not car.forward.all()
    assert not car.backward.all()
    assert (car.forward | car.backward).all()


# --- the cache ---


def test_cached_graph_is_the_same_graph(cambridge: CityPack, tmp_path: Path) -> None:
    built = load_street_graph(cambridge, TravelMode.CAR, cache_dir=tmp_path / "new" / "place")
    stored = load_street_graph(cambridge, TravelMode.CAR, cache_dir=tmp_path / "new" / "place")
    assert len(list((tmp_path / "new" / "place").iterdir())) == 1
    for name in ("node_xy_m", "start", "end", "length_m", "slowness_s_m", "line_xy_m", "line_ptr"):
        assert np.array_equal(getattr(built, name), getattr(stored, name))
    ends = cambridge.addresses.lonlat[:50]
    first, second = GraphTravel(built).matrix(ends, ends), GraphTravel(stored).matrix(ends, ends)
    assert np.array_equal(first.travel_s, second.travel_s)


def test_cache_is_read_and_not_built_again(
    cambridge: CityPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_street_graph(cambridge, TravelMode.WALK, cache_dir=tmp_path)

    def refuse(*_: object) -> None:
        raise AssertionError("built although the cache holds it")

    monkeypatch.setattr(street_cache, "_build", refuse)
    load_street_graph(cambridge, TravelMode.WALK, cache_dir=tmp_path)
    with pytest.raises(AssertionError, match="built although"):
        load_street_graph(cambridge, TravelMode.CAR, cache_dir=tmp_path)


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "other arrays", "wrong numbers"])
def test_damaged_cache_is_built_again(cambridge: CityPack, tmp_path: Path, damage: str) -> None:
    good = load_street_graph(cambridge, TravelMode.WALK, cache_dir=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    arrays = dict(np.load(file))
    if damage == "empty":
        file.write_bytes(b"")
    elif damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "text":
        file.write_text("not a graph")
    elif damage == "other arrays":
        np.savez(file, other=np.zeros(3))
    else:
        arrays["end"] = arrays["end"] + 10_000_000
        np.savez(file, **arrays)
    again = load_street_graph(cambridge, TravelMode.WALK, cache_dir=tmp_path)
    assert np.array_equal(again.end, good.end)
    (file,) = tmp_path.iterdir()
    assert np.array_equal(np.load(file)["end"], good.end)


def test_unwritable_cache_only_costs_time(cambridge: CityPack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    graph = load_street_graph(cambridge, TravelMode.WALK, cache_dir=tmp_path / "file" / "cache")
    assert graph.n_edges > 1000


def test_another_pack_never_meets_the_old_graph(cambridge: CityPack, tmp_path: Path) -> None:
    load_street_graph(cambridge, TravelMode.WALK, cache_dir=tmp_path)
    copy = tmp_path / "copy.gpkg"
    copy.write_bytes(cambridge.path.read_bytes() + b"\0")
    changed = CityPack(copy, cambridge.meta)
    load_street_graph(changed, TravelMode.WALK, cache_dir=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 2
