"""How much a round of the ladder counts each home, and how many visits it gives each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from matching.ladder.board import Board, FloatArray, Homes, LiveOffers, Pairs
from matching.ladder.timing import usable_s
from matching.ladder.waves import can_be_asked
from matching.models import HelpRequest, Volunteer
from matching.offers.board import area_shares
from matching.offers.fitting_time import last_moment
from matching.offers.wave_state import WaveState, quiet_spans
from matching.rounds.inputs import RoundInputs

LEAST_WEIGHT_SHARE = 0.001


def weigh_requests(state: WaveState, requests: tuple[HelpRequest, ...]) -> dict[UUID, float]:
    """nobody_r, with the extra for areas that are served less than others."""
    nobody = state.nobody()
    areas = sorted(state.area_need)
    shares = area_shares(tuple(areas), state)
    mean = float(shares.mean()) if len(shares) else 0.0
    extra = {
        name: 1.0 + state.ladder.area_share * max(0.0, mean - float(share)) / mean
        for name, share in zip(areas, shares, strict=True)
        if mean > 0
    }
    return {
        row.id: max(
            LEAST_WEIGHT_SHARE,
            nobody.get(row.id, 1.0) * extra.get(row.household.area or "", 1.0),
        )
        for row in requests
    }


def give_places(state: WaveState, inputs: RoundInputs, held: Counter[UUID]) -> dict[UUID, int]:
    """How many visits the round may give each volunteer besides those agreed."""
    people = state.people(inputs.volunteers, held)
    ready = find_ready(state, inputs.volunteers, held, inputs.requests)
    room = np.where(ready, np.minimum(people.places, state.ladder.max_stops), 0)
    return {row.id: int(count) for row, count in zip(inputs.volunteers, room, strict=True)}


def find_resting(state: WaveState, inputs: RoundInputs, held: Counter[UUID]) -> frozenset[UUID]:
    """Who has a place, and no ask to answer, and still may not be written to now."""
    people = state.people(inputs.volunteers, held)
    ready = find_ready(state, inputs.volunteers, held)
    return frozenset(
        row.id
        for row, places, may in zip(inputs.volunteers, people.places.tolist(), ready, strict=True)
        if places and not may and row.id not in state.waiting
    )


def find_ready(
    state: WaveState,
    volunteers: Sequence[Volunteer],
    held: Counter[UUID],
    waiting: Sequence[HelpRequest] = (),
) -> list[bool]:
    """Who may get an ask now.

    Without the homes that wait nobody rests longer than the least: too many rather than too few.
    """
    people = state.people(volunteers, held)
    nothing, none = np.zeros(0), np.zeros(0, np.int64)
    flags = np.zeros(0, np.bool_)
    n = len(waiting)
    deadline_s = np.array([last_moment(row).timestamp() for row in waiting], np.float64)
    end_at = max((last_moment(row) for row in waiting), default=state.now)
    homes = Homes(
        weight=np.ones(n),
        urgent=np.zeros(n, np.bool_),
        area=np.full(n, -1, np.int64),
        seats=np.ones(n, np.int64),
        deadline_s=deadline_s,
    )
    board = Board(
        moment_s=state.now.timestamp(),
        homes=homes,
        people=people,
        pairs=Pairs(
            np.zeros(len(people) + 1, np.int64), none, nothing, nothing, flags, flags, flags
        ),
        live=LiveOffers.none(),
        quiet_s=quiet_spans(state.zone, state.now, end_at),
        area_served_share=nothing,
    )
    return [bool(one) for one in can_be_asked(board, state.ladder)]


def find_usable_s(state: WaveState, waiting: Sequence[HelpRequest], quiet_s: FloatArray) -> float:
    """Seconds in which asking is of use: the median over the homes that wait."""
    deadline_s = np.array([last_moment(row).timestamp() for row in waiting])
    usable = usable_s(state.now.timestamp(), deadline_s, quiet_s, state.ladder)
    return float(np.median(usable))
