"""The ladder's board, made from a round's problem: the same people, homes and ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np

from geo.blurred_travel import BlurredTravel, TimeBucket, time_bucket
from geo.city import CityPack
from geo.privacy import PrivacyCells
from geo.travel import TravelMode, TravelModel
from matching.engine.suitability import judge_volunteers
from matching.engine.travel import FloatArray, IntArray
from matching.ladder.answers import pair_chances
from matching.ladder.board import Board, Homes, LiveOffers, Pairs
from matching.ladder.menus import weigh_homes
from matching.models import Volunteer
from matching.offers.fitting_time import free_time, last_moment
from matching.offers.wave_state import WaveState, quiet_spans
from matching.rounds.problem import MODES, RoundProblem
from matching.states import OPEN_REQUESTS
from people.models import Household

MOST_IN_REACH = 80
"""Homes that are kept for a volunteer's list: urgent ones first, then those worth most."""

BucketFinder = Callable[[Volunteer, Household, Household], TimeBucket]
"""Volunteer, where they start, where they go."""


@dataclass(frozen=True, eq=False)
class WaveBoard:
    """A board and the rows behind its numbers.

    Parameters
    ----------
    board
        Homes and people in the order of the round's problem.
    travel_s
        (k,) int64, one way, for each pair of the board.
    bucket
        The way between two homes as strangers may know it.
    """

    board: Board
    made: RoundProblem
    state: WaveState
    travel_s: IntArray
    bucket: BucketFinder

    def pair(self, person: int, home: int) -> int:
        """Number of the pair of a person and a home that stand on the board together."""
        pairs = self.board.pairs
        first, last = int(pairs.ptr[person]), int(pairs.ptr[person + 1])
        return first + int(np.searchsorted(pairs.home[first:last], home))

    def describe_way(self, person: int, home: int) -> TimeBucket:
        """The way of a person to a home, as strangers may know it."""
        made = self.made
        start, end = made.anchors[person], made.requests[home].household
        return self.bucket(made.volunteers[person], start, end)


def build_board(made: RoundProblem, state: WaveState, bucket: BucketFinder) -> WaveBoard:
    """Make the board of one wave."""
    homes = _make_homes(made, state)
    held = {key: len(spans) for key, spans in made.inputs.agreed.items()}
    request_at = {row.id: j for j, row in enumerate(made.requests)}
    live = [stop for stop in state.live if stop.request_id in request_at]
    volunteer_at = {row.id: i for i, row in enumerate(made.volunteers)}
    pairs, travel_s = _make_pairs(made, state)
    end_at = max((last_moment(row) for row in made.requests), default=state.now)
    board = Board(
        moment_s=state.now.timestamp(),
        homes=homes,
        people=state.people(made.volunteers, held),
        pairs=pairs,
        live=LiveOffers(
            person=np.array([volunteer_at.get(stop.volunteer_id, -1) for stop in live], np.int64),
            home=np.array([request_at[stop.request_id] for stop in live], np.int64),
            chance=np.array([stop.accept_p for stop in live], np.float64),
            sent_s=np.array([stop.sent_at.timestamp() for stop in live], np.float64),
        ),
        quiet_s=quiet_spans(state.zone, state.now - timedelta(days=3), end_at),
        area_served_share=area_shares(made.problem.area_names, state),
        urgent_mode=state.urgent_mode,
        person_until_s=_find_ends(made.volunteers, state),
    )
    return WaveBoard(board, made, state, travel_s, bucket)


def _find_ends(volunteers: Sequence[Volunteer], state: WaveState) -> FloatArray:
    """(m,) float64: when the hours of each volunteer end."""
    ends = [
        max((end for _, end in free_time(row, (), state.zone, state.now)), default=state.now)
        for row in volunteers
    ]
    return np.array([end.timestamp() for end in ends], np.float64)


def area_shares(names: tuple[str, ...], state: WaveState) -> FloatArray:
    """(a,) float64: the share of each area's need that is served; areas without need are even."""
    known = {name: served / total for name, (served, total) in state.area_need.items() if total}
    if not known:
        return np.zeros(0)
    usual = sum(known.values()) / len(known)
    return np.array([known.get(name, usual) for name in names], np.float64)


def _make_homes(made: RoundProblem, state: WaveState) -> Homes:
    rows = made.requests
    seats = [
        row.crew_size - row.seats_taken
        if row.status in OPEN_REQUESTS and state.may_offer(row)
        else 0
        for row in rows
    ]
    return Homes(
        weight=np.array([row.weight for row in rows], np.float64),
        urgent=np.array([state.is_urgent(row) for row in rows], bool),
        area=np.asarray(made.problem.requests.area, np.int64),
        seats=np.array(seats, np.int64),
        deadline_s=np.array([last_moment(row).timestamp() for row in rows], np.float64),
    )


