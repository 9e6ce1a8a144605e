from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.events.errors import HourSkipped, HourTwice, InvalidRepeat, InvalidWallTime
from campaigns.events.kinds import HourChoice, Repeats
from campaigns.events.seating import confirm_until
from campaigns.events.series import MAX_OCCURRENCES, Rule, list_starts, write_rule
from campaigns.events.wall import find_moment, read_local, read_zone

BOSTON = ZoneInfo("America/New_York")


def test_a_skipped_hour_names_the_two_nearest_times() -> None:
    with pytest.raises(HourSkipped, match="2027-03-14T01:59 and 2027-03-14T03:00"):
        find_moment(read_local("2027-03-14T02:30"), BOSTON)


def test_a_skipped_day_names_the_days_around_it() -> None:
    with pytest.raises(HourSkipped, match="2011-12-29T23:59 and 2011-12-31T00:00"):
        find_moment(read_local("2011-12-30T12:00"), ZoneInfo("Pacific/Apia"))


def test_a_doubled_hour_asks_which() -> None:
    doubled = read_local("2027-11-07T01:30")
    with pytest.raises(HourTwice, match="05:30 and 06:30 UTC"):
        find_moment(doubled, BOSTON)
    early = find_moment(doubled, BOSTON, HourChoice.EARLIER)
    late = find_moment(doubled, BOSTON, HourChoice.LATER)
    assert (early.hour, late.hour) == (5, 6)
    with pytest.raises(InvalidRepeat, match="doubled hour"):
        list_starts(doubled, BOSTON, Rule(Repeats.DAILY, count=2), HourChoice.LATER)


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "2027-03-09T18:00Z", "2027-03-09T18:00:30", "1999-01-01T10:00"],
)
def test_local_times_that_are_none(text: str) -> None:
    with pytest.raises(InvalidWallTime):
        read_local(text)


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", ""])
def test_unknown_zones(name: str) -> None:
    with pytest.raises(InvalidWallTime):
        read_zone(name)


def test_the_time_on_the_wall_stays_when_the_clocks_change() -> None:
    rule = Rule(Repeats.WEEKLY, weekdays=(1, 3), count=4)
    starts = list_starts(read_local("2027-03-09T18:00"), BOSTON, rule)
    assert [moment.astimezone(BOSTON).hour for moment in starts.moments] == [18] * 4
    assert [moment.hour for moment in starts.moments] == [23, 23, 22, 22]
    assert write_rule(rule, BOSTON) == "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4"


def test_a_skipped_time_within_a_series_is_left_out_and_not_counted() -> None:
    starts = list_starts(read_local("2027-03-13T02:30"), BOSTON, Rule(Repeats.DAILY, count=3))
    days = [moment.astimezone(BOSTON).day for moment in starts.moments]
    assert (days, starts.skipped) == ([13, 15, 16], (read_local("2027-03-14T02:30"),))


def test_months_by_weekday() -> None:
    last = Rule(Repeats.MONTHLY, weekdays=(4,), nth=-1, until=date(2027, 4, 30))
    starts = list_starts(read_local("2027-01-29T18:00"), BOSTON, last)
    days = [moment.astimezone(BOSTON).date().isoformat() for moment in starts.moments]
    assert days == ["2027-01-29", "2027-02-26", "2027-03-26", "2027-04-30"]
    assert write_rule(last, BOSTON) == "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270501T035959Z"
    fifth = Rule(Repeats.MONTHLY, weekdays=(4,), nth=5, count=2)
    found = list_starts(read_local("2027-01-29T18:00"), BOSTON, fifth).moments
    assert [moment.astimezone(BOSTON).month for moment in found] == [1, 4]


def test_series_are_bounded() -> None:
    with pytest.raises(InvalidRepeat, match="more than 100"):
        list_starts(
            read_local("2027-01-01T18:00"), BOSTON, Rule(Repeats.DAILY, until=date(2027, 12, 31))
        )
    whole = list_starts(
        read_local("2027-01-01T18:00"), BOSTON, Rule(Repeats.DAILY, count=MAX_OCCURRENCES)
    )
    assert len(whole.moments) == MAX_OCCURRENCES


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"count": 101}, "1 to 100 times"),
        ({}, "how many times"),
        ({"count": 2, "until": date(2027, 2, 1)}, "how many times"),
        ({"count": 2, "every": 13}, "every 1 to 12"),
        ({"count": 2, "weekdays": (7,)}, "0 \\(Monday\\)"),
        ({"count": 2, "nth": 1}, "Only a monthly"),
    ],
)
def test_rules_that_cannot_be(values: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidRepeat, match=words):
        Rule(Repeats.WEEKLY, **values)  # type: ignore[arg-type]  # what people may send


def test_a_first_start_that_does_not_follow_its_rule() -> None:
    tuesdays = Rule(Repeats.WEEKLY, weekdays=(1,), count=2)
    with pytest.raises(InvalidRepeat, match="is a Monday"):
        list_starts(read_local("2027-03-08T18:00"), BOSTON, tuesdays)
    first_tuesdays = Rule(Repeats.MONTHLY, weekdays=(1,), nth=1, count=2)
    with pytest.raises(InvalidRepeat, match="Tuesday of its month"):
        list_starts(read_local("2027-03-09T18:00"), BOSTON, first_tuesdays)


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (timedelta(days=9), timedelta(hours=24)),
        (timedelta(hours=20), timedelta(hours=10)),
        (timedelta(minutes=20), timedelta(minutes=15)),
        (timedelta(minutes=5), timedelta(minutes=5)),
    ],
)
def test_how_long_a_seat_is_kept(left: timedelta, kept: timedelta) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)
    assert confirm_until(86_400, now=now, starts_at=now + left) == now + kept
