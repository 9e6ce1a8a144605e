"""Small statements run on the spot, long ones in the connection's thread, with the same answers."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.db import Database
from core.sqlite_driver import OneVisitConnection, open_connection

LONGEST_S = 30.0
ENDLESS = """
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter)
    SELECT count(*) FROM counter
"""
LONG = """
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter LIMIT 2000000)
    SELECT count(*), max(n) FROM counter
"""


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[OneVisitConnection]:
    opened = open_connection(str(tmp_path / "a.db"), check_same_thread=False)
    await opened
    yield opened
    await opened.close()


def note_threads(connection: OneVisitConnection) -> list[str]:
    """The names of the threads in which statements ask for `here()`."""
    names: list[str] = []

    def here() -> int:
        names.append(threading.current_thread().name)
        return 1

    connection._conn.create_function("here", 0, here)
    return names


@pytest.mark.parametrize("reads", [True, False])
async def test_only_what_reads_is_tried_on_the_spot(
    connection: OneVisitConnection, reads: bool
) -> None:
    names = note_threads(connection)
    if reads:
        connection.read_only(LONGEST_S)
    cursor = connection.cursor()
    await cursor.execute("SELECT here()")
    assert await cursor.fetchall() == [(1,)]
    assert (names == [threading.current_thread().name]) is reads


async def test_what_changes_goes_to_the_thread(connection: OneVisitConnection) -> None:
    names = note_threads(connection)
    connection.read_only(LONGEST_S)
    await connection.cursor().execute("CREATE TABLE a AS SELECT here() AS b")
    assert names
    assert threading.current_thread().name not in names


async def test_a_long_statement_is_whole_and_does_not_hold_up_others(
    connection: OneVisitConnection,
) -> None:
    connection.read_only(LONGEST_S)
    cursor = connection.cursor()
    running = asyncio.create_task(cursor.execute(LONG))
    turns = 0
    while not running.done():
        await asyncio.sleep(0)
        turns += 1
    assert await cursor.fetchall() == [(2_000_000, 2_000_000)]
    assert turns > 10


async def test_many_small_ones_let_others_have_their_turn(connection: OneVisitConnection) -> None:
    connection.read_only(LONGEST_S)

    async def read_much() -> None:
        for _ in range(40_000):
            await connection.cursor().execute("SELECT 1")

    running, turns = asyncio.create_task(read_much()), 0
    while not running.done():
        await asyncio.sleep(0)
        turns += 1
    assert 3 < turns < 20_000


async def test_what_is_given_up_ends(connection: OneVisitConnection) -> None:
    names = note_threads(connection)
    connection.read_only(LONGEST_S)
    await connection.cursor().execute("BEGIN")
    running = asyncio.create_task(connection.cursor().execute(ENDLESS))
    await asyncio.sleep(0.05)
    running.cancel()
    async with asyncio.timeout(LONGEST_S / 2):
        await connection.rollback()
    assert not connection.in_transaction
    cursor = connection.cursor()
    await cursor.execute("SELECT here()")
    assert await cursor.fetchall() == [(1,)]
    assert names == [threading.current_thread().name]


async def test_what_comes_while_the_thread_is_busy_waits_there(
    connection: OneVisitConnection,
) -> None:
    connection.read_only(LONGEST_S)
    first = asyncio.create_task(connection.cursor().execute(LONG))
    await asyncio.sleep(0.02)
    second, turns = asyncio.create_task(connection.cursor().execute("SELECT 1")), 0
    while not second.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert first.done()


async def test_no_statement_takes_longer_than_any_may(connection: OneVisitConnection) -> None:
    connection.read_only(0.2)
    with pytest.raises(sqlite3.OperationalError) as caught:
        await connection.cursor().execute(ENDLESS)
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT


async def test_an_error_without_a_code_is_told(connection: OneVisitConnection) -> None:
    connection.read_only(LONGEST_S)
    with pytest.raises(sqlite3.OperationalError, match="Could not decode"):
        await connection.cursor().execute("SELECT CAST(x'ff' AS TEXT)")


async def test_an_error_is_the_drivers(connection: OneVisitConnection) -> None:
    connection.read_only(LONGEST_S)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await connection.cursor().execute("SELECT * FROM never_made")


async def test_a_snapshot_holds_while_statements_change_their_place(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / 'b.db'}") as database:
        async with database.begin() as session:
            await session.execute(text("CREATE TABLE a (b INTEGER)"))
            await session.execute(text("INSERT INTO a VALUES (1)"))
        async with database.read() as reading:
            assert await reading.scalar(text("SELECT count(*) FROM a")) == 1
            async with database.begin() as session:
                await session.execute(text("INSERT INTO a VALUES (2)"))
            assert (await reading.execute(text(LONG))).one() == (2_000_000, 2_000_000)
            assert await reading.scalar(text("SELECT count(*) FROM a")) == 1
        async with database.read() as reading:
            assert await reading.scalar(text("SELECT count(*) FROM a")) == 2
