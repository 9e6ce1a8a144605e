"""What can go wrong with exports."""

from __future__ import annotations

from core.errors import NotFound, NotPermitted


class ExportUnknown(NotFound):
    """No such export, or not for this actor."""

    code = "export_unknown"


class ExportNotForYou(NotPermitted):
    """Rows that the actor's role or token does not reach."""

    code = "export_not_for_you"
