"""One round of the ladder: who is asked now, about which homes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.ladder.answers import pair_chances
from matching.ladder.board import AskDraft, Board, BoolArray, FloatArray, IntArray
from matching.ladder.cover import accepted_risk
from matching.ladder.menus import METRES_PER_KM, Need, open_menu, open_pairs, weigh_homes
from matching.ladder.planners import GreedyPlanner, Planner, WaveTask, keep_open
from matching.ladder.prices import LadderPrices, fading_share, find_prices, no_prices
from matching.ladder.rules import LadderRules
from matching.ladder.timing import person_usable_s, rest_s


def can_be_asked(board: Board, rules: LadderRules) -> BoolArray:
    """(m,) bool: people who may get an ask now: budget, gap, silences, nothing live."""
    people = board.people
    budget = rules.messages_per_storm + rules.messages_per_yes * people.n_accepted
    rested = board.moment_s - people.last_message_s >= rest_s(board, rules)
    return (
        people.may_ask
        & ~people.live
        & (people.places > 0)
        & (people.n_messages < budget)
        & (people.n_silences < rules.max_silences)
        & (rested | people.gap_waived)
    )


def plan_wave(
    board: Board,
    rules: LadderRules,
    planner: Planner | None = None,
    *,
    only: IntArray | None = None,
    prices: LadderPrices | None = None,
) -> list[AskDraft]:
    """Choose who is asked now, and about what. Same board, same asks.

    Nothing is planned in quiet hours. Season pairs come first; then the planner fills plans for the
    others; then those of whom nothing is known yet and who can reach a home that needs somebody get
    a menu, so that nobody is left out for what the model thinks of them.

    Parameters
    ----------
    planner
        `GreedyPlanner` without one; see `matching.ladder.engine_planner` for the optimiser.
    only
        Indices of the people to plan for: the one who just said yes and has places left.
    prices
        Of the last regular round (`price_board`), to save the linear program; found anew without.
    """
    if any(begins <= board.moment_s < ends for begins, ends in board.quiet_s):
        return []
    ready = can_be_asked(board, rules)
    if only is not None:
        chosen = np.zeros(len(board.people), bool)
        chosen[only] = True
        ready &= chosen
    if not ready.any():
        return []
    wave = _start_wave(board, rules, prices)
    drafts = wave.ask_season_pairs(ready)
    for draft in drafts:
        ready[draft.person] = False
    drafts += wave.ask_planned(ready, planner or GreedyPlanner())
    for draft in drafts:
        ready[draft.person] = False
    drafts += wave.ask_to_learn(ready)
    return sorted(drafts, key=lambda draft: draft.person)


@dataclass(eq=False)
class _Wave:
    """The state of one wave: the need of a home falls as asks about it are drafted."""

    board: Board
    rules: LadderRules
    chance: FloatArray
    need: Need
    risk: FloatArray
    prices: LadderPrices
    price_share: FloatArray

    def ask_season_pairs(self, ready: BoolArray) -> list[AskDraft]:
        """Each person is asked for the own season homes first, whatever the worth."""
        board, pairs = self.board, self.board.pairs
        fits = pairs.season & open_pairs(board)
        person = pairs.person()
        fits &= ready[person] & (self.need.nobody[pairs.home] > self.risk[pairs.home])
        plans: dict[int, list[int]] = {}
        for entry in np.flatnonzero(fits):
            v, r = int(person[entry]), int(pairs.home[entry])
            mine = plans.setdefault(v, [])
            if len(mine) < self._room(v):
                mine.append(r)
        return [self._draft(v, tuple(stops), season=True) for v, stops in plans.items()]

    def ask_planned(self, ready: BoolArray, planner: Planner) -> list[AskDraft]:
        """Plans for everybody who is ready, by the planner."""
        task = self._task(ready)
        if not len(task.people):
            return []
        plans = planner.plan(task)
        return [
            self._draft(int(v), stops) for v, stops in zip(task.people, plans, strict=True) if stops
        ]

    def ask_to_learn(self, ready: BoolArray) -> list[AskDraft]:
        """A menu for those who were never asked in this storm and can reach a home in need."""
        board, pairs = self.board, self.board.pairs
        new = ready & (board.people.n_messages == 0)
        needs = keep_open(self.need.nobody, self.risk, board.homes.seats)
        person = pairs.person()
        fits = open_pairs(board) & needs[pairs.home] & new[person]
        return [self._draft(int(v), (), explore=True) for v in np.unique(person[fits])]

    def _task(self, ready: BoolArray) -> WaveTask:
        board, rules, need, pairs = self.board, self.rules, self.need, self.board.pairs
        needs = keep_open(need.nobody, self.risk, board.homes.seats)
        person = pairs.person()
        cost = (
            self._price()[person]
            + rules.home_price_share * self.prices.home[pairs.home]
            + rules.cost_per_km * pairs.travel_m / METRES_PER_KM
        )
        worth = self.chance * (need.worth[pairs.home] - cost)
        sure = board.people.n_messages[person] < rules.sure_asks
        fits = open_pairs(board) & needs[pairs.home] & ready[person]
        fits &= sure | (worth > rules.cost_per_message)
        person, home = person[fits], pairs.home[fits]
        people, row = np.unique(person, return_inverse=True)
        ptr = np.searchsorted(row, np.arange(len(people) + 1)).astype(np.int64)
        return WaveTask(
            people=people,
            ptr=ptr,
            home=home,
            chance=self.chance[fits],
            cost=cost[fits],
            need=need.worth,
            nobody=need.nobody,
            risk=self.risk,
            room=np.array([self._room(int(v)) for v in people], np.int64),
            cost_per_place=rules.cost_per_place,
            least_value=rules.least_value,
        )

    def _room(self, person: int) -> int:
        return min(int(self.board.people.places[person]), self.rules.max_stops)

    def _draft(
        self, person: int, stops: tuple[int, ...], *, season: bool = False, explore: bool = False
    ) -> AskDraft:
        board, pairs = self.board, self.board.pairs
        first = int(pairs.ptr[person])
        mine = pairs.home[first : int(pairs.ptr[person + 1])]
        chance = tuple(
            float(self.chance[first + int(np.flatnonzero(mine == home)[0])]) for home in stops
        )
        price = float(self._price()[person])
        menu = open_menu(
            board,
            person,
            self.rules.menu_size,
            self.rules,
            price=price,
            without=stops,
            need=self.need,
        )
        return AskDraft(person, stops, menu, chance, price, season=season, explore=explore)

    def _price(self) -> FloatArray:
        """(m,) float64, the part of each person's price that is asked."""
        return self.price_share * self.prices.person


def price_board(board: Board, rules: LadderRules) -> LadderPrices:
    """Prices of people and homes now; `no_prices` where the rules ask for none."""
    if max(rules.price_share, rules.urgent_price_share, rules.home_price_share) <= 0:
        return no_prices(board)
    chance, need = pair_chances(board, rules), weigh_homes(board, rules)
    return find_prices(board, chance, need.weight, need.nobody, rules)


def _start_wave(board: Board, rules: LadderRules, prices: LadderPrices | None) -> _Wave:
    return _Wave(
        board=board,
        rules=rules,
        chance=pair_chances(board, rules),
        need=weigh_homes(board, rules),
        risk=accepted_risk(board, rules),
        prices=price_board(board, rules) if prices is None else prices,
        price_share=fading_share(
            person_usable_s(board, rules), rules, urgent_mode=board.urgent_mode
        ),
    )
