"""The parts of a round that need no database."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geo.travel import SparseMatrix, TravelMode
from matching.engine.explain import explain
from matching.engine.funnel import Reason as EngineReason
from matching.engine.travel import UNREACHABLE
from matching.rounds.inputs import DEFAULT_HORIZON, choose_horizon
from matching.rounds.nearest_first import plan_nearest_first
from matching.rounds.outcome import compare_visits, read_visits
from matching.rounds.problem import shorten_ids
from matching.rounds.reason_words import WORDS, Times, change_words, reason_sentences
from matching.rounds.reasons import choose_tries, explain_one, is_left, make_reason
from matching.rounds.travel import build_travel
from matching.rounds.words import change_sentences, name_some, percent, quality_sentence
from tests.problems import HOUR, Ask, Help, build_problem

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


ONE_TIMES = Times(datetime(2027, 1, 24, 5, tzinfo=UTC), ZONE)


def told(asks: list[Ask], helpers: list[Help], *, tries: bool = False) -> tuple[str, str]:
    """Code of the only request that is left, and everything that is said about it."""
    problem = build_problem(asks, helpers)
    solution = plan_nearest_first(problem)
    left = [request for request in range(len(asks)) if is_left(problem, solution, request)]
    assert len(left) == 1
    if tries:
        reason = explain_one(problem, solution, left[0])
    else:
        (explained,) = explain(problem, solution, effort=0)
        reason = make_reason(problem, explained)
    json.dumps(reason.detail)
    return reason.code, " ".join(reason_sentences(reason.code, reason.detail, ONE_TIMES))


@pytest.mark.parametrize(
    ("ask", "helper", "code", "words"),
    [
        (
            Ask("a", at=(9000, 0)),
            Help("one", max_travel_m=500),
            "out_of_reach",
            (
                "Nobody lives near enough. Of 1 volunteer (0 live within 0.5 km), 1 lives too far "
                "away; none is left."
            ),
        ),
        (
            Ask("a", skills=1),
            Help("one"),
            "tool_missing",
            (
                "Nobody near has the tool or skill. Of 1 volunteer (1 lives within 50.0 km), 1 "
                "lacks a tool or skill (snow blower); none is left."
            ),
        ),
        (
            Ask("a", languages=2),
            Help("one", languages=1),
            "language_missing",
            (
                "Nobody near speaks the language. Of 1 volunteer (1 lives within 50.0 km), 1 does "
                "not speak the language; none is left."
            ),
        ),
        (
            Ask("a", skills=1, crew=2),
            Help("one", skills=1),
            "out_of_reach",
            (
                "Too few for a crew live near enough. Of 1 volunteer (1 lives within 50.0 km), 1 "
                "could do it, 0 of them taken up by other visits."
            ),
        ),
    ],
)
def test_the_reason_in_words(ask: Ask, helper: Help, code: str, words: str) -> None:
    assert told([ask], [helper]) == (code, words)


def test_a_request_that_lost_against_others_says_who_was_busy() -> None:
    code, words = told([Ask("a", weight=2.0), Ask("b")], [Help("one", max_tasks=1)])
    assert code == "all_full"
    assert "1 could do it but is taken up by other visits" in words


def test_the_smallest_change_is_told_as_it_was_tried() -> None:
    ask = Ask("a", windows=((3 * HOUR, 4 * HOUR),))
    code, words = told([ask], [Help("one", shifts=((0, 2 * HOUR),))], tries=True)
    assert code == "no_common_time"
    assert "It would be served if it might also be done between" in words
    assert "one volunteer was planned again" in words


def test_every_reason_of_the_engine_has_words() -> None:
    assert {reason.value for reason in EngineReason} <= set(WORDS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"kind": "more_time", "open_s": 19 * HOUR, "close_s": 19 * HOUR + 1800},
            "if it might also be done between 7 pm and 7:30 pm",
        ),
        (
            {
                "kind": "longer_reach",
                "volunteer": "V-1",
                "extra_travel_s": 61,
                "extra_travel_m": 0,
                "extra_route_m": 1200,
            },
            "if volunteer V-1 went 2 minutes and 1,200 m further",
        ),
        (
            {
                "kind": "more_volunteers",
                "count": 2,
                "newcomer": {
                    "mode": "car",
                    "start_s": 16 * HOUR,
                    "end_s": 21 * HOUR,
                    "skills": ["snow_blower", "salt"],
                    "languages": ["ht", "xx"],
                },
            },
            (
                "with 2 more volunteers near: by car, 4 pm to 9 pm, with snow blower and salt, "
                "speaking Haitian Creole and xx"
            ),
        ),
    ],
)
def test_changes_in_words(change: dict[str, Any], words: str) -> None:
    assert change_words(change, ONE_TIMES) == words


def test_the_heaviest_requests_of_each_reason_are_tried_first() -> None:
    asks = [
        Ask("light", skills=1),
        Ask("heavy", skills=1, weight=3.0),
        Ask("other", languages=2, weight=2.0),
        Ask("second", skills=1, weight=2.5),
    ]
    problem = build_problem(asks, [Help("one", languages=1)])
    explained = explain(problem, plan_nearest_first(problem), effort=0)
    chosen = choose_tries(problem, explained, 3)
    assert [asks[request].id for request in chosen] == ["heavy", "other", "second"]
