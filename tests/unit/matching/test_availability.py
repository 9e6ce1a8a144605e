from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from matching.availability import Weekly, expand_availability
from matching.errors import InvalidHours

LISBON = ZoneInfo("Europe/Lisbon")
BOSTON = ZoneInfo("America/New_York")
SUNDAY = 6


def at(day: int, hour: int, minute: int = 0, month: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def local_days(windows: list[tuple[datetime, datetime]], zone: ZoneInfo) -> list[str]:
    return [
        f"{opens.astimezone(zone):%m-%d %H:%M}-{closes.astimezone(zone):%H:%M}"
        for opens, closes in windows
    ]


def test_nine_o_clock_stays_nine_o_clock_across_both_clock_changes() -> None:
    rule = Weekly(SUNDAY, 9 * 60, 10 * 60)
    spring = expand_availability(
        [], [rule], starts_at=at(20, 0, month=3), ends_at=at(7, 0, month=4), zone=LISBON
    )
    autumn = expand_availability(
        [], [rule], starts_at=at(16, 0, month=10), ends_at=at(3, 0, month=11), zone=LISBON
    )
    assert local_days(spring, LISBON) == [
        "03-22 09:00-10:00",
        "03-29 09:00-10:00",
        "04-05 09:00-10:00",
    ]
    assert [opens.hour for opens, _ in spring] == [9, 8, 8]
    assert [opens.hour for opens, _ in autumn] == [8, 9, 9]


def test_hours_over_the_missing_and_the_double_hour() -> None:
    night = Weekly(SUNDAY, 0, 4 * 60)
    for day, month, hours in [(29, 3, 3), (25, 10, 5), (1, 11, 4)]:
        ((opens, closes),) = expand_availability(
            [],
            [night],
            starts_at=at(day, 0, month=month) - timedelta(hours=6),
            ends_at=at(day, 12, month=month),
            zone=LISBON,
        )
        assert closes - opens == timedelta(hours=hours)


def test_evening_of_the_day_before_reaches_into_the_span() -> None:
    """In Boston, Thursday evening is Friday in UTC."""
    thursday = Weekly(3, 18 * 60, 1440)
    windows = expand_availability(
        [], [thursday], starts_at=at(16, 2), ends_at=at(16, 12), zone=BOSTON
    )
    assert windows == [(at(16, 2), at(16, 5))]


def test_windows_are_cut_sorted_and_joined() -> None:
    windows = expand_availability(
        [
            (at(15, 20), at(15, 22)),
            (at(15, 8), at(15, 9)),
            (at(15, 21), at(15, 23)),
            (at(15, 9), at(15, 10)),
            (at(14, 0), at(14, 5)),
        ],
        [],
        starts_at=at(15, 0),
        ends_at=at(15, 22, 30),
        zone=BOSTON,
    )
    assert windows == [(at(15, 8), at(15, 10)), (at(15, 20), at(15, 22, 30))]


def test_hours_hold_only_between_their_days() -> None:
    season = Weekly(SUNDAY, 600, 660, valid_from=date(2026, 1, 11), valid_until=date(2026, 1, 18))
    windows = expand_availability([], [season], starts_at=at(1, 0), ends_at=at(31, 0), zone=BOSTON)
    assert [day[:5] for day in local_days(windows, BOSTON)] == ["01-11", "01-18"]


@pytest.mark.parametrize(
    ("weekday", "start_min", "end_min"), [(7, 0, 60), (-1, 0, 60), (0, 60, 60), (0, 0, 1441)]
)
def test_hours_that_cannot_be(weekday: int, start_min: int, end_min: int) -> None:
    with pytest.raises(InvalidHours):
        Weekly(weekday, start_min, end_min)
