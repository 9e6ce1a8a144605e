"""What can go wrong with pledges, boards and badges."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class PledgeUnknown(NotFound):
    """No such pledge, or not for this actor."""

    code = "pledge_unknown"


class PledgeTemplateUnknown(NotFound):
    """No such template, or not for this actor."""

    code = "pledge_template_unknown"


class BadgeRuleUnknown(NotFound):
    """No such rule, or not for this actor."""

    code = "badge_rule_unknown"


class InvalidPledge(InvalidInput):
    """An amount, a word or a moment that a pledge cannot have."""

    code = "invalid_pledge"


class InvalidAlias(InvalidInput):
    """A name for boards that cannot be used."""

    code = "invalid_alias"


class InvalidBadgeRule(InvalidInput):
    """A rule of badges that cannot be used."""

    code = "invalid_badge_rule"


class PledgesClosed(Conflict):
    """The campaign takes no pledges, or this one is offered no more."""

    code = "pledges_closed"


class AlreadyPledged(Conflict):
    """The person has made another promise from this template."""

    code = "already_pledged"


class PledgeSettled(Conflict):
    """The pledge was withdrawn."""

    code = "pledge_settled"


class CodeTaken(Conflict):
    """Another one has this code."""

    code = "code_taken"


class AliasTaken(Conflict):
    """Somebody else of the community has this alias, or one that looks like it."""

    code = "alias_taken"


class OptedOut(Conflict):
    """The person does not want to be on boards."""

    code = "opted_out"
