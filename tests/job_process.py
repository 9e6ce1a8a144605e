"""A worker of its own process for tests of the queue.

``python -m tests.job_process URL LEASE_S GRACE_S TICKING`` works until it is told to
stop. Its jobs leave rows in the history, so that a test sees what was done, how often, and by whom.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.clock import SystemClock
from core.db import Database, Session
from core.events import Event, record_event
from core.ids import new_id
from core.jobs import JobRegistry, JobTools, Limits, NewJob, Retry, enqueue, run_jobs_until
from core.settings import Settings
from tests.patience import be_patient

ROOT = Path(__file__).resolve().parent.parent
NOBODY = UUID(int=0)
TICK_S = 2.0


async def note(tools: JobTools, args: dict[str, Any]) -> None:
    """Write down that the job was done."""
    async with tools.database.begin() as session:
        record(session, tools, args.get("word", "note"))


async def begin_and_stay(tools: JobTools, args: dict[str, Any]) -> None:
    """Write down that the job began, and again after a while that it is done."""
    await note(tools, {"word": "began"})
    await asyncio.sleep(args["stay_s"])
    await note(tools, {"word": "ended"})


async def stay_once(tools: JobTools, args: dict[str, Any]) -> None:
    """Stay where nobody has begun it before, so that it surely lasts until its worker is killed."""
    async with tools.database.read() as session:
        was_begun = await session.scalar(select(Event.id).where(Event.reason == "began").limit(1))
    await begin_and_stay(tools, args | ({"stay_s": 0.0} if was_begun else {}))


async def die(tools: JobTools, args: dict[str, Any]) -> None:
    """Take the whole process along, as a job does that eats all memory."""
    await note(tools, {"word": "began"})
    os.kill(os.getpid(), signal.SIGKILL)


def record(session: Session, tools: JobTools, word: str) -> None:
    record_event(
        session,
        "tests.job_ran",
        subject_type="job",
        subject_id=NOBODY,
        happened_at=tools.clock.now(),
        reason=word,
        worker_id=new_id(),
        count=os.getpid(),
    )


def registry_for_tests() -> JobRegistry:
    registry = JobRegistry()
    registry.add("tests.note", note)
    registry.add("tests.stay", begin_and_stay, limit_s=300.0)
    registry.add("tests.stay_once", stay_once, limit_s=300.0)
    registry.add("tests.die", die, retry=Retry(max_attempts=1, max_deaths=2))
    registry.add("tests.tick", note)
    return registry


async def work(url: str, lease_s: float, grace_s: float, ticking: bool) -> None:
    registry = registry_for_tests()
    if ticking:
        registry.every("tests.tick", minutes=TICK_S / 60)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    limits = Limits(lease_s=lease_s, poll_s=0.05, grace_s=grace_s)
    async with Database(url) as database:
        tools = JobTools(database, SystemClock(), Settings())
        await run_jobs_until(stop, registry, tools, limits=limits)


def start(
    url: str, *, lease_s: float = 1.0, grace_s: float = 2.0, ticking: bool = False
) -> subprocess.Popen[bytes]:
    """Start a worker of its own process."""
    words = [sys.executable, "-m", "tests.job_process", url]
    words += [str(lease_s), str(grace_s), str(int(ticking))]
    return subprocess.Popen(words, cwd=ROOT)


async def enqueue_now(database: Database, name: str, *args: dict[str, Any]) -> None:
    """Add jobs that are due, by the clock of this machine; one without arguments if none are."""
    async with database.begin() as session:
        for each in args or ({},):
            await enqueue(session, NewJob(name=name, args=each, now=SystemClock().now()))


if __name__ == "__main__":
    be_patient()
    asyncio.run(work(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "1"))
