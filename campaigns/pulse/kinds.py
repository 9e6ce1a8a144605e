"""The code words of surveys, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class SurveyStatus(StrEnum):
    """Where a survey stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    SCALE = "scale"
    TEXT = "text"


class TextReview(StrEnum):
    """What staff decided on an answer in own words; nobody but staff ever sees one."""

    WAITING = "waiting"
    KEPT = "kept"
    HIDDEN = "hidden"
