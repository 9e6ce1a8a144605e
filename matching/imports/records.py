"""What the database holds of an imported person, volunteer or request, ready to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from people.kinds import Channel

Windows = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Place:
    """Where a home is: exact for the household's own record, blurred for everybody else.

    Parameters
    ----------
    precision
        How the position was found: ``rooftop`` to ``area``.
    cell
        H3 cell that may be shown, as the database keeps it.
    address_id
        Of the city pack; None for a point that came with the file.
    """

    address_text: str
    unit: str | None
    lon_deg: float
    lat_deg: float
    precision: str
    area: str | None
    cell: int | None
    address_id: str | None


@dataclass(frozen=True)
class PersonRecord:
    """A person as a file describes one. Equal records need no writing."""

    name: str
    contacts: frozenset[tuple[Channel, str]]
    languages: tuple[str, ...]
    abilities: frozenset[str]
    place: Place


@dataclass(frozen=True)
class VolunteerRecord:
    """A volunteer's offer of time as a file describes it."""

    mode: str
    max_tasks: int
    max_work_s: int
    max_travel_s: int
    radius_m: int | None
    windows: Windows
    weekly_hours: tuple[tuple[int, int, int], ...]
    """(weekday, from, until), minutes after local midnight."""


@dataclass(frozen=True)
class RequestRecord:
    """A help request as a file describes it."""

    kind: str
    weight: float
    service_s: int
    crew_size: int
    languages: tuple[str, ...]
    needs: frozenset[str]
    windows: Windows


@dataclass(frozen=True)
class StoredPerson:
    """A person that an earlier import made."""

    person_id: UUID
    household_id: UUID
    consents: frozenset[str]
    """Purposes that the ledger has a line for, granted or withdrawn."""
    record: PersonRecord


@dataclass(frozen=True)
class StoredVolunteer:
    """A volunteer that an earlier import made."""

    volunteer_id: UUID
    person_id: UUID
    record: VolunteerRecord


@dataclass(frozen=True)
class StoredRequest:
    """A request that an earlier import made."""

    request_id: UUID
    resident_id: UUID
    status: str
    record: RequestRecord


@dataclass(frozen=True)
class PairRecord:
    """A volunteer and a resident who belong together until a day, or must not meet (None)."""

    volunteer_id: UUID
    resident_id: UUID
    valid_until: date | None
