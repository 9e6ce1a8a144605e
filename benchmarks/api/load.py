"""Asks over some connections that stay open, as fast as answers come or as people look."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

READ_LIMIT_S = 30


@dataclass
class Times:
    """What was measured."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    """Of the server's process."""
    latencies_ms: list[float] = field(default_factory=list)

    def add(self, other: Times) -> None:
        """Count another measurement in."""
        self.seconds += other.seconds
        self.cpu_s += other.cpu_s
        self.latencies_ms += other.latencies_ms

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.latencies_ms) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU that one answer took."""
        return 1_000 * self.cpu_s / len(self.latencies_ms)

    def percentile_ms(self, share: float) -> float:
        """So long it took for this share of the answers, at most."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def make_request(port: int, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST of JSON, as it goes over the line."""
    lines = [
        "POST /graphql HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def make_look(port: int, path: str, headers: dict[str, str]) -> bytes:
    """A GET of a page, as it goes over the line."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept: text/html",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def ask(
    port: int, request: bytes, *, connections: int, seconds: float, pause_s: float = 0.0
) -> Times:
    """Ask for so many seconds; each connection waits about ``pause_s`` before it asks again.

    Raises
    ------
    RuntimeError
        When an answer is no 200, or holds errors.
    """
    times = Times()
    until = time.perf_counter() + seconds
    start = time.perf_counter()
    asking = (
        _ask_on(port, request, until, times, make_pause(pause_s, number))
        for number in range(connections)
    )
    await asyncio.gather(*asking)
    times.seconds = time.perf_counter() - start
    return times


def make_pause(pause_s: float, number: int) -> Callable[[], float]:
    """Pauses of one connection, from half to one and a half as long; always the same ones."""
    dice = random.Random(number)
    return lambda: pause_s * dice.uniform(0.5, 1.5)


async def _ask_on(
    port: int, request: bytes, until: float, times: Times, pause: Callable[[], float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < until:
            await asyncio.sleep(pause())
            start = time.perf_counter()
            writer.write(request)
            async with asyncio.timeout(READ_LIMIT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_read_length(head))
            times.latencies_ms.append((time.perf_counter() - start) * 1_000)
            if not head.startswith(b"HTTP/1.1 200") or b'"errors"' in body:
                raise RuntimeError(f"Not an answer: {(head + body)[:600]!r}")
    finally:
        writer.close()


def _read_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError("The answer does not say how long it is.")
