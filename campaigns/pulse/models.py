"""Surveys: a few questions to a segment, one answer for each person, shown only in sums."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview
from core.columns import Base, Keyed
from people.kinds import Purpose
from people.models import CODE_LENGTH, NAME_LENGTH

TEXT_LENGTH = 500


class Survey(Keyed, Base):
    """A survey or a poll of 1 to 5 questions, put before something changes."""

    __tablename__ = "survey"
    __table_args__ = (
        Index("ix_survey_community_id_status", "community_id", "status", "id"),
        Index("ix_survey_status_closes_at", "status", "closes_at"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("min_graded >= 10", name="min_graded"),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("community.id"))
    segment_version_id: Mapped[UUID] = mapped_column(ForeignKey("segment_version.id"))
    purpose: Mapped[Purpose]
    status: Mapped[SurveyStatus]
    words: Mapped[dict[str, Any]]
    """Title and introduction by language: ``{"en": {"title": ..., "intro": ...}}``."""
    min_graded: Mapped[int] = mapped_column(default=30)
    """A grade or a mean is told from so many answers on."""
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class SurveyQuestion(Keyed, Base):
    """One question. Never changed once the survey is open."""

    __tablename__ = "survey_question"
    __table_args__ = (
        UniqueConstraint("survey_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 5", name="position"),
    )

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[QuestionKind]
    words: Mapped[dict[str, Any]]
    """By language: ``{"en": {"text": ..., "options": {"yes": "Yes", "no": "No"}}}``."""
    options: Mapped[list[str]]
    """The codes of the answers of a choice, in the order shown."""


class SurveyInvitation(Keyed, Base):
    """One person who was asked; the area is that of the day, for comparing areas."""

    __tablename__ = "survey_invitation"
    __table_args__ = (
        UniqueConstraint("survey_id", "person_id"),
        Index("ix_survey_invitation_person_id", "person_id"),
    )

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    area: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    invited_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When the invitation was queued, or was found not to be sent."""
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class SurveyAnswer(Keyed, Base):
    """What one person answered to one question."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        UniqueConstraint("invitation_id", "question_id"),
        Index("ix_survey_answer_question_id", "question_id"),
        CheckConstraint("scale BETWEEN 1 AND 5", name="scale"),
    )

    invitation_id: Mapped[UUID] = mapped_column(
        ForeignKey("survey_invitation.id", ondelete="CASCADE")
    )
    question_id: Mapped[UUID] = mapped_column(ForeignKey("survey_question.id", ondelete="CASCADE"))
    choice: Mapped[str | None] = mapped_column(String(CODE_LENGTH))
    scale: Mapped[int | None]
    text: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    review: Mapped[TextReview | None]
    """Of an answer in own words."""
    answered_at: Mapped[datetime]
