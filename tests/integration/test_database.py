from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, literal, select, text, update
from sqlalchemy.exc import IntegrityError, MissingGreenlet, StatementError

from core.clock import FixedClock
from core.db import Database, describe_database_url, parse_database_url
from core.errors import (
    Conflict,
    DatabaseBusy,
    DatabaseOutOfDate,
    DatabaseUnavailable,
    InvalidDatabaseUrl,
    UnsafeField,
)
from core.events import Event, list_events, record_event
from core.ids import new_id
from matching.models import HelpRequest
from people.models import Community, Person
from tests.factories.matching import add_request
from tests.factories.people import LONG_AGO, add_community, add_household, add_person


async def count_communities(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Community)) or 0


async def test_block_that_ends_well_is_kept_and_one_that_raises_is_not(database: Database) -> None:
    async def add_and_fail() -> None:
        async with database.begin() as session:
            await add_community(session, "undone")
            raise LookupError

    async with database.begin() as session:
        await add_community(session, "kept")
    with pytest.raises(LookupError):
        await add_and_fail()

    async with database.read() as session:
        assert list(await session.scalars(select(Community.slug))) == ["kept"]


async def test_cancelled_block_is_undone(database: Database) -> None:
    entered = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.begin() as session:
            await add_community(session)
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write_and_wait())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await count_communities(database) == 0
    async with database.begin() as session:
        await add_community(session)
    assert await count_communities(database) == 1


async def test_reading_session_cannot_write(database: Database) -> None:
    async with database.begin() as session:
        await add_community(session)

    with pytest.raises(DatabaseUnavailable):
        async with database.read() as session:
            await session.execute(update(Community).values(name="changed"))

    async with database.read() as session:
        assert await session.scalar(select(Community.name)) == "Cambridge"


async def test_reader_sees_one_moment_while_others_write(database: Database) -> None:
    async with database.read() as reader:
        query = select(func.count()).select_from(Community)
        before = await reader.scalar(query)
        async with database.begin() as writer:
            await add_community(writer)
        assert await reader.scalar(query) == before == 0
    assert await count_communities(database) == 1


async def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    helsinki = timezone(timedelta(hours=2))
    moment = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=helsinki)
    async with database.begin() as session:
        community = await add_community(session)
        community.created_at = moment

    async with database.read() as session:
        stored = await session.scalar(select(Community.created_at))
        found = await session.scalar(select(Community.id).where(Community.created_at == moment))
    assert stored == moment
    assert stored is not None
    assert stored.tzinfo is UTC
    assert found == community.id


async def test_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        async with database.begin() as session:
            (await add_community(session)).created_at = datetime(2026, 1, 1)  # noqa: DTZ001 - naive


async def test_foreign_keys_and_code_words_hold(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        household = await add_household(session, community)
    for statement in (
        "INSERT INTO person_name (person_id, full_name) VALUES (:key, 'Synthetic')",
        "UPDATE household SET precision = 'exact' WHERE id <> :key",
    ):
        key = new_id().hex if database.is_sqlite else new_id()
        with pytest.raises(IntegrityError):
            async with database.begin() as session:
                await session.execute(text(statement), {"key": key})
    async with database.read() as session:
        assert (await session.get_one(type(household), household.id)).precision == "rooftop"


async def test_two_who_store_the_same_thing_or_change_the_same_row_conflict(
    database: Database,
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        request_id = (await add_request(session, community)).id
    with pytest.raises(Conflict, match="same moment"):
        async with database.begin() as session:
            await add_community(session)

    async with database.read() as session:
        seen = await session.get_one(HelpRequest, request_id)
    async with database.begin() as session:
        (await session.get_one(HelpRequest, request_id)).weight = 2.0
    seen.weight = 4.0
    with pytest.raises(Conflict, match="same moment"):
        async with database.begin() as session:
            session.add(seen)

    async with database.read() as session:
        assert (await session.get_one(HelpRequest, request_id)).weight == 2.0


async def test_relationship_is_never_loaded_by_accident(database: Database) -> None:
    async with database.begin() as session:
        person_id = (await add_person(session, await add_community(session))).id
    async with database.read() as session:
        person = await session.get_one(Person, person_id)
        with pytest.raises(Exception, match="raise") as caught:
            _ = person.name
        assert not isinstance(caught.value, MissingGreenlet)


async def test_history_refuses_personal_facts(database: Database, clock: FixedClock) -> None:
    key = new_id()
    async with database.begin() as session:
        record_event(session, "a.b", subject_type="thing", subject_id=key, happened_at=clock.now())
        with pytest.raises(UnsafeField, match="resident_name"):
            record_event(
                session,
                "a.b",
                subject_type="thing",
                subject_id=key,
                happened_at=clock.now(),
                resident_name="Ann Example",
            )
        with pytest.raises(UnsafeField, match="code word"):
            record_event(
                session,
                "a.b",
                subject_type="thing",
                subject_id=key,
                happened_at=clock.now(),
                reason="Ann was ill",
            )
    async with database.read() as session:
        assert [event.kind for event in await list_events(session, "thing", key)] == ["a.b"]


async def test_history_is_in_order_and_plain(database: Database, clock: FixedClock) -> None:
    key, round_id = new_id(), new_id()
    async with database.begin() as session:
        for kind in ("thing.made", "thing.changed"):
            record_event(
                session,
                kind,
                subject_type="thing",
                subject_id=key,
                happened_at=clock.advance(timedelta(seconds=1)),
                round_id=round_id,
                travel_s=90,
                due_at=LONG_AGO,
            )
    async with database.read() as session:
        events = await list_events(session, "thing", key)
    assert [event.kind for event in events] == ["thing.made", "thing.changed"]
    assert events[0].data == {
        "round_id": str(round_id),
        "travel_s": 90,
        "due_at": LONG_AGO.isoformat(),
    }


async def test_forty_writers_in_one_process_all_get_their_turn(database: Database) -> None:
    async with database.begin() as session:
        community_id = (await add_community(session)).id

    async def add_one() -> None:
        async with database.begin() as session:
            seen = await session.scalar(select(func.count()).select_from(Event))
            record_event(
                session,
                "a.b",
                subject_type="community",
                subject_id=community_id,
                happened_at=LONG_AGO,
                seen_count=seen,
            )

    await asyncio.gather(*(add_one() for _ in range(40)))

    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Event)) == 40


