"""Who comes along with a team no more is forgotten, unless we know them by something else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from api.worker import build_registry
from core.clock import FixedClock
from core.db import Database
from core.jobs import JobTools, run_due_jobs
from core.settings import Settings
from matching.models import Volunteer
from matching.volunteering.models import TeamMember
from matching.volunteering.teams import FormTeam, NewMember, dissolve_team, form_team
from people.auth import Actor
from people.guardians import GiveConsent, give_guardian_consent
from people.kinds import Channel, VettingStatus
from people.models import ContactPoint, Membership, Person, PersonName
from people.safeguard_models import GuardianConsent, Minor, VettingItem
from people.vetting import RecordVetting, record_vetting
from tests.factories.matching import add_volunteer
from tests.factories.people import add_community

SYSTEM = Actor.system()
FAMILY = (
    NewMember("Kim Sample", under_18=True),
    NewMember("Lou Sample"),
    NewMember("Max Sample"),
    NewMember("Pat Sample"),
)


async def add_family(database: Database, clock: FixedClock) -> tuple[Volunteer, dict[str, UUID]]:
    """Kim is a child; Max can be reached; Pat is the guardian of Kim."""
    async with database.begin() as session:
        community = await add_community(session)
        volunteer = await add_volunteer(session, community)
        team = FormTeam(volunteer.id, "The Samples", 5, FAMILY)
        await form_team(session, SYSTEM, team, now=clock.now())
        rows = await session.execute(
            select(PersonName.full_name, TeamMember.person_id).join(
                TeamMember, TeamMember.person_id == PersonName.person_id
            )
        )
        keys = {name.split()[0]: key for name, key in rows.all()}
        check = RecordVetting(community.id, keys["Lou"], "training", VettingStatus.PASSED)
        await record_vetting(session, SYSTEM, check, now=clock.now())
        session.add(
            ContactPoint(person_id=keys["Max"], channel=Channel.EMAIL, value="max@mail.example")
        )
        consent = GiveConsent(
            community.id, keys["Kim"], keys["Pat"], clock.now() + timedelta(days=90), "1", "phone"
        )
        await give_guardian_consent(session, SYSTEM, consent, now=clock.now())
    return volunteer, keys


async def work(database: Database, clock: FixedClock) -> None:
    tools = JobTools(database, clock, Settings())
    await run_due_jobs(database, build_registry(), tools)


async def list_named(database: Database, keys: dict[str, UUID]) -> set[str]:
    """Those whose name is still kept."""
    async with database.read() as session:
        kept = set(await session.scalars(select(PersonName.person_id)))
        return {name for name, key in keys.items() if key in kept}


async def test_who_is_taken_out_is_forgotten(database: Database, clock: FixedClock) -> None:
    volunteer, keys = await add_family(database, clock)
    async with database.begin() as session:
        team = FormTeam(volunteer.id, "The Samples", 5, (FAMILY[0], FAMILY[2]))
        await form_team(session, SYSTEM, team, now=clock.now())
    await work(database, clock)
    # By Pat's word Kim, who is under 18, may help.
    assert await list_named(database, keys) == {"Kim", "Max", "Pat"}
    async with database.read() as session:
        lou = await session.get_one(Person, keys["Lou"])
        role = await session.scalar(select(Membership).where(Membership.person_id == lou.id))
        assert lou.erased_at == clock.now()
        assert role is not None
        assert role.ended_at == clock.now()
        assert await session.scalar(select(func.count()).select_from(VettingItem)) == 0


async def test_a_team_that_ends_leaves_nobody_behind(database: Database, clock: FixedClock) -> None:
    volunteer, keys = await add_family(database, clock)
    async with database.begin() as session:
        await dissolve_team(session, SYSTEM, volunteer.id, now=clock.now())
    await work(database, clock)
    # Max can be reached, and asked.
    assert await list_named(database, keys) == {"Max"}
    async with database.read() as session:
        assert await session.get(Minor, keys["Kim"]) is None
        consent = await session.scalar(select(GuardianConsent))
        assert consent is not None
        assert consent.withdrawn_at == clock.now()
        assert (await session.get_one(Person, volunteer.person_id)).erased_at is None


async def test_who_was_named_again_before_stays(database: Database, clock: FixedClock) -> None:
    volunteer, keys = await add_family(database, clock)
    async with database.begin() as session:
        for members in ((), FAMILY):
            team = FormTeam(volunteer.id, "The Samples", 5, members)
            await form_team(session, SYSTEM, team, now=clock.now())
        session.add(TeamMember(team_id=volunteer.id, person_id=keys["Lou"], joined_at=clock.now()))
    await work(database, clock)
    assert "Lou" in await list_named(database, keys)
    assert "Kim" not in await list_named(database, keys)
