"""The code words of rides, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class RideSource(StrEnum):
    """How a ride came to us."""

    FORM = "form"
    CSV = "csv"
    GPX = "gpx"


class RidePurpose(StrEnum):
    """What a ride was for."""

    TRANSPORT = "transport"
    LEISURE = "leisure"
