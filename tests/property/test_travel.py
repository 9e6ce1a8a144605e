"""What holds for every network, every pair of places and every limit."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import street_search
from geo.graph_travel import SAME_PLACE_M, GraphTravel
from geo.straight_travel import StraightTravel
from geo.travel import DEFAULT_SPEED_KMH, TravelMode, great_circle_m
from tests.streets import at, build_streets, grid_shapes, reference_travel

seeds = st.integers(0, 2**32 - 1)


def random_town(seed: int, mode: TravelMode = TravelMode.WALK) -> tuple[GraphTravel, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = grid_shapes(int(rng.integers(2, 6)), int(rng.integers(2, 6)))
    kept = [shape for shape in shapes if rng.random() > 0.2] or shapes
    slowness = None if mode is TravelMode.WALK else rng.uniform(0.05, 0.5, len(kept))
    oneway = None if mode is TravelMode.WALK else rng.choice([0, 0, 1, -1], len(kept))
    graph = build_streets(kept, mode=mode, oneway=oneway, slowness_s_m=slowness, max_access_m=200.0)
    return GraphTravel(graph), at(*rng.uniform(-50, 550, (8, 2)))


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_search_equals_the_reference(seed: int) -> None:
    model, places = random_town(seed, TravelMode.CAR)
    snapped = model.graph.snap(places)
    on = np.flatnonzero(snapped.edge >= 0)
    cost, metres = street_search.point_costs(
        model.graph.arcs, snapped, snapped, math.inf, lengths=True
    )
    for i in on:
        for j in on:
            ends = [(int(snapped.edge[k]), float(snapped.offset_m[k])) for k in (i, j)]
            wanted = reference_travel(model.graph, *ends)
            assert math.isclose(cost[i, j], wanted[0], abs_tol=1e-6)
            assert math.isclose(metres[i, j], wanted[1], abs_tol=1e-4)


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_walks_are_symmetric_and_obey_the_triangle_inequality(seed: int) -> None:
    model, places = random_town(seed)
    travel_s = model.matrix(places, places).travel_s
    assert np.array_equal(np.isfinite(travel_s), np.isfinite(travel_s.T))
    known = np.isfinite(travel_s)
    assert np.allclose(travel_s[known], travel_s.T[known], atol=1e-6)
    through = (travel_s[:, :, None] + travel_s[None, :, :]).min(axis=1)
    # Two places half a metre apart count as one, with the way to the street of either.
    slack_s = 2 * SAME_PLACE_M * 3.6 / DEFAULT_SPEED_KMH[TravelMode.WALK]
    assert (travel_s[known] <= through[known] + slack_s).all()
    assert (np.diag(travel_s)[np.diag(known)] == 0).all()


@settings(deadline=None, max_examples=60)
@given(seed=seeds, limit_s=st.floats(0, 900))
def test_a_limit_only_removes_pairs(seed: int, limit_s: float) -> None:
    model, places = random_town(seed)
    whole = model.matrix(places, places)
    limited = model.matrix(places, places, limit_s=limit_s)
    within = whole.travel_s <= limit_s
    assert np.array_equal(np.isfinite(limited.travel_s), within)
    assert np.allclose(limited.travel_s[within], whole.travel_s[within])


@settings(deadline=None, max_examples=60)
@given(seed=seeds, limit_s=st.floats(1, 900))
def test_sparse_and_matrix_agree(seed: int, limit_s: float) -> None:
    town, places = random_town(seed)
    for model in (town, StraightTravel()):
        table = model.matrix(places, places, limit_s=limit_s).travel_s
        np.fill_diagonal(table, np.inf)
        found = model.sparse(places, limit_s=limit_s)
        rows = np.repeat(np.arange(len(places)), np.diff(found.ptr))
        listed = np.full(table.shape, np.inf)
        listed[rows, found.index] = found.seconds
        assert np.array_equal(listed, np.ceil(table))


@settings(deadline=None, max_examples=100)
@given(lon=st.floats(-179, 179), lat=st.floats(-85, 85), east=st.floats(-0.5, 0.5), seed=seeds)
def test_straight_travel_is_never_shorter_than_the_air(
    lon: float, lat: float, east: float, seed: int
) -> None:
    detour = 1 + (seed % 100) / 50
    a, b = np.array([[lon, lat]]), np.array([[lon + east, lat]])
    found = StraightTravel(detour=detour).matrix(a, b)
    assert found.travel_m[0, 0] >= great_circle_m(a, b)[0]
    assert found.travel_m[0, 0] <= detour * great_circle_m(a, b)[0] + 1e-6
