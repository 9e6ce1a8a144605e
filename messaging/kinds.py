"""The code words of messages, as they stand in the database, and what a caller hands in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from people.kinds import Purpose


class MessageStatus(StrEnum):
    """How far a message has come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"


REACHED = (
    MessageStatus.QUEUED,
    MessageStatus.SENDING,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
)
"""These weigh on a person: they have come, or they will."""

UNDELIVERED = (MessageStatus.FAILED, MessageStatus.BOUNCED)


class ThreadSide(StrEnum):
    """What somebody is in a conversation."""

    RESIDENT = "resident"
    VOLUNTEER = "volunteer"
    STAFF = "staff"


class Suppressed(StrEnum):
    """Why a message is not sent."""

    BUDGET_SPENT = "budget_spent"
    CALL_BY_PHONE = "call_by_phone"
    CONTACT_BOUNCED = "contact_bounced"
    CONTACT_UNVERIFIED = "contact_unverified"
    IN_DIGEST = "in_digest"
    NO_CONSENT = "no_consent"
    NO_CONTACT = "no_contact"
    NO_LONGER_TRUE = "no_longer_true"
    PERSON_ERASED = "person_erased"
    STOPPED = "stopped"
    TOO_LATE = "too_late"


PROACTIVE = (Purpose.CAMPAIGNS, Purpose.PROGRAMMES)
"""Messages that nobody waits for. They give way to others and never hold up those of a storm."""

STAFF_SHOULD_CALL = (
    Suppressed.CALL_BY_PHONE,
    Suppressed.CONTACT_BOUNCED,
    Suppressed.CONTACT_UNVERIFIED,
    Suppressed.NO_CONTACT,
)
"""The person would want this message and does not get it: somebody must ring."""


@dataclass(frozen=True)
class Words:
    """What a message says: as a mail (subject, text, html) and as a text message (short).

    An empty ``short`` cannot go by SMS; an empty ``text`` cannot go by mail.
    """

    subject: str
    text: str
    html: str
    short: str


@dataclass(frozen=True)
class ContactLimits:
    """How much one person may hear, of all senders together; the numbers are the programme's."""

    gap_s: int = 0
    """Seconds between two messages that count."""
    storm_budget: int | None = None
    """Messages that count in one storm, at most."""
    period_s: int = 0
    period_budget: int | None = None
    """Messages that count in so many seconds until now, at most: for campaigns, which give way to
    whatever else a person hears."""


@dataclass(frozen=True)
class Draft:
    """One message to one person, before channel and time are chosen."""

    community_id: UUID
    person_id: UUID
    kind: str
    key: str
    """Unique for ever: the same key again is the same message."""
    purpose: Purpose | None
    """None, only with ``hurry``: the answer to what the person asked of us needs no consent."""
    words: Words
    storm_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    calendar: bytes | None = None
    """An iCalendar file with its METHOD, for the mail."""
    hurry: bool = False
    """An answer to what the person did just now: quiet hours, gap and budget do not hold it."""
    counts: bool = True
    """Whether it counts in the gap and the budget."""
    limits: ContactLimits | None = None
    digest_s: int = 0
    """It may wait this long for others, to go out as one message with them."""
    expires_at: datetime | None = None
    """Of no use later than this."""
    contact_point_id: UUID | None = None
    """Goes there or nowhere."""
    once: bool = False
    """Rather lost than doubled: what a dead worker may have handed over is not sent again."""
