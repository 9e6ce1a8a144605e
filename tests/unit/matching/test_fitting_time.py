from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matching.models import HelpRequest, RequestWindow
from matching.offers.fitting_time import find_delay, find_start, on_the_step, told_travel_s

NOW = datetime(2026, 1, 16, 0, 43, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TRAVEL_S = 120.0
LEAD = timedelta(minutes=25)


def asking(opens: datetime, closes: datetime, service_s: int = 1_800) -> HelpRequest:
    window = RequestWindow(opens_at=opens, closes_at=closes)
    return HelpRequest(service_s=service_s, windows=[window])


def free(minutes: int) -> list[tuple[datetime, datetime]]:
    return [(NOW, NOW + minutes * MINUTE)]


def test_there_is_time_to_get_ready() -> None:
    start = find_start(asking(NOW, NOW + 300 * MINUTE), free(300), travel_s=TRAVEL_S, now=NOW)
    assert start == datetime(2026, 1, 16, 1, 5, tzinfo=UTC)


def test_a_late_window_begins_at_its_beginning() -> None:
    opens = datetime(2026, 1, 16, 2, 0, tzinfo=UTC)
    asked = asking(opens, opens + 60 * MINUTE)
    assert find_start(asked, free(300), travel_s=TRAVEL_S, now=NOW) == opens


@pytest.mark.parametrize("minutes", [34, 36, 40, 45])
def test_with_little_time_one_starts_at_once(minutes: int) -> None:
    start = find_start(asking(NOW, NOW + 300 * MINUTE), free(minutes), travel_s=TRAVEL_S, now=NOW)
    assert start is not None
    assert NOW + 2 * MINUTE <= start <= NOW + (minutes - 32) * MINUTE


def test_what_does_not_fit_has_no_start() -> None:
    asked = asking(NOW, NOW + 300 * MINUTE)
    assert find_start(asked, free(33), travel_s=TRAVEL_S, now=NOW) is None


def test_the_first_free_time_is_taken_even_without_time_to_get_ready() -> None:
    tomorrow = NOW + timedelta(days=1)
    hours = [*free(36), (tomorrow, tomorrow + 300 * MINUTE)]
    asked = asking(NOW, tomorrow + 300 * MINUTE)
    start = find_start(asked, hours, travel_s=TRAVEL_S, now=NOW)
    assert start is not None
    assert start < NOW + 10 * MINUTE


def test_a_route_is_moved_as_a_whole() -> None:
    asked = asking(NOW, NOW + 400 * MINUTE)
    visits = [(asked, NOW + 2 * MINUTE, TRAVEL_S), (asked, NOW + 40 * MINUTE, TRAVEL_S)]
    delay = find_delay(visits, free(400), lead=LEAD, now=NOW)
    assert visits[0][1] + delay == datetime(2026, 1, 16, 1, 15, tzinfo=UTC)


def test_a_route_that_would_end_too_late_stays() -> None:
    asked = asking(NOW, NOW + 80 * MINUTE)
    visits = [(asked, NOW + 2 * MINUTE, TRAVEL_S), (asked, NOW + 40 * MINUTE, TRAVEL_S)]
    assert find_delay(visits, free(400), lead=LEAD, now=NOW) == timedelta(0)
    assert find_delay([], free(400), lead=LEAD, now=NOW) == timedelta(0)


def test_a_route_that_begins_late_enough_stays() -> None:
    asked = asking(NOW, NOW + 400 * MINUTE)
    start = on_the_step(NOW + 60 * MINUTE)
    assert find_delay([(asked, start, TRAVEL_S)], free(400), lead=LEAD, now=NOW) == timedelta(0)
    assert on_the_step(start) == start


@pytest.mark.parametrize(
    ("bucket", "max_travel_s", "kept_s"),
    [
        ("under_5_min", 1_200, 300),
        ("5_to_10_min", 1_200, 600),
        ("5_to_10_min", 480, 480),
        ("15_to_30_min", 3_600, 1_800),
        ("over_30_min", 3_600, 3_600),
        (None, 900, 900),
    ],
)
def test_a_start_tells_no_more_of_the_way_than_its_bucket(
    bucket: str | None, max_travel_s: int, kept_s: int
) -> None:
    assert told_travel_s(bucket, max_travel_s) == kept_s
