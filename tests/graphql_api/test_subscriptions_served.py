"""Subscriptions of a server in a process of its own, over sockets and event streams."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core.clock import SystemClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from people.signing_in.tokens import NewToken, create_token, revoke_token
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import global_id, read_operation
from tests.graphql_api.live_server import SEEN
from tests.graphql_api.servers import Server, serving

SCOPES = ("requests:read", "offers:read", "storms:read", "storms:write")
ROUND_SCOPES = ("rounds:read", "rounds:write")
SOON_S = 60.0
CLOCK = SystemClock()


@dataclass(frozen=True)
class Scene:
    """A town behind a server, and a program with a token of its manager."""

    server: Server
    database: Database
    town: Town
    manager: Actor
    token_id: UUID
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    async def ask(self, operation: str, **variables: Any) -> Any:
        """Ask the server, as the program."""
        body = {"query": read_operation(operation), "variables": variables}
        async with httpx.AsyncClient(timeout=SOON_S) as client:
            answer = await client.post(
                f"{self.server.url}/graphql", json=body, headers=self.headers
            )
        found = answer.json()
        assert "errors" not in found, found
        return found["data"]

    async def hold_storm(self) -> None:
        storm = {"stormId": global_id("Storm", self.town.storm_id)}
        said = {"holdReason": "ICE", "reason": "ice_on_hills"}
        answer = await self.ask("staff/hold_storm", input=storm | said)
        assert answer["holdStorm"]["__typename"] == "StormPayload", answer

    async def revoke(self) -> None:
        """From this process: on SQLite the server is not told, and finds it by looking."""
        person_id = self.manager.person_id
        assert person_id is not None
        async with self.database.begin() as session:
            await revoke_token(session, self.manager, person_id, self.token_id, now=CLOCK.now())

    @property
    def board(self) -> dict[str, Any]:
        """The payload of a subscription to the board."""
        return {
            "query": read_operation("staff/watch_board"),
            "variables": {"communityId": global_id("Community", self.town.community_id)},
        }


@pytest.fixture
def factory() -> str:
    return "make_app"


@pytest.fixture
def seen_file(tmp_path: Path) -> Path:
    """Where a test says that it has seen the round."""
    return tmp_path / "seen"


@pytest.fixture
def server(database_url: str, factory: str, seen_file: Path) -> Iterator[Server]:
    environ = {
        "TALKOOT_DATABASE_URL": database_url,
        "TALKOOT_PUBLIC_URL": "http://127.0.0.1",
        "TALKOOT_TRAVEL": "straight",
        "TALKOOT_MAIL": "none",
        "TALKOOT_WEATHER_URL": "http://127.0.0.1:9",
        SEEN: str(seen_file),
    }
    with serving(f"tests.graphql_api.live_server:{factory}", environ) as running:
        yield running


@pytest.fixture
async def scene(server: Server, database: Database) -> Scene:
    town = await seed_town(database, CLOCK)
    manager = actor_as(Role.MANAGER, town.community_id, town.manager_id)
    async with database.begin() as session:
        new = NewToken(name="Wall", scopes=(*SCOPES, *ROUND_SCOPES))
        made = await create_token(session, manager, town.manager_id, new, now=CLOCK.now())
    return Scene(server, database, town, manager, made.row.id, made.secret)


@asynccontextmanager
async def talking(scene: Scene) -> AsyncIterator[ClientConnection]:
    url = scene.server.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        payload = {"authorization": f"Bearer {scene.secret}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert (await hear(socket))["type"] == "connection_ack"
        yield socket


async def hear(socket: ClientConnection) -> Any:
    return await hear_within(socket, SOON_S)


async def hear_within(socket: ClientConnection, limit_s: float) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), limit_s))


async def subscribe(socket: ClientConnection, key: str, payload: dict[str, Any]) -> None:
    await socket.send(json.dumps({"id": key, "type": "subscribe", "payload": payload}))


async def hear_each(socket: ClientConnection, keys: set[str]) -> dict[str, Any]:
    """The first answer to each of several subscriptions."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(60):
        while found.keys() != keys:
            message = await hear(socket)
            assert message["type"] == "next", message
            assert "errors" not in message["payload"], message
            found.setdefault(message["id"], message["payload"]["data"]["communityBoard"])
    return found


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process_id}/fd").iterdir()))


