"""The code words of intake as enums of the API."""

from __future__ import annotations

from api.schema.enums import describe_enum
from matching.intake.commands import Outcome
from matching.intake.kinds import (
    Cadence,
    CallerKind,
    ContactChoice,
    IntakeChannel,
    IntakeTopic,
    StandingStatus,
    Verdict,
)
from matching.intake.listing_repository import RequestSortBy
from matching.intake.reviewing import DeclineReason
from matching.intake.standing_listing_repository import StandingSortBy
from matching.kinds import HoldReason

__all__ = [
    "Cadence",
    "CallerKind",
    "ContactChoice",
    "DeclineReason",
    "HoldReason",
    "IntakeChannel",
    "IntakeTopic",
    "Outcome",
    "RequestSortBy",
    "StandingSortBy",
    "StandingStatus",
    "Verdict",
]

describe_enum(
    IntakeChannel,
    "How a request came in.",
    {
        "WEB": "By a form or an app.",
        "PHONE": "By a call that staff answered.",
        "STAFF": "By staff on their own.",
        "SMS": "By text message.",
        "IMPORT": "From a file or another system.",
        "STANDING": "Opened by the product for a household that asked for every snowfall.",
    },
)
describe_enum(
    CallerKind,
    "Who asked for the resident.",
    {
        "FAMILY": "Somebody of the family.",
        "NEIGHBOUR": "A neighbour.",
        "AGENCY": "An agency or another organisation.",
        "OTHER": "Somebody else.",
    },
)
describe_enum(
    ContactChoice,
    "Which contact the volunteer may see after agreeing to come.",
    {
        "PLATFORM": "None: messages go through the platform.",
        "PHONE": "The phone number, for calls.",
        "SMS": "The number for text messages.",
        "EMAIL": "The e-mail address.",
    },
)
describe_enum(
    Cadence,
    "How often help is wanted.",
    {
        "ONCE": "Once.",
        "NEXT_SNOWFALL": "At the next snowfall.",
        "EVERY_SNOWFALL": "At every snowfall until a day.",
        "SEASON": "At every snowfall of the season, by the same volunteer if possible.",
    },
)
describe_enum(
    StandingStatus,
    "Where a standing request stands.",
    {
        "NEEDS_REVIEW": "A person of the programme looks at it first.",
        "ACTIVE": "It holds.",
        "ENDED": "It is over.",
    },
)
describe_enum(
    Verdict,
    "What the rules of a programme say about who may get help.",
    {
        "ELIGIBLE": "Help can be given.",
        "NOT_ELIGIBLE": "The rules do not cover this home.",
        "NEEDS_PERSON": "Something is not known: a person decides.",
    },
)
describe_enum(
    IntakeTopic,
    "What a versioned set of rules is about.",
    {
        "KINDS": "The kinds of help.",
        "ELIGIBILITY": "Who may get help.",
        "DEADLINES": "Until when the programme helps after a snowfall.",
    },
)
describe_enum(
    Outcome,
    "What became of a call for help.",
    {
        "OPEN": "Volunteers will be asked.",
        "IN_REVIEW": "A person looks at it first.",
        "JOINED": "The same request was there already, and stands for both.",
        "WAITING": "It is kept for the next snowfall, or for every one.",
    },
    name="TakenOutcome",
)
describe_enum(
    DeclineReason,
    "Why a request is not taken up; the resident hears it in plain words.",
    {
        "NOT_ELIGIBLE": "The rules do not cover this home.",
        "DUPLICATE": "There is a request for this home already.",
        "OUTSIDE_AREA": "The home lies outside the area of the programme.",
        "NOT_OUR_HELP": "Volunteers do not do this kind of work.",
        "NO_ANSWER": "There was a question, and nobody answered.",
        "OTHER": "Something else.",
    },
)
describe_enum(
    HoldReason,
    "Why an active storm waits.",
    {
        "ICE": "It is icy, or too cold.",
        "DARK": "It is dark.",
        "STILL_SNOWING": "It still snows.",
    },
)
describe_enum(
    RequestSortBy,
    "What orders a list of requests.",
    {
        "CREATED": "When they came in.",
        "DEADLINE": "Until when help is of use; requests without a deadline count as the latest.",
        "WEIGHT": "How much serving them counts.",
    },
)
describe_enum(
    StandingSortBy,
    "What orders a list of standing requests.",
    {"CREATED": "When they came in.", "VALID_UNTIL": "Their last day."},
)
