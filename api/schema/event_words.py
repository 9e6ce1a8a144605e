"""The code words of events, each explained."""

from __future__ import annotations

from api.schema.enums import describe_enum
from campaigns.events.kinds import (
    Attendance,
    EventAudience,
    EventStatus,
    HelperStatus,
    HourChoice,
    OccurrenceStatus,
    RegistrationStatus,
    Repeats,
)

describe_enum(
    EventStatus,
    "Where an event stands.",
    {
        "DRAFT": "Only those who organize it see it.",
        "PUBLISHED": "It is open for sign-ups.",
        "CANCELLED": "It was called off.",
    },
)
describe_enum(
    EventAudience,
    "Who may see an event and sign up for it.",
    {
        "PUBLIC": "Everybody sees it; people of the community sign up.",
        "COMMUNITY": "People of the community.",
        "GROUP": "Members of its group.",
    },
)
describe_enum(
    OccurrenceStatus,
    "Whether an event takes place on a day.",
    {"SCHEDULED": "It takes place.", "CANCELLED": "It was called off."},
    name="EventDayStatus",
)
describe_enum(
    RegistrationStatus,
    "Where a sign-up stands.",
    {
        "SEATED": "It has its seats.",
        "WAITING": "It waits for seats, in the order of sign-ups.",
        "OFFERED": "Seats are kept for it until they are confirmed or the time is over.",
        "CANCELLED": "It was given back.",
        "EXPIRED": "Kept seats were not confirmed twice, so it is off the list.",
    },
    name="EventRegistrationStatus",
)
describe_enum(
    Attendance,
    "What became of a seat.",
    {"CAME": "Somebody was checked in.", "NO_SHOW": "Nobody came, and others were checked in."},
    name="EventAttendance",
)
describe_enum(
    HelperStatus,
    "Where somebody's help at an event stands.",
    {
        "VOLUNTEERED": "They offered to help.",
        "PROPOSED": "The plan proposes them for a role; they know nothing of it yet.",
        "INVITED": "An organizer asks them; they have not answered.",
        "CONFIRMED": "It is agreed.",
        "WITHDRAWN": "They do not help.",
    },
    name="EventHelperStatus",
)
describe_enum(
    Repeats,
    "How often an event comes back.",
    {
        "DAILY": "By days.",
        "WEEKLY": "By weeks, on some weekdays.",
        "MONTHLY": "By months, on one weekday of the month.",
    },
    name="EventRepeats",
)
describe_enum(
    HourChoice,
    "Which of two hours is meant when the clocks go back and show one twice.",
    {"EARLIER": "The first one.", "LATER": "The second one."},
)
