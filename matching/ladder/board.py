"""The board: everything that one decision of the ladder knows, as arrays.

Homes are numbered 0 to n - 1 and people 0 to m - 1; the caller keeps the ids. A person is one
volunteer (or team) who can be asked; a home is one request that is open or on offer. All moments
are seconds on one axis of the caller's choice (seconds since 1970 will do).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Homes:
    """The homes that need help, ``n`` of them.

    Parameters
    ----------
    weight
        (n,) float64, how much serving it counts; above 0.
    urgent
        (n,) bool: shown on top of every menu.
    area
        (n,) int64, index into ``Board.area_served_share``; -1 is unknown.
    seats
        (n,) int64, people who are still needed; 0 when the home is taken or gone.
    deadline_s
        (n,) float64, moment at which the work has to be done.
    """

    weight: FloatArray
    urgent: BoolArray
    area: IntArray
    seats: IntArray
    deadline_s: FloatArray

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True, eq=False)
class People:
    """The people who can be asked, ``m`` of them.

    Parameters
    ----------
    willingness
        (m,) float64, q: the chance that this person helps at all in this storm, as believed now.
        Keep it up to date with `matching.ladder.answers`.
    reply
        (m,) float64: chance of an answer of any kind to the next message (`answers.reply_chance`).
    places
        (m,) int64, visits that the person can still take.
    n_messages, n_accepted
        (m,) int64, asks sent to the person in this storm, and homes taken.
    n_silences
        (m,) int64, asks in a row that stayed without an answer; a "no" to everything counts as
        ``LadderRules.silences_per_no``, a yes sets it to 0.
    last_message_s
        (m,) float64, moment of the last ask; -inf without one.
    gap_waived
        (m,) bool: said yes since the last ask, so that a further plan may follow at once.
    may_ask
        (m,) bool: active, consenting, not paused, not "not today", and reachable now.
    live
        (m,) bool: has an ask that has neither an answer nor fallen silent.
    """

    willingness: FloatArray
    reply: FloatArray
    places: IntArray
    n_messages: IntArray
    n_accepted: IntArray
    n_silences: IntArray
    last_message_s: FloatArray
    gap_waived: BoolArray
    may_ask: BoolArray
    live: BoolArray

    def __len__(self) -> int:
        return len(self.willingness)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who could help where, in compressed rows by person; ``k`` pairs.

    Parameters
    ----------
    ptr
        (m + 1,) int64; the pairs of person ``v`` are ``ptr[v]:ptr[v + 1]``.
    home
        (k,) int64.
    travel_m
        (k,) float64, one way.
    reach
        (k,) float64, travel as a share of the person's own limit, 0 to 1.
    feasible
        (k,) bool: fits skills and limits, and can still be done before the deadline.
    struck
        (k,) bool: the person said no to it, or the two must not meet.
    season
        (k,) bool: a season pair; it is asked first.
    """

    ptr: IntArray
    home: IntArray
    travel_m: FloatArray
    reach: FloatArray
    feasible: BoolArray
    struck: BoolArray
    season: BoolArray

    def __len__(self) -> int:
        return len(self.home)

    def person(self) -> IntArray:
        """(k,) int64, the person of each pair."""
        return np.repeat(np.arange(len(self.ptr) - 1, dtype=np.int64), np.diff(self.ptr))


@dataclass(frozen=True, eq=False)
class LiveOffers:
    """Stops of asks that are out and neither answered nor silent; ``l`` of them.

    Parameters
    ----------
    person, home
        (l,) int64.
    chance
        (l,) float64, chance of a yes as believed when it was sent.
    sent_s
        (l,) float64, moment.
    """

    person: IntArray
    home: IntArray
    chance: FloatArray
    sent_s: FloatArray

    @staticmethod
    def none() -> LiveOffers:
        """No live offers."""
        empty = np.zeros(0, np.int64)
        return LiveOffers(empty, empty, np.zeros(0), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Board:
    """Everything that one decision knows.

    Parameters
    ----------
    moment_s
        Now.
    quiet_s
        (h, 2) float64, start and end of the quiet hours that touch the time from now to the last
        deadline, ascending; the caller turns local hours into moments.
    area_served_share
        (a,) float64, share of the need of each area that is served so far (done or accepted).
    expected_homes
        Homes that are expected to ask for help later in this storm, by experience; 0 when unknown.
        They make places worth more, so that low-priority homes wait a little (see
        ``LadderRules.forecast_share``).
    urgent_mode
        True where the manager chose urgent homes over the number of homes.
    person_until_s
        (m,) float64, the last moment at which each person can work; None when it is not known. A
        place is priced down towards it, as a place that is kept longer is lost.
    """

    moment_s: float
    homes: Homes
    people: People
    pairs: Pairs
    live: LiveOffers
    quiet_s: FloatArray
    area_served_share: FloatArray
    expected_homes: float = 0.0
    urgent_mode: bool = False
    person_until_s: FloatArray | None = None

    def __post_init__(self) -> None:
        _check_sizes("homes", self.homes, len(self.homes))
        _check_sizes("people", self.people, len(self.people))
        pairs = self.pairs
        if len(pairs.ptr) != len(self.people) + 1 or pairs.ptr[-1] != len(pairs.home):
            raise ValueError("pairs.ptr must hold one entry more than people and end at the pairs")
        for name in ("travel_m", "reach", "feasible", "struck", "season"):
            if len(getattr(pairs, name)) != len(pairs.home):
                raise ValueError(f"pairs.{name} must be as long as pairs.home")
        if len(pairs.home) and not 0 <= pairs.home.min() <= pairs.home.max() < len(self.homes):
            raise ValueError("pairs.home points outside the homes")
        if self.person_until_s is not None and self.person_until_s.shape != (len(self.people),):
            raise ValueError("person_until_s must hold one moment for each person")
        if self.quiet_s.ndim != 2 or self.quiet_s.shape[1] != 2:
            raise ValueError(f"quiet_s must be of shape (h, 2), not {self.quiet_s.shape}")


@dataclass(frozen=True)
class AskDraft:
    """One message to one person: what it would propose.

    Parameters
    ----------
    person
        Index.
    stops
        Homes of the plan in the order of the visits, at most three; empty for a menu alone.
    menu
        Further open homes, urgent ones on top.
    chance
        Chance of a yes for each stop: log it with the ask.
    price
        The part of the person's price that was asked; hand it to `menus.open_menu` later.
    season
        True where the plan is the person's own season pairs.
    explore
        True where the ask is sent to learn, not for its value.
    """

    person: int
    stops: tuple[int, ...]
    menu: tuple[int, ...]
    chance: tuple[float, ...]
    price: float = 0.0
    season: bool = False
    explore: bool = False


def _check_sizes(kind: str, table: Homes | People, size: int) -> None:
    for name, column in vars(table).items():
        if column.shape != (size,):
            raise ValueError(f"{kind}.{name}: shape {column.shape}, expected ({size},)")
