"""The Valhalla adapter against local servers that answer as Valhalla does."""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np
import pytest
from shapely import Point, Polygon, box
from shapely.geometry import mapping

from geo.errors import InvalidTravelSetting, TravelServiceUnavailable
from geo.regions import split_regions
from geo.travel import great_circle_m
from geo.valhalla import ValhallaTravel
from tests.http_services import (
    Handler,
    Reply,
    Request,
    in_turn,
    serve,
    valhalla_error,
    valhalla_matrix,
)

HOME = np.array([[24.9384, 60.1699]])


def around(n: int, seed: int = 0) -> np.ndarray:
    return (HOME + np.random.default_rng(seed).normal(0, 0.01, (n, 2))).round(6)


def east_of(limit_deg: float) -> Any:
    return lambda lon, lat: int(lon > limit_deg)


def ask(
    handler: Handler, sources: np.ndarray, targets: np.ndarray, **settings: Any
) -> tuple[np.ndarray, np.ndarray, list[Request]]:
    limit_s = settings.pop("limit_s", math.inf)
    with serve(handler) as service, ValhallaTravel(service.url, **settings) as model:
        found = model.matrix(sources, targets, limit_s=limit_s)
    return found.travel_s, found.travel_m, service.requests


def test_asks_for_walking_at_the_speed_of_the_setting() -> None:
    _, _, (request,) = ask(valhalla_matrix(), HOME, around(2), speed_kmh=3.5)
    assert request.path == "/sources_to_targets"
    assert request.body["costing"] == "pedestrian"
    assert request.body["costing_options"] == {"pedestrian": {"walking_speed": 3.5}}
    assert request.body["sources"] == [{"lon": 24.9384, "lat": 60.1699, "search_cutoff": 300.0}]
    assert len(request.body["targets"]) == 2


@pytest.mark.parametrize("compact", [False, True])
def test_reads_seconds_and_kilometres(compact: bool) -> None:
    targets = around(3)
    seconds, metres, _ = ask(valhalla_matrix(compact=compact), HOME, targets)
    air = great_circle_m(HOME, targets)
    assert metres[0] == pytest.approx(air, abs=0.6)
    assert seconds[0] == pytest.approx(air / 1.25, abs=0.6)


def test_adds_the_way_between_door_and_street() -> None:
    good = valhalla_matrix()

    def answer(request: Request) -> Reply:
        reply = good(request)
        north = [{"lon": p["lon"], "lat": p["lat"] + 0.0001} for p in request.body["sources"]]
        reply.data["sources"] = north
        reply.data["targets"] = [[place] for place in request.body["targets"]]
        return reply

    targets = np.concatenate([around(3), HOME])
    plain, plain_m, _ = ask(good, HOME, targets, speed_kmh=3.6)
    seconds, metres, _ = ask(answer, HOME, targets, speed_kmh=3.6)
    assert (metres - plain_m)[0] == pytest.approx([11.12, 11.12, 11.12, 0], abs=0.01)
    assert (seconds - plain)[0] == pytest.approx([11.12, 11.12, 11.12, 0], abs=0.01)


def test_null_is_unreachable() -> None:
    targets = around(6)
    middle = float(np.median(targets[:, 0]))
    seconds, metres, _ = ask(
        valhalla_matrix(blocked=lambda lon, lat: lon > middle), HOME - 0.1, targets
    )
    assert np.isfinite(seconds[0]).tolist() == (targets[:, 0] <= middle).tolist()
    assert np.isfinite(metres[0]).tolist() == (targets[:, 0] <= middle).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_one_unconnected_place_does_not_spoil_the_whole_table(seed: int) -> None:
    sources, targets = around(20, seed), around(30, seed + 100)
    spoiled = seed * 5 % 50
    places = np.concatenate([sources, targets])
    lost = tuple(places[spoiled])
    seconds, metres, requests = ask(
        valhalla_matrix(region=lambda lon, lat: int((lon, lat) == lost)), sources, targets
    )
    wanted = np.ones((20, 30), bool)
    if spoiled < 20:
        wanted[spoiled] = False
    else:
        wanted[:, spoiled - 20] = False
    assert np.isfinite(seconds).tolist() == wanted.tolist()
    assert np.isfinite(metres).tolist() == wanted.tolist()
    assert len(requests) < 25, "few questions for one strange place"


def test_islands_keep_the_ways_among_themselves() -> None:
    sources, targets = around(15, 1), around(15, 2)
    middle = 24.9384
    seconds, _, _ = ask(valhalla_matrix(region=east_of(middle)), sources, targets)
    same = (sources[:, None, 0] > middle) == (targets[None, :, 0] > middle)
    assert 0 < same.mean() < 1
    assert np.isfinite(seconds).tolist() == same.tolist()


