"""One storm played under one policy: messages, answers, work, and what goes wrong."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numba
import numpy as np

from matching.ladder.board import BoolArray
from matching.simulation.parameters import DAY_S, HOUR_S, START_S
from matching.simulation.world import MESSAGES_DRAWN, World

UNKNOWN, OPEN, TAKEN, DONE, GONE = range(5)
"""What a home can be: not asked for yet, open, agreed, done, cancelled."""

PREPARE_S = 900.0
"""From a yes to the door at the earliest."""

SLEEP_FROM_S, SLEEP_UNTIL_S = 23 * HOUR_S, 6.5 * HOUR_S
QUIET_FROM_S, QUIET_UNTIL_S = 22 * HOUR_S, 7 * HOUR_S
JUDGED_AFTER_S = 3 * HOUR_S
"""A message that stays without an answer so long may have been one too many."""

DAYS = 3


@dataclass(eq=False)
class Message:
    """One message to one person."""

    person: int
    number: int
    sent_s: float
    homes: tuple[int, ...]
    burst: bool
    price: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What a person did with a message.

    ``refused`` are open homes that were seen and not taken; ``filled`` says that nothing was open.
    """

    taken: tuple[int, ...]
    refused: tuple[int, ...]
    filled: bool


class Policy(Protocol):
    """Who is told what, and when."""

    name: str

    def start(self, play: Play) -> None:
        """At 16:00, before anything else."""
        ...

    def answer(self, play: Play, message: Message) -> Answer:
        """A person opens a message; the policy shows homes and calls `Play.take`."""
        ...

    def arrived(self, play: Play, home: int) -> None:
        """A resident asks for help."""
        ...

    def reopened(self, play: Play, home: int) -> None:
        """A home is open again."""
        ...

    def freed(self, play: Play, person: int) -> None:
        """A resident cancelled: the person who had agreed has a place again."""
        ...


