from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from matching.reminders import DAY_BEFORE, SOON, reminder_times

LONG_BEFORE = timedelta(days=5)


@pytest.mark.parametrize(
    ("zone", "starts_at", "day_before"),
    [
        ("America/New_York", "2026-01-16T21:00:00Z", "2026-01-15T16:00:00Z"),
        # the night in which clocks go forward, and the one in which they go back
        ("America/New_York", "2026-03-08T14:00:00Z", "2026-03-07T16:00:00Z"),
        ("America/New_York", "2026-03-09T14:00:00Z", "2026-03-08T15:00:00Z"),
        ("America/New_York", "2026-11-02T14:00:00Z", "2026-11-01T16:00:00Z"),
        ("Europe/Lisbon", "2026-03-29T10:00:00Z", "2026-03-28T11:00:00Z"),
        ("Europe/Lisbon", "2026-10-26T10:00:00Z", "2026-10-25T11:00:00Z"),
        # New Year, and a leap day
        ("America/New_York", "2027-01-01T15:00:00Z", "2026-12-31T16:00:00Z"),
        ("America/New_York", "2028-03-01T15:00:00Z", "2028-02-29T16:00:00Z"),
    ],
)
def test_day_before_is_eleven_by_local_clocks(zone: str, starts_at: str, day_before: str) -> None:
    start = datetime.fromisoformat(starts_at)
    times = reminder_times(start, start - LONG_BEFORE, ZoneInfo(zone))
    assert times[DAY_BEFORE] == datetime.fromisoformat(day_before)
    assert times[DAY_BEFORE].astimezone(ZoneInfo(zone)).hour == 11
    assert times[SOON] == start - timedelta(hours=2)


def test_whoever_said_yes_just_now_is_not_reminded() -> None:
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 1, 15, 21, tzinfo=UTC)
    assert reminder_times(start, start - timedelta(hours=2), zone) == {}
    assert reminder_times(start, start - timedelta(hours=4, minutes=59), zone) == {}
    assert set(reminder_times(start, start - timedelta(hours=5), zone)) == {SOON}
    assert set(reminder_times(start, start - timedelta(hours=40), zone)) == {DAY_BEFORE, SOON}
