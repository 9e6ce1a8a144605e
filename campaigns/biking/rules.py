"""The rules of a biking campaign: data of each campaign, never code."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import msgspec

from campaigns.biking.errors import InvalidBikingRules

SOURCE_LENGTH = 300


class BikingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What counts as a ride, until when it may be told, and what it brings."""

    least_distance_m: int = 200
    least_duration_s: int = 60
    most_distance_m: int = 300_000
    most_duration_s: int = 57_600
    """Sixteen hours."""
    most_mean_km_h: float = 35.0
    """A whole ride faster than this was driven."""
    most_minute_km_h: float = 65.0
    """Nobody keeps this up for a whole minute in town."""
    most_jump_km_h: float = 90.0
    """A point that could only be reached faster than this is a slip of the receiver."""
    most_jump_share: float = 0.05
    """With more slips than this, a track is no track."""
    gap_s: int = 120
    """So long without a point was not ridden, as far as we know: neither way nor time counts."""
    indoor_radius_m: int = 100
    """Who never leaves such a circle rides indoors."""
    most_rides_a_day: int = 12
    grace_days: int = 7
    """So long after the end rides of the campaign may still be told or changed."""
    ride_day_points: int = 10
    km_points: int = 1
    most_km_a_day: int = 20
    """Kilometres of one day that bring points."""
    new_rider_points: int = 100
    """For bringing somebody who did not ride before: more than kilometres can."""
    small_group_most: int = 19
    medium_group_most: int = 99
    """Groups are compared with groups of their size: small, medium, large."""
    baseline_from: date | None = None
    baseline_until: date | None = None
    """The days before, to compare with; both or none. The last one counts."""
    co2_g_per_km: float | None = None
    """Of the car that a transport ride stands for; without it no CO2 is shown."""
    co2_source: str | None = None
    """Where the number comes from, for people who read the result."""
    car_share: float | None = None
    """Which share of transport rides stands for a car trip; without it no trips are shown."""


def read_biking_rules(data: dict[str, Any]) -> BikingRules:
    """The rules that a stored or typed mapping spells; absent ones take their default.

    Raises
    ------
    InvalidBikingRules
        Naming the rule.
    """
    try:
        rules = msgspec.convert(data, BikingRules)
    except msgspec.ValidationError as error:
        raise InvalidBikingRules(f"The rules of rides cannot be used: {error}.") from None
    _check_numbers(rules)
    _check_pairs(rules)
    return rules


def _check_numbers(rules: BikingRules) -> None:
    may_be_zero = {"grace_days", "ride_day_points", "km_points", "most_km_a_day"}
    for name in msgspec.structs.asdict(rules):
        value = getattr(rules, name)
        if not isinstance(value, int | float):
            continue
        least = 0 if name in may_be_zero or name.endswith("_share") else 1
        if name in ("new_rider_points", "co2_g_per_km"):
            least = 0
        if not math.isfinite(value) or value < least or value > 10_000_000:
            raise InvalidBikingRules(f"The rule {name!r} must be {least} or more.")
    for name in ("most_jump_share", "car_share"):
        value = getattr(rules, name)
        if value is not None and value > 1:
            raise InvalidBikingRules(f"The rule {name!r} is a share: write 0.25 for 25 %.")
    if rules.grace_days > 60:
        raise InvalidBikingRules("The rule 'grace_days' may be at most 60.")
    if rules.most_duration_s > 86_400:
        raise InvalidBikingRules("The rule 'most_duration_s' may be at most 86400, a day.")
    if rules.most_rides_a_day > 100:
        raise InvalidBikingRules("The rule 'most_rides_a_day' may be at most 100.")


def _check_pairs(rules: BikingRules) -> None:
    pairs = (
        ("least_distance_m", "most_distance_m"),
        ("least_duration_s", "most_duration_s"),
        ("most_mean_km_h", "most_minute_km_h"),
        ("most_minute_km_h", "most_jump_km_h"),
        ("small_group_most", "medium_group_most"),
    )
    for low, high in pairs:
        if getattr(rules, low) >= getattr(rules, high):
            raise InvalidBikingRules(f"The rule {low!r} must be less than {high!r}.")
    if (rules.baseline_from is None) is not (rules.baseline_until is None):
        raise InvalidBikingRules("The days before need both 'baseline_from' and 'baseline_until'.")
    if rules.baseline_from is not None and rules.baseline_until is not None:
        days = (rules.baseline_until - rules.baseline_from).days + 1
        if not 1 <= days <= 800:
            raise InvalidBikingRules("The days before must be 1 to 800 days, in their order.")
    if (rules.co2_g_per_km is None) is not (rules.co2_source is None):
        raise InvalidBikingRules("A CO2 factor needs its source: give both or neither.")
    if rules.co2_source is not None and not 5 <= len(rules.co2_source) <= SOURCE_LENGTH:
        raise InvalidBikingRules("The rule 'co2_source' must name a source in 5 to 300 letters.")
    if rules.co2_g_per_km is not None and rules.car_share is None:
        raise InvalidBikingRules("CO2 needs 'car_share': not every ride stands for a car trip.")
