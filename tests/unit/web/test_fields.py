"""What people write into the fields of forms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from web.pages.fields import day_begins, day_is_over, read_day, read_moment

ZONES = [ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")]


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01"])
def test_a_day_that_nobody_means_is_none(text: str) -> None:
    assert read_day(text) is None
    assert read_moment(f"{text}T23:59", ZONES[0]) is None


@pytest.mark.parametrize("text", ["", "soon", "2027-02-30", "2027-05"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None
    assert read_moment(f"{text}T09:00", ZONES[0]) is None


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("text", ["1900-01-01", "2027-05-01", "2199-12-31"])
def test_every_day_that_is_taken_has_moments_everywhere(text: str, zone: ZoneInfo) -> None:
    day = read_day(f" {text} ")
    assert day == date.fromisoformat(text)
    assert day_begins(day, zone) < day_is_over(day, zone)
    assert day_is_over(day, zone).astimezone(UTC).year >= day.year
    moment = read_moment(f"{text}T09:00", zone)
    assert moment == datetime(day.year, day.month, day.day, 9, tzinfo=zone)
