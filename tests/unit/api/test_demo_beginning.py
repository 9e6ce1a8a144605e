"""When the play of a demonstration begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.demo.neighbors import LENGTH, find_beginning

ZONE = ZoneInfo("America/New_York")


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize(
    "day", [datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
)
def test_people_are_asked_while_they_are_awake(day: datetime, hour: int) -> None:
    now = day + timedelta(hours=hour, minutes=25)
    begins_at = find_beginning(now, ZONE)
    assert timedelta(hours=3) <= now - begins_at < timedelta(hours=16)
    for moment in (begins_at, begins_at + LENGTH - timedelta(minutes=1)):
        assert 7 <= moment.astimezone(ZONE).hour < 22
