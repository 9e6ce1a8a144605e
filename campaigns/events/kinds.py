"""The code words of events, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class EventStatus(StrEnum):
    """Where an event stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class EventAudience(StrEnum):
    """Who may see an event and sign up for it."""

    PUBLIC = "public"
    COMMUNITY = "community"
    GROUP = "group"


class OccurrenceStatus(StrEnum):
    """Whether an event takes place on a day."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why an event does not take place, for those who wanted to come."""

    WEATHER = "weather"
    PLACE = "place"
    TOO_FEW = "too_few"
    NOBODY_LEADS = "nobody_leads"


class RegistrationStatus(StrEnum):
    """Where somebody's sign-up stands."""

    SEATED = "seated"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE = (RegistrationStatus.SEATED, RegistrationStatus.WAITING, RegistrationStatus.OFFERED)
"""These have a seat, hold one, or wait for one."""

HOLDING = (RegistrationStatus.SEATED, RegistrationStatus.OFFERED)
"""These count against the capacity."""


class Attendance(StrEnum):
    """What became of a seat."""

    CAME = "came"
    NO_SHOW = "no_show"


class HelperStatus(StrEnum):
    """Where somebody's help at an event stands."""

    VOLUNTEERED = "volunteered"
    PROPOSED = "proposed"
    INVITED = "invited"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Repeats(StrEnum):
    """How often an event comes back."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class HourChoice(StrEnum):
    """Which of two hours is meant when the clocks go back and show one twice."""

    EARLIER = "earlier"
    LATER = "later"
