"""What is special to Pelias: its question, its layers and its key."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
from shapely import box

from geo.areas import ServiceArea
from geo.candidate import Precision
from geo.errors import GeocodingServiceUnavailable
from geo.pelias import PeliasGeocoder
from tests.http_services import Reply, collection, in_turn, pelias_feature, serve
from tests.streets import FlatPlane

SQUARE = ServiceArea((), np.empty(0, object), box(-0.1, -0.2, 0.3, 0.4), FlatPlane())


def test_asks_within_the_service_area() -> None:
    with (
        serve(in_turn(Reply(collection()))) as service,
        PeliasGeocoder(service.url, SQUARE, api_key="k-123") as geocoder,
    ):
        geocoder.geocode("795 Massachusetts Ave")
    (request,) = service.requests
    assert request.path == "/v1/search"
    assert request.params == {
        "text": "795 Massachusetts Ave",
        "size": "10",
        "api_key": "k-123",
        "boundary.rect.min_lon": "-0.100000",
        "boundary.rect.min_lat": "-0.200000",
        "boundary.rect.max_lon": "0.300000",
        "boundary.rect.max_lat": "0.400000",
    }


def test_the_key_is_in_no_message_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        serve(in_turn(Reply("no", 401))) as service,
        PeliasGeocoder(service.url, api_key="k-123") as geocoder,
        pytest.raises(GeocodingServiceUnavailable, match="check its key") as caught,
    ):
        geocoder.geocode("795 Massachusetts Ave")
    assert "k-123" not in str(caught.value)
    assert not any("k-123" in str(vars(record)) for record in caplog.records)


@pytest.mark.parametrize(
    ("changes", "precision"),
    [
        ({}, Precision.ROOFTOP),
        ({"accuracy": "interpolated"}, Precision.INTERPOLATED),
        ({"match_type": "interpolated", "accuracy": "point"}, Precision.INTERPOLATED),
        ({"layer": "venue", "name": "City Hall", "housenumber": None}, Precision.STREET),
        (
            {
                "layer": "street",
                "name": "Massachusetts Avenue",
                "street": None,
                "housenumber": None,
            },
            Precision.STREET,
        ),
        ({"layer": "locality", "street": None, "housenumber": None}, Precision.AREA),
    ],
)
def test_precision(changes: dict[str, Any], precision: Precision) -> None:
    with (
        serve(in_turn(Reply(collection(pelias_feature(**changes))))) as service,
        PeliasGeocoder(service.url) as geocoder,
    ):
        (found,) = geocoder.geocode("795 Massachusetts Avenue")
    assert found.precision is precision
    assert found.address_id == "openaddresses:address:us/ma/city_of_cambridge:1"
