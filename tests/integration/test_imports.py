"""Importing people: new, changed, equal and refused lines, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import Event
from geo.city import CityPack, shipped_pack
from geo.privacy import PrivacyCells
from matching.imports.importing import ImportPeople, import_people
from matching.imports.places import PlaceFinder
from matching.imports.preparing import FileKind, prepare_file, read_people_file
from matching.imports.report import ImportReport, write_rejects
from matching.imports.rows import FileRules
from matching.intake.kinds import IntakeTopic
from matching.intake.programme import set_intake_rules
from matching.intake.reviewing import list_review
from matching.kinds import RequestStatus
from matching.models import Ban, HelpRequest, SeasonPair, Volunteer
from matching.rounds.repository import load_available_volunteers, load_open_requests
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Consent, ContactPoint, Person, PersonName
from tests.factories.people import actor_as, add_community

RULES = FileRules(zone=ZoneInfo("America/New_York"), phone_region="US")
WINDOW = "2026-01-15 17:00-20:00"
VOLUNTEERS = f"""external_id,name,email,phone,address,languages,skills,windows,weekly_hours,consents
V-1,Synthetic Volunteer 1,v1@example.org,,"770 Massachusetts Ave",en|es,shovel|salt,{WINDOW},,offers
V-2,Synthetic Volunteer 2,,617-555-0102,"795 Massachusetts Ave",en,shovel,,Thu 17:00-20:00,
"""
RESIDENTS = f"""external_id,name,phone,address,unit,needs,language_needed,crew_size,weight,windows,\
season_volunteers,season_until,banned_volunteers
R-1,Synthetic Resident 1,617-555-0111,"51 Inman St",2,shovel|salt,es,1,2,{WINDOW},V-1,2026-04-15,
R-2,Synthetic Resident 2,617-555-0112,"55 Inman St",,shovel,,2,1,{WINDOW},,,V-2
"""


@pytest.fixture(scope="module")
def places() -> PlaceFinder:
    return PlaceFinder.from_pack(CityPack.open(shipped_pack("cambridge")), anonymity_k=20)


@pytest.fixture
async def community(database: Database) -> Community:
    async with database.begin() as session:
        return await add_community(session)


class Importer:
    """Imports texts as if they were files."""

    def __init__(
        self, database: Database, community: Community, places: PlaceFinder, folder: Path
    ) -> None:
        self.database, self.community, self.places = database, community, places
        self.path = folder / "people.csv"
        self.now = datetime(2026, 1, 15, 20, tzinfo=UTC)

    async def run(
        self,
        kind: FileKind,
        text: str,
        *,
        dry_run: bool = False,
        actor: Actor | None = None,
    ) -> ImportReport:
        self.path.write_text(text, encoding="utf-8")
        table = read_people_file(self.path, kind)
        prepared = prepare_file(table, kind, RULES, self.places)
        command = ImportPeople(
            community_id=self.community.id, file=prepared, now=self.now, dry_run=dry_run
        )
        async with self.database.begin() as session:
            return await import_people(session, actor or Actor.system(), command)

    async def both(self) -> None:
        await self.run(FileKind.VOLUNTEERS, VOLUNTEERS)
        await self.run(FileKind.RESIDENTS, RESIDENTS)


@pytest.fixture
def importer(
    database: Database, community: Community, places: PlaceFinder, tmp_path: Path
) -> Importer:
    return Importer(database, community, places, tmp_path)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, len(report.rejected)


async def test_what_a_file_says_is_what_a_round_reads(importer: Importer) -> None:
    await importer.both()
    async with importer.database.read() as session:
        requests = await load_open_requests(session, importer.community.id)
        volunteers = await load_available_volunteers(
            session, importer.community.id, at=importer.now
        )
    first, second = requests
    assert (first.source_key, second.source_key) == ("R-1/snow", "R-2/snow")
    assert first.status is RequestStatus.OPEN
    assert {need.ability.code for need in first.needs} == {"shovel", "salt"}
    assert (first.languages, first.weight, second.crew_size) == (["es"], 2.0, 2)
    assert first.windows[0].opens_at == datetime(2026, 1, 15, 22, tzinfo=UTC)
    assert first.household.area == "Mid-Cambridge"
    assert first.household.address.unit == "2"
    one, two = volunteers
    assert {row.ability.code for row in one.person.abilities} == {"shovel", "salt"}
    assert one.person.preferences is not None
    assert one.person.preferences.languages == ["en", "es"]
    assert [(row.weekday, row.start_min, row.end_min) for row in two.weekly_hours] == [
        (3, 17 * 60, 20 * 60)
    ]


async def test_the_cell_of_a_home_is_the_blurred_one(importer: Importer) -> None:
    await importer.both()
    cells = PrivacyCells.from_pack(CityPack.open(shipped_pack("cambridge")), k=20)
    async with importer.database.read() as session:
        for request in await load_open_requests(session, importer.community.id):
            address = request.household.address
            assert request.household.cell == cells.cell_of(address.lon_deg, address.lat_deg)


async def test_importing_twice_changes_nothing(importer: Importer) -> None:
    await importer.both()
    again = await importer.run(FileKind.VOLUNTEERS, VOLUNTEERS)
    assert counts(again) == (0, 0, 2, 0)
    assert counts(await importer.run(FileKind.RESIDENTS, RESIDENTS)) == (0, 0, 2, 0)
    async with importer.database.read() as session:
        for model, expected in (
            (Person, 4), (Volunteer, 2), (HelpRequest, 2), (SeasonPair, 1), (Ban, 1), (Consent, 1)
        ):  # fmt: skip
            assert await session.scalar(select(func.count()).select_from(model)) == expected
        versions = (await session.scalars(select(HelpRequest.version))).all()
    assert versions == [1, 1]


async def test_a_changed_line_updates_its_row_and_no_other(importer: Importer) -> None:
    await importer.both()
    changed = RESIDENTS.replace('"51 Inman St",2,shovel|salt,es,1,2', '"99 Prospect St",,salt,,1,4')
    changed = changed.replace("Synthetic Resident 1,617-555-0111", "Synthetic Resident One,")
    assert counts(await importer.run(FileKind.RESIDENTS, changed)) == (0, 1, 1, 0)
    async with importer.database.read() as session:
        first, second = await load_open_requests(session, importer.community.id)
        names = set((await session.scalars(select(PersonName.full_name))).all())
        phones = set((await session.scalars(select(ContactPoint.value))).all())
    assert (first.weight, first.version, second.version) == (4.0, 2, 1)
    assert {need.ability.code for need in first.needs} == {"salt"}
    assert first.household.address.address_text.startswith("99 Prospect St")
    assert first.household.address.unit is None
    assert "Synthetic Resident One" in names
    assert "+16175550111" not in phones


async def test_a_changed_volunteer_gets_new_hours(importer: Importer) -> None:
    await importer.both()
    changed = VOLUNTEERS.replace("Thu 17:00-20:00", "Fri 9:00-12:00|Sat 9:00-12:00")
    assert counts(await importer.run(FileKind.VOLUNTEERS, changed)) == (0, 1, 1, 0)
    async with importer.database.read() as session:
        rows = await load_available_volunteers(session, importer.community.id, at=importer.now)
    hours = sorted(hour.weekday for hour in rows[1].weekly_hours)
    assert (hours, rows[1].version) == ([4, 5], 2)


async def test_a_dry_run_writes_nothing_and_says_the_same(importer: Importer) -> None:
    planned = await importer.run(FileKind.VOLUNTEERS, VOLUNTEERS, dry_run=True)
    async with importer.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 0
        assert await session.scalar(select(func.count()).select_from(Event)) == 0
    done = await importer.run(FileKind.VOLUNTEERS, VOLUNTEERS)
    assert counts(planned) == counts(done) == (2, 0, 0, 0)
    assert planned.new_abilities == done.new_abilities == ("salt", "shovel")


async def test_residents_before_their_volunteers_are_refused_by_line(importer: Importer) -> None:
    report = await importer.run(FileKind.RESIDENTS, RESIDENTS)
    assert counts(report) == (0, 0, 0, 2)
    assert "Import the volunteers first" in report.rejected[0].reason()


async def test_a_request_that_somebody_answered_is_not_changed_by_a_file(
    importer: Importer,
) -> None:
    await importer.both()
    async with importer.database.begin() as session:
        for request in await session.scalars(select(HelpRequest)):
            request.status = (
                RequestStatus.ACCEPTED if request.crew_size == 1 else RequestStatus.DONE
            )
    assert counts(await importer.run(FileKind.RESIDENTS, RESIDENTS)) == (0, 0, 2, 0)
    report = await importer.run(FileKind.RESIDENTS, RESIDENTS.replace("20:00", "21:00"))
    assert counts(report) == (0, 0, 0, 2)
    reasons = [line.reason() for line in report.rejected]
    assert "volunteers know already (accepted)" in reasons[0]
    assert "closed (done). Give the new need an id of its own" in reasons[1]


async def test_a_withdrawn_consent_is_not_granted_again(importer: Importer) -> None:
    await importer.both()
    async with importer.database.begin() as session:
        granted = (await session.scalars(select(Consent))).one()
        session.add(
            Consent(
                person_id=granted.person_id,
                community_id=granted.community_id,
                purpose=granted.purpose,
                text_version="1",
                granted=False,
                recorded_at=importer.now,
                source="sms",
            )
        )
    await importer.run(FileKind.VOLUNTEERS, VOLUNTEERS)
    async with importer.database.read() as session:
        rows = (await session.scalars(select(Consent.granted).order_by(Consent.id))).all()
    assert rows == [True, False]


async def test_bad_lines_come_back_with_a_reason_and_can_be_mended(importer: Importer) -> None:
    text = VOLUNTEERS.replace("770 Massachusetts Ave", "770 Massachussets").replace(
        "Synthetic Volunteer 2", "=2+5"
    )
    report = await importer.run(FileKind.VOLUNTEERS, text)
    assert counts(report) == (0, 0, 0, 2)
    table = read_people_file(importer.path, FileKind.VOLUNTEERS)
    rejects = write_rejects(table, report.rejected)
    assert rejects.splitlines()[0].startswith("reason,external_id,name")
    assert "'=2+5" in rejects
    mended = rejects.replace("770 Massachussets", "770 Massachusetts Ave").replace("'=2+5", "Two")
    assert counts(await importer.run(FileKind.VOLUNTEERS, mended)) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("columns", "values", "message"),
    [
        ("lon,lat", "42.3670,-71.1060", "lon: and lat have changed places"),
        ("lon,lat", "-71.2,42.5", "outside Cambridge"),
        ("lon,lat", "-71.1060,42.3670", ""),
        ("address", "Massachusetts Ave", "address: "),
        ("address", "100000 Massachusetts Ave", "address: "),
    ],
)
async def test_places_are_checked(
    importer: Importer, columns: str, values: str, message: str
) -> None:
    text = f"name,email,windows,{columns}\nSynthetic Volunteer,v@example.org,{WINDOW},{values}\n"
    report = await importer.run(FileKind.VOLUNTEERS, text)
    told = report.rejected[0].reason() if report.rejected else ""
    assert message in told
    assert bool(message) == bool(told)


async def test_a_volunteer_may_not_import(importer: Importer, clock: FixedClock) -> None:
    with pytest.raises(NotPermitted):
        await importer.run(
            FileKind.VOLUNTEERS,
            VOLUNTEERS,
            actor=actor_as(Role.VOLUNTEER, importer.community.id),
        )
    async with importer.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 0


async def test_the_history_names_nobody(importer: Importer) -> None:
    await importer.both()
    async with importer.database.read() as session:
        events = (await session.scalars(select(Event).order_by(Event.id))).all()
    kinds = [event.kind for event in events]
    assert kinds.count("people.imported") == 2
    assert kinds.count("request.open") == 2
    assert "Synthetic" not in str([event.data for event in events])


# --- the checks of intake -------------------------------------------------------------------------

TWICE = """external_id,name,phone,address,windows,kind
R-1,Ana López,617-555-0142,770 Massachusetts Ave,2027-01-24 16:00-19:00,snow
R-2,ana lopez,617-555-0199,770 Massachusetts Ave,2027-01-24 17:00-19:00,snow
R-3,Ana López,+1 (617) 555-0142,51 Inman St,2027-01-24 17:00-19:00,snow
R-4,Boris Grey,617-555-0142,806 Massachusetts Ave,2027-01-24 17:00-19:00,snow
R-5,Ana López,617-555-0142,770 Massachusetts Ave,2027-01-26 17:00-19:00,snow
"""


async def test_doubles_and_those_outside_the_rules_wait_for_a_person(importer: Importer) -> None:
    rules = {
        "version": "inman-2027",
        "rules": [
            {
                "code": "area",
                "any_of": [{"fact": "area", "areas": ["The Port", "Cambridgeport", "Riverside"]}],
                "sentence": {"en": "Only near the river.", "es": "Solo cerca del río."},
            },
            {
                "code": "senior",
                "any_of": [{"fact": "age", "at_least": 60}],
                "sentence": {"en": "From 60 on.", "es": "Desde los 60."},
            },
        ],
    }
    reports = [await importer.run(FileKind.RESIDENTS, TWICE) for _ in range(2)]

    assert [counts(report) for report in reports] == [(5, 0, 0, 0), (0, 0, 5, 0)]
    assert [report.in_review for report in reports] == [2, 0]
    async with importer.database.begin() as session:
        items = await list_review(session, Actor.system(), importer.community.id)
        await set_intake_rules(
            session,
            Actor.system(),
            importer.community.id,
            IntakeTopic.ELIGIBILITY,
            rules,
            valid_from=importer.now,
            now=importer.now,
        )
    # R-2: the same name next door; R-3: the same number and name; R-4's number is an agency's,
    # R-5 asks for another day.
    assert sorted(item.reasons for item in items) == [("same_contact",), ("similar_name_near",)]
    assert all(item.similar_to_id is not None for item in items)
    importer.now += timedelta(hours=1)
    later = TWICE.replace("R-", "S-").replace("2027-01", "2027-02")
    report = await importer.run(FileKind.RESIDENTS, later)
    async with importer.database.begin() as session:
        more = await list_review(session, Actor.system(), importer.community.id)
    assert report.in_review == len(more) - 2 == 2
    # Nobody declared an age, which stops no line of a file; a home elsewhere does.
    outside = [item for item in more if "not_eligible" in item.reasons]
    assert [item.rules for item in outside] == [("area", "senior")]
