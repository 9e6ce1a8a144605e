"""What answers teach, and how sure it is that somebody comes."""

from __future__ import annotations

import numpy as np
import pytest

from matching.ladder.answers import (
    after_no,
    after_silence,
    after_yes,
    awake_age_s,
    pair_chance,
    pair_chances,
    reply_chance,
    waiting_share,
)
from matching.ladder.cover import accepted_risk, area_weight, project_nobody, wave_size
from matching.ladder.rules import LadderRules
from tests.boards import EVENING, HOUR, NIGHT, Home, Person, make_board

RULES = LadderRules()


def test_half_of_the_answers_come_by_the_median_and_all_in_the_end() -> None:
    share = waiting_share(np.array([0.0, RULES.answer_median_s, 1e9]), RULES)
    assert share == pytest.approx([1.0, 0.5, 0.0], abs=1e-6)


def test_asks_do_not_grow_old_while_people_sleep() -> None:
    ages = awake_age_s(32 * HOUR, np.array([21 * HOUR, 31.5 * HOUR]), np.array([NIGHT]))
    assert ages == pytest.approx([2 * HOUR, 0.5 * HOUR])


def test_silence_is_bayes_rule() -> None:
    heard = 0.8 * (1 - float(waiting_share(HOUR, RULES)))
    helps, helps_not = 0.6 * (1 - heard), 0.4
    assert after_silence(0.6, RULES, HOUR) == pytest.approx(helps / (helps + helps_not))


def test_a_no_lowers_and_a_yes_raises() -> None:
    once = after_no(0.5, RULES, np.array([1.0]))
    assert once == pytest.approx(0.5 * 0.6 / (0.5 + 0.5 * 0.6))
    twice = after_no(0.5, RULES, np.array([1.0, 1.0]))
    assert twice == pytest.approx(after_no(once, RULES, np.array([1.0])))
    # However many homes were passed over: somebody who helps may just not like these.
    least = after_no(0.5, RULES, np.zeros(50))
    assert least == pytest.approx(0.5 * RULES.no_factor / (0.5 + 0.5 * RULES.no_factor))
    assert 0 < least < twice < once < 0.5
    assert after_yes(0.3, RULES) == 0.97
    assert after_yes(0.99, RULES) == 0.99


def test_chance_falls_with_distance_and_with_messages() -> None:
    assert pair_chance(np.array([0.0, 1.0, 3.0]), RULES) == pytest.approx([0.85, 0.40, 0.40])
    assert reply_chance(np.array([0, 2]), RULES) == pytest.approx([0.8, 0.8 * 0.81])


def test_a_bad_history_never_makes_a_chance_zero() -> None:
    board = make_board([Home()], [Person(willingness=0.0)])
    assert pair_chances(board, RULES)[0] == pytest.approx(RULES.least_chance * 0.8 * 0.625)


@pytest.mark.parametrize(("lives", "size"), [(10, 1), (2, 4), (1, 8)])
def test_waves_are_small_early_and_wide_late(lives: float, size: int) -> None:
    rules = LadderRules(
        lives_per_window=lives, silence_min_s=60.0, silence_max_s=1e6, uncovered_share=0.1
    )
    assert wave_size(0.28, 10 * HOUR, rules) == size


def test_a_wave_needs_a_chance() -> None:
    with pytest.raises(ValueError, match="chance"):
        wave_size(0.0, HOUR, RULES)


def test_old_offers_hardly_cover_a_home() -> None:
    young = make_board([Home()], [Person()], live=[(0, 0, 0.5, EVENING)])
    old = make_board([Home()], [Person()], live=[(0, 0, 0.5, EVENING - 8 * HOUR)])
    assert project_nobody(young, RULES)[0] == pytest.approx(0.5)
    assert project_nobody(old, RULES)[0] > 0.99


def test_two_offers_cover_together() -> None:
    board = make_board(
        [Home(), Home()], [Person()] * 2, live=[(0, 0, 0.5, EVENING), (1, 0, 0.2, EVENING)]
    )
    assert project_nobody(board, RULES) == pytest.approx([0.4, 1.0])


def test_less_risk_is_accepted_when_time_runs_out() -> None:
    board = make_board([Home(deadline_s=46 * HOUR), Home(deadline_s=18 * HOUR)], [Person()])
    early, late = accepted_risk(board, RULES)
    assert late == pytest.approx(RULES.uncovered_share)
    assert early > 0.7


def test_areas_that_fall_behind_weigh_more() -> None:
    homes = [Home(area=0), Home(area=1), Home(area=-1)]
    board = make_board(homes, [Person()], area_served_share=[0.2, 0.6])
    assert area_weight(board, RULES) == pytest.approx([1 + 2 * 0.2 / 0.4, 1.0, 1.0])
    assert area_weight(board, LadderRules(area_share=0.0)).tolist() == [1.0, 1.0, 1.0]
