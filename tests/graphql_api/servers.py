"""A server in a process of its own, to see what only a whole process shows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.ports import kept_port

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 300
STOP_LIMIT_S = 30


@dataclass(frozen=True)
class Server:
    """Where it listens, and as which process."""

    url: str
    process_id: int

    def read_cpu_s(self) -> float:
        """How long the process has worked so far, whatever else the machine had to do."""
        words = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def read_memory_kb(self) -> int:
        """What the process holds in memory at this moment."""
        text = Path(f"/proc/{self.process_id}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1])


@contextmanager
def serving(factory: str, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve what ``module:function`` makes, with the limits of the product."""
    with kept_port() as port:
        command = [
            *(sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port)),
            *("--log-level", "critical", "--ws-max-size", str(128 * 1024)),
        ]
        with _running(command, f"http://127.0.0.1:{port}", environ) as server:
            yield server


@contextmanager
def serving_product(database: Path, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """``talkoot serve`` on a SQLite file, as anybody would run it."""
    with kept_port() as port:
        url = f"http://127.0.0.1:{port}"
        command = [
            *(sys.executable, "-m", "api.cli", "serve", "--port", str(port)),
            *("--database-url", f"sqlite:///{database}", "--no-worker"),
        ]
        with _running(command, url, {"TALKOOT_PUBLIC_URL": url, **(environ or {})}) as server:
            yield server


@contextmanager
def _running(command: list[str], url: str, environ: Mapping[str, str] | None) -> Iterator[Server]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environ or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_answer(url, process)
        yield Server(url, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with code {process.returncode}.")
        try:
            httpx.get(f"{url}/healthz", timeout=30)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"The server does not answer at {url}.")
