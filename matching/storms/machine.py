"""Which state a storm goes into next. Pure: the same weather and moment give the same step.

Two things keep readings that jitter from making a storm flap. Depth has two thresholds: over the
upper one a storm begins, under the lower one it ends, between them nothing changes. And a state
lasts a minimum time; only a hold, which is for people's safety, begins at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from matching.kinds import HoldReason, StormStatus
from matching.storms.rules import StormRules
from matching.storms.weather import Weather


@dataclass(frozen=True)
class StormView:
    """What of a storm decides about its next state."""

    status: StormStatus
    since_at: datetime
    """When it came into this state."""
    created_at: datetime
    hold_reason: HoldReason | None = None
    held_by_hand: bool = False
    """A manager holds it: only a manager lets it go on."""
    directed_until_at: datetime | None = None
    """A manager decided; until then weather changes nothing."""
    pending: StormStatus | None = None
    pending_since_at: datetime | None = None
    """What weather has asked for, and since when."""
    deadline_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """What to do now: go into ``to``, or remember what is ``pending``, or nothing."""

    to: StormStatus | None = None
    reason: str | None = None
    """A code word."""
    hold_reason: HoldReason | None = None
    pending: StormStatus | None = None


@dataclass(frozen=True)
class _Wish:
    to: StormStatus
    reason: str
    dwell_s: int = 0
    """How long the weather must ask for it."""
    rest_s: int = 0
    """How long the present state must have lasted."""
    hold_reason: HoldReason | None = None


STAY = Step()


def next_state(storm: StormView, weather: Weather, rules: StormRules, now: datetime) -> Step:
    """The next step of a storm; `STAY` when there is none.

    Whoever applies a step asks again until it stays: a storm that is noticed late goes from
    *watch* to *active* at one moment.
    """
    if storm.status is StormStatus.CLOSED:
        return STAY
    if storm.directed_until_at is not None and now < storm.directed_until_at:
        return STAY
    wish = _WISHES[storm.status](storm, weather, rules, now)
    if wish is None:
        return STAY
    waited_s = 0.0
    if storm.pending is wish.to and storm.pending_since_at is not None:
        waited_s = (now - storm.pending_since_at).total_seconds()
    lasted_s = (now - storm.since_at).total_seconds()
    if waited_s < wish.dwell_s or lasted_s < wish.rest_s:
        return Step(pending=wish.to)
    return Step(to=wish.to, reason=wish.reason, hold_reason=wish.hold_reason)


def find_hold(weather: Weather, rules: StormRules, now: datetime) -> HoldReason | None:
    """Why nobody should be sent out now, the gravest reason first."""
    if weather.is_icy or (
        rules.hold_below_c is not None
        and weather.temperature_c is not None
        and weather.temperature_c < rules.hold_below_c
    ):
        return HoldReason.ICE
    if not rules.work_while_snowing and weather.is_snowing:
        return HoldReason.STILL_SNOWING
    if is_dark(weather, rules):
        return HoldReason.DARK
    return None


def is_dark(weather: Weather, rules: StormRules) -> bool:
    """Whether the sun is down where nobody works at night."""
    return (
        not rules.night_work_allowed
        and weather.sun_deg is not None
        and weather.sun_deg < rules.dark_below_deg
    )


def starts_storm(weather: Weather, rules: StormRules) -> bool:
    """Whether the weather is worth a look where no storm is on."""
    return (
        weather.arming_alert
        or weather.watch_alert
        or (weather.fallen_cm is not None and weather.fallen_cm >= rules.rearm_depth_cm)
        or bool(weather.is_snowing)
    )


def _from_watch(
    storm: StormView, weather: Weather, rules: StormRules, now: datetime
) -> _Wish | None:
    rest_s = 0 if storm.since_at == storm.created_at else rules.min_state_s
    if weather.arming_alert:
        return _Wish(StormStatus.ARMED, "alert", rest_s=rest_s)
    if _is_deep(weather, rules):
        return _Wish(StormStatus.ARMED, "depth", dwell_s=rules.confirm_s, rest_s=rest_s)
    if not starts_storm(weather, rules):
        return _Wish(StormStatus.CLOSED, "nothing_came", rest_s=rules.watch_life_s)
    return None


def _from_armed(
    storm: StormView, weather: Weather, rules: StormRules, now: datetime
) -> _Wish | None:
    if _is_deep(weather, rules):
        if weather.is_snowing is None:
            return None
        if rules.work_while_snowing or _has_stopped(weather, rules, now):
            return _Wish(StormStatus.ACTIVE, "depth")
        return None
    if weather.arming_alert or weather.is_snowing:
        return None
    little = weather.gain_cm is None or weather.gain_cm < rules.rearm_depth_cm
    if little:
        return _Wish(
            StormStatus.WATCH, "alert_over", dwell_s=rules.min_state_s, rest_s=rules.min_state_s
        )
    return _Wish(StormStatus.CLOSED, "too_little", dwell_s=rules.watch_life_s)


def _from_active(
    storm: StormView, weather: Weather, rules: StormRules, now: datetime
) -> _Wish | None:
    reason = find_hold(weather, rules, now)
    if reason is not None:
        return _Wish(StormStatus.HOLD, reason.value, hold_reason=reason)
    if now >= closes_at(storm, rules):
        return _Wish(StormStatus.CLOSED, "deadline_over", rest_s=rules.min_state_s)
    if _has_melted(weather, rules):
        return _Wish(
            StormStatus.CLOSED, "melted", dwell_s=rules.min_state_s, rest_s=rules.min_state_s
        )
    return None


def _from_hold(
    storm: StormView, weather: Weather, rules: StormRules, now: datetime
) -> _Wish | None:
    if now >= closes_at(storm, rules):
        return _Wish(StormStatus.CLOSED, "hold_too_long", rest_s=rules.min_state_s)
    if storm.held_by_hand or not _is_safe_again(storm, weather, rules, now):
        return None
    if _has_melted(weather, rules):
        return _Wish(
            StormStatus.CLOSED, "melted", dwell_s=rules.min_state_s, rest_s=rules.min_state_s
        )
    return _Wish(StormStatus.ACTIVE, "hold_over", dwell_s=rules.min_hold_s, rest_s=rules.min_hold_s)


_WISHES = {
    StormStatus.WATCH: _from_watch,
    StormStatus.ARMED: _from_armed,
    StormStatus.ACTIVE: _from_active,
    StormStatus.HOLD: _from_hold,
}


def closes_at(storm: StormView, rules: StormRules) -> datetime:
    """When a storm that is active or on hold ends by itself."""
    if storm.status is StormStatus.HOLD:
        return storm.since_at + timedelta(seconds=rules.max_hold_s)
    if storm.deadline_at is None:
        return storm.since_at + timedelta(seconds=rules.max_active_s)
    return max(
        storm.deadline_at + timedelta(seconds=rules.close_after_s),
        storm.since_at + timedelta(seconds=rules.min_work_s),
    )


def _is_safe_again(storm: StormView, weather: Weather, rules: StormRules, now: datetime) -> bool:
    """Whether nothing holds any more; what is not known does not end a hold that it made."""
    if find_hold(weather, rules, now) is not None:
        return False
    if storm.hold_reason is HoldReason.STILL_SNOWING:
        return _has_stopped(weather, rules, now)
    if storm.hold_reason is HoldReason.ICE:
        known = weather.is_icy is not None
        if rules.hold_below_c is None or rules.resume_above_c is None:
            return known
        warm = weather.temperature_c is not None and weather.temperature_c >= rules.resume_above_c
        return known and warm
    return True


def _is_deep(weather: Weather, rules: StormRules) -> bool:
    """Whether enough fell, and has not melted away again."""
    return (
        weather.fallen_cm is not None
        and weather.fallen_cm >= rules.trigger_depth_cm
        and not _has_melted(weather, rules)
    )


def _has_melted(weather: Weather, rules: StormRules) -> bool:
    return (
        weather.gain_cm is not None
        and weather.fallen_cm is not None
        and weather.fallen_cm >= rules.trigger_depth_cm
        and weather.gain_cm < rules.rearm_depth_cm
    )


def _has_stopped(weather: Weather, rules: StormRules, now: datetime) -> bool:
    """Whether it is known that no snow was reported for a while."""
    if weather.is_snowing is not False:
        return False
    if weather.snow_last_at is None:
        return True
    return now - weather.snow_last_at >= timedelta(seconds=rules.settle_s)
