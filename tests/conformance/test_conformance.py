"""Audits and clients that others wrote, against a server in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.demo.town import TownPlan, seed_town
from api.opening import open_database
from core.clock import SystemClock
from people.auth import Actor
from people.kinds import Role
from people.signing_in.tokens import NewToken, create_token
from tests.graphql_api.servers import Server, serving, serving_product

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc", "audit.mjs", "sockets.mjs")
INSTALL_LIMIT_S = 300
RUN_LIMIT_S = 120
WITHOUT_GET = {"5A70", "D6D5", "6A70"}
AUDITS = 61


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clients, installed. Without node or npm the test is skipped, in CI it fails."""
    try:
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise FileNotFoundError("node and npm are not installed")
        place = tmp_path_factory.mktemp("conformance")
        for name in FILES:
            shutil.copy(HERE / name, place)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=INSTALL_LIMIT_S)
    except (OSError, subprocess.SubprocessError) as error:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"CI must test with the clients of others: {error}")
        pytest.skip(f"NOT TESTED WITH THE CLIENTS OF OTHERS: {error}")
    return place


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("tests.graphql_api.small_api:create_small_app") as running:
        yield running


@pytest.fixture(scope="module")
def plain_server() -> Iterator[Server]:
    """As an installation is without settings: no GET."""
    with serving("tests.graphql_api.small_api:create_plain_app") as running:
        yield running


@dataclass(frozen=True)
class Product:
    """``talkoot serve`` with GET on, and a developer's token."""

    url: str
    token: str


@pytest.fixture(scope="module")
def product(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    database = tmp_path_factory.mktemp("product") / "talkoot.db"
    shutil.copyfile(sqlite_template, database)
    token = asyncio.run(make_token(f"sqlite:///{database}"))
    with serving_product(database, {"TALKOOT_GRAPHQL_GET": "on"}) as running:
        yield Product(running.url, token)


async def make_token(url: str) -> str:
    now = SystemClock().now()
    async with open_database(url) as database, database.begin() as session:
        town = await seed_town(session, TownPlan(slug="smalltown", scale=4), now=now)
        roles = {town.community_id: frozenset({Role.MANAGER})}
        actor = Actor(person_id=town.manager_id, roles=roles)
        new = NewToken(name="a developer", scopes=("people:read",))
        made = await create_token(session, actor, town.manager_id, new, now=now)
        return made.secret


def run(folder: Path, script: str, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", script, *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def test_every_audit_passes_with_get_and_a_token(folder: Path, server: Server) -> None:
    results = run(folder, "audit.mjs", f"{server.url}/graphql", "Bearer bo")
    failed = [result for result in results if result["status"] != "ok"]
    assert not failed
    assert len(results) == AUDITS


def test_every_audit_passes_on_the_product(folder: Path, product: Product) -> None:
    results = run(folder, "audit.mjs", f"{product.url}/graphql", f"Bearer {product.token}")
    assert not [result for result in results if result["status"] != "ok"]
    assert len(results) == AUDITS


def test_only_audits_of_get_fail_without_it(folder: Path, plain_server: Server) -> None:
    results = run(folder, "audit.mjs", f"{plain_server.url}/graphql", "Bearer bo")
    assert {result["id"] for result in results if result["status"] != "ok"} == WITHOUT_GET
    assert len(results) == AUDITS


@pytest.fixture(scope="module")
def heard(folder: Path, server: Server) -> dict[str, Any]:
    """What the clients of sockets and event streams found, by the name of the check."""
    url = f"{server.url.replace('http', 'ws', 1)}/graphql"
    results = run(folder, "sockets.mjs", url, f"{server.url}/graphql", "Bearer bo")
    return {result["name"]: result.get("found", result.get("error")) for result in results}


CLOSED = {
    "wrong token": 4403,
    "subscribe before ack": 4401,
    "no connection_init": 4408,
    "two connection_inits": 4429,
    "same id": 4409,
    "no protocol": 4406,
    "no json": 4400,
    "array": 4400,
    "batch": 4400,
    "deep json": 4400,
    "deep payload": 4400,
    "bytes": 4400,
    "65 KB": 4400,
    "unknown type": 4400,
    "no type": 4400,
    "init with a list": 4400,
    "subscribe without id": 4400,
    "subscribe without query": 4400,
}


@pytest.mark.parametrize(("name", "code"), CLOSED.items(), ids=list(CLOSED))
def test_closing_codes(heard: dict[str, Any], name: str, code: int) -> None:
    assert heard[name]["code"] == code


FOUND = {
    "query": [{"hello": "Hello, world"}],
    "subscription": [0, 1, 2],
    "fifty at once": True,
    "token in connection_init": "string",
    "foreign origin": {"status": 403},
    "ping": {"open": True, "heard": ["pong"]},
    "events": [0, 1, 2],
    "events of a bad document": [1],
}


@pytest.mark.parametrize(("name", "found"), FOUND.items(), ids=list(FOUND))
def test_what_clients_hear(heard: dict[str, Any], name: str, found: Any) -> None:
    assert heard[name] == found


def test_a_bad_document_ends_itself_alone(heard: dict[str, Any]) -> None:
    found = heard["bad documents end themselves alone"]
    assert found["open"]
    assert sorted(found["heard"]) == sorted(
        ["connection_ack", "error", "error", "error", "next", "complete"]
    )
