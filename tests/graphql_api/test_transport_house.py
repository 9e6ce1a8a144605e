"""The product's own API at its own door: sign-ins and tokens, until they are ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.app import create_app
from api.demo.town import Town, TownPlan, seed_town
from api.transport.contract import Contract
from api.transport.house import make_house_api
from core.clock import SystemClock
from core.db import Database
from core.errors import InvalidSetting
from core.settings import Settings
from people.auth import Actor
from people.kinds import Role
from people.signing_in.kinds import Method
from people.signing_in.sessions import end_sign_in, start_sign_in
from people.signing_in.tokens import NewToken, create_token, revoke_token
from tests.graphql_api.talking import WAIT_S, hear, hear_end, say
from tests.ports import kept_port
from web.identity import make_csrf


@dataclass(frozen=True)
class House:
    """A running installation, with a manager who signed in and has a token."""

    url: str
    database: Database
    manager: Actor
    cookie: str
    csrf: str
    sign_in_id: Any
    token: str
    token_id: Any


def manager_of(town: Town) -> Actor:
    roles = {town.community_id: frozenset({Role.MANAGER})}
    return Actor(person_id=town.manager_id, roles=roles)


@pytest.fixture
def port() -> Iterator[int]:
    with kept_port() as kept:
        yield kept


@pytest.fixture
async def house(database: Database, database_url: str, port: int) -> AsyncIterator[House]:
    now = SystemClock().now()
    async with database.begin() as session:
        town = await seed_town(session, TownPlan(slug="smalltown", scale=4), now=now)
        manager = manager_of(town)
        sign_in = await start_sign_in(
            session, town.manager_id, Method.LINK, device="a browser", now=now
        )
        new = NewToken(name="a program", scopes=("people:read", "requests:read"), days=1)
        made = await create_token(session, manager, town.manager_id, new, now=now)
    url = f"http://127.0.0.1:{port}"
    app = create_app(Settings(database_url=database_url, public_url=url))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="on"))
    task = asyncio.create_task(server._serve())
    async with asyncio.timeout(WAIT_S):
        while not server.started:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
    yield House(
        url,
        database,
        manager,
        sign_in.secret,
        make_csrf(sign_in.secret),
        sign_in.sign_in_id,
        made.secret,
        made.row.id,
    )
    server.should_exit = True
    await asyncio.wait_for(task, WAIT_S)


async def ask(house: House, query: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=house.url, timeout=WAIT_S) as client:
        return await client.post("/graphql", json={"query": query}, headers=headers)


WHO = "{ viewer { person { id } } }"


async def test_who_asks(house: House) -> None:
    nobody = (await ask(house, WHO)).json()
    by_cookie = (await ask(house, WHO, Cookie=f"talkoot={house.cookie}")).json()
    by_token = (await ask(house, WHO, Authorization=f"Bearer {house.token}")).json()
    assert by_cookie["data"] == by_token["data"] != nobody["data"]
    assert by_cookie["extensions"]["cost"]["limit"] == 5_000
    assert nobody["extensions"]["cost"]["limit"] == 1_000
    wrong = await ask(house, WHO, Authorization="Bearer tlk_wrong")
    assert wrong.status_code == 401


async def open_socket(house: House, init: dict[str, Any], **headers: str) -> ClientConnection:
    socket = await connect(
        house.url.replace("http", "ws", 1) + "/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers=headers,
    )
    await say(socket, {"type": "connection_init", **init})
    assert (await hear(socket))["type"] == "connection_ack"
    return socket


async def test_a_revoked_token_ends_its_sockets(house: House) -> None:
    socket = await open_socket(house, {"payload": {"authorization": f"Bearer {house.token}"}})
    now = SystemClock().now()
    async with house.database.begin() as session:
        person_id = house.manager.person_id
        assert person_id is not None
        await revoke_token(session, house.manager, person_id, house.token_id, now=now)
    start = asyncio.get_running_loop().time()
    assert await hear_end(socket) == 4403
    assert asyncio.get_running_loop().time() - start < 5
    assert (await ask(house, WHO, Authorization=f"Bearer {house.token}")).status_code == 401


async def test_signing_out_ends_the_sockets_of_the_browser(house: House) -> None:
    own = {"Cookie": f"talkoot={house.cookie}", "Origin": house.url}
    socket = await open_socket(house, {}, **own)
    async with house.database.begin() as session:
        now = SystemClock().now()
        await end_sign_in(session, house.manager, house.sign_in_id, now=now)
    start = asyncio.get_running_loop().time()
    assert await hear_end(socket) == 4403
    assert asyncio.get_running_loop().time() - start < 5


async def test_changes_by_cookie_need_the_token_of_the_sign_in(house: House) -> None:
    change = "mutation { signOutElsewhere(input: {keepThis: true}) { __typename } }"
    cookie = {"Cookie": f"talkoot={house.cookie}"}
    assert (await ask(house, change, **cookie)).status_code == 403
    response = await ask(house, change, **cookie, **{"X-CSRF-Token": house.csrf})
    assert response.status_code == 200
    assert "errors" not in response.json()


def test_trusted_documents_only_needs_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.transport.house.load_contract", Contract)
    settings = Settings(graphql_documents="trusted")
    with pytest.raises(InvalidSetting, match="talkoot graphql export"):
        make_house_api(settings, SystemClock())
    assert make_house_api(Settings(), SystemClock())
