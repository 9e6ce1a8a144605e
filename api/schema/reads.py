"""Reads of one operation, done one after another in one session instead of each in its own.

Opening a session and ending its transaction costs more than most of our statements do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from core.db import Session

Value = TypeVar("Value")
Work = Callable[[Session], Awaitable[Value]]
OpenSession = Callable[[], AbstractAsyncContextManager[Session]]


@dataclass(frozen=True, eq=False)
class _Job:
    work: Work[Any]
    found: asyncio.Future[Any]

    def tell(self, value: Any) -> None:
        if not self.found.done():
            self.found.set_result(value)

    def fail(self, error: Exception) -> None:
        if not self.found.done():
            self.found.set_exception(error)


class SharedReads:
    """Takes reads for as long as there are others to do; the next one then opens a session anew.

    So whoever waits for one answer before asking again reads the data as they are by then.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Job] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, open_session: OpenSession, work: Work[Value]) -> Value:
        """What ``work`` finds, with a session that others use before and after."""
        found: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        if self._waiting is None:
            self._waiting = deque()
            task = asyncio.create_task(self._work_off(open_session, self._waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._waiting.append(_Job(work, found))
        return await found

    def start_anew(self) -> None:
        """Reads from now on see what was written until now."""
        self._waiting = None

    async def _work_off(self, open_session: OpenSession, waiting: deque[_Job]) -> None:
        try:
            while waiting:
                await self._use_session(open_session, waiting)
        finally:
            self._close(waiting)
            for job in waiting:
                job.found.cancel()

    async def _use_session(self, open_session: OpenSession, waiting: deque[_Job]) -> None:
        """Do all that waits. A read that fails ends the session, and that is all others notice."""
        doing: list[_Job] = [*waiting]
        try:
            async with open_session() as session:
                while waiting:
                    doing = [waiting.popleft()]
                    value = await doing[0].work(session)
                    # As after a session of one's own: what one read loaded, no other finds.
                    session.expunge_all()
                    if waiting:
                        doing[0].tell(value)
                self._close(waiting)
            # Last, so that nobody goes on before the session is closed.
            doing[0].tell(value)
        except Exception as error:
            for job in doing:
                job.fail(error)
                if job in waiting:
                    waiting.remove(job)
            if not waiting:
                self._close(waiting)
        finally:
            # Of use when the task itself is stopped: nobody waits for ever.
            for job in doing:
                job.found.cancel()

    def _close(self, waiting: deque[_Job]) -> None:
        if self._waiting is waiting:
            self._waiting = None
