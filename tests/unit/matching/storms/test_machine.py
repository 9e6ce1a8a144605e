from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from matching.errors import InvalidStormRules
from matching.kinds import HoldReason, StormStatus
from matching.storms.machine import STAY, StormView, closes_at, next_state
from matching.storms.rules import StormRules, read_storm_rules
from matching.storms.weather import Weather

NOON = datetime(2026, 1, 15, 17, 0, tzinfo=UTC)
LONG_AGO = NOON - timedelta(hours=10)
RULES = StormRules()
NO_NIGHT = read_storm_rules({"night_work_allowed": False, "lon_deg": -71.11, "lat_deg": 42.37})
COLD = read_storm_rules({"hold_below_c": -15.0, "resume_above_c": -12.0})
CLEAR = Weather(
    gain_cm=8.0,
    fallen_cm=8.0,
    is_snowing=False,
    snow_last_at=NOON - timedelta(hours=2),
    temperature_c=-2.0,
    is_icy=False,
    sun_deg=20.0,
    newest_at=NOON,
)
NOTHING = Weather(gain_cm=0.0, fallen_cm=0.0, is_snowing=False, is_icy=False, newest_at=NOON)
UNKNOWN = Weather()


def storm(status: StormStatus, **values: object) -> StormView:
    view = StormView(status=status, since_at=LONG_AGO, created_at=LONG_AGO)
    return replace(view, **values)  # type: ignore[arg-type]  # fields of the view


WATCH = storm(StormStatus.WATCH)
ARMED = storm(StormStatus.ARMED)
ACTIVE = storm(StormStatus.ACTIVE, deadline_at=NOON + timedelta(hours=8))
ON_ICE = storm(StormStatus.HOLD, hold_reason=HoldReason.ICE)
IN_SNOW = storm(StormStatus.HOLD, hold_reason=HoldReason.STILL_SNOWING)
IN_DARK = storm(StormStatus.HOLD, hold_reason=HoldReason.DARK)
CLOSED = storm(StormStatus.CLOSED)


@pytest.mark.parametrize(
    ("view", "weather", "rules", "to", "reason"),
    [
        # watch
        (WATCH, replace(NOTHING, arming_alert=True), RULES, StormStatus.ARMED, "alert"),
        (WATCH, replace(NOTHING, watch_alert=True), RULES, None, None),
        (WATCH, replace(NOTHING, is_snowing=True), RULES, None, None),
        (WATCH, replace(CLEAR, fallen_cm=4.9, gain_cm=4.9), RULES, None, None),
        (storm(StormStatus.WATCH, since_at=NOON), NOTHING, RULES, None, None),
        (
            storm(StormStatus.WATCH, since_at=NOON - timedelta(hours=12)),
            NOTHING,
            RULES,
            StormStatus.CLOSED,
            "nothing_came",
        ),
        # armed
        (ARMED, CLEAR, RULES, StormStatus.ACTIVE, "depth"),
        (ARMED, replace(CLEAR, is_snowing=True), RULES, None, None),
        (
            ARMED,
            replace(CLEAR, is_snowing=True),
            StormRules(work_while_snowing=True),
            StormStatus.ACTIVE,
            "depth",
        ),
        (ARMED, replace(CLEAR, snow_last_at=NOON - timedelta(minutes=59)), RULES, None, None),
        (
            ARMED,
            replace(CLEAR, snow_last_at=NOON - timedelta(minutes=60)),
            RULES,
            "active",
            "depth",
        ),
        (ARMED, replace(CLEAR, fallen_cm=4.9, gain_cm=4.9), RULES, None, None),
        (ARMED, replace(CLEAR, is_snowing=None), RULES, None, None),
        (ARMED, replace(NOTHING, arming_alert=True), RULES, None, None),
        # active
        (ACTIVE, CLEAR, RULES, None, None),
        (ACTIVE, UNKNOWN, RULES, None, None),
        (ACTIVE, replace(CLEAR, is_icy=True), RULES, StormStatus.HOLD, "ice"),
        (ACTIVE, replace(CLEAR, is_snowing=True), RULES, StormStatus.HOLD, "still_snowing"),
        (ACTIVE, replace(CLEAR, is_icy=True, is_snowing=True), RULES, StormStatus.HOLD, "ice"),
        (ACTIVE, replace(CLEAR, sun_deg=-1.0), RULES, None, None),
        (ACTIVE, replace(CLEAR, sun_deg=-1.0), NO_NIGHT, StormStatus.HOLD, "dark"),
        (ACTIVE, replace(CLEAR, sun_deg=0.0), NO_NIGHT, None, None),
        (ACTIVE, replace(CLEAR, temperature_c=-15.1), COLD, StormStatus.HOLD, "ice"),
        (ACTIVE, replace(CLEAR, temperature_c=-14.9), COLD, None, None),
        (
            replace(ACTIVE, deadline_at=NOON - timedelta(hours=2)),
            CLEAR,
            RULES,
            StormStatus.CLOSED,
            "deadline_over",
        ),
        (replace(ACTIVE, deadline_at=NOON - timedelta(hours=1)), CLEAR, RULES, None, None),
        # hold: what is not known does not end it
        (ON_ICE, UNKNOWN, RULES, None, None),
        (IN_SNOW, UNKNOWN, RULES, None, None),
        (
            storm(
                StormStatus.HOLD,
                hold_reason=HoldReason.ICE,
                since_at=NOON - timedelta(hours=72),
            ),
            replace(CLEAR, is_icy=True),
            RULES,
            StormStatus.CLOSED,
            "hold_too_long",
        ),
        # the end
        (CLOSED, replace(CLEAR, arming_alert=True), RULES, None, None),
    ],
)
def test_next_step(
    view: StormView, weather: Weather, rules: StormRules, to: str | None, reason: str | None
) -> None:
    step = next_state(view, weather, rules, NOON)

    assert (step.to, step.reason) == (to, reason)
    assert (step.hold_reason is not None) == (step.to is StormStatus.HOLD)


