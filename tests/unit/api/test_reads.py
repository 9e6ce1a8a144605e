"""Reads of one operation in one session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from api.schema.reads import SharedReads, Work


class Sessions:
    """Counts what is opened and closed."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.opened = 0
        self.closed = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Any]:
        if self.refuses:
            raise ConnectionError("no database")
        self.opened += 1
        await asyncio.sleep(0)
        try:
            yield self
        finally:
            await asyncio.sleep(0)
            self.closed += 1

    def expunge_all(self) -> None:
        """As a session has it."""


def find(value: object) -> Work[object]:
    async def work(_: object) -> object:
        await asyncio.sleep(0)
        return value

    return work


def fail(error: BaseException) -> Work[object]:
    async def work(_: object) -> object:
        raise error

    return work


async def test_reads_of_one_moment_share_a_session() -> None:
    reads, sessions = SharedReads(), Sessions()
    found = await asyncio.gather(*(reads.run(sessions.open, find(n)) for n in range(5)))
    assert found == [0, 1, 2, 3, 4]
    assert (sessions.opened, sessions.closed) == (1, 1)


async def test_nobody_goes_on_before_the_session_of_the_last_is_closed() -> None:
    reads, sessions = SharedReads(), Sessions()
    for turn in (1, 2):
        await reads.run(sessions.open, find("it"))
        assert (sessions.opened, sessions.closed) == (turn, turn)


async def test_a_failed_read_ends_its_session_and_spares_the_others() -> None:
    reads, sessions = SharedReads(), Sessions()
    works = (find(1), fail(LookupError("gone")), find(3))
    found = await asyncio.gather(
        *(reads.run(sessions.open, work) for work in works), return_exceptions=True
    )
    assert found[0] == 1
    assert found[2] == 3
    assert isinstance(found[1], LookupError)
    assert (sessions.opened, sessions.closed) == (2, 2)
    assert await reads.run(sessions.open, find(4)) == 4


async def test_everybody_hears_when_no_session_opens() -> None:
    reads, sessions = SharedReads(), Sessions()
    refusing = Sessions(refuses=True)
    found = await asyncio.gather(
        *(reads.run(refusing.open, find(n)) for n in range(3)), return_exceptions=True
    )
    assert [type(error) for error in found] == [ConnectionError] * 3
    assert await reads.run(sessions.open, find(4)) == 4


async def test_after_a_write_reads_begin_a_session_of_their_own() -> None:
    reads, sessions = SharedReads(), Sessions()
    first = asyncio.create_task(reads.run(sessions.open, find(1)))
    await asyncio.sleep(0)
    reads.start_anew()
    assert await reads.run(sessions.open, find(2)) == 2
    assert await first == 1
    assert sessions.opened == 2


@pytest.mark.parametrize("make", [lambda: find(1), lambda: fail(asyncio.CancelledError())])
async def test_nobody_waits_for_ever(make: Callable[[], Work[object]]) -> None:
    reads, sessions = SharedReads(), Sessions()
    waits = (reads.run(sessions.open, work) for work in (make(), find(2)))
    async with asyncio.timeout(60):
        await asyncio.gather(*waits, return_exceptions=True)
        assert await reads.run(sessions.open, find(3)) == 3