@pytest.mark.parametrize("code", [170, 171])
def test_a_single_refused_pair_is_unreachable(code: int) -> None:
    seconds, metres, requests = ask(in_turn(valhalla_error(code, "no")), HOME, HOME + 0.01)
    assert seconds.tolist() == metres.tolist() == [[math.inf]]
    assert len(requests) == 1


def test_places_without_any_street_are_left_out() -> None:
    sources, targets = around(8, 3), around(9, 4)
    nowhere = {tuple(sources[2]), tuple(targets[0]), tuple(targets[8])}
    seconds, _, _ = ask(
        valhalla_matrix(region=lambda lon, lat: -1 if (lon, lat) in nowhere else 0),
        sources,
        targets,
    )
    wanted = np.ones((8, 9), bool)
    wanted[2] = False
    wanted[:, [0, 8]] = False
    assert np.isfinite(seconds).tolist() == wanted.tolist()


def test_everything_unconnected_ends() -> None:
    seconds, _, _ = ask(in_turn(valhalla_error(171, "no")), around(6), around(7, 1))
    assert not np.isfinite(seconds).any()


def test_a_server_that_only_refuses_large_tables_with_170_still_ends() -> None:
    """Each pair alone is fine, any two sources with two targets are not."""
    good = valhalla_matrix()

    def answer(request: Request) -> Reply:
        if len(request.body["sources"]) > 1 and len(request.body["targets"]) > 1:
            return valhalla_error(170, "no")
        return good(request)

    seconds, _, _ = ask(answer, around(4), around(5, 1))
    assert np.isfinite(seconds).all()


def test_large_tables_are_asked_in_parts() -> None:
    sources, targets = around(7), around(11, 1)
    seconds, _, requests = ask(valhalla_matrix(max_pairs=16), sources, targets, max_locations=4)
    assert np.isfinite(seconds).all()
    assert len(requests) == 2 * 3


def test_the_limit_is_applied_and_far_places_are_not_asked_for() -> None:
    targets = np.concatenate([around(5), HOME + np.array([[0.5, 0.0]])])
    whole, _, _ = ask(valhalla_matrix(), HOME, targets)
    limit_s = float(np.median(whole))
    limited, metres, requests = ask(
        valhalla_matrix(), HOME, targets, limit_s=limit_s, max_locations=1
    )
    assert np.isfinite(limited).tolist() == (whole <= limit_s).tolist()
    assert np.isfinite(metres).tolist() == (whole <= limit_s).tolist()
    assert len(requests) <= 5


def test_a_far_place_is_left_out_of_the_table_that_it_would_spoil() -> None:
    good = valhalla_matrix()

    def answer(request: Request) -> Reply:
        if any(place["lon"] > 25 for place in request.body["targets"]):
            return valhalla_error(154, "Path distance exceeds the max distance limit: 50000 meters")
        return good(request)

    targets = np.concatenate([HOME + np.array([[0.5, 0.0]]), around(5)])
    seconds, _, _ = ask(answer, around(4, 1), targets, limit_s=3600)
    assert np.isfinite(seconds).all(axis=0).tolist() == [False, True, True, True, True, True]
    with pytest.raises(TravelServiceUnavailable, match="code 154"):
        ask(answer, around(4, 1), targets)


def test_sparse_equals_the_matrix() -> None:
    points = around(25, 5)
    with serve(valhalla_matrix()) as service, ValhallaTravel(service.url, max_locations=8) as model:
        found = model.sparse(points, limit_s=900)
        table = np.ceil(model.matrix(points, points, limit_s=900).travel_s)
    np.fill_diagonal(table, math.inf)
    listed = np.full((25, 25), math.inf)
    listed[np.repeat(np.arange(25), np.diff(found.ptr)), found.index] = found.seconds
    assert listed.tolist() == table.tolist()


FAILURES = [
    (
        valhalla_error(154, "Path distance exceeds the max distance limit"),
        "code 154.; raise service",
    ),
    (valhalla_error(150, "Exceeded max locations"), "service_limits.pedestrian"),
    (
        valhalla_error(120, "Insufficiently specified 24.9384"),
        "refused the question .HTTP 400, code",
    ),
    (Reply({"error": "no"}, 404), "cannot be used .HTTP 404."),
    (Reply("broken", 500), "failed .HTTP 500."),
    (Reply("down", 503), "is not ready .HTTP 503."),
    (Reply("slow down", 429), "HTTP 429.; wait"),
    (Reply(b"", 200), "cannot be used"),
    (Reply(b"{", 200), "cannot be used"),
    (Reply([1], 200), "cannot be used"),
    (Reply({"sources_to_targets": []}), "cannot be used"),
    (Reply({"sources_to_targets": [[None, None]]}), "cannot be used"),
    (Reply({"sources_to_targets": [[{"time": "1", "distance": 1}] * 2]}), "cannot be used"),
    (Reply({"sources_to_targets": {"durations": [[1, 2]]}}), "cannot be used"),
]


