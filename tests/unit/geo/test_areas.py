"""The service area: inside, on the border, outside, and coordinates in the wrong order."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import Polygon, box

from geo.areas import ServiceArea
from geo.city import CityPack, shipped_pack
from geo.errors import CoordinatesSwapped, InvalidCoordinates, OutsideServiceArea
from tests.streets import FlatPlane, at


def square(x_m: float, y_m: float, size_m: float = 1000.0) -> Polygon:
    return Polygon(
        at((x_m, y_m), (x_m + size_m, y_m), (x_m + size_m, y_m + size_m), (x_m, y_m + size_m))
    )


@pytest.fixture
def town() -> ServiceArea:
    """West and East side by side, with a strip of 100 m without an area north of East."""
    polygons = np.array([square(0, 0), square(1000, 0)], object)
    boundary = Polygon(at((0, 0), (2000, 0), (2000, 1100), (1000, 1100), (1000, 1000), (0, 1000)))
    return ServiceArea(("West", "East"), polygons, boundary, FlatPlane(), tolerance_m=50.0)


@pytest.fixture(scope="module")
def cambridge() -> ServiceArea:
    return ServiceArea.from_pack(CityPack.open(shipped_pack("cambridge")))


def test_points_get_the_area_they_lie_in(town: ServiceArea) -> None:
    found = town.assign(at((500, 500), (1500, 10)))
    assert [town.names[i] for i in found.index] == ["West", "East"]
    assert found.gap_m.tolist() == [0, 0]


def test_a_point_on_the_common_line_goes_to_the_first(town: ServiceArea) -> None:
    assert town.find_area(*at((1000, 500))[0]) == "West"


def test_border_points_go_to_the_nearest_area_within_the_tolerance(town: ServiceArea) -> None:
    found = town.assign(at((-40, 500), (-60, 500), (1500, 1030)))
    assert found.index.tolist() == [0, -1, 1]
    assert found.gap_m[0] == pytest.approx(40, abs=0.01)
    assert found.gap_m[1] == np.inf
    assert found.gap_m[2] == pytest.approx(30, abs=0.01)


def test_no_points_and_no_areas(town: ServiceArea) -> None:
    assert len(town.assign(np.zeros((0, 2))).index) == 0
    bare = ServiceArea((), np.empty(0, object), square(0, 0), FlatPlane())
    assert bare.assign(at((500, 500))).index.tolist() == [-1]
    assert bare.get_area(*at((500, 500))[0]) is None


def test_inside_without_an_area_is_not_outside(town: ServiceArea) -> None:
    assert town.get_area(*at((1500, 1090))[0]) is None


def test_outside_says_how_far(town: ServiceArea) -> None:
    with pytest.raises(OutsideServiceArea, match="300 m outside") as caught:
        town.check_inside(*at((2300, 500))[0])
    assert caught.value.distance_m == pytest.approx(300, abs=0.1)
    with pytest.raises(OutsideServiceArea, match=r"5\.0 km outside"):
        town.check_inside(*at((500, -5000))[0])


def test_just_outside_is_tolerated(town: ServiceArea) -> None:
    town.check_inside(*at((2049, 500))[0])
    with pytest.raises(OutsideServiceArea):
        town.check_inside(*at((2051, 500))[0])


def test_messages_hold_no_coordinates(cambridge: ServiceArea) -> None:
    with pytest.raises(OutsideServiceArea) as caught:
        cambridge.check_inside(-71.2345, 42.3456)
    assert "71.2" not in str(caught.value)
    assert "42.3" not in str(caught.value)


def test_swapped_coordinates_are_recognised(cambridge: ServiceArea) -> None:
    assert cambridge.get_area(-71.1097, 42.3736) is not None
    with pytest.raises(CoordinatesSwapped, match="look like lat, lon"):
        cambridge.get_area(42.3736, -71.1097)


def test_swapped_coordinates_are_recognised_where_lon_is_no_latitude() -> None:
    tokyo = ServiceArea((), np.empty(0, object), box(139.6, 35.6, 139.8, 35.8), FlatPlane())
    with pytest.raises(CoordinatesSwapped):
        tokyo.check_inside(35.7, 139.7)


def test_the_other_side_of_the_world_is_outside(cambridge: ServiceArea) -> None:
    with pytest.raises(OutsideServiceArea) as caught:
        cambridge.check_inside(24.94, 60.17)
    assert caught.value.distance_m == pytest.approx(6_310_000, rel=0.01)


@pytest.mark.parametrize("place", [(np.nan, 42.0), (-200.0, 42.0), (-71.0, 99.0)])
def test_numbers_that_are_no_place_are_refused(
    cambridge: ServiceArea, place: tuple[float, float]
) -> None:
    with pytest.raises(InvalidCoordinates, match="no place on Earth"):
        cambridge.check_inside(*place)


def test_areas_of_the_pack_agree_with_the_polygons(cambridge: ServiceArea) -> None:
    addresses = CityPack.open(shipped_pack("cambridge")).addresses
    found = cambridge.assign(addresses.lonlat)
    names = [cambridge.names[i] if i >= 0 else "" for i in found.index]
    assert names == list(addresses.areas)
    assert 0 < (found.gap_m > 0).sum() < 400
