"""The code words of matching, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class RequestKind(StrEnum):
    """What help is asked for."""

    SNOW = "snow"
    YARD = "yard"
    GROCERIES = "groceries"
    RIDE = "ride"
    TECH = "tech"
    RECYCLING = "recycling"
    OTHER = "other"


class RequestStatus(StrEnum):
    """Where a help request stands."""

    SUBMITTED = "submitted"
    NEEDS_REVIEW = "needs_review"
    OPEN = "open"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CONFIRMED = "confirmed"
    NOT_DONE = "not_done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OfferStatus(StrEnum):
    """Where an offer to a volunteer stands."""

    PROPOSED = "proposed"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class AskStatus(StrEnum):
    """Where the message with a volunteer's offers stands."""

    PROPOSED = "proposed"
    SENT = "sent"
    ANSWERED = "answered"
    SILENT = "silent"
    WITHDRAWN = "withdrawn"


class AskOrigin(StrEnum):
    """Why a volunteer was asked."""

    WAVE = "wave"
    SEASON_PAIR = "season_pair"
    RESEAT = "reseat"
    SUBSTITUTE = "substitute"


class AskAnswer(StrEnum):
    """What a volunteer answered."""

    YES = "yes"
    NO = "no"
    NOT_TODAY = "not_today"


class AssignmentStatus(StrEnum):
    """Where accepted work stands."""

    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    RELEASED = "released"


class StormStatus(StrEnum):
    """Where a storm stands."""

    WATCH = "watch"
    ARMED = "armed"
    ACTIVE = "active"
    HOLD = "hold"
    CLOSED = "closed"


class HoldReason(StrEnum):
    """Why an active storm waits."""

    ICE = "ice"
    DARK = "dark"
    STILL_SNOWING = "still_snowing"


class RoundStatus(StrEnum):
    """Where a matching round stands."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RoundJobStatus(StrEnum):
    """Where a round that somebody asked for stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RoundStage(StrEnum):
    """What a running round does."""

    READING = "reading"
    MEASURING = "measuring"
    PLANNING = "planning"
    CHECKING = "checking"
    EXPLAINING = "explaining"
    STORING = "storing"


class RoundStop(StrEnum):
    """What becomes of the plan of a round that somebody ends early."""

    DISCARD = "discard"
    KEEP = "keep"


class TravelMode(StrEnum):
    """How a volunteer travels."""

    WALK = "walk"
    BIKE = "bike"
    CAR = "car"


class VolunteerStatus(StrEnum):
    """Whether a volunteer takes part."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class BanSide(StrEnum):
    """Who asked that a volunteer and a resident do not meet."""

    RESIDENT = "resident"
    VOLUNTEER = "volunteer"
    STAFF = "staff"


class DocumentKind(StrEnum):
    """What a round keeps in full."""

    PROBLEM = "problem"
    PLAN = "plan"
    CERTIFICATE = "certificate"
    EXPLANATIONS = "explanations"
    PRICES = "prices"
