from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from core.ids import new_id
from messaging.retrying import next_try

START = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)


def tries(*, outage: bool) -> list[datetime]:
    message_id, now, moments = new_id(), START, [START]
    while len(moments) < 2_000:
        following = next_try(
            message_id, first_tried_at=START, now=now, attempts=len(moments), outage=outage
        )
        if following is None:
            return moments
        now = following
        moments.append(now)
    raise AssertionError("it never gives up")


@pytest.mark.parametrize("_", range(20))
def test_refused_messages_rest_longer_each_time(_: int) -> None:
    moments = tries(outage=False)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]

    assert len(moments) >= 6
    assert timedelta(hours=2) <= moments[-1] - START <= timedelta(hours=8)
    assert all(later > earlier for earlier, later in pairwise(gaps[:5]))
    assert 48 <= gaps[0] <= 72


@pytest.mark.parametrize("_", range(20))
def test_an_outage_is_watched_closely_and_outlived(_: int) -> None:
    moments = tries(outage=True)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    first_hour = [
        gap for gap, at in zip(gaps, moments, strict=False) if at < START + timedelta(hours=1)
    ]

    assert max(first_hour) <= 72
    assert max(gaps) <= 360
    assert moments[-1] - START >= timedelta(hours=24)


def test_messages_that_failed_together_come_back_apart() -> None:
    moments = {
        next_try(UUID(int=number), first_tried_at=START, now=START, attempts=1, outage=False)
        for number in range(50)
    }
    assert len(moments) == 50
