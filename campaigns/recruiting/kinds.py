"""Code words of recruitment campaigns, as they stand in tables and the API."""

from __future__ import annotations

from enum import StrEnum


class ForecastStatus(StrEnum):
    """How far a forecast is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class AttributionRule(StrEnum):
    """Why a sign-up counts for a campaign."""

    SOURCE_CODE = "source_code"
    """It came by a link or a code of the campaign."""
    AREA_WINDOW = "area_window"
    """It came from the campaign's areas while it ran, and by no code of another one."""


class FunnelStep(StrEnum):
    """How far somebody came who signed up."""

    SIGNED_UP = "signed_up"
    VETTING_PASSED = "vetting_passed"
    FIRST_TASK_DONE = "first_task_done"
