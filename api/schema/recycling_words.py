"""Code words of recycling campaigns in the API."""

from __future__ import annotations

from api.schema.enums import describe_enum
from campaigns.recycling.files import FileKind as RecyclingFileKind
from campaigns.recycling.kinds import Arm, CartState, ContaminantKind
from campaigns.recycling.kinds import Measure as RecyclingMeasure

__all__ = ["Arm", "CartState", "ContaminantKind", "RecyclingFileKind", "RecyclingMeasure"]

describe_enum(
    Arm,
    "What a collection route is in a campaign.",
    {
        "TREATED": "The campaign works there.",
        "CONTROL": "It does not, so that the others can be compared with it.",
    },
    name="RouteArm",
)
describe_enum(
    CartState,
    "What an auditor saw of one cart.",
    {
        "CLEAN": "It stood out, with nothing in it that does not belong there.",
        "CONTAMINATED": "It stood out, with something that does not belong there.",
        "NOT_OUT": "It did not stand out.",
    },
)
describe_enum(
    ContaminantKind,
    "What did not belong into a recycling cart.",
    {
        "BAGS": "Plastic bags and film, also recyclables tied up in them.",
        "FOOD": "Food and liquids.",
        "TANGLERS": "Hoses, cords, chains.",
        "TEXTILES": "Clothes and other textiles.",
        "FOAM": "Foam.",
        "HAZARDOUS": "Batteries, needles, chemicals.",
        "ELECTRONICS": "Electronics.",
        "YARD_WASTE": "Leaves, branches, grass.",
        "TRASH": "Other household trash.",
        "OTHER": "Anything else.",
    },
)
describe_enum(
    RecyclingMeasure,
    "A figure of a route that a campaign may want to change.",
    {
        "CAPTURE_RATE": "Recyclables in the recycling cart, of all recyclables thrown away.",
        "CONTAMINATION_RATE": "Weight in the recycling cart that does not belong there.",
        "CONTAMINATED_CARTS": "Carts found contaminated, of those that were out.",
        "SET_OUT_RATE": "Carts set out, of the households of the route.",
        "DIVERSION_RATE": "Recycling, of recycling and trash, by weight.",
        "RECYCLING_PER_HOUSEHOLD": "Kilograms of recycling a household and week.",
    },
    name="RecyclingMeasure",
)
describe_enum(
    RecyclingFileKind,
    "What the lines of a file are; told by its columns.",
    {
        "ROUTES": "Collection routes.",
        "SET_OUTS": "Carts set out on a route in a week.",
        "WEIGHTS": "Kilograms that a truck brought from a route on a day.",
        "SORTS": "Samples that were sorted by hand.",
        "AUDITS": "Carts that were looked into, one a line.",
    },
    name="RecyclingFileKind",
)