@dataclass(eq=False)
class Play:
    """The state of one storm under one policy, and the events to come."""

    world: World
    policy: Policy
    mass: bool = False
    check_in_s: float | None = None
    inactive: BoolArray | None = None
    now_s: float = START_S
    events: list[tuple[float, int, Callable[..., object], tuple[object, ...]]] = field(
        default_factory=list
    )
    order: int = 0

    def __post_init__(self) -> None:
        world = self.world
        n, m = world.n_homes, world.n_people
        self.status = np.zeros(n, np.int8)
        self.taker = np.full(n, -1, np.int64)
        self.accept_s = np.full(n, np.nan)
        self.done_s = np.full(n, np.nan)
        self.walked_m = np.zeros(n)
        self.visit = np.zeros(n, np.int64)
        self.places = world.crowd.places.copy()
        self.n_done = np.zeros(m, np.int64)
        self.n_messages = np.zeros(m, np.int64)
        self.n_recent = np.zeros(m, np.int64)
        self.sent_s: list[list[float]] = [[] for _ in range(m)]
        self.last_message_s = np.full(m, -np.inf)
        self.burst_from_s = np.full(m, -np.inf)
        self.fell_through = np.zeros(len(world.pair_home), bool)
        self.last_yes_s = np.full(m, -np.inf)
        self.out = np.zeros(m, bool) if self.inactive is None else self.inactive.copy()
        self.stopped = np.zeros(m, bool)
        self.free_s = np.zeros(m)
        self.at_xy = world.crowd.xy_m.copy()

    # -- time ---------------------------------------------------------------------------------

    def at(self, when_s: float, act: Callable[..., object], *args: object) -> None:
        """Let something happen later; events of one moment keep their order."""
        self.order += 1
        heapq.heappush(self.events, (when_s, self.order, act, args))

    def run(self) -> None:
        """Play until the deadline."""
        world = self.world
        for home in range(world.n_homes):
            if world.cancels_s[home] <= START_S:
                self.status[home] = GONE
            elif world.arrives_s[home] <= START_S:
                self.status[home] = OPEN
            else:
                self.at(float(world.arrives_s[home]), self._arrive, home)
            if START_S < world.cancels_s[home] < world.deadline_s:
                self.at(float(world.cancels_s[home]), self._cancel, home)
        self.policy.start(self)
        while self.events and self.events[0][0] <= world.deadline_s:
            self.now_s, _, act, args = heapq.heappop(self.events)
            act(*args)

    @property
    def is_quiet(self) -> bool:
        """Whether no message may go out now."""
        hour = self.now_s % DAY_S
        return hour >= QUIET_FROM_S or hour < QUIET_UNTIL_S

    # -- messages -----------------------------------------------------------------------------

    def send(self, person: int, homes: Sequence[int] = (), *, price: float = 0.0) -> Message | None:
        """Send one message; None where the person has left."""
        if self.out[person]:
            return None
        world, behaviour = self.world, self.world.behaviour
        number = min(int(self.n_messages[person]), MESSAGES_DRAWN - 1)
        burst = self.now_s - self.burst_from_s[person] < behaviour.burst_s
        if not burst or behaviour.burst_rolls:
            self.burst_from_s[person] = self.now_s
        message = Message(person, number, self.now_s, tuple(homes), bool(burst), price)
        chance = behaviour.reply_share * (behaviour.mass_factor if self.mass else 1.0)
        chance *= behaviour.reply_fatigue ** int(self.n_recent[person])
        delay_s = float(world.delay_s[person, number])
        if not behaviour.friction:
            chance, delay_s = 1.0, 0.0
        replies = world.reply_luck[person, number] < chance and not world.ghost[person]
        self.n_messages[person] += 1
        self.sent_s[person].append(self.now_s)
        self.last_message_s[person] = self.now_s
        if not burst:
            self.n_recent[person] += 1
            self.at(self.now_s + behaviour.fatigue_memory_s, self._forget, person)
        if replies:
            self.at(self._awake_after(delay_s), self._reply, message)
        else:
            self.at(self._awake_after(JUDGED_AFTER_S), self._judge, message, False)
        return message

    def n_recent_all(self, person: int) -> int:
        """Messages of the last 14 hours, each of a burst as well."""
        since_s = self.now_s - self.world.behaviour.fatigue_memory_s
        sent_s = self.sent_s[person]
        return len(sent_s) - bisect.bisect_left(sent_s, since_s)

    def _awake_after(self, delay_s: float) -> float:
        """The moment after so many waking seconds."""
        at_s, left_s = self.now_s, delay_s
        while True:
            midnight = at_s // DAY_S * DAY_S
            if at_s - midnight < SLEEP_UNTIL_S:
                at_s = midnight + SLEEP_UNTIL_S
            elif at_s - midnight >= SLEEP_FROM_S:
                at_s = midnight + DAY_S + SLEEP_UNTIL_S
            midnight = at_s // DAY_S * DAY_S
            until = midnight + SLEEP_FROM_S
            if at_s + left_s < until:
                return at_s + left_s
            left_s -= until - at_s
            at_s = until

    def _forget(self, person: int) -> None:
        self.n_recent[person] -= 1

    def _reply(self, message: Message) -> None:
        if self.out[message.person]:
            return
        answer = self.policy.answer(self, message)
        if not answer.taken:
            self._judge(message, answer.filled)

    def _judge(self, message: Message, filled: bool) -> None:
        """A message that led to nothing may make a person leave."""
        behaviour, v = self.world.behaviour, message.person
        if self.last_yes_s[v] >= message.sent_s or not behaviour.friction:
            return
        chance = behaviour.mute_chance
        chance *= behaviour.mute_filled_factor if filled else 1.0
        chance *= behaviour.mute_burst_factor if message.burst else 1.0
        if self.world.mute_luck[v, message.number] < chance:
            self.out[v] = True

    # -- yes ----------------------------------------------------------------------------------

    def take(self, person: int, homes: Sequence[int], *, most: int | None = None) -> Answer:
        """A person goes down a list and takes what suits, as far as places and time allow."""
        world = self.world
        taken: list[int] = []
        refused: list[int] = []
        helps = world.on[person]
        limit = int(self.places[person]) if most is None else min(most, int(self.places[person]))
        for home in homes:
            if self.status[home] != OPEN:
                continue
            if len(taken) >= limit:
                break
            pair = world.pair(person, home)
            if not (helps and world.says_yes[pair]) or self.fell_through[pair]:
                refused.append(home)
            elif self.agree(person, home):
                taken.append(home)
        return Answer(tuple(taken), tuple(refused), filled=not taken and not refused)

    def agree(self, person: int, home: int) -> bool:
        """Put a home on a person's day; False where time does not allow it."""
        start_s, travel_m = self._find_start(person, home)
        if start_s < 0:
            return False
        world = self.world
        end_s = start_s + float(world.job_s[home])
        self.status[home] = TAKEN
        self.taker[home] = person
        self.accept_s[home] = self.now_s
        self.places[person] -= 1
        self.last_yes_s[person] = self.now_s
        self.free_s[person] = end_s
        self.at_xy[person] = world.home_xy_m[home]
        self.walked_m[home] = travel_m
        self.visit[home] += 1
        pair, visit = world.pair(person, home), int(self.visit[home])
        share = float(world.withdraws[pair])
        if share == share:
            at_s = self.now_s + share * (start_s - self.now_s)
            self.at(at_s, self._fall_through, home, visit)
        elif world.stays_away[pair]:
            late_s = world.behaviour.check_in_s if self.check_in_s is None else self.check_in_s
            self.at(start_s + late_s, self._fall_through, home, visit)
        else:
            self.at(end_s, self._finish, home, visit)
        return True

    def _find_start(self, person: int, home: int) -> tuple[float, float]:
        world = self.world
        start_s, travel_m = earliest_start(
            self.now_s + PREPARE_S,
            self.free_s[person],
            self.at_xy[person, 0] - world.home_xy_m[home, 0],
            self.at_xy[person, 1] - world.home_xy_m[home, 1],
            world.job_s[home],
            world.crowd.opens_s[person],
            world.crowd.closes_s[person],
            world.behaviour.snow_ends_s,
            world.deadline_s,
            world.behaviour.detour,
            world.behaviour.speed_m_s,
        )
        return float(start_s), float(travel_m)

    def feasible(self) -> BoolArray:
        """(k,) bool: pairs of an open home and a person with a place and time for it.

        Without the pairs that fell through before.
        """
        world, crowd = self.world, self.world.crowd
        found: BoolArray = feasible_pairs(
            world.pair_person,
            world.pair_home,
            self.status,
            self.places,
            self.now_s + PREPARE_S,
            self.free_s,
            self.at_xy,
            world.home_xy_m,
            world.job_s,
            crowd.opens_s,
            crowd.closes_s,
            world.behaviour.snow_ends_s,
            world.deadline_s,
            world.behaviour.detour,
            world.behaviour.speed_m_s,
        )
        found &= ~self.fell_through
        return found

    # -- what happens -------------------------------------------------------------------------

    def _arrive(self, home: int) -> None:
        if self.status[home] == UNKNOWN:
            self.status[home] = OPEN
            self.policy.arrived(self, home)

    def _finish(self, home: int, visit: int) -> None:
        if self.status[home] == TAKEN and self.visit[home] == visit:
            self.status[home] = DONE
            self.done_s[home] = self.now_s
            self.n_done[self.taker[home]] += 1

    def _fall_through(self, home: int, visit: int) -> None:
        """The helper stepped back or stayed away: the place is lost, the home is open again.

        It is open to others: nobody is asked again for what they have just given back.
        """
        if self.status[home] == TAKEN and self.visit[home] == visit:
            self.fell_through[self.world.pair(int(self.taker[home]), home)] = True
            self.reopen(home)

    def reopen(self, home: int) -> None:
        """Open a home again."""
        self.status[home] = OPEN
        self.taker[home] = -1
        self.policy.reopened(self, home)

    def _cancel(self, home: int) -> None:
        before = self.status[home]
        if before in (DONE, GONE):
            return
        person = int(self.taker[home])
        self.status[home] = GONE
        if before == TAKEN and person >= 0:
            self.taker[home] = -1
            self.places[person] += 1
            self.policy.freed(self, person)


