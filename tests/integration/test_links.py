from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from core.clock import FixedClock
from core.db import Database
from people.errors import InvalidLink, LinkExpired, LinkUnknown
from people.link_models import Link
from people.links import (
    LinkTo,
    create_link,
    delete_old_links,
    digest_token,
    resolve_link,
    revoke_links,
)
from people.models import Person
from tests.factories.people import add_community, add_person


async def make(
    database: Database, clock: FixedClock, *, life: timedelta = timedelta(days=1)
) -> tuple[str, LinkTo]:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community)
        goal = LinkTo(
            action="answer_offer",
            person_id=person.id,
            subject_id=community.id,
            expires_at=clock.now() + life,
        )
        return await create_link(session, goal, now=clock.now()), goal


async def test_link_opens_what_it_is_for_as_often_as_one_likes(
    database: Database, clock: FixedClock
) -> None:
    token, goal = await make(database, clock)
    for _ in range(3):
        async with database.read() as session:
            assert await resolve_link(session, token, now=clock.now()) == goal


async def test_token_is_nowhere_in_the_database(database: Database, clock: FixedClock) -> None:
    token, _ = await make(database, clock)
    assert len(token) >= 22
    async with database.read() as session:
        (row,) = (await session.execute(text("SELECT * FROM link"))).mappings()
    assert token not in str(dict(row))
    assert row["token_digest"] == digest_token(token)


async def test_link_ends(database: Database, clock: FixedClock) -> None:
    token, _ = await make(database, clock, life=timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    async with database.read() as session:
        with pytest.raises(LinkExpired):
            await resolve_link(session, token, now=clock.now())
    async with database.begin() as session:
        assert await delete_old_links(session, now=clock.now() + timedelta(seconds=1)) == 1
        with pytest.raises(LinkUnknown):
            await resolve_link(session, token, now=clock.now())


@pytest.mark.parametrize("token", ["", "x", "x" * 22, "x" * 1_000, "a b" * 10, "ä" * 22, "%00" * 8])
async def test_unknown_tokens(database: Database, clock: FixedClock, token: str) -> None:
    async with database.read() as session:
        with pytest.raises(LinkUnknown):
            await resolve_link(session, token, now=clock.now())


async def test_links_of_whoever_was_erased_are_dead(database: Database, clock: FixedClock) -> None:
    token, goal = await make(database, clock)
    async with database.begin() as session:
        (await session.get_one(Person, goal.person_id)).erased_at = clock.now()
    async with database.read() as session:
        with pytest.raises(LinkUnknown):
            await resolve_link(session, token, now=clock.now())
    async with database.begin() as session:
        assert await revoke_links(session, goal.person_id) == 1
        assert await session.scalar(select(func.count()).select_from(Link)) == 0


async def test_link_that_could_never_be_used_is_refused(
    database: Database, clock: FixedClock
) -> None:
    with pytest.raises(InvalidLink):
        await make(database, clock, life=timedelta(0))
    with pytest.raises(InvalidLink):
        LinkTo(action="Answer!", person_id=None, subject_id=None, expires_at=clock.now())  # type: ignore[arg-type]  # only the action counts
