"""The rules of a programme: data with a validity period, never code."""

from __future__ import annotations

from typing import Any

import msgspec

from people.errors import InvalidRules

DEFAULT_SERVICE_S = {
    "snow": 1_800,
    "yard": 3_600,
    "groceries": 1_800,
    "ride": 2_700,
    "tech": 2_700,
    "recycling": 1_800,
    "other": 1_800,
}


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
    anonymity_k: int = 20
    """Addresses that a shown cell must hold at least."""

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
        if any(number < 0 for number in numbers):
            raise InvalidRules(f"The rule {name!r} must not be negative.")
    if rules.anonymity_k < 2:
        raise InvalidRules("The rule 'anonymity_k' must be 2 or more.")
    return rules
