"""The web application as a whole: health, headers, errors, limits."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.app import MAX_BODY_BYTES, SECURITY_HEADERS, create_app
from core.clock import Clock, FixedClock
from core.db import Database
from core.errors import Conflict, DatabaseBusy, TalkootError
from core.jobs import NewJob, enqueue
from core.logging import SafeJsonFormatter
from core.settings import Settings

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
SECRET = "617-555-0123"


class Taken(Conflict):
    code = "taken"


@get("/taken")
async def taken() -> None:
    raise Taken("Somebody else took <this> home.")


@get("/busy")
async def busy() -> None:
    raise DatabaseBusy("The database is busy.")


@get("/broken")
async def broken() -> None:
    raise RuntimeError(f"SELECT * FROM person WHERE phone = '{SECRET}'")


@get("/broken-inside")
async def broken_inside() -> None:
    raise TalkootError500(f"Template of {SECRET} is missing.")


class TalkootError500(TalkootError):
    code = "own_fault"
    http_status = 500


@get("/late-words")
async def own_cache() -> Any:
    return "words"


@post("/echo")
async def echo(data: JSONBody[dict[str, Any]]) -> int:
    return len(data["words"])


@get("/given")
async def given(
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    services: NamedDependency[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "sqlite": database.is_sqlite,
        "now": clock.now().isoformat(),
        "url": settings.public_url,
        "services": sorted(services),
    }


@asynccontextmanager
async def running(settings: Settings, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    app: Litestar = create_app(settings, clock=clock)
    for handler in (taken, busy, broken, broken_inside, echo, given, own_cache):
        app.register(handler)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://t") as client,
    ):
        yield client


@pytest.fixture
async def client(database_url: str, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running application, which begins and ends in one task as it must."""
    ready: asyncio.Future[httpx.AsyncClient] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def serve() -> None:
        async with running(Settings(database_url=database_url), clock) as client:
            ready.set_result(client)
            await done.wait()

    task = asyncio.create_task(serve())
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task  # raises what went wrong
    yield ready.result()
    done.set()
    await task


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    alive = await client.get("/healthz")
    ready = await client.get("/readyz")

    assert (alive.status_code, alive.text) == (200, "ok")
    assert ready.status_code == 200
    assert ready.json() == {
        "database": "ok",
        "jobs": "nobody",
        "waiting": 0,
        "running": 0,
        "failed": 0,
        "workers": 0,
        "webhooks": "ok",
        "webhooks_late": 0,
        "webhooks_failing": 0,
    }


async def test_ready_tells_of_jobs_that_wait(
    client: httpx.AsyncClient, database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        await enqueue(session, NewJob(name="tests.note", now=clock.now()))
    clock.advance(timedelta(minutes=1))

    assert (await client.get("/readyz")).json()["waiting"] == 1


async def test_not_ready_without_tables(empty_database_url: str, clock: FixedClock) -> None:
    async with running(Settings(database_url=empty_database_url), clock) as client:
        answer = await client.get("/readyz")
        alive = await client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "database_out_of_date"
    assert answer.headers["retry-after"] == "5"
    assert alive.status_code == 200


async def test_handlers_get_what_they_name(client: httpx.AsyncClient, clock: FixedClock) -> None:
    answer = (await client.get("/given")).json()

    assert answer["now"] == clock.now().isoformat()
    assert set(answer["services"]) == {
        "mailer",
        "message_gates",
        "notices",
        "notices_still_hold",
        "text_sender",
    }


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/taken", "/busy", "/broken", "/given"])
async def test_every_answer_has_the_headers_of_safety(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path, headers=BROWSER)).headers

    for name, value in SECURITY_HEADERS.items():
        assert headers[name] == value
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


async def test_tls_is_remembered_where_it_is_used(database_url: str, clock: FixedClock) -> None:
    plain = Settings(database_url=database_url)
    safe = Settings(database_url=database_url, public_url="https://talkoot.example")
    async with running(plain, clock) as client:
        assert "strict-transport-security" not in (await client.get("/healthz")).headers
    async with running(safe, clock) as client:
        value = (await client.get("/healthz")).headers["strict-transport-security"]
    assert value.startswith("max-age=31536000")


async def test_foreseen_error_says_what_happened(client: httpx.AsyncClient) -> None:
    page = await client.get("/taken", headers=BROWSER)
    data = await client.get("/taken", headers={"accept": "application/json"})

    assert (page.status_code, data.status_code) == (409, 409)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Somebody else took &lt;this&gt; home." in page.text
    assert data.json()["error"] == "taken"
    assert data.json()["message"] == "Somebody else took <this> home."


async def test_busy_database_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/busy")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("path", ["/broken", "/broken-inside"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_fault_of_ours_tells_nothing_but_a_reference(
    client: httpx.AsyncClient, path: str, accept: str
) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeJsonFormatter())
    logger = logging.getLogger("api.errors")
    logger.addHandler(handler)
    try:
        answer = await client.get(path, headers={"accept": accept})
    finally:
        logger.removeHandler(handler)

    assert answer.status_code == 500
    for inside in (SECRET, "SELECT", "Traceback", "RuntimeError", ".py"):
        assert inside not in answer.text
    (reference,) = re.findall(r"[0-9a-f]{8}-[0-9a-f\-]{27}", answer.text)
    assert reference in stream.getvalue()
    assert SECRET not in stream.getvalue()


async def test_unknown_page_and_wrong_method(client: httpx.AsyncClient) -> None:
    missing = await client.get("/nowhere", headers=BROWSER)
    wrong = await client.post("/healthz")

    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert "There is no such page" in missing.text
    assert wrong.json()["error"] == "http_405"
    assert "GET" in wrong.headers["allow"]


async def test_large_bodies_are_refused(client: httpx.AsyncClient) -> None:
    small = await client.post("/echo", json={"words": "x" * 1_000})
    large = await client.post("/echo", json={"words": "x" * MAX_BODY_BYTES})

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"words": "'
        for _ in range(40):
            yield b"x" * 16_384

    streamed = await client.post(
        "/echo", content=chunks(), headers={"content-type": "application/json"}
    )

    assert small.status_code == 201
    assert (large.status_code, streamed.status_code) == (413, 413)


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"[" * 100_000, b'{"words": "\\ud800"}', b"null", b"[]"],
)
async def test_junk_is_refused_without_a_fault(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/echo", content=body, headers={"content-type": "application/json"})

    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


async def test_database_that_is_away_is_a_503(clock: FixedClock) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    async with running(Settings(database_url=url), clock) as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "database_unavailable"