def hold_write_lock(path: Path, ready: threading.Event, release: threading.Event) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    ready.set()
    release.wait(120)
    connection.execute("ROLLBACK")
    connection.close()


async def test_writers_wait_for_a_lock_of_another_process_and_readers_do_not(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = shutil.copyfile(sqlite_template, tmp_path / "talkoot.db")
    ready, release = threading.Event(), threading.Event()
    holder = threading.Thread(target=hold_write_lock, args=(path, ready, release))
    async with Database(f"sqlite:///{path}") as database:

        async def add_one() -> None:
            async with database.begin() as session:
                await add_community(session)

        assert await count_communities(database) == 0
        holder.start()
        assert await asyncio.to_thread(ready.wait, 60)
        assert await count_communities(database) == 0

        writing = asyncio.create_task(add_one())
        await asyncio.sleep(0.3)
        assert not writing.done(), "a writer did not wait for the lock"
        release.set()
        await writing

        assert await count_communities(database) == 1
    holder.join(5)


async def test_lock_that_lasts_is_one_clear_error(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.db.BUSY_TIMEOUT_MS", 200)
    monkeypatch.setattr("core.db.LOCK_TIMEOUT_MS", 200)
    async with database.begin() as session:
        community_id = (await add_community(session)).id
    change = update(Community).where(Community.id == community_id)

    async with database.begin() as holder, Database(database_url) as impatient:
        await holder.execute(change.values(name="first"))
        with pytest.raises(DatabaseBusy, match="try again"):
            async with impatient.begin() as session:
                await session.execute(change.values(name="second"))

    async with database.read() as session:
        assert await session.scalar(select(Community.name)) == "first"


async def test_database_without_tables_says_what_to_run(empty_database_url: str) -> None:
    async with Database(empty_database_url) as database:
        with pytest.raises(DatabaseOutOfDate, match="talkoot migrate"):
            await count_communities(database)


@pytest.mark.parametrize(
    "url",
    ["postgresql://talkoot:hunter2@127.0.0.1:1/talkoot", "sqlite:////no/such/folder/talkoot.db"],
)
async def test_unreachable_database_is_one_clear_error_without_the_password(url: str) -> None:
    async with Database(url) as database:
        with pytest.raises(DatabaseUnavailable, match="TALKOOT_DATABASE_URL") as caught:
            await count_communities(database)
    assert "hunter2" not in str(caught.value)


async def test_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "picture.db"
    path.write_bytes(b"\x89PNG\r\n" * 500)
    async with Database(f"sqlite:///{path}") as database:
        with pytest.raises(DatabaseUnavailable, match="not a SQLite database"):
            await count_communities(database)
    assert path.read_bytes() == b"\x89PNG\r\n" * 500


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("talkoot", "cannot be read"),
        ("mysql://localhost/talkoot", "'mysql' is not supported"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_address_that_cannot_be_used(url: str, expected: str) -> None:
    with pytest.raises(InvalidDatabaseUrl, match=expected):
        parse_database_url(url)


@pytest.mark.parametrize(
    ("url", "driver", "shown"),
    [
        ("sqlite:///talkoot.db", "sqlite+aiosqlite", "sqlite:///talkoot.db"),
        ("postgres://a:b@host/x", "postgresql+psycopg", "postgresql://a:***@host/x"),
        ("postgresql+asyncpg://a@host/x", "postgresql+psycopg", "postgresql://a@host/x"),
    ],
)
def test_address_gets_our_driver_and_is_shown_without_password(
    url: str, driver: str, shown: str
) -> None:
    assert parse_database_url(url).drivername == driver
    assert describe_database_url(url) == shown


async def test_close_lets_who_still_reads_come_to_an_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read may go on in the background after whoever asked for it has gone."""
    monkeypatch.setattr("core.db.CLOSE_TIMEOUT_S", 60)
    database, began, ended = Database(database_url), asyncio.Event(), []

    async def look() -> None:
        async with database.read() as session:
            await session.execute(select(literal(1)))
            began.set()
            await asyncio.sleep(0.3)
            ended.append(await session.scalar(select(literal(2))))

    looking = asyncio.create_task(look())
    await began.wait()
    await database.close()
    assert ended == [2]
    await looking