@numba.njit(cache=True, nogil=True)
def earliest_start(  # type: ignore[no-untyped-def]
    ready_s, free_s, dx, dy, job_s, opens_s, closes_s, snow_ends_s, deadline_s, detour, speed_m_s
):
    """(start, metres walked) of a job after all others; start -1 where it no longer fits."""
    travel_m = detour * np.sqrt(dx * dx + dy * dy)
    ready_s = max(max(ready_s, free_s), snow_ends_s) + travel_m / speed_m_s
    day_s = np.floor(ready_s / DAY_S) * DAY_S
    for day in range(DAYS):
        start_s = max(ready_s, day_s + day * DAY_S + opens_s)
        end_s = start_s + job_s
        if end_s > deadline_s:
            return -1.0, travel_m
        if end_s <= day_s + day * DAY_S + closes_s:
            return start_s, travel_m
    return -1.0, travel_m


@numba.njit(cache=True, nogil=True)
def feasible_pairs(  # type: ignore[no-untyped-def]
    person, home, status, places, ready_s, free_s, at_xy, home_xy, job_s, opens_s, closes_s,
    snow_ends_s, deadline_s, detour, speed_m_s,
):  # fmt: skip
    """`Play.feasible`, compiled."""
    found = np.zeros(len(person), np.bool_)
    for e in range(len(person)):
        v, r = person[e], home[e]
        if status[r] != OPEN or places[v] <= 0:
            continue
        start_s, _ = earliest_start(
            ready_s, free_s[v], at_xy[v, 0] - home_xy[r, 0], at_xy[v, 1] - home_xy[r, 1],
            job_s[r], opens_s[v], closes_s[v], snow_ends_s, deadline_s, detour, speed_m_s,
        )  # fmt: skip
        found[e] = start_s >= 0.0
    return found
