"""Boards of a whole campaign: published once a day, in steps of five, frozen, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from campaigns.biking.models import Ride
from campaigns.groups.kinds import Joining
from campaigns.programmes.kinds import CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.standings import choices
from campaigns.standings.boards import CORRECTION_DAYS, LATE_DAYS, publish_boards
from campaigns.standings.errors import AliasTaken, InvalidAlias, OptedOut
from campaigns.standings.kinds import BoardKind, Pace, SizeBand
from campaigns.standings.models import BoardLine, BoardSnapshot, StandingChoice
from campaigns.standings.progress import measure_progress, say_pace
from campaigns.standings.repository import list_opted_out
from campaigns.standings.showing import ShownBoard, show_board, show_progress, show_wall
from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Person
from tests.factories.people import actor_as, add_community, add_household, add_person
from tests.factories.standings import (
    ENDS_AT,
    add_campaign,
    add_group,
    every_day,
    join,
    ride,
)

MONDAY = date(2026, 1, 5)


class Season:
    """A biking campaign with groups, ready to be looked at."""

    def __init__(self, session: Session, community: Community, campaign: Campaign) -> None:
        self.session = session
        self.community = community
        self.campaign = campaign

    @classmethod
    async def open(cls, session: Session, **campaign: object) -> Season:
        community = await add_community(session)
        return cls(session, community, await add_campaign(session, community, **campaign))  # type: ignore[arg-type]  # columns by name

    async def people(self, count: int, *, area: str | None = None) -> list[Person]:
        home = (
            None if area is None else await add_household(self.session, self.community, area=area)
        )
        return [
            await add_person(self.session, self.community, household=home) for _ in range(count)
        ]

    async def let_ride(self, people: Sequence[Person], days: int = 1) -> None:
        for person in people:
            await join(self.session, self.campaign, person)
            await ride(self.session, self.campaign, person, every_day(MONDAY, days))

    def as_person(self, person: Person) -> Actor:
        return actor_as(Role.RESIDENT, self.community.id, person.id)

    async def board(self, kind: BoardKind) -> ShownBoard:
        found = await show_board(self.session, self.campaign, kind)
        assert found is not None
        return found


async def test_small_groups_win_by_share_and_small_numbers_are_hidden(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        few = await season.people(8)
        many = await season.people(40)
        secret = await season.people(10)
        tiny = await season.people(6)
        await add_group(session, season.community, "bakers", few)
        await add_group(session, season.community, "teachers", many)
        await add_group(session, season.community, "hidden", secret, joining=Joining.BY_INVITATION)
        await add_group(session, season.community, "tiny", tiny)
        await season.let_ride([*few[:6], *many[:20], *secret, *tiny[:4]])

        await publish_boards(session, season.campaign.id, now=clock.now())

        board = await season.board(BoardKind.GROUPS)
    assert [(line.label, line.band, line.rank, line.count) for line in board.lines] == [
        ("Bakers", SizeBand.SMALL, 1, 6),
        ("Teachers", SizeBand.MEDIUM, 1, 20),
        ("Tiny", None, None, None),
    ]
    assert [line.share_percent for line in board.lines] == [75, 50, None]


async def test_areas_add_up_so_a_second_one_hides_with_a_small_one(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        for area, size, active in (("Hilltop", 10, 3), ("Old Mill", 12, 6), ("Station", 30, 20)):
            people = await season.people(size, area=area)
            await season.let_ride(people[:active])

        await publish_boards(session, season.campaign.id, now=clock.now())

        board = await season.board(BoardKind.AREAS)
    shown = {line.label: line.count for line in board.lines}
    assert shown == {"Hilltop": None, "Old Mill": None, "Station": 20}


async def test_a_day_is_published_once_and_only_the_newest_day_is_kept(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        await season.let_ride(await season.people(5, area="Hilltop"))

        first = await publish_boards(session, season.campaign.id, now=clock.now())
        again = await publish_boards(session, season.campaign.id, now=clock.now())
        clock.advance(timedelta(days=1))
        next_day = await publish_boards(session, season.campaign.id, now=clock.now())

        count = await session.scalar(select(func.count()).select_from(BoardSnapshot))
    assert (len(first), len(again), len(next_day)) == (len(BoardKind), 0, len(BoardKind))
    assert count == len(BoardKind)


async def test_who_leaves_between_two_days_is_not_found_by_subtraction(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        people = await season.people(20)
        await add_group(session, season.community, "bakers", people)
        await season.let_ride(people[:9])
        await publish_boards(session, season.campaign.id, now=clock.now())
        before = await season.board(BoardKind.GROUPS)

        seen = []
        for leaver in people[:4]:
            clock.advance(timedelta(days=1))
            await choices.opt_out(
                session,
                season.as_person(leaver),
                season.community.id,
                leaver.id,
                now=clock.now(),
            )
            await publish_boards(session, season.campaign.id, now=clock.now())
            seen.append((await season.board(BoardKind.GROUPS)).lines)
        clock.advance(timedelta(days=1))
        await choices.opt_out(
            session, season.as_person(people[4]), season.community.id, people[4].id, now=clock.now()
        )
        await publish_boards(session, season.campaign.id, now=clock.now())
        after = await season.board(BoardKind.GROUPS)
    assert before.lines[0].count == 9
    assert all(lines == before.lines for lines in seen)
    assert after.lines[0].count is None


async def test_a_final_board_is_frozen_and_late_data_makes_a_correction_with_a_note(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        people = await season.people(30)
        await add_group(session, season.community, "bakers", people)
        await season.let_ride(people[:10])
        clock.advance(ENDS_AT - clock.now() + timedelta(hours=1))
        season.campaign.status = CampaignStatus.FINISHED
        await publish_boards(session, season.campaign.id, now=clock.now())
        waiting = await season.board(BoardKind.GROUPS)
        clock.advance(timedelta(days=LATE_DAYS))
        await publish_boards(session, season.campaign.id, now=clock.now())
        final = await season.board(BoardKind.GROUPS)

        clock.advance(timedelta(days=1))
        await season.let_ride(people[10:12])
        few_late = await publish_boards(session, season.campaign.id, now=clock.now())
        clock.advance(timedelta(days=1))
        await season.let_ride(people[12:15])
        await publish_boards(session, season.campaign.id, now=clock.now())
        corrected = await season.board(BoardKind.GROUPS)

        clock.advance(timedelta(days=CORRECTION_DAYS))
        await season.let_ride(people[15:])
        too_late = await publish_boards(session, season.campaign.id, now=clock.now())
        finals = await session.scalars(
            select(BoardSnapshot.correction)
            .where(
                BoardSnapshot.campaign_id == season.campaign.id,
                BoardSnapshot.board == BoardKind.GROUPS,
                BoardSnapshot.is_final,
            )
            .order_by(BoardSnapshot.correction)
        )
        corrections = finals.all()
    assert not waiting.is_final
    assert (final.is_final, final.correction, final.lines[0].count) == (True, 0, 10)
    assert BoardKind.GROUPS not in {snapshot.board for snapshot in few_late}
    assert (corrected.correction, corrected.changed_count, corrected.lines[0].count) == (1, 1, 15)
    assert corrected.corrected_on == corrected.local_day
    assert too_late == []
    assert corrections == [0, 1]


async def test_people_are_on_boards_by_alias_alone_and_go_at_once(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        people = await season.people(7)
        for number, person in enumerate(people[:6]):
            await season.let_ride([person], days=1 + number // 2)
            await choices.choose_alias(
                session,
                season.as_person(person),
                season.community.id,
                f"Rider {'abcdef'[number]}",
                now=clock.now(),
            )
        await season.let_ride(people[6:], days=9)
        await publish_boards(session, season.campaign.id, now=clock.now())
        board = await season.board(BoardKind.PEOPLE)

        leaver = people[5]
        await choices.opt_out(
            session, season.as_person(leaver), season.community.id, leaver.id, now=clock.now()
        )
        without = await season.board(BoardKind.PEOPLE)
        lines_left = await session.scalar(
            select(func.count()).select_from(BoardLine).where(BoardLine.person_id == leaver.id)
        )
        await choices.choose_alias(
            session, season.as_person(people[0]), season.community.id, None, now=clock.now()
        )
        too_few = await season.board(BoardKind.PEOPLE)
    assert [(line.label, line.rank, line.count) for line in board.lines] == [
        ("Rider e", 1, 3),
        ("Rider f", 1, 3),
        ("Rider c", 3, 2),
        ("Rider d", 3, 2),
        ("Rider a", 5, 1),
        ("Rider b", 5, 1),
    ]
    assert [(line.label, line.rank) for line in without.lines] == [
        ("Rider e", 1),
        ("Rider c", 2),
        ("Rider d", 2),
        ("Rider a", 4),
        ("Rider b", 4),
    ]
    assert lines_left == 0
    assert too_few.lines == ()


async def test_an_alias_gives_no_name_away_and_no_two_look_alike(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        one, two = await season.people(2)

        async def choose(person: Person, alias: str) -> StandingChoice:
            return await choices.choose_alias(
                session, season.as_person(person), season.community.id, alias, now=clock.now()
            )

        await choose(one, "Fast Fox")
        with pytest.raises(AliasTaken):
            await choose(two, "fast-fóx")
        with pytest.raises(InvalidAlias, match="own name"):
            await choose(two, "The Synthetic One")
        with pytest.raises(InvalidAlias, match="long number"):
            await choose(two, "call 617-555-0100")
        with pytest.raises(InvalidAlias, match="letters and digits"):
            await choose(two, "a@b.example")
        await choices.opt_out(
            session, season.as_person(two), season.community.id, two.id, now=clock.now()
        )
        with pytest.raises(OptedOut):
            await choose(two, "Slow Snail")
        stranger = actor_as(Role.RESIDENT, UUID(int=5), two.id)
        with pytest.raises(NotPermitted):
            await choices.opt_in(session, stranger, season.community.id, now=clock.now())
        assert await list_opted_out(session, season.community.id) == {two.id}


async def test_progress_is_counted_and_public_in_steps(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        season = await Season.open(session, goal_value=100, goal_unit=GoalUnit.RIDES)
        people = await season.people(6)
        await season.let_ride(people[:4], days=8)
        await publish_boards(session, season.campaign.id, now=clock.now())
        too_few = await show_progress(session, season.campaign)
        await season.let_ride(people[4:], days=8)
        clock.advance(timedelta(days=1))
        await publish_boards(session, season.campaign.id, now=clock.now())
        shown = await show_progress(session, season.campaign)

        exact = await measure_progress(session, season.campaign, now=clock.now())
        await session.execute(delete(Ride))
        emptied = await measure_progress(session, season.campaign, now=clock.now())
    assert (too_few.pace, too_few.percent) == (Pace.TOO_FEW, None)
    assert (shown.pace, shown.percent) == (Pace.TOO_EARLY, 45)
    assert (exact.value, exact.percent, exact.contributor_count) == (48, 48, 6)
    assert emptied.value == 0
    assert say_pace(shown.pace, shown.percent, "es").startswith("45% de la meta")


async def test_the_wall_is_empty_without_pledges(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        season = await Season.open(session)
        await publish_boards(session, season.campaign.id, now=clock.now())

        wall = await show_wall(session, season.campaign)
    assert (wall.first_names, wall.anonymous_count) == ((), None)
