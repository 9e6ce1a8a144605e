"""What readings and alerts say together, whatever order they came in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median, median_high

from astral import Observer
from astral.sun import elevation

from matching.storms.rules import StormRules

SNOW_WORDS = frozenset({"snow", "snow_grains", "snow_pellets", "blizzard"})
ICE_WORDS = frozenset({"freezing_rain", "freezing_drizzle", "ice_pellets", "glaze"})
RAIN_WORDS = frozenset({"rain", "drizzle"})
LOOK_BACK = timedelta(hours=6)
"""What lay on the ground before a storm is read from so long before it began."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""Readings from further in the future are not believed."""
MAX_DEPTH_CM = 500.0
MAX_JUMP_CM = 15.0
MAX_RATE_CM = 5.0
"""A depth that differs by more than a jump and so much an hour from all near it is a fault."""
MIN_STUCK_READINGS = 6
TEMPERATURE_RANGE_C = (-60.0, 55.0)


@dataclass(frozen=True)
class Reading:
    """What one station measured at one moment; None where it said nothing."""

    source: str
    station: str
    observed_at: datetime
    depth_cm: float | None = None
    """Snow on the ground, old and new."""
    snowfall_cm: float | None = None
    """New snow of the last hour."""
    temperature_c: float | None = None
    conditions: frozenset[str] | None = None
    """Code words such as ``snow``; None when the station does not tell."""
    raw_id: str | None = None


@dataclass(frozen=True)
class Alert:
    """An official alert as it stands now."""

    source: str
    alert_id: str
    event: str
    """Its official name, such as ``Winter Storm Warning``."""
    onset_at: datetime
    ends_at: datetime
    cancelled: bool = False


@dataclass(frozen=True)
class Weather:
    """All that the state machine looks at. None means: not known."""

    gain_cm: float | None = None
    """New snow on the ground now."""
    fallen_cm: float | None = None
    """The most of it since the storm began."""
    is_snowing: bool | None = None
    snow_last_at: datetime | None = None
    """When snow was last reported."""
    temperature_c: float | None = None
    is_icy: bool | None = None
    arming_alert: bool = False
    watch_alert: bool = False
    sun_deg: float | None = None
    """How high the sun stands."""
    newest_at: datetime | None = None
    stuck: frozenset[str] = field(default_factory=frozenset)
    """Stations that are not believed."""


def read_weather(
    readings: Iterable[Reading],
    alerts: Iterable[Alert],
    rules: StormRules,
    *,
    begins_at: datetime,
    now: datetime,
    last_end_at: datetime | None = None,
) -> Weather:
    """Put together what is known at ``now`` about the snow since ``begins_at``.

    What was measured before ``last_end_at``, the end of the storm before, does not count again, nor
    do alerts that were in effect then.
    """
    earliest = max(begins_at - LOOK_BACK, last_end_at or begins_at - LOOK_BACK)
    by_station: dict[str, list[Reading]] = {}
    for reading in readings:
        if earliest <= reading.observed_at <= now + CLOCKS_DIFFER:
            by_station.setdefault(f"{reading.source}/{reading.station}", []).append(reading)
    stations, stuck = [], set()
    for name, rows in by_station.items():
        rows.sort(key=lambda row: row.observed_at)
        if _is_stuck(rows, rules, now):
            stuck.add(name)
        else:
            stations.append(_read_station(rows, rules, begins_at, now))
    fresh = [station for station in stations if station.is_fresh]
    icy_alert, arming, watching = _read_alerts(alerts, rules, last_end_at, now)
    snowing = [station.is_snowing for station in fresh if station.is_snowing is not None]
    icy = [station.is_icy for station in fresh if station.is_icy is not None]
    last = [station.snow_last_at for station in stations if station.snow_last_at is not None]
    return Weather(
        gain_cm=_middle(station.gain_cm for station in fresh),
        fallen_cm=_middle(station.fallen_cm for station in stations),
        is_snowing=sum(snowing) * 2 >= len(snowing) if snowing else None,
        snow_last_at=median_high(last) if last else None,
        temperature_c=_middle(station.temperature_c for station in fresh),
        is_icy=True if icy_alert else (any(icy) if icy else None),
        arming_alert=arming,
        watch_alert=watching,
        sun_deg=sun_elevation_deg(rules, now),
        newest_at=max((station.newest_at for station in stations), default=None),
        stuck=frozenset(stuck),
    )


def sun_elevation_deg(rules: StormRules, now: datetime) -> float | None:
    """How high the sun stands over the community; None where its place is not set."""
    if rules.lon_deg is None or rules.lat_deg is None:
        return None
    return float(elevation(Observer(rules.lat_deg, rules.lon_deg), now.astimezone(UTC)))


@dataclass(frozen=True)
class _Station:
    newest_at: datetime
    is_fresh: bool
    gain_cm: float | None
    fallen_cm: float | None
    is_snowing: bool | None
    snow_last_at: datetime | None
    temperature_c: float | None
    is_icy: bool | None


