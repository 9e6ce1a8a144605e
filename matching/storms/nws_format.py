"""The answers of the US National Weather Service, read with suspicion. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from matching.errors import WeatherUnavailable
from matching.storms.weather import SNOW_WORDS, Alert, Reading

SOURCE = "nws"
MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "m": 1_000.0, "in": 25.4, "[in_i]": 25.4}
BAD_QUALITY = frozenset({"X", "B"})
"""Rejected by the service's own checks, or by a person."""
NOT_FALLING = frozenset({"blowing", "low_drifting"})
WARMEST_SNOW_C = 1.5
INCH_CM = 2.54
MAX_ROWS = 500
MAX_ID = 200

_DEPTH_REMARK = re.compile(r"\bRMK\b.*?\s4/(\d{3})(?:\s|$)")
_SNOW_RATE_REMARK = re.compile(r"\bRMK\b.*?\bSNINCR (\d{1,2})/(\d{1,3})(?:\s|$)")


def read_observations(data: Any, station: str, *, snow_ratio: float) -> list[Reading]:
    """The readings of one station: those rows that have a moment.

    Raises
    ------
    WeatherUnavailable
        When the answer is no list of observations.
    """
    readings = []
    for row in _features(data):
        observed_at = _moment(row.get("timestamp"))
        if observed_at is None:
            continue
        conditions = _conditions(row)
        temperature_c = _celsius(row.get("temperature"))
        depth_cm = _centimetres(row.get("snowDepth"))
        remark = row.get("rawMessage")
        raw = remark if isinstance(remark, str) else ""
        snowfall_cm = _remark_snowfall(raw)
        if snowfall_cm is None:
            snowfall_cm = _melted(row, conditions, temperature_c, snow_ratio)
        readings.append(
            Reading(
                source=SOURCE,
                station=station,
                observed_at=observed_at,
                depth_cm=_remark_depth(raw) if depth_cm is None else depth_cm,
                snowfall_cm=snowfall_cm,
                temperature_c=temperature_c,
                conditions=conditions,
                raw_id=_short(row.get("@id")),
            )
        )
    return readings


def read_alerts(data: Any) -> list[Alert]:
    """The alerts that are meant: no tests, no exercises. Raises as `read_observations`."""
    alerts = []
    for row in _features(data):
        alert_id, event = _short(row.get("id")), _short(row.get("event"))
        onset_at = next(
            (
                moment
                for name in ("onset", "effective", "sent")
                if (moment := _moment(row.get(name))) is not None
            ),
            None,
        )
        ends_at = _moment(row.get("ends")) or _moment(row.get("expires"))
        if row.get("status") != "Actual":
            continue
        if alert_id is None or event is None or onset_at is None or ends_at is None:
            continue
        alerts.append(
            Alert(
                source=SOURCE,
                alert_id=alert_id,
                event=event[:100],
                onset_at=onset_at,
                ends_at=ends_at,
                cancelled=row.get("messageType") == "Cancel",
            )
        )
    return alerts


def _features(data: Any) -> list[dict[str, Any]]:
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        raise WeatherUnavailable(
            "The weather service gave an answer in a shape that this version does not know."
        )
    found = []
    for feature in features[:MAX_ROWS]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(properties, dict):
            found.append(properties)
    return found


def _conditions(row: dict[str, Any]) -> frozenset[str] | None:
    """What falls, in code words; None when the station does not say."""
    weather = row.get("presentWeather")
    if not isinstance(weather, list):
        return None
    if not weather:
        return frozenset() if row.get("textDescription") else None
    words = set()
    for item in weather:
        word = item.get("weather") if isinstance(item, dict) else None
        if not isinstance(word, str) or item.get("inVicinity") is True:
            continue
        modifier = item.get("modifier")
        if modifier in NOT_FALLING:
            continue
        words.add(f"freezing_{word}" if modifier == "freezing" else word)
    return frozenset(words)


def _melted(
    row: dict[str, Any],
    conditions: frozenset[str] | None,
    temperature_c: float | None,
    snow_ratio: float,
) -> float | None:
    """New snow reckoned from melted precipitation, when it was snow that fell."""
    melted_cm = _centimetres(row.get("precipitationLastHour"))
    if melted_cm is None or conditions is None:
        return None
    if not conditions & SNOW_WORDS or "rain" in conditions:
        return 0.0
    if temperature_c is not None and temperature_c > WARMEST_SNOW_C:
        return 0.0
    return melted_cm * snow_ratio


def _remark_depth(raw: str) -> float | None:
    """Snow on the ground from a report's remarks: ``4/012`` is 12 inches."""
    rate = _SNOW_RATE_REMARK.search(raw)
    if rate is not None:
        return int(rate.group(2)) * INCH_CM
    depth = _DEPTH_REMARK.search(raw)
    return None if depth is None else int(depth.group(1)) * INCH_CM


def _remark_snowfall(raw: str) -> float | None:
    """New snow of the hour from a report's remarks: ``SNINCR 2/10`` is 2 inches."""
    rate = _SNOW_RATE_REMARK.search(raw)
    return None if rate is None else int(rate.group(1)) * INCH_CM


def _quantity(value: Any) -> tuple[float, str] | None:
    """A number and its unit, if both are given and the service trusts them."""
    if not isinstance(value, dict) or value.get("qualityControl") in BAD_QUALITY:
        return None
    number, unit = value.get("value"), value.get("unitCode")
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    if not isinstance(unit, str) or number != number or abs(number) > 1e6:
        return None
    return float(number), unit.rpartition(":")[2]


def _centimetres(value: Any) -> float | None:
    quantity = _quantity(value)
    if quantity is None or quantity[1] not in MM_PER_UNIT or quantity[0] < 0:
        return None
    return quantity[0] * MM_PER_UNIT[quantity[1]] / 10


def _celsius(value: Any) -> float | None:
    quantity = _quantity(value)
    if quantity is None:
        return None
    if quantity[1] == "degC":
        return quantity[0]
    return (quantity[0] - 32) / 1.8 if quantity[1] == "degF" else None


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _short(value: Any) -> str | None:
    return value[:MAX_ID] if isinstance(value, str) and value else None
