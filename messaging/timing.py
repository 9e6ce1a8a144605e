"""When a message may come: outside a person's quiet hours, and not all at the same minute."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from people.models import Preferences

SPREAD_S = 20 * 60
"""After quiet hours the messages of a night come over twenty minutes, not all at once."""
DAY_MIN = 24 * 60
DEFAULT_QUIET_FROM_MIN = 22 * 60
DEFAULT_QUIET_UNTIL_MIN = 7 * 60


def quiet_hours(preferences: Preferences | None) -> tuple[int, int]:
    """From when until when a person is not disturbed, minutes after local midnight."""
    if preferences is None:
        return DEFAULT_QUIET_FROM_MIN, DEFAULT_QUIET_UNTIL_MIN
    return preferences.quiet_from_min, preferences.quiet_until_min


def is_quiet(moment: datetime, zone: ZoneInfo, from_min: int, until_min: int) -> bool:
    """Whether a moment lies in quiet hours, by the clock on the wall."""
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if from_min <= until_min:
        return from_min <= minute < until_min
    return minute >= from_min or minute < until_min


def end_of_quiet(moment: datetime, zone: ZoneInfo, until_min: int) -> datetime:
    """The next time that the clock on the wall shows the end of quiet hours.

    An hour that summer time skips counts as the moment of the change; of an hour that it repeats,
    the first one after ``moment``.
    """
    local = moment.astimezone(zone)
    wall = local.replace(
        hour=until_min // 60, minute=until_min % 60, second=0, microsecond=0, fold=0
    )
    for candidate in (wall, wall.replace(fold=1), wall + timedelta(days=1)):
        reached = candidate.astimezone(moment.tzinfo)
        if reached > moment:
            return reached
    raise AssertionError("tomorrow comes after today")


def spread_s(person_id: UUID, within_s: int) -> int:
    """A person's own delay, always the same, from 0 to less than ``within_s``."""
    digest = hashlib.blake2b(person_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big") % within_s if within_s > 0 else 0


def next_quiet_free(
    moment: datetime, *, time_zone: str, preferences: Preferences | None, person_id: UUID
) -> datetime:
    """This moment, or in quiet hours their end plus the person's own delay."""
    from_min, until_min = quiet_hours(preferences)
    zone = ZoneInfo(time_zone)
    if not is_quiet(moment, zone, from_min, until_min):
        return moment
    awake_s = ((from_min - until_min) % DAY_MIN) * 60
    return end_of_quiet(moment, zone, until_min) + timedelta(
        seconds=spread_s(person_id, min(SPREAD_S, awake_s))
    )


def next_quiet(
    moment: datetime, *, time_zone: str, preferences: Preferences | None
) -> datetime | None:
    """When quiet hours begin: this moment within them, None for a person who has none."""
    from_min, until_min = quiet_hours(preferences)
    zone = ZoneInfo(time_zone)
    if is_quiet(moment, zone, from_min, until_min):
        return moment
    return None if from_min == until_min else end_of_quiet(moment, zone, from_min)
