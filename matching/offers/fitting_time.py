"""When a volunteer could come to one more home, beside the work that is agreed already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from matching.availability import Weekly, Window, expand_availability
from matching.models import HelpRequest, Volunteer
from matching.offers.live_repository import WaitingHome

HORIZON = timedelta(hours=36)
"""How far ahead a volunteer is asked; a round plans as far."""


def free_time(
    volunteer: Volunteer, held: Sequence[Window], zone: ZoneInfo, now: datetime
) -> list[Window]:
    """The hours of a volunteer from now on, without those of agreed work."""
    weekly = [
        Weekly(hours.weekday, hours.start_min, hours.end_min, hours.valid_from, hours.valid_until)
        for hours in volunteer.weekly_hours
    ]
    free = expand_availability(
        [(window.starts_at, window.ends_at) for window in volunteer.windows],
        weekly,
        starts_at=now,
        ends_at=now + HORIZON,
        zone=zone,
    )
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
    """The first moment at which the work can begin, with the way there and back; or None."""
    travel, service = timedelta(seconds=travel_s), timedelta(seconds=request.service_s)
    for opens, closes in free:
        for window in request.windows:
            start = max(opens + travel, now + travel, window.opens_at)
            if start + service <= min(window.closes_at, closes - travel):
                return start
    return None


def last_moment(request: HelpRequest | WaitingHome) -> datetime:
    """When the last window of a request closes."""
    return max(window.closes_at for window in request.windows)
