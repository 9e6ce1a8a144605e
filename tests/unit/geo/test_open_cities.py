from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo import open_cities
from geo.city import shipped_pack
from geo.errors import CityPackNotFound, OutsideServiceArea
from geo.finding import find_place, suggest_addresses
from geo.open_cities import MOST_CITIES, MOST_SETTINGS, open_city


def test_city_is_opened_once_whatever_it_is_called() -> None:
    assert open_city("cambridge") is open_city(str(shipped_pack("cambridge")))
    with pytest.raises(CityPackNotFound):
        open_city("atlantis")


def test_threads_share_what_is_worked_out() -> None:
    city = open_city("cambridge")
    with ThreadPoolExecutor(4) as pool:
        cells = list(pool.map(lambda _: city.cells(20), range(8)))
        geocoders = list(pool.map(lambda _: city.geocoder, range(8)))
    assert len({id(one) for one in cells}) == len({id(one) for one in geocoders}) == 1


def test_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    path.write_bytes(shipped_pack("cambridge").read_bytes())
    first = open_city(str(path))
    assert open_city(str(path)) is first
    os.utime(path, ns=(1, 1))
    assert open_city(str(path)) is not first


def test_few_cities_are_kept(tmp_path: Path) -> None:
    content = shipped_pack("cambridge").read_bytes()
    for number in range(MOST_CITIES + 2):
        path = tmp_path / f"{number}.gpkg"
        path.write_bytes(content)
        open_city(str(path))
    assert len(open_cities._CITIES) == MOST_CITIES


def test_few_settings_are_kept() -> None:
    city = open_city("cambridge")
    for k in range(20, 22 + MOST_SETTINGS):
        assert city.cells(k).counts.min() >= k
    assert len(city._cells) == MOST_SETTINGS


def test_only_one_sure_house_may_be_taken_without_asking() -> None:
    city = open_city("cambridge")
    house = suggest_addresses(city, "14 Aberdeen Ave", k=20)
    assert [one.is_sure for one in house] == [True]
    street = suggest_addresses(city, "Aberdeen Ave", k=20)
    assert street
    assert not any(one.is_sure for one in street)
    assert suggest_addresses(city, "", k=20) == ()
    assert len(suggest_addresses(city, "brookline", k=20, limit=1)) == 1


def test_place_outside_has_no_cell() -> None:
    city = open_city("cambridge")
    place = find_place(city, -71.1459933, 42.3752988, k=20)
    assert place.area == "West Cambridge"
    assert place.cell in city.cells(20).cells
    with pytest.raises(OutsideServiceArea):
        find_place(city, -71.3, 42.3752988, k=20)
