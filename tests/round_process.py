"""A worker for requested rounds: ``python -m tests.round_process URL MARK``, a process of its own.

The first time its solver touches the file MARK and waits, so that a test can kill the worker in
the middle of a round; whoever finds the file plans at once.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import matching.rounds.jobs
from core.clock import SystemClock
from core.db import Database
from core.jobs import JobRegistry, JobTools, Limits, run_jobs_until
from core.settings import Settings
from matching.engine.stop import Stop
from matching.rounds.jobs import SOLVER
from tests.factories.matching import EVENING
from tests.ladder_town import by_hand
from tests.patience import be_patient
from tests.wave_process import MovedClock

ROOT = Path(__file__).resolve().parent.parent
LEASE_S = 1.0
LONGEST_S = 120.0


def solver_that_waits_once(mark: Path) -> Any:
    """A solver that waits for its stop the first time, and says so with a file."""

    def solve(problem: Any, *, stop: Stop, **options: Any) -> Any:
        if not mark.exists():
            mark.touch()
            end_s = time.monotonic() + LONGEST_S
            while not stop.reached() and time.monotonic() < end_s:
                time.sleep(0.02)
        return by_hand(problem, **options)

    return solve


async def work(url: str, mark: Path) -> None:
    registry = JobRegistry()
    matching.rounds.jobs.register_jobs(registry)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock = MovedClock((EVENING - SystemClock().now()) / timedelta(seconds=1))
    services = {SOLVER: solver_that_waits_once(mark)}
    limits = Limits(lease_s=LEASE_S, poll_s=0.05, grace_s=0.2)
    async with Database(url) as database:
        tools = JobTools(database, clock, Settings(database_url=url, travel="straight"), services)
        await run_jobs_until(stop, registry, tools, limits=limits)


def start(url: str, mark: Path) -> subprocess.Popen[bytes]:
    """Start a worker of its own process."""
    return subprocess.Popen([sys.executable, "-m", "tests.round_process", url, str(mark)], cwd=ROOT)


if __name__ == "__main__":
    be_patient()
    asyncio.run(work(sys.argv[1], Path(sys.argv[2])))
