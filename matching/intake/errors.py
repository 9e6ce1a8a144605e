"""What can go wrong when help is asked for."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted


class InvalidRequest(InvalidInput):
    """A request that cannot be taken; the message says which part."""

    code = "invalid_request"


class ConsentMissing(InvalidInput):
    """Something was declared that may be kept only with a consent."""

    code = "consent_missing"


class InvalidIntakeRules(InvalidInput):
    """Kinds of help, eligibility rules or deadlines that cannot be used."""

    code = "invalid_intake_rules"


class RequestNotYours(NotPermitted):
    """The actor may not ask for this person."""

    code = "request_not_yours"


class NotInReview(Conflict):
    """The request does not wait for a person's decision."""

    code = "not_in_review"


class TooLateToChange(Conflict):
    """Somebody is on the way, or the request is over."""

    code = "too_late_to_change"


class StandingUnknown(NotFound):
    """No such standing request, or not for this actor."""

    code = "standing_unknown"


class OrdinanceUnknown(NotFound):
    """No ordinance pack has this name."""

    code = "ordinance_unknown"


class NoRuleThen(InvalidInput):
    """The pack knows no rule for that day."""

    code = "no_rule_then"
