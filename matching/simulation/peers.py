"""The other ways to find helpers, each with the best settings that we know.

All of them know what the ladder knows about skills, reach, free places and hours, so that nobody is
asked for what cannot be done, and all but the season pairs open a home again when it falls through.
"""

from __future__ import annotations

import numpy as np

from matching.ladder.board import BoolArray, FloatArray, IntArray
from matching.simulation.parameters import DAY_S, HOUR_S
from matching.simulation.play import OPEN, QUIET_UNTIL_S, TAKEN, Answer, Message, Play

LIST_CARDS = 10
"""Homes that a person reads of a list."""

EVERY_DAY_UNTIL_S = 21 * HOUR_S


def mine(play: Play, person: int) -> tuple[IntArray, FloatArray]:
    """Homes that a person could take now, nearest first, and their distances."""
    world = play.world
    first, last = int(world.ptr[person]), int(world.ptr[person + 1])
    entries = first + np.flatnonzero(play.feasible()[first:last])
    order = np.argsort(world.travel_m[entries], kind="stable")
    return world.pair_home[entries[order]], world.travel_m[entries[order]]


class _Quiet:
    """A policy that does nothing on its own."""

    name = "none"

    def start(self, play: Play) -> None:
        """Nothing at the start."""

    def answer(self, play: Play, message: Message) -> Answer:
        """Takes what the message names, as far as it is open."""
        return play.take(message.person, message.homes)

    def arrived(self, play: Play, home: int) -> None:
        """Nothing."""

    def reopened(self, play: Play, home: int) -> None:
        """Nothing."""

    def freed(self, play: Play, person: int) -> None:
        """Nothing."""


