"""Sunrise and sunset at a place, and the daylight between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

from matching.intake.errors import NoRuleThen

MAX_DAYS = 10


def read_daylight(
    day: date, zone: ZoneInfo, lon_deg: float, lat_deg: float
) -> tuple[datetime, datetime]:
    """Sunrise and sunset of a local day, in UTC, whole minutes.

    Raises
    ------
    NoRuleThen
        Where the sun does not rise or set on that day.
    """
    observer = Observer(latitude=lat_deg, longitude=lon_deg)
    try:
        rise = sunrise(observer, date=day, tzinfo=zone)
        fall = sunset(observer, date=day, tzinfo=zone)
    except ValueError:
        raise NoRuleThen(
            f"The sun does not rise and set on {day} at latitude {lat_deg:.1f}; a rule by "
            "daylight cannot be applied there."
        ) from None
    return _whole_minute(rise), _whole_minute(fall)


def _whole_minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def list_daylight(
    moment: datetime, zone: ZoneInfo, lon_deg: float, lat_deg: float
) -> Iterator[tuple[datetime, datetime]]:
    """Spans of daylight that end after a moment, at most `MAX_DAYS` of them, ascending."""
    first = moment.astimezone(zone).date() - timedelta(days=1)
    for offset in range(MAX_DAYS + 2):
        rise, fall = read_daylight(first + timedelta(days=offset), zone, lon_deg, lat_deg)
        if fall > moment:
            yield rise, fall


def is_daylight(moment: datetime, zone: ZoneInfo, lon_deg: float, lat_deg: float) -> bool:
    """Whether the sun is up."""
    rise, _ = next(list_daylight(moment, zone, lon_deg, lat_deg))
    return rise <= moment
