"""Previews: about how many, a few examples, and nothing about one person. Segments and versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from campaigns.audiences import segment_repository
from campaigns.audiences.definitions import Definition, read_definition
from campaigns.audiences.errors import (
    AudienceNotForYou,
    InvalidSegment,
    SegmentChanged,
    SegmentNameTaken,
    SegmentUnknown,
    TooManyLooks,
)
from campaigns.audiences.jobs import KEPT_DAYS
from campaigns.audiences.kinds import Exclusion, Notice
from campaigns.audiences.look_repository import delete_looks
from campaigns.audiences.models import PreviewLook
from campaigns.audiences.personal import export_person, forget_person
from campaigns.audiences.previewing import LOOKS_AN_HOUR, Preview, describe_audience
from campaigns.audiences.segments import (
    ChangeSegment,
    SaveSegment,
    archive_segment,
    change_segment,
    find_version_audience,
    save_segment,
)
from core.clock import FixedClock
from core.db import Database, Session
from core.ids import new_id
from messaging.stopping import stop_all
from people.auth import Actor
from people.interests.catalogue import SaveInterest, save_interest
from people.kinds import Channel, Purpose, Role
from people.models import Community, Person
from tests.factories.audiences import add_listener, add_listeners, declare
from tests.factories.people import actor_as, add_community
from tests.graphql_api.statements import counted_statements

SYSTEM = Actor.system()
CYCLING = {"type": "interest", "topics": ["cycling"]}
RIVERSIDE = {"type": "area", "names": ["Riverside"]}


async def add_topics(session: Session, community: Community, *codes: str) -> None:
    for code in codes:
        command = SaveInterest(community.id, code, code.title())
        await save_interest(session, SYSTEM, command, now=community.created_at)


async def preview(
    session: Session,
    community: Community,
    where: dict[str, Any] | None,
    clock: FixedClock,
    actor: Actor = SYSTEM,
) -> Preview:
    definition = read_definition({"where": where})
    return await describe_audience(
        session, actor, community.id, definition, Purpose.CAMPAIGNS, now=clock.now()
    )


async def add_many(session: Session, community: Community, count: int, **more: Any) -> list[Person]:
    return await add_listeners(session, community, count, **more)


async def test_a_preview_counts_in_fives_and_gives_examples(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_topics(session, community, "cycling")
        await add_many(session, community, 12, topics=["cycling"])
        await add_many(session, community, 6, topics=["cycling"], purposes=())
        await add_many(session, community, 2, topics=["cycling"], with_contact=False)
        await add_many(session, community, 15)
        found = await preview(session, community, CYCLING, clock)
        assert (found.members_about, found.described_about, found.reached_about) == (35, 20, 10)
        assert found.excluded_about[Exclusion.NO_CONSENT] == 5
        assert found.excluded_about[Exclusion.NO_CONTACT] == 0
        assert found.notice is None
        assert len(found.examples) == 2
        for example in found.examples:
            assert example.first_name == "Synthetic"
            assert example.cell is not None
            assert example.reasons == ("because they said that they care about one of: cycling",)
        again = await preview(session, community, CYCLING, clock)
        assert again == found


async def test_fewer_than_five_and_nobody_look_alike(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_topics(session, community, "cycling", "chess")
        await add_many(session, community, 4, topics=["cycling"])
        await add_many(session, community, 20)
        few = await preview(session, community, CYCLING, clock)
        nobody = await preview(session, community, {"type": "interest", "topics": ["chess"]}, clock)
        assert few == nobody
        assert few.notice is Notice.TOO_FEW
        assert few.examples == ()
        everybody = await preview(session, community, None, clock)
        assert everybody.notice is Notice.EVERYBODY
        assert everybody.reached_about == 25


@pytest.mark.parametrize("size", [5, 6, 7, 8, 9, 12, 13])
async def test_taking_one_person_away_tells_nothing(
    database: Database, clock: FixedClock, size: int
) -> None:
    """The subtraction attack: the same segment with and without a condition that one person meets.

    For each size the attacker looks at two towns that differ in one thing: whether the person
    whom only "chess" describes cares about cycling too. What is shown must be the same in both.
    """
    shown = []
    async with database.begin() as session:
        for town, topics in (("cambridge", ["cycling", "chess"]), ("somerville", ["chess"])):
            community = await add_community(session, town)
            await add_topics(session, community, "cycling", "chess")
            others = size - 1 if "cycling" in topics else size
            await add_many(session, community, others, topics=["cycling"])
            await add_many(session, community, 20)
            await add_listener(session, community, topics=topics)
            but_one = {
                "type": "all",
                "of": [CYCLING, {"type": "not", "of": {"type": "interest", "topics": ["chess"]}}],
            }
            first = await preview(session, community, CYCLING, clock)
            second = await preview(session, community, but_one, clock)
            figures = [
                (each.described_about, each.reached_about, each.excluded_about, each.notice)
                for each in (first, second)
            ]
            assert figures[0] == figures[1]
            shown.append(figures)
    assert shown[0] == shown[1]


async def test_one_withdrawal_does_not_show(database: Database, clock: FixedClock) -> None:
    """Looking before and after somebody unsubscribes tells nothing; many of them do show."""
    async with database.begin() as session:
        community = await add_community(session)
        people = await add_many(session, community, 33)
        before = await preview(session, community, None, clock)
        await stop_all(session, people[0].id, Channel.EMAIL, now=clock.now())
        after = await preview(session, community, None, clock)
        assert (after.reached_about, after.excluded_about) == (
            before.reached_about,
            before.excluded_about,
        )
        for person in people[1:15]:
            await stop_all(session, person.id, Channel.EMAIL, now=clock.now())
        much_later = await preview(session, community, None, clock)
        assert much_later.reached_about == 20
        assert much_later.excluded_about[Exclusion.UNSUBSCRIBED] == 15


async def test_examples_from_households_have_no_names(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        for person in await add_many(session, community, 10):
            await declare(session, community, person, has_children=True)
        await add_many(session, community, 10)
        where = {"type": "household", "fact": "children"}
        found = await preview(session, community, where, clock)
        assert [example.first_name for example in found.examples] == [None, None]
        assert found.reached_about == 10


async def test_at_most_twenty_examples(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_many(session, community, 110)
        found = await preview(session, community, RIVERSIDE, clock)
        assert len(found.examples) == 20


async def test_so_many_previews_an_hour(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        manager = await add_listener(session, community, role=Role.MANAGER)
        actor = actor_as(Role.MANAGER, community.id, manager.id)
        for _ in range(LOOKS_AN_HOUR):
            session.add(
                PreviewLook(community_id=community.id, person_id=manager.id, looked_at=clock.now())
            )
        await session.flush()
        with pytest.raises(TooManyLooks):
            await preview(session, community, None, clock, actor)
        clock.advance(timedelta(hours=1))
        await preview(session, community, None, clock, actor)


async def test_as_many_statements_for_a_preview_of_many(
    database: Database, clock: FixedClock
) -> None:
    counts = []
    async with database.begin() as session:
        for town, size in (("cambridge", 10), ("somerville", 100)):
            community = await add_community(session, town)
            await add_many(session, community, size)
            with counted_statements() as statements:
                await preview(session, community, RIVERSIDE, clock)
            counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_looks_are_forgotten(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        manager = await add_listener(session, community, role=Role.MANAGER)
        await preview(
            session, community, None, clock, actor_as(Role.MANAGER, community.id, manager.id)
        )
        assert len((await export_person(session, manager.id))["preview_look"]) == 1
        await forget_person(session, manager.id, clock.now())
        assert (await export_person(session, manager.id))["preview_look"] == []
        assert await session.scalar(select(func.count()).select_from(PreviewLook)) == 1
        old = clock.now() + timedelta(days=KEPT_DAYS)
        assert await delete_looks(session, old - timedelta(days=KEPT_DAYS)) == 0
        assert await delete_looks(session, old) == 1


async def test_a_segment_is_versioned(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_topics(session, community, "cycling")
        cyclists = await add_many(session, community, 6, topics=["cycling"])
        await add_many(session, community, 6)
        manager = actor_as(Role.MANAGER, community.id, cyclists[0].id)
        everybody = Definition()
        some = read_definition({"where": CYCLING})
        segment, first = await save_segment(
            session, manager, SaveSegment(community.id, " Cyclists ", some), now=clock.now()
        )
        assert (segment.name, first.number) == ("Cyclists", 1)

        async def change(definition: Definition, seen: int, name: str = "Cyclists") -> UUID:
            command = ChangeSegment(segment.id, seen, definition, name)
            _, version = await change_segment(session, manager, command, now=clock.now())
            return version.id

        assert await change(some, 1, "Bikers") == first.id
        second = await change(everybody, 1)
        assert second != first.id
        with pytest.raises(SegmentChanged):
            await change(some, 1)

        async def reached(version_id: UUID) -> int:
            found = await find_version_audience(
                session, manager, version_id, Purpose.CAMPAIGNS, clock.now()
            )
            return len(found.person_ids)

        assert (await reached(first.id), await reached(second)) == (6, 12)
        with pytest.raises(SegmentUnknown):
            await reached(new_id())
        taken = SaveSegment(community.id, "Cyclists", some)
        with pytest.raises(SegmentNameTaken):
            await save_segment(session, manager, taken, now=clock.now())
        archived = await archive_segment(session, manager, segment.id, now=clock.now())
        clock.advance(timedelta(days=1))
        again = await archive_segment(session, manager, segment.id, now=clock.now())
        assert archived.archived_at == again.archived_at
        assert again.archived_at != clock.now()
        assert await reached(first.id) == 6


async def test_segments_are_for_staff_of_the_town(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        other = await add_community(session, "somerville")
        command = SaveSegment(community.id, "Everybody", Definition())
        segment, _ = await save_segment(session, SYSTEM, command, now=clock.now())
        coordinator = actor_as(Role.COORDINATOR, community.id)
        found = await segment_repository.get_segment(session, coordinator, segment.id)
        assert found.id == segment.id
        for actor in (coordinator, actor_as(Role.MANAGER, other.id)):
            with pytest.raises(AudienceNotForYou):
                await save_segment(session, actor, command, now=clock.now())
        with pytest.raises(AudienceNotForYou):
            await archive_segment(session, coordinator, segment.id, now=clock.now())
        for actor in (actor_as(Role.MANAGER, other.id), actor_as(Role.VOLUNTEER, community.id)):
            with pytest.raises(SegmentUnknown):
                await segment_repository.get_segment(session, actor, segment.id)


@pytest.mark.parametrize(
    "where",
    [
        {"type": "area", "names": ["Atlantis"]},
        {"type": "interest", "topics": ["astrology"]},
        {"type": "group", "group_id": "01890000-0000-7000-8000-000000000001"},
        {"type": "campaign", "campaign_id": "01890000-0000-7000-8000-000000000001"},
        {
            "type": "took_part",
            "what": "event",
            "subject_id": "01890000-0000-7000-8000-000000000001",
        },
        {
            "type": "took_part",
            "what": "campaign",
            "subject_id": "01890000-0000-7000-8000-000000000001",
        },
    ],
)
async def test_what_a_segment_names_must_be_there(
    database: Database, clock: FixedClock, where: dict[str, Any]
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        definition = read_definition({"where": where})
        command = SaveSegment(community.id, "Odd", definition)
        with pytest.raises(InvalidSegment):
            await save_segment(session, SYSTEM, command, now=clock.now())
        with pytest.raises(InvalidSegment):
            await preview(session, community, where, clock)
