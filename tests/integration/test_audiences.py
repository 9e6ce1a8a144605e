"""Who belongs to an audience: every condition, every reason to leave somebody out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import h3
import pytest

from campaigns.audiences.definitions import Definition, read_definition
from campaigns.audiences.errors import (
    AudienceEmpty,
    AudienceIsEverybody,
    AudienceNotForYou,
    PurposeNotForAudiences,
)
from campaigns.audiences.finding import Audience, check_sendable, find_audience
from campaigns.audiences.kinds import Exclusion, Notice
from campaigns.events.kinds import (
    Attendance,
    EventAudience,
    EventStatus,
    OccurrenceStatus,
    RegistrationStatus,
)
from campaigns.events.models import (
    CommunityEvent,
    EventOccurrence,
    EventPlace,
    EventRegistration,
)
from campaigns.groups.kinds import Joining, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign, CampaignMember
from core.clock import FixedClock
from core.db import Database, Session
from core.ids import new_id
from matching.models import Volunteer
from matching.volunteering.models import AwayPeriod
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.stopping import stop_all
from people.auth import Actor
from people.kinds import Channel, Precision, Purpose, Role
from people.models import Community, Person
from tests.factories.audiences import add_listener, declare
from tests.factories.matching import add_volunteer
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import LONG_AGO, actor_as, add_community, add_person
from tests.graphql_api.statements import counted_statements

SYSTEM = Actor.system()
NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
EAST = 0x8928308280FFFFF
WEST = 0x89283082807FFFF


async def find(
    session: Session,
    community: Community,
    where: dict[str, Any] | None = None,
    purpose: Purpose = Purpose.CAMPAIGNS,
    **more: Any,
) -> Audience:
    definition = read_definition({"where": where} | more)
    return await find_audience(session, SYSTEM, community.id, definition, purpose, now=NOW)


async def reached(session: Session, community: Community, where: dict[str, Any]) -> set[UUID]:
    return set((await find(session, community, where)).person_ids)


async def test_stated_facts_choose_people(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        cyclist = await add_listener(session, community, topics=["cycling"], languages=["es", "en"])
        gardener = await add_listener(
            session, community, topics=["gardening"], area="Area 2", role=Role.VOLUNTEER
        )
        elder = await add_listener(session, community, languages=["pt-BR"])
        await declare(session, community, elder, has_seniors=True, has_children=False)

        async def who(where: dict[str, Any]) -> set[UUID]:
            return await reached(session, community, where)

        cycling = {"type": "interest", "topics": ["cycling"]}
        area_2 = {"type": "area", "names": ["Area 2"]}
        assert await who(cycling) == {cyclist.id}
        assert await who(area_2) == {gardener.id}
        assert await who({"type": "language", "languages": ["es"]}) == {cyclist.id}
        assert await who({"type": "language", "languages": ["pt"]}) == {elder.id}
        assert await who({"type": "role", "role": "volunteer"}) == {gardener.id}
        assert await who({"type": "household", "fact": "seniors"}) == {elder.id}
        assert await who({"type": "household", "fact": "children"}) == set()
        assert await who({"type": "any", "of": [cycling, area_2]}) == {cyclist.id, gardener.id}
        assert await who({"type": "all", "of": [cycling, area_2]}) == set()
        assert await who({"type": "not", "of": cycling}) == {gardener.id, elder.id}


async def test_what_is_unknown_neither_holds_nor_hides(database: Database) -> None:
    """Somebody without home or languages is in no area, and therefore in every "not"."""
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community)
        await add_contact(session, person)
        await give_consent(session, community, person, Purpose.CAMPAIGNS)
        for where in (
            {"type": "area", "names": ["Riverside"]},
            {"type": "language", "languages": ["es"]},
            {"type": "household", "fact": "children"},
        ):
            assert await reached(session, community, where) == set()
            assert await reached(session, community, {"type": "not", "of": where}) == {person.id}


async def test_facts_of_a_household_leave_with_who_told_them(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        teller = await add_listener(session, community)
        await declare(session, community, teller, has_seniors=True)
        mate = await add_listener(session, community)
        mate.household_id = teller.household_id
        await session.flush()
        where = {"type": "household", "fact": "seniors"}
        assert await reached(session, community, where) == {teller.id, mate.id}
        teller.household_id = None
        await session.flush()
        assert await reached(session, community, where) == set()


async def test_a_shape_takes_whole_cells(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        inside = [await add_listener(session, community, cell=EAST) for _ in range(2)]
        await add_listener(session, community, cell=WEST)
        lat_deg, lon_deg = h3.cell_to_latlng(h3.int_to_str(EAST))
        half = 0.0005
        ring = [
            [lon_deg - half, lat_deg - half],
            [lon_deg + half, lat_deg - half],
            [lon_deg + half, lat_deg + half],
            [lon_deg - half, lat_deg - half],
        ]
        ring.insert(3, [lon_deg - half, lat_deg + half])
        shape = {"type": "polygon", "geometry": {"type": "Polygon", "coordinates": [ring]}}
        assert await reached(session, community, shape) == {person.id for person in inside}


async def test_groups_campaigns_and_events(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        in_person = await add_listener(session, community)
        as_household = await add_listener(session, community)
        joined = await add_listener(session, community)
        came = await add_listener(session, community)
        group = await _add_group(session, community, in_person, as_household)
        running = await _add_campaign(session, community, joined, ends_in_days=10)
        past = await _add_campaign(session, community, as_household, ends_in_days=-10)
        event_id = await _add_event(session, community, came, days_ago=20)

        async def who(**where: Any) -> set[UUID]:
            return await reached(session, community, where)

        assert await who(type="group", group_id=str(group.id)) == {in_person.id, as_household.id}
        assert await who(type="campaign", campaign_id=str(running.id)) == {joined.id}
        assert await who(type="took_part", what="campaign") == {as_household.id}
        assert await who(type="took_part", what="campaign", days=5) == set()
        assert await who(type="took_part", what="campaign", subject_id=str(past.id)) == {
            as_household.id
        }
        assert await who(type="took_part", what="event") == {came.id}
        assert await who(type="took_part", what="event", days=21) == {came.id}
        assert await who(type="took_part", what="event", days=19) == set()
        assert await who(type="took_part", what="event", subject_id=str(event_id)) == {came.id}
        assert await who(type="took_part", what="event", subject_id=str(new_id())) == set()


async def test_a_group_of_another_town_holds_nobody(database: Database) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        there = await add_community(session, "somerville")
        person = await add_listener(session, here)
        group = await _add_group(session, there, person, person)
        assert await reached(session, here, {"type": "group", "group_id": str(group.id)}) == set()


async def test_each_reason_to_leave_somebody_out(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        fine = await add_listener(session, community)
        silent = await add_listener(session, community, purposes=())
        left = await add_listener(session, community)
        await give_consent(
            session, community, left, Purpose.CAMPAIGNS, granted=False, recorded_at=NOW
        )
        stopped = await add_listener(session, community)
        await stop_all(session, stopped.id, Channel.EMAIL, now=NOW)
        nowhere = await add_listener(session, community, with_contact=False)
        unverified = await add_listener(session, community, with_contact=False)
        await add_contact(session, unverified, verified=False)
        away = await _add_away(session, community)
        heard = await add_listener(session, community)
        await _add_message(session, community, heard, days_ago=3)
        heard_before = await add_listener(session, community)
        await _add_message(session, community, heard_before, days_ago=30)

        found = await find(session, community, not_contacted_days=14)
        assert set(found.person_ids) == {fine.id, heard_before.id}
        assert found.excluded == {
            silent.id: Exclusion.NO_CONSENT,
            left.id: Exclusion.UNSUBSCRIBED,
            stopped.id: Exclusion.UNSUBSCRIBED,
            nowhere.id: Exclusion.NO_CONTACT,
            unverified.id: Exclusion.NO_CONTACT,
            away.id: Exclusion.AWAY,
            heard.id: Exclusion.CONTACTED_LATELY,
        }
        assert found.counts.members_count == found.counts.described_count == 9
        assert found.counts.excluded[Exclusion.UNSUBSCRIBED] == 2
        at_any_time = await find(session, community)
        assert heard.id in at_any_time.person_ids


async def test_a_mailing_does_not_count_itself(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_listener(session, community)
        message = await _add_message(session, community, person, days_ago=1)
        definition = Definition(not_contacted_days=7)

        async def who(besides: UUID | None) -> tuple[UUID, ...]:
            found = await find_audience(
                session,
                SYSTEM,
                community.id,
                definition,
                Purpose.CAMPAIGNS,
                now=NOW,
                besides=besides,
            )
            return found.person_ids

        assert await who(None) == ()
        assert await who(new_id()) == ()
        assert await who(message.subject_id) == (person.id,)


async def test_programmes_need_a_consent_of_their_own(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_listener(session, community)
        both = await add_listener(
            session, community, purposes=(Purpose.CAMPAIGNS, Purpose.PROGRAMMES)
        )
        only = await add_listener(session, community, purposes=(Purpose.PROGRAMMES,))
        found = await find(session, community, purpose=Purpose.PROGRAMMES)
        assert set(found.person_ids) == {both.id, only.id}
        await stop_all(session, both.id, Channel.EMAIL, now=NOW)
        found = await find(session, community, purpose=Purpose.PROGRAMMES)
        assert set(found.person_ids) == {only.id}
        for purpose in (Purpose.MATCHING, Purpose.OFFERS, Purpose.RESEARCH):
            with pytest.raises(PurposeNotForAudiences):
                await find(session, community, purpose=purpose)


async def test_consent_in_another_town_is_none_here(database: Database) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        there = await add_community(session, "somerville")
        person = await add_listener(session, here, purposes=())
        await give_consent(session, there, person, Purpose.CAMPAIGNS)
        assert (await find(session, here)).person_ids == ()


async def test_nobody_few_and_everybody_are_told_before(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        for _ in range(9):
            await add_listener(session, community, topics=["cycling"])
        await add_listener(session, community, area="Area 2")
        nobody = await find(session, community, {"type": "interest", "topics": ["chess"]})
        few = await find(session, community, {"type": "area", "names": ["Area 2"]})
        everybody = await find(session, community, {"type": "interest", "topics": ["cycling"]})
        fitting = await find(
            session, community, {"type": "area", "names": ["Riverside"]}, not_contacted_days=3
        )
        assert [each.notice for each in (nobody, few)] == [Notice.NOBODY, Notice.TOO_FEW]
        assert everybody.notice is fitting.notice is Notice.EVERYBODY
        for each in (nobody, few):
            with pytest.raises(AudienceEmpty):
                check_sendable(each, everybody_confirmed=True)
        with pytest.raises(AudienceIsEverybody):
            check_sendable(everybody)
        check_sendable(everybody, everybody_confirmed=True)
        for _ in range(3):
            await add_listener(session, community, area="Area 2")
        most = await find(session, community, {"type": "interest", "topics": ["cycling"]})
        assert most.notice is None
        check_sendable(most)


async def test_reasons_name_what_holds(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_listener(session, community, topics=["cycling"])
        cycling = {"type": "interest", "topics": ["cycling"]}
        chess = {"type": "interest", "topics": ["chess"]}
        where = {"type": "any", "of": [cycling, chess, {"type": "not", "of": chess}]}
        found = await find(session, community, where)
        assert found.why == {person.id: ("interest:cycling", "not_interest:chess")}
        assert (await find(session, community)).why == {person.id: ("everybody",)}


async def test_only_managers_find_audiences(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        other = await add_community(session, "somerville")
        actors = [
            Actor.anonymous(),
            actor_as(Role.COORDINATOR, community.id),
            actor_as(Role.VOLUNTEER, community.id),
            actor_as(Role.MANAGER, other.id),
        ]
        for actor in actors:
            with pytest.raises(AudienceNotForYou):
                await find_audience(
                    session, actor, community.id, Definition(), Purpose.CAMPAIGNS, now=clock.now()
                )
        manager = actor_as(Role.MANAGER, community.id)
        await find_audience(
            session, manager, community.id, Definition(), Purpose.CAMPAIGNS, now=clock.now()
        )


async def test_as_many_statements_for_many_as_for_few(database: Database) -> None:
    where = {
        "type": "all",
        "of": [
            {"type": "area", "names": ["Riverside"]},
            {"type": "not", "of": {"type": "interest", "topics": ["chess"]}},
        ],
    }
    async with database.begin() as session:
        community = await add_community(session)
        counts = []
        for more in (5, 60):
            for _ in range(more):
                await add_listener(session, community)
            with counted_statements() as statements:
                await find(session, community, where, not_contacted_days=7)
            counts.append(len(statements))
        assert counts[0] == counts[1] <= 8


async def _add_group(
    session: Session, community: Community, person: Person, householder: Person
) -> Group:
    group = Group(
        community_id=community.id,
        slug=f"group-{new_id().hex[-12:]}",
        name="Cyclists",
        topic="cycling",
        languages=["en"],
        joining=Joining.OPEN,
        created_at=LONG_AGO,
    )
    session.add(group)
    await session.flush()
    gone = await add_listener(session, community)
    session.add_all(
        [
            GroupMember(group_id=group.id, person_id=person.id, status=MemberStatus.MEMBER),
            GroupMember(
                group_id=group.id,
                household_id=householder.household_id,
                status=MemberStatus.MEMBER,
            ),
            GroupMember(group_id=group.id, person_id=gone.id, status=MemberStatus.LEFT),
        ]
    )
    await session.flush()
    return group


async def _add_campaign(
    session: Session, community: Community, member: Person, *, ends_in_days: int
) -> Campaign:
    ends_at = NOW + timedelta(days=ends_in_days)
    campaign = Campaign(
        community_id=community.id,
        slug=f"campaign-{new_id().hex[-12:]}",
        kind=CampaignKind.OTHER,
        title="A campaign",
        starts_at=ends_at - timedelta(days=30),
        ends_at=ends_at,
        areas=[],
        comparison_areas=[],
        languages=["en"],
        settings={},
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    session.add(campaign)
    await session.flush()
    gone = await add_listener(session, community)
    for person, left_at in ((member, None), (gone, ends_at - timedelta(days=1))):
        session.add(
            CampaignMember(
                campaign_id=campaign.id,
                person_id=person.id,
                joined_at=LONG_AGO,
                left_at=left_at,
                invite_code=new_id().hex[-10:],
            )
        )
    await session.flush()
    return campaign


async def _add_event(
    session: Session, community: Community, person: Person, *, days_ago: int
) -> UUID:
    starts_at = NOW - timedelta(days=days_ago)
    place = EventPlace(
        name="Danehy Park",
        address_text="Danehy Park",
        lon_deg=-71.1,
        lat_deg=42.4,
        precision=Precision.ROOFTOP,
        is_public=True,
    )
    session.add(place)
    await session.flush()
    event = CommunityEvent(
        community_id=community.id,
        status=EventStatus.PUBLISHED,
        audience=EventAudience.PUBLIC,
        title="Fair",
        description="",
        place_id=place.id,
        time_zone="America/New_York",
        starts_local="2025-12-26T12:00",
        duration_s=3600,
        capacity=10,
        max_party=1,
        confirm_s=3600,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    session.add(event)
    await session.flush()
    occurrence = EventOccurrence(
        event_id=event.id,
        community_id=community.id,
        status=OccurrenceStatus.SCHEDULED,
        recurs_at=starts_at,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        capacity=10,
        changed_at=LONG_AGO,
    )
    session.add(occurrence)
    await session.flush()
    missing = await add_listener(session, community)
    for number, (guest, attendance) in enumerate(
        ((person, Attendance.CAME), (missing, Attendance.NO_SHOW)), start=1
    ):
        session.add(
            EventRegistration(
                occurrence_id=occurrence.id,
                community_id=community.id,
                person_id=guest.id,
                status=RegistrationStatus.SEATED,
                number=number,
                party_size=1,
                signed_up_at=LONG_AGO,
                changed_at=LONG_AGO,
                attendance=attendance,
                came_count=int(attendance is Attendance.CAME),
            )
        )
    await session.flush()
    return event.id


async def _add_away(session: Session, community: Community) -> Person:
    volunteer: Volunteer = await add_volunteer(session, community)
    person = await session.get_one(Person, volunteer.person_id)
    await add_contact(session, person)
    await give_consent(session, community, person, Purpose.CAMPAIGNS)
    session.add(
        AwayPeriod(
            volunteer_id=volunteer.id, first_day=date(2026, 1, 10), last_day=date(2026, 1, 15)
        )
    )
    await session.flush()
    return person


async def _add_message(
    session: Session, community: Community, person: Person, *, days_ago: int
) -> Message:
    sent_at = NOW - timedelta(days=days_ago)
    message = Message(
        key=f"test:{new_id()}",
        community_id=community.id,
        person_id=person.id,
        kind="offer",
        purpose=Purpose.OFFERS,
        channel=Channel.EMAIL,
        status=MessageStatus.SENT,
        subject_type="mailing",
        subject_id=new_id(),
        pinned=False,
        hurry=False,
        counts=True,
        digestible=False,
        queued_at=sent_at,
        due_at=sent_at,
        sent_at=sent_at,
    )
    session.add(message)
    await session.flush()
    return message