def _make_pairs(made: RoundProblem, state: WaveState) -> tuple[Pairs, IntArray]:
    problem, volunteers = made.problem, made.volunteers
    limit_s = np.array([row.max_travel_s for row in volunteers], np.float64)
    limit_m = np.array(
        [np.inf if row.radius_m is None else row.radius_m for row in volunteers], np.float64
    )
    found: list[tuple[IntArray, int, IntArray, IntArray]] = []
    for j in range(len(made.requests)):
        fits = judge_volunteers(problem, j)
        # Who has an ask already has no place in the round; the list shows them what is open.
        able = fits.allowed & fits.skilled & fits.speaking & fits.in_reach & fits.timely
        able &= (fits.out_s <= limit_s) & (fits.out_m <= limit_m)
        people = np.flatnonzero(able)
        found.append((people, j, fits.out_s[people], fits.out_m[people]))
    person = _joined([people for people, _, _, _ in found])
    home = np.repeat(
        np.arange(len(found), dtype=np.int64), [len(people) for people, _, _, _ in found]
    )
    travel_s = _joined([out_s for _, _, out_s, _ in found])
    travel_m = _joined([out_m for _, _, _, out_m in found])
    order = np.lexsort((home, person))
    person, home = person[order], home[order]
    travel_s, travel_m = travel_s[order], travel_m[order]
    share = np.maximum(travel_s / np.maximum(limit_s, 1.0)[person], travel_m / limit_m[person])
    numbers = list(zip(person.tolist(), home.tolist(), strict=True))
    ids = [(volunteers[v].id, made.requests[r].id) for v, r in numbers]
    season = {(int(i), int(j)) for i, j in problem.preferred}
    pairs = Pairs(
        ptr=np.searchsorted(person, np.arange(len(volunteers) + 1)).astype(np.int64),
        home=home,
        travel_m=travel_m.astype(np.float64),
        reach=np.clip(share, 0.0, 1.0),
        feasible=np.ones(len(home), bool),
        struck=np.array([pair in state.struck for pair in ids], np.bool_),
        season=np.array([pair in season for pair in numbers], np.bool_),
    )
    return pairs, travel_s


def _joined(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def describe_reach(made: WaveBoard) -> dict[UUID, dict[str, list[float | str]]]:
    """What `VolunteerReach` keeps, by volunteer: the homes of the board within reach."""
    board, rules = made.board, made.state.ladder
    chance, need = pair_chances(board, rules), weigh_homes(board, rules)
    reach: dict[UUID, dict[str, list[float | str]]] = {}
    for v, volunteer in enumerate(made.made.volunteers):
        first, last = int(board.pairs.ptr[v]), int(board.pairs.ptr[v + 1])
        home = board.pairs.home[first:last]
        value = chance[first:last] * need.worth[home]
        best = np.lexsort((home, -value, ~board.homes.urgent[home]))[:MOST_IN_REACH]
        reach[volunteer.id] = {
            made.made.requests[home[at]].id.hex: [
                int(made.travel_s[first + at]),
                int(board.pairs.travel_m[first + at]),
                made.describe_way(v, int(home[at])).value,
                round(float(chance[first + at]), 4),
                round(float(value[at]), 1),
            ]
            for at in best.tolist()
        }
    return reach


def find_buckets(
    pack: CityPack, anonymity_k: int, find_travel: Callable[[TravelMode], TravelModel]
) -> BucketFinder:
    """How long the way is from cell to cell, as far as strangers may know it."""
    cells = _find_cells(pack, anonymity_k)
    models: dict[TravelMode, BlurredTravel] = {}
    known: dict[tuple[TravelMode, int, int], TimeBucket] = {}

    def bucket(volunteer: Volunteer, from_place: Household, to_place: Household) -> TimeBucket:
        mode = MODES[[one.value for one in MODES].index(volunteer.mode.value)]
        start, end = from_place.cell, to_place.cell
        if start is None or end is None:
            # A place without a shown cell tells no more than the volunteer's own limit.
            return time_bucket(volunteer.max_travel_s)
        key = (mode, start, end)
        if key not in known:
            if mode not in models:
                models[mode] = BlurredTravel(cells, find_travel(mode))
            known[key] = models[mode].buckets(start, end).time
        return known[key]

    return bucket


_CELLS: dict[tuple[str, int], PrivacyCells] = {}
_MOST_CITIES = 8


def _find_cells(pack: CityPack, anonymity_k: int) -> PrivacyCells:
    """The cells of a city, found once in a process: its addresses do not change meanwhile."""
    key = (pack.meta.source_hash, anonymity_k)
    if key not in _CELLS:
        while len(_CELLS) >= _MOST_CITIES:
            _CELLS.pop(next(iter(_CELLS)))
        _CELLS[key] = PrivacyCells.from_pack(pack, k=anonymity_k)
    return _CELLS[key]
