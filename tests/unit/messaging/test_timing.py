from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from messaging.timing import (
    SPREAD_S,
    end_of_quiet,
    is_quiet,
    next_quiet,
    next_quiet_free,
    spread_s,
)
from people.models import Preferences

CAMBRIDGE = "America/New_York"
LISBON = "Europe/Lisbon"
ONE = UUID("018f0000-0000-7000-8000-000000000001")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "until", "end"),
    [
        ("2026-01-16 04:30", CAMBRIDGE, 7 * 60, "2026-01-16 12:00"),  # 23:30, ends tomorrow
        ("2026-01-16 08:30", CAMBRIDGE, 7 * 60, "2026-01-16 12:00"),  # 03:30, ends today
        ("2026-03-08 04:00", CAMBRIDGE, 7 * 60, "2026-03-08 11:00"),  # the clock goes forward
        ("2026-11-01 03:00", CAMBRIDGE, 7 * 60, "2026-11-01 12:00"),  # and back
        ("2026-03-08 04:00", CAMBRIDGE, 2 * 60 + 30, "2026-03-08 07:30"),  # an hour that is not
        ("2026-11-01 05:15", CAMBRIDGE, 90, "2026-11-01 05:30"),  # 01:15, first time
        ("2026-11-01 05:45", CAMBRIDGE, 90, "2026-11-01 06:30"),  # 01:45, first time
        ("2026-10-25 00:45", LISBON, 75, "2026-10-25 01:15"),  # 01:45 summer, 01:15 winter time
        ("2026-12-31 23:30", LISBON, 7 * 60, "2027-01-01 07:00"),
    ],
)
def test_end_of_quiet_by_the_clock_on_the_wall(
    moment: str, zone: str, until: int, end: str
) -> None:
    assert end_of_quiet(utc(moment), ZoneInfo(zone), until) == utc(end)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-01-16 02:59", False),
        ("2026-01-16 03:00", True),
        ("2026-01-16 11:59", True),
        ("2026-01-16 12:00", False),
    ],
)
def test_quiet_from_ten_to_seven(moment: str, quiet: bool) -> None:
    assert is_quiet(utc(moment), ZoneInfo(CAMBRIDGE), 22 * 60, 7 * 60) is quiet


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    zone = ZoneInfo(CAMBRIDGE)
    noon = utc("2026-01-16 17:00")
    assert is_quiet(noon, zone, 12 * 60, 14 * 60)
    assert not is_quiet(noon, zone, 14 * 60, 16 * 60)
    assert not is_quiet(noon, zone, 0, 0)


def test_messages_of_a_night_come_apart() -> None:
    night = utc("2026-01-16 05:00")
    moments = {
        next_quiet_free(night, time_zone=CAMBRIDGE, preferences=None, person_id=new_id())
        for _ in range(300)
    }
    first = utc("2026-01-16 12:00")
    assert all(first <= moment < first + timedelta(seconds=SPREAD_S) for moment in moments)
    assert len({moment.minute for moment in moments}) == 20
    assert spread_s(ONE, SPREAD_S) == spread_s(ONE, SPREAD_S)


@given(
    minutes=st.integers(0, 3 * 366 * 24 * 60),
    zone=st.sampled_from([CAMBRIDGE, LISBON, "America/Sao_Paulo", "Asia/Kolkata"]),
    from_min=st.integers(0, 1439),
    until_min=st.integers(0, 1439),
    person=st.uuids(),
)
def test_never_in_quiet_hours_never_early_never_a_day_late(
    minutes: int, zone: str, from_min: int, until_min: int, person: UUID
) -> None:
    moment = utc("2025-01-01 00:00") + timedelta(minutes=minutes)
    preferences = Preferences(languages=["en"], quiet_from_min=from_min, quiet_until_min=until_min)
    due = next_quiet_free(moment, time_zone=zone, preferences=preferences, person_id=person)

    assert moment <= due <= moment + timedelta(hours=25, seconds=SPREAD_S)
    local = due.astimezone(ZoneInfo(zone))
    changes = local.utcoffset() != moment.astimezone(ZoneInfo(zone)).utcoffset()
    # an hour that the clock skips or repeats may lie in quiet hours by name on both of its sides
    assert changes or not is_quiet(due, ZoneInfo(zone), from_min, until_min)


@pytest.mark.parametrize(
    ("hours", "moment", "begins"),
    [
        (None, "2026-01-16 17:00", "2026-01-17 03:00"),
        (None, "2026-01-17 03:00", "2026-01-17 03:00"),
        (None, "2026-01-17 11:59", "2026-01-17 11:59"),
        (None, "2026-01-17 12:00", "2026-01-18 03:00"),
        ((12 * 60, 14 * 60), "2026-01-16 19:00", "2026-01-17 17:00"),
        ((0, 0), "2026-01-16 05:00", None),
    ],
)
def test_when_quiet_hours_begin(
    hours: tuple[int, int] | None, moment: str, begins: str | None
) -> None:
    preferences = None
    if hours is not None:
        preferences = Preferences(
            languages=["en"], quiet_from_min=hours[0], quiet_until_min=hours[1]
        )
    found = next_quiet(utc(moment), time_zone=CAMBRIDGE, preferences=preferences)
    assert found == (None if begins is None else utc(begins))
