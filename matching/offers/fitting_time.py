"""When a volunteer could come to one more home, beside the work that is agreed already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from geo.blurred_travel import TimeBucket, longest_time_s
from matching.availability import Weekly, Window, expand_availability
from matching.models import HelpRequest, Volunteer
from matching.offers.live_repository import WaitingHome

HORIZON = timedelta(hours=36)
"""How far ahead a volunteer is asked; a round plans as far."""
GET_READY = timedelta(minutes=15)
"""Nobody stands at the door with a shovel the moment they say yes."""
STEP = timedelta(minutes=5)
"""Times are told on the full five minutes."""


def free_time(
    volunteer: Volunteer, held: Sequence[Window], zone: ZoneInfo, now: datetime
) -> list[Window]:
    """The hours of a volunteer from now on, without those of agreed work."""
    weekly = [
        Weekly(hours.weekday, hours.start_min, hours.end_min, hours.valid_from, hours.valid_until)
        for hours in volunteer.weekly_hours
    ]
    windows = [(window.starts_at, window.ends_at) for window in volunteer.windows]
    return free_hours(windows, weekly, held, zone, now)


def free_hours(
    windows: Sequence[Window],
    weekly: Sequence[Weekly],
    held: Iterable[Window],
    zone: ZoneInfo,
    now: datetime,
) -> list[Window]:
    """These hours from now on, without those of agreed work."""
    free = expand_availability(windows, weekly, starts_at=now, ends_at=now + HORIZON, zone=zone)
    for begins, ends in held:
        free = [
            part
            for opens, closes in free
            for part in ((opens, min(closes, begins)), (max(opens, ends), closes))
            if part[0] < part[1]
        ]
    return free


def find_start(
    request: HelpRequest | WaitingHome, free: Sequence[Window], *, travel_s: float, now: datetime
) -> datetime | None:
    """The first moment at which the work can begin, with the way there and back; or None.

    There is time to get ready, as long as the work then still fits in.
    """
    travel, service = timedelta(seconds=travel_s), timedelta(seconds=request.service_s)
    for opens, closes in free:
        for window in request.windows:
            soonest = max(opens + travel, now + travel, window.opens_at)
            latest = min(window.closes_at, closes - travel) - service
            if soonest <= latest:
                ready = on_the_step(max(soonest, now + travel + GET_READY))
                return ready if ready <= latest else min(on_the_step(soonest), latest)
    return None


def told_travel_s(bucket: str | None, max_travel_s: float) -> float:
    """The time kept free for a way of which people are told the bucket alone.

    A start that followed from the way itself would tell it to whoever looks often enough.
    """
    longest_s = None if bucket is None else longest_time_s(TimeBucket(bucket))
    return max_travel_s if longest_s is None else min(longest_s, max_travel_s)


def find_delay(
    visits: Sequence[tuple[HelpRequest, datetime, float]],
    free: Sequence[Window],
    *,
    lead: timedelta,
    now: datetime,
) -> timedelta:
    """By how much a planned route begins later, so that its first visit can still be kept.

    ``visits`` are the requests with their starts and the seconds from home, in order. Zero when
    it begins late enough, or when any of its visits would no longer fit.
    """
    if not visits:
        return timedelta(0)
    _, first, travel_s = min(visits, key=lambda visit: visit[1])
    delay = on_the_step(max(first, now + timedelta(seconds=travel_s) + lead)) - first
    fits = all(
        _fits(request, start + delay, free, timedelta(seconds=travel_s))
        for request, start, travel_s in visits
    )
    return delay if fits else timedelta(0)


def on_the_step(moment: datetime) -> datetime:
    """The moment, or the next full five minutes after it."""
    past = timedelta(seconds=moment.timestamp() % STEP.total_seconds())
    return moment + (STEP - past) % STEP


def _fits(request: HelpRequest, start: datetime, free: Sequence[Window], travel: timedelta) -> bool:
    end = start + timedelta(seconds=request.service_s)
    in_window = any(w.opens_at <= start and end <= w.closes_at for w in request.windows)
    return in_window and any(
        opens <= start - travel and end + travel <= closes for opens, closes in free
    )


def last_moment(request: HelpRequest | WaitingHome) -> datetime:
    """When the last window of a request closes."""
    return max(window.closes_at for window in request.windows)
