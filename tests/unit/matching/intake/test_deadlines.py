"""Due times of every shipped ordinance pack, row by row, by local clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from matching.intake.deadlines import due_at, next_clock
from matching.intake.errors import InvalidIntakeRules, NoRuleThen, OrdinanceUnknown
from matching.intake.ordinance_packs import list_packs, load_pack, read_pack
from matching.intake.programme import DeadlineRules, reckon_deadline

EASTERN = ZoneInfo("America/New_York")
# In 2026 clocks go forward on 8 March and back on 1 November, at 2 am.
ROWS = [
    # Chicago, Sunday rule and 4 pm until the middle of 2016.
    ("chicago", "2015-12-21T09:00", "2015-12-21T12:00", "day"),
    ("chicago", "2015-12-21T15:59", "2015-12-21T18:59", "day"),
    ("chicago", "2015-12-21T16:00", "2015-12-22T10:00", "night"),
    ("chicago", "2015-12-22T03:00", "2015-12-22T10:00", "night"),
    ("chicago", "2015-12-20T08:00", "2015-12-21T10:00", "sunday"),
    ("chicago", "2015-12-20T23:30", "2015-12-21T10:00", "sunday"),
    ("chicago", "2015-12-20T00:30", "2015-12-21T10:00", "sunday"),
    ("chicago", "2015-12-19T23:30", "2015-12-20T10:00", "night"),
    # Chicago today.
    ("chicago", "2026-01-15T07:00", "2026-01-15T22:00", "day"),
    ("chicago", "2026-01-15T18:59", "2026-01-15T22:00", "day"),
    ("chicago", "2026-01-15T19:00", "2026-01-16T10:00", "night"),
    ("chicago", "2026-01-15T23:59", "2026-01-16T10:00", "night"),
    ("chicago", "2026-01-16T06:59", "2026-01-16T10:00", "night"),
    ("chicago", "2026-01-18T08:00", "2026-01-18T22:00", "day"),  # no Sunday rule any more
    ("chicago", "2025-12-31T23:00", "2026-01-01T10:00", "night"),
    ("chicago", "2026-03-08T01:30", "2026-03-08T10:00", "night"),
    ("chicago", "2026-03-07T20:00", "2026-03-08T10:00", "night"),
    ("chicago", "2026-10-31T23:00", "2026-11-01T10:00", "night"),
    # Boston: 3 hours, or 3 hours after sunrise (7:10 on 16 January, 7:08 on 8 March).
    ("boston", "2026-01-15T12:00", "2026-01-15T15:00", "day"),
    ("boston", "2026-01-15T16:00", "2026-01-15T19:00", "day"),
    ("boston", "2026-01-15T17:30", "2026-01-16T10:10", "night"),
    ("boston", "2026-01-16T02:00", "2026-01-16T10:10", "night"),
    ("boston", "2026-01-16T07:00", "2026-01-16T10:10", "night"),
    ("boston", "2026-01-16T08:00", "2026-01-16T11:00", "day"),
    ("boston", "2026-03-08T01:30", "2026-03-08T10:08", "night"),
    ("boston", "2025-12-31T23:00", "2026-01-01T10:13", "night"),
    # Cambridge: 12 hours by day, 1 pm after a night.
    ("cambridge", "2026-01-15T12:00", "2026-01-16T00:00", "day"),
    ("cambridge", "2026-01-15T16:00", "2026-01-16T04:00", "day"),
    ("cambridge", "2026-01-15T18:00", "2026-01-16T13:00", "night"),
    ("cambridge", "2026-01-16T03:00", "2026-01-16T13:00", "night"),
    ("cambridge", "2026-01-16T06:30", "2026-01-16T13:00", "night"),
    ("cambridge", "2025-12-31T22:00", "2026-01-01T13:00", "night"),
    ("cambridge", "2026-03-07T21:00", "2026-03-08T13:00", "night"),
    ("cambridge", "2026-03-07T15:00", "2026-03-08T04:00", "day"),  # 12 hours, one was skipped
    ("cambridge", "2026-11-01T00:30", "2026-11-01T13:00", "night"),
    # New York: 4 hours, 14 hours, 11 am.
    ("new-york", "2026-01-15T07:00", "2026-01-15T11:00", "day"),
    ("new-york", "2026-01-15T16:59", "2026-01-15T20:59", "day"),
    ("new-york", "2026-01-15T17:00", "2026-01-16T07:00", "evening"),
    ("new-york", "2026-01-15T20:59", "2026-01-16T10:59", "evening"),
    ("new-york", "2026-01-15T21:00", "2026-01-16T11:00", "night"),
    ("new-york", "2026-01-16T06:59", "2026-01-16T11:00", "night"),
    ("new-york", "2025-12-31T23:59", "2026-01-01T11:00", "night"),
    ("new-york", "2026-03-07T22:00", "2026-03-08T11:00", "night"),
    ("new-york", "2026-03-07T18:00", "2026-03-08T09:00", "evening"),
    ("new-york", "2026-10-31T18:00", "2026-11-01T07:00", "evening"),
    # Pittsburgh: 24 hours, whatever clocks do.
    ("pittsburgh", "2026-01-15T12:00", "2026-01-16T12:00", "always"),
    ("pittsburgh", "2026-03-07T12:00", "2026-03-08T13:00", "always"),
    ("pittsburgh", "2026-03-07T02:30", "2026-03-08T03:30", "always"),
    ("pittsburgh", "2026-10-31T12:00", "2026-11-01T11:00", "always"),
    ("pittsburgh", "2025-12-31T18:00", "2026-01-01T18:00", "always"),
    # Washington: the first 8 hours between sunrise (7:25) and sunset.
    ("washington-dc", "2026-01-15T09:00", "2026-01-15T17:00", "daylight"),
    ("washington-dc", "2026-01-15T20:00", "2026-01-16T15:25", "daylight"),
    ("washington-dc", "2026-01-16T04:00", "2026-01-16T15:25", "daylight"),
    ("washington-dc", "2026-01-15T16:14", "2026-01-16T14:29", "daylight"),
    ("washington-dc", "2026-03-08T01:30", "2026-03-08T15:30", "daylight"),
    ("washington-dc", "2025-12-31T20:00", "2026-01-01T15:27", "daylight"),
]


def local(pack_code: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(load_pack(pack_code).time_zone))


@pytest.mark.parametrize(("code", "ended", "due", "clause"), ROWS)
def test_due_time(code: str, ended: str, due: str, clause: str) -> None:
    answer = due_at(load_pack(code), local(code, ended))

    assert (answer.at, answer.clause) == (local(code, due).astimezone(UTC), clause)
    assert answer.sentence == answer.sentences["en"]
    assert answer.source


def test_table_covers_every_shipped_pack() -> None:
    assert {row[0] for row in ROWS} == set(list_packs())


def test_ice_has_a_clause_of_its_own() -> None:
    pack = load_pack("cambridge")
    formed = local("cambridge", "2026-01-15T12:00")

    assert due_at(pack, formed, hazard="ice").at - formed == timedelta(hours=6)
    assert due_at(load_pack("boston"), formed, hazard="ice").clause == "day"


def test_place_moves_the_sun() -> None:
    pack = load_pack("boston")
    ended = local("boston", "2026-01-15T22:00")
    east, west = due_at(pack, ended, -70.0, 42.36), due_at(pack, ended, -72.0, 42.36)

    assert timedelta(minutes=6) < west.at - east.at < timedelta(minutes=10)


def test_law_of_new_york_counts_four_hours_without_the_night() -> None:
    """The city's hours are the law's: four hours, the time from 9 pm to 7 am left out."""
    pack = load_pack("new-york")
    for minute in range(0, 24 * 60, 7):
        ended = local("new-york", "2026-01-15T00:00") + timedelta(minutes=minute)
        left, moment = 4 * 60, ended
        while left:
            moment += timedelta(minutes=1)
            left -= 7 <= (moment - timedelta(minutes=1)).astimezone(EASTERN).hour < 21
        assert due_at(pack, ended).at == moment.astimezone(UTC)


def test_day_without_a_rule_is_refused() -> None:
    with pytest.raises(NoRuleThen, match="2015-03-11"):
        due_at(load_pack("washington-dc"), local("washington-dc", "2014-01-15T12:00"))


def test_unknown_pack_names_the_known_ones() -> None:
    with pytest.raises(OrdinanceUnknown, match="boston, cambridge, chicago"):
        load_pack("gotham")


@pytest.mark.parametrize(
    ("moment", "clock", "expected"),
    [
        ("2026-03-08T01:00-05:00", "02:30", "2026-03-08T03:00-04:00"),
        ("2026-11-01T00:30-04:00", "01:30", "2026-11-01T01:30-04:00"),
        ("2026-11-01T01:45-04:00", "01:30", "2026-11-01T01:30-05:00"),
        ("2026-11-01T01:45-05:00", "01:30", "2026-11-02T01:30-05:00"),
        ("2026-01-15T10:00-05:00", "10:00", "2026-01-16T10:00-05:00"),
    ],
)
def test_next_clock(moment: str, clock: str, expected: str) -> None:
    found = next_clock(datetime.fromisoformat(moment), time.fromisoformat(clock), EASTERN)

    assert found == datetime.fromisoformat(expected)


def broken(**changes: object) -> dict[str, object]:
    clause = {
        "code": "day",
        "when": {},
        "due": {"hours_after_end": 3},
        "sentence": {"en": "In 3 hours.", "es": "En 3 horas."},
    }
    version = {
        "valid_from": "2020-01-01",
        "valid_until": None,
        "as_of": "2020-01-01",
        "source": "made up",
        "unsure": [],
        "path_width_cm": None,
        "clauses": [clause | changes],
    }
    return {
        "code": "test",
        "city": "Test",
        "time_zone": "America/New_York",
        "lon_deg": -71.0,
        "lat_deg": 42.0,
        "versions": [version],
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due": {}}, "exactly one way"),
        ({"due": {"hours_after_end": 3, "clock": "10:00"}}, "exactly one way"),
        ({"due": {"hours_after_end": -3}}, "between 0 and 240"),
        ({"due": {"clock": "25:00"}}, "no such time"),
        ({"due": {"clock": "sunset"}}, "not the sun"),
        ({"when": {"from": "07:00"}}, "both 'from' and 'to'"),
        ({"when": {"from": "07:00", "to": "19:00"}}, "without a clause"),
        ({"when": {"weekdays": [7]}}, "0 to 6"),
        ({"sentence": {"en": "Only English."}}, "English and Spanish"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_broken_pack_is_refused(changes: dict[str, object], words: str) -> None:
    assert read_pack(broken()).code == "test"
    with pytest.raises(InvalidIntakeRules, match=words):
        read_pack(broken(**changes))


def test_versions_may_not_overlap() -> None:
    data = broken()
    versions = data["versions"]
    assert isinstance(versions, list)
    data["versions"] = [*versions, versions[0] | {"valid_from": "2021-01-01"}]

    with pytest.raises(InvalidIntakeRules, match="two versions hold on 2021-01-01"):
        read_pack(data)


def test_far_north_says_that_the_sun_does_not_rise() -> None:
    with pytest.raises(NoRuleThen, match="sun does not rise"):
        due_at(load_pack("washington-dc"), local("washington-dc", "2026-01-01T12:00"), 25.0, 78.0)


def test_promise_may_be_looser_than_the_law() -> None:
    ended = local("chicago", "2026-01-15T12:00")
    law = reckon_deadline(DeadlineRules(ordinance="chicago"), ended, now=ended)
    promise = reckon_deadline(
        DeadlineRules(ordinance="chicago", promise_hours=36), ended, now=ended
    )

    assert law.at == local("chicago", "2026-01-15T22:00")
    assert promise.at - ended == timedelta(hours=36)
    assert promise.law == law.law


def test_without_an_end_of_the_snow_the_default_holds() -> None:
    now = local("boston", "2026-01-15T12:00")

    assert reckon_deadline(DeadlineRules(default_hours=10), None, now=now).at == now + timedelta(
        hours=10
    )
