"""Boards, walls, pledges and badges through the API; who opted out is nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta

from campaigns.standings import choices
from campaigns.standings.badges import give_badges
from campaigns.standings.boards import publish_boards
from campaigns.standings.kinds import BadgeKind, BoardKind
from campaigns.standings.models import BadgeRule, StandingChoice
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from people.models import Person, PersonName
from tests.factories.people import actor_as, add_community, add_household, add_person
from tests.factories.standings import (
    STARTS_AT,
    add_campaign,
    add_group,
    add_template,
    every_day,
    join,
    ride,
)
from tests.factories.town import seed_town
from tests.graphql_api.asking import Asker, global_id, read_operation
from tests.graphql_api.cases.every import CASES

MONDAY = date(2026, 1, 5)
LETTERS = "abcdefghij"


@dataclass
class Season:
    """A campaign with ten riders of one group, one neighbourhood, one wall."""

    asker: Asker
    community: str = ""
    campaign: str = ""
    template: str = ""
    actors: list[Actor] = field(default_factory=list)

    @classmethod
    async def open(cls, database: Database, clock: FixedClock) -> Season:
        season = cls(Asker(database, clock))
        async with database.begin() as session:
            community = await add_community(session)
            campaign = await add_campaign(session, community, goal_value=20)
            template = await add_template(session, campaign)
            home = await add_household(session, community, area="Hilltop")
            people = []
            for letter in LETTERS:
                person = await add_person(session, community, household=home)
                name = await session.get_one(PersonName, person.id)
                name.full_name = f"Name{letter} Family{letter}"
                people.append(person)
                await join(session, campaign, person)
                await ride(session, campaign, person, every_day(MONDAY, 2))
            await add_group(session, community, "bakers", people)
            session.add(
                BadgeRule(
                    community_id=community.id,
                    code="first_ride",
                    kind=BadgeKind.FIRST_TIME,
                    threshold=1,
                    labels={"en": "First ride"},
                    valid_from=STARTS_AT,
                )
            )
        season.community = global_id("Community", community.id)
        season.campaign = global_id("Campaign", campaign.id)
        season.template = global_id("PledgeTemplate", template.id)
        season.actors = [actor_as(Role.RESIDENT, community.id, one.id) for one in people]
        for letter, actor in zip(LETTERS, season.actors, strict=True):
            await season.be_seen(letter, actor)
        async with database.begin() as session:
            await give_badges(session, community.id, now=clock.now())
            await publish_boards(session, campaign.id, now=clock.now())
        return season

    async def be_seen(self, letter: str, actor: Actor) -> None:
        for document, given in (
            (
                "resident/choose_board_alias",
                {"communityId": self.community, "alias": f"Alias{letter}"},
            ),
            (
                "resident/make_pledge",
                {"templateId": self.template, "amount": 5.0, "showsName": True},
            ),
        ):
            answer = (await self.asker.ask(document, actor, input=given)).only
            assert answer["__typename"].endswith("Payload"), answer

    async def everything_public(self, actor: Actor | None = None) -> str:
        """Every answer of this room to somebody, as text."""
        answers = [
            (await self.asker.ask(name, actor, campaignId=self.campaign)).data
            for name in ("everybody/goal_progress", "everybody/pledge_wall")
        ]
        for board in ("GROUPS", "AREAS", "PEOPLE"):
            variables = {"campaignId": self.campaign, "board": board}
            answers.append((await self.asker.ask("everybody/leaderboard", actor, **variables)).data)
        rules = await self.asker.ask("everybody/badge_rules", actor, communityId=self.community)
        answers.append(rules.data)
        assert all(answers)
        return json.dumps(answers)


async def test_who_opted_out_is_nowhere_from_that_moment_on(
    database: Database, clock: FixedClock
) -> None:
    season = await Season.open(database, clock)
    me, other = season.actors[0], season.actors[1]
    before = await season.everything_public()
    assert all(mark in before for mark in ("Namea", "Aliasa", "Nameb", "Aliasb"))
    assert "Family" not in before
    assert str(me.person_id) not in before

    answer = await season.asker.ask(
        "resident/opt_out_of_boards", me, input={"communityId": season.community}
    )
    assert answer.only["choice"]["alias"] is None

    manager = actor_as(Role.MANAGER, next(iter(me.roles)))
    for actor in (None, other, manager):
        seen = await season.everything_public(actor)
        assert "Namea" not in seen
        assert "Aliasa" not in seen
        assert "Nameb" in seen
    badges = await season.asker.ask("resident/my_badges", me)
    assert badges.only["nodes"] == []
    mine = await season.asker.ask("resident/my_pledges", me)
    assert len(mine.only["nodes"]) == 1


async def test_boards_are_what_was_published(database: Database, clock: FixedClock) -> None:
    season = await Season.open(database, clock)

    progress = (await season.asker.ask("everybody/goal_progress", campaignId=season.campaign)).only
    board = (
        await season.asker.ask("everybody/leaderboard", campaignId=season.campaign, board="GROUPS")
    ).only

    assert (progress["pace"], progress["percent"]) == ("REACHED", 100)
    assert progress["sentence"] == "The goal is reached."
    (line,) = board["lines"]
    assert (line["label"], line["rank"], line["count"], line["sharePercent"]) == (
        "Bakers",
        1,
        10,
        95,
    )


async def test_exact_figures_are_for_staff(database: Database, clock: FixedClock) -> None:
    season = await Season.open(database, clock)
    community_id = next(iter(season.actors[0].roles))
    document = "staff/campaign_standing"

    staff = await season.asker.ask(
        document, actor_as(Role.COORDINATOR, community_id), campaignId=season.campaign
    )
    resident = await season.asker.ask(document, season.actors[0], campaignId=season.campaign)

    assert staff.data is not None
    assert staff.data["goalProgress"]["exact"]["value"] == 20
    assert staff.data["pledgeWall"]["counts"]["made"] == 10
    assert resident.data is not None
    assert resident.data["goalProgress"]["exact"] is None
    assert resident.data["pledgeWall"]["counts"] is None


async def test_bad_input_is_a_problem_with_a_code(database: Database, clock: FixedClock) -> None:
    season = await Season.open(database, clock)
    me = season.actors[0]
    manager = actor_as(Role.MANAGER, next(iter(me.roles)))
    pledge = {"templateId": season.template}
    alias = {"communityId": season.community}
    rule = alias | {
        "code": "weeks",
        "kind": "WEEKS_IN_A_ROW",
        "labels": [{"language": "en", "text": "Weeks"}],
        "validFrom": (clock.now() - timedelta(days=1)).isoformat(),
    }
    wrong: list[tuple[str, Actor, dict[str, object], str]] = [
        ("resident/make_pledge", me, pledge | {"amount": -1.0}, "invalid_pledge"),
        ("resident/make_pledge", me, pledge | {"amount": 9.0}, "already_pledged"),
        ("resident/choose_board_alias", me, alias | {"alias": "alias-B"}, "alias_taken"),
        ("resident/choose_board_alias", me, alias | {"alias": "The Namea"}, "invalid_alias"),
        ("staff/add_badge_rule", manager, rule | {"threshold": 0}, "invalid_badge_rule"),
        ("staff/add_badge_rule", manager, rule | {"code": "first_ride"}, "code_taken"),
    ]
    for document, actor, given, code in wrong:
        answer = (await season.asker.ask(document, actor, input=given)).only
        assert answer.get("code") == code, answer


async def test_boards_of_pledges_and_progress_are_no_leaderboards(
    database: Database, clock: FixedClock
) -> None:
    season = await Season.open(database, clock)
    for board in (BoardKind.PLEDGES, BoardKind.PROGRESS):
        answer = await season.asker.ask(
            "everybody/leaderboard", campaignId=season.campaign, board=board.name
        )
        assert answer.codes == ["invalid_argument"]


async def test_a_token_needs_its_scope_and_another_community_is_closed(
    database: Database, clock: FixedClock
) -> None:
    season = await Season.open(database, clock)
    me = season.actors[0]
    token = Actor(person_id=me.person_id, roles=me.roles, scopes=frozenset({"events:read"}))
    refused = await season.asker.ask("resident/my_pledges", token)
    assert refused.codes == ["scope_missing"]

    async with database.begin() as session:
        elsewhere = await add_community(session, "arlington")
        person: Person = await add_person(session, elsewhere)
    stranger = actor_as(Role.MANAGER, elsewhere.id, person.id)
    answer = await season.asker.ask(
        "resident/opt_out_of_boards",
        stranger,
        input={
            "communityId": season.community,
            "personId": global_id("Person", me.person_id),
        },
    )
    assert answer.only["__typename"] == "NotPermittedProblem"


async def test_nothing_that_the_public_can_ask_names_who_opted_out(
    database: Database, clock: FixedClock
) -> None:
    """Every query of the product, as nobody and as a neighbour, looked through for one person."""
    town = await seed_town(database, clock)
    asker = Asker(database, clock)
    person_id = town.resident_ids[3]
    async with database.begin() as session:
        name = (await session.get_one(PersonName, person_id)).full_name
        alias = (await session.get_one(StandingChoice, (town.community_id, person_id))).alias
        me = actor_as(Role.RESIDENT, town.community_id, person_id)
        await choices.opt_out(session, me, town.community_id, person_id, now=clock.now())
    neighbour = actor_as(Role.RESIDENT, town.community_id, town.resident_ids[5])
    marks = [name, f'"{alias}"', str(person_id), global_id("Person", person_id)]
    asked = 0
    for case in CASES:
        text = read_operation(case.operation)
        if "mutation " in text or "subscription " in text:
            continue
        variables = case.own(town, "anonymous")
        if "board" in variables:
            variables["board"] = "PEOPLE"
        for actor in (None, neighbour):
            answer = await asker.ask(case.operation, actor, **variables)
            told = json.dumps(answer.data, default=str)
            assert not [mark for mark in marks if mark in told], case.operation
            asked += answer.data is not None
    assert asked > 20
