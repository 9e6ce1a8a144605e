"""The code words of surveys, and the scopes that tokens need."""

from __future__ import annotations

from api.schema.enums import describe_enum
from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview

READ, WRITE = "campaigns:read", "campaigns:write"

describe_enum(
    SurveyStatus,
    "Where a survey stands.",
    {
        "DRAFT": "Written, and nobody was asked yet.",
        "OPEN": "People are asked and answer.",
        "CLOSED": "It takes no more answers; its results are shown.",
        "CANCELLED": "Called off.",
    },
)
describe_enum(
    QuestionKind,
    "How a question is answered.",
    {
        "CHOICE": "One of several answers.",
        "SCALE": "A number from 1, the worst, to 5, the best.",
        "TEXT": "Own words, which managers alone see.",
    },
    name="SurveyQuestionKind",
)
describe_enum(
    TextReview,
    "What staff decided on an answer in own words.",
    {"WAITING": "Nobody looked yet.", "KEPT": "Looked at, and kept.", "HIDDEN": "Put aside."},
    name="SurveyTextReview",
)
