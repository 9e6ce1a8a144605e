"""How far a round is: from 0 to 1, and never back."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matching.engine.stop import Stop
from matching.kinds import RoundStage
from matching.rounds.watching import PHASE_SPANS, STAGE_SPANS, RoundWatch

NAMES = st.sampled_from([*PHASE_SPANS, "something new"])
CALLS = st.one_of(
    st.tuples(st.just("enter"), st.sampled_from(RoundStage)),
    st.tuples(st.just("phase"), NAMES, st.integers(0, 50)),
    st.tuples(st.just("advance"), st.integers(0, 60)),
    st.tuples(st.just("step"), st.just("words"), st.integers(0, 50)),
    st.tuples(st.just("incumbent"), st.floats(-1e6, 1e6), st.integers(0, 1_000)),
)


@given(st.lists(CALLS, max_size=60))
def test_share_never_goes_back_and_the_best_stays(calls: list[tuple[object, ...]]) -> None:
    watch = RoundWatch(Stop(1_000), 1_000)
    last = 0.0
    best: float | None = None
    for name, *arguments in calls:
        getattr(watch, str(name))(*arguments)
        if name == "incumbent":
            value = arguments[0]
            assert isinstance(value, float)
            best = value if best is None else max(best, value)
        progress = watch.read()
        assert last <= progress.share <= 1.0
        assert progress.best_value_m == best
        last = progress.share


def test_whole_round_goes_through_all_stages_to_its_end() -> None:
    watch = RoundWatch(Stop(1_000), 1_000)
    seen = []
    for stage in RoundStage:
        watch.enter(stage)
        if stage is RoundStage.PLANNING:
            for name in PHASE_SPANS:
                watch.phase(name, 4)
                watch.advance(4)
        seen.append(watch.read().share)
    assert seen == sorted(seen)
    assert seen[list(RoundStage).index(RoundStage.PLANNING)] == STAGE_SPANS[RoundStage.PLANNING][1]
    watch.step("Storing", 2)
    watch.advance(2)
    assert watch.read().share == 1.0


def test_search_is_as_far_as_its_time() -> None:
    stop = Stop(1_000)
    watch = RoundWatch(stop, 2_000)  # as if half of the time were over
    watch.enter(RoundStage.PLANNING)
    start, end = STAGE_SPANS[RoundStage.PLANNING]
    assert abs(watch.read().share - (start + end) / 2) < 0.01


def test_spans_follow_one_another_without_gaps() -> None:
    for spans in (list(STAGE_SPANS.values()), list(PHASE_SPANS.values())):
        assert spans[0][0] == 0.0
        assert spans[-1][1] == 1.0
        assert all(left[1] == right[0] for left, right in pairwise(spans))
