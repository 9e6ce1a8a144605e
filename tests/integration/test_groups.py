"""Groups on both databases: coming and going, households, talk, moderation, suggestions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import h3.api.basic_int as h3
import pytest
from sqlalchemy import select

from campaigns.groups import founding, members, posts, repository
from campaigns.groups.errors import (
    DiscussionClosed,
    GroupArchived,
    GroupMemberUnknown,
    GroupPostUnknown,
    GroupUnknown,
    InvalidGroup,
    InvalidGroupPost,
    LastOrganizer,
    NotInGroup,
    TooManyGroupPosts,
)
from campaigns.groups.kinds import (
    GroupRole,
    HideReason,
    Joining,
    MemberStatus,
    PostKind,
    ReportOutcome,
)
from campaigns.groups.models import Group, GroupMember, GroupPost, GroupReport
from campaigns.groups.suggestions import suggest_groups
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import Event
from messaging.models import Message
from people.auth import Actor
from people.interests.models import Interest, PersonInterest
from people.kinds import Purpose, Role
from people.models import Community, Person
from people.safeguard_models import Minor
from tests.factories.groups import acting, add_group, add_neighbour, join
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import actor_as, add_community, add_household, add_person


@dataclass
class Circle:
    """A group that two lead, and others of the community."""

    community: Community
    group: Group
    ada: Person
    ben: Person
    cem: Person

    def as_(self, person: Person, role: Role = Role.RESIDENT) -> Actor:
        return acting(self.community, person, role)


@pytest.fixture
async def circle(database: Database, clock: FixedClock) -> Circle:
    """Ada leads, Ben belongs to it, Cem does not."""
    async with database.begin() as session:
        community = await add_community(session)
        ada, ben, cem = [
            await add_neighbour(session, community, name) for name in ("Ada", "Ben", "Cem")
        ]
        group = await add_group(session, community, ada, clock.now())
        await join(session, community, group, ben, clock.now())
    return Circle(community, group, ada, ben, cem)


async def test_members_come_by_the_way_that_the_group_has(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, community = clock.now(), circle.community
    async with database.begin() as session:
        asked = await add_group(
            session, community, circle.ada, now, name="Ask", joining=Joining.BY_REQUEST
        )
        closed = await add_group(
            session, community, circle.ada, now, name="Closed", joining=Joining.BY_INVITATION
        )
        row = await join(session, community, asked, circle.cem, now)
        again = await join(session, community, asked, circle.cem, now)
        assert (row.id, row.status) == (again.id, MemberStatus.ASKED)
        with pytest.raises(NotInGroup):
            await posts.post_in_group(
                session,
                circle.as_(circle.cem),
                posts.PostInGroup(group_id=asked.id, text="Hello"),
                now=now,
            )
        row = await members.answer_request(
            session, circle.as_(circle.ada), row.id, approve=True, now=now
        )
        assert row.status is MemberStatus.MEMBER
        # That it exists is nobody's business before the invitation.
        with pytest.raises(GroupUnknown):
            await join(session, community, closed, circle.cem, now)
        invited = await members.invite_person(
            session, circle.as_(circle.ada), closed.id, circle.cem.id, now=now
        )
        assert invited is not None
        accepted = await join(session, community, closed, circle.cem, now)
        assert (accepted.id, accepted.status) == (invited.id, MemberStatus.MEMBER)
        kinds = list(await session.scalars(select(Event.kind).where(Event.subject_id == closed.id)))
    assert sorted(kinds) == ["group.founded", "group.invited", "group.joined"]


async def test_a_household_counts_each_adult_once(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, community = clock.now(), circle.community
    async with database.begin() as session:
        home = await add_household(session, community)
        dora = await add_neighbour(session, community, "Dora", home)
        emil = await add_neighbour(session, community, "Emil", home)
        child = await add_neighbour(session, community, "Kim", home)
        session.add(Minor(person_id=child.id, recorded_at=now))
        await session.flush()
        await join(session, community, circle.group, dora, now)
        await join(session, community, circle.group, dora, now, as_household=True)
        people = await repository.list_member_person_ids(session, circle.group.id)
        assert sorted(people) == sorted([circle.ada.id, circle.ben.id, dora.id, emil.id])
        # Emil never joined himself and reads all the same; the child does not.
        said = posts.PostInGroup(group_id=circle.group.id, text="Good evening")
        await posts.post_in_group(session, circle.as_(emil), said, now=now)
        with pytest.raises(NotInGroup):
            await posts.post_in_group(session, circle.as_(child), said, now=now)
        with pytest.raises(NotPermitted):
            await join(session, community, circle.group, child, now)
        counts = await repository.load_member_counts(session, Actor.system(), [circle.group.id])
        assert counts == {circle.group.id: 4}
        await members.leave_group(
            session, circle.as_(emil), circle.group.id, as_household=True, now=now
        )
        people = await repository.list_member_person_ids(session, circle.group.id)
    assert sorted(people) == sorted([circle.ada.id, circle.ben.id, dora.id])


async def test_who_has_no_home_joins_alone(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    async with database.begin() as session:
        with pytest.raises(InvalidGroup, match="by yourself"):
            await join(
                session, circle.community, circle.group, circle.cem, clock.now(), as_household=True
            )


async def test_the_last_organizer_stays_until_there_is_another(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now = clock.now()
    async with database.begin() as session:
        rows = {
            row.person_id: row.id
            for row in await session.scalars(
                select(GroupMember).where(GroupMember.group_id == circle.group.id)
            )
        }
        lead = circle.as_(circle.ada)
        with pytest.raises(LastOrganizer, match="archive"):
            await members.leave_group(session, lead, circle.group.id, now=now)
        with pytest.raises(LastOrganizer):
            await members.set_role(session, lead, rows[circle.ada.id], GroupRole.MEMBER, now=now)
        manager = actor_as(Role.MANAGER, circle.community.id)
        with pytest.raises(LastOrganizer):
            await members.remove_member(
                session, manager, members.RemoveMember(member_id=rows[circle.ada.id]), now=now
            )
        await members.set_role(session, lead, rows[circle.ben.id], GroupRole.ORGANIZER, now=now)
        left = await members.leave_group(session, lead, circle.group.id, now=now)
    assert (left.status, left.role) == (MemberStatus.LEFT, GroupRole.MEMBER)


async def test_two_organizers_who_leave_at_once_leave_one(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    async with database.begin() as session:
        row = await repository.find_member(session, circle.group.id, person_id=circle.ben.id)
        assert row is not None
        await members.set_role(
            session, circle.as_(circle.ada), row.id, GroupRole.ORGANIZER, now=clock.now()
        )

    async def leave(person: Person) -> str:
        try:
            async with database.begin() as session:
                await members.leave_group(
                    session, circle.as_(person), circle.group.id, now=clock.now()
                )
        except LastOrganizer as error:
            return error.code
        return "left"

    assert sorted(await asyncio.gather(leave(circle.ada), leave(circle.ben))) == [
        "last_organizer",
        "left",
    ]


async def test_a_manager_gives_a_group_an_organizer(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, manager = clock.now(), actor_as(Role.MANAGER, circle.community.id)
    async with database.begin() as session:
        for actor in (circle.as_(circle.ben), actor_as(Role.COORDINATOR, circle.community.id)):
            with pytest.raises(NotPermitted):
                await founding.take_over_group(
                    session, actor, circle.group.id, circle.ben.id, now=now
                )
        row = await founding.take_over_group(
            session, manager, circle.group.id, circle.cem.id, now=now
        )
        assert (row.status, row.role) == (MemberStatus.MEMBER, GroupRole.ORGANIZER)
        elsewhere = await add_community(session, "elsewhere")
        stranger = await add_person(session, elsewhere)
        with pytest.raises(InvalidGroup, match="adult of the community"):
            await founding.take_over_group(session, manager, circle.group.id, stranger.id, now=now)


async def test_the_banned_stay_out_and_may_be_let_back(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, lead = clock.now(), circle.as_(circle.ada)
    async with database.begin() as session:
        row = await repository.find_member(session, circle.group.id, person_id=circle.ben.id)
        assert row is not None
        await members.remove_member(
            session, lead, members.RemoveMember(member_id=row.id, ban=True), now=now
        )
        with pytest.raises(GroupUnknown):
            await join(session, circle.community, circle.group, circle.ben, now)
        assert (
            await members.invite_person(session, lead, circle.group.id, circle.ben.id, now=now)
            is None
        )
        await members.allow_back(session, lead, row.id, now=now)
        back = await join(session, circle.community, circle.group, circle.ben, now)
    assert back.status is MemberStatus.MEMBER


async def test_an_invitation_never_tells_who_has_an_address(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, lead = clock.now(), circle.as_(circle.ada)
    async with database.begin() as session:
        await add_contact(session, circle.cem, value="cem@mail.example")
        await give_consent(session, circle.community, circle.cem, Purpose.CAMPAIGNS)
        answers = [
            await members.invite_by_email(session, lead, circle.group.id, email, now=now)
            for email in (" Cem@mail.example", "nobody@mail.example", "cem@mail.example")
        ]
        kinds = list(await session.scalars(select(Message.kind)))
        row = await repository.find_member(session, circle.group.id, person_id=circle.cem.id)
    assert len({one.id for one in answers}) == 1
    assert kinds == ["group_invited"]
    assert row is not None
    assert row.status is MemberStatus.INVITED


async def test_talk_is_limited_moderated_and_kept_for_staff(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, ben, lead = clock.now(), circle.as_(circle.ben), circle.as_(circle.ada)
    key = circle.group.id
    async with database.begin() as session:
        head = await posts.post_in_group(
            session,
            ben,
            posts.PostInGroup(group_id=key, text="Buy my lamps", client_key="a"),
            now=now,
        )
        again = await posts.post_in_group(
            session, ben, posts.PostInGroup(group_id=key, text="Again", client_key="a"), now=now
        )
        assert again.id == head.id
        answer = posts.PostInGroup(group_id=key, text="No", kind=PostKind.REPLY, parent_id=head.id)
        reply = await posts.post_in_group(session, lead, answer, now=now)
        with pytest.raises(InvalidGroupPost, match="answer what it answers"):
            await posts.post_in_group(
                session,
                ben,
                posts.PostInGroup(
                    group_id=key, text="Why", kind=PostKind.REPLY, parent_id=reply.id
                ),
                now=now,
            )
        with pytest.raises(NotInGroup, match="organizers"):
            await posts.post_in_group(
                session,
                ben,
                posts.PostInGroup(group_id=key, text="News", kind=PostKind.ANNOUNCEMENT),
                now=now,
            )
        first = await posts.report_post(session, ben, reply.id, HideReason.UNKIND, now=now)
        second = await posts.report_post(session, ben, reply.id, HideReason.SPAM, now=now)
        assert first.id == second.id
        with pytest.raises(NotInGroup):
            await posts.hide_post(session, ben, head.id, HideReason.SPAM, now=now)
        await posts.report_post(session, lead, head.id, HideReason.SPAM, now=now)
        await posts.hide_post(session, lead, head.id, HideReason.SPAM, now=now)
        hidden = await session.get_one(GroupPost, head.id)
        assert (hidden.text, hidden.hidden_reason) == ("Buy my lamps", HideReason.SPAM)
        with pytest.raises(GroupPostUnknown):
            await posts.post_in_group(session, ben, answer, now=now)
        await posts.show_post(session, lead, head.id, now=now)
        await posts.close_discussion(session, lead, head.id, closed=True, now=now)
        with pytest.raises(DiscussionClosed):
            await posts.post_in_group(session, ben, answer, now=now)
        report = await session.scalar(
            select(GroupReport)
            .where(GroupReport.post_id == head.id)
            .execution_options(populate_existing=True)
        )
        assert report is not None
        assert report.outcome is ReportOutcome.HIDDEN
        told = {
            row.kind: row.reason
            for row in await session.scalars(select(Event).where(Event.subject_id == key))
        }
    assert told["group.post_hidden"] == "spam"
    assert {"group.posted", "group.post_reported", "group.discussion_closed"} <= told.keys()


async def test_nobody_floods_a_group(database: Database, clock: FixedClock, circle: Circle) -> None:
    key = circle.group.id

    async def say(actor: Actor, kind: PostKind) -> None:
        async with database.begin() as session:
            await posts.post_in_group(
                session,
                actor,
                posts.PostInGroup(group_id=key, text="Hello", kind=kind),
                now=clock.now(),
            )

    for _ in range(posts.MAX_ANNOUNCEMENTS_A_DAY):
        await say(circle.as_(circle.ada), PostKind.ANNOUNCEMENT)
    with pytest.raises(TooManyGroupPosts, match="announcements"):
        await say(circle.as_(circle.ada), PostKind.ANNOUNCEMENT)
    for _ in range(posts.MAX_POSTS_AN_HOUR):
        await say(circle.as_(circle.ben), PostKind.DISCUSSION)
    with pytest.raises(TooManyGroupPosts, match="in an hour"):
        await say(circle.as_(circle.ben), PostKind.DISCUSSION)
    clock.advance(timedelta(hours=1, minutes=1))
    await say(circle.as_(circle.ben), PostKind.DISCUSSION)


async def test_an_archived_group_is_read_and_nothing_else(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, lead = clock.now(), circle.as_(circle.ada)
    async with database.begin() as session:
        await founding.archive_group(session, lead, circle.group.id, now=now)
        await founding.archive_group(session, lead, circle.group.id, now=now)
        with pytest.raises(GroupArchived):
            await posts.post_in_group(
                session, lead, posts.PostInGroup(group_id=circle.group.id, text="Hi"), now=now
            )
        with pytest.raises(GroupUnknown):
            await join(session, circle.community, circle.group, circle.cem, now)
        left = await members.leave_group(session, lead, circle.group.id, now=now)
        assert left.status is MemberStatus.LEFT
        found = await repository.load_groups(session, circle.as_(circle.ben), [circle.group.id])
        events = await session.scalars(select(Event.kind).where(Event.kind == "group.archived"))
        assert len(list(events)) == 1
    assert circle.group.id in found


async def test_others_cannot_move_members_of_groups_that_they_may_not_see(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now = clock.now()
    async with database.begin() as session:
        row = await repository.find_member(session, circle.group.id, person_id=circle.ben.id)
        assert row is not None
        elsewhere = await add_community(session, "elsewhere")
        strangers = (
            circle.as_(circle.cem),
            actor_as(Role.MANAGER, elsewhere.id),
            Actor.anonymous(),
        )
        for actor in strangers:
            with pytest.raises(GroupMemberUnknown):
                await members.remove_member(
                    session, actor, members.RemoveMember(member_id=row.id), now=now
                )
        with pytest.raises(NotInGroup):
            await members.remove_member(
                session,
                actor_as(Role.COORDINATOR, circle.community.id),
                members.RemoveMember(member_id=row.id),
                now=now,
            )


@pytest.mark.parametrize("languages", [(), ("english",), ("en",) * 1 + tuple("abcdefghijk")])
async def test_groups_that_cannot_be_are_refused_naming_the_field(
    database: Database, clock: FixedClock, circle: Circle, languages: tuple[str, ...]
) -> None:
    async with database.begin() as session:
        for wrong, says in (
            ({"languages": languages}, "languages"),
            ({"topic": "Night Sky"}, "topic"),
            ({"name": " "}, "name"),
            ({"area": "Atlantis"}, "neighbourhood"),
            ({"summary": "x" * 2_000}, "summary"),
        ):
            with pytest.raises(InvalidGroup, match=says):
                await add_group(session, circle.community, circle.ada, clock.now(), **wrong)


async def test_suggestions_go_by_stated_interests_and_middles_of_cells(
    database: Database, clock: FixedClock, circle: Circle
) -> None:
    now, community = clock.now(), circle.community
    async with database.begin() as session:
        session.add(
            Interest(
                community_id=community.id,
                code="cycling",
                label="Cycling",
                label_es="Ciclismo",
                created_at=now,
            )
        )
        near = await add_group(
            session, community, circle.ada, now, name="Wheels", topic="cycling", area="Riverside"
        )
        wide = await add_group(
            session, community, circle.ada, now, name="All wheels", topic="cycling"
        )
        await add_group(
            session,
            community,
            circle.ada,
            now,
            name="Closed wheels",
            topic="cycling",
            joining=Joining.BY_INVITATION,
        )
        assert near.cell is not None
        home = await add_household(session, community)
        home.cell = next(iter(h3.grid_ring(near.cell, 1)))
        person = await add_neighbour(session, community, "Dora", home)
        assert await suggest_groups(session, circle.as_(person), community.id) == []
        session.add(
            PersonInterest(
                person_id=person.id, community_id=community.id, topic="cycling", stated_at=now
            )
        )
        await session.flush()
        found = await suggest_groups(session, circle.as_(person), community.id)
        assert [one.group.id for one in found] == [near.id, wide.id]
        assert found[0].distance_m in (300, 400)
        assert found[0].sentence() == (
            f"Because you said cycling, {found[0].distance_m} m from your cell."
        )
        assert found[0].sentence("es") == (
            f"Porque dijo cycling, a {found[0].distance_m} m de su celda."
        )
        spanish = await suggest_groups(session, circle.as_(person), community.id, language="es")
        assert spanish[1].sentence("es") == "Porque dijo ciclismo, para toda la comunidad."
        assert found[1].sentence() == "Because you said cycling, for the whole community."
        await join(session, community, near, person, now)
        left = await suggest_groups(session, circle.as_(person), community.id)
    assert [one.group.id for one in left] == [wide.id]
