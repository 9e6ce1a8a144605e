"""What a geocoder answers: a place, how exact it is, and how well it fits the words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Precision(StrEnum):
    """How near a candidate is to the front door, best first."""

    ROOFTOP = "rooftop"
    """The house itself is in the source."""
    INTERPOLATED = "interpolated"
    """Placed between known neighbours or along an address range."""
    STREET = "street"
    """A point on the right street, or a street corner."""
    AREA = "area"
    """A neighbourhood, postcode or city."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer to an address text.

    Parameters
    ----------
    lon, lat
        WGS 84 degrees.
    precision
        How exact the position is.
    score
        0 to 1, how well the place fits the text. From `ACCEPT_SCORE` on, everything that the text
        says agrees with the place.
    label
        The address as people write it there, with the unit that the text named.
    address_id
        Id of the row in the pack's ``address`` layer (or of the online service); None when the
        position does not come from one row.
    area
        Name of the neighbourhood, None when unknown.
    street, number, unit, postcode
        Parts of the address that was matched, None when unknown.
    source
        Who answered: ``gazetteer`` or the name of an online service.
    """

    lon: float
    lat: float
    precision: Precision
    score: float
    label: str
    address_id: str | None = None
    area: str | None = None
    street: str | None = None
    number: str | None = None
    unit: str | None = None
    postcode: str | None = None
    source: str = "gazetteer"


ACCEPT_SCORE = 0.9
"""From this score on a candidate may be taken without asking, when no rival comes near it."""