async def test_fifty_subscriptions_of_one_socket_hear_a_change(scene: Scene) -> None:
    keys = {str(number) for number in range(50)}
    async with talking(scene) as socket:
        for key in keys:
            await subscribe(socket, key, scene.board)
        first = await hear_each(socket, keys)
        assert {board["storm"]["status"] for board in first.values()} == {"ACTIVE"}
        began_s = time.monotonic()
        await scene.hold_storm()
        second = await hear_each(socket, keys)
        took_s = time.monotonic() - began_s
    assert {board["storm"]["holdReason"] for board in second.values()} == {"ICE"}
    assert took_s < 30


@pytest.mark.parametrize("factory", ["make_working_app"])
async def test_round_of_the_worker_beside_is_seen_on_its_way(scene: Scene, seen_file: Path) -> None:
    community = {"communityId": global_id("Community", scene.town.community_id)}
    watch = {"query": read_operation("staff/watch_round"), "variables": community}
    seen: list[tuple[str, float]] = []
    async with talking(scene) as socket:
        await subscribe(socket, "1", watch)
        before = (await hear(socket))["payload"]["data"]["roundProgress"]["roundJob"]["id"]
        started = await scene.ask(
            "staff/start_round", input=community | {"tries": 0, "timeLimitS": 20}
        )
        job_id = started["startRound"]["job"]["id"]
        assert job_id != before
        async with asyncio.timeout(1_200):  # the first round on a machine compiles the engine
            while not seen or seen[-1][0] not in ("FINISHED", "FAILED", "CANCELLED"):
                message = await hear_within(socket, 900)
                assert message["type"] == "next", message
                job = message["payload"]["data"]["roundProgress"]["roundJob"]
                assert job["id"] == job_id
                seen.append((job["status"], job["share"]))
                if job["status"] == "RUNNING":
                    await asyncio.to_thread(seen_file.touch)
    assert seen[-1] == ("FINISHED", 1.0)
    assert [share for _, share in seen] == sorted(share for _, share in seen)
    assert {status for status, _ in seen} >= {"RUNNING", "FINISHED"}


async def test_revoked_token_closes_the_socket(scene: Scene) -> None:
    async with talking(scene) as socket:
        await subscribe(socket, "1", scene.board)
        await hear_each(socket, {"1"})
        began_s = time.monotonic()
        await scene.revoke()

        async def listen() -> None:
            while True:
                message = await hear(socket)
                assert message["type"] in ("error", "next", "complete")
                assert "data" not in message.get("payload", {}) or "errors" in message["payload"]

        with pytest.raises(ConnectionClosed) as closed:
            await listen()
    assert time.monotonic() - began_s < 20
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_event_stream_tells_and_ends_with_the_token(scene: Scene) -> None:
    events: list[dict[str, Any]] = []
    began_s = 0.0
    headers = {**scene.headers, "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=SOON_S) as client,
        client.stream(
            "POST", f"{scene.server.url}/graphql", json=scene.board, headers=headers
        ) as answer,
    ):
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            if not line.startswith("data:") or not line.removeprefix("data:").strip():
                continue
            events.append(json.loads(line.removeprefix("data:")))
            if len(events) == 1:
                await scene.hold_storm()
            elif len(events) == 2:
                began_s = time.monotonic()
                await scene.revoke()
    assert time.monotonic() - began_s < 20
    boards = [event["data"]["communityBoard"] for event in events[:2]]
    assert [board["storm"]["status"] for board in boards] == ["ACTIVE", "HOLD"]
    assert "errors" in events[-1]


async def test_callers_who_vanish_leave_nothing_behind(scene: Scene) -> None:
    async with talking(scene) as socket:
        await subscribe(socket, "1", scene.board)
        await hear_each(socket, {"1"})
    before = open_files(scene.server)
    for _ in range(10):
        async with talking(scene) as socket:
            await subscribe(socket, "1", scene.board)
            await hear_each(socket, {"1"})
            socket.transport.abort()
    async with asyncio.timeout(SOON_S):
        while open_files(scene.server) > before + 2:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.2)
