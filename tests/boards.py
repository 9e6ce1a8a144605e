"""Small boards of the offer ladder that read well in a test, and a strategy that makes them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from matching.ladder.board import Board, Homes, LiveOffers, Pairs, People

HOUR = 3600.0
EVENING = 16 * HOUR
NEXT_EVENING = 46 * HOUR
NIGHT = (22 * HOUR, 31 * HOUR)


@dataclass(frozen=True)
class Home:
    """A home, open and of the lowest weight unless said otherwise."""

    weight: float = 1.0
    urgent: bool = False
    area: int = -1
    seats: int = 1
    deadline_s: float = NEXT_EVENING


@dataclass(frozen=True)
class Person:
    """Somebody who may be asked and of whom nothing is known."""

    willingness: float = 0.6
    reply: float = 0.8
    places: int = 2
    n_messages: int = 0
    n_accepted: int = 0
    n_silences: int = 0
    last_message_s: float = -np.inf
    gap_waived: bool = False
    may_ask: bool = True
    live: bool = False


@dataclass(frozen=True)
class Reach:
    """A pair within reach."""

    person: int
    home: int
    travel_m: float = 500.0
    reach: float = 0.5
    feasible: bool = True
    struck: bool = False
    season: bool = False


def make_board(
    homes: Sequence[Home],
    people: Sequence[Person],
    pairs: Sequence[Reach] | None = None,
    *,
    live: Sequence[tuple[int, int, float, float]] = (),
    moment_s: float = EVENING,
    quiet: Sequence[tuple[float, float]] = (NIGHT,),
    area_served_share: Sequence[float] = (),
    expected_homes: float = 0.0,
    urgent_mode: bool = False,
) -> Board:
    """A board; without pairs everybody can reach every home."""
    if pairs is None:
        pairs = [Reach(v, r) for v in range(len(people)) for r in range(len(homes))]
    pairs = sorted(pairs, key=lambda pair: (pair.person, pair.home))
    owner = np.array([pair.person for pair in pairs], np.int64)

    def column(rows: Sequence[object], name: str, kind: type) -> np.ndarray:
        return np.array([getattr(row, name) for row in rows], kind)

    return Board(
        moment_s=moment_s,
        homes=Homes(
            weight=column(homes, "weight", np.float64),
            urgent=column(homes, "urgent", np.bool_),
            area=column(homes, "area", np.int64),
            seats=column(homes, "seats", np.int64),
            deadline_s=column(homes, "deadline_s", np.float64),
        ),
        people=People(
            willingness=column(people, "willingness", np.float64),
            reply=column(people, "reply", np.float64),
            places=column(people, "places", np.int64),
            n_messages=column(people, "n_messages", np.int64),
            n_accepted=column(people, "n_accepted", np.int64),
            n_silences=column(people, "n_silences", np.int64),
            last_message_s=column(people, "last_message_s", np.float64),
            gap_waived=column(people, "gap_waived", np.bool_),
            may_ask=column(people, "may_ask", np.bool_),
            live=column(people, "live", np.bool_),
        ),
        pairs=Pairs(
            ptr=np.searchsorted(owner, np.arange(len(people) + 1)).astype(np.int64),
            home=column(pairs, "home", np.int64),
            travel_m=column(pairs, "travel_m", np.float64),
            reach=column(pairs, "reach", np.float64),
            feasible=column(pairs, "feasible", np.bool_),
            struck=column(pairs, "struck", np.bool_),
            season=column(pairs, "season", np.bool_),
        ),
        live=LiveOffers(
            person=np.array([row[0] for row in live], np.int64),
            home=np.array([row[1] for row in live], np.int64),
            chance=np.array([row[2] for row in live], np.float64),
            sent_s=np.array([row[3] for row in live], np.float64),
        ),
        quiet_s=np.array(quiet, np.float64).reshape(-1, 2),
        area_served_share=np.array(area_served_share, np.float64),
        expected_homes=expected_homes,
        urgent_mode=urgent_mode,
    )


@st.composite
def boards(draw: st.DrawFn) -> Board:
    """Boards of up to six homes and six people in any state."""
    share = st.floats(0.0, 1.0)
    homes = draw(
        st.lists(
            st.builds(
                Home,
                weight=st.sampled_from([1.0, 2.0, 4.0]),
                urgent=st.booleans(),
                area=st.integers(-1, 1),
                seats=st.integers(0, 2),
                deadline_s=st.floats(EVENING - HOUR, NEXT_EVENING),
            ),
            min_size=1,
            max_size=6,
        )
    )
    people = draw(
        st.lists(
            st.builds(
                Person,
                willingness=share,
                reply=st.floats(0.0, 0.9),
                places=st.integers(0, 4),
                n_messages=st.integers(0, 12),
                n_silences=st.integers(0, 8),
                last_message_s=st.sampled_from([-np.inf, EVENING - 100.0, EVENING - 2 * HOUR]),
                gap_waived=st.booleans(),
                may_ask=st.booleans(),
                live=st.booleans(),
            ),
            min_size=1,
            max_size=6,
        )
    )
    pairs = [
        Reach(
            v,
            r,
            travel_m=draw(st.floats(0.0, 2000.0)),
            reach=draw(share),
            feasible=draw(st.booleans()),
            struck=draw(st.sampled_from([False, False, True])),
            season=draw(st.sampled_from([False, False, False, True])),
        )
        for v in range(len(people))
        for r in range(len(homes))
        if draw(st.booleans())
    ]
    live = [
        (v, draw(st.integers(0, len(homes) - 1)), draw(share), EVENING - draw(st.floats(0, 9000)))
        for v, person in enumerate(people)
        if person.live
    ]
    return make_board(
        homes,
        people,
        pairs,
        live=live,
        area_served_share=draw(st.lists(share, min_size=2, max_size=2)),
        expected_homes=draw(st.sampled_from([0.0, 10.0])),
        urgent_mode=draw(st.booleans()),
    )
