"""Who must not meet, who takes a break, whose checks end: it holds at once, for open offers too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted, TalkootError
from core.events import list_events
from core.job_kinds import JobRegistry, JobTools
from core.jobs import run_due_jobs
from core.settings import Settings
from matching.errors import OfferClosed, VolunteerUnknown
from matching.kinds import (
    AssignmentStatus,
    BanSide,
    OfferStatus,
    RequestKind,
    RequestStatus,
    VolunteerStatus,
)
from matching.models import Assignment, Ban, HelpRequest, Offer, Volunteer
from matching.offers.answering import accept_offer
from matching.volunteering.bans import BanPair, ban_pair, lift_ban, list_bans
from matching.volunteering.checks import (
    end_guardian_consent,
    remind_of_ends,
    vet_volunteer,
)
from matching.volunteering.clearance import check_clearance
from matching.volunteering.errors import BanUnknown, InvalidPause, NotCleared
from matching.volunteering.jobs import register_jobs
from matching.volunteering.standing_back import (
    leave_programme,
    pause_volunteer,
    resume_volunteer,
)
from messaging.models import Message
from people.auth import Actor
from people.guardians import DeclareAge, GiveConsent, declare_age, give_guardian_consent
from people.kinds import Role, VettingStatus
from people.models import Community
from people.vetting import RecordVetting, record_vetting
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import actor_as, add_community, add_person
from tests.volunteering import add_actor

SYSTEM = Actor.system()


class Case:
    """One resident with two requests, one volunteer with an offer for each."""

    community: Community
    volunteer: Volunteer
    requests: list[HelpRequest]
    offers: list[Offer]

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock

    async def fill(self) -> Case:
        async with self.database.begin() as session:
            self.community = await add_community(session)
            self.volunteer = await add_volunteer(session, self.community)
            one = await add_request(session, self.community, status=RequestStatus.OFFERED)
            two = await add_request(session, self.community, status=RequestStatus.OFFERED)
            two.resident_id = one.resident_id
            other = await add_request(session, self.community, status=RequestStatus.OFFERED)
            self.requests = [one, two, other]
            self.offers = [
                await add_offer(
                    session,
                    request,
                    self.volunteer,
                    code=code,
                    starts_at=EVENING + timedelta(hours=number),
                )
                for number, (request, code) in enumerate(
                    zip(self.requests, ("A3", "A4", "A6"), strict=True)
                )
            ]
        return self

    async def accept(self, number: int) -> UUID:
        async with self.database.begin() as session:
            work = await accept_offer(session, SYSTEM, self.offers[number].id, now=self.clock.now())
            return work.id

    async def load(self, model: type[Any], key: UUID) -> Any:
        async with self.database.read() as session:
            return await session.get(model, key)

    async def offer_states(self) -> list[OfferStatus]:
        return [(await self.load(Offer, offer.id)).status for offer in self.offers]

    async def ban(self, actor: Actor = SYSTEM, side: BanSide = BanSide.STAFF) -> Ban:
        command = BanPair(
            self.volunteer.id, self.requests[0].resident_id, side, reason="felt_unsafe"
        )
        async with self.database.begin() as session:
            return await ban_pair(session, actor, command, now=self.clock.now())


@pytest.fixture
async def case(database: Database, clock: FixedClock) -> Case:
    return await Case(database, clock).fill()


async def test_a_ban_takes_back_offers_and_work_at_once(case: Case) -> None:
    work_id = await case.accept(0)

    await case.ban()
    await case.ban()

    assert await case.offer_states() == [
        OfferStatus.ACCEPTED,
        OfferStatus.WITHDRAWN,
        OfferStatus.SENT,
    ]
    assert (await case.load(Assignment, work_id)).status is AssignmentStatus.RELEASED
    for request in case.requests[:2]:
        assert (await case.load(HelpRequest, request.id)).status is RequestStatus.OPEN
    with pytest.raises(OfferClosed):
        await case.accept(1)
    async with case.database.read() as session:
        (ban,) = await list_bans(session, SYSTEM, case.community.id)
        events = await list_events(session, "offer", case.offers[1].id)
    assert (ban.asked_by, ban.reason) == (BanSide.STAFF, "felt_unsafe")
    assert "felt_unsafe" not in {event.reason for event in events}


ROWS: list[tuple[str, BanSide, bool]] = [
    ("anonymous", BanSide.RESIDENT, False),
    ("stranger", BanSide.RESIDENT, False),
    ("resident", BanSide.RESIDENT, True),
    ("resident", BanSide.VOLUNTEER, False),
    ("resident", BanSide.STAFF, False),
    ("volunteer", BanSide.VOLUNTEER, True),
    ("volunteer", BanSide.RESIDENT, False),
    ("coordinator", BanSide.RESIDENT, True),
    ("coordinator", BanSide.STAFF, True),
    ("elsewhere", BanSide.STAFF, False),
]


@pytest.mark.parametrize(("who", "side", "allowed"), ROWS)
async def test_who_may_ban(case: Case, who: str, side: BanSide, allowed: bool) -> None:
    actor = await find_actor(case, who)
    if allowed:
        await case.ban(actor, side)
        assert (await case.offer_states())[0] is OfferStatus.WITHDRAWN
    else:
        with pytest.raises(VolunteerUnknown):
            await case.ban(actor, side)
        assert set(await case.offer_states()) == {OfferStatus.SENT}


async def find_actor(case: Case, who: str) -> Actor:
    place = case.community.id
    async with case.database.begin() as session:
        other = await add_community(session, "elsewhere")
        coordinator = await add_actor(session, case.community, Role.COORDINATOR)
        stranger = await add_actor(session, case.community, Role.RESIDENT)
        elsewhere = await add_actor(session, other, Role.MANAGER)
    return {
        "anonymous": Actor.anonymous(),
        "stranger": stranger,
        "resident": actor_as(Role.RESIDENT, place, case.requests[0].resident_id),
        "volunteer": actor_as(Role.VOLUNTEER, place, case.volunteer.person_id),
        "coordinator": coordinator,
        "elsewhere": elsewhere,
    }[who]


async def test_the_one_who_asked_may_lift_a_ban_and_nobody_else(case: Case) -> None:
    resident = await find_actor(case, "resident")
    volunteer = actor_as(Role.VOLUNTEER, case.community.id, case.volunteer.person_id)
    await case.ban(resident, BanSide.RESIDENT)
    pair = {"volunteer_id": case.volunteer.id, "resident_id": case.requests[0].resident_id}
    with pytest.raises(BanUnknown):
        async with case.database.begin() as session:
            await lift_ban(session, volunteer, **pair, now=case.clock.now())
    with pytest.raises(NotPermitted):
        async with case.database.read() as session:
            await list_bans(session, volunteer, case.community.id)
    async with case.database.begin() as session:
        await lift_ban(session, resident, **pair, now=case.clock.now())
        assert await list_bans(session, SYSTEM, case.community.id) == []


async def test_a_pause_keeps_accepted_work_and_the_right_to_a_late_yes(case: Case) -> None:
    work_id = await case.accept(0)
    until = case.clock.now() + timedelta(days=14)
    async with case.database.begin() as session:
        await pause_volunteer(session, SYSTEM, case.volunteer.id, until=until, now=case.clock.now())
    assert (await case.load(Assignment, work_id)).status is AssignmentStatus.ACCEPTED
    assert await case.offer_states() == [
        OfferStatus.ACCEPTED,
        OfferStatus.EXPIRED,
        OfferStatus.EXPIRED,
    ]
    assert (await case.load(HelpRequest, case.requests[2].id)).status is RequestStatus.OPEN
    await case.accept(2)


async def test_a_pause_ends_by_itself_and_says_so_once(case: Case) -> None:
    until = case.clock.now() + timedelta(days=14)
    async with case.database.begin() as session:
        await pause_volunteer(session, SYSTEM, case.volunteer.id, until=until, now=case.clock.now())
    registry = JobRegistry()
    register_jobs(registry)
    tools = JobTools(database=case.database, clock=case.clock, settings=Settings())
    await run_due_jobs(case.database, registry, tools, until_idle=True)
    assert (await case.load(Volunteer, case.volunteer.id)).paused_until == until
    case.clock.advance(timedelta(days=15))
    await run_due_jobs(case.database, registry, tools, until_idle=True)
    await run_due_jobs(case.database, registry, tools, until_idle=True)
    row = await case.load(Volunteer, case.volunteer.id)
    assert (row.paused_until, row.status) == (None, VolunteerStatus.ACTIVE)
    async with case.database.read() as session:
        kinds = list(await session.scalars(select(Message.kind)))
    assert kinds == ["pause_over"]


async def test_pauses_that_cannot_be(case: Case) -> None:
    now = case.clock.now()
    with pytest.raises(InvalidPause):
        async with case.database.begin() as session:
            await pause_volunteer(session, SYSTEM, case.volunteer.id, until=now, now=now)
    async with case.database.begin() as session:
        await pause_volunteer(session, SYSTEM, case.volunteer.id, until=None, now=now)
    assert (await case.load(Volunteer, case.volunteer.id)).status is VolunteerStatus.PAUSED
    async with case.database.begin() as session:
        await resume_volunteer(session, SYSTEM, case.volunteer.id, now=now)
    assert (await case.load(Volunteer, case.volunteer.id)).status is VolunteerStatus.ACTIVE


async def test_leaving_gives_everything_back(case: Case) -> None:
    work_id = await case.accept(0)
    async with case.database.begin() as session:
        await leave_programme(session, SYSTEM, case.volunteer.id, now=case.clock.now())
        await leave_programme(session, SYSTEM, case.volunteer.id, now=case.clock.now())
    assert (await case.load(Assignment, work_id)).status is AssignmentStatus.RELEASED
    assert (await case.offer_states())[1:] == [OfferStatus.WITHDRAWN] * 2
    for request in case.requests:
        row = await case.load(HelpRequest, request.id)
        assert (row.status, row.seats_taken) == (RequestStatus.OPEN, 0)


async def test_a_check_that_fails_ends_what_needs_it_and_no_more(case: Case) -> None:
    community, person = case.community.id, case.volunteer.person_id
    async with case.database.begin() as session:
        passed = RecordVetting(community, person, "background_check")
        await record_vetting(session, SYSTEM, passed, now=case.clock.now())
        for request in case.requests[:2]:
            row = await session.get(HelpRequest, request.id)
            assert row is not None
            row.kind = RequestKind.GROCERIES
    work_id = await case.accept(0)
    case.clock.advance(timedelta(minutes=1))
    async with case.database.begin() as session:
        failed = RecordVetting(community, person, "background_check", VettingStatus.REVOKED)
        await vet_volunteer(session, SYSTEM, failed, now=case.clock.now())
    assert (await case.load(Assignment, work_id)).status is AssignmentStatus.RELEASED
    assert await case.offer_states() == [
        OfferStatus.ACCEPTED,
        OfferStatus.WITHDRAWN,
        OfferStatus.SENT,
    ]


async def test_a_guardian_who_changes_their_mind_ends_the_work(case: Case) -> None:
    community, minor = case.community.id, case.volunteer.person_id
    async with case.database.begin() as session:
        guardian = await add_person(session, case.community, role=Role.VOLUNTEER)
        await declare_age(session, SYSTEM, DeclareAge(community, minor), now=case.clock.now())
        consent = await give_guardian_consent(
            session,
            SYSTEM,
            GiveConsent(community, minor, guardian.id, EVENING + timedelta(days=9), "1", "form"),
            now=case.clock.now(),
        )
    own = actor_as(Role.RESIDENT, community, minor)
    with pytest.raises(TalkootError):
        async with case.database.begin() as session:
            await end_guardian_consent(session, own, consent.id, now=case.clock.now())
    async with case.database.begin() as session:
        spoken = actor_as(Role.RESIDENT, community, guardian.id)
        await end_guardian_consent(session, spoken, consent.id, now=case.clock.now())
    assert set(await case.offer_states()) == {OfferStatus.WITHDRAWN}
    async with case.database.read() as session:
        with pytest.raises(NotCleared, match="guardian"):
            await check_clearance(session, case.volunteer, "snow", at=EVENING, now=case.clock.now())


async def test_staff_do_not_check_themselves(case: Case) -> None:
    staff = await find_actor(case, "coordinator")
    assert staff.person_id is not None
    for actor, person in (
        (staff, staff.person_id),
        (actor_as(Role.VOLUNTEER, case.community.id), case.volunteer.person_id),
        (Actor.anonymous(), case.volunteer.person_id),
    ):
        command = RecordVetting(case.community.id, person, "waiver")
        with pytest.raises(NotPermitted):
            async with case.database.begin() as session:
                await vet_volunteer(session, actor, command, now=case.clock.now())


async def test_a_check_that_ends_soon_is_told_once_and_not_after_renewal(case: Case) -> None:
    community, person = case.community.id, case.volunteer.person_id
    async with case.database.begin() as session:
        for code in ("waiver", "driving_licence"):
            command = RecordVetting(
                community, person, code, valid_until=case.clock.now() + timedelta(days=10)
            )
            await record_vetting(session, SYSTEM, command, now=case.clock.now())
    case.clock.advance(timedelta(minutes=1))
    async with case.database.begin() as session:
        renewal = RecordVetting(community, person, "waiver")
        await record_vetting(session, SYSTEM, renewal, now=case.clock.now())
    told = []
    for _ in range(2):
        async with case.database.begin() as session:
            told.append(await remind_of_ends(session, community, now=case.clock.now()))
    assert told == [1, 0]
    async with case.database.read() as session:
        kinds = list(await session.scalars(select(Message.kind)))
    assert kinds == ["vetting_expires"]