def _read_station(
    rows: Sequence[Reading], rules: StormRules, begins_at: datetime, now: datetime
) -> _Station:
    fresh_from = now - timedelta(seconds=rules.fresh_s)
    depths = _believable_depths(rows)
    gain, peak = _new_snow(depths, begins_at)
    fell = _hourly_snowfall(rows, begins_at)
    if gain is not None and depths[-1][0] < fresh_from:
        gain = None
    told = [row for row in rows if row.conditions is not None and row.observed_at >= fresh_from]
    newest = told[-1].conditions if told else None
    snow_last = [row.observed_at for row in rows if row.conditions and row.conditions & SNOW_WORDS]
    low, high = TEMPERATURE_RANGE_C
    temperatures = [
        row.temperature_c
        for row in rows
        if row.observed_at >= fresh_from
        and row.temperature_c is not None
        and low <= row.temperature_c <= high
    ]
    temperature = temperatures[-1] if temperatures else None
    known = [value for value in (peak, fell) if value is not None]
    return _Station(
        newest_at=rows[-1].observed_at,
        is_fresh=rows[-1].observed_at >= fresh_from,
        gain_cm=fell if gain is None else gain,
        fallen_cm=max(known) if known else None,
        is_snowing=None if newest is None else bool(newest & SNOW_WORDS),
        snow_last_at=snow_last[-1] if snow_last else None,
        temperature_c=temperature,
        is_icy=None if newest is None else _is_icy(rows, newest, temperature, rules, now),
    )


def _is_icy(
    rows: Sequence[Reading],
    newest: frozenset[str],
    temperature_c: float | None,
    rules: StormRules,
    now: datetime,
) -> bool:
    if newest & ICE_WORDS:
        return True
    since = now - timedelta(seconds=rules.glaze_s)
    wet = any(
        row.conditions and row.conditions & (RAIN_WORDS | ICE_WORDS)
        for row in rows
        if row.observed_at >= since
    )
    return wet and temperature_c is not None and temperature_c <= 0


def _believable_depths(rows: Sequence[Reading]) -> list[tuple[datetime, float]]:
    """Depths without those that no snow can have: outside all range, or alone in their height."""
    depths = [
        (row.observed_at, row.depth_cm)
        for row in rows
        if row.depth_cm is not None and 0 <= row.depth_cm <= MAX_DEPTH_CM
    ]
    if len(depths) < 2:
        return depths
    return [
        depth
        for index, depth in enumerate(depths)
        if any(
            _fit_together(depth, depths[other])
            for other in range(max(0, index - 2), min(len(depths), index + 3))
            if other != index
        )
    ]


def _fit_together(one: tuple[datetime, float], other: tuple[datetime, float]) -> bool:
    hours = abs((one[0] - other[0]).total_seconds()) / 3_600
    return abs(one[1] - other[1]) <= MAX_JUMP_CM + MAX_RATE_CM * hours


def _new_snow(
    depths: Sequence[tuple[datetime, float]], begins_at: datetime
) -> tuple[float | None, float | None]:
    """New snow now and at its most, above what lay there before."""
    if not depths:
        return None, None
    before = [depth for moment, depth in depths if moment <= begins_at]
    baseline = min(before) if before else depths[0][1]
    after = [depth for moment, depth in depths if moment > begins_at] or before[-1:]
    return max(0.0, after[-1] - baseline), max(0.0, max(after) - baseline)


def _hourly_snowfall(rows: Sequence[Reading], begins_at: datetime) -> float | None:
    """The sum of each hour's snowfall; stations repeat an hour's sum in every report of it."""
    hours: dict[datetime, float] = {}
    for row in rows:
        if row.snowfall_cm is None or not 0 <= row.snowfall_cm <= MAX_JUMP_CM:
            continue
        if row.observed_at > begins_at - LOOK_BACK:
            hour = row.observed_at.replace(minute=0, second=0, microsecond=0)
            hours[hour] = max(hours.get(hour, 0.0), row.snowfall_cm)
    return sum(hours.values()) if hours else None


def _is_stuck(rows: Sequence[Reading], rules: StormRules, now: datetime) -> bool:
    """Whether nothing moved for so long that the station must be broken."""
    span = timedelta(seconds=rules.stuck_after_s)
    late = [row for row in rows if row.observed_at >= now - span]
    if len(late) < MIN_STUCK_READINGS or late[-1].observed_at - late[0].observed_at < span * 0.8:
        return False
    depths, warmth = {row.depth_cm for row in late}, {row.temperature_c for row in late}
    if None in depths or len(depths) > 1:
        return False
    snowing = sum(bool(row.conditions and row.conditions & SNOW_WORDS) for row in late)
    frozen = len(warmth) == 1 and None not in warmth
    return frozen or snowing * 2 > len(late)


def _read_alerts(
    alerts: Iterable[Alert], rules: StormRules, last_end_at: datetime | None, now: datetime
) -> tuple[bool, bool, bool]:
    """Whether alerts hold volunteers back, arm a storm, or make one look."""
    ahead = now + timedelta(seconds=rules.arm_ahead_s)
    live = [alert for alert in alerts if not alert.cancelled and alert.ends_at > now]
    new = [alert for alert in live if last_end_at is None or alert.onset_at > last_end_at]
    near = [alert for alert in new if alert.onset_at <= ahead]
    return (
        any(alert.event in rules.ice_alerts and alert.onset_at <= now for alert in live),
        any(alert.event in rules.arming_alerts for alert in near),
        any(alert.event in (*rules.watch_alerts, *rules.ice_alerts) for alert in new),
    )


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None
