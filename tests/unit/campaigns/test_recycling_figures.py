"""Figures of collection routes, the draw, and what a number of routes can show."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import LEAST_UNITS, UnitChange, difference_effect
from campaigns.recycling.drawing import draw_arms
from campaigns.recycling.figures import (
    Part,
    WeekSums,
    compare_periods,
    find_part,
    find_periods,
    pool,
)
from campaigns.recycling.kinds import Arm, Measure
from campaigns.recycling.power import PowerNote, find_detectable

MONDAY = date(2026, 5, 4)
WEEK = timedelta(days=7)


def test_each_figure_is_its_formula() -> None:
    week = WeekSums(
        200,
        set_out_count=90,
        recycling_kg=300.0,
        trash_kg=900.0,
        clean_count=30,
        contaminated_count=10,
        not_out_count=60,
        sorted_right_kg=80.0,
        sorted_wrong_kg=20.0,
        sorted_lost_kg=40.0,
    )
    rates = {measure: find_part(week, measure) for measure in Measure}
    assert rates[Measure.CAPTURE_RATE] == Part(80, 120)
    assert rates[Measure.CONTAMINATION_RATE] == Part(20, 100)
    assert rates[Measure.CONTAMINATED_CARTS] == Part(10, 40)
    assert rates[Measure.SET_OUT_RATE] == Part(90, 200)
    assert rates[Measure.DIVERSION_RATE] == Part(300, 1200)
    assert rates[Measure.RECYCLING_PER_HOUSEHOLD] == Part(300, 200)


@pytest.mark.parametrize("measure", list(Measure))
def test_what_was_not_counted_is_not_nought(measure: Measure) -> None:
    assert find_part(WeekSums(200), measure) is None


def test_diversion_needs_both_streams() -> None:
    assert find_part(WeekSums(200, recycling_kg=300.0), Measure.DIVERSION_RATE) is None
    assert find_part(WeekSums(200, trash_kg=300.0), Measure.DIVERSION_RATE) is None


def test_weeks_are_pooled_and_not_averaged() -> None:
    assert pool([Part(10, 10), Part(0, 490)]) == pytest.approx(0.02)
    assert pool([]) is None


def test_the_week_of_the_start_counts_for_neither() -> None:
    found = find_periods(
        MONDAY + timedelta(days=2), MONDAY + 5 * WEEK, baseline_week_count=2,
        today=MONDAY + 20 * WEEK,
    )  # fmt: skip
    assert found.before == (MONDAY - 2 * WEEK, MONDAY - WEEK)
    assert found.during == tuple(MONDAY + at * WEEK for at in range(1, 5))


def test_weeks_that_are_not_over_do_not_count_yet() -> None:
    found = find_periods(MONDAY, MONDAY + 8 * WEEK, baseline_week_count=1, today=MONDAY + 2 * WEEK)
    assert found.during == (MONDAY, MONDAY + WEEK)
    soon = find_periods(MONDAY, MONDAY + WEEK, baseline_week_count=1, today=MONDAY)
    assert soon.during == ()


def set_outs(counts: dict[tuple[str, int], int]) -> dict[tuple[str, date], WeekSums]:
    """Carts by route and week, counted from the start of the campaign; 100 households each."""
    return {
        (code, MONDAY + at * WEEK): WeekSums(100, set_out_count=count)
        for (code, at), count in counts.items()
    }


def test_only_weeks_with_both_sides_count() -> None:
    arms = {"A": Arm.TREATED, "B": Arm.CONTROL, "C": Arm.CONTROL}
    counts = {("A", at): 50 for at in (-2, -1, 0, 1)} | {("B", at): 40 for at in (-2, 0)}
    counts |= {("A", 2): 90}
    periods = find_periods(
        MONDAY, MONDAY + 3 * WEEK, baseline_week_count=2, today=MONDAY + 9 * WEEK
    )
    found = compare_periods(arms, set_outs(counts), Measure.SET_OUT_RATE, periods)
    assert found.weeks_before == (MONDAY - 2 * WEEK,)
    assert found.weeks_during == (MONDAY,)
    assert found.one_sided_weeks == (MONDAY - WEEK, MONDAY + WEEK, MONDAY + 2 * WEEK)
    assert dict(found.treated) == {"A": UnitChange(0.5, 0.5)}
    assert dict(found.controls) == {"B": UnitChange(0.4, 0.4)}
    assert found.routes_left_out == ("C",)


def test_nought_does_not_stand_on_a_scale_of_growth() -> None:
    arms = {"A": Arm.TREATED, "B": Arm.CONTROL}
    sums = {
        (code, MONDAY + at * WEEK): WeekSums(100, recycling_kg=0.0 if code == "A" else 50.0)
        for code in arms
        for at in (-1, 0)
    }
    periods = find_periods(MONDAY, MONDAY + WEEK, baseline_week_count=1, today=MONDAY + 9 * WEEK)
    found = compare_periods(arms, sums, Measure.RECYCLING_PER_HOUSEHOLD, periods)
    assert found.routes_left_out == ("A",)


codes = st.dictionaries(
    st.text("ABCDE0123456789", min_size=1, max_size=6),
    st.none() | st.floats(0, 1, allow_nan=False),
    min_size=2,
    max_size=40,
)


@given(baselines=codes, seed=st.integers(0, 2**53))
def test_a_draw_can_be_drawn_again_and_is_balanced(
    baselines: dict[str, float | None], seed: int
) -> None:
    drawn = draw_arms(baselines, seed)
    assert drawn == draw_arms(dict(reversed(baselines.items())), seed)
    assert [one.code for one in drawn] == sorted(baselines)
    treated = sum(one.arm is Arm.TREATED for one in drawn)
    assert abs(2 * treated - len(drawn)) <= 1
    strata: dict[int, list[Arm]] = {}
    for one in drawn:
        strata.setdefault(one.stratum, []).append(one.arm)
    assert all(len(set(arms)) == 2 for arms in strata.values())


def test_another_seed_draws_others_and_nobody_is_preferred() -> None:
    baselines = {f"R{at:02}": at / 40 for at in range(24)}
    counts = dict.fromkeys(baselines, 0)
    for seed in range(400):
        for one in draw_arms(baselines, seed):
            counts[one.code] += one.arm is Arm.TREATED
    # 400 throws of a coin: 99.99 % lie within four standard deviations of 10.
    assert all(160 <= count <= 240 for count in counts.values())


def test_neighbours_in_the_baseline_share_a_stratum() -> None:
    drawn = draw_arms({"low": 0.1, "lower": 0.05, "high": 0.9, "higher": 0.95}, 1)
    strata = {one.code: one.stratum for one in drawn}
    assert strata["low"] == strata["lower"] != strata["high"] == strata["higher"]


def test_what_can_be_shown_is_shown_four_times_in_five() -> None:
    random = np.random.default_rng(5)
    per_side, spread = 8, 0.03
    trial = [UnitChange(0.5, 0.5 + spread * random.normal()) for _ in range(2000)]
    detectable = find_detectable(trial, per_side, per_side, is_ratio=False)
    shown = 0
    for _ in range(400):
        units, controls = (
            [UnitChange(0.5, 0.5 + spread * random.normal() + more) for _ in range(per_side)]
            for more in (detectable, 0.0)
        )
        shown += difference_effect(units, controls).low > 0
    assert 0.73 <= shown / 400 <= 0.87


def test_growth_is_told_as_a_share() -> None:
    changes = [UnitChange(100.0, 100.0 * math.exp(0.02 * at)) for at in (-2, -1, 0, 0, 1, 2)]
    plain = [UnitChange(0.0, 0.02 * at) for at in (-2, -1, 0, 0, 1, 2)]
    growth = find_detectable(changes, 3, 3, is_ratio=True)
    assert growth == pytest.approx(math.expm1(find_detectable(plain, 3, 3, is_ratio=False)))


def test_few_routes_can_show_nothing() -> None:
    with pytest.raises(TooLittleData, match="3 treated routes"):
        find_detectable([UnitChange(0.5, 0.5)] * 9, LEAST_UNITS - 1, 7, is_ratio=False)


def test_the_note_is_a_sentence() -> None:
    note = PowerNote(0.0412, 12, 6, 6, 8, is_ratio=False)
    assert note.sentence == (
        "With 12 routes you can show a change of 4.1 points or more, four times in five."
    )
