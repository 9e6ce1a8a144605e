from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.clock import FixedClock, SystemClock
from core.ids import CODE_ALPHABET, new_code, new_id, parse_id, repeated_ids


def test_system_clock_is_aware_and_moves_on() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert first.tzinfo is UTC
    assert second >= first


def test_fixed_clock_stands_until_it_is_moved() -> None:
    clock = FixedClock(datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == clock.now() == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert clock.advance(timedelta(minutes=5)) == datetime(2026, 1, 1, 10, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        FixedClock(datetime(2026, 1, 1))  # noqa: DTZ001 - a naive moment is the point


def test_ids_are_version_7_distinct_and_ascend() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert {key.version for key in ids} == {7}
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)


def test_codes_use_signs_that_are_not_mistaken() -> None:
    codes = {new_code(6) for _ in range(200)}
    assert len(codes) > 190
    assert set("".join(codes)) <= set(CODE_ALPHABET)
    assert not set("0O1I2Z5S8BGQ") & set(CODE_ALPHABET)


def test_parse_id() -> None:
    key = new_id()
    assert parse_id(f" {key} ") == key
    assert parse_id("K7") is None


def test_ids_of_a_play_repeat_ascend_and_end_with_it() -> None:
    with repeated_ids(3):
        first = [new_id() for _ in range(50)]
    with repeated_ids(3):
        assert [new_id() for _ in range(50)] == first
    with repeated_ids(4):
        assert not {new_id() for _ in range(50)} & set(first)
    assert first == sorted(set(first))
    assert {one.version for one in first} == {7}
    assert new_id() not in first
    assert new_id() > first[-1]
