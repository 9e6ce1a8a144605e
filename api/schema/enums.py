"""The code words of the domains as enums of the API, each word explained."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import strawberry

from matching.kinds import AssignmentStatus, OfferStatus, RequestKind, RequestStatus, StormStatus
from people.kinds import AbilityKind, Channel, PlaceKind, Precision, Purpose, Role, VettingStatus


def describe_enum(
    kind: type[Enum], description: str, words: Mapping[str, str], name: str | None = None
) -> None:
    """Make an enum of the house one of the API.

    Raises
    ------
    ValueError
        When a word lacks its description, or a description its word.
    """
    if words.keys() != kind.__members__.keys():
        wrong = sorted(words.keys() ^ kind.__members__.keys())
        raise ValueError(f"Describe every word of {kind.__name__} once: {', '.join(wrong)}.")
    strawberry.enum(kind, name=name, description=description)
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # strawberry.enum has set it
        value.description = words[value.name]


describe_enum(
    Role,
    "What a person is in one community. Roles do not include one another.",
    {
        "RESIDENT": "Asks for help, or has others ask.",
        "VOLUNTEER": "Gives help.",
        "COORDINATOR": "Staff who work with requests, volunteers and storms.",
        "MANAGER": "Staff who also decide rules, roles and integrations.",
    },
)
describe_enum(
    Channel,
    "A way to reach a person.",
    {"EMAIL": "By e-mail.", "SMS": "By text message.", "PHONE": "By a call from a person."},
)
describe_enum(
    Purpose,
    "What a person may have agreed to.",
    {
        "MATCHING": "Keeping and using a request for help.",
        "OFFERS": "Being asked to help.",
        "CAMPAIGNS": "Being told of campaigns and events.",
        "PROGRAMMES": "Being told, unasked, of programmes that fit the household.",
        "RESEARCH": "Being counted in studies.",
    },
)
describe_enum(
    PlaceKind,
    "What a place is to those who are linked with it.",
    {"HOME": "Where somebody lives.", "WORK": "Where somebody works.", "OTHER": "Another place."},
)
describe_enum(
    Precision,
    "How exactly the position of a place is known.",
    {
        "ROOFTOP": "The building itself.",
        "INTERPOLATED": "Between two known numbers of a street.",
        "STREET": "Somewhere along a street.",
        "AREA": "Somewhere in a neighbourhood.",
    },
)
describe_enum(
    AbilityKind,
    "Skills are learnt, tools are owned.",
    {"SKILL": "Something a person can do.", "TOOL": "Something a person has."},
)
describe_enum(
    VettingStatus,
    "What came of a check of a volunteer.",
    {
        "REQUESTED": "Asked for, not back yet.",
        "PASSED": "Passed.",
        "FAILED": "Not passed.",
        "REVOKED": "Taken back.",
        "LAPSED": "No longer holds, for example after a move.",
    },
)
describe_enum(
    RequestKind,
    "What help is asked for.",
    {
        "SNOW": "Snow off the sidewalk, the steps, the way to the door.",
        "YARD": "Leaves, grass, a garden.",
        "GROCERIES": "Shopping brought home.",
        "RIDE": "A ride and back.",
        "TECH": "Help with a telephone or a computer.",
        "RECYCLING": "Bins and recycling put out.",
        "OTHER": "Something else.",
    },
)
describe_enum(
    RequestStatus,
    "Where a help request stands.",
    {
        "SUBMITTED": "It has just come in.",
        "NEEDS_REVIEW": "A person of the programme looks at it first.",
        "OPEN": "It waits for somebody.",
        "OFFERED": "Volunteers were asked and have not answered yet.",
        "ACCEPTED": "Somebody has agreed to come.",
        "IN_PROGRESS": "Somebody is on the way or at work.",
        "DONE": "The volunteer says that it is done.",
        "CONFIRMED": "The resident says so too.",
        "NOT_DONE": "The resident says that it was not done.",
        "CANCELLED": "It was called off or declined.",
        "EXPIRED": "Its time went by and nobody came.",
    },
)
describe_enum(
    OfferStatus,
    "Where an offer to a volunteer stands.",
    {
        "PROPOSED": "Planned, not sent yet.",
        "SENT": "The volunteer was asked.",
        "ACCEPTED": "The volunteer said yes.",
        "DECLINED": "The volunteer said no.",
        "EXPIRED": "The volunteer has not answered for long; a yes still counts.",
        "WITHDRAWN": "Taken back.",
    },
)
describe_enum(
    AssignmentStatus,
    "Where accepted work stands.",
    {
        "ACCEPTED": "Agreed, not begun.",
        "IN_PROGRESS": "The volunteer is on the way or at work.",
        "DONE": "The volunteer says that it is done.",
        "RELEASED": "Given back, called off or not done.",
    },
)
describe_enum(
    StormStatus,
    "Where a storm stands.",
    {
        "WATCH": "Something may come; nobody is told.",
        "ARMED": "People were told that help may be needed.",
        "ACTIVE": "Neighbours are asked for help.",
        "HOLD": "Nobody is sent out for now.",
        "CLOSED": "Over.",
    },
)


@strawberry.enum(description="Which end of a list comes first.")
class Direction(Enum):
    ASCENDING = strawberry.enum_value("ascending", description="Smallest, oldest or A first.")
    DESCENDING = strawberry.enum_value("descending", description="Largest, newest or Z first.")
