"""What can go wrong with recruitment campaigns."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class InvalidForecast(InvalidInput):
    """A forecast that cannot be made: of another kind of campaign, or for too many."""

    code = "invalid_forecast"


class NoRoundToRecruitFor(Conflict):
    """No finished round of the community keeps its problem."""

    code = "no_round_to_recruit_for"


class ForecastRunning(Conflict):
    """A forecast of this campaign is being made."""

    code = "forecast_running"


class InvalidSource(InvalidInput):
    """A source code that cannot be."""

    code = "invalid_source"


class SourceTaken(Conflict):
    """Another campaign of the community uses this code."""

    code = "source_taken"


class NotRecruiting(NotFound):
    """The campaign does not recruit volunteers."""

    code = "not_recruiting"