class Digest(_Quiet):
    """A personal digest from 7 to 21 each ``every_s``, with a link to a live list.

    Sent to whoever has a place left and something in reach; the list holds ten open homes, nearest
    first, or urgent ones first and then by weight and distance.
    """

    def __init__(
        self,
        *,
        urgent_first: bool,
        button: bool = False,
        every_s: float = 2 * HOUR_S,
    ):
        self.urgent_first = urgent_first
        self.button = button
        self.every_s = every_s
        self.name = "digest, urgent first" if urgent_first else "digest"
        if button:
            self.name += ", with not-today"

    def start(self, play: Play) -> None:
        """The first digest goes out at 16:00."""
        self._tick(play)

    def _tick(self, play: Play) -> None:
        if not play.is_quiet:
            feasible = play.feasible()
            for v in np.unique(play.world.pair_person[feasible]):
                if not play.stopped[v]:
                    play.send(int(v))
        next_s = play.now_s + self.every_s
        if next_s % DAY_S > EVERY_DAY_UNTIL_S or next_s % DAY_S < QUIET_UNTIL_S:
            next_s = (play.now_s // DAY_S + 1) * DAY_S + QUIET_UNTIL_S
        play.at(next_s, self._tick, play)

    def answer(self, play: Play, message: Message) -> Answer:
        """The live list, ten cards."""
        homes, distance_m = mine(play, message.person)
        if self.urgent_first:
            homes = homes[np.lexsort((distance_m, -play.world.weight[homes]))]
        world, v = play.world, message.person
        answer = play.take(v, homes[:LIST_CARDS].tolist())
        if self.button and not answer.taken and not world.on[v]:
            play.stopped[v] = bool(world.button[v] < world.behaviour.button_share)
        return answer


class ClaimBoard(_Quiet):
    """A claim board, announced twice; whoever looks sees the ten nearest open homes."""

    name = "claim board"

    def start(self, play: Play) -> None:
        """Announcements at 16:00 and at 7:00, and the looks of those who look."""
        self._announce(play)
        play.at(DAY_S + QUIET_UNTIL_S, self._announce, play)
        for v, looks in enumerate(play.world.look_s):
            for when_s in looks if not play.world.ghost[v] else ():
                play.at(float(when_s), self._look, play, v)
        self.over = play.world.over_claims.copy()

    def _announce(self, play: Play) -> None:
        for v in range(play.world.n_people):
            play.send(v)

    def answer(self, play: Play, message: Message) -> Answer:
        """An announcement that is read leads to a look, by those who look at boards at all."""
        if len(play.world.look_s[message.person]):
            return self._look(play, message.person)
        return Answer((), (), filled=False)

    def _look(self, play: Play, person: int) -> Answer:
        homes, _ = mine(play, person)
        cards = homes[:LIST_CARDS].tolist()
        answer = play.take(person, cards)
        if answer.taken and self.over[person]:
            self.over[person] = False
            self._over_claim(play, [home for home in cards if home not in answer.taken])
        return answer

    def _over_claim(self, play: Play, cards: list[int]) -> None:
        """One claim too many: nobody works on it until it is opened again."""
        still = [home for home in cards if play.status[home] == OPEN]
        if still:
            home = still[0]
            play.status[home] = TAKEN
            play.visit[home] += 1
            play.at(
                play.now_s + play.world.behaviour.board_lock_s,
                self._unlock,
                play,
                home,
                int(play.visit[home]),
            )

    def _unlock(self, play: Play, home: int, visit: int) -> None:
        if play.status[home] == TAKEN and play.visit[home] == visit:
            play.reopen(home)


class NearestFirst(_Quiet):
    """Each home asks the nearest volunteer who is free, then the next after a while.

    A volunteer has one question at a time, urgent homes ask first, and a late yes counts.
    """

    name = "nearest first"

    def __init__(self, *, patience_s: float) -> None:
        self.patience_s = patience_s

    def start(self, play: Play) -> None:
        """All open homes ask; those who wait try again every five minutes."""
        self.asked: list[set[int]] = [set() for _ in range(play.world.n_homes)]
        self.busy = np.zeros(play.world.n_people, bool)
        self.waiting = np.zeros(play.world.n_homes, bool)
        order = np.argsort(play.world.pair_home, kind="stable")
        starts = np.searchsorted(play.world.pair_home[order], np.arange(play.world.n_homes + 1))
        self.pairs_of = [
            entries[np.argsort(play.world.travel_m[entries], kind="stable")]
            for entries in np.split(order, starts[1:-1])
        ]
        self._sweep(play)

    def _sweep(self, play: Play) -> None:
        if not play.is_quiet:
            feasible = play.feasible()
            for home in np.argsort(-play.world.weight, kind="stable"):
                if play.status[home] == OPEN and not self.waiting[home]:
                    self._ask(play, int(home), feasible)
        play.at(play.now_s + 300.0, self._sweep, play)

    def _ask(self, play: Play, home: int, feasible: BoolArray) -> None:
        for entry in self.pairs_of[home]:
            v = int(play.world.pair_person[entry])
            if not feasible[entry] or self.busy[v] or play.out[v] or v in self.asked[home]:
                continue
            self.asked[home].add(v)
            self.busy[v] = self.waiting[home] = True
            play.send(v, (home,))
            play.at(play.now_s + self.patience_s, self._give_up, home, v)
            return

    def _give_up(self, home: int, person: int) -> None:
        self.busy[person] = False
        self.waiting[home] = False

    def answer(self, play: Play, message: Message) -> Answer:
        """Yes or no to the one home; it frees both for the next question."""
        answer = play.take(message.person, message.homes)
        if play.now_s - message.sent_s < self.patience_s:
            self._give_up(message.homes[0], message.person)
        return answer


class Everyone(_Quiet):
    """Every volunteer in reach hears of every home at once; the first yes counts.

    Somebody who opens one message goes through all that are still open among those received.
    """

    name = "notify everyone"

    def start(self, play: Play) -> None:
        """All open homes."""
        self.told: list[dict[int, None]] = [{} for _ in range(play.world.n_people)]
        self.pending: dict[int, None] = {}
        for home in np.flatnonzero(play.status == OPEN):
            self.pending[int(home)] = None
        self._flush(play)

    def _flush(self, play: Play) -> None:
        """Tell everybody of what waits; in quiet hours it waits for the morning."""
        if play.is_quiet:
            day_s = play.now_s // DAY_S * DAY_S
            morning = day_s + QUIET_UNTIL_S
            play.at(morning if play.now_s < morning else morning + DAY_S, self._flush, play)
            return
        feasible = play.feasible()
        world = play.world
        for entry in np.flatnonzero(feasible):
            home, v = int(world.pair_home[entry]), int(world.pair_person[entry])
            if home in self.pending:
                self.told[v][home] = None
                play.send(v, (home,))
        self.pending.clear()

    def _tell(self, play: Play, home: int) -> None:
        self.pending[home] = None
        if not play.is_quiet or len(self.pending) == 1:
            play.at(play.now_s, self._flush, play)

    def arrived(self, play: Play, home: int) -> None:
        """Told at once."""
        self._tell(play, home)

    def reopened(self, play: Play, home: int) -> None:
        """Told again."""
        self._tell(play, home)

    def answer(self, play: Play, message: Message) -> Answer:
        """The home of the message, then the others received."""
        others = [home for home in self.told[message.person] if home not in message.homes]
        return play.take(message.person, (*message.homes, *others))


class Waves(_Quiet):
    """Waves as covidliste sent them: 20 live offers for each open place, every ten minutes.

    An offer lives 45 minutes; the least contacted go first, then the nearer by bucket of 250 m; at
    most ten messages in 14 hours.
    """

    name = "waves of twenty"
    life_s = 45 * 60.0
    every_s = 600.0
    keep_live = 20
    most_recent = 10
    bucket_m = 250.0

    def start(self, play: Play) -> None:
        """The first wave."""
        self.asked = np.zeros(len(play.world.pair_home), bool)
        self.live_until: list[list[float]] = [[] for _ in range(play.world.n_homes)]
        self._tick(play)

    def _tick(self, play: Play) -> None:
        if not play.is_quiet:
            self._wave(play)
        play.at(play.now_s + self.every_s, self._tick, play)

    def _wave(self, play: Play) -> None:
        world = play.world
        fits = play.feasible() & ~self.asked
        order = np.flatnonzero(fits)
        bucket = world.travel_m[order] // self.bucket_m
        order = order[np.lexsort((bucket, play.n_messages[world.pair_person[order]]))]
        lack = np.zeros(world.n_homes, np.int64)
        for home in np.flatnonzero(play.status == OPEN).tolist():
            live = [end for end in self.live_until[home] if end > play.now_s]
            self.live_until[home] = live
            lack[home] = self.keep_live - len(live)
        for entry in order:
            v, home = int(world.pair_person[entry]), int(world.pair_home[entry])
            if lack[home] > 0 and play.n_recent_all(v) < self.most_recent and not play.out[v]:
                lack[home] -= 1
                self.asked[entry] = True
                self.live_until[home].append(play.now_s + self.life_s)
                play.send(v, (home,))

    def answer(self, play: Play, message: Message) -> Answer:
        """An offer that has run out, or is filled, is just that."""
        if play.now_s - message.sent_s > self.life_s:
            return Answer((), (), filled=True)
        return play.take(message.person, message.homes)


class SeasonPairs(_Quiet):
    """Pairs made in autumn: each volunteer is asked for the own homes, nobody steps in."""

    name = "season pairs"

    def start(self, play: Play) -> None:
        """One message to each volunteer for the homes known now."""
        self.told: set[int] = set()
        for v in range(play.world.n_people):
            self._ask(play, v)

    def _ask(self, play: Play, person: int) -> None:
        world = play.world
        first, last = int(world.ptr[person]), int(world.ptr[person + 1])
        fits = world.season_pair[first:last] & play.feasible()[first:last]
        homes = [int(home) for home in world.pair_home[first:last][fits] if home not in self.told]
        if homes:
            self.told.update(homes)
            play.send(person, homes)

    def arrived(self, play: Play, home: int) -> None:
        """The own volunteer is asked, in the morning if it is late."""
        if play.is_quiet:
            morning = play.now_s // DAY_S * DAY_S + QUIET_UNTIL_S
            play.at(morning if play.now_s < morning else morning + DAY_S, self.arrived, play, home)
            return
        world = play.world
        found = world.pair_person[(world.pair_home == home) & world.season_pair]
        for v in found.tolist():
            self._ask(play, v)
