"""What is special to Photon: its question and its types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shapely import box

from geo.areas import ServiceArea
from geo.candidate import Precision
from geo.photon import PhotonGeocoder
from tests.http_services import Reply, collection, in_turn, photon_feature, serve
from tests.streets import FlatPlane

SQUARE = ServiceArea((), np.empty(0, object), box(-0.1, -0.2, 0.3, 0.4), FlatPlane())


def test_asks_within_the_service_area() -> None:
    with (
        serve(in_turn(Reply(collection()))) as service,
        PhotonGeocoder(service.url, SQUARE, language="de") as geocoder,
    ):
        geocoder.geocode("Hauptstraße 3")
    (request,) = service.requests
    assert request.path == "/api"
    assert request.params == {
        "q": "Hauptstraße 3",
        "limit": "10",
        "lang": "de",
        "bbox": "-0.100000,-0.200000,0.300000,0.400000",
    }


@pytest.mark.parametrize(
    ("changes", "precision", "label"),
    [
        ({}, Precision.ROOFTOP, "795 Massachusetts Avenue, Central Square, Cambridge"),
        (
            {"type": "street", "name": "Massachusetts Avenue", "street": None, "housenumber": None},
            Precision.STREET,
            "Massachusetts Avenue, Central Square",
        ),
        ({"housenumber": None, "name": "City Hall"}, Precision.STREET, "Massachusetts Avenue"),
        (
            {"type": "city", "name": "Cambridge", "street": None, "housenumber": None},
            Precision.AREA,
            "Cambridge, Central Square",
        ),
    ],
)
def test_precision_and_label(changes: dict[str, Any], precision: Precision, label: str) -> None:
    with (
        serve(in_turn(Reply(collection(photon_feature(**changes))))) as service,
        PhotonGeocoder(service.url) as geocoder,
    ):
        (found,) = geocoder.geocode("Massachusetts Avenue")
    assert found.precision is precision
    assert found.label.startswith(label)
    assert found.address_id == "N2713311331"
