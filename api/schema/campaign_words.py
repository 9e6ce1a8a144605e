"""The code words of campaigns and rides as enums of the API."""

from __future__ import annotations

from api.schema.enums import describe_enum
from campaigns.biking.figures import SizeBand
from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole

describe_enum(
    CampaignKind,
    "What a campaign is about, and with it how it is measured.",
    {
        "BIKING": "Riding bicycles: measured by rides.",
        "RECYCLING": "Recycling: measured by set-outs, weights and cart tags.",
        "RECRUITMENT": "Finding volunteers: measured by sign-ups and first tasks.",
        "OTHER": "Something else: measured by who takes part.",
    },
)
describe_enum(
    CampaignStatus,
    "Where a campaign stands.",
    {
        "DRAFT": "Being planned.",
        "SCHEDULED": "Ready; it begins by itself at its moment.",
        "RUNNING": "Going on; it ends by itself at its moment.",
        "FINISHED": "Over; late entries may still come for some days.",
        "ARCHIVED": "Put away.",
    },
)
describe_enum(
    TeamRole,
    "What a person may do with one campaign.",
    {
        "OWNER": "Changes it, and chooses the team.",
        "EDITOR": "Changes it.",
        "VIEWER": "Sees drafts, budget and cost.",
    },
)
describe_enum(
    GoalUnit,
    "What a goal counts. Which ones a campaign may have depends on its kind.",
    {
        "RIDES": "Bicycle rides.",
        "RIDE_DAYS": "Days on which somebody rode, added up over people.",
        "DISTANCE_KM": "Kilometres ridden.",
        "RIDERS": "People who rode at least once.",
        "NEW_RIDERS": "People who ride now and did not before.",
        "PARTICIPATION_SHARE": "Share of those asked who take part, between 0 and 1.",
        "SET_OUTS": "Carts that stood at the kerb.",
        "SET_OUT_SHARE": "Share of households that set out, between 0 and 1.",
        "WEIGHT_KG": "Kilograms collected.",
        "CAPTURE_SHARE": "Share of the recyclables that were recycled, between 0 and 1.",
        "CONTAMINATION_SHARE": "Share of what should not be in the cart, between 0 and 1.",
        "SIGN_UPS": "Volunteers who signed up.",
        "VETTED": "Volunteers who passed their checks.",
        "FIRST_TASKS": "Volunteers who did their first task.",
        "PARTICIPANTS": "People who take part.",
        "ACTIONS": "Things done.",
    },
)
describe_enum(
    RideSource,
    "How a ride came to us.",
    {
        "FORM": "Typed in.",
        "CSV": "From a list.",
        "GPX": "Measured from a track, which was not kept.",
    },
)
describe_enum(
    RidePurpose,
    "What a ride was for.",
    {"TRANSPORT": "To get somewhere.", "LEISURE": "For its own sake."},
)
describe_enum(
    SizeBand,
    "Groups are compared with groups of about their size.",
    {"SMALL": "Up to 19 members.", "MEDIUM": "20 to 99 members.", "LARGE": "100 or more."},
    name="GroupSizeBand",
)
