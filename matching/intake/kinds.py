"""The code words of intake, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class IntakeTopic(StrEnum):
    """What a versioned set of intake rules is about."""

    KINDS = "kinds"
    ELIGIBILITY = "eligibility"
    DEADLINES = "deadlines"


class IntakeChannel(StrEnum):
    """How a request came in."""

    WEB = "web"
    PHONE = "phone"
    STAFF = "staff"
    SMS = "sms"
    IMPORT = "import"
    STANDING = "standing"
    """Opened by the product for a household that asked for every snowfall."""


class CallerKind(StrEnum):
    """Who asked for the resident."""

    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    AGENCY = "agency"
    OTHER = "other"


class ContactChoice(StrEnum):
    """Which contact the volunteer may see after accepting."""

    PLATFORM = "platform"
    """None: messages go through the platform."""
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"


class Cadence(StrEnum):
    """How often help is wanted."""

    ONCE = "once"
    NEXT_SNOWFALL = "next_snowfall"
    EVERY_SNOWFALL = "every_snowfall"
    SEASON = "season"
    """Every snowfall of the season, by the same volunteer if possible."""


class StandingStatus(StrEnum):
    """Where a standing request stands."""

    NEEDS_REVIEW = "needs_review"
    ACTIVE = "active"
    ENDED = "ended"


class Verdict(StrEnum):
    """What the eligibility rules say."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    NEEDS_PERSON = "needs_person"


class TextStep(StrEnum):
    """What a text dialogue waits for."""

    KIND = "kind"
    WHEN = "when"
    CONFIRM = "confirm"


class TextWhen(StrEnum):
    """When help is wanted, as a text message says it."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    NEXT_SNOW = "next_snow"
