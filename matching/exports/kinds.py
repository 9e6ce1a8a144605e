"""What can be taken out of the product as rows, in which form, and by which scope."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class What(StrEnum):
    """Which rows."""

    REQUESTS = "requests"
    VOLUNTEERS = "volunteers"
    ASSIGNMENTS = "assignments"
    COVERAGE = "coverage"


class Form(StrEnum):
    """How they are written."""

    CSV = "csv"
    GEOJSON = "geojson"


SCOPES: Mapping[What, str] = MappingProxyType(
    {
        What.REQUESTS: "requests:read",
        What.VOLUNTEERS: "volunteers:read",
        What.ASSIGNMENTS: "offers:read",
        What.COVERAGE: "areas:read",
    }
)
"""What an API token needs."""

COLUMNS: Mapping[What, tuple[str, ...]] = MappingProxyType(
    {
        What.REQUESTS: (
            "id",
            "reference",
            "kind",
            "status",
            "cell",
            "area",
            "lon_deg",
            "lat_deg",
            "weight",
            "service_s",
            "crew_size",
            "seats_taken",
            "scope",
            "languages",
            "storm_id",
            "created_at",
            "deadline_at",
        ),
        What.VOLUNTEERS: (
            "id",
            "status",
            "mode",
            "cell",
            "area",
            "lon_deg",
            "lat_deg",
            "max_tasks",
            "max_work_s",
            "max_travel_s",
            "radius_m",
            "load",
            "created_at",
        ),
        What.ASSIGNMENTS: (
            "id",
            "request_id",
            "volunteer_id",
            "status",
            "seat",
            "seats",
            "cell",
            "area",
            "lon_deg",
            "lat_deg",
            "starts_at",
            "ends_at",
            "accepted_at",
            "ended_at",
        ),
        What.COVERAGE: (
            "cell",
            "area",
            "lon_deg",
            "lat_deg",
            "person_count",
            "volunteer_count",
            "asked_count",
            "open_count",
            "served_count",
        ),
    }
)
"""In order. Places are those of cells, never of homes."""
