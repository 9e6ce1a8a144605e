"""What can be wrong with asking for results."""

from __future__ import annotations

from core.errors import Conflict, NotFound, NotPermitted


class ResultsUnknown(NotFound):
    """There is no such campaign, or its results are not for whoever asks."""

    code = "results_unknown"


class ResultsNotForYou(NotPermitted):
    """A role that may not do this with results."""

    code = "results_not_for_you"


class ResultsTooEarly(Conflict):
    """The campaign has not begun."""

    code = "results_too_early"
