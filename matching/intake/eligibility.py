"""Who may get help: conditions as versioned data, each with its reason in plain words.

A rule holds when any of its ``any_of`` conditions does. Every rule must hold. A condition that
nobody declared anything about is unknown: then a person decides.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any, Literal

import msgspec

from matching.intake.errors import InvalidIntakeRules
from matching.intake.kinds import Verdict
from matching.kinds import RequestKind

MAX_RULES = 30
_SERIOUS = {Verdict.ELIGIBLE: 0, Verdict.NEEDS_PERSON: 1, Verdict.NOT_ELIGIBLE: 2}


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that must be so."""

    fact: Literal["age", "disability", "no_other_help", "area", "inside"]
    at_least: int | None = None
    """Years, for ``age``."""
    areas: tuple[str, ...] = ()
    """Names of areas, for ``area``."""


class EligibilityRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of a programme."""

    code: str
    any_of: tuple[Condition, ...]
    sentence: dict[str, str]
    """Why somebody may not get help by this rule, in plain words, by language."""
    otherwise: Literal["not_eligible", "needs_person"] = "not_eligible"
    """What follows when no condition holds."""
    kinds: tuple[RequestKind, ...] = ()
    """The kinds of help that the rule is about; empty for all."""


class EligibilityRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a programme's rules."""

    version: str
    rules: tuple[EligibilityRule, ...]


@dataclass(frozen=True)
class Facts:
    """What is known about a resident and the home; None is unknown."""

    birth_year: int | None = None
    at_least_age: int | None = None
    has_disability: bool | None = None
    has_no_other_help: bool | None = None
    area: str | None = None
    is_inside: bool | None = None
    """Whether the home lies inside the programme's boundary."""


@dataclass(frozen=True)
class Decision:
    """What the rules say, which version said it, and why."""

    verdict: Verdict
    version: str
    reasons: tuple[str, ...]
    """Codes of the rules that do not hold or cannot be judged."""


def decide(rules: EligibilityRules, kind: RequestKind, facts: Facts, today: date) -> Decision:
    """Judge one request; the most serious rule decides, every rule that matters is named."""
    verdict = Verdict.ELIGIBLE
    reasons = []
    for rule in rules.rules:
        if rule.kinds and kind not in rule.kinds:
            continue
        answer = _judge(rule, facts, today)
        if answer is not Verdict.ELIGIBLE:
            reasons.append(rule.code)
        verdict = max(verdict, answer, key=_SERIOUS.__getitem__)
    return Decision(verdict, rules.version, tuple(reasons))


def explain(rules: EligibilityRules, codes: tuple[str, ...], language: str) -> list[str]:
    """The sentences of these rules, for the resident or for staff."""
    known = {rule.code: rule.sentence for rule in rules.rules}
    tag = language.partition("-")[0]
    return [known[code].get(tag, known[code]["en"]) for code in codes if code in known]


def _judge(rule: EligibilityRule, facts: Facts, today: date) -> Verdict:
    answers = [_holds(condition, facts, today) for condition in rule.any_of]
    if True in answers:
        return Verdict.ELIGIBLE
    if None in answers:
        return Verdict.NEEDS_PERSON
    return Verdict(rule.otherwise)


def _holds(condition: Condition, facts: Facts, today: date) -> bool | None:
    if condition.fact == "age":
        return _is_old_enough(condition.at_least or 0, facts, today)
    if condition.fact == "area":
        return None if facts.area is None else facts.area in condition.areas
    known = {
        "disability": facts.has_disability,
        "no_other_help": facts.has_no_other_help,
        "inside": facts.is_inside,
    }
    return known[condition.fact]


def _is_old_enough(years: int, facts: Facts, today: date) -> bool | None:
    if facts.at_least_age is not None and facts.at_least_age >= years:
        return True
    if facts.birth_year is None:
        return None
    oldest = today.year - facts.birth_year
    if oldest - 1 >= years:
        return True
    # In the year of the birthday the day itself would matter, and we do not ask for it.
    return None if oldest == years else False


def read_eligibility(data: Mapping[str, Any]) -> EligibilityRules:
    """The rules that a mapping spells.

    Raises
    ------
    InvalidIntakeRules
        Naming what is wrong.
    """
    try:
        rules = msgspec.convert(data, EligibilityRules)
    except msgspec.ValidationError as error:
        raise InvalidIntakeRules(f"The eligibility rules cannot be used: {error}.") from None
    if len(rules.rules) > MAX_RULES:
        raise InvalidIntakeRules(f"There may be at most {MAX_RULES} eligibility rules.")
    codes = [rule.code for rule in rules.rules]
    if len(set(codes)) != len(codes):
        raise InvalidIntakeRules("Two eligibility rules have the same code.")
    for rule in rules.rules:
        fault = _find_fault(rule)
        if fault is not None:
            raise InvalidIntakeRules(f"The eligibility rule {rule.code!r} {fault}.")
    return rules


@functools.cache
def default_eligibility() -> EligibilityRules:
    """The rules of a programme that has set none: everybody in its area may ask."""
    text = resources.files("matching.intake").joinpath("eligibility.json").read_text("utf-8")
    return read_eligibility(msgspec.json.decode(text))


def _find_fault(rule: EligibilityRule) -> str | None:
    if not rule.any_of:
        return "has no conditions"
    if not (rule.sentence.get("en") and rule.sentence.get("es")):
        return "has no sentence in English and Spanish"
    for condition in rule.any_of:
        if condition.fact == "age" and not 1 <= (condition.at_least or 0) <= 120:
            return "must say at_least which age, 1 to 120"
        if condition.fact == "area" and not condition.areas:
            return "must name areas"
    return None
