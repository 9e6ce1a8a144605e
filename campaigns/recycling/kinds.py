"""Code words of recycling campaigns, as they stand in tables, files and the API."""

from __future__ import annotations

from enum import StrEnum


class Arm(StrEnum):
    """What a route is in a campaign."""

    TREATED = "treated"
    """The campaign works there."""
    CONTROL = "control"
    """It does not, so that the others can be compared with it."""


class Stream(StrEnum):
    """What a truck was loaded with."""

    RECYCLING = "recycling"
    TRASH = "trash"


class CartState(StrEnum):
    """What an auditor saw of one cart."""

    CLEAN = "clean"
    CONTAMINATED = "contaminated"
    NOT_OUT = "not_out"


class ContaminantKind(StrEnum):
    """What did not belong into a recycling cart."""

    BAGS = "bags"
    """Plastic bags and film, also recyclables tied up in them."""
    FOOD = "food"
    """Food and liquids."""
    TANGLERS = "tanglers"
    """Hoses, cords, chains."""
    TEXTILES = "textiles"
    FOAM = "foam"
    HAZARDOUS = "hazardous"
    """Batteries, needles, chemicals."""
    ELECTRONICS = "electronics"
    YARD_WASTE = "yard_waste"
    TRASH = "trash"
    """Other household trash."""
    OTHER = "other"


class Measure(StrEnum):
    """A figure of a route and week that a campaign may want to change."""

    CAPTURE_RATE = "capture_rate"
    """Recyclables in the recycling cart, of all recyclables thrown away."""
    CONTAMINATION_RATE = "contamination_rate"
    """Weight in the recycling cart that does not belong there, by sorted samples."""
    CONTAMINATED_CARTS = "contaminated_carts"
    """Carts found contaminated, of those that were out, by cart audits."""
    SET_OUT_RATE = "set_out_rate"
    """Carts set out, of the households of the route."""
    DIVERSION_RATE = "diversion_rate"
    """Recycling, of recycling and trash, by weight."""
    RECYCLING_PER_HOUSEHOLD = "recycling_per_household"
    """Kilograms of recycling a household and week."""
