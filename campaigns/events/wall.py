"""The clock on the wall: from a local time to a moment, without guessing. Pure.

Two hours a year need care: one that the clocks jump over, and one that they show twice.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaigns.events.errors import HourSkipped, HourTwice, InvalidWallTime
from campaigns.events.kinds import HourChoice

MINUTE = timedelta(minutes=1)
LONGEST_GAP_MIN = 2 * 24 * 60
"""Islands that change their side of the date line skip a whole day."""
FORMAT = "%Y-%m-%dT%H:%M"
YEARS = range(2000, 2101)


def read_zone(name: str) -> ZoneInfo:
    """A time zone by its name, such as ``America/New_York``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidWallTime(
            f"The time zone {name[:40]!r} is not known; write it like America/New_York."
        ) from None


def read_local(text: str) -> datetime:
    """A local time as people write it for programs: ``2027-03-09T18:00``, without a zone."""
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidWallTime(
            f"{text[:40]!r} is no local time; write it like 2027-03-09T18:00."
        ) from None
    if local.tzinfo is not None:
        raise InvalidWallTime("Write the time of the clock on the wall there, without a zone.")
    if local.second or local.microsecond:
        raise InvalidWallTime("An event begins at a full minute; leave out the seconds.")
    if local.year not in YEARS:
        raise InvalidWallTime(f"The year {local.year} is out of range: 2000 to 2100.")
    return local


def write_local(local: datetime) -> str:
    """The same in its one form."""
    return local.strftime(FORMAT)


def local_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at a moment, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks jump over this time."""
    there = local.replace(tzinfo=zone, fold=0)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) != local


def is_twice(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks show this time twice."""
    early, late = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return early != late and not is_skipped(local, zone)


def find_moment(local: datetime, zone: ZoneInfo, choice: HourChoice | None = None) -> datetime:
    """The moment at which the clock on the wall shows a time, in UTC.

    Raises
    ------
    HourSkipped
        Naming the last time before the jump and the first one after it.
    HourTwice
        When the clocks show it twice and nobody said which is meant.
    """
    if is_skipped(local, zone):
        before, after = _around_gap(local, zone)
        raise HourSkipped(
            f"The clocks in {zone.key} jump over {write_local(local)}. The nearest times are "
            f"{write_local(before)} and {write_local(after)}."
        )
    if is_twice(local, zone) and choice is None:
        early, late = (
            local.replace(tzinfo=zone, fold=fold).astimezone(UTC).strftime("%H:%M")
            for fold in (0, 1)
        )
        raise HourTwice(
            f"The clocks in {zone.key} show {write_local(local)} twice, at {early} and {late} UTC. "
            "Say whether the earlier or the later one is meant."
        )
    fold = 1 if choice is HourChoice.LATER else 0
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def find_end(local: datetime, zone: ZoneInfo, begins: datetime) -> datetime:
    """The first moment after the beginning at which the clock on the wall shows a time, in UTC.

    Raises
    ------
    HourSkipped
        As for a beginning.
    """
    end = find_moment(local, zone, HourChoice.EARLIER)
    return end if end > begins else find_moment(local, zone, HourChoice.LATER)


def _around_gap(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    before = after = local
    for _ in range(LONGEST_GAP_MIN):
        if not is_skipped(before, zone):
            break
        before -= MINUTE
    for _ in range(LONGEST_GAP_MIN):
        if not is_skipped(after, zone):
            break
        after += MINUTE
    return before, after
