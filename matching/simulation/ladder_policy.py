"""The offer ladder as the product runs it: the decisions are those of `matching.ladder`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.ladder.answers import after_no, after_silence, after_yes, reply_chance
from matching.ladder.board import AskDraft, Board, Homes, LiveOffers, Pairs, People
from matching.ladder.menus import Need, open_menu, order_shown, weigh_homes
from matching.ladder.planners import GreedyPlanner, Planner
from matching.ladder.prices import LadderPrices
from matching.ladder.rules import LadderRules
from matching.ladder.timing import (
    board_usable_s,
    move_out_of_quiet,
    round_period_s,
    silence_ends_s,
    silence_s,
)
from matching.ladder.waves import can_be_asked, plan_wave, price_board
from matching.simulation.parameters import DAY_S
from matching.simulation.play import (
    DAYS,
    DONE,
    OPEN,
    QUIET_FROM_S,
    QUIET_UNTIL_S,
    TAKEN,
    Answer,
    Message,
    Play,
)

URGENT_WEIGHT = 4.0
NIGHTS = 3


@dataclass(frozen=True)
class LadderOptions:
    """What can be left out of the ladder, to see what it carries.

    ``late_yes``: an answer after the silence counts. ``menu``: further homes under the plan.
    ``button``: "not today". ``memory``: homes that somebody passed over beside a yes are not shown
    to that person again. ``season_first``: autumn pairs are asked first. What the product does not
    have, to see what it would bring: ``forecast``: the law of arrivals is known, as from past
    storms; ``priced_list``: homes for which a place is too dear are not on the list either.
    """

    late_yes: bool = True
    menu: bool = True
    button: bool = True
    memory: bool = True
    forecast: bool = False
    priced_list: bool = False
    season_first: bool = False
    urgent_mode: bool = False


class LadderPolicy:
    """Plays the ladder: keeps what the product would keep in its database, and asks it."""

    def __init__(
        self,
        rules: LadderRules,
        planner: Planner | None = None,
        options: LadderOptions | None = None,
        name: str = "ladder",
    ) -> None:
        self.rules = rules
        self.planner = planner or GreedyPlanner()
        self.options = options or LadderOptions()
        self.name = name

    def start(self, play: Play) -> None:
        """See `matching.simulation.play.Policy`."""
        world = play.world
        m = world.n_people
        self.willingness = world.crowd.belief.copy()
        self.n_silences = np.zeros(m, np.int64)
        self.n_accepted = np.zeros(m, np.int64)
        self.waived = np.zeros(m, bool)
        self.struck = np.zeros(len(world.pair_home), bool)
        self.live: dict[int, tuple[AskDraft, float]] = {}
        self.asked_s: dict[int, float] = {}
        self.prices: LadderPrices | None = None
        self.wave_due = False
        self.need_by_area = np.bincount(
            world.home_area, minlength=len(world.ground.area_names)
        ).astype(np.float64)
        nights = np.arange(NIGHTS) * DAY_S
        self.quiet_s = np.stack([nights + QUIET_FROM_S, nights + DAY_S + QUIET_UNTIL_S], axis=1)
        days = np.arange(DAYS) * DAY_S
        opens_s = np.maximum(days[:, None] + world.crowd.opens_s, world.behaviour.snow_ends_s)
        closes_s = np.minimum(days[:, None] + world.crowd.closes_s, world.deadline_s)
        self.until_s = np.where(closes_s > opens_s, closes_s, 0.0).max(axis=0)
        self._round(play)

    def board(self, play: Play) -> Board:
        """What the product would read from its database now."""
        world = play.world
        homes = Homes(
            weight=world.weight,
            urgent=world.weight >= URGENT_WEIGHT,
            area=world.home_area,
            seats=(play.status == OPEN).astype(np.int64),
            deadline_s=np.full(world.n_homes, world.deadline_s),
        )
        live = np.zeros(world.n_people, bool)
        live[list(self.live)] = True
        people = People(
            willingness=self.willingness,
            reply=reply_chance(play.n_recent, self.rules),
            places=np.maximum(play.places, 0),
            n_messages=play.n_messages,
            n_accepted=self.n_accepted,
            n_silences=self.n_silences,
            last_message_s=play.last_message_s,
            gap_waived=self.waived,
            may_ask=~play.out & ~play.stopped,
            live=live,
        )
        pairs = Pairs(
            ptr=world.ptr,
            home=world.pair_home,
            travel_m=world.travel_m,
            reach=world.travel_m / world.crowd.radius_m[world.pair_person],
            feasible=play.feasible(),
            struck=self.struck,
            season=world.season_pair if self.options.season_first else np.zeros_like(self.struck),
        )
        served = np.bincount(
            world.home_area[(play.status == DONE) | (play.status == TAKEN)],
            minlength=len(self.need_by_area),
        )
        known = self.need_by_area > 0
        return Board(
            moment_s=play.now_s,
            homes=homes,
            people=people,
            pairs=pairs,
            live=self._live_offers(),
            quiet_s=self.quiet_s,
            area_served_share=np.where(known, served / np.maximum(self.need_by_area, 1), 0.0),
            expected_homes=world.expected_after(play.now_s) if self.options.forecast else 0.0,
            urgent_mode=self.options.urgent_mode,
            person_until_s=self.until_s,
        )

    def _live_offers(self) -> LiveOffers:
        rows = [
            (draft.person, home, chance, sent_s)
            for draft, sent_s in self.live.values()
            for home, chance in zip(draft.stops, draft.chance, strict=True)
        ]
        if not rows:
            return LiveOffers.none()
        person, home, chance, sent_s = zip(*rows, strict=True)
        return LiveOffers(
            np.array(person, np.int64), np.array(home, np.int64), np.array(chance), np.array(sent_s)
        )

    def _round(self, play: Play) -> None:
        """A regular round: new prices, a wave, and the next round."""
        board = self.board(play)
        if self.prices is None or can_be_asked(board, self.rules).any():
            self.prices = price_board(board, self.rules)
        self._send(play, plan_wave(board, self.rules, self.planner, prices=self.prices), board)
        next_s = play.now_s + round_period_s(board_usable_s(board, self.rules), self.rules)
        play.at(move_out_of_quiet(next_s, self.quiet_s, 0.0, self.rules), self._round, play)

    def _extra_wave(self, play: Play) -> None:
        self.wave_due = False
        board = self.board(play)
        self._send(play, plan_wave(board, self.rules, self.planner, prices=self.prices), board)

    def _send(self, play: Play, drafts: list[AskDraft], board: Board) -> None:
        usable = board_usable_s(board, self.rules)
        for draft in drafts:
            message = play.send(draft.person, draft.stops, price=draft.price)
            if message is None:
                continue
            self.waived[draft.person] = False
            self.live[draft.person] = (draft, play.now_s)
            ends_s = silence_ends_s(play.now_s, usable, self.quiet_s, self.rules)
            play.at(ends_s, self._fall_silent, play, message, silence_s(usable, self.rules))

    def _fall_silent(self, play: Play, message: Message, life_s: float) -> None:
        v = message.person
        if v not in self.live or self.live[v][1] != message.sent_s:
            return
        del self.live[v]
        reply = float(reply_chance(max(0, int(play.n_recent[v]) - 1), self.rules))
        self.willingness[v] = after_silence(
            float(self.willingness[v]), self.rules, life_s, reply=reply
        )
        self.n_silences[v] += 1

    def answer(self, play: Play, message: Message) -> Answer:
        """The person opens the link: the plan as far as it is open, and the menu of now."""
        v, world = message.person, play.world
        on_time = v in self.live and self.live[v][1] == message.sent_s
        if on_time:
            del self.live[v]
        if not on_time and not self.options.late_yes:
            return Answer((), (), filled=True)
        answer = play.take(v, self._shown(play, message))
        if self.options.memory or not answer.taken:
            for home in answer.refused:
                self.struck[play.world.pair(v, home)] = True
        if answer.taken:
            self.n_silences[v] = 0
            self.willingness[v] = after_yes(float(self.willingness[v]), self.rules)
            self.n_accepted[v] += len(answer.taken)
            self.waived[v] = True
            if play.places[v] > 0 and not play.is_quiet:
                self._replan(play, v)
            return answer
        if not answer.filled:
            self.n_silences[v] += self.rules.silences_per_no
            entries = [world.pair(v, home) for home in answer.refused]
            reach = world.travel_m[entries] / world.crowd.radius_m[v]
            self.willingness[v] = after_no(float(self.willingness[v]), self.rules, reach)
        if self.options.button and not world.on[v]:
            play.stopped[v] = bool(world.button[v] < world.behaviour.button_share)
        return answer

    def _shown(self, play: Play, message: Message) -> tuple[int, ...]:
        board = self.board(play)
        need = weigh_homes(board, self.rules)
        stops = tuple(
            home
            for home in message.homes
            if board.pairs.feasible[play.world.pair(message.person, home)]
        )
        menu: tuple[int, ...] = ()
        if self.options.menu:
            menu = self._menu(board, message, stops, need)
        shown = np.array([*stops, *menu], np.int64)
        return order_shown(board, shown, need.worth[shown])

    def _menu(
        self, board: Board, message: Message, stops: tuple[int, ...], need: Need
    ) -> tuple[int, ...]:
        return open_menu(
            board,
            message.person,
            self.rules.menu_size,
            self.rules,
            price=message.price if self.options.priced_list else 0.0,
            without=stops,
            need=need,
        )

    def _replan(self, play: Play, person: int) -> None:
        board = self.board(play)
        drafts = plan_wave(
            board, self.rules, self.planner, only=np.array([person]), prices=self.prices
        )
        self._send(play, drafts, board)

    def arrived(self, play: Play, home: int) -> None:
        """The next round sees it."""

    def reopened(self, play: Play, home: int) -> None:
        """Asked for again at once."""
        if not self.wave_due:
            self.wave_due = True
            play.at(play.now_s, self._extra_wave, play)

    def freed(self, play: Play, person: int) -> None:
        """The person's place is planned again at once."""
        if not play.is_quiet and person not in self.live:
            self._replan(play, person)
