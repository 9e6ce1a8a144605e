from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar.testing import RequestFactory

from web.pages.limiting import MOST_KEYS, Bucket, PressedTooOften, PressLimits, find_caller

NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)


def from_address(host: str | None) -> Any:
    request = RequestFactory().post("/l/token")
    request.scope["client"] = None if host is None else (host, 4_000)
    return request


def test_a_bucket_fills_again_evenly() -> None:
    bucket = Bucket(per_minute=6)
    assert [bucket.take("a", NOW) for _ in range(7)] == [0] * 6 + [10]
    assert bucket.take("b", NOW) == 0
    assert bucket.take("a", NOW + timedelta(seconds=9)) == 1
    assert bucket.take("a", NOW + timedelta(seconds=10)) == 0
    assert bucket.take("a", NOW + timedelta(seconds=10)) == 10
    assert [bucket.take("a", NOW + timedelta(hours=1)) for _ in range(7)] == [0] * 6 + [10]


def test_memory_is_bounded_and_forgets_who_was_quiet_longest() -> None:
    bucket = Bucket(per_minute=1)
    for number in range(MOST_KEYS):
        bucket.take(str(number), NOW)
    assert bucket.take("0", NOW) > 0
    bucket.take("new", NOW)
    assert len(bucket.full_at) == MOST_KEYS
    assert bucket.take(str(MOST_KEYS - 1), NOW) > 0
    assert bucket.take("0", NOW) == 0


@pytest.mark.parametrize(
    ("host", "caller"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("2a00:1450:4001:81b::200e", "2a00:1450:4001:81b::/64"),
        ("2a00:1450:4001:81b:1:2:3:4", "2a00:1450:4001:81b::/64"),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("::1", None),
        ("testclient", None),
        (None, None),
    ],
)
def test_a_proxy_is_no_caller(host: str | None, caller: str | None) -> None:
    assert find_caller(from_address(host)) == caller


def test_calls_back_hold_up_nobody_who_asks_for_help() -> None:
    limits = PressLimits()
    strangers = [from_address(f"8.8.{number}.8") for number in range(100)]
    for stranger in strangers[:60]:
        limits.check_call_back(stranger, None, NOW)
    with pytest.raises(PressedTooOften):
        limits.check_call_back(strangers[60], None, NOW)
    limits.check_ask(strangers[61], None, NOW)


def test_a_caller_is_stopped_across_links() -> None:
    limits = PressLimits()
    for number in range(300):
        limits.check(from_address("8.8.8.8"), f"token{number}", NOW)
    with pytest.raises(PressedTooOften) as caught:
        limits.check(from_address("8.8.8.8"), "another", NOW)
    assert caught.value.wait_s == 1
    limits.check(from_address("8.8.4.4"), "another", NOW)
