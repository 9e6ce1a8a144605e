"""The code words of results as enums of the API."""

from __future__ import annotations

from api.schema.enums import describe_enum
from campaigns.results.kinds import Measure, NextStep, NoCost, NoEffect, Outcome, Quality, UnitKind

describe_enum(
    Measure,
    "What was measured of each route, neighbourhood or group.",
    {
        "CAPTURE_RATE": "Recyclables in the recycling cart, of all recyclables thrown away.",
        "CONTAMINATION_RATE": "What does not belong in the recycling cart, by weight.",
        "CONTAMINATED_CARTS": "Carts with something wrong in them, of those looked into.",
        "SET_OUT_RATE": "Carts set out, of the homes on the route.",
        "DIVERSION_RATE": "Recycling, of recycling and trash, by weight.",
        "RECYCLING_PER_HOUSEHOLD": "Kilograms of recycling of one home in one week.",
        "RIDE_DAYS": "Days with a ride, of one person in one week.",
        "RIDE_DISTANCE": "Metres ridden, by one person in one week.",
        "RIDER_SHARE": "People who rode in a week, of those who take part.",
    },
    name="ResultMeasure",
)
describe_enum(
    UnitKind,
    "What is compared with what.",
    {
        "ROUTE": "Collection routes.",
        "AREA": "Neighbourhoods.",
        "GROUP": "Affinity groups.",
    },
    name="ResultUnit",
)
describe_enum(
    NoEffect,
    "Why nothing can be said about an effect.",
    {
        "FEW_UNITS": "Fewer than three on a side have figures from before and during.",
        "NO_CONTROLS": "Nothing was left out to compare with.",
        "NO_BASELINE": "Nothing was measured before, or nothing since.",
    },
    name="NoEffectReason",
)
describe_enum(
    Outcome,
    "What money was spent for.",
    {
        "PERSON_WHO_JOINED": "One person who joined.",
        "PERSON_WHO_TOOK_PART": "One person who took part.",
        "KG_MORE": "One kilogram more recycled.",
        "KG_WRONG_LESS": "One kilogram less of what does not belong there.",
        "CART_WRONG_LESS": "One contaminated cart less.",
        "SET_OUT_MORE": "One cart more set out.",
        "RIDE_DAY_MORE": "One more day with a ride.",
        "KM_MORE": "One kilometre more ridden.",
        "RIDER_MORE": "One more person who rode, in one week.",
    },
    name="ResultOutcome",
)
describe_enum(
    NoCost,
    "Why a cost cannot be said.",
    {
        "NO_COST_NOTED": "Nobody noted what the campaign cost.",
        "NOBODY": "Nobody did it.",
        "NO_EFFECT_SHOWN": "The effect's interval holds zero, so it may be any price.",
        "WRONG_WAY": "The figures went the wrong way.",
        "FEW": "It would tell of fewer than five people.",
    },
    name="NoCostReason",
)
describe_enum(
    NextStep,
    "What the figures say should be done next.",
    {
        "EXTEND": "Bring it to where it has not been.",
        "CHANGE": "Change it before it is repeated: an effect would have been seen.",
        "MEASURE_MORE": "Measure in more places: an effect worth having could not be seen.",
        "FIND_OUT_WHY": "It went the wrong way.",
        "MEASURE_AT_ALL": "Leave some places out next time, and measure them too.",
        "ASK_AREA": "Ask groups of a neighbourhood that is behind.",
        "REMIND": "Help those who joined to begin.",
        "MEND_DATA": "Find figures that are missing.",
        "NOTE_COSTS": "Note what it cost.",
        "WAIT": "Wait for its end.",
    },
    name="NextStep",
)
describe_enum(
    Quality,
    "What one should know about the data.",
    {
        "LATE": "Figures came late; they count.",
        "MISSING": "Figures are missing.",
        "EXCLUDED": "Routes or neighbourhoods were left out.",
        "ONE_SIDED": "Weeks were left out in which only one side was measured.",
        "NO_HOME": "People without a home on record stand in no neighbourhood.",
        "NOT_YET_OVER": "The campaign still runs.",
        "NOT_RANDOM": "Where it went was chosen and not drawn by lot.",
        "SYNTHETIC": "The data are made up.",
    },
    name="DataNote",
)
