"""How fast pages answer over some connections, beside the same server's plainest answer.

The demonstration is served in a process of its own; each page is asked for as its person, in
turns with ``/healthz``, which reads nothing::

    python -m benchmarks.pages.run
    python -m benchmarks.pages.run --page /staff/storm --who manager
    python -m benchmarks.pages.run --pause-s 1

With a pause, each connection is a person who looks at the page for about so long; without one, all
ask again at once, and the time of an answer is that of all that stand in line.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.api.load import Times, ask, make_look
from benchmarks.api.run import read_cpu_s
from tests.audit.finding import sign_in
from tests.audit.pages import PAGES, Look
from tests.e2e.site import serving_demo

PLAINEST = "/healthz"
WARM_UP_S = 1.0


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--site", help="a demonstration that runs already")
    parser.add_argument("--page", help="only this address")
    parser.add_argument("--who", choices=("volunteer", "resident", "manager", "coordinator"))
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    parser.add_argument("--pause-s", type=float, default=0.0, help="before a connection asks again")
    given = parser.parse_args()
    looks = [Look(given.page, given.page, given.who)] if given.page else list(PAGES)
    if given.site:
        measure(given, given.site, looks)
        return
    with tempfile.TemporaryDirectory() as folder, serving_demo(Path(folder) / "demo") as site:
        measure(given, site, looks)


def measure(given: argparse.Namespace, site: str, looks: list[Look]) -> None:
    """Ask for every page, and print its line at once."""
    port = urlsplit(site).port or 80
    process_id = find_server(port)
    pause = f"a pause of {given.pause_s:g} s" if given.pause_s else "no pause"
    print(f"{given.connections} connections, {given.seconds:g} s each, {pause} between asking")
    print(
        f"{'page':28} {'as':12} {'/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'CPU ms':>7} {'x plain':>8}"
    )
    cookies = {role: sign_in(site, role) for role in {look.role for look in looks}}
    for look in looks:
        pairs = "; ".join(f"{name}={value}" for name, value in cookies[look.role].items())
        headers = {"Cookie": pairs} if pairs else {}
        plain = take(given, port, PLAINEST, {}, process_id)
        times = take(given, port, look.path, headers, process_id)
        print(
            f"{look.path:28} {look.role or 'anybody':12} {times.per_second:7.1f} "
            f"{times.percentile_ms(0.5):7.0f} {times.percentile_ms(0.95):7.0f} "
            f"{times.cpu_ms:7.1f} {times.cpu_ms / plain.cpu_ms:8.1f}"
        )


def take(
    given: argparse.Namespace, port: int, path: str, headers: dict[str, str], process_id: int
) -> Times:
    """The times of one address."""
    request = make_look(port, path, headers)
    asyncio.run(ask(port, request, connections=given.connections, seconds=WARM_UP_S))
    before = read_cpu_s(process_id)
    times = asyncio.run(
        ask(
            port,
            request,
            connections=given.connections,
            seconds=given.seconds,
            pause_s=given.pause_s,
        )
    )
    times.cpu_s = read_cpu_s(process_id) - before
    return times


def find_server(port: int) -> int:
    """The process that was told to serve at a port of this machine."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"serve" in words and str(port).encode() in words and b"timeout" not in words[0]:
                return int(folder.name)
    raise SystemExit(f"Nobody serves at port {port}.")


if __name__ == "__main__":
    main()
