"""What somebody who asks for help says, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from matching.imports.csv_table import has_control_characters
from matching.imports.records import Place
from matching.intake.errors import InvalidRequest
from matching.intake.kinds import Cadence, CallerKind, ContactChoice, IntakeChannel
from matching.intake.models import NOTES_LENGTH, StandingRequest
from matching.kinds import RequestKind
from matching.models import HelpRequest
from people.kinds import Purpose
from people.models import NAME_LENGTH

MAX_WINDOWS = 20
MAX_CREW = 6
MAX_SERVICE_S = 36_000
MAX_CODES = 20
MAX_KEY = 120
Windows = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class NewResident:
    """Somebody who may not be known yet, and where they live."""

    name: str
    place: Place
    phone: str | None = None
    """However it is written; it is brought into one form."""
    email: str | None = None
    languages: tuple[str, ...] = ()
    texts: bool = False
    """Whether text messages may go to the phone number."""

    def __post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= NAME_LENGTH:
            raise InvalidRequest(f"The name must have 1 to {NAME_LENGTH} characters.")
        if has_control_characters(self.name):
            raise InvalidRequest("The name holds characters that cannot be seen; type it again.")
        if not (self.phone or self.email):
            raise InvalidRequest("Give a phone number or a mail address, so that we can answer.")


@dataclass(frozen=True)
class Declares:
    """What a resident declares about who may get help; None says nothing."""

    birth_year: int | None = None
    at_least_age: int | None = None
    has_disability: bool | None = None
    has_no_other_help: bool | None = None

    def __post_init__(self) -> None:
        if self.birth_year is not None and not 1900 <= self.birth_year <= 2100:
            raise InvalidRequest("The year of birth must be between 1900 and 2100.")
        if self.at_least_age is not None and not 1 <= self.at_least_age <= 120:
            raise InvalidRequest("The age must be between 1 and 120.")


@dataclass(frozen=True)
class TakeRequest:
    """A call for help. Give ``resident_id`` for somebody known, ``resident`` for anybody else."""

    community_id: UUID
    kind: RequestKind
    resident_id: UUID | None = None
    resident: NewResident | None = None
    home: Place | None = None
    """Where somebody known needs help: their home when none is on record, else for this call."""
    channel: IntakeChannel = IntakeChannel.WEB
    cadence: Cadence = Cadence.ONCE
    windows: Windows = ()
    """When the whole job may be done; in a storm, empty means until the deadline."""
    scope: tuple[str, ...] | None = None
    """None agrees on what is usual."""
    needs: tuple[str, ...] | None = None
    """Codes of skills and tools; None takes those of the kind."""
    languages: tuple[str, ...] = ()
    service_s: int | None = None
    weight: float | None = None
    """For staff alone."""
    crew_size: int = 1
    access_notes: str | None = None
    contact_choice: ContactChoice = ContactChoice.PLATFORM
    caller: CallerKind | None = None
    """Who asks, when it is not the resident."""
    caller_name: str | None = None
    declares: Declares | None = None
    consents: tuple[Purpose, ...] = ()
    """What the resident agreed to, as told on the phone or ticked in the form."""
    valid_until: date | None = None
    """The last day of a standing wish; None is the end of the season."""
    key: str | None = None
    """The same delivery again, with the same key, changes nothing."""

    def __post_init__(self) -> None:
        fault = self._find_fault()
        if fault is not None:
            raise InvalidRequest(fault)

    def _find_fault(self) -> str | None:
        if (self.resident_id is None) == (self.resident is None):
            return "Say who needs help: somebody known, or a new resident, not both."
        if len(self.windows) > MAX_WINDOWS:
            return f"Give at most {MAX_WINDOWS} windows of time."
        if any(start.tzinfo is None or start >= end for start, end in self.windows):
            return "A window of time must end after it starts, and say its time zone."
        if not 1 <= self.crew_size <= MAX_CREW:
            return f"The crew must be 1 to {MAX_CREW} people."
        if self.service_s is not None and not 0 < self.service_s <= MAX_SERVICE_S:
            return "The work must take more than nothing and at most ten hours."
        if self.weight is not None and not 0 < self.weight <= 100:
            return "The weight must be more than 0 and at most 100."
        if self.access_notes is not None and len(self.access_notes) > NOTES_LENGTH:
            return f"Shorten the access notes to {NOTES_LENGTH} characters."
        if self.caller_name is not None and len(self.caller_name) > NAME_LENGTH:
            return f"Shorten the caller's name to {NAME_LENGTH} characters."
        codes = (*(self.scope or ()), *(self.needs or ()), *self.languages)
        if len(codes) > MAX_CODES or any(len(code) > 64 for code in codes):
            return "Too many parts, tools or languages."
        if self.key is not None and not 0 < len(self.key) <= MAX_KEY:
            return f"The key of a delivery must have 1 to {MAX_KEY} characters."
        return None


class Outcome(StrEnum):
    """What became of a call for help."""

    OPEN = "open"
    """Volunteers will be asked."""
    IN_REVIEW = "in_review"
    """A person looks at it first."""
    JOINED = "joined"
    """The same request was there already."""
    WAITING = "waiting"
    """It is kept for the next snowfall, or for every one."""


@dataclass(frozen=True)
class Taken:
    """What became of a call for help, for the answer to whoever asked."""

    outcome: Outcome
    resident_id: UUID
    request: HelpRequest | None = None
    standing: StandingRequest | None = None
    reasons: tuple[str, ...] = ()
    """Why a person looks at it. For staff: to the resident it says who is known already."""
