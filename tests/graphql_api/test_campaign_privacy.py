"""What the counts and lists of campaigns and groups tell to those who are not inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from campaigns.groups.kinds import PostKind
from campaigns.groups.models import GroupMember, GroupPost
from campaigns.programmes.kinds import TeamRole
from campaigns.programmes.models import Campaign, CampaignTeam
from campaigns.results import repository as results
from campaigns.standings import choices
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Household, Person
from tests.factories.groups import add_neighbour
from tests.factories.people import actor_as, add_community, add_household, add_person
from tests.factories.standings import STARTS_AT, add_campaign, add_group, every_day, join, ride
from tests.graphql_api.asking import Asker, global_id

MANY, FEW = 23, 4
FIGURES = "everybody/ride_figures"
NODE = """query ($id: ID!) { node(id: $id) {
  ... on Campaign { memberCount }
  ... on Group { memberCount }
} }"""


@dataclass
class Neighbourhood:
    """A campaign and a group of 23 people who ride, in one of two towns."""

    asker: Asker
    community: Community
    elsewhere: Community
    campaign: Campaign
    home: Household
    people: list[Person]
    group_id: UUID

    @property
    def group(self) -> str:
        return global_id("Group", self.group_id)

    def insider(self, number: int = 0) -> Actor:
        return actor_as(Role.RESIDENT, self.community.id, self.people[number].id)

    async def ask(self, document: str, actor: Actor | None, **given: Any) -> Any:
        return (await self.asker.ask(document, actor, **given)).only


@pytest.fixture
async def place(database: Database, clock: FixedClock) -> Neighbourhood:
    async with database.begin() as session:
        community = await add_community(session)
        elsewhere = await add_community(session, "arlington")
        campaign = await add_campaign(session, community)
        home = await add_household(session, community, area="Hilltop")
        people = [
            await add_neighbour(session, community, f"Name{number}", home) for number in range(MANY)
        ]
        for person in people:
            await join(session, campaign, person)
            await ride(session, campaign, person, every_day(campaign.starts_at.date(), 2))
        group = await add_group(session, community, "bakers", people)
    return Neighbourhood(
        Asker(database, clock),
        community,
        elsewhere,
        campaign,
        home,
        people,
        group.id,
    )


async def outsiders(place: Neighbourhood) -> list[Actor | None]:
    """Nobody, a neighbour who takes no part, and the staff of another town."""
    async with place.asker.database.begin() as session:
        neighbour = await add_person(session, place.community)
        stranger = await add_person(session, place.elsewhere, role=Role.MANAGER)
    return [
        None,
        actor_as(Role.RESIDENT, place.community.id, neighbour.id),
        actor_as(Role.COORDINATOR, place.elsewhere.id, stranger.id),
        actor_as(Role.MANAGER, place.elsewhere.id, stranger.id),
    ]


async def add_to_team(place: Neighbourhood, person: Person) -> None:
    async with place.asker.database.begin() as session:
        session.add(
            CampaignTeam(
                campaign_id=place.campaign.id,
                person_id=person.id,
                role=TeamRole.VIEWER,
                added_at=STARTS_AT,
            )
        )


async def test_ride_figures_are_for_staff_and_the_team_alone(place: Neighbourhood) -> None:
    given = {"campaignId": global_id("Campaign", place.campaign.id)}
    for actor in [*await outsiders(place), place.insider()]:
        assert await place.ask(FIGURES, actor, **given) is None
    staff = await place.ask(FIGURES, actor_as(Role.COORDINATOR, place.community.id), **given)
    assert (staff["memberCount"], staff["rideCount"]) == (MANY, 2 * MANY)
    await add_to_team(place, place.people[0])
    assert await place.ask(FIGURES, place.insider(), **given) == staff
    assert await place.ask(FIGURES, place.insider(1), **given) is None


async def test_a_token_reads_figures_only_by_the_scope_of_campaigns(place: Neighbourhood) -> None:
    staff = actor_as(Role.MANAGER, place.community.id)
    token = Actor(staff.person_id, staff.roles, scopes=frozenset({"groups:read", "events:read"}))
    given = {"campaignId": global_id("Campaign", place.campaign.id)}
    assert (await place.asker.ask(FIGURES, token, **given)).codes == ["scope_missing"]
    node = await place.asker.ask(NODE, token, id=given["campaignId"])
    assert node.codes == ["scope_missing"]


async def test_who_is_outside_sees_members_in_steps_of_five(place: Neighbourhood) -> None:
    ids = [global_id("Campaign", place.campaign.id), place.group]
    for key in ids:
        for actor in await outsiders(place):
            assert await place.ask(NODE, actor, id=key) == {"memberCount": 20}
        for actor in (place.insider(), actor_as(Role.COORDINATOR, place.community.id)):
            assert await place.ask(NODE, actor, id=key) == {"memberCount": MANY}


async def test_who_leaves_moves_no_public_count_and_loses_the_exact_one(
    place: Neighbourhood,
) -> None:
    me, key = place.insider(), global_id("Campaign", place.campaign.id)
    left = await place.ask("resident/leave_campaign", me, input={"campaignId": key})
    assert left["__typename"].endswith("Payload"), left
    for actor in (None, me):
        assert await place.ask(NODE, actor, id=key) == {"memberCount": 20}
    assert await place.ask(NODE, place.insider(1), id=key) == {"memberCount": MANY - 1}


async def test_under_five_nobody_outside_sees_a_number(place: Neighbourhood) -> None:
    async with place.asker.database.begin() as session:
        few = place.people[:FEW]
        small = await add_campaign(session, place.community, slug="small")
        for person in few:
            await join(session, small, person)
        group = await add_group(session, place.community, "few", few)
    for key in (global_id("Campaign", small.id), global_id("Group", group.id)):
        for actor in await outsiders(place):
            assert await place.ask(NODE, actor, id=key) == {"memberCount": None}
        assert await place.ask(NODE, place.insider(), id=key) == {"memberCount": FEW}


async def test_who_opted_out_has_no_name_in_a_group(
    place: Neighbourhood, clock: FixedClock
) -> None:
    me, other = place.people[:2]
    async with place.asker.database.begin() as session:
        await session.execute(update(GroupMember).values(shows_name=True))
        session.add_all(
            GroupPost(
                group_id=place.group_id,
                author_id=person.id,
                kind=PostKind.DISCUSSION,
                text="Hello",
                posted_at=clock.now(),
            )
            for person in (me, other)
        )
    listed = {"groupId": place.group, "status": "MEMBER", "first": 50}
    said = {"groupId": place.group, "kind": "DISCUSSION", "first": 50}
    for out in (False, True):
        if out:
            async with place.asker.database.begin() as session:
                await choices.opt_out(
                    session, place.insider(), place.community.id, me.id, now=clock.now()
                )
        for actor in (place.insider(1), actor_as(Role.MANAGER, place.community.id)):
            members = await place.ask("everybody/group_members", actor, **listed)
            posts = await place.ask("everybody/group_posts", actor, **said)
            names = {one["firstName"] for one in members["nodes"]}
            authors = {one["author"]["firstName"] for one in posts["nodes"]}
            assert ("Name0" in names, "Name0" in authors) == (not out, not out)
            assert "Name1" in names & authors


async def test_published_areas_leave_out_who_opted_out(
    place: Neighbourhood, clock: FixedClock
) -> None:
    async with place.asker.database.begin() as session:
        alone = await add_household(session, place.community, area="Alone")
        person = await add_person(session, place.community, household=alone)
        await join(session, place.campaign, person)
        await ride(session, place.campaign, person, every_day(place.campaign.starts_at.date(), 1))
        me = actor_as(Role.RESIDENT, place.community.id, person.id)
        await choices.opt_out(session, me, place.community.id, person.id, now=clock.now())
    async with place.asker.database.read() as session:
        inside = await results.count_homes(session, place.campaign)
        public = await results.count_homes(session, place.campaign, for_public=True)
    assert inside.by_area == {"Alone": 1, "Hilltop": 1}
    assert public.by_area == {"Hilltop": 1}
    assert sum(public.by_cell.values()) == sum(inside.by_cell.values()) - 1
