"""The street graph: what is connected, where houses meet it, and the ways it finds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from geo import street_search
from geo.errors import NoUsableStreets
from geo.street_graph import StreetGraph
from geo.travel import TravelMode
from tests.streets import FlatPlane, at, build_streets, grid_shapes, lines_of, reference_travel


def test_streets_that_share_an_end_are_connected() -> None:
    graph = build_streets(grid_shapes(4, 3))
    assert graph.n_nodes == 12
    assert graph.n_edges == 17
    assert graph.length_m.sum() == pytest.approx(1700, abs=0.01)


def test_streets_that_only_cross_are_not_connected() -> None:
    bridge = [(-100.0, 50.0), (200.0, 50.0)]
    below = [[(0.0, 0.0), (0.0, 100.0)], [(0.0, 100.0), (300.0, 100.0)]]
    graph = build_streets([bridge, *below])
    assert graph.n_edges == 2


def test_only_the_largest_part_is_kept() -> None:
    island = [[(5000.0, 0.0), (5100.0, 0.0)]]
    graph = build_streets(grid_shapes(3, 3) + island)
    assert graph.n_edges == 12
    assert graph.snap(at((5050.0, 5.0))).edge[0] == -1


def test_one_way_dead_ends_leave_the_graph() -> None:
    ring = [[(0.0, 0.0), (100.0, 0.0)], [(100.0, 0.0), (50.0, 80.0)], [(50.0, 80.0), (0.0, 0.0)]]
    trap = [[(100.0, 0.0), (200.0, 0.0)]]
    graph = build_streets(ring + trap, mode=TravelMode.CAR, oneway=[1, 1, 1, 1])
    assert graph.n_edges == 3


def test_loose_ends_that_nearly_meet_are_joined() -> None:
    near = [[(0.0, 0.0), (100.0, 0.0)], [(100.2, 0.1), (200.0, 0.0)]]
    far = [[(0.0, 0.0), (100.0, 0.0)], [(103.0, 0.0), (200.0, 0.0)]]
    assert build_streets(near).n_edges == 2
    assert build_streets(far).n_edges == 1


def test_no_streets_is_said_in_words() -> None:
    with pytest.raises(NoUsableStreets, match="no street for the mode 'bike'"):
        build_streets([], mode=TravelMode.BIKE)


def test_houses_meet_the_nearest_street_not_the_nearest_corner() -> None:
    graph = build_streets([[(0.0, 0.0), (1000.0, 0.0)], [(0.0, 0.0), (0.0, 300.0)]])
    snapped = graph.snap(at((480.0, 12.0), (480.0, 500.0)))
    assert snapped.edge[0] >= 0
    assert snapped.offset_m[0] == pytest.approx(480, abs=0.01)
    assert snapped.access_m[0] == pytest.approx(12, abs=0.01)
    assert snapped.edge[1] == -1
    assert snapped.access_m[1] == math.inf


def test_parallel_streets_keep_the_shorter_one() -> None:
    detour = [[(0.0, 0.0), (50.0, 400.0), (100.0, 0.0)], [(0.0, 0.0), (100.0, 0.0)]]
    tails = [[(-100.0, 0.0), (0.0, 0.0)], [(100.0, 0.0), (200.0, 0.0)]]
    graph = build_streets(detour + tails)
    ends = graph.snap(at((-50.0, 0.0), (150.0, 0.0)))
    cost, _ = street_search.point_costs(
        graph.arcs, ends.take(np.array([0])), ends.take(np.array([1])), math.inf, lengths=False
    )
    assert cost[0, 0] == pytest.approx(200, abs=0.01)


def test_search_equals_the_reference_on_a_network_with_rings_and_one_ways() -> None:
    rng = np.random.default_rng(7)
    shapes = grid_shapes(5, 4)
    shapes.append([(0.0, 0.0), (-60.0, -60.0), (-80.0, 20.0), (0.0, 0.0)])
    oneway = rng.choice([0, 0, 1, -1], len(shapes))
    slowness = rng.choice([0.1, 0.2, 0.5], len(shapes))
    graph = build_streets(shapes, mode=TravelMode.CAR, oneway=oneway, slowness_s_m=slowness)
    assert graph.n_edges > 12
    points = graph.snap(at(*rng.uniform(-60, 420, (40, 2))))
    cost, metres = street_search.point_costs(graph.arcs, points, points, math.inf, lengths=True)
    different = 0
    for i in range(len(points)):
        for j in range(len(points)):
            ends = [(int(points.edge[k]), float(points.offset_m[k])) for k in (i, j)]
            wanted = reference_travel(graph, ends[0], ends[1])
            assert (cost[i, j], metres[i, j]) == pytest.approx(wanted, abs=1e-6)
            different += cost[i, j] != cost[j, i]
    assert different > 100


def test_one_way_on_the_same_street_leads_round_the_block() -> None:
    block = [
        [(0.0, 0.0), (100.0, 0.0)],
        [(100.0, 0.0), (100.0, 100.0)],
        [(100.0, 100.0), (0.0, 100.0)],
        [(0.0, 100.0), (0.0, 0.0)],
    ]
    graph = build_streets(block, mode=TravelMode.CAR, oneway=[1, 1, 1, 1])
    ends = graph.snap(at((20.0, 0.0), (70.0, 0.0)))
    cost, _ = street_search.point_costs(graph.arcs, ends, ends, math.inf, lengths=False)
    assert cost[0, 1] == pytest.approx(50, abs=0.01)
    assert cost[1, 0] == pytest.approx(350, abs=0.01)


def test_route_line_follows_the_streets() -> None:
    graph = build_streets(grid_shapes(3, 3))
    line = graph.route_line(*at((50.0, 10.0), (200.0, 150.0)))
    assert line is not None
    xy_m = FlatPlane().to_utm(shapely.get_coordinates(line))
    assert xy_m[0] == pytest.approx([50, 10], abs=0.01)
    assert xy_m[-1] == pytest.approx([200, 150], abs=0.01)
    assert xy_m[1] == pytest.approx([50, 0], abs=0.01)
    assert np.hypot(*np.diff(xy_m, axis=0).T).sum() == pytest.approx(10 + 300, abs=0.05)
    steps = np.abs(np.diff(xy_m, axis=0))
    assert (steps.min(axis=1) < 0.01).all(), "each step runs along a street of the grid"


def test_route_line_has_the_length_of_the_search() -> None:
    rng = np.random.default_rng(3)
    shapes = grid_shapes(4, 4)
    graph = build_streets(shapes, mode=TravelMode.CAR, oneway=rng.choice([0, 1, -1], len(shapes)))
    places = at(*rng.uniform(0, 300, (30, 2)))
    snapped = graph.snap(places)
    _, metres = street_search.point_costs(graph.arcs, snapped, snapped, math.inf, lengths=True)
    for i in range(0, 30, 2):
        line = graph.route_line(places[i], places[i + 1])
        assert line is not None
        length = np.hypot(*np.diff(FlatPlane().to_utm(line.coords), axis=0).T).sum()
        access = snapped.access_m[i] + snapped.access_m[i + 1]
        assert length == pytest.approx(metres[i, i + 1] + access, abs=0.05)


def test_route_line_is_none_where_no_way_leads() -> None:
    graph = build_streets(grid_shapes(3, 3))
    assert graph.route_line(*at((0.0, 0.0), (9000.0, 0.0))) is None


def test_route_line_to_the_same_place_is_a_line() -> None:
    graph = build_streets(grid_shapes(3, 3))
    line = graph.route_line(*at((50.0, 0.0), (50.0, 0.0)))
    assert line is not None
    assert line.length == 0


def test_build_does_not_depend_on_the_order_of_the_streets() -> None:
    shapes = grid_shapes(4, 4)
    places = at(*np.random.default_rng(5).uniform(0, 300, (20, 2)))
    costs = []
    for order in (shapes, shapes[::-1]):
        graph = StreetGraph.build(lines_of(order), FlatPlane(), mode=TravelMode.WALK)
        snapped = graph.snap(places)
        costs.append(
            street_search.point_costs(graph.arcs, snapped, snapped, math.inf, lengths=False)[0]
        )
    assert costs[0] == pytest.approx(costs[1], abs=1e-6)


def test_of_equally_near_streets_the_first_is_taken() -> None:
    graph = build_streets(grid_shapes(3, 3))
    corners = [(100.0 * i, 100.0 * j) for i in range(3) for j in range(3)]
    snapped = graph.snap(at(*corners))
    for node, edge in zip(corners, snapped.edge, strict=True):
        there = (np.abs(graph.node_xy_m - node) < 0.01).all(axis=1).nonzero()[0][0]
        touching = np.flatnonzero((graph.start == there) | (graph.end == there))
        assert edge == touching.min()
