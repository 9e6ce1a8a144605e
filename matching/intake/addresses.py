"""Where a home is that somebody wrote down: one place for certain, or the places it may be."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from core.errors import InvalidInput
from core.settings import Settings
from geo.candidate import Candidate
from geo.choices import choose_geocoder
from geo.city import CityPack, find_pack_file
from geo.errors import AddressAmbiguous
from matching.imports import fields
from matching.imports.errors import CellRefused
from matching.imports.places import LIKELY_SCORE, PlaceFinder
from matching.imports.records import Place
from matching.imports.rows import Contact

MOST_FINDERS = 8
MAX_TEXT = 500
MAX_UNIT = 50


class AddressNotFound(InvalidInput):
    """No home can be meant by what was written."""

    code = "address_not_found"


class AddressNotCertain(InvalidInput):
    """Several places may be meant; the person who wrote the address chooses.

    The message names none of them.
    """

    code = "address_not_certain"

    def __init__(self, message: str, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        super().__init__(message)


@dataclass(frozen=True)
class WrittenAddress:
    """A home as somebody describes it; a point wins over the text."""

    text: str
    unit: str = ""
    lon_deg: float | None = None
    lat_deg: float | None = None


_FINDERS: dict[tuple[str, int, Settings | None], PlaceFinder] = {}
_BUILDING = threading.Lock()


def find_place(
    city_pack: str, anonymity_k: int, written: WrittenAddress, settings: Settings | None
) -> Place:
    """The home that was meant. Takes as long as a geocoder takes: never inside a transaction.

    ``settings`` choose the geocoder; None asks the city's own address data alone.

    Raises
    ------
    AddressNotCertain
        With the places that it may be.
    AddressNotFound
        Saying what is wrong with the address or the point.
    """
    if (written.lon_deg is None) != (written.lat_deg is None):
        raise AddressNotFound("Give both degrees of a point, longitude and latitude, or neither.")
    if written.lon_deg is None and not written.text.strip():
        raise AddressNotFound("The address is empty: write street and house number.")
    if len(written.text) > MAX_TEXT or len(written.unit) > MAX_UNIT:
        raise AddressNotFound("The address is too long: write street, house number and unit.")
    try:
        contact = Contact(
            source_key="",
            name="",
            email=None,
            phone=None,
            address=fields.parse_text("address", written.text),
            unit=fields.parse_text("unit", written.unit),
            lon_deg=written.lon_deg,
            lat_deg=written.lat_deg,
            languages=(),
            consents=(),
        )
        return open_finder(city_pack, anonymity_k, settings).locate(contact)
    except CellRefused as refused:
        raise _explain(refused) from None


def _explain(refused: CellRefused) -> InvalidInput:
    problem = refused.problem
    message = f"The {problem.column} {problem.message}. {problem.remedy}"
    cause = refused.__cause__
    if isinstance(cause, AddressAmbiguous):
        likely = tuple(one for one in cause.candidates if one.score >= LIKELY_SCORE)
        if likely:
            return AddressNotCertain(message, likely)
    return AddressNotFound(message)


def open_finder(city_pack: str, anonymity_k: int, settings: Settings | None) -> PlaceFinder:
    """The finder of a city, built once in a process: its streets do not change meanwhile."""
    key = (city_pack, anonymity_k, settings)
    with _BUILDING:
        if key not in _FINDERS:
            while len(_FINDERS) >= MOST_FINDERS:
                _FINDERS.pop(next(iter(_FINDERS)))
            pack = CityPack.open(find_pack_file(city_pack))
            _FINDERS[key] = PlaceFinder.from_pack(
                pack,
                anonymity_k=anonymity_k,
                provider=None if settings is None else choose_geocoder(settings, pack),
            )
        return _FINDERS[key]