@pytest.mark.parametrize(
    ("view", "weather", "rules", "to", "dwell_s"),
    [
        (WATCH, CLEAR, RULES, StormStatus.ARMED, RULES.confirm_s),
        (ARMED, NOTHING, RULES, StormStatus.WATCH, RULES.min_state_s),
        (ARMED, replace(CLEAR, fallen_cm=3.0, gain_cm=3.0), RULES, "closed", RULES.watch_life_s),
        (ACTIVE, replace(CLEAR, gain_cm=1.9), RULES, StormStatus.CLOSED, RULES.min_state_s),
        (ON_ICE, CLEAR, RULES, StormStatus.ACTIVE, RULES.min_hold_s),
        (IN_SNOW, CLEAR, RULES, StormStatus.ACTIVE, RULES.min_hold_s),
        (IN_DARK, replace(CLEAR, sun_deg=1.0), NO_NIGHT, StormStatus.ACTIVE, RULES.min_hold_s),
        (IN_DARK, replace(UNKNOWN, sun_deg=1.0), NO_NIGHT, StormStatus.ACTIVE, RULES.min_hold_s),
        (ON_ICE, replace(CLEAR, temperature_c=-12.0), COLD, StormStatus.ACTIVE, COLD.min_hold_s),
    ],
)
def test_step_is_taken_when_weather_has_asked_for_it_long_enough(
    view: StormView, weather: Weather, rules: StormRules, to: str, dwell_s: int
) -> None:
    first = next_state(view, weather, rules, NOON)
    assert first.to is None
    assert first.pending == to

    asked = replace(view, pending=StormStatus(to), pending_since_at=NOON)
    before = next_state(asked, weather, rules, NOON + timedelta(seconds=dwell_s - 1))
    assert before.to is None
    after = next_state(asked, weather, rules, NOON + timedelta(seconds=dwell_s))
    assert after.to == to


def test_between_the_two_depths_nothing_changes() -> None:
    for depth_cm in (2.0, 3.5, 4.99):
        between = replace(CLEAR, fallen_cm=8.0, gain_cm=depth_cm)
        assert next_state(ACTIVE, between, RULES, NOON) is STAY
        assert next_state(WATCH, replace(between, fallen_cm=depth_cm), RULES, NOON) is STAY


def test_cold_between_the_two_temperatures_keeps_a_hold_and_starts_none() -> None:
    between = replace(CLEAR, temperature_c=-13.5)
    assert next_state(ON_ICE, between, COLD, NOON) is STAY
    assert next_state(ACTIVE, between, COLD, NOON) is STAY


def test_manager_holds_until_a_manager_resumes() -> None:
    held = replace(ON_ICE, held_by_hand=True, since_at=NOON - timedelta(hours=5))
    asked = replace(held, pending=StormStatus.ACTIVE, pending_since_at=LONG_AGO)
    assert next_state(asked, CLEAR, RULES, NOON) is STAY


def test_weather_changes_nothing_while_a_managers_decision_is_fresh() -> None:
    icy = replace(CLEAR, is_icy=True)
    directed = replace(ACTIVE, directed_until_at=NOON + timedelta(seconds=1))
    assert next_state(directed, icy, RULES, NOON) is STAY
    over = next_state(directed, icy, RULES, NOON + timedelta(seconds=1))
    assert over.to is StormStatus.HOLD


def test_clock_that_goes_back_moves_nothing() -> None:
    asked = replace(ON_ICE, pending=StormStatus.ACTIVE, pending_since_at=NOON, since_at=NOON)
    assert next_state(asked, CLEAR, RULES, NOON - timedelta(minutes=10)).to is None


def test_hold_gives_time_to_work_before_the_end() -> None:
    resumed = replace(ACTIVE, since_at=NOON, deadline_at=NOON - timedelta(hours=20))
    assert closes_at(resumed, RULES) == NOON + timedelta(seconds=RULES.min_work_s)


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ({"trigger_depth_cm": 2.0, "rearm_depth_cm": 2.0}, "rearm_depth_cm"),
        ({"trigger_depth_cm": float("nan")}, "trigger_depth_cm"),
        ({"settle_s": -1}, "settle_s"),
        ({"hold_below_c": -10.0}, "resume_above_c"),
        ({"hold_below_c": -10.0, "resume_above_c": -12.0}, "resume_above_c"),
        ({"lon_deg": -71.0}, "lat_deg"),
        ({"lon_deg": -71.0, "lat_deg": 91.0}, "not on Earth"),
        ({"night_work_allowed": False}, "sun"),
        ({"snow_ratio": 0.0}, "snow_ratio"),
        ({"depth": 3}, "depth"),
        ({"trigger_depth_cm": "5"}, "trigger_depth_cm"),
    ],
)
def test_rules_that_cannot_hold_are_refused_by_name(rules: dict[str, object], names: str) -> None:
    with pytest.raises(InvalidStormRules, match=names):
        read_storm_rules(rules)
