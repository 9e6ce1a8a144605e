"""Changes as they are told: after the commit, never before, never for what was undone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import func, select, text

from api.opening import open_database
from core.clock import FixedClock
from core.db import Database, Session
from core.errors import Conflict
from core.events import Event, record_event
from core.live import GAP, MAX_CHANGES, Change, Hub, topic
from core.live_postgres import PostgresHub
from core.settings import Settings

TOWN = UUID(int=5)
WATCHED = topic("community", TOWN)
SOON_S = 60.0
QUIET_S = 0.2


def record(session: Session, now: datetime, kind: str = "tests.happened", **data: Any) -> Event:
    return record_event(
        session,
        kind,
        subject_type="test",
        subject_id=uuid4(),
        happened_at=now,
        community_id=TOWN,
        **data,
    )


async def test_kept_events_are_told_after_the_commit(database: Database, clock: FixedClock) -> None:
    volunteer_id = uuid4()
    async with database.live.subscribe([WATCHED]) as reader:
        async with database.begin() as session:
            event = record(session, clock.now(), volunteer_id=volunteer_id, count=3)
            await session.flush()
            assert await reader.wait(QUIET_S) == []

        (change,) = await reader.wait(SOON_S)
        assert change == Change(
            "tests.happened", "test", event.subject_id, TOWN, (topic("volunteer", volunteer_id),)
        )
        async with database.read() as session:
            assert await session.get(Event, event.id) is not None


async def test_those_concerned_are_told_and_nothing_is_stored_of_it(
    database: Database, clock: FixedClock
) -> None:
    key = uuid4()
    async with database.live.subscribe([topic("volunteer", key)]) as reader:
        async with database.begin() as session:
            event = record(session, clock.now(), concerns={"volunteer_id": key})

        assert [one.subject_id for one in await reader.wait(SOON_S)] == [event.subject_id]
    async with database.read() as session:
        assert (await session.get_one(Event, event.id)).data == {}


async def test_undone_transaction_tells_nothing(database: Database, clock: FixedClock) -> None:
    async def fail() -> None:
        async with database.begin() as session:
            record(session, clock.now())
            await session.flush()
            raise ZeroDivisionError

    async with database.live.subscribe([WATCHED]) as reader:
        with pytest.raises(ZeroDivisionError):
            await fail()
        async with database.begin() as session:
            kept = record(session, clock.now(), "tests.kept")

        assert [one.subject_id for one in await reader.wait(SOON_S)] == [kept.subject_id]
        assert await reader.wait(QUIET_S) == []


async def test_what_a_savepoint_took_back_is_not_told(
    database: Database, clock: FixedClock
) -> None:
    async def fail(session: Session) -> None:
        async with session.begin_nested():
            record(session, clock.now(), "tests.undone")
            await session.flush()
            raise ZeroDivisionError

    async with database.live.subscribe([WATCHED]) as reader:
        async with database.begin() as session:
            with pytest.raises(ZeroDivisionError):
                await fail(session)
            async with session.begin_nested():
                record(session, clock.now(), "tests.kept")

        assert [one.kind for one in await reader.wait(SOON_S)] == ["tests.kept"]


async def test_announcers_can_read_events_that_were_expired_meanwhile(
    database_url: str, clock: FixedClock
) -> None:
    seen: list[str] = []

    async def announce(_: Session, events: Sequence[Event]) -> None:
        seen.extend(event.kind for event in events)

    async with (
        Database(database_url, announcers=[announce]) as database,
        database.begin() as session,
    ):
        record(session, clock.now(), "tests.seen")
        await session.flush()
        session.expire_all()

    assert seen == ["tests.seen"]


async def test_failed_commit_tells_nothing(database: Database, clock: FixedClock) -> None:
    key = uuid4()

    async def add() -> None:
        async with database.begin() as session:
            record(session, clock.now())
            session.add(_event(key, clock.now()))

    await add()
    async with database.live.subscribe([WATCHED]) as reader:
        with pytest.raises(Conflict, match="same"):
            await add()

        assert await reader.wait(QUIET_S) == []


def _event(key: UUID, now: datetime) -> Event:
    return Event(id=key, happened_at=now, kind="x", subject_type="test", subject_id=key, data={})


async def test_announcers_write_in_the_same_transaction(
    database_url: str, clock: FixedClock
) -> None:
    seen: list[list[str]] = []

    async def announce(session: Session, events: Sequence[Event]) -> None:
        seen.append([event.kind for event in events])
        record(session, clock.now(), "tests.announced")
        if any(event.kind == "tests.refused" for event in events):
            raise ZeroDivisionError

    async def refuse(database: Database) -> None:
        async with database.begin() as session:
            record(session, clock.now(), "tests.refused")

    async with Database(database_url, announcers=[announce]) as database:
        async with database.live.subscribe([WATCHED]) as reader:
            async with database.begin() as session:
                await session.execute(select(func.count()).select_from(Event))
            async with database.begin() as session:
                record(session, clock.now(), "tests.first")
                record(session, clock.now(), "tests.second")
            with pytest.raises(ZeroDivisionError):
                await refuse(database)

            kinds = {one.kind for one in await reader.wait(SOON_S)}
        async with database.read() as session:
            stored = sorted(await session.scalars(select(Event.kind)))

    assert seen == [["tests.first", "tests.second"], ["tests.refused"]]
    assert kinds == {"tests.first", "tests.second", "tests.announced"}
    assert stored == ["tests.announced", "tests.first", "tests.second"]


async def test_large_transaction_is_told_in_full(database: Database, clock: FixedClock) -> None:
    key = uuid4()
    async with (
        database.live.subscribe([topic("volunteer", key)]) as one,
        database.live.subscribe([WATCHED]) as all_of_town,
    ):
        async with database.begin() as session:
            for number in range(1_500):
                concerns = {"volunteer_id": key} if number == 1_234 else None
                record(session, clock.now(), concerns=concerns)

        assert len(await one.wait(SOON_S)) == 1
        await asyncio.sleep(QUIET_S)
        assert (await all_of_town.wait(SOON_S))[0] == GAP


async def test_transaction_beyond_measure_makes_everybody_look(
    database: Database, clock: FixedClock
) -> None:
    async with database.live.subscribe([topic("volunteer", uuid4())]) as reader:
        async with database.begin() as session:
            for _ in range(MAX_CHANGES + 1):
                record(session, clock.now())

        assert await reader.wait(SOON_S) == [GAP]


async def test_worker_in_a_thread_of_this_process_is_heard(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    def work() -> None:
        async def write() -> None:
            async with (
                Database(database_url, live=database.live) as beside,
                beside.begin() as session,
            ):
                record(session, clock.now(), "tests.beside")

        asyncio.run(write())

    async with database.live.subscribe([WATCHED]) as reader:
        thread = Thread(target=work)
        thread.start()
        heard = await reader.wait(SOON_S)
        await asyncio.to_thread(thread.join)

        assert [one.kind for one in heard] == ["tests.beside"]
        async with database.begin() as session:
            record(session, clock.now(), "tests.here")
        assert [one.kind for one in await reader.wait(SOON_S)] == ["tests.here"]


async def test_transaction_without_events_costs_no_statement(database: Database) -> None:
    class Counting(Hub):
        calls = 0

        async def before_commit(self, session: Any, changes: Any) -> None:
            self.calls += 1

        def after_commit(self, changes: Any) -> None:
            self.calls += 1

    database.live, hub = Counting(), database.live
    async with database.begin() as session:
        await session.execute(text("SELECT 1"))
    assert database.live.calls == 0
    database.live = hub


# ---- PostgreSQL alone


@pytest.fixture
def postgres_url(database_kind: str, database_url: str) -> str:
    if database_kind != "postgres":
        pytest.skip("only PostgreSQL has several processes")
    return database_url


async def test_other_processes_hear(postgres_url: str, clock: FixedClock) -> None:
    async with Database(postgres_url) as here, Database(postgres_url) as there:
        async with there.live.subscribe([WATCHED]) as reader:
            async with here.begin() as session:
                event = record(session, clock.now())

            assert [one.subject_id for one in await reader.wait(SOON_S)] == [event.subject_id]
        async with here.read() as session:
            assert await count_listeners(session) == 1


async def test_cut_connection_is_replaced_and_readers_look_again(
    postgres_url: str, clock: FixedClock
) -> None:
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'talkoot live' AND datname = current_database()"
    )
    async with Database(postgres_url) as database, database.live.subscribe([WATCHED]) as reader:
        async with database.begin() as session:
            await session.execute(cut)
        assert await reader.wait(SOON_S) == [GAP]
        async with database.begin() as session:
            record(session, clock.now(), "tests.later")
        assert [one.kind for one in await reader.wait(SOON_S)] == ["tests.later"]


async def test_closing_frees_the_connection(postgres_url: str) -> None:
    database = Database(postgres_url)
    async with database.live.subscribe([WATCHED]):
        assert isinstance(database.live, PostgresHub)
    await database.close()
    async with Database(postgres_url) as other, asyncio.timeout(SOON_S):
        while not await nobody_listens(other):  # noqa: ASYNC110 - it is the server that notices
            await asyncio.sleep(0.05)


async def test_notification_has_ids_and_words_alone(postgres_url: str, clock: FixedClock) -> None:
    plain = postgres_url.replace("postgresql+psycopg", "postgresql")
    async with (
        Database(postgres_url) as database,
        await psycopg.AsyncConnection.connect(plain, autocommit=True) as listener,
    ):
        await listener.execute("LISTEN talkoot_live")
        async with database.begin() as session:
            event = record(session, clock.now(), count=3, reason="resident_cancelled")
        notices = listener.notifies(timeout=SOON_S, stop_after=1)
        heard = [notice.payload async for notice in notices]

    assert heard == [f'["tests.happened","test","{TOWN.hex}",[["{event.subject_id.hex}"]]]']


async def nobody_listens(database: Database) -> bool:
    async with database.read() as session:
        return await count_listeners(session) == 0


async def count_listeners(session: Session) -> int:
    found = await session.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = 'talkoot live' AND datname = current_database()"
        )
    )
    return int(found or 0)


async def test_settings_open_the_database_of_the_product(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'a.db'}")
    async with open_database(settings) as database:
        assert type(database.live) is Hub
        async with open_database(settings, live=database.live) as beside:
            assert beside.live is database.live
        async with database.live.subscribe([WATCHED]) as reader:
            assert not reader.ended  # closing the one beside has not closed the shared hub
