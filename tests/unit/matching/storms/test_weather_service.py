from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matching.errors import WeatherUnavailable
from matching.storms.nws_format import read_alerts, read_observations
from matching.storms.rules import StormRules, read_storm_rules
from matching.storms.weather_service import WeatherService
from tests.http_services import Handler, LocalService, Reply, Request, in_turn, serve

MOMENT = datetime(2026, 1, 15, 15, 54, tzinfo=UTC)


def quantity(value: float | None, unit: str, quality: str = "V") -> dict[str, Any]:
    return {"unitCode": f"wmoUnit:{unit}", "value": value, "qualityControl": quality}


def present(weather: str | None, modifier: str | None = None, **values: Any) -> dict[str, Any]:
    return {
        "intensity": "light",
        "modifier": modifier,
        "weather": weather,
        "rawString": "",
    } | values


def observation(**changes: Any) -> dict[str, Any]:
    """One observation as the service gives it; values are made up."""
    properties = {
        "@id": "https://api.weather.gov/stations/KBOS/observations/2026-01-15T15:54:00+00:00",
        "@type": "wx:ObservationStation",
        "elevation": quantity(9, "m"),
        "station": "https://api.weather.gov/stations/KBOS",
        "timestamp": "2026-01-15T15:54:00+00:00",
        "rawMessage": "",
        "textDescription": "Light Snow",
        "presentWeather": [present("snow")],
        "temperature": quantity(-3.3, "degC"),
        "dewpoint": quantity(None, "degC", "Z"),
        "windSpeed": quantity(22.2, "km_h-1"),
        "precipitationLastHour": quantity(1.5, "mm", "C"),
        "precipitationLast3Hours": quantity(None, "mm", "Z"),
    }
    geometry = {"type": "Point", "coordinates": [-71.03, 42.36]}
    return {"type": "Feature", "geometry": geometry, "properties": properties | changes}


def alert(**changes: Any) -> dict[str, Any]:
    """One alert as the service gives it; values are made up."""
    properties = {
        "@type": "wx:Alert",
        "id": "urn:oid:2.49.0.1.840.0.0001",
        "areaDesc": "Middlesex, MA",
        "sent": "2026-01-15T04:00:00-05:00",
        "effective": "2026-01-15T04:00:00-05:00",
        "onset": "2026-01-15T13:00:00-05:00",
        "expires": "2026-01-15T17:00:00-05:00",
        "ends": "2026-01-16T07:00:00-05:00",
        "status": "Actual",
        "messageType": "Alert",
        "severity": "Severe",
        "event": "Winter Storm Warning",
    }
    return {"type": "Feature", "geometry": None, "properties": properties | changes}


def features(*rows: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(rows)}


def read_one(**changes: Any) -> Any:
    [reading] = read_observations(features(observation(**changes)), "KBOS", snow_ratio=10.0)
    return reading


def test_observation_in_the_services_shape() -> None:
    reading = read_one()
    assert reading.observed_at == MOMENT
    assert reading.conditions == {"snow"}
    assert reading.temperature_c == -3.3
    assert reading.snowfall_cm == pytest.approx(1.5)
    assert reading.depth_cm is None
    assert (reading.source, reading.station) == ("nws", "KBOS")


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"temperature": quantity(None, "degC")}, "temperature_c", None),
        ({"temperature": None}, "temperature_c", None),
        ({"temperature": quantity(26.06, "degF")}, "temperature_c", pytest.approx(-3.3)),
        ({"temperature": quantity(270, "K")}, "temperature_c", None),
        ({"temperature": quantity(-3, "degC", "X")}, "temperature_c", None),
        ({"temperature": {"value": "-3", "unitCode": "wmoUnit:degC"}}, "temperature_c", None),
        ({"temperature": {"value": True, "unitCode": "wmoUnit:degC"}}, "temperature_c", None),
        ({"temperature": {"value": -3}}, "temperature_c", None),
        ({"precipitationLastHour": quantity(0.15, "cm")}, "snowfall_cm", pytest.approx(1.5)),
        ({"precipitationLastHour": quantity(0.0015, "m")}, "snowfall_cm", pytest.approx(1.5)),
        ({"precipitationLastHour": quantity(1.5, "km")}, "snowfall_cm", None),
        ({"precipitationLastHour": quantity(-1.5, "mm")}, "snowfall_cm", None),
        ({"temperature": quantity(4, "degC")}, "snowfall_cm", 0.0),
        ({"presentWeather": [present("rain"), present("snow")]}, "snowfall_cm", 0.0),
        ({"snowDepth": quantity(120, "mm")}, "depth_cm", 12.0),
        ({"rawMessage": "KBOS 151554Z RMK AO2 SLP132 4/012 T10331056"}, "depth_cm", 30.48),
        ({"rawMessage": "KBOS 151554Z RMK AO2 SNINCR 2/10"}, "depth_cm", 25.4),
        ({"rawMessage": "KBOS 151554Z RMK AO2 SNINCR 2/10"}, "snowfall_cm", 5.08),
        ({"rawMessage": "KBOS 151554Z 4/012"}, "depth_cm", None),
        ({"presentWeather": [present("rain", "freezing")]}, "conditions", {"freezing_rain"}),
        ({"presentWeather": [present("snow", "blowing")]}, "conditions", set()),
        ({"presentWeather": [present("snow", inVicinity=True)]}, "conditions", set()),
        ({"presentWeather": [present(None), "junk", None]}, "conditions", set()),
        ({"presentWeather": []}, "conditions", set()),
        ({"presentWeather": [], "textDescription": ""}, "conditions", None),
        ({"presentWeather": None}, "conditions", None),
    ],
)
def test_values_are_read_with_their_unit_or_not_at_all(
    changes: dict[str, Any], name: str, expected: Any
) -> None:
    assert getattr(read_one(**changes), name) == expected


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", "2026-01-15T15:54:00", 17])
def test_observation_without_a_moment_is_left_out(timestamp: Any) -> None:
    data = features(observation(timestamp=timestamp), None, {"properties": 3})
    assert read_observations(data, "KBOS", snow_ratio=10.0) == []


