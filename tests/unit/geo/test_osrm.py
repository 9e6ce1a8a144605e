"""The OSRM adapter against local servers that answer as OSRM does, and as it should not."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest
from shapely import Point

from geo.errors import InvalidServiceSetting, InvalidTravelSetting, TravelServiceUnavailable
from geo.osrm import OsrmTravel
from geo.travel import great_circle_m
from tests.http_services import Handler, Reply, in_turn, osrm_places, osrm_table, serve

HOME = np.array([[24.9384, 60.1699]])
PLACES = np.array([[24.9384, 60.1699], [24.9500, 60.1700], [24.9400, 60.1800]])


def ask(handler: Handler, **settings: object) -> tuple[np.ndarray, np.ndarray]:
    limit_s = settings.pop("limit_s", math.inf)
    with serve(handler) as service, OsrmTravel(service.url, **settings) as model:  # type: ignore[arg-type]
        found = model.matrix(HOME, PLACES, limit_s=limit_s)  # type: ignore[arg-type]
    return found.travel_s, found.travel_m


def test_asks_lon_first_for_both_tables_of_the_foot_profile() -> None:
    with serve(osrm_table()) as service, OsrmTravel(service.url) as model:
        model.matrix(HOME, PLACES)
    (request,) = service.requests
    assert request.path.startswith("/table/v1/foot/24.938400,60.169900;24.938400,60.169900;")
    assert request.params == {
        "sources": "0",
        "destinations": "1;2;3",
        "annotations": "duration,distance",
    }


def test_reads_seconds_and_metres() -> None:
    seconds, metres = ask(osrm_table())
    air = great_circle_m(HOME, PLACES)
    assert metres[0] == pytest.approx(air, abs=0.1)
    assert seconds[0] == pytest.approx(air / 1.25, abs=0.1)


def test_adds_the_way_between_door_and_street() -> None:
    seconds, metres = ask(osrm_table(off_street_m=12.0))
    air = great_circle_m(HOME, PLACES)
    assert metres[0, 0] == seconds[0, 0] == 0, "the same house"
    assert metres[0, 1:] == pytest.approx(air[1:] + 24, abs=0.1)
    assert seconds[0, 1:] == pytest.approx(air[1:] / 1.25 + 24 / (4.8 / 3.6), abs=0.1)


def test_places_far_from_every_street_are_unreachable() -> None:
    seconds, metres = ask(osrm_table(off_street_m=5000.0))
    assert (seconds == math.inf).all()
    assert (metres == math.inf).all()


def test_null_is_unreachable() -> None:
    seconds, metres = ask(osrm_table(island=lambda lon, lat: lon > 24.945))
    assert np.isfinite(seconds).tolist() == [[True, False, True]]
    assert np.isfinite(metres).tolist() == [[True, False, True]]


def test_rounding_errors_below_zero_are_zero() -> None:
    data = {"code": "Ok", "durations": [[0, -0.1, 5]], "distances": [[0, -0.1, 6.5]]}
    seconds, metres = ask(in_turn(Reply(data)))
    assert seconds.tolist() == [[0, 0, 5]]
    assert metres.tolist() == [[0, 0, 6.5]]


def test_the_limit_is_applied_to_the_answer() -> None:
    whole, _ = ask(osrm_table())
    limited, metres = ask(osrm_table(), limit_s=float(whole[0, 1]))
    assert np.isfinite(limited).tolist() == [[True, True, False]]
    assert np.isfinite(metres).tolist() == [[True, True, False]]


def test_a_walking_speed_replaces_the_time_of_the_profile() -> None:
    seconds, metres = ask(osrm_table(off_street_m=10.0), speed_kmh=3.6)
    assert seconds == pytest.approx(metres, abs=1e-6)


def test_large_tables_are_asked_in_parts() -> None:
    rng = np.random.default_rng(1)
    sources, targets = HOME + rng.normal(0, 0.01, (7, 2)), HOME + rng.normal(0, 0.01, (11, 2))
    with (
        serve(osrm_table(max_table_size=4)) as service,
        OsrmTravel(service.url, max_table_size=4) as model,
    ):
        found = model.matrix(sources, targets)
    assert found.travel_m == pytest.approx(
        great_circle_m(sources[:, None], targets[None, :]), abs=0.3
    )
    assert len(service.requests) == 2 * 3
    assert max(len(osrm_places(request)[0]) for request in service.requests) == 8


def test_places_beyond_the_limit_are_not_asked_for() -> None:
    far = HOME + np.array([[0.5, 0.0]])
    with serve(osrm_table()) as service, OsrmTravel(service.url) as model:
        found = model.matrix(HOME, far, limit_s=600)
    assert found.travel_s.tolist() == [[math.inf]]
    assert service.requests == []


def test_sparse_equals_the_matrix() -> None:
    points = HOME + np.random.default_rng(2).normal(0, 0.02, (30, 2))
    with (
        serve(osrm_table(max_table_size=8)) as service,
        OsrmTravel(service.url, max_table_size=8) as model,
    ):
        found = model.sparse(points, limit_s=1200)
        table = np.ceil(model.matrix(points, points, limit_s=1200).travel_s)
    np.fill_diagonal(table, math.inf)
    rows = np.repeat(np.arange(30), np.diff(found.ptr))
    listed = np.full((30, 30), math.inf)
    listed[rows, found.index] = found.seconds
    assert listed.tolist() == table.tolist()


def test_reach_is_made_of_hexagons_reached_in_time() -> None:
    with serve(osrm_table()) as service, OsrmTravel(service.url) as model:
        small, large = model.reach(HOME, limits_s=[300, 600])[0]
    assert small.contains(Point(HOME[0]))
    assert large.covers(small)
    rim = great_circle_m(HOME, np.array(large.exterior.coords))  # type: ignore[union-attr]
    assert rim == pytest.approx(np.full(len(rim), 600 * 1.25), rel=0.2)


def test_retries_until_the_server_is_ready() -> None:
    ready = osrm_table()
    replies = iter([Reply("starting", 503), Reply("starting", 502)])

    def answer(request: object) -> Reply:
        return next(replies, None) or ready(request)  # type: ignore[arg-type]

    seconds, _ = ask(answer)
    assert np.isfinite(seconds).all()


FAILURES = [
    (Reply("down", 503), "is not ready .HTTP 503.; check that it runs"),
    (Reply("broken", 500), "failed .HTTP 500."),
    (Reply(b"", 200), "cannot be used .HTTP 200."),
    (Reply(b"<html>hello</html>", 200), "cannot be used"),
    (Reply(b'{"code": "Ok", "durations": [[1.0', 200), "cannot be used"),
    (Reply(b'{"code": "Ok"', 200, cut=True), "broke the connection off"),
    (Reply([], 200), "cannot be used"),
    (Reply(None, 200), "cannot be used"),
    (Reply({"code": "Ok"}, 200), "cannot be used"),
    (Reply({"code": "Ok", "durations": [[1, 2]], "distances": [[1, 2]]}), "cannot be used"),
    (Reply({"code": "Ok", "durations": [[1, 2, "3"]], "distances": [[1, 2, 3]]}), "cannot be used"),
    (Reply({"code": "Ok", "durations": [[1, 2, -3]], "distances": [[1, 2, 3]]}), "cannot be used"),
    (
        Reply({"code": "Ok", "durations": [[1, 2, 3]], "distances": [[1, 2, True]]}),
        "cannot be used",
    ),
    (Reply(b'{"code": "Ok", "durations": [[1, 2, NaN]], "distances": [[1, 2, 3]]}'), "cannot be"),
    (
        Reply(
            {
                "code": "Ok",
                "durations": [[1, 2, 3]],
                "distances": [[1, 2, 3]],
                "sources": [None],
                "destinations": None,
            }
        ),
        "cannot be used",
    ),
    (Reply({"code": "TooBig", "message": "x"}, 400), "larger --max-table-size"),
    (Reply({"code": "NoSegment", "message": "near 24.9384,60.1699"}, 400), "no street for a place"),
    (Reply({"code": "InvalidQuery", "message": "24.9384,60.1699"}, 400), "InvalidQuery, HTTP 400"),
    (Reply({"code": "24.9384,60.1699"}, 400), "cannot be used .HTTP 400."),
    (Reply("slow down", 429), "HTTP 429.; wait"),
    (Reply(b"", 302, headers={"Location": "/elsewhere/24.9384"}), "failed .HTTP 302."),
]


@pytest.mark.parametrize(("reply", "words"), FAILURES, ids=lambda value: str(value)[:40])
def test_failures_are_said_in_words_without_places(
    reply: Reply, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TravelServiceUnavailable, match=words) as caught:
        ask(in_turn(reply), attempts=2)
    assert str(caught.value).startswith("OSRM ")
    error: BaseException | None = caught.value
    while error is not None:
        assert "24.93" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert "24.93" not in caplog.text
    assert not any("24.93" in str(vars(record)) for record in caplog.records)


def test_a_good_answer_leaves_no_place_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(osrm_table())
    assert not any("24.93" in str(vars(record)) for record in caplog.records)


def test_a_slow_server_is_not_waited_for_and_not_asked_again() -> None:
    with (
        serve(in_turn(Reply({}, wait_s=20))) as service,
        OsrmTravel(service.url, timeout_s=0.2) as model,
    ):
        with pytest.raises(TravelServiceUnavailable, match=r"did not answer within 0\.2 s"):
            model.matrix(HOME, PLACES)
        assert len(service.requests) == 1


def test_a_server_that_is_not_there() -> None:
    with serve(osrm_table()) as service:
        url = service.url
    with (
        OsrmTravel(url, attempts=2) as model,
        pytest.raises(TravelServiceUnavailable, match="OSRM cannot be reached; check that it runs"),
    ):
        model.matrix(HOME, PLACES)


@pytest.mark.parametrize("url", ["", "localhost:5000", "ftp://localhost", "http://", "http://[x"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(InvalidServiceSetting, match="http://host:port"):
        OsrmTravel(url)


def test_settings_that_cannot_be() -> None:
    with pytest.raises(InvalidTravelSetting):
        OsrmTravel("http://localhost", "car", speed_kmh=30)
    with pytest.raises(InvalidTravelSetting):
        OsrmTravel("http://localhost", max_table_size=1)


def test_no_places_ask_nothing() -> None:
    with serve(osrm_table()) as service, OsrmTravel(service.url) as model:
        assert model.matrix(HOME, np.zeros((0, 2))).travel_s.shape == (1, 0)
        assert model.sparse(np.zeros((0, 2)), limit_s=600).ptr.tolist() == [0]
    assert service.requests == []
