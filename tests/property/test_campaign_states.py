"""Campaigns under any order of hands and calendar: only ways that the table knows, each written."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.opening import CARRIED
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.running import change_status, follow_calendar
from campaigns.programmes.states import CAMPAIGN
from core.db import Database
from core.errors import TalkootError
from core.events import list_events
from people.auth import Actor
from tests.factories.campaigns import JUNE, MAY, add_campaign
from tests.factories.people import add_community

Move = tuple[int, CampaignStatus | None]
"""Hours that pass, and then a state by hand, or the calendar."""

moves = st.lists(
    st.tuples(st.integers(0, 1_000), st.none() | st.sampled_from(CampaignStatus)), max_size=12
)


@pytest.fixture(scope="module")
def path(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("campaigns") / "talkoot.db"
    shutil.copyfile(sqlite_template, path)

    async def seed() -> None:
        async with Database(f"sqlite:///{path}", info=CARRIED) as database, database.begin() as one:
            await add_community(one)

    asyncio.run(seed())
    return path


class PlayedOut(Exception):
    """Ends a play without keeping anything of it."""


async def play(path: Path, steps: list[Move]) -> None:
    async with Database(f"sqlite:///{path}", info=CARRIED) as database:
        try:
            async with database.begin() as session:
                community = await add_community(session, slug="played")
                row = await add_campaign(session, community, status=CampaignStatus.DRAFT)
                now, seen = MAY - timedelta(days=20), [row.status]
                for hours, status in steps:
                    now += timedelta(hours=hours)
                    if status is None:
                        await follow_calendar(session, row.id, now=now)
                        assert await follow_calendar(session, row.id, now=now) is None
                    else:
                        try:
                            await change_status(session, Actor.system(), row.id, status, now=now)
                        except TalkootError:
                            continue
                        again = await change_status(
                            session, Actor.system(), row.id, status, now=now
                        )
                        assert again.status is status
                await session.refresh(row)
                events = await list_events(session, "campaign", row.id)
                seen += [CampaignStatus(event.kind.partition(".")[2]) for event in events]
                check(row, seen)
                raise PlayedOut
        except PlayedOut:
            pass


def check(row: Campaign, seen: list[CampaignStatus]) -> None:
    """Each step is one that the table knows; the last one is where the campaign stands."""
    for before, after in itertools.pairwise(seen):
        assert after in CAMPAIGN[before]
    assert seen[-1] is row.status
    assert row.starts_at < row.ends_at <= JUNE


@given(moves)
@settings(max_examples=15)
def test_any_order_of_steps_keeps_to_the_table_and_is_written_down(
    path: Path, steps: list[Move]
) -> None:
    asyncio.run(play(path, steps))


@given(st.integers(0, 2_000), st.integers(0, 2_000))
@settings(max_examples=8)
def test_the_calendar_comes_to_the_same_end_whenever_it_is_looked_at(
    path: Path, first: int, second: int
) -> None:
    """Looked at twice it is where it would be if looked at once, at the later moment."""

    async def run(looks: list[int]) -> CampaignStatus:
        async with Database(f"sqlite:///{path}", info=CARRIED) as database:
            try:
                async with database.begin() as session:
                    community = await add_community(session, slug="played")
                    row = await add_campaign(session, community, status=CampaignStatus.SCHEDULED)
                    for hours in looks:
                        now = MAY - timedelta(hours=500) + timedelta(hours=hours)
                        await follow_calendar(session, row.id, now=now)
                    await session.refresh(row)
                    found = row.status
                    raise PlayedOut
            except PlayedOut:
                return found

    looks = sorted([first, second])
    assert asyncio.run(run(looks)) is asyncio.run(run(looks[1:]))


def test_a_campaign_without_a_way_out_is_archived() -> None:
    assert [state for state, ways in CAMPAIGN.items() if not ways] == [CampaignStatus.ARCHIVED]
    reached = {CampaignStatus.DRAFT}
    for _ in CampaignStatus:
        reached |= {after for state in reached for after in CAMPAIGN[state]}
    assert reached == set(CampaignStatus)
