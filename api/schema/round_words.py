"""The code words of matching rounds as enums of the API, each word explained."""

from __future__ import annotations

import api.schema.offers  # noqa: F401 - the words of TravelMode are described there
from api.schema.enums import describe_enum
from matching.kinds import DocumentKind, RoundStatus, TravelMode
from matching.rounds.listing_repository import RoundSortBy
from matching.rounds.reason_words import ReasonCode

__all__ = ["DocumentKind", "ReasonCode", "RoundSortBy", "RoundStatus", "TravelMode"]

describe_enum(
    RoundStatus,
    "Where a matching round stands.",
    {
        "RUNNING": "The optimiser looks for a plan.",
        "FINISHED": "A plan was found, checked and stored.",
        "CANCELLED": "Somebody ended it; nothing was stored.",
        "FAILED": "It could not be solved, or its worker died; nothing was stored.",
    },
)
describe_enum(
    DocumentKind,
    "What a round keeps in full: ids and numbers, never a name or an address.",
    {
        "PROBLEM": "What the round was to solve, in the format `talkoot-problem/1`; not kept when "
        "it is very large.",
        "PLAN": "Who visits whom and when, in the format `talkoot-plan/1`.",
        "CERTIFICATE": "How good the plan is, and what was checked.",
        "EXPLANATIONS": "More about the requests that were left out.",
        "PRICES": "What one more volunteer would add in each neighbourhood.",
    },
    name="RoundDocumentKind",
)
describe_enum(
    RoundSortBy,
    "What orders a list of rounds.",
    {"STARTED": "When it began.", "HORIZON": "When the time that it plans begins."},
)
describe_enum(
    ReasonCode,
    "Why a round left a request without help: the first condition that leaves fewer volunteers "
    "than the request needs.",
    {
        "BANNED": "Those who could help must not be sent there.",
        "OUT_OF_REACH": "Nobody lives near enough.",
        "TOOL_MISSING": "Nobody near has the tool or skill.",
        "LANGUAGE_MISSING": "Of those, nobody speaks the language.",
        "NO_COMMON_TIME": "Of those, nobody has time in the window.",
        "TOOL_STOCK": "Every tool that could be lent for it is out.",
        "VETTING_MISSING": "Nobody near has passed the checks that it needs.",
        "GUARDIAN_MISSING": "Those near are under 18 and lack a guardian's consent or an adult.",
        "TEAM_MISSING": "No team near is large enough.",
        "NO_CAPACITY": "Those who are left take no visits.",
        "UNANSWERED": "Those who are left were asked and have not answered.",
        "NOT_NOW": "Nobody may write to those who are left now.",
        "ALL_FULL": "There are suitable volunteers, and other visits are worth more.",
        "NOT_WORTH_IT": "Somebody has room, but the way there costs more than the visit counts.",
        "SEAT_FREE": "Somebody has room, and the next round may find them.",
        "WINDOW_OVER": "The time that was asked for is over.",
    },
    name="UnservedCode",
)
