"""The product's worker in a process of its own, with a clock that was moved to a snowy evening.

``python -m tests.wave_process URL MAIL_PORT MOVED_S`` does every job of the product until SIGTERM.
The solver is the quick one that needs no time limit, so that the same round gives the same plan.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from api.worker import work
from core.clock import SystemClock
from core.logging import configure_logging
from core.settings import Settings
from matching.jobs import SOLVER
from tests.ladder_town import by_hand
from tests.mail_server import sink_settings

ROOT = Path(__file__).resolve().parent.parent
LEASE_S = 4.0
NOBODY = "http://127.0.0.1:9"


class MovedClock:
    """The clock of this machine, moved by a fixed span."""

    def __init__(self, moved_s: float) -> None:
        self._moved = timedelta(seconds=moved_s)

    def now(self) -> datetime:
        return SystemClock().now() + self._moved


async def run(url: str, port: int, moved_s: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings(
        database_url=url,
        travel="straight",
        weather_url=NOBODY,
        job_lease_s=LEASE_S,
        **sink_settings(port),
    )
    await work(settings, stop, clock=MovedClock(moved_s), extra_services={SOLVER: by_hand})


def start(url: str, port: int, moved_s: float, log: Path) -> subprocess.Popen[bytes]:
    """Start the worker; its log goes to a file."""
    words = [sys.executable, "-m", "tests.wave_process", url, str(port), str(moved_s)]
    with log.open("ab") as stream:
        return subprocess.Popen(words, cwd=ROOT, stderr=stream, stdout=stream)


if __name__ == "__main__":
    configure_logging("info")
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
