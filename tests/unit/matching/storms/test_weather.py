from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from matching.storms.rules import StormRules, read_storm_rules
from matching.storms.weather import Alert, Reading, Weather, read_weather

BEGIN = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
NOW = BEGIN + timedelta(hours=10)
RULES = StormRules()


def reading(hours: float, station: str = "A", **values: Any) -> Reading:
    conditions = values.pop("conditions", None)
    return Reading(
        source="test",
        station=station,
        observed_at=BEGIN + timedelta(hours=hours),
        conditions=None if conditions is None else frozenset(conditions),
        **values,
    )


def look(*readings: Reading, alerts: tuple[Alert, ...] = (), **values: Any) -> Weather:
    values = {"begins_at": BEGIN, "now": NOW} | values
    rules = values.pop("rules", RULES)
    return read_weather(readings, alerts, rules, **values)


def test_only_new_snow_counts() -> None:
    weather = look(
        reading(-2, depth_cm=30.0), reading(4, depth_cm=36.0), reading(10, depth_cm=34.0)
    )
    assert weather.fallen_cm == 6.0
    assert weather.gain_cm == 4.0


def test_hourly_snowfall_is_summed_once_an_hour() -> None:
    rows = [
        reading(hour + minute / 60, snowfall_cm=value, conditions=["snow"])
        for hour, value in ((1, 1.0), (2, 2.0), (9, 0.5))
        for minute, value in ((5, value / 2), (51, value), (54, value))
    ]
    assert look(*rows, reading(10, conditions=[])).fallen_cm == 3.5


def test_order_of_arrival_does_not_matter() -> None:
    rows = [
        reading(hour, depth_cm=hour * 1.5, temperature_c=-hour / 2, conditions=["snow"])
        for hour in range(1, 8)
    ] + [reading(9, depth_cm=10.0, temperature_c=-3.0, conditions=[])]
    first = look(*rows)
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        assert look(*rows) == first
    assert first.is_snowing is False
    assert first.snow_last_at == BEGIN + timedelta(hours=7)


def test_depth_that_jumps_alone_is_not_believed() -> None:
    weather = look(reading(7, depth_cm=4.0), reading(8, depth_cm=90.0), reading(9, depth_cm=4.5))
    assert weather.fallen_cm == 0.5
    assert look(reading(8, depth_cm=-3.0), reading(9, depth_cm=600.0)).fallen_cm is None


def test_reading_from_the_future_is_left_out() -> None:
    weather = look(reading(9, depth_cm=1.0), reading(11, depth_cm=9.0))
    assert weather.fallen_cm == 0.0
    assert weather.newest_at == BEGIN + timedelta(hours=9)


def test_old_readings_say_nothing_about_the_present() -> None:
    weather = look(reading(5, depth_cm=9.0, temperature_c=-4.0, conditions=["snow"]))
    assert weather.is_snowing is None
    assert weather.temperature_c is None
    assert weather.gain_cm is None
    assert weather.is_icy is None
    assert weather.snow_last_at == BEGIN + timedelta(hours=5)


def test_stuck_station_is_left_out_and_named() -> None:
    stuck = [
        reading(hour, "S", depth_cm=12.0, temperature_c=-1.0, conditions=["snow"])
        for hour in range(-3, 11)
    ]
    good = [
        reading(hour, "G", depth_cm=2.0, temperature_c=-hour, conditions=[]) for hour in (8, 10)
    ]
    weather = look(*stuck, *good)
    assert weather.stuck == {"test/S"}
    assert weather.is_snowing is False
    moving = [
        reading(hour, "S", depth_cm=12.0, temperature_c=-hour, conditions=[]) for hour in range(11)
    ]
    assert look(*moving).stuck == frozenset()


def test_one_of_three_stations_does_not_decide() -> None:
    rows = [
        reading(10, "A", depth_cm=5.0, conditions=[]),
        reading(10, "B", depth_cm=6.0, conditions=[]),
        reading(10, "C", depth_cm=40.0, conditions=["snow"]),
    ]
    before = [reading(-1, station, depth_cm=0.0) for station in "ABC"]
    weather = look(*before, *rows)
    assert weather.is_snowing is False
    assert weather.fallen_cm == 6.0


def test_rain_before_frost_makes_ice() -> None:
    wet = reading(6, temperature_c=2.0, conditions=["rain"])
    assert look(wet, reading(10, temperature_c=-1.0, conditions=[])).is_icy is True
    assert look(wet, reading(10, temperature_c=1.0, conditions=[])).is_icy is False
    dry = reading(3, temperature_c=2.0, conditions=["rain"])
    assert look(dry, reading(10, temperature_c=-1.0, conditions=[])).is_icy is False
    assert look(reading(10, conditions=["freezing_drizzle"])).is_icy is True


def alert(event: str, onset_h: float, ends_h: float, *, cancelled: bool = False) -> Alert:
    return Alert(
        "test",
        event,
        event,
        BEGIN + timedelta(hours=onset_h),
        BEGIN + timedelta(hours=ends_h),
        cancelled,
    )


def test_alerts_arm_watch_and_hold() -> None:
    assert look(alerts=(alert("Winter Storm Warning", 20, 40),)).arming_alert
    assert not look(alerts=(alert("Winter Storm Warning", 35, 60),)).arming_alert
    assert not look(alerts=(alert("Winter Storm Warning", 1, 9),)).arming_alert
    assert not look(alerts=(alert("Winter Storm Warning", 1, 20, cancelled=True),)).arming_alert
    assert look(alerts=(alert("Snow Squall Warning", 9, 11),)).watch_alert
    assert look(alerts=(alert("Ice Storm Warning", 9, 11),)).is_icy is True
    assert look(alerts=(alert("Ice Storm Warning", 11, 15),)).is_icy is None
    assert look(alerts=(alert("Flood Warning", 9, 11),)) == look()


def test_alert_of_the_last_storm_does_not_begin_another() -> None:
    old = alert("Winter Storm Warning", 1, 20)
    ended = BEGIN + timedelta(hours=8)
    assert look(alerts=(old,), last_end_at=ended).arming_alert is False
    new = alert("Winter Storm Warning", 9, 20)
    assert look(alerts=(new,), last_end_at=ended).arming_alert is True


def test_sun_is_looked_at_where_the_community_is() -> None:
    assert look().sun_deg is None
    cambridge = read_storm_rules({"lon_deg": -71.11, "lat_deg": 42.37})
    noon = look(rules=cambridge, now=BEGIN + timedelta(hours=17)).sun_deg
    night = look(rules=cambridge, now=BEGIN + timedelta(hours=5)).sun_deg
    assert noon is not None
    assert 20 < noon < 30
    assert night is not None
    assert night < -50
    arctic = read_storm_rules({"lon_deg": 25.0, "lat_deg": 71.0})
    polar = look(rules=arctic, now=BEGIN + timedelta(hours=10)).sun_deg
    assert polar is not None
    assert polar < 0
