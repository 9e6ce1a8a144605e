"""The code words of people's data, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in one community. Roles do not include one another."""

    RESIDENT = "resident"
    VOLUNTEER = "volunteer"
    COORDINATOR = "coordinator"
    MANAGER = "manager"


class PlaceKind(StrEnum):
    """What a place is to those who are linked with it."""

    HOME = "home"
    WORK = "work"
    OTHER = "other"


class Precision(StrEnum):
    """How exactly the position of a place is known."""

    ROOFTOP = "rooftop"
    INTERPOLATED = "interpolated"
    STREET = "street"
    AREA = "area"


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"


class Purpose(StrEnum):
    """What a consent is for."""

    MATCHING = "matching"
    OFFERS = "offers"
    CAMPAIGNS = "campaigns"
    PROGRAMMES = "programmes"
    """Being told, unasked, of programmes that fit a household: for seniors, camps for children."""
    RESEARCH = "research"


class AbilityKind(StrEnum):
    """Skills are learnt, tools are owned; a request may need either."""

    SKILL = "skill"
    TOOL = "tool"


class VettingStatus(StrEnum):
    """What came of a check."""

    REQUESTED = "requested"
    PASSED = "passed"
    FAILED = "failed"
    REVOKED = "revoked"
    LAPSED = "lapsed"
