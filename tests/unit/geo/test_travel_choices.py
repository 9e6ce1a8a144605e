"""The settings decide where travel times and addresses come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.settings import Settings
from geo.choices import choose_geocoder, choose_travel
from geo.city import CityPack, shipped_pack
from geo.fallback_geocoder import FallbackGeocoder
from geo.geocoder import Geocoder
from geo.osrm import OsrmTravel
from geo.travel import TravelMode
from tests.http_services import (
    Reply,
    collection,
    in_turn,
    nominatim_row,
    osrm_table,
    pelias_feature,
    photon_feature,
    serve,
    valhalla_matrix,
)


@pytest.fixture(scope="module")
def pack() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


def settings_of(tmp_path: Path, **variables: str) -> Settings:
    names = {f"TALKOOT_{name.upper()}": value for name, value in variables.items()}
    return Settings.from_environment({"TALKOOT_CACHE_DIR": str(tmp_path), **names})


def test_streets_at_the_walking_speed_of_the_settings(pack: CityPack, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, walk_speed_kmh="3.5")
    assert choose_travel(settings, pack).label == "along streets, on foot at 3.5 km/h"
    assert choose_travel(settings, pack, "car").label == "along streets, by car"
    assert len(list(tmp_path.glob("streets-*.npz"))) == 2


def test_straight_lines_say_so(pack: CityPack, tmp_path: Path) -> None:
    model = choose_travel(settings_of(tmp_path, travel="straight"), pack)
    assert "estimate" in model.label


def test_valhalla_and_osrm_are_asked_at_their_urls(pack: CityPack, tmp_path: Path) -> None:
    places = pack.addresses.lonlat[:2]
    with serve(valhalla_matrix()) as valhalla, serve(osrm_table()) as osrm:
        for settings in (
            settings_of(tmp_path, travel="valhalla", valhalla_url=valhalla.url),
            settings_of(tmp_path, travel="osrm", osrm_url=osrm.url),
        ):
            model = choose_travel(settings, pack)
            assert np.isfinite(model.matrix(places, places).travel_s).all()
    assert valhalla.requests[0].body["costing"] == "pedestrian"
    assert osrm.requests[0].path.startswith("/table/v1/foot/")


def test_one_osrm_server_knows_one_way_of_travelling(pack: CityPack, tmp_path: Path) -> None:
    one = settings_of(tmp_path, travel="osrm", osrm_url="http://localhost:5000")
    assert choose_travel(one, pack, TravelMode.CAR).label == "along streets, by car"
    each = settings_of(tmp_path, travel="osrm", osrm_url="http://localhost:5000/{profile}")
    model = choose_travel(each, pack, TravelMode.CAR)
    assert isinstance(model, OsrmTravel)
    assert model.label == "OSRM, profile car"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("nominatim", [nominatim_row()]),
        ("photon", collection(photon_feature())),
        ("pelias", collection(pelias_feature())),
    ],
)
def test_online_geocoders_have_the_gazetteer_behind_them(
    pack: CityPack, tmp_path: Path, name: str, data: object
) -> None:
    with serve(in_turn(Reply(data), Reply("no", 500))) as service:
        settings = settings_of(tmp_path, geocoder=name, **{f"{name}_url": service.url})
        geocoder = choose_geocoder(settings, pack)
        assert isinstance(geocoder, FallbackGeocoder)
        assert geocoder.geocode("795 Massachusetts Ave")[0].source == name
        assert geocoder.geocode("797 Massachusetts Ave")[0].source == "gazetteer"


def test_the_gazetteer_is_the_default(pack: CityPack, tmp_path: Path) -> None:
    assert isinstance(choose_geocoder(settings_of(tmp_path), pack), Geocoder)
