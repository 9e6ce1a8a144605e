"""One line of a file, read strictly: every mistake is told at once, with its remedy."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from matching.imports.csv_table import CsvRow
from matching.imports.rows import FileRules, LineRefused, read_resident, read_volunteer

RULES = FileRules(zone=ZoneInfo("America/New_York"), phone_region="US")
RESIDENT = {
    "external_id": "R-1",
    "name": "Synthetic Resident 001",
    "phone": "617-555-0142",
    "address": "1 Main St",
    "windows": "2027-01-24 16:00-19:00",
}
VOLUNTEER = {
    "name": "Synthetic Volunteer 001",
    "email": "Volunteer001@Example.org",
    "address": "2 Main St",
    "windows": "2027-01-24 16:00-19:00 | 2027-01-24 19:00-21:00",
}


def row(cells: dict[str, str], **changes: str) -> CsvRow:
    merged = {**cells, **changes}
    return CsvRow(line=7, cells=merged, raw=tuple(merged.values()))


def problems(cells: dict[str, str], **changes: str) -> list[str]:
    read = read_resident if cells is RESIDENT else read_volunteer
    with pytest.raises(LineRefused) as caught:
        read(row(cells, **changes), RULES)
    assert caught.value.line == 7
    return [problem.sentence() for problem in caught.value.problems]


def test_a_resident_with_defaults() -> None:
    resident = read_resident(row(RESIDENT), RULES)
    assert resident.contact.source_key == "R-1"
    assert resident.contact.phone == "+16175550142"
    assert (resident.kind, resident.duration_s, resident.weight) == ("snow", 1800, 1.0)
    assert resident.windows == (
        (datetime(2027, 1, 24, 21, tzinfo=UTC), datetime(2027, 1, 25, 0, tzinfo=UTC)),
    )


def test_everything_that_a_resident_can_ask_for() -> None:
    resident = read_resident(
        row(
            RESIDENT,
            kind="Snow shoveling",
            duration_min="45",
            weight="2,5",
            needs="Snow Blower|salt",
            crew_size="2",
            languages="Spanish|en-US",
            season_volunteers="V-3",
            season_until="2027-04-15",
            banned_volunteers="V-8|V-9",
        ),
        RULES,
    )
    assert resident.weight == 2.5
    assert resident.needs == ("salt", "snow_blower")
    assert resident.contact.languages == ("en-US", "es")
    assert (resident.season_volunteers, resident.banned_volunteers) == (("V-3",), ("V-8", "V-9"))


def test_a_volunteer_whose_windows_touch_has_one_shift() -> None:
    volunteer = read_volunteer(row(VOLUNTEER, weekly_hours="Sat 9:00-12:30"), RULES)
    assert volunteer.windows == (
        (datetime(2027, 1, 24, 21, tzinfo=UTC), datetime(2027, 1, 25, 2, tzinfo=UTC)),
    )
    assert volunteer.weekly_hours == ((5, time(9), time(12, 30)),)
    assert volunteer.contact.email == "volunteer001@example.org"
    assert (volunteer.mode, volunteer.max_tasks, volunteer.max_travel_s) == ("walk", 3, 1200)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name: is empty. Fill it in."),
        ({"name": "=HYPERLINK(1)"}, "name: starts with '=' like a spreadsheet formula."),
        ({"name": "Ana\u202e"}, "name: holds characters that cannot be seen."),
        ({"email": "ana.example.org"}, "email: has no @ sign."),
        ({"email": "ana@nowhere"}, "email: is not a mail address."),
        ({"phone": "555-0142"}, "phone: is not a phone number that can be called (7 digits)."),
        ({"phone": "ask at the desk"}, "phone: is not a phone number."),
        ({"address": ""}, "address: is empty. Write street and house number."),
        ({"address": "", "lon": "-71.1"}, "lat: is empty. Give both lon and lat"),
        ({"lon": "x"}, "lon: is not a number: 'x'."),
        ({"lat": "nan"}, "lat: is nan."),
        ({"kind": "dog walking"}, "kind: does not know 'dog walking'. Write one of: snow, yard"),
        ({"duration_min": "-5"}, "duration_min: is -5. Write a number from 1 to 600 minutes."),
        ({"weight": "0"}, "weight: is 0."),
        ({"crew_size": "two"}, "crew_size: is not a number: 'two'."),
        ({"languages": "Klingonish!"}, "languages: does not know the language 'Klingonish!'."),
        ({"windows": ""}, "windows: is empty. Write it like 2027-01-24 16:00-19:00."),
        ({"windows": "tonight"}, "windows: cannot be read: 'tonight'."),
        ({"windows": "2027-02-30 16:00-19:00"}, "windows: has no such date or time: 2027-02-30"),
        ({"windows": "2027-01-24 19:00-16:00"}, "windows: ends before it starts"),
        ({"windows": "2027-03-14 02:30-05:00"}, "windows: names a time that the clocks skip"),
        ({"windows": "2027-01-24 16:00-16:10"}, "windows: leaves no room for the job of 30"),
        ({"season_volunteers": "V"}, "season_until: is empty. Write the last day"),
        ({"season_until": "spring"}, "season_until: is not a day: 'spring'."),
        ({"consents": "everything"}, "consents: does not know 'everything'. Write one of: match"),
        (
            {"season_volunteers": "V", "season_until": "2027-04-15", "banned_volunteers": "V"},
            "banned_volunteers: names a season",
        ),
    ],
)
def test_a_bad_cell_is_told_with_its_remedy(changes: dict[str, str], message: str) -> None:
    told = problems(RESIDENT, **changes)
    assert len(told) == 1
    assert told[0].startswith(message)


def test_without_a_known_country_a_phone_number_needs_its_code() -> None:
    rules = FileRules(zone=ZoneInfo("UTC"))
    with pytest.raises(LineRefused) as caught:
        read_resident(row(RESIDENT), rules)
    assert "Begin with + and the country code" in str(caught.value)
    assert read_resident(row(RESIDENT, phone="+1 617 555 0142"), rules).contact.phone


def test_all_bad_cells_of_a_line_are_told_at_once() -> None:
    told = problems(RESIDENT, name="", email="x", kind="y")
    assert [sentence.split(":")[0] for sentence in told] == ["name", "email", "kind"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": ""}, "email: is empty, and so is phone."),
        ({"windows": ""}, "windows: is empty, and so is weekly_hours."),
        ({"mode": "helicopter"}, "mode: does not know 'helicopter'. Write one of: walk, bike, car"),
        ({"weekly_hours": "Sat 12:00-9:00"}, "weekly_hours: ends before it starts"),
        ({"weekly_hours": "Someday 9:00-12:00"}, "weekly_hours: cannot be read"),
        ({"max_tasks": "0"}, "max_tasks: is 0."),
    ],
)
def test_a_bad_volunteer_cell_is_told(changes: dict[str, str], message: str) -> None:
    assert problems(VOLUNTEER, **changes)[0].startswith(message)


def test_problems_never_repeat_what_identifies_a_person() -> None:
    told = " ".join(problems(RESIDENT, email="secret.person", phone="99-secret", address=""))
    assert "secret" not in told


def test_without_an_external_id_the_key_is_stable_and_tells_people_apart() -> None:
    def key(**changes: str) -> str:
        return read_resident(row(RESIDENT, external_id="", **changes), RULES).contact.source_key

    assert key() == key(name="  synthetic RESIDENT  001 ")
    assert key() != key(name="Synthetic Resident 002")
    assert key() != key(phone="617-555-0143")
    assert key() == key(duration_min="30")
