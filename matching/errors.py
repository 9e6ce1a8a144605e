"""What can go wrong between asking for help and getting it."""

from __future__ import annotations

from uuid import UUID

from core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    TalkootError,
    Unavailable,
)


class IllegalTransition(Conflict):
    """A state cannot follow the one that holds."""

    code = "illegal_transition"


class RequestUnknown(NotFound):
    """No such help request, or not for this actor."""

    code = "request_unknown"


class RequestClosed(Conflict):
    """The request no longer waits for help."""

    code = "request_closed"


class VolunteerUnknown(NotFound):
    """No such volunteer, or not for this actor."""

    code = "volunteer_unknown"


class OfferUnknown(NotFound):
    """No such offer, or not for this actor."""

    code = "offer_unknown"


class AskUnknown(NotFound):
    """No such ask, or not for this actor."""

    code = "ask_unknown"


class NothingAsked(Conflict):
    """Nobody was asked yet, so that there is nothing to learn from."""

    code = "nothing_asked"


class HomeNotOpen(Conflict):
    """The home is not open for this volunteer now: taken, over, or out of their time."""

    code = "home_not_open"


class OfferAlreadyTaken(Conflict):
    """Somebody else said yes first."""

    code = "offer_already_taken"


class OfferClosed(Conflict):
    """The offer was declined or withdrawn."""

    code = "offer_closed"


class OfferNotYours(NotPermitted):
    """The offer is for another volunteer."""

    code = "offer_not_yours"


class VolunteerBusyThen(Conflict):
    """The volunteer has accepted other work for that time."""

    code = "volunteer_busy_then"


class AssignmentUnknown(NotFound):
    """No such accepted work, or not for this actor."""

    code = "assignment_unknown"


class NothingDoneYet(Conflict):
    """The resident speaks of work that nobody has come for."""

    code = "nothing_done_yet"


class WorkOver(Conflict):
    """The accepted work is done or was given back."""

    code = "work_over"


class StormUnknown(NotFound):
    """No such storm, or not for this actor."""

    code = "storm_unknown"


class StormAlreadyOpen(Conflict):
    """The community has a storm already; it has one at a time."""

    code = "storm_already_open"


class RulesSetThen(Conflict):
    """Other rules hold from that very moment on; give another one."""

    code = "rules_set_then"


class InvalidStormRules(InvalidInput):
    """Storm rules that contradict themselves or name what does not exist."""

    code = "invalid_storm_rules"


class WeatherUnavailable(Unavailable):
    """The weather service did not answer usefully."""

    code = "weather_unavailable"


class UnusableFeed(InvalidInput):
    """A recorded weather feed that cannot be read; the message names the line."""

    code = "unusable_feed"


class RoundUnknown(NotFound):
    """No such matching round, or not for this actor."""

    code = "round_unknown"


class DocumentTooLarge(InvalidInput):
    """A document of a round is too long to be sent in one piece."""

    code = "document_too_large"


class RoundAlreadyRunning(Conflict):
    """A matching round of this community runs already."""

    code = "round_already_running"

    def __init__(self, round_id: UUID) -> None:
        self.round_id = round_id
        super().__init__(
            f"A matching round of this community is running: {round_id}. Wait until it has ended."
        )


class RoundAlreadyRequested(Conflict):
    """Somebody asked for a matching round of this community already, and it has not ended."""

    code = "round_already_requested"

    def __init__(self, round_job_id: UUID) -> None:
        self.round_job_id = round_job_id
        super().__init__(
            f"A matching round of this community is under way: {round_job_id}. Wait until it has "
            "ended, or end it."
        )


class RoundJobUnknown(NotFound):
    """No such requested round, or not for this actor."""

    code = "round_job_unknown"


class RoundJobEnded(Conflict):
    """The requested round has ended, so that nothing can be changed about it."""

    code = "round_job_ended"


class RoundNotRunning(Conflict):
    """The round has ended, so that nothing can be stored for it."""

    code = "round_not_running"


class InvalidHours(InvalidInput):
    """Hours that cannot be: they end before they start, or name no day."""

    code = "invalid_hours"


class UnusableFile(InvalidInput):
    """A problem or plan file that cannot be read or written; the message names the place."""

    code = "unusable_file"


class TooManyAbilities(InvalidInput):
    """Open requests ask for more skills, tools or languages than a round can tell apart."""

    code = "too_many_abilities"


class PlanBroken(TalkootError):
    """The independent checker found a broken rule in a plan, so that it was not stored."""

    code = "plan_broken"
    http_status = 500


class NothingToTry(InvalidInput):
    """No change can be tried for a request: it is served, or its round was not kept in full."""

    code = "nothing_to_try"


class UnusablePhoto(InvalidInput):
    """A file that is no picture, or too large a one."""

    code = "unusable_photo"


class PhotoUnknown(NotFound):
    """No such picture, or not for this actor."""

    code = "photo_unknown"