@pytest.mark.parametrize(("reply", "words"), FAILURES, ids=lambda value: str(value)[:40])
def test_failures_are_said_in_words_without_places(
    reply: Reply, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TravelServiceUnavailable, match=words) as caught:
        ask(in_turn(reply), HOME, around(2), attempts=2)
    assert str(caught.value).startswith("Valhalla ")
    assert "24.93" not in str(caught.value)
    assert not any("24.93" in str(vars(record)) for record in caplog.records)


def test_a_slow_server_is_not_waited_for() -> None:
    with (
        serve(in_turn(Reply({}, wait_s=20))) as service,
        ValhallaTravel(service.url, timeout_s=0.2) as model,
        pytest.raises(TravelServiceUnavailable, match="did not answer within"),
    ):
        model.matrix(HOME, HOME)


# --- areas within reach ---


def isochrones(request: Request) -> Reply:
    """Squares of one thousandth of a degree for each minute, largest first as Valhalla does."""
    (home,) = request.body["locations"]
    features = []
    for contour in sorted(request.body["contours"], key=lambda c: -c["time"]):
        half = contour["time"] * 0.001
        area = box(home["lon"] - half, home["lat"] - half, home["lon"] + half, home["lat"] + half)
        properties = {"contour": contour["time"], "metric": "time"}
        features.append({"type": "Feature", "properties": properties, "geometry": mapping(area)})
    return Reply({"type": "FeatureCollection", "features": features})


def test_reach_keeps_the_order_of_limits_and_points() -> None:
    with serve(isochrones) as service, ValhallaTravel(service.url) as model:
        areas = model.reach(np.concatenate([HOME, HOME + 1]), limits_s=[600, 300, 0])
    assert [round(area.area * 1e6) for area in areas[0]] == [400, 100, 0]
    assert areas[1][0].contains(Point(HOME[0] + 1))
    assert service.requests[0].body["polygons"] is True
    assert len(service.requests) == 2


def test_reach_asks_for_at_most_four_contours_at_once() -> None:
    with serve(isochrones) as service, ValhallaTravel(service.url) as model:
        (areas,) = model.reach(HOME, limits_s=[60, 120, 180, 240, 300])
    assert [round(area.area * 1e6) for area in areas] == [4, 16, 36, 64, 100]
    assert [len(request.body["contours"]) for request in service.requests] == [4, 1]


@pytest.mark.parametrize("code", [170, 171, 442])
def test_reach_of_an_unconnected_place_is_empty(code: int) -> None:
    handler = in_turn(valhalla_error(code, "no"))
    with serve(handler) as service, ValhallaTravel(service.url) as model:
        (areas,) = model.reach(HOME, limits_s=[300])
    assert areas == [Polygon()]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"features": [{}]},
        {"features": None},
        {"features": [{"properties": {"contour": 5}, "geometry": {"type": "Polygon"}}]},
        {"features": [{"properties": {"contour": 5}, "geometry": {"type": "Nonsense"}}]},
        [],
    ],
    ids=str,
)
def test_reach_refuses_answers_that_are_no_areas(data: Any) -> None:
    with (
        serve(in_turn(Reply(data))) as service,
        ValhallaTravel(service.url) as model,
        pytest.raises(TravelServiceUnavailable, match="cannot be used"),
    ):
        model.reach(HOME, limits_s=[300])


def test_reach_needs_a_limit() -> None:
    with (
        ValhallaTravel("http://localhost") as model,
        pytest.raises(InvalidTravelSetting, match="needs a limit"),
    ):
        model.reach(HOME, limits_s=[math.inf])


# --- finding regions ---


def test_regions_are_found_with_few_questions() -> None:
    points = around(64)
    label = np.zeros(64, int)
    label[[5, 40]] = [1, -1]
    asked = []

    def connected(anchor: int, others: list[int]) -> bool:
        asked.append(others)
        return label[anchor] >= 0 and all(label[other] == label[anchor] for other in others)

    regions = split_regions(points, connected)  # type: ignore[arg-type]
    assert sorted(regions, key=len) == [[5], [i for i in range(64) if i not in (5, 40)]]
    assert len(asked) < 40
