"""One operation of the product against bare Strawberry with the same shape from memory.

Both serve in processes of their own and are asked in turns, so that what else the machine does
falls on both alike::

    python -m benchmarks.api.run
    python -m benchmarks.api.run --operation staff/list_requests --who manager --seconds 5
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from graphql import (
    REMOVE,
    ArgumentNode,
    FieldNode,
    VariableDefinitionNode,
    Visitor,
    VisitorAction,
    parse,
    print_ast,
    visit,
)
from strawberry.relay import to_base64

from api.demo.town import Town, TownPlan, seed_town
from api.opening import open_database
from api.transport.contract import ROOT
from benchmarks.api.load import Times, ask, make_request
from core.clock import SystemClock
from core.migrate import upgrade
from people.signing_in.kinds import Method
from people.signing_in.sessions import start_sign_in

OPERATIONS = ROOT / "graphql" / "operations"
START_LIMIT_S = 120
WARM_UP_S = 2.0


@dataclass(frozen=True)
class Server:
    """One of the two that are compared."""

    name: str
    port: int
    request: bytes
    process_id: int


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--operation", default="volunteer/my_offers")
    parser.add_argument("--variables", default="{}", help='JSON; "$COMMUNITY" is that of the town')
    parser.add_argument("--who", choices=("volunteer", "resident", "manager"), default="volunteer")
    parser.add_argument("--rows", type=int, default=10, help="how much of everything the town has")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(given, Path(folder))


def measure(given: argparse.Namespace, folder: Path) -> None:
    """Make a town, start both servers, ask in turns."""
    url = f"sqlite:///{folder / 'talkoot.db'}"
    upgrade(url)
    town, secret = asyncio.run(make_town(url, given.rows, given.who))
    community = to_base64("Community", str(town.community_id))
    text = (OPERATIONS / f"{given.operation}.graphql").read_text(encoding="utf-8")
    variables = json.loads(given.variables.replace("$COMMUNITY", community))
    body = json.dumps({"query": text, "variables": variables}).encode()
    product = [sys.executable, "-m", "api.cli", "serve", "--database-url", url, "--no-worker"]
    port, other = find_port(), find_port()
    cookie = {"Cookie": f"talkoot={secret}"}
    with serving([*product, "--port", str(port)], port) as process_id:
        answer = read_answer(port, body, cookie)
        sample = folder / "sample.json"
        sample.write_text(json.dumps({"query": text, "data": answer}), encoding="utf-8")
        bare = [sys.executable, "-m", "benchmarks.api.bare", str(other), str(sample)]
        with serving(bare, other) as other_id:
            plain = json.dumps({"query": drop_arguments(text)}).encode()
            same = read_answer(other, plain, {})
            if same != answer:
                raise SystemExit("The two do not answer alike.")
            servers = (
                Server("Talkoot", port, make_request(port, body, cookie), process_id),
                Server("bare Strawberry", other, make_request(other, plain, {}), other_id),
            )
            print_table(given, asyncio.run(take_turns(given, servers)), len(json.dumps(answer)))


async def make_town(url: str, rows: int, who: str) -> tuple[Town, str]:
    """A town in a storm, and the cookie of one of its people."""
    now = SystemClock().now()
    async with open_database(url) as database, database.begin() as session:
        town = await seed_town(session, TownPlan(slug="bench", scale=rows), now=now)
        person_id = {
            "volunteer": town.volunteer_person_ids[0],
            "resident": town.resident_ids[0],
            "manager": town.manager_id,
        }[who]
        new = await start_sign_in(session, person_id, Method.LINK, device="benchmark", now=now)
        return town, new.secret


async def take_turns(given: argparse.Namespace, servers: tuple[Server, ...]) -> dict[str, Times]:
    """Ask one, then the other, several times."""
    found = {server.name: Times() for server in servers}
    how = {"connections": given.connections}
    for server in servers:
        await ask(server.port, server.request, seconds=WARM_UP_S, **how)
    for turn in range(given.turns):
        for server in servers if turn % 2 == 0 else reversed(servers):
            before = read_cpu_s(server.process_id)
            times = await ask(server.port, server.request, seconds=given.seconds, **how)
            times.cpu_s = read_cpu_s(server.process_id) - before
            found[server.name].add(times)
    return found


def print_table(given: argparse.Namespace, found: dict[str, Times], size: int) -> None:
    """What was measured, and the share."""
    print(f"{given.operation}, {size} bytes, {given.connections} connections, ", end="")
    print(f"{given.turns} turns of {given.seconds:g} s each")
    for name, times in found.items():
        marks = " ".join(
            f"p{share * 100:g} {times.percentile_ms(share):.0f} ms" for share in (0.5, 0.99)
        )
        print(f"  {name:16} {times.per_second:7.1f}/s  {marks}  {times.cpu_ms:.1f} ms of CPU each")
    ours, theirs = found.values()
    print(
        f"  share of bare Strawberry: {ours.per_second / theirs.per_second:.2f} by answers, "
        f"{theirs.cpu_ms / ours.cpu_ms:.2f} by CPU"
    )


def read_cpu_s(process_id: int) -> float:
    """What a process has had of the CPU until now."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Dropper(Visitor):
    def enter_variable_definition(self, *_: VariableDefinitionNode | Any) -> VisitorAction:
        return REMOVE

    def enter_argument(self, *_: ArgumentNode | FieldNode | Any) -> VisitorAction:
        return REMOVE


def drop_arguments(text: str) -> str:
    """The document without variables and arguments, which answers from memory do not have."""
    tree = parse(text)
    return print_ast(visit(tree, _Dropper()))


def read_answer(port: int, body: bytes, headers: dict[str, str]) -> Any:
    """The data of one answer."""
    response = httpx.post(
        f"http://127.0.0.1:{port}/graphql",
        content=body,
        headers={"Content-Type": "application/json", **headers},
        timeout=30,
    )
    found = response.json()
    if response.status_code != 200 or found.get("errors"):
        raise SystemExit(f"Not an answer: {response.text[:2_000]}")
    return found["data"]


def find_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int) -> Iterator[int]:
    """A server for as long as the block lasts, as a process of this number."""
    settings = (
        "TALKOOT_GRAPHQL_RATE=10000000",
        f"TALKOOT_PUBLIC_URL=http://127.0.0.1:{port}",
    )
    process = subprocess.Popen(
        ["/usr/bin/env", *settings, *command], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(START_LIMIT_S)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"A server ended with code {process.returncode}.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("A server does not come up.")


if __name__ == "__main__":
    main()
