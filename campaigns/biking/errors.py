"""What can go wrong with rides."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class RideUnknown(NotFound):
    """No such ride, or not for this actor."""

    code = "ride_unknown"


class InvalidRide(InvalidInput):
    """A ride that nobody can have ridden, or that does not count here."""

    code = "invalid_ride"


class ImpossibleRide(InvalidRide):
    """Too fast, too far or too long for a bicycle."""

    code = "impossible_ride"


class IndoorRide(InvalidRide):
    """A ride that went nowhere."""

    code = "indoor_ride"


class RideOutsideCampaign(InvalidRide):
    """A ride before the campaign, after it, or in the future."""

    code = "ride_outside_campaign"


class EntryTooLate(Conflict):
    """The time for late entries is over."""

    code = "entry_too_late"


class OverlappingRides(Conflict):
    """The person was on another ride at that time."""

    code = "overlapping_rides"


class TooManyRides(Conflict):
    """More rides on one day than count."""

    code = "too_many_rides"


class NotTakingPart(Conflict):
    """Somebody who does not take part in the campaign."""

    code = "not_taking_part"


class InvalidBikingRules(InvalidInput):
    """Rules of a biking campaign that cannot be used."""

    code = "invalid_biking_rules"


class InvalidTrack(InvalidInput):
    """A GPX file that cannot be used."""

    code = "invalid_track"


class TrackTooLarge(InvalidTrack):
    """A GPX file with more than a ride can need."""

    code = "track_too_large"

    http_status = 413
