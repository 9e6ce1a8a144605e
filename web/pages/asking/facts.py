"""What the programme's rules ask about a resident: as little as decides. Pure."""

from __future__ import annotations

from collections.abc import Collection

from core.i18n import Translator
from matching.intake.commands import Declares
from matching.intake.eligibility import EligibilityRules
from matching.kinds import RequestKind

AGE = "age-"


def list_facts(rules: EligibilityRules, kind: RequestKind) -> list[str]:
    """Codes of what the rules of a kind of help look at, and nobody else knows."""
    found: dict[str, None] = {}
    for rule in rules.rules:
        if rule.kinds and kind not in rule.kinds:
            continue
        for condition in rule.any_of:
            if condition.fact == "age":
                found[f"{AGE}{condition.at_least}"] = None
            elif condition.fact in ("disability", "no_other_help"):
                found[condition.fact] = None
    return list(found)


def say_fact(code: str, translator: Translator, *, is_self: bool) -> str:
    """One of them as a sentence to be ticked."""
    _ = translator.gettext
    if code.startswith(AGE):
        years = code.removeprefix(AGE)
        if is_self:
            return _("I am %(years)s or older") % {"years": years}
        return _("They are %(years)s or older") % {"years": years}
    if code == "disability":
        if is_self:
            return _("I have a disability or an illness")
        return _("They have a disability or an illness")
    if is_self:
        return _("Nobody at home can do it")
    return _("Nobody at their home can do it")


def as_declares(facts: Collection[str]) -> Declares | None:
    """What was ticked, as the workflow takes it; what was not ticked says nothing."""
    ages = [int(code.removeprefix(AGE)) for code in facts if code.startswith(AGE)]
    if not facts:
        return None
    return Declares(
        at_least_age=max(ages) if ages else None,
        has_disability=True if "disability" in facts else None,
        has_no_other_help=True if "no_other_help" in facts else None,
    )