@pytest.mark.parametrize("data", [None, [], "x", {}, {"features": None}, {"title": "Not Found"}])
def test_answer_in_an_unknown_shape_is_refused(data: Any) -> None:
    with pytest.raises(WeatherUnavailable, match="shape"):
        read_alerts(data)


def test_alerts_in_the_services_shape() -> None:
    data = features(
        alert(),
        alert(id="2", ends=None, onset=None, event="Ice Storm Warning"),
        alert(id="3", messageType="Cancel"),
        alert(id="4", status="Test"),
        alert(id="5", ends=None, expires=None),
        alert(id=None),
    )
    found = read_alerts(data)
    assert [row.event for row in found] == [
        "Winter Storm Warning",
        "Ice Storm Warning",
        "Winter Storm Warning",
    ]
    assert found[0].onset_at == datetime(2026, 1, 15, 18, tzinfo=UTC)
    assert found[0].ends_at - found[0].onset_at == timedelta(hours=18)
    assert found[1].ends_at == datetime(2026, 1, 15, 22, tzinfo=UTC)
    assert [row.cancelled for row in found] == [False, False, True]


RULES = read_storm_rules({"lon_deg": -71.11057, "lat_deg": 42.37361, "stations": ["KBOS", "KOWD"]})


@contextmanager
def running(handler: Handler) -> Iterator[LocalService]:
    with serve(handler) as local:
        yield local


@asynccontextmanager
async def asking(
    handler: Handler, **values: Any
) -> AsyncIterator[tuple[WeatherService, LocalService]]:
    with running(handler) as local:
        async with WeatherService(local.url, user_agent="talkoot test", **values) as service:
            yield service, local


def weather_gov(request: Request) -> Reply:
    if request.path == "/alerts/active":
        return Reply(features(alert()))
    if request.path == "/stations/KBOS/observations":
        return Reply(features(observation()))
    return Reply({"title": "Not Found", "status": 404}, 404)


async def test_alerts_and_observations_are_asked_for_politely() -> None:
    async with asking(weather_gov) as (service, local):
        fetched = await service.fetch(RULES)
    assert [row.event for row in fetched.observed.alerts] == ["Winter Storm Warning"]
    assert [row.station for row in fetched.observed.readings] == ["KBOS"]
    assert fetched.observed.alerts_complete_from == "nws"
    assert len(fetched.failures) == 1
    assert "KOWD" in fetched.failures[0]
    first = local.requests[0]
    assert first.params == {"point": "42.3736,-71.1106"}
    assert first.headers["User-Agent"] == "talkoot test"


async def test_what_has_not_changed_is_not_sent_again() -> None:
    def handler(request: Request) -> Reply:
        if request.headers.get("If-None-Match") == '"a1"':
            return Reply(b"", 304)
        return Reply(features(alert()), headers={"ETag": '"a1"', "Last-Modified": "Thu"})

    async with asking(handler) as (service, local):
        first = await service.fetch_alerts(-71.11, 42.37)
        again = await service.fetch_alerts(-71.11, 42.37)
    assert first == again
    assert len(first) == 1
    assert local.requests[1].headers["If-Modified-Since"] == "Thu"


async def test_overloaded_service_is_asked_again() -> None:
    handler = in_turn(Reply({}, 503), Reply({}, 500), Reply(features(alert())))
    async with asking(handler) as (service, local):
        assert len(await service.fetch_alerts(-71.11, 42.37)) == 1
    assert len(local.requests) == 3


@pytest.mark.parametrize(
    ("reply", "words", "asked"),
    [
        (Reply({}, 503), "HTTP 503", 2),
        (Reply({}, 429), "HTTP 429", 1),
        (Reply({}, 403), "HTTP 403", 1),
        (Reply(b"<html>"), "no JSON", 1),
        (Reply(b""), "no JSON", 1),
        (Reply(features(), cut=True), "broke the connection", 2),
        (Reply(features(), wait_s=5.0), "did not answer within 0.3 s", 2),
        (Reply(json.dumps("x" * (9 * 1024 * 1024)).encode()), "endless", 1),
    ],
)
async def test_failure_is_one_clear_sentence(reply: Reply, words: str, asked: int) -> None:
    async with asking(lambda _: reply, attempts=2, timeout_s=0.3) as (service, local):
        with pytest.raises(WeatherUnavailable, match=words):
            await service.fetch_alerts(-71.11, 42.37)
    assert len(local.requests) == asked


async def test_nothing_to_ask_for_asks_nothing() -> None:
    async with asking(weather_gov) as (service, local):
        fetched = await service.fetch(StormRules())
        with pytest.raises(WeatherUnavailable, match="no name of a weather station"):
            await service.fetch_observations("../alerts", snow_ratio=10.0)
    assert fetched.observed.readings == []
    assert local.requests == []


async def test_service_that_is_not_there_is_named() -> None:
    async with WeatherService("http://127.0.0.1:9", attempts=2, timeout_s=1) as service:
        with pytest.raises(WeatherUnavailable, match="cannot be reached"):
            await service.fetch_alerts(-71.11, 42.37)
