from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matching import states
from matching.kinds import StormStatus
from matching.storms.machine import StormView, next_state
from matching.storms.rules import StormRules
from matching.storms.weather import Weather

START = datetime(2026, 1, 15, tzinfo=UTC)
RULES = StormRules(
    hold_below_c=-15.0,
    resume_above_c=-12.0,
    night_work_allowed=False,
    lon_deg=-71.11,
    lat_deg=42.37,
)
DEPTHS = st.one_of(st.none(), st.floats(0, 12))


@st.composite
def weathers(draw: st.DrawFn) -> Weather:
    fallen = draw(DEPTHS)
    gain = None if fallen is None else draw(st.one_of(st.none(), st.floats(0, fallen)))
    return Weather(
        gain_cm=gain,
        fallen_cm=fallen,
        is_snowing=draw(st.sampled_from([None, False, True])),
        temperature_c=draw(st.one_of(st.none(), st.floats(-20, 5))),
        is_icy=draw(st.sampled_from([None, False, True])),
        arming_alert=draw(st.booleans()),
        watch_alert=draw(st.booleans()),
        sun_deg=draw(st.sampled_from([-30.0, -1.0, 0.0, 30.0])),
    )


SEQUENCES = st.lists(st.tuples(st.integers(1, 7_200), weathers()), min_size=1, max_size=60)


def play(sequence: list[tuple[int, Weather]]) -> list[tuple[datetime, StormStatus]]:
    """The states that a storm goes through, as whoever applies the machine does it."""
    storm = StormView(StormStatus.WATCH, since_at=START, created_at=START)
    now, history = START, [(START, StormStatus.WATCH)]
    for gap_s, weather in sequence:
        now += timedelta(seconds=gap_s)
        for _ in range(6):
            step = next_state(storm, weather, RULES, now)
            if step.to is None:
                since = storm.pending_since_at if step.pending is storm.pending else now
                storm = _with(storm, pending=step.pending, pending_since_at=since)
                break
            states.check_transition(states.STORM, storm.status, step.to)
            storm = _with(
                storm,
                status=step.to,
                since_at=now,
                hold_reason=step.hold_reason,
                pending=None,
                pending_since_at=None,
            )
            history.append((now, step.to))
    return history


def _with(storm: StormView, **values: object) -> StormView:
    fields = {name: getattr(storm, name) for name in StormView.__dataclass_fields__}
    return StormView(**(fields | values))


@given(SEQUENCES)
def test_no_state_is_left_backwards_before_its_minimum_time(
    sequence: list[tuple[int, Weather]],
) -> None:
    history = play(sequence)
    for (entered, status), (left, after) in pairwise(history):
        lasted_s = (left - entered).total_seconds()
        if (status, after) == (StormStatus.ARMED, StormStatus.WATCH):
            assert lasted_s >= RULES.min_state_s
        if status is StormStatus.HOLD:
            assert lasted_s >= min(RULES.min_hold_s, RULES.min_state_s)
        if after is StormStatus.CLOSED:
            assert lasted_s >= RULES.min_state_s


@given(SEQUENCES)
def test_storm_becomes_active_at_most_once_in_a_minimum_hold(
    sequence: list[tuple[int, Weather]],
) -> None:
    starts = [moment for moment, status in play(sequence) if status is StormStatus.ACTIVE]
    for first, second in pairwise(starts):
        assert (second - first).total_seconds() >= RULES.min_hold_s


@given(SEQUENCES)
def test_closed_is_final(sequence: list[tuple[int, Weather]]) -> None:
    history = [status for _, status in play(sequence)]
    assert StormStatus.CLOSED not in history[:-1]


@given(SEQUENCES)
def test_nobody_is_sent_out_on_ice_in_the_dark_or_in_snow(
    sequence: list[tuple[int, Weather]],
) -> None:
    history = play(sequence)
    now = START
    for gap_s, weather in sequence:
        now += timedelta(seconds=gap_s)
        status = [state for moment, state in history if moment <= now][-1]
        if weather.is_icy or weather.is_snowing or (weather.sun_deg or 0) < RULES.dark_below_deg:
            assert status is not StormStatus.ACTIVE
