"""Who is asked, about what; what is shown; who steps in."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from matching.ladder.board import Board
from matching.ladder.menus import find_substitute, open_menu
from matching.ladder.prices import find_prices
from matching.ladder.reseat import sit_down
from matching.ladder.rules import LadderRules
from matching.ladder.urgent import price_of_urgent_mode
from matching.ladder.waves import can_be_asked, plan_wave, price_board
from tests.boards import EVENING, NIGHT, Home, Person, Reach, make_board

RULES = LadderRules()
FREE = LadderRules(price_share=0.0, home_price_share=0.0)


def asked(board: Board, rules: LadderRules = FREE) -> list[int]:
    return [draft.person for draft in plan_wave(board, rules)]


def test_rules_are_stored_as_plain_numbers_and_read_again() -> None:
    rules = LadderRules(menu_size=4, gap_s=1800.0, gap_max_s=1800.0)
    assert msgspec.convert(msgspec.to_builtins(rules), LadderRules) == rules
    with pytest.raises(msgspec.ValidationError, match="menu_sise"):
        msgspec.convert({"menu_sise": 4}, LadderRules)
    with pytest.raises(ValueError, match="price_share"):
        LadderRules(price_share=1.5)


def test_a_plan_has_three_stops_at_most_and_never_more_than_places() -> None:
    board = make_board([Home()] * 8, [Person(places=4), Person(places=1)])
    drafts = plan_wave(board, FREE)
    assert [len(draft.stops) for draft in drafts] == [3, 1]
    assert all(len(draft.menu) <= FREE.menu_size for draft in drafts)
    assert not set(drafts[0].stops) & set(drafts[0].menu)


@pytest.mark.parametrize(
    "person",
    [
        Person(live=True),
        Person(may_ask=False),
        Person(places=0),
        Person(n_messages=10),
        Person(n_silences=RULES.max_silences),
        Person(last_message_s=EVENING - 600),
    ],
)
def test_who_is_not_asked(person: Person) -> None:
    assert asked(make_board([Home()], [person])) == []


def test_a_yes_waives_the_gap_and_adds_to_the_budget() -> None:
    eager = Person(
        n_messages=RULES.messages_per_storm,
        n_accepted=1,
        last_message_s=EVENING - 60,
        gap_waived=True,
        willingness=0.97,
    )
    assert asked(make_board([Home()], [eager])) == [0]


def test_nothing_goes_out_at_night() -> None:
    assert plan_wave(make_board([Home()], [Person()], moment_s=NIGHT[0]), FREE) == []
    assert plan_wave(make_board([Home()], [Person()], moment_s=NIGHT[1]), FREE) != []


def test_a_small_chance_does_not_exclude_until_the_sure_asks_are_used_up() -> None:
    new, known = Person(willingness=0.001), Person(willingness=0.001, n_messages=RULES.sure_asks)
    assert asked(make_board([Home()], [new])) == [0]
    assert asked(make_board([Home()], [known])) == []
    assert asked(make_board([Home(weight=4.0)], [known])) == [0]


def test_a_home_with_enough_live_offers_waits() -> None:
    sure = [(1, 0, 0.9, EVENING)]
    board = make_board([Home()], [Person(), Person(live=True)], live=sure)
    assert asked(board) == []


def test_homes_in_need_are_shared_out() -> None:
    board = make_board([Home()] * 2, [Person(places=1), Person(places=1)])
    assert sorted(draft.stops for draft in plan_wave(board, FREE)) == [(0,), (1,)]


def test_season_pairs_are_asked_first() -> None:
    pairs = [Reach(0, 0, season=True, reach=0.9), Reach(0, 1, reach=0.1), Reach(1, 0), Reach(1, 1)]
    board = make_board([Home(), Home(weight=4.0)], [Person(places=1)] * 2, pairs)
    first, second = plan_wave(board, FREE)
    assert (first.stops, first.season) == ((0,), True)
    assert (second.stops, second.season) == ((1,), False)


def test_only_the_person_who_said_yes_is_planned_again() -> None:
    board = make_board([Home()] * 4, [Person()] * 3)
    assert [draft.person for draft in plan_wave(board, FREE, only=np.array([1]))] == [1]


def test_the_menu_shows_urgent_homes_on_top_and_only_what_is_open() -> None:
    homes = [Home(), Home(weight=2.0), Home(weight=4.0, urgent=True), Home(weight=4.0, seats=0)]
    pairs = [Reach(0, home) for home in (0, 1, 2, 3)]
    board = make_board(homes, [Person()], pairs)
    assert open_menu(board, 0, 6, RULES) == (2, 1, 0)
    assert open_menu(board, 0, 2, RULES, without=(2,)) == (1, 0)


def test_homes_worth_less_than_the_place_wait_for_the_price_to_fade() -> None:
    board = make_board([Home(), Home(weight=4.0)], [Person()])
    assert open_menu(board, 0, 6, RULES, price=1500.0) == (1,)


def test_a_taken_home_has_a_substitute() -> None:
    homes = [Home(seats=0), Home(), Home(weight=4.0, urgent=True)]
    board = make_board(homes, [Person()])
    assert find_substitute(board, 0, 0, RULES) == 2
    assert find_substitute(make_board([Home(seats=0)], [Person()]), 0, 0, RULES) is None


def test_a_scarce_place_costs_what_it_could_win() -> None:
    pairs = [Reach(0, 0, reach=0.0), Reach(0, 1, reach=0.0)]
    board = make_board(
        [Home(weight=4.0), Home()], [Person(willingness=1.0, reply=1.0, places=1)], pairs
    )
    chance = np.array([1.0, 1.0])
    prices = find_prices(board, chance, board.homes.weight, np.ones(2), RULES)
    # One sure place, two homes: the linear program takes the heavy one.
    assert prices.bound == pytest.approx(4000.0)
    assert 1000.0 <= prices.person[0] <= 4000.0
    assert prices.person[0] + prices.home[0] <= 4000.0 + 1e-6


def test_prices_prove_the_bound() -> None:
    rng = np.random.default_rng(5)
    people = [
        Person(willingness=w, places=int(p))
        for w, p in zip(rng.random(8), rng.integers(1, 4, 8), strict=True)
    ]
    homes = [Home(weight=float(w)) for w in rng.choice([1, 2, 4], 12)]
    board = make_board(homes, people)
    prices = price_board(board, RULES)
    person, pairs = board.pairs.person(), board.pairs
    chance = board.people.willingness[person].clip(RULES.least_chance) * 0.8 * 0.625
    left = board.homes.weight[pairs.home] * 1000 - prices.home[pairs.home] - prices.person[person]
    room = board.people.willingness.clip(RULES.least_chance) * 0.8 * board.people.places
    dual = prices.person @ room + prices.home.sum() + chance @ np.maximum(left, 0.0)
    assert dual == pytest.approx(prices.bound, rel=1e-6)


def test_urgent_mode_says_what_it_gives_up() -> None:
    # One person near an urgent home or two others: places are the limit.
    homes = [Home(weight=4.0, urgent=True), Home(), Home()]
    pairs = [Reach(0, 0, reach=1.0), Reach(0, 1, reach=0.0), Reach(1, 1, reach=0.0)]
    board = make_board(homes, [Person(places=1), Person(places=1)], pairs)
    price = price_of_urgent_mode(board, RULES)
    assert price.urgent_won > 0.05
    assert price.homes_given_up >= 0.0
    assert price.urgent_urgent == pytest.approx(0.6 * 0.8 * 0.4, abs=1e-6)


def test_bench_skips_those_who_were_asked_or_struck() -> None:
    pairs = [Reach(0, 0, reach=0.1), Reach(1, 0, reach=0.5), Reach(2, 0, reach=0.9)]
    bench = sit_down(make_board([Home()], [Person()] * 3, pairs), RULES)
    assert bench.next_person(0) == 0
    bench.set_ready(0, ready=False)
    assert bench.next_person(0) == 1
    bench.strike(1, 0)
    assert bench.next_person(0) == 2
    bench.set_ready(2, ready=False)
    assert bench.next_person(0) is None


def test_can_be_asked_again_after_the_gap() -> None:
    rested = Person(n_messages=1, last_message_s=EVENING - RULES.gap_max_s)
    tired = Person(n_messages=1, last_message_s=EVENING - RULES.gap_s + 1)
    assert can_be_asked(make_board([Home()], [rested, tired]), RULES).tolist() == [True, False]
