"""Made-up people are made up, repeatable, and good enough for the real import."""

from __future__ import annotations

import csv
import io
import re
from zoneinfo import ZoneInfo

import pytest

from geo.city import CityPack, shipped_pack
from matching.demo_people import DemoFiles, make_demo_files
from matching.imports.csv_table import CsvRow
from matching.imports.rows import FileRules, read_resident, read_volunteer

RULES = FileRules(zone=ZoneInfo("America/New_York"), phone_region="US")


@pytest.fixture(scope="module")
def pack() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


@pytest.fixture(scope="module")
def files(pack: CityPack) -> DemoFiles:
    return make_demo_files(pack, n_requests=400, n_volunteers=160, seed=1)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_same_seed_makes_the_same_files(pack: CityPack, files: DemoFiles) -> None:
    again = make_demo_files(pack, n_requests=400, n_volunteers=160, seed=1)
    other = make_demo_files(pack, n_requests=400, n_volunteers=160, seed=2)
    assert again == files
    assert other.residents != files.residents


def test_nobody_looks_real(files: DemoFiles) -> None:
    for row in rows(files.residents) + rows(files.volunteers):
        assert re.fullmatch(r"Synthetic (Resident|Volunteer) \d{3}", row["name"])
        assert row["email"].endswith("@example.org")
        assert re.fullmatch(r"617-555-01\d\d", row["phone"])


def test_every_line_is_one_that_the_import_takes(files: DemoFiles) -> None:
    residents, volunteers = rows(files.residents), rows(files.volunteers)
    assert (len(residents), len(volunteers)) == (400, 160)
    for line, row in enumerate(residents, 2):
        read_resident(CsvRow(line, row, tuple(row.values())), RULES)
    for line, row in enumerate(volunteers, 2):
        read_volunteer(CsvRow(line, row, tuple(row.values())), RULES)


def test_homes_are_distinct_and_exist_in_the_pack(pack: CityPack, files: DemoFiles) -> None:
    homes = [row["address"] for row in rows(files.residents) + rows(files.volunteers)]
    assert len(set(homes)) == len(homes)
    streets = set(pack.addresses.streets)
    named = [re.sub(r"^\S+( 1/2)? ", "", home).split(",")[0] for home in homes]
    assert all(street in streets for street in named)


def test_season_pairs_and_bans_name_volunteers_of_the_file(files: DemoFiles) -> None:
    known = {row["external_id"] for row in rows(files.volunteers)}
    residents = rows(files.residents)
    season = [row["season_volunteers"] for row in residents if row["season_volunteers"]]
    banned = [row["banned_volunteers"] for row in residents if row["banned_volunteers"]]
    assert len(season) > 5
    assert len(banned) > 2
    assert set(season + banned) <= known


def test_no_people_make_empty_files(pack: CityPack) -> None:
    assert make_demo_files(pack, n_requests=0, n_volunteers=0, seed=1) == DemoFiles("", "")
