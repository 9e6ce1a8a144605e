"""Who is asked next when a home comes back: from memory, in microseconds."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from matching.ladder.answers import pair_chances
from matching.ladder.board import Board, BoolArray, FloatArray, IntArray
from matching.ladder.menus import METRES_PER_KM
from matching.ladder.rules import LadderRules
from matching.ladder.waves import can_be_asked

NOBODY = -1


@numba.njit(cache=True, nogil=True)
def best_entry(ptr, entry, person, ready, usable, surplus, chance, home):  # type: ignore[no-untyped-def]
    """The pair of a home worth most to ask about, or -1; ties go to the lower pair."""
    best, found = 0.0, np.int64(NOBODY)
    for at in range(ptr[home], ptr[home + 1]):
        e = entry[at]
        if usable[e] and ready[person[e]]:
            worth = chance[e] * surplus[e]
            if worth > best:
                best, found = worth, e
    return found


@dataclass(eq=False)
class Bench:
    """The people who could step in for each home, kept between two rounds.

    Build it with `sit_down` when a round ends, mark what changes, and ask it with `next_person`.
    """

    ptr: IntArray
    entry: IntArray
    person: IntArray
    first: IntArray
    home: IntArray
    ready: BoolArray
    usable: BoolArray
    surplus: FloatArray
    chance: FloatArray

    def next_person(self, home: int) -> int | None:
        """Whom to ask about a home that has come back, or None."""
        entry = best_entry(
            self.ptr,
            self.entry,
            self.person,
            self.ready,
            self.usable,
            self.surplus,
            self.chance,
            home,
        )
        return None if entry == NOBODY else int(self.person[entry])

    def set_ready(self, person: int, *, ready: bool) -> None:
        """Somebody was asked (False), or can be asked again (True)."""
        self.ready[person] = ready

    def strike(self, person: int, home: int) -> None:
        """A pair that will not come about."""
        first, last = int(self.first[person]), int(self.first[person + 1])
        self.usable[first:last][self.home[first:last] == home] = False


def sit_down(board: Board, rules: LadderRules) -> Bench:
    """The bench of a board: everybody who may be asked now, by home.

    Worth is that of a home for which nobody else was asked.
    """
    pairs = board.pairs
    order = np.argsort(pairs.home, kind="stable").astype(np.int64)
    ptr = np.searchsorted(pairs.home[order], np.arange(len(board.homes) + 1)).astype(np.int64)
    travel = rules.cost_per_km * pairs.travel_m / METRES_PER_KM
    return Bench(
        ptr=ptr,
        entry=order,
        person=pairs.person(),
        first=pairs.ptr,
        home=pairs.home,
        ready=can_be_asked(board, rules),
        usable=pairs.feasible & ~pairs.struck,
        surplus=rules.value_per_weight * board.homes.weight[pairs.home] - travel,
        chance=pair_chances(board, rules),
    )
