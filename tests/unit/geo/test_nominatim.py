"""What is special to Nominatim: its question, its ranks, and one question a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from shapely import box

from core.clock import FixedClock
from geo import nominatim
from geo.areas import ServiceArea
from geo.candidate import Precision
from geo.nominatim import NominatimGeocoder
from geo.rate_limit import RateLimit
from tests.http_services import Reply, in_turn, nominatim_row, serve
from tests.streets import FlatPlane

SQUARE = ServiceArea((), np.empty(0, object), box(-0.1, -0.2, 0.3, 0.4), FlatPlane())


def precision_of(**changes: Any) -> Precision:
    with (
        serve(in_turn(Reply([nominatim_row(**changes)]))) as service,
        NominatimGeocoder(service.url) as geocoder,
    ):
        (found,) = geocoder.geocode("795 Massachusetts Ave")
    return found.precision


def test_asks_for_parts_within_the_service_area() -> None:
    with (
        serve(in_turn(Reply([]))) as service,
        NominatimGeocoder(service.url + "/maps", SQUARE, language="fi") as geocoder,
    ):
        geocoder.geocode("Aleksanterinkatu 52 & co")
    (request,) = service.requests
    assert request.path == "/maps/search"
    assert request.params == {
        "q": "Aleksanterinkatu 52 & co",
        "format": "jsonv2",
        "addressdetails": "1",
        "limit": "10",
        "accept-language": "fi",
        "viewbox": "-0.100000,-0.200000,0.300000,0.400000",
        "bounded": "1",
    }


@pytest.mark.parametrize(
    ("changes", "precision"),
    [
        ({}, Precision.ROOFTOP),
        ({"osm_type": "way", "category": "building", "type": "yes"}, Precision.ROOFTOP),
        ({"osm_type": "way", "category": "place", "type": "house"}, Precision.INTERPOLATED),
        ({"place_rank": 26, "address": {"road": "Massachusetts Avenue"}}, Precision.STREET),
        ({"place_rank": 30, "address": {"road": "Massachusetts Avenue"}}, Precision.STREET),
        ({"place_rank": 16, "address": {"city": "Cambridge"}}, Precision.AREA),
        ({"place_rank": None, "address": {}}, Precision.AREA),
    ],
)
def test_precision(changes: dict[str, Any], precision: Precision) -> None:
    assert precision_of(**changes) is precision


def test_questions_are_an_interval_apart() -> None:
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock.advance(timedelta(seconds=seconds))

    limit = RateLimit(1.0, clock=clock, sleep=sleep)
    with (
        serve(in_turn(Reply([]))) as service,
        NominatimGeocoder(service.url, rate_limit=limit) as geocoder,
    ):
        geocoder.geocode("1 A St")
        geocoder.geocode("2 A St")
        clock.advance(timedelta(seconds=0.4))
        geocoder.geocode("3 A St")
        geocoder.geocode("3 A St")
        clock.advance(timedelta(seconds=5))
        geocoder.geocode("4 A St")
    assert slept == [1.0, 0.6], "an answer from memory needs no turn"
    assert len(service.requests) == 4


def test_a_clock_set_back_does_not_stop_the_line() -> None:
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
    slept: list[float] = []
    limit = RateLimit(1.0, clock=clock, sleep=slept.append)
    limit.wait()
    clock.advance(timedelta(hours=-3))
    limit.wait()
    assert slept == [1.0]


def test_all_askers_of_the_public_host_share_one_line() -> None:
    public = f"https://{nominatim.PUBLIC_HOST}"
    with NominatimGeocoder(public) as first, NominatimGeocoder(public + "/") as second:
        assert first._rate_limit is second._rate_limit
    with NominatimGeocoder("http://localhost:8080") as own:
        assert own._rate_limit is not first._rate_limit
