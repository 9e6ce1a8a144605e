"""Time away and tools on loan, for whatever hours and stocks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.availability import (
    Away,
    Weekly,
    Window,
    expand_availability,
    expand_away,
    subtract_windows,
    unite_windows,
)
from matching.volunteering.lending import CLOSE_ENOUGH, Hands, Job, Shelf, choose_loans

ZONES = st.sampled_from(["America/New_York", "Europe/Helsinki", "Australia/Lord_Howe"])
DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 10)) | st.dates(
    date(2026, 10, 20), date(2026, 11, 10)
)
MINUTES = st.tuples(st.integers(0, 1_439), st.integers(1, 1_440)).filter(lambda m: m[0] < m[1])


@st.composite
def weekly_rules(draw: st.DrawFn) -> Weekly:
    start, end = draw(MINUTES)
    return Weekly(draw(st.integers(0, 6)), start, end)


@st.composite
def away_rules(draw: st.DrawFn) -> Away:
    first = draw(DAYS)
    start, end = draw(MINUTES | st.just((0, 1_440)))
    return Away(first, first + timedelta(days=draw(st.integers(0, 20))), start, end)


def length(windows: list[Window]) -> timedelta:
    return sum((closes - opens for opens, closes in windows), timedelta())


@given(
    st.lists(weekly_rules(), max_size=6), st.lists(away_rules(), max_size=4), DAYS, ZONES,
    st.integers(1, 240),
)  # fmt: skip
def test_nobody_has_time_while_away(
    weekly: list[Weekly], away: list[Away], day: date, zone_name: str, hours: int
) -> None:
    zone = ZoneInfo(zone_name)
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    end = start + timedelta(hours=hours)
    span = {"starts_at": start, "ends_at": end, "zone": zone}
    usual = expand_availability([], weekly, **span)  # type: ignore[arg-type]  # one mapping for all
    free = expand_availability([], weekly, **span, away=away)  # type: ignore[arg-type]  # as above
    gone = expand_away(away, **span)  # type: ignore[arg-type]  # as above

    assert all(start <= opens < closes <= end for opens, closes in free)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(free))
    for opens, closes in free:
        middle = opens + (closes - opens) / 2
        local = middle.astimezone(zone)
        assert any(opens >= there[0] and closes <= there[1] for there in usual)
        for rule in away:
            if rule.first_day <= local.date() <= rule.last_day:
                begins, ends = rule.window_on(local.date(), zone)
                assert not begins <= middle < ends
    lost = [(max(a, c), min(b, d)) for a, b in usual for c, d in gone if max(a, c) < min(b, d)]
    assert length(free) == length(usual) - length(unite_windows(lost))


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(
        lambda pair: (
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=pair[0]),
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=pair[0] + pair[1]),
        )
    ),
    max_size=5,
)


@given(SPANS, SPANS)
def test_subtracting_agrees_with_minutes(windows: list[Window], taken: list[Window]) -> None:
    def minutes(spans: list[Window]) -> set[datetime]:
        return {
            start + timedelta(minutes=step)
            for start, end in spans
            for step in range(int((end - start).total_seconds()) // 60)
        }

    left = subtract_windows(unite_windows(windows), unite_windows(taken))
    assert minutes(left) == minutes(windows) - minutes(taken)


@st.composite
def sheds(draw: st.DrawFn) -> tuple[list[Job], list[Hands], list[Shelf]]:
    tools = ["salt", "blower"]
    shelves = [
        Shelf(draw(st.sampled_from(tools)), draw(st.integers(0, 3)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    hands = [
        Hands(
            has=frozenset(draw(st.sets(st.sampled_from(tools), max_size=1))),
            room=draw(st.integers(0, 2)),
            accept_p=draw(st.sampled_from([0.3, 0.5, 1.0])),
            shelves=tuple(sorted(draw(st.sets(st.integers(0, len(shelves) - 1))))),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    jobs = [
        Job(
            needs=frozenset(draw(st.sets(st.sampled_from(tools), min_size=1))),
            weight=draw(st.sampled_from([1.0, 2.0])),
            near=tuple(range(len(hands))),
            crew_size=draw(st.integers(1, 2)),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return jobs, hands, shelves


@settings(deadline=None, max_examples=60)
@given(sheds())
def test_never_more_lent_than_there_is(
    shed: tuple[list[Job], list[Hands], list[Shelf]],
) -> None:
    jobs, hands, shelves = shed
    lending = choose_loans(jobs, hands, shelves)
    for number, shelf in enumerate(shelves):
        assert sum(at == number for _, at in lending.loans) <= shelf.free
    for volunteer, at in lending.loans:
        assert at in hands[volunteer].shelves
        assert shelves[at].ability not in hands[volunteer].has
    kinds = [(volunteer, shelves[at].ability) for volunteer, at in lending.loans]
    assert len(kinds) == len(set(kinds))
    assert lending == choose_loans(jobs, hands, shelves)


@settings(deadline=None, max_examples=60)
@given(sheds())
def test_short_tools_are_all_out(shed: tuple[list[Job], list[Hands], list[Shelf]]) -> None:
    jobs, hands, shelves = shed
    lending = choose_loans(jobs, hands, shelves)
    assert lending.proven
    for ability in lending.short:
        full = [
            sum(at == number for _, at in lending.loans) == shelf.free
            for number, shelf in enumerate(shelves)
            if shelf.ability == ability
        ]
        assert any(full)


def best_by_hand(jobs: list[Job], hands: list[Hands], lent: set[tuple[int, str]]) -> float:
    """The most weight that can be served when these tools are lent; every way is tried."""

    def serve(number: int, room: list[int]) -> float:
        if number == len(jobs):
            return 0.0
        job = jobs[number]
        able = [
            i
            for i in job.near
            if room[i] and all(a in hands[i].has or (i, a) in lent for a in job.needs)
        ]
        best = serve(number + 1, room)
        for i in able:
            room[i] -= 1
            best = max(best, job.weight * hands[i].accept_p + serve(number + 1, room))
            room[i] += 1
        return best

    return serve(0, [one.room for one in hands])


def test_who_has_a_tool_that_no_shelf_has_is_left_free_for_it() -> None:
    jobs = [Job(frozenset({need}), 1.0, (0, 1)) for need in ("salt", "blower")]
    hands = [Hands(frozenset(has), 1, 0.3, (0,)) for has in ((), ("salt",))]
    assert choose_loans(jobs, hands, [Shelf("blower", 1)]).loans == {(0, 0)}


@settings(deadline=None, max_examples=60)
@given(sheds().filter(lambda shed: sum(shelf.free for shelf in shed[2]) <= 3))
def test_loans_serve_as_much_as_any_others(
    shed: tuple[list[Job], list[Hands], list[Shelf]],
) -> None:
    """Against every way to lend the tools, for crews of one."""
    jobs = [Job(job.needs, job.weight, job.near) for job in shed[0]]
    hands, shelves = shed[1], shed[2]
    lending = choose_loans(jobs, hands, shelves)

    def every_way(number: int, lent: set[tuple[int, str]]) -> float:
        if number == len(shelves):
            return best_by_hand(jobs, hands, lent)
        shelf = shelves[number]
        takers = [i for i, one in enumerate(hands) if number in one.shelves]
        best = 0.0
        for mask in range(1 << len(takers)):
            chosen = [i for bit, i in enumerate(takers) if mask >> bit & 1]
            if len(chosen) <= shelf.free:
                best = max(best, every_way(number + 1, lent | {(i, shelf.ability) for i in chosen}))
        return best

    given_out = {(volunteer, shelves[at].ability) for volunteer, at in lending.loans}
    best = every_way(0, set())
    assert best_by_hand(jobs, hands, given_out) >= best * (1 - CLOSE_ENOUGH) - 0.01
