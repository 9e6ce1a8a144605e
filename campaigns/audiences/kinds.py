"""The code words of audiences."""

from __future__ import annotations

from enum import StrEnum


class HouseholdFact(StrEnum):
    """What a household may have said about who lives there."""

    SENIORS = "seniors"
    CHILDREN = "children"


class TookPartIn(StrEnum):
    """What somebody took part in before."""

    EVENT = "event"
    CAMPAIGN = "campaign"


class Exclusion(StrEnum):
    """Why somebody whom a segment describes is not reached. The first that holds is told."""

    NO_CONSENT = "no_consent"
    UNSUBSCRIBED = "unsubscribed"
    NO_CONTACT = "no_contact"
    AWAY = "away"
    CONTACTED_LATELY = "contacted_lately"


class Notice(StrEnum):
    """What a manager must know before anything is sent."""

    NOBODY = "nobody"
    TOO_FEW = "too_few"
    EVERYBODY = "everybody"
