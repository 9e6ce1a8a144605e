"""What intake keeps beside a help request: how it came in, what was decided, and standing wishes.

Access notes and callers' names stand in tables of their own: access notes are shown to whoever has
accepted the work, callers' names to staff alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed, unique_where
from matching.intake.kinds import (
    Cadence,
    CallerKind,
    ContactChoice,
    IntakeChannel,
    IntakeTopic,
    StandingStatus,
    TextStep,
    TextWhen,
    Verdict,
)
from matching.kinds import RequestKind
from people.models import NAME_LENGTH

NOTES_LENGTH = 1_000
VERSION_LENGTH = 64
SOURCE_KEY_LENGTH = 200
PHONE_LENGTH = 40
ABOUT_LENGTH = 300


class IntakeRules(Keyed, Base):
    """Kinds of help, eligibility or deadlines of a programme from one moment on."""

    __tablename__ = "intake_rules"
    __table_args__ = (UniqueConstraint("community_id", "topic", "valid_from"),)

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    topic: Mapped[IntakeTopic]
    valid_from: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class StandingRequest(Keyed, Base):
    """A wish for help at the next snowfall, at every one, or for a season."""

    __tablename__ = "standing_request"
    __table_args__ = (
        UniqueConstraint("community_id", "source_key"),
        Index("ix_standing_request_community_id_status", "community_id", "status"),
        Index("ix_standing_request_resident_id", "resident_id"),
        CheckConstraint("valid_until >= valid_from", name="ends_after_start"),
        CheckConstraint("service_s > 0 AND weight > 0 AND crew_size >= 1", name="amounts"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    kind: Mapped[RequestKind]
    cadence: Mapped[Cadence]
    status: Mapped[StandingStatus]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    """The last day."""
    scope: Mapped[list[str]]
    needs: Mapped[list[str]]
    """Codes of skills and tools."""
    languages: Mapped[list[str]]
    service_s: Mapped[int]
    weight: Mapped[float]
    crew_size: Mapped[int]
    channel: Mapped[IntakeChannel]
    taken_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    caller: Mapped[CallerKind | None]
    verdict: Mapped[Verdict]
    verdict_version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    verdict_reasons: Mapped[list[str]]
    review_reasons: Mapped[list[str]]
    similar_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("standing_request.id"))
    source_key: Mapped[str | None] = mapped_column(String(SOURCE_KEY_LENGTH))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StandingAccess(Base):
    """Access notes, caller and contact choice of a standing request."""

    __tablename__ = "standing_access"

    standing_id: Mapped[UUID] = mapped_column(ForeignKey("standing_request.id"), primary_key=True)
    access_notes: Mapped[str | None] = mapped_column(String(NOTES_LENGTH))
    contact_choice: Mapped[ContactChoice]
    caller_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))


class StandingBreak(Keyed, Base):
    """Days on which a standing request rests, because the household is away."""

    __tablename__ = "standing_break"
    __table_args__ = (
        UniqueConstraint("standing_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    standing_id: Mapped[UUID] = mapped_column(ForeignKey("standing_request.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """The last day."""


class RequestDetails(Base):
    """How a help request came in and what the checks said."""

    __tablename__ = "request_details"
    __table_args__ = (
        Index("ix_request_details_standing_id", "standing_id"),
        Index("ix_request_details_similar_to_id", "similar_to_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    channel: Mapped[IntakeChannel]
    taken_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Who typed it in."""
    caller: Mapped[CallerKind | None]
    """Who asked, when it was not the resident."""
    standing_id: Mapped[UUID | None] = mapped_column(ForeignKey("standing_request.id"))
    verdict: Mapped[Verdict]
    verdict_version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    """Which version of the eligibility rules decided."""
    verdict_reasons: Mapped[list[str]]
    review_reasons: Mapped[list[str]]
    similar_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("help_request.id"))
    """The request that this one may repeat."""
    follows_deadline: Mapped[bool] = mapped_column(default=False)
    """The window ends with the storm's deadline, because nobody chose another time."""


class RequestAccess(Base):
    """What a volunteer learns after accepting: how to get in, and how to reach the resident."""

    __tablename__ = "request_access"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    access_notes: Mapped[str | None] = mapped_column(String(NOTES_LENGTH))
    contact_choice: Mapped[ContactChoice]


class RequestCaller(Base):
    """Who called for the resident. For staff alone."""

    __tablename__ = "request_caller"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("help_request.id"), primary_key=True)
    caller_name: Mapped[str] = mapped_column(String(NAME_LENGTH))


class Declaration(Base):
    """What a resident declared about who may get help: as little as the rules need.

    Kept only with a consent, never a diagnosis, never shown to volunteers.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        CheckConstraint("birth_year BETWEEN 1900 AND 2100", name="birth_year"),
        CheckConstraint("at_least_age BETWEEN 1 AND 120", name="at_least_age"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"), primary_key=True)
    birth_year: Mapped[int | None]
    at_least_age: Mapped[int | None]
    """The resident said "over 60", and no more."""
    has_disability: Mapped[bool | None]
    has_no_other_help: Mapped[bool | None]
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"))
    declared_at: Mapped[datetime]


class TextDialogue(Base):
    """A request that a resident is putting together by text message."""

    __tablename__ = "text_dialogue"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    step: Mapped[TextStep]
    kind: Mapped[RequestKind | None]
    wanted: Mapped[TextWhen | None]
    updated_at: Mapped[datetime]


class AskDraft(Keyed, Base):
    """Answers of somebody who is asking for help on our pages, kept for a day.

    Found by the digest of a secret that only their browser holds. Once the call for help is sent,
    the answers are gone and what became of it stands here, so that sending twice asks once.
    """

    __tablename__ = "ask_draft"
    __table_args__ = (
        Index("ix_ask_draft_updated_at", "updated_at"),
        Index("ix_ask_draft_person_id", "person_id"),
    )

    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Who was signed in; nobody else is shown the answers."""
    answers: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any] | None]
    """What became of it, by ids and code words; None before it is sent."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CallBack(Keyed, Base):
    """Somebody asked to be called. The number is for staff alone, and goes soon after the call."""

    __tablename__ = "call_back"
    __table_args__ = (
        Index("ix_call_back_community_id_closed_at", "community_id", "closed_at"),
        Index("ix_call_back_person_id", "person_id"),
        unique_where(
            "uq_call_back_waiting", "community_id", "phone", "name", where="closed_at IS NULL"
        ),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """Who was signed in."""
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("help_request.id"))
    """What it is about, when it was asked for on the page of a request."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    phone: Mapped[str] = mapped_column(String(PHONE_LENGTH))
    about: Mapped[str] = mapped_column(String(ABOUT_LENGTH))
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    """When it was asked for last, or put back: so long as that is not long ago, it waits."""
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
