"""When a programme answers a storm: data with a validity period, never code."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from matching.errors import InvalidStormRules

HOUR_S = 3_600


class StormRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What makes a storm begin, wait and end. Depths are of new snow, not of what lay before."""

    trigger_depth_cm: float = 5.0
    """So much new snow calls for help."""
    rearm_depth_cm: float = 2.0
    """Below this, what fell no longer counts; between the two nothing changes."""
    arming_alerts: tuple[str, ...] = (
        "Winter Storm Warning",
        "Blizzard Warning",
        "Lake Effect Snow Warning",
    )
    """Official alerts after which people are told that help may be needed."""
    watch_alerts: tuple[str, ...] = (
        "Winter Storm Watch",
        "Winter Weather Advisory",
        "Snow Squall Warning",
    )
    """Official alerts after which the programme looks, and tells nobody."""
    ice_alerts: tuple[str, ...] = ("Ice Storm Warning", "Freezing Rain Advisory")
    """Official alerts during which nobody is sent out."""
    arm_ahead_s: int = 24 * HOUR_S
    """An alert arms a storm at most so long before it takes effect."""
    work_while_snowing: bool = False
    night_work_allowed: bool = True
    dark_below_deg: float = -0.833
    """It is dark when the sun stands lower: -0.833 is sunset, -6 the end of civil twilight."""
    hold_below_c: float | None = None
    """Nobody is sent out in such cold."""
    resume_above_c: float | None = None
    """Where `hold_below_c` is set: warm enough again; at least as high."""
    settle_s: int = HOUR_S
    """It has stopped snowing when no snow was reported for so long."""
    glaze_s: int = 6 * HOUR_S
    """Rain so recently makes ice when the temperature is 0 or below."""
    confirm_s: int = 600
    """Depth must be over the trigger for so long before anybody is told."""
    min_state_s: int = 1_800
    """A state that weather chose lasts at least so long, unless safety asks for a hold."""
    min_hold_s: int = 1_800
    """A hold lasts at least so long, and its cause must be gone for as long."""
    fresh_s: int = 5_400
    """Older readings say nothing about the present."""
    silent_after_s: int = 6 * HOUR_S
    """Staff hear of it when no reading came for so long."""
    stuck_after_s: int = 12 * HOUR_S
    """A station whose depth and temperature do not move for so long is not believed."""
    snow_ratio: float = 10.0
    """Centimetres of snow that one centimetre of melted precipitation makes."""
    watch_life_s: int = 12 * HOUR_S
    """A watch during which nothing comes ends after so long."""
    close_after_s: int = 2 * HOUR_S
    """A storm ends so long after its deadline."""
    min_work_s: int = 6 * HOUR_S
    """Time to work after the last hold, before a storm ends."""
    max_active_s: int = 48 * HOUR_S
    """A storm without a deadline ends so long after it became active."""
    max_hold_s: int = 72 * HOUR_S
    """A storm on hold ends after so long."""
    directed_s: int = 6 * HOUR_S
    """After a manager opened or resumed a storm, weather changes nothing for so long."""
    lon_deg: float | None = None
    lat_deg: float | None = None
    """Where alerts and the sun are asked for."""
    stations: tuple[str, ...] = ()
    """Weather stations, such as ``KBOS``; more than one guards against a broken one."""


def read_storm_rules(data: dict[str, Any]) -> StormRules:
    """The rules that a stored or typed mapping spells; absent ones take their default.

    Raises
    ------
    InvalidStormRules
        Naming the rule.
    """
    try:
        rules = msgspec.convert(data, StormRules, strict=True)
    except msgspec.ValidationError as error:
        raise InvalidStormRules(f"The storm rules cannot be used: {error}.") from None
    for name in msgspec.structs.asdict(rules):
        value = getattr(rules, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidStormRules(f"The storm rule {name!r} must be a finite number.")
        if name.endswith("_s") and value is not None and value < 0:
            raise InvalidStormRules(f"The storm rule {name!r} must not be negative.")
    _check_thresholds(rules)
    _check_place(rules)
    return rules


def _check_thresholds(rules: StormRules) -> None:
    if not 0 <= rules.rearm_depth_cm < rules.trigger_depth_cm:
        raise InvalidStormRules(
            "The storm rule 'rearm_depth_cm' must be 0 or more and below 'trigger_depth_cm'."
        )
    if rules.snow_ratio <= 0:
        raise InvalidStormRules("The storm rule 'snow_ratio' must be above 0.")
    if rules.hold_below_c is not None:
        resume = rules.resume_above_c
        if resume is None or resume < rules.hold_below_c:
            raise InvalidStormRules(
                "The storm rule 'resume_above_c' must be set and at least 'hold_below_c'."
            )


def _check_place(rules: StormRules) -> None:
    if (rules.lon_deg is None) != (rules.lat_deg is None):
        raise InvalidStormRules("The storm rules need both 'lon_deg' and 'lat_deg', or neither.")
    if rules.lon_deg is not None and rules.lat_deg is not None:
        if not (-180 <= rules.lon_deg <= 180 and -90 <= rules.lat_deg <= 90):
            raise InvalidStormRules("The storm rules name a place that is not on Earth.")
    elif not rules.night_work_allowed:
        raise InvalidStormRules(
            "The storm rule 'night_work_allowed' is false, so 'lon_deg' and 'lat_deg' must say "
            "where the sun is looked at."
        )
