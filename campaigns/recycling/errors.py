"""What can go wrong with recycling campaigns."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class RouteUnknown(NotFound):
    """No such collection route in this community, or not for this actor."""

    code = "route_unknown"


class AuditUnknown(NotFound):
    """No such cart audit, or not for this actor."""

    code = "audit_unknown"


class InvalidRoute(InvalidInput):
    """A collection route that cannot be."""

    code = "invalid_route"


class InvalidMeasurement(InvalidInput):
    """A count, a weight or an audit that cannot be."""

    code = "invalid_measurement"


class UnusableMeasurements(InvalidInput):
    """A file that holds no measurements."""

    code = "unusable_measurements"


class InvalidDraw(InvalidInput):
    """Routes that cannot be drawn into treated ones and controls."""

    code = "invalid_draw"


class DrawUnknown(NotFound):
    """The routes of this campaign have not been drawn, or that is not for this actor."""

    code = "draw_unknown"


class AlreadyDrawn(Conflict):
    """The routes of this campaign have been drawn; drawing until one likes it proves nothing."""

    code = "already_drawn"


class CampaignBegun(Conflict):
    """The campaign has begun: who is treated was settled before."""

    code = "campaign_begun"
