"""What can go wrong with maps and addresses."""

from __future__ import annotations

from core.errors import InvalidInput, NotFound
from geo.candidate import Candidate


class UnusableCityPack(InvalidInput):
    """A file that is not a city pack of this version, or a broken one."""

    code = "unusable_city_pack"


class UnusableSource(InvalidInput):
    """A source file from which no city pack can be built."""

    code = "unusable_source"


class CityPackNotFound(NotFound):
    """No pack of that name ships with the product, and no file has that name."""

    code = "city_pack_not_found"


class AddressUnknown(NotFound):
    """No place fits the text."""

    code = "address_unknown"


class AddressAmbiguous(InvalidInput):
    """Several places fit, or none fits well enough to be taken without asking.

    The candidates are for the person who typed the address; the message names none of them.
    """

    code = "address_ambiguous"

    def __init__(self, message: str, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        super().__init__(message)
