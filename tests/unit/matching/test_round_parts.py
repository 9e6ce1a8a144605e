"""The parts of a round that need no database."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geo.travel import SparseMatrix, TravelMode
from matching.engine.check import check
from matching.engine.travel import UNREACHABLE
from matching.nearest_first import plan_nearest_first
from matching.round_inputs import DEFAULT_HORIZON, choose_horizon
from matching.round_outcome import compare_visits, read_visits
from matching.round_problem import shorten_ids
from matching.round_reasons import Code, Funnel, describe_reason
from matching.round_travel import build_travel
from matching.round_words import change_sentences, name_some, percent, quality_sentence
from tests.problems import HOUR, Ask, Help, Pairs, build_problem

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2027, 1, 22, 17, tzinfo=UTC)


def asking(*windows: tuple[datetime, datetime]) -> Any:
    rows = [SimpleNamespace(opens_at=opens, closes_at=closes) for opens, closes in windows]
    return SimpleNamespace(windows=rows)


def test_a_round_begins_with_the_first_window_that_is_still_open() -> None:
    evening = datetime(2027, 1, 24, 21, tzinfo=UTC)
    over = (NOON - timedelta(hours=3), NOON - timedelta(hours=1))
    horizon = choose_horizon(
        [asking(over), asking((evening, evening + timedelta(hours=3)))], ZONE, now=NOON
    )
    assert horizon.start_at == evening
    assert horizon.end_at == evening + DEFAULT_HORIZON
    assert horizon.zero_at == datetime(2027, 1, 24, 5, tzinfo=UTC)
    assert horizon.moment(horizon.seconds(evening)) == evening


def test_a_round_never_begins_in_the_past() -> None:
    window = (NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    assert choose_horizon([asking(window)], ZONE, now=NOON).start_at == NOON
    early = choose_horizon([], ZONE, now=NOON, start_at=NOON - timedelta(days=1))
    assert early.start_at == NOON


def test_what_changed_between_two_plans() -> None:
    one, two = frozenset({"V-1"}), frozenset({"V-2"})
    before = {"a": one, "b": one, "c": one, "gone": one}
    after = {"a": one, "b": two, "d": one}
    changes = compare_visits(before, after, asking={"a", "b", "c", "d"})
    assert (changes.newly_served, changes.no_longer_served, changes.moved, changes.kept) == (
        ("d",), ("c",), ("b",), 1
    )  # fmt: skip
    assert not changes.nothing
    assert change_sentences(changes)[1] == "1 lost theirs: c."
    assert compare_visits(before, before, asking=set(before)).nothing


def test_a_stored_plan_says_who_visited_whom() -> None:
    stop = {"request": "a", "start_s": 0}
    plan = {
        "routes": [{"volunteer": "V-1", "stops": [stop]}, {"volunteer": "V-2", "stops": [stop]}]
    }
    assert read_visits(plan) == {"a": frozenset({"V-1", "V-2"})}


def test_short_ids_are_as_long_as_it_takes_to_tell_them_apart() -> None:
    near = [
        UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
        UUID("01890a5d-ac96-774b-bcce-b312099a8057"),
    ]
    assert shorten_ids(near[:1], prefix="V-") == ("V-099A8057",)
    assert shorten_ids(near, prefix="V-") == ("V-02099A8057", "V-12099A8057")


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0.00 %"), (0.0031, "0.31 %"), (0.0096, "1.0 %"), (0.25, "25.0 %")]
)
def test_shares_keep_the_digits_that_matter(share: float, words: str) -> None:
    assert percent(share) == words


def test_a_plan_without_a_bound_claims_nothing() -> None:
    problem = build_problem([Ask("a")], [Help("one")])
    certificate = plan_nearest_first(problem).certificate
    assert math.isinf(certificate.bound)
    assert "before it could prove" in quality_sentence(certificate)


def test_long_lists_of_names_are_cut() -> None:
    assert name_some([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"


class Ways:
    """Travel of which every pair is known."""

    def __init__(self, seconds: np.ndarray[Any, Any]) -> None:
        self.seconds = seconds
        self.limit_s = 0.0

    def sparse(self, points: Any, *, limit_s: float, progress: Any = None) -> SparseMatrix:
        self.limit_s = limit_s
        n = len(points)
        index = np.array([j for i in range(n) for j in range(n) if j != i], np.int64)
        rows = np.repeat(np.arange(n), n - 1)
        ptr = np.arange(n + 1, dtype=np.int64) * (n - 1)
        known = self.seconds[rows, index]
        return SparseMatrix(ptr, index, known, known)


def test_only_ways_that_a_route_can_take_are_kept() -> None:
    problem = build_problem(
        [Ask("a"), Ask("b"), Ask("c")],
        [Help("near", max_travel_s=100), Help("driver", max_travel_s=100, mode=0)],
    )
    # Places: near 0, driver 1, a 2, b 3, c 4. "near" reaches a and b, "driver" reaches c alone.
    seconds = np.full((5, 5), 120, np.int64)
    seconds[0, 2] = seconds[0, 3] = seconds[1, 4] = 50
    ways = Ways(seconds)
    (travel,) = build_travel(
        [TravelMode.WALK], problem.volunteers, np.zeros((5, 2)), lambda mode: ways
    )
    places = np.arange(5)
    known = travel.legs(places[:, None], places[None, :])[0] < UNREACHABLE
    expected = {(0, 2), (0, 3), (2, 0), (3, 0), (2, 3), (3, 2), (1, 4), (4, 1)}
    found = {(int(i), int(j)) for i, j in zip(*np.nonzero(known), strict=True) if i != j}
    assert found == expected
    assert ways.limit_s == 150.0


def reason(asks: list[Ask], helpers: list[Help], pairs: Pairs | None = None) -> Any:
    problem = build_problem(asks, helpers, pairs=pairs)
    solution = plan_nearest_first(problem)
    assert check(problem, solution).valid
    served = {request for route in solution.routes for request in route.requests}
    (left,) = set(range(len(asks))) - served
    (told,) = Funnel(problem, solution, [left]).reasons()
    return told


@pytest.mark.parametrize(
    ("ask", "helper", "code"),
    [
        (Ask("a", at=(9000, 0)), Help("one", max_travel_m=500), Code.OUT_OF_REACH),
        (Ask("a", skills=1), Help("one"), Code.TOOL_MISSING),
        (Ask("a", languages=2), Help("one", languages=1), Code.LANGUAGE_MISSING),
        (Ask("a", windows=((3 * HOUR, 4 * HOUR),)), Help("one"), Code.NO_COMMON_TIME),
        (Ask("a", crew=2), Help("one"), Code.OUT_OF_REACH),
        (Ask("a", service_s=900), Help("one", max_work_s=800), Code.NO_COMMON_TIME),
    ],
)
def test_the_reason_is_the_first_condition_that_fails(ask: Ask, helper: Help, code: Code) -> None:
    assert reason([ask], [helper]).code is code


def test_a_crew_that_cannot_be_filled_is_not_called_nobody() -> None:
    crew = reason([Ask("a", crew=2)], [Help("one")])
    assert describe_reason(crew.code, crew.crew_size) == "Too few for a crew live near enough"
    alone = reason([Ask("a", skills=1)], [Help("one")])
    assert describe_reason(alone.code, alone.crew_size) == "Nobody near has the tool or skill"


def test_a_ban_and_a_full_day_are_reasons_too() -> None:
    banned = reason([Ask("a")], [Help("one")], Pairs(banned=[("one", "a")]))
    assert (banned.code, banned.funnel["allowed"]) == (Code.BANNED, 0)
    full = reason([Ask("a", weight=2.0), Ask("b")], [Help("one", max_tasks=1)])
    assert full.code is Code.ALL_FULL
    assert (full.funnel["with_time"], full.funnel["with_room"]) == (1, 0)
