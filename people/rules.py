"""The rules of a programme: data with a validity period, never code."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from people.errors import InvalidRules

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")

DEFAULT_SERVICE_S = {
    "snow": 1_800,
    "yard": 3_600,
    "groceries": 1_800,
    "ride": 2_700,
    "tech": 2_700,
    "recycling": 1_800,
    "other": 1_800,
}


class VettingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One check that a programme knows, such as a background check."""

    label: str
    """For people, in a sentence: "a background check"."""
    valid_days: int | None = None
    """How long it holds; None is for good."""
    remind_days: int = 30
    """The person hears this long before it ends."""
    lapses_on_move: bool = False
    """Whether it ends when the person moves."""
    for_minors: bool = False
    """Whether minors need it too; for them their guardian's consent stands otherwise."""


DEFAULT_VETTING = {
    "background_check": VettingRule(
        label="a background check", valid_days=730, lapses_on_move=True
    ),
    "waiver": VettingRule(label="a signed waiver", valid_days=365),
    "training": VettingRule(label="the safety training", for_minors=True),
    "driving_licence": VettingRule(label="a driving licence that was seen", valid_days=365),
}


class ReportTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a figure of the report is good, and where it is time to act; shares are of 1."""

    good: float
    act: float

    @property
    def more_is_better(self) -> bool:
        """Whether the figure should be high."""
        return self.good > self.act


DEFAULT_TARGETS = {
    "share_served": ReportTarget(good=0.9, act=0.75),
    "first_yes": ReportTarget(good=2.0, act=6.0),
    "messages": ReportTarget(good=6.0, act=10.0),
    "no_shows": ReportTarget(good=0.02, act=0.05),
    "satisfaction": ReportTarget(good=0.95, act=0.9),
}
"""By figure; `docs/pages.md` says why. Homes and volunteers have none: they follow the weather."""
TARGET_SHARES = frozenset({"share_served", "no_shows", "satisfaction"})


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a programme decides when a person or a file does not say."""

    walk_limit_s: int = 1_200
    """How far a volunteer goes on foot, one way."""
    bike_limit_s: int = 1_200
    car_limit_s: int = 900
    max_tasks: int = 3
    max_work_s: int = 10_800
    service_s: dict[str, int] = msgspec.field(default_factory=lambda: dict(DEFAULT_SERVICE_S))
    """Time at the home, by kind of help."""
    season_bonus_m: float = 500.0
    """What keeping a season pair together is worth, metres of travel."""
    load_cost_m: float = 200.0
    """What a further task for the same volunteer costs, metres of travel."""
    offer_life_s: int = 5_400
    """An offer without an answer stops counting in plans; a late yes is still taken."""
    review_proposals: bool = False
    """Whether staff look at offers before they are sent."""
    urgent_weight: float = 4.0
    """From this weight on a request counts as urgent and stands on top of every list."""
    ladder: dict[str, float] = msgspec.field(default_factory=dict)
    """Numbers of the offer ladder that differ from the usual, by their name in `docs/ladder.md`."""
    vetting: dict[str, VettingRule] = msgspec.field(default_factory=lambda: dict(DEFAULT_VETTING))
    """The checks that the programme knows, by code."""
    required_vetting: dict[str, list[str]] = msgspec.field(default_factory=dict)
    """Checks that a volunteer must have passed, by kind of help."""
    reopened_weight_factor: float = 2.0
    """How much more a request counts once it was reported as not done, or nobody came."""
    no_show_after_s: int = 1_800
    """So long after its planned end, work that nobody began is asked about."""
    no_show_answer_s: int = 600
    """So long after that, without an answer, somebody else is asked."""
    minors_alone: bool = False
    """Whether somebody under 18 may go without an adult, if their guardian agrees."""
    depot_reach_m: int = 2_000
    """How far, straight, a volunteer goes to a depot for a tool on loan."""
    loan_days: int = 2
    """A tool on loan is due back this many days after the work."""
    anonymity_k: int = 20
    """Addresses that a shown cell must hold at least."""
    help_phone: str | None = None
    """A number that everybody may call, such as ``+16175550100``: it stands below every mail."""
    targets: dict[str, ReportTarget] = msgspec.field(default_factory=dict)
    """Targets of the report that differ from the usual, by figure."""

    def target_of(self, figure: str) -> ReportTarget | None:
        """The target of a figure; None when it has none."""
        return self.targets.get(figure) or DEFAULT_TARGETS.get(figure)

    def travel_limit_s(self, mode: str) -> int:
        """How far a volunteer goes by this mode, one way."""
        limits = {"walk": self.walk_limit_s, "bike": self.bike_limit_s, "car": self.car_limit_s}
        return limits[mode]

    def default_service_s(self, kind: str) -> int:
        """How long this kind of help takes."""
        return self.service_s.get(kind, DEFAULT_SERVICE_S["other"])


def read_rules(data: dict[str, Any]) -> Rules:
    """The rules that a stored or typed mapping spells; absent ones take their default.

    Raises
    ------
    InvalidRules
        Naming the rule.
    """
    try:
        rules = msgspec.convert(data, Rules)
    except msgspec.ValidationError as error:
        raise InvalidRules(f"The rules cannot be used: {error}.") from None
    for name in msgspec.structs.asdict(rules):
        value = getattr(rules, name)
        numbers = value.values() if isinstance(value, dict) else (value,)
        if any(number < 0 for number in numbers if isinstance(number, int | float)):
            raise InvalidRules(f"The rule {name!r} must not be negative.")
    _check_vetting(rules)
    _check_targets(rules)
    if rules.anonymity_k < 2:
        raise InvalidRules("The rule 'anonymity_k' must be 2 or more.")
    if rules.help_phone is not None and not _PHONE.fullmatch(rules.help_phone):
        raise InvalidRules(
            "The rule 'help_phone' must be a number with + and country code, such as +16175550100."
        )
    return rules


def _check_targets(rules: Rules) -> None:
    for figure, target in rules.targets.items():
        usual = DEFAULT_TARGETS.get(figure)
        if usual is None:
            known = ", ".join(sorted(DEFAULT_TARGETS))
            raise InvalidRules(f"The figure {figure!r} has no target; these have: {known}.")
        if min(target.good, target.act) < 0:
            raise InvalidRules(f"The target of {figure!r} must not be negative.")
        if figure in TARGET_SHARES and max(target.good, target.act) > 1:
            raise InvalidRules(f"The target of {figure!r} is a share, from 0 to 1.")
        if target.good == target.act or target.more_is_better != usual.more_is_better:
            side = "above" if usual.more_is_better else "below"
            raise InvalidRules(f"The target of {figure!r} must be {side} where it is time to act.")


def _check_vetting(rules: Rules) -> None:
    for code, rule in rules.vetting.items():
        if (rule.valid_days is not None and rule.valid_days < 1) or rule.remind_days < 0:
            raise InvalidRules(f"The check {code!r} must hold at least one day.")
    for kind, codes in rules.required_vetting.items():
        for code in codes:
            if code not in rules.vetting:
                known = ", ".join(sorted(rules.vetting)) or "none"
                raise InvalidRules(
                    f"The kind {kind!r} needs the check {code!r}, which the rules do not know; "
                    f"they know: {known}."
                )
