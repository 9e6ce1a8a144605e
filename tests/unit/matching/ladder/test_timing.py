"""Usable time leaves the night out; rounds and silences follow from it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from matching.ladder.prices import fading_share
from matching.ladder.rules import LadderRules
from matching.ladder.timing import (
    board_usable_s,
    move_out_of_quiet,
    person_usable_s,
    rest_s,
    round_period_s,
    silence_ends_s,
    silence_s,
    usable_s,
)
from tests.boards import EVENING, HOUR, NIGHT, Home, Person, make_board

RULES = LadderRules()
QUIET = np.array([NIGHT])


def test_the_night_and_the_last_job_are_no_usable_time() -> None:
    found = usable_s(EVENING, np.array([46 * HOUR]), QUIET, RULES)
    assert found == pytest.approx((46 - 16 - 9 - 1.5) * HOUR)


def test_time_inside_the_night_and_after_the_deadline_is_nothing() -> None:
    at_night = usable_s(23 * HOUR, np.array([31 * HOUR, 10 * HOUR]), QUIET, RULES)
    assert at_night.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("usable_h", "period_min", "silence_min"), [(1, 10, 30), (5, 20, 37.5), (30, 60, 180)]
)
def test_rounds_and_silences_stay_within_their_limits(
    usable_h: float, period_min: float, silence_min: float
) -> None:
    rules = LadderRules(rounds_per_window=15.0, lives_per_window=8.0)
    assert round_period_s(usable_h * HOUR, rules) == pytest.approx(period_min * 60)
    assert silence_s(usable_h * HOUR, rules) == pytest.approx(silence_min * 60)


def test_silence_waits_over_the_night() -> None:
    life_s = silence_s(8 * HOUR, RULES)
    ends_s = silence_ends_s(22 * HOUR - 600, 8 * HOUR, QUIET, RULES)
    assert ends_s == pytest.approx(31 * HOUR + life_s - 600)


def test_messages_of_the_night_are_spread_over_the_morning() -> None:
    moments = [move_out_of_quiet(25 * HOUR, QUIET, place, RULES) for place in (0.0, 0.5, 1.0)]
    assert moments == [31 * HOUR, 31 * HOUR + 900, 31 * HOUR + 1800]
    assert move_out_of_quiet(32 * HOUR, QUIET, 1.0, RULES) == 32 * HOUR


def test_the_storm_has_the_median_of_its_open_homes() -> None:
    homes = [Home(deadline_s=20 * HOUR), Home(deadline_s=21 * HOUR), Home(seats=0)]
    board = make_board(homes, [Person()])
    assert board_usable_s(board, RULES) == pytest.approx(3 * HOUR)
    assert board_usable_s(make_board([Home(seats=0)], [Person()]), RULES) == 0.0


def test_rest_and_price_follow_the_time_that_each_person_has() -> None:
    rules = LadderRules(gaps_per_window=3.0, gap_s=1800.0, gap_max_s=28_800.0)
    town = replace(
        make_board([Home()], [Person(), Person(), Person()]),
        person_until_s=np.array([EVENING + 100 * HOUR, EVENING + 4.5 * HOUR, EVENING]),
    )
    usable = person_usable_s(town, rules)
    plain = person_usable_s(replace(town, person_until_s=None), rules)
    assert usable[0] == plain[0] == board_usable_s(town, rules)
    assert usable[0] > usable[1] > usable[2] == 0
    assert rest_s(town, rules).tolist() == [
        min(28_800.0, usable[0] / 3),
        usable[1] / 3,
        1800.0,
    ]
    share = fading_share(
        usable, msgspec.structs.replace(rules, price_fade_s=4 * HOUR), urgent_mode=False
    )
    assert share[0] == rules.price_share
    assert share[2] == 0 < share[1] < share[0]
    with pytest.raises(ValueError, match="person_until_s"):
        replace(town, person_until_s=np.zeros(1))
