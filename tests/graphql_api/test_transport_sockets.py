"""Operations over sockets, with a real server and a real client in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from api.transport.rates import MAX_STREAMS
from api.transport.service import GraphQLApi
from api.transport.websocket import MAX_OPERATIONS
from tests.graphql_api.small_api import (
    ADA,
    BO,
    SECRET,
    SIGN_IN,
    TOKEN,
    SmallDoor,
    make_small_api,
    make_small_app,
)
from tests.graphql_api.talking import WAIT_S, hear, hear_end, say
from tests.ports import kept_port

INIT = {"type": "connection_init"}
BEARER = {"type": "connection_init", "payload": {"authorization": "Bearer bo"}}


@pytest.fixture
def door() -> SmallDoor:
    return SmallDoor()


@pytest.fixture
def api(door: SmallDoor) -> GraphQLApi:
    return make_small_api(door=door, init_limit_s=1, limit_s=0.5)


@asynccontextmanager
async def running(api: GraphQLApi) -> AsyncIterator[str]:
    """Where a server in this event loop listens."""
    with kept_port() as port:
        config = uvicorn.Config(
            make_small_app(api),
            port=port,
            log_config=None,
            ws_max_size=131_072,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        async with asyncio.timeout(WAIT_S):
            while not server.started:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.01)
        yield f"ws://127.0.0.1:{port}/graphql"
        server.should_exit = True
        await asyncio.wait_for(task, WAIT_S)


@pytest.fixture
async def url(api: GraphQLApi) -> AsyncIterator[str]:
    async with running(api) as found:
        yield found


@asynccontextmanager
async def talk(url: str, *messages: Any, **headers: str) -> AsyncIterator[ClientConnection]:
    async with connect(
        url, subprotocols=[Subprotocol("graphql-transport-ws")], additional_headers=headers
    ) as socket:
        for message in messages:
            await say(socket, message)
        yield socket


def subscribe(key: str, query: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "type": "subscribe", "payload": {"query": query, **more}}


async def test_a_query_and_a_subscription(url: str) -> None:
    async with talk(url, INIT) as socket:
        assert await hear(socket) == {"type": "connection_ack"}
        await say(
            socket, subscribe("a", "query($n: String!) {hello(name: $n)}", variables={"n": "Bo"})
        )
        first = await hear(socket)
        assert first["payload"]["data"] == {"hello": "Hello, Bo"}
        assert first["payload"]["extensions"]["cost"] == {"requested": 0, "limit": 1_000}
        assert await hear(socket) == {"id": "a", "type": "complete"}
        # The id is free again.
        await say(socket, subscribe("a", "subscription {count(to: 2)}"))
        found = [await hear(socket) for _ in range(3)]
        assert [one.get("payload", {}).get("data") for one in found] == [
            {"count": 0},
            {"count": 1},
            None,
        ]


@pytest.mark.parametrize(
    ("headers", "init", "person_id"),
    [
        ({}, INIT, None),
        ({}, BEARER, BO),
        ({"Authorization": "Bearer bo"}, INIT, BO),
        ({"Cookie": "talkoot=ada", "Origin": "http://localhost:8000"}, INIT, ADA),
        # Without an origin no page of ours sent the cookie.
        ({"Cookie": "talkoot=ada"}, INIT, None),
        ({"Cookie": "talkoot=ada", "Origin": "http://localhost:8000"}, BEARER, BO),
    ],
)
async def test_who_asks(
    url: str, headers: dict[str, str], init: dict[str, Any], person_id: object
) -> None:
    async with talk(url, init, **headers) as socket:
        assert (await hear(socket))["type"] == "connection_ack"
        await say(socket, subscribe("a", "{whoami}"))
        found = (await hear(socket))["payload"]["data"]["whoami"]
        assert found == (None if person_id is None else str(person_id))


async def test_pages_of_others_are_turned_away(url: str) -> None:
    for origin in ("https://elsewhere.example", "null", "http://[", "http://localhost:9"):
        with pytest.raises(InvalidStatus) as refused:
            async with talk(url, Origin=origin):
                raise AssertionError
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([], 4408),
        ([{"type": "ping"}], 4408),
        ([subscribe("a", "{hello}")], 4401),
        ([INIT, INIT], 4429),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer x"}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": 7}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer ä"}}], 4403),
        ([{"type": "connection_init", "payload": "bo"}], 4400),
        ([INIT, *[subscribe("a", "subscription {forever}")] * 2], 4409),
        ([INIT, {"type": "subscribe", "payload": {"query": "{hello}"}}], 4400),
        ([INIT, {"id": "x" * 200, "type": "complete"}], 4400),
        ([INIT, {"id": "a", "type": "subscribe"}], 4400),
        ([INIT, {"id": "a", "type": "subscribe", "payload": {"query": 7}}], 4400),
        ([INIT, subscribe("a", "{hello}", variables=[])], 4400),
        (["[]"], 4400),
        (["{"], 4400),
        (['{"type": "ping", "type": "ping"}'], 4400),
        (['{"type": "ping", "payload": NaN}'], 4400),
        (['{"type": "ping", "payload": "\\ud800"}'], 4400),
        (["[" * 60_000], 4400),
        ([b"{}"], 4400),
        (['{"type": "ping", "payload": "' + "x" * 66_000 + '"}'], 4400),
        (['{"type": "ping", "payload": "' + "ä" * 40_000 + '"}'], 4400),
        ([{"type": 7}], 4400),
        ([{"type": "start"}], 4400),
        ([INIT, *[{"type": "pong"}] * 1_300], 4429),
    ],
)
async def test_closing_codes(url: str, messages: list[Any], code: int) -> None:
    async with talk(url, *messages) as socket:
        assert await hear_end(socket) == code


async def test_what_is_wrong_with_a_document_ends_it_alone(url: str) -> None:
    async with talk(url, INIT, subscribe("lasting", "subscription {forever}")) as socket:
        assert (await hear(socket))["type"] == "connection_ack"
        assert (await hear(socket))["id"] == "lasting"
        for query in ("{", "{nothing}", "query A {hello} query B {hello}", "{slow}"):
            await say(socket, subscribe("bad", query))
            found = await hear(socket)
            assert (found["id"], found["type"]) == ("bad", "error")
            assert found["payload"][0]["message"]
        await say(socket, {"type": "ping"})
        assert await hear(socket) == {"type": "pong"}


async def test_errors_are_masked(url: str) -> None:
    async with talk(url, INIT, subscribe("a", "subscription {breaking}")) as socket:
        found = [await hear(socket) for _ in range(4)]
    assert [one["type"] for one in found] == ["connection_ack", "next", "next", "complete"]
    assert found[2]["payload"]["errors"][0]["extensions"]["code"] == "broken"
    assert SECRET not in str(found)


async def test_completing_ends_a_subscription(url: str, door: SmallDoor) -> None:
    async with talk(url, INIT, subscribe("a", "subscription {forever}")) as socket:
        await hear(socket)
        await hear(socket)
        await say(socket, {"id": "a", "type": "complete"})
        await say(socket, {"id": "never", "type": "complete"})
        await say(socket, {"type": "ping"})
        assert await hear(socket) == {"type": "pong"}
        await asyncio.sleep(0.05)
        assert door.world.closed_streams == 1


async def test_nothing_is_left_when_the_caller_has_gone(
    url: str, door: SmallDoor, api: GraphQLApi
) -> None:
    async with talk(url, BEARER) as socket:
        await hear(socket)
        for number in range(20):
            await say(socket, subscribe(str(number), "subscription {forever}"))
        for _ in range(20):
            await hear(socket)
        assert api.rates.streams[f"person:{BO}"] == 1
    for _ in range(100):
        if door.world.closed_streams == 20 and not api.rates.streams:
            break
        await asyncio.sleep(0.05)
    assert door.world.closed_streams == 20
    assert not api.rates.streams


@pytest.mark.parametrize(
    ("headers", "init", "gone"),
    [
        ({}, BEARER, TOKEN),
        ({"Cookie": "talkoot=ada", "Origin": "http://localhost:8000"}, INIT, SIGN_IN),
    ],
)
async def test_a_socket_ends_with_the_sign_in(
    url: str, door: SmallDoor, headers: dict[str, str], init: dict[str, Any], gone: Any
) -> None:
    async with talk(url, init, subscribe("a", "subscription {forever}"), **headers) as socket:
        await hear(socket)
        await hear(socket)
        loop = asyncio.get_running_loop()
        door.sent_away.add(gone)
        start = loop.time()
        assert await hear_end(socket) == 4403
        assert loop.time() - start < 5


async def test_many_sockets_ask_once_for_each_sign_in(url: str, door: SmallDoor) -> None:
    async def stay() -> None:
        async with talk(url, BEARER) as socket:
            await hear(socket)
            await asyncio.sleep(3)

    await asyncio.gather(*[stay() for _ in range(10)])
    assert 1 <= door.asked_count <= 2


async def test_a_socket_has_so_many_operations(url: str) -> None:
    async with talk(url, INIT) as socket:
        await hear(socket)
        for number in range(MAX_OPERATIONS):
            await say(socket, subscribe(str(number), "subscription {forever}"))
        for _ in range(MAX_OPERATIONS):
            assert (await hear(socket))["type"] == "next"
        await say(socket, subscribe("more", "subscription {forever}"))
        found = await hear(socket)
        assert (found["id"], found["type"]) == ("more", "error")
        assert found["payload"][0]["extensions"]["code"] == "called_too_often"


async def test_a_person_has_so_many_sockets(url: str, api: GraphQLApi) -> None:
    api.rates.streams[f"person:{BO}"] = MAX_STREAMS
    async with talk(url, BEARER) as socket:
        assert await hear_end(socket) == 1013


async def test_operations_are_counted_as_over_http(door: SmallDoor) -> None:
    api = make_small_api(door=door, graphql_rate=10)
    async with running(api) as url, talk(url, BEARER) as socket:
        await hear(socket)
        for number in range(12):
            await say(socket, subscribe(str(number), "{hello}"))
        kinds: list[str] = []
        while kinds.count("complete") + kinds.count("error") < 12:
            kinds.append((await hear(socket))["type"])
    assert kinds.count("error") >= 1
    assert kinds.count("complete") >= 10


async def test_an_event_stream_ends_when_the_caller_has_gone(url: str, door: SmallDoor) -> None:
    address = url.replace("ws", "http", 1)
    body = {"query": "subscription {forever}"}
    headers = {"Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=WAIT_S) as client,
        client.stream("POST", address, json=body, headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "next" in await anext(response.aiter_text())
        assert door.world.closed_streams == 0
    for _ in range(100):
        if door.world.closed_streams:
            break
        await asyncio.sleep(0.05)
    assert door.world.closed_streams == 1
