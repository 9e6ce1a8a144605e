"""Until when sidewalks must be cleared, from the end of the snowfall and an ordinance pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from matching.intake.errors import NoRuleThen
from matching.intake.ordinance_packs import (
    Clause,
    DueRule,
    Hazard,
    OrdinancePack,
    OrdinanceVersion,
    When,
)
from matching.intake.sun import list_daylight, read_daylight


@dataclass(frozen=True)
class Due:
    """When something is due, and which clause says so."""

    at: datetime
    """In UTC, after the end of the snowfall."""
    clause: str
    sentence: str
    """The clause in plain English."""
    sentences: Mapping[str, str]
    """The same by language."""
    source: str
    unsure: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    zone: ZoneInfo
    lon_deg: float
    lat_deg: float


def due_at(
    pack: OrdinancePack,
    snow_ended_at: datetime,
    lon_deg: float | None = None,
    lat_deg: float | None = None,
    *,
    hazard: Hazard = "snow",
) -> Due:
    """Until when the ordinance wants a sidewalk cleared.

    The place sets sunrise and sunset; without one, a point in the city does. For ice, the moment is
    the one when it formed; a pack without a clause for ice treats it like snow.

    Raises
    ------
    NoRuleThen
        When the pack knows no rule for that day.
    """
    place = _Place(
        ZoneInfo(pack.time_zone),
        pack.lon_deg if lon_deg is None else lon_deg,
        pack.lat_deg if lat_deg is None else lat_deg,
    )
    ended = snow_ended_at.astimezone(UTC)
    version = pack.version_on(ended.astimezone(place.zone).date())
    known = {clause.hazard for clause in version.clauses}
    wanted = hazard if hazard in known else "snow"
    for clause in version.clauses:
        if clause.hazard == wanted and _holds(clause.when, ended, place):
            return _answer(clause, _due_moment(clause.due, ended, place), version)
    raise NoRuleThen(f"No clause of the ordinance pack {pack.code!r} covers that time of day.")


def _answer(clause: Clause, at: datetime, version: OrdinanceVersion) -> Due:
    return Due(
        at=at,
        clause=clause.code,
        sentence=clause.sentence["en"],
        sentences=clause.sentence,
        source=version.source,
        unsure=version.unsure,
    )


def next_clock(moment: datetime, clock: time, zone: ZoneInfo, *, skip_days: int = 0) -> datetime:
    """The next moment after this one when local clocks show a time, in UTC.

    A time that clocks skip in spring is taken as soon as they have skipped it; of a time that comes
    twice in autumn, the first that is still to come.
    """
    day = moment.astimezone(zone).date() + timedelta(days=skip_days)
    for offset in range(3):
        for fold in (0, 1):
            at = _local_moment(day + timedelta(days=offset), clock, zone, fold)
            if at > moment:
                return at
    raise AssertionError("a clock shows every time of day within two days")


def _local_moment(day: date, clock: time, zone: ZoneInfo, fold: int) -> datetime:
    local = datetime.combine(day, clock, zone).replace(fold=fold)
    at = local.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return at
    # Clocks skip this time; the gap ends between the moments that its two offsets mean.
    low = local.replace(fold=1).astimezone(UTC)
    high = local.replace(fold=0).astimezone(UTC)
    return _gap_end(low, high, zone)


def _gap_end(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two when the clocks change, to the second."""
    offset = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def _holds(when: When, ended: datetime, place: _Place) -> bool:
    local = ended.astimezone(place.zone)
    if when.weekdays and local.weekday() not in when.weekdays:
        return False
    if when.start is None or when.to is None:
        return True
    start, to = (_at_local(text, local, place) for text in (when.start, when.to))
    if start <= to:
        return start <= local.replace(tzinfo=None) < to
    return local.replace(tzinfo=None) >= start or local.replace(tzinfo=None) < to


def _at_local(text: str, local: datetime, place: _Place) -> datetime:
    """A time of day or the sun's on the local day, as clocks show it."""
    if text in ("sunrise", "sunset"):
        rise, fall = read_daylight(local.date(), place.zone, place.lon_deg, place.lat_deg)
        return (rise if text == "sunrise" else fall).astimezone(place.zone).replace(tzinfo=None)
    return datetime.combine(local.date(), time.fromisoformat(text))


def _due_moment(due: DueRule, ended: datetime, place: _Place) -> datetime:
    if due.hours_after_end is not None:
        return ended + timedelta(hours=due.hours_after_end)
    if due.clock is not None:
        skip_days = 1 if due.day == "next_day" else 0
        clock = time.fromisoformat(due.clock)
        return next_clock(ended, clock, place.zone, skip_days=skip_days)
    daylight = list_daylight(ended, place.zone, place.lon_deg, place.lat_deg)
    if due.hours_after_sunrise is not None:
        rise = next(rise for rise, _ in daylight if rise > ended)
        return rise + timedelta(hours=due.hours_after_sunrise)
    left = timedelta(hours=due.daylight_hours or 0.0)
    for rise, fall in daylight:
        start = max(rise, ended)
        if fall - start >= left:
            return start + left
        left -= fall - start
    raise NoRuleThen("There are not enough hours of daylight in the ten days after the snow.")
