"""What can go wrong with events."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted, TalkootError


class EventUnknown(NotFound):
    """No such event or day of it, or not for this actor."""

    code = "event_unknown"


class RegistrationUnknown(NotFound):
    """No such sign-up, or not for this actor."""

    code = "registration_unknown"


class EventNotYours(NotPermitted):
    """Only those who organize the event may do this."""

    code = "event_not_yours"


class InvalidEvent(InvalidInput):
    """An event that cannot be as it was described."""

    code = "invalid_event"


class InvalidWallTime(InvalidInput):
    """A time that is no time of day."""

    code = "invalid_wall_time"


class HourSkipped(InvalidInput):
    """A time that the clocks jump over on that day."""

    code = "hour_skipped"


class HourTwice(InvalidInput):
    """A time that the clocks show twice on that day: say which."""

    code = "hour_twice"


class InvalidRepeat(InvalidInput):
    """A repetition that cannot be."""

    code = "invalid_repeat"


class EventClosed(Conflict):
    """The event was cancelled, is not open yet, or is over."""

    code = "event_closed"


class PartyTooLarge(InvalidInput):
    """More seats for one person than the event gives."""

    code = "party_too_large"


class NoRoom(Conflict):
    """So many seats are not free, or others wait for them."""

    code = "no_room"


class CapacityTooSmall(Conflict):
    """More seats are taken already than there would be."""

    code = "capacity_too_small"


class OfferLapsed(Conflict):
    """The kept seat was not confirmed in time."""

    code = "offer_lapsed"


class NoSeat(Conflict):
    """The sign-up has no seat: it waits, or was cancelled."""

    code = "no_seat"


class WrongCode(NotFound):
    """Nobody at this event has that code."""

    code = "wrong_code"


class TooManyCodes(TalkootError):
    """Too many wrong codes; trying again later helps."""

    code = "too_many_codes"
    http_status = 429


class DeskClosed(Conflict):
    """Nobody is checked in at this hour."""

    code = "desk_closed"


class HelperUnknown(NotFound):
    """No such offer of help, or not for this actor."""

    code = "helper_unknown"


class RoleFull(Conflict):
    """The role has all the people it needs."""

    code = "role_full"


class NoRoles(Conflict):
    """The event names no roles, so that there is nobody to find."""

    code = "no_roles"
