"""Places for people who type: what an address may mean, and the blurred cell of a point."""

from __future__ import annotations

from dataclasses import dataclass

from geo.candidate import ACCEPT_SCORE, Candidate, Precision
from geo.geocoder import find_rival
from geo.open_cities import OpenCity

HOUSES = (Precision.ROOFTOP, Precision.INTERPOLATED)


@dataclass(frozen=True)
class Suggestion:
    """An address that a text may mean.

    Parameters
    ----------
    candidate
        The address, by the data of the city pack.
    cell
        The cell by which a home there is shown.
    is_sure
        Whether it may be taken without asking: a house that everything in the text agrees with,
        and no other place comes near. At most the first one is.
    """

    candidate: Candidate
    cell: int
    is_sure: bool


@dataclass(frozen=True)
class Place:
    """A point of the service area: the cell by which a home there is shown, and its area."""

    cell: int
    area: str | None


def suggest_addresses(
    city: OpenCity, text: str, *, k: int, limit: int = 5
) -> tuple[Suggestion, ...]:
    """What a text may mean in a city, best first; asks the pack alone, no service.

    Parameters
    ----------
    k
        Addresses that each cell holds at least.
    limit
        How many to return at most.
    """
    found = city.geocoder.geocode(text, limit=max(limit, 5))
    cells = city.cells(k)
    sure = bool(found) and found[0].score >= ACCEPT_SCORE and find_rival(found) is None
    return tuple(
        Suggestion(
            candidate=one,
            cell=cells.cell_of(one.lon, one.lat),
            is_sure=sure and place == 0 and one.precision in HOUSES,
        )
        for place, one in enumerate(found[:limit])
    )


def find_place(city: OpenCity, lon_deg: float, lat_deg: float, *, k: int) -> Place:
    """The cell and the area of a point.

    Raises
    ------
    InvalidCoordinates, CoordinatesSwapped, OutsideServiceArea
        When the point is no place of the service area.
    """
    area = city.service_area.get_area(lon_deg, lat_deg)
    return Place(city.cells(k).cell_of(lon_deg, lat_deg), area)
