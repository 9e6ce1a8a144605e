"""Where a line's home is: by address, or by a point that came with the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.worded import Worded as _
from geo.areas import ServiceArea
from geo.candidate import Candidate, Precision
from geo.city import CityPack
from geo.errors import (
    AddressAmbiguous,
    AddressUnknown,
    CoordinatesSwapped,
    InvalidCoordinates,
    OutsideServiceArea,
)
from geo.geocoder import Geocoder, GeocodingProvider, accept_best
from geo.privacy import PrivacyCells
from matching.imports.errors import CellRefused
from matching.imports.records import Place
from matching.imports.rows import Contact

NEVER_EXACT = (Precision.STREET, Precision.AREA)
LIKELY_SCORE = 0.7
"""Candidates below it have little to do with what was typed."""


class StrictGeocoder(Protocol):
    """Finds one place for an address, or says why not; never guesses."""

    def resolve(self, text: str) -> Candidate:
        """The place; raises `AddressUnknown` or `AddressAmbiguous`."""
        ...


class CellFinder(Protocol):
    """Knows the blurred cell of each place."""

    def cell_of(self, lon_deg: float, lat_deg: float) -> int:
        """The H3 cell that may be shown, as the database keeps it."""
        ...


@dataclass(frozen=True)
class _Strict:
    """Takes an answer only when everything that the text says agrees with one place."""

    provider: GeocodingProvider
    city: str

    def resolve(self, text: str) -> Candidate:
        return accept_best(self.provider.geocode(text, limit=5), city=self.city)


class PlaceFinder:
    """Turns the place columns of a line into a place in the service area."""

    def __init__(
        self, geocoder: StrictGeocoder, area: ServiceArea, cells: CellFinder, *, city: str
    ) -> None:
        self._geocoder = geocoder
        self._area = area
        self._cells = cells
        self._city = city

    @classmethod
    def from_pack(
        cls, pack: CityPack, *, anonymity_k: int, provider: GeocodingProvider | None = None
    ) -> PlaceFinder:
        """The finder of a city pack's area and blurred cells.

        Addresses come from the provider, or from the pack's own gazetteer without one.
        """
        return cls(
            _Strict(provider or Geocoder.from_pack(pack), pack.meta.name),
            ServiceArea.from_pack(pack),
            PrivacyCells.from_pack(pack, k=anonymity_k),
            city=pack.meta.name,
        )

    def locate(self, contact: Contact) -> Place:
        """The home of a line; a point wins over the address, which is then only text.

        Raises
        ------
        CellRefused
            Saying what is wrong with the address or the point.
        """
        if contact.lon_deg is not None and contact.lat_deg is not None:
            return self._at_point(contact, contact.lon_deg, contact.lat_deg)
        return self._at_address(contact)

    def _at_point(self, contact: Contact, lon_deg: float, lat_deg: float) -> Place:
        try:
            area = self._area.get_area(lon_deg, lat_deg)
        except CoordinatesSwapped as error:
            raise CellRefused(
                "lon", _("and lat have changed places"), _("Write the longitude in the column lon.")
            ) from error
        except OutsideServiceArea as error:
            raise CellRefused(
                "lon",
                _(
                    "and lat lie %(distance)s outside %(city)s",
                    distance=_distance_words(error.distance_m),
                    city=self._city,
                ),
                _("Check the point, or leave out the line."),
            ) from error
        except InvalidCoordinates as error:
            raise CellRefused(
                "lon",
                _("and lat are no place on Earth"),
                _("Write degrees, such as -71.1 and 42.4."),
            ) from error
        return Place(
            address_text=contact.address,
            unit=contact.unit or None,
            lon_deg=lon_deg,
            lat_deg=lat_deg,
            precision=Precision.ROOFTOP.value,
            area=area,
            cell=self._cells.cell_of(lon_deg, lat_deg),
            address_id=None,
        )

    def _at_address(self, contact: Contact) -> Place:
        try:
            found = self._geocoder.resolve(contact.address)
        except AddressAmbiguous as error:
            message, remedy = _ambiguous_words(error.candidates, self._city)
            raise CellRefused("address", message, remedy) from error
        except AddressUnknown as error:
            raise CellRefused(
                "address",
                _("is not known in %(city)s", city=self._city),
                _("Check street and house number, or give lon and lat."),
            ) from error
        if found.precision in NEVER_EXACT:
            raise CellRefused(
                "address",
                _("names a street or an area, not a house"),
                _("Add the house number, or give lon and lat."),
            )
        try:
            area = found.area or self._area.get_area(found.lon, found.lat)
        except OutsideServiceArea as error:
            raise CellRefused(
                "address",
                _(
                    "lies %(distance)s outside %(city)s",
                    distance=_distance_words(error.distance_m),
                    city=self._city,
                ),
                _("Check the address, or leave out the line."),
            ) from error
        return Place(
            address_text=found.label,
            unit=contact.unit or found.unit or None,
            lon_deg=found.lon,
            lat_deg=found.lat,
            precision=found.precision.value,
            area=area,
            cell=self._cells.cell_of(found.lon, found.lat),
            address_id=found.address_id,
        )


def _ambiguous_words(candidates: tuple[Candidate, ...], city: str) -> tuple[str, str]:
    if not candidates or candidates[0].score < LIKELY_SCORE:
        return (
            _("is not known in %(city)s", city=city),
            _("Check street and house number, or give lon and lat."),
        )
    if len(candidates) == 1:
        return _("is not certain"), _("Check the spelling of the street, or give lon and lat.")
    remedy = _("Write the whole name of the street with its kind (Street, Avenue), or lon and lat.")
    return _("could be %(places)s places", places=len(candidates)), remedy


def _distance_words(distance_m: float) -> str:
    if not distance_m < 1_000_000:
        return _("more than 1,000 km")
    return f"{distance_m / 1000:,.1f} km" if distance_m >= 1000 else f"{distance_m:.0f} m"
