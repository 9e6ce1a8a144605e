"""Finding a house number on a street: the house itself, its neighbours, the block, the street."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from geo.address_text import number_bounds
from geo.candidate import Precision
from geo.gazetteer import Gazetteer, GazetteerStreet, distance_m, group_near

SAME_PLACE_M = 150.0
"""Rows of one house number this near to each other are one place."""
_MAX_NEIGHBOUR_GAP = 40
_MAX_NEIGHBOUR_M = 300.0
_NEAR_NUMBER = 10

# How well a place fits when the street name fits wholly; see `geo.candidate.ACCEPT_SCORE`.
_EXACT = 1.0
_OTHER_SUFFIX = 0.96
_PART_OF_RANGE = 0.95
_BETWEEN_NEIGHBOURS = 0.93
_ON_RANGE = 0.92
_BASE_NUMBER = 0.85
_NEAR_HOUSE = 0.75
_STREET_ONLY = 0.6


@dataclass(frozen=True, slots=True)
class Placement:
    """A position on a street, how exact, how well it fits, and the row of the house if known."""

    lon: float
    lat: float
    precision: Precision
    fit: float
    row: int | None = None


def place_number(
    gazetteer: Gazetteer, street: GazetteerStreet, number: str, suffix: str, *, postcode: str = ""
) -> list[Placement]:
    """Return the places that a house number may mean on a street, all of the same, best fit.

    Known houses come first, then a position between neighbours of the same side, then one on the
    address range of a block, then the nearest house, then the middle of the street. A postcode
    only picks between several houses of the same number.
    """
    for rows, fit in _known_houses(street, number, suffix):
        if rows:
            return _places_of_rows(gazetteer, rows, fit, postcode)
    placed = _between_neighbours(gazetteer, street, number) or _on_range(gazetteer, street, number)
    if placed is None:
        placed = _near_known_house(gazetteer, street, number)
    return [placed or place_street(gazetteer, street, fit=_STREET_ONLY)]


def _known_houses(
    street: GazetteerStreet, number: str, suffix: str
) -> Iterator[tuple[list[int], float]]:
    yield street.houses.get((number, suffix), []), _EXACT
    if suffix:
        yield street.houses.get((number, ""), []), _OTHER_SUFFIX
    elif number in street.numbers:
        yield street.houses[number, street.numbers[number][0]], _OTHER_SUFFIX
    bounds = number_bounds(number)
    if bounds is not None and bounds[0] < bounds[1]:
        for inside in range(bounds[0], bounds[1] + 1, 2):
            yield _any_suffix(street, str(inside)), _PART_OF_RANGE
    elif bounds is not None and "-" not in number:
        for written in street.numbers:
            low, high = number_bounds(written) or (0, 0)
            if low < high and low <= bounds[0] <= high and (bounds[0] - low) % 2 == 0:
                yield _any_suffix(street, written), _PART_OF_RANGE
    if "-" in number:
        yield street.houses.get((number.partition("-")[0], ""), []), _BASE_NUMBER


def _any_suffix(street: GazetteerStreet, number: str) -> list[int]:
    suffixes = street.numbers.get(number)
    return street.houses[number, suffixes[0]] if suffixes else []


def _places_of_rows(
    gazetteer: Gazetteer, rows: list[int], fit: float, postcode: str
) -> list[Placement]:
    addresses = gazetteer.pack.addresses
    if len(rows) > 1 and postcode:
        rows = [row for row in rows if addresses.postcodes[row] == postcode] or rows
    positions = {tuple(addresses.lonlat[row].tolist()): row for row in reversed(rows)}
    ordered = sorted(positions, key=lambda position: positions[position])
    groups = group_near(((position[0], position[1]) for position in ordered), SAME_PLACE_M)
    return [
        Placement(
            *group[0],
            precision=Precision(addresses.precisions[positions[group[0]]]),
            fit=fit,
            row=positions[group[0]],
        )
        for group in groups
    ]


def _between_neighbours(
    gazetteer: Gazetteer, street: GazetteerStreet, number: str
) -> Placement | None:
    """Interpolate between the nearest known numbers of the same parity on both sides."""
    prefix, _, last = number.rpartition("-")
    if not last.isdecimal():
        return None
    wanted = int(last)
    series = [pair for pair in street.series.get(prefix, ()) if (pair[0] - wanted) % 2 == 0]
    at = bisect_left(series, (wanted, -1))
    if at == 0 or at == len(series):
        return None
    (low, low_row), (high, high_row) = series[at - 1], series[at]
    lonlat = gazetteer.pack.addresses.lonlat
    a, b = tuple(lonlat[low_row].tolist()), tuple(lonlat[high_row].tolist())
    if high - low > _MAX_NEIGHBOUR_GAP or distance_m(a, b) > _MAX_NEIGHBOUR_M:
        return None
    share = (wanted - low) / (high - low) if high > low else 0.5
    return Placement(
        a[0] + share * (b[0] - a[0]),
        a[1] + share * (b[1] - a[1]),
        Precision.INTERPOLATED,
        _BETWEEN_NEIGHBOURS,
    )


def _on_range(gazetteer: Gazetteer, street: GazetteerStreet, number: str) -> Placement | None:
    if not number.isdecimal():
        return None
    found = gazetteer.ranges.find_position(street.key, int(number))
    if found is None or found.segment not in street.segments:
        return None
    return Placement(found.lon, found.lat, Precision.INTERPOLATED, _ON_RANGE)


def _near_known_house(
    gazetteer: Gazetteer, street: GazetteerStreet, number: str
) -> Placement | None:
    prefix, _, last = number.rpartition("-")
    series = street.series.get(prefix, ())
    if not last.isdecimal() or not series:
        return None
    wanted = int(last)
    nearest, row = min(series, key=lambda pair: (abs(pair[0] - wanted), (pair[0] - wanted) % 2))
    if abs(nearest - wanted) > _NEAR_NUMBER:
        return None
    lon, lat = gazetteer.pack.addresses.lonlat[row].tolist()
    return Placement(lon, lat, Precision.STREET, _NEAR_HOUSE)


def place_street(gazetteer: Gazetteer, street: GazetteerStreet, *, fit: float = 1.0) -> Placement:
    """A point on the street, about its middle."""
    if street.segments:
        lines = gazetteer.pack.streets.lines[street.segments]
        middle = shapely.MultiLineString(list(lines)).centroid
        nearest = lines[int(shapely.distance(lines, middle).argmin())]
        point = nearest.interpolate(nearest.project(middle))
        return Placement(point.x, point.y, Precision.STREET, fit)
    rows = sorted(row for rows in street.houses.values() for row in rows)
    lon, lat = gazetteer.pack.addresses.lonlat[rows[len(rows) // 2]].tolist()
    return Placement(lon, lat, Precision.STREET, fit)
