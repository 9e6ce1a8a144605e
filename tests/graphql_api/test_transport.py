"""GraphQL over HTTP and event streams: statuses, media types, masks, limits, who may."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import strawberry
from litestar import Litestar
from litestar.testing import AsyncTestClient
from strawberry.extensions import SchemaExtension

from api.transport.rates import MAX_STREAMS, REFUSED_PER_MINUTE
from api.transport.service import GraphQLApi, make_api
from core.clock import FixedClock
from tests.conftest import EVENING_OF_SNOW
from tests.graphql_api.small_api import (
    BO,
    SECRET,
    SIGN_IN,
    TOKEN,
    Query,
    SmallDoor,
    make_small_api,
    make_small_app,
)

Client = AsyncTestClient[Litestar]
GRAPHQL = "application/graphql-response+json"
BEARER = {"Authorization": "Bearer bo"}
COOKIE = {"Cookie": "talkoot=ada"}
CSRF = {**COOKIE, "X-CSRF-Token": "ada's token"}
RENAME = 'mutation { rename(name: "x") }'


@pytest.fixture
def door() -> SmallDoor:
    return SmallDoor()


@pytest.fixture
def api(door: SmallDoor) -> GraphQLApi:
    return make_small_api(door=door)


@pytest.fixture
async def client(api: GraphQLApi) -> AsyncIterator[Client]:
    async with AsyncTestClient(make_small_app(api)) as opened:
        yield opened


async def ask(
    client: Client, query: str, headers: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, **more}, headers=headers)


def code_of(response: httpx.Response) -> str:
    body = response.json()
    assert "data" not in body
    code: str = body["errors"][0]["extensions"]["code"]
    return code


async def test_an_answer(client: Client) -> None:
    response = await ask(client, "query($n: String!) {hello(name: $n)}", variables={"n": "Bo"})
    assert response.status_code == 200
    assert response.json() == {
        "data": {"hello": "Hello, Bo"},
        "extensions": {"cost": {"requested": 0, "limit": 1_000}},
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_cost_goes_with_who_asks(client: Client) -> None:
    response = await ask(client, "{things(first: 3) {nodes {number}}}", BEARER)
    assert response.json()["extensions"] == {"cost": {"requested": 4, "limit": 5_000}}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{", None),
        ("{nothing}", None),
        ("query($n: Int!) {things(first: $n) {totalCount}}", {"n": "x"}),
        ("query($n: Int!) {things(first: $n) {totalCount}}", None),
        ("{things(first: 101) {totalCount}}", None),
        ("{" + "thing{" * 9 + "number" + "}" * 10, None),
    ],
    ids=["syntax", "field", "variable", "no variable", "page", "nesting"],
)
async def test_statuses_of_what_is_wrong_with_a_document(
    client: Client, query: str, variables: dict[str, Any] | None
) -> None:
    for accept, status in ((GRAPHQL, 400), ("*/*", 400), ("application/json", 200)):
        response = await ask(client, query, {"Accept": accept}, variables=variables)
        assert response.status_code == status
        assert code_of(response)
        kind = GRAPHQL if accept == GRAPHQL else "application/json"
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"


async def post(client: Client, body: bytes, **headers: str) -> httpx.Response:
    sent = {
        "Content-Type": "application/json",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return await client.post("/graphql", content=body, headers=sent)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{}", {}, 400, "no_document"),
        (b"[]", {}, 400, "no_batching"),
        (b"", {}, 400, "bad_json"),
        (b'{"query": "{hello}", "operationName": 1}', {}, 400, "bad_request"),
        (b'{"query": "{hello}"}', {"Content_Type": "text/plain"}, 415, "media_type_not_taken"),
        (b'{"query": "{hello}"}', {"Content_Type": ""}, 415, "media_type_not_taken"),
        (b'{"query": "{hello}"}', {"Content_Encoding": "gzip"}, 415, "encoding_not_taken"),
        (b'{"query": "{hello}"}', {"Accept": "text/html"}, 406, "not_acceptable"),
        (b'{"query": "' + b" " * 300_000 + b'"}', {}, 413, "body_too_big"),
        (b'{"query": "{hello(name: \\"\\\\u0000\\")}"}', {}, 400, "bad_text"),
    ],
)
async def test_statuses_of_what_is_wrong_with_a_request(
    client: Client, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    # Also for those who ask for plain JSON by name: this is no GraphQL request at all.
    response = await post(client, body, **{"Accept": "application/json", **headers})
    assert (response.status_code, code_of(response)) == (status, code)


async def test_several_operations_need_a_name(client: Client) -> None:
    two = 'query A {hello} mutation B {rename(name: "x")}'
    response = await ask(client, two)
    assert (response.status_code, code_of(response)) == (400, "operation_name_missing")
    assert (await ask(client, two, operationName="A")).json()["data"] == {"hello": "Hello, world"}
    assert (await ask(client, two, operationName="C")).status_code == 400


async def test_get_is_off(client: Client) -> None:
    response = await client.get("/graphql", params={"query": "{hello}"})
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]
    assert "GET" not in response.headers["allow"]


async def test_get_when_it_is_on(door: SmallDoor) -> None:
    api = make_small_api(door=door, graphql_get="on")
    async with AsyncTestClient(make_small_app(api)) as client:
        query = "query($n: String!) {hello(name: $n)}"
        params = {"query": query, "variables": '{"n": "Bo"}'}
        response = await client.get("/graphql", params=params)
        assert response.json()["data"] == {"hello": "Hello, Bo"}
        response = await client.get("/graphql", params={"query": RENAME}, headers=BEARER)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert door.world.renamed == 0
        assert (await client.get("/graphql")).status_code == 400


async def test_errors_of_ours_are_masked_and_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = await ask(client, "{broken tooBigANumber hello}")
    assert response.status_code == 200
    body = response.json()
    assert body["data"] == {"broken": None, "tooBigANumber": None, "hello": "Hello, world"}
    for error in body["errors"]:
        assert error["extensions"]["code"] == "broken"
        assert error["locations"]
    assert [error["path"] for error in body["errors"]] == [["broken"], ["tooBigANumber"]]
    assert SECRET not in response.text
    assert "99999999999123" not in response.text
    references = {error["extensions"]["reference"] for error in body["errors"]}
    logged = {str(record.talkoot_fields["reference_id"]) for record in caplog.records}  # type: ignore[attr-defined] - set by the logger of the house
    assert references == logged


async def test_foreseen_errors_are_said(client: Client) -> None:
    (error,) = (await ask(client, "{taken}")).json()["errors"]
    assert error["message"] == "Somebody was faster. Choose another."
    assert error["extensions"]["code"] == "taken"
    assert error["extensions"]["reference"]


async def test_what_takes_too_long_is_stopped(door: SmallDoor) -> None:
    api = make_small_api(door=door, limit_s=1)
    async with AsyncTestClient(make_small_app(api)) as client:
        response = await ask(client, "{slow}", {"Accept": GRAPHQL})
        assert (response.status_code, code_of(response)) == (504, "took_too_long")
        assert "1 seconds" in response.text
        assert door.world.cancelled == 1
        assert (await ask(client, "{a: slow(seconds: 0.01)}")).json()["data"] == {"a": "done"}


async def test_who_asks(client: Client, door: SmallDoor) -> None:
    assert (await ask(client, "{whoami}")).json()["data"] == {"whoami": None}
    assert (await ask(client, "{whoami}", BEARER)).json()["data"] == {"whoami": str(BO)}
    response = await ask(client, "{whoami}", {"Authorization": "Bearer x"})
    assert (response.status_code, code_of(response)) == (401, "not_signed_in")
    assert response.headers["www-authenticate"] == "Bearer"
    door.sent_away.add(TOKEN)
    assert (await ask(client, "{whoami}", BEARER)).status_code == 401


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("{whoami}", COOKIE, 200),
        ("{whoami}", {**COOKIE, "Sec-Fetch-Site": "same-origin"}, 200),
        ("{whoami}", {**COOKIE, "Sec-Fetch-Site": "cross-site"}, 403),
        ("{whoami}", {**COOKIE, "Sec-Fetch-Site": "same-site"}, 403),
        ("{whoami}", {**COOKIE, "Origin": "https://elsewhere.example"}, 403),
        ("{whoami}", {**COOKIE, "Origin": "null"}, 403),
        ("{whoami}", {**COOKIE, "Origin": "http://localhost:8000"}, 200),
        (RENAME, COOKIE, 403),
        (RENAME, {**COOKIE, "X-CSRF-Token": "another"}, 403),
        (RENAME, CSRF, 200),
        (RENAME, {**CSRF, "Origin": "https://elsewhere.example"}, 403),
        (RENAME, BEARER, 200),
        (RENAME, {}, 200),
        ("subscription {count}", {**COOKIE, "Accept": "text/event-stream"}, 403),
        ("subscription {count}", {**CSRF, "Accept": "text/event-stream"}, 200),
    ],
)
async def test_other_sites_cannot_make_a_browser_ask(
    client: Client, door: SmallDoor, query: str, headers: dict[str, str], status: int
) -> None:
    response = await ask(client, query, headers)
    assert response.status_code == status
    assert door.world.renamed == (status == 200 and query == RENAME)


async def test_calls_are_counted_by_person() -> None:
    door = SmallDoor(clock=FixedClock(EVENING_OF_SNOW))
    api = make_small_api(door=door, graphql_rate=20)
    async with AsyncTestClient(make_small_app(api)) as client:
        for _ in range(20):
            assert (await ask(client, "{hello}", BEARER)).status_code == 200
        response = await ask(client, "{hello}", BEARER)
        assert (response.status_code, code_of(response)) == (429, "called_too_often")
        assert int(response.headers["retry-after"]) == 3
        # Another person is another matter, and in a while all is well again.
        assert (await ask(client, "{hello}", COOKIE)).status_code == 200
        assert isinstance(door.clock, FixedClock)
        door.clock.advance(timedelta(seconds=3))
        assert (await ask(client, "{hello}", BEARER)).status_code == 200


async def test_each_mutation_in_a_document_counts() -> None:
    door = SmallDoor(clock=FixedClock(EVENING_OF_SNOW))
    api = make_small_api(door=door, graphql_rate=100)
    async with AsyncTestClient(make_small_app(api)) as client:
        ten = "mutation {" + " ".join(f'a{n}: rename(name: "x")' for n in range(10)) + "}"
        for _ in range(2):
            assert (await ask(client, ten, BEARER)).status_code == 200
        response = await ask(client, RENAME, BEARER)
        assert response.status_code == 429
        assert door.world.renamed == 20
        assert (await ask(client, "{hello}", BEARER)).status_code == 200
        fifty = "mutation {" + " ".join(f'a{n}: rename(name: "x")' for n in range(50)) + "}"
        assert code_of(await ask(client, fifty, COOKIE)) == "too_many_aliases"


async def test_wrong_tokens_are_counted_by_address() -> None:
    api = make_small_api(door=SmallDoor(clock=FixedClock(EVENING_OF_SNOW)))
    app = make_small_app(api)
    transport = httpx.ASGITransport(app=app, client=("8.8.8.8", 1))
    wrong = {"Authorization": "Bearer wrong"}
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        for _ in range(REFUSED_PER_MINUTE):
            response = await client.post("/graphql", json={"query": "{hello}"}, headers=wrong)
            assert response.status_code == 401
        response = await client.post("/graphql", json={"query": "{hello}"}, headers=wrong)
        assert response.status_code == 429
        response = await client.post("/graphql", json={"query": "{hello}"}, headers=BEARER)
        assert response.status_code == 200


def read_events(text: str) -> list[tuple[str, Any]]:
    events = []
    for block in text.replace("\r", "").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            data = lines.get("data", "")
            events.append((lines["event"], json.loads(data) if data else None))
    return events


EVENTS = {"Accept": "text/event-stream"}


async def test_subscriptions_need_a_stream(client: Client) -> None:
    response = await ask(client, "subscription {count}")
    assert (response.status_code, code_of(response)) == (400, "subscription_needs_stream")


async def test_a_stream_of_events(client: Client) -> None:
    response = await ask(client, "subscription {count(to: 2)}", EVENTS)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    *nexts, last = read_events(response.text)
    assert [event["data"] for _, event in nexts] == [{"count": 0}, {"count": 1}]
    assert last == ("complete", None)


async def test_errors_in_a_stream(client: Client) -> None:
    first, second, last = read_events((await ask(client, "subscription {breaking}", EVENTS)).text)
    assert first[1]["data"] == {"breaking": 1}
    assert second[1]["errors"][0]["extensions"]["code"] == "broken"
    assert SECRET not in str(second)
    assert last[0] == "complete"
    found = read_events((await ask(client, "{nothing}", EVENTS)).text)
    assert [kind for kind, _ in found] == ["next", "complete"]
    assert found[0][1]["errors"]
    # What is no GraphQL request is no stream either.
    assert (await client.post("/graphql", json={}, headers=EVENTS)).status_code == 400


async def test_each_event_has_a_context_of_its_own(client: Client, door: SmallDoor) -> None:
    await ask(client, "subscription {contexts {number}}", EVENTS)
    assert door.world.contexts == 1 + 3


async def test_a_stream_ends_with_the_sign_in(
    api: GraphQLApi, door: SmallDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.transport.sse.RECHECK_S", 0.05)
    # In this event loop, so that the stream goes on beside the test.
    transport = httpx.ASGITransport(app=make_small_app(api))
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        body = {"query": "subscription {forever}"}
        asking = asyncio.create_task(client.post("/graphql", json=body, headers={**CSRF, **EVENTS}))
        async with asyncio.timeout(60):
            while not door.asked_count:  # noqa: ASYNC110 - it counts, and has no event
                await asyncio.sleep(0.01)
        assert not asking.done()
        door.sent_away.add(SIGN_IN)
        events = read_events((await asyncio.wait_for(asking, 10)).text)
    assert [kind for kind, _ in events] == ["next", "next", "complete"]
    assert events[1][1]["errors"][0]["extensions"]["code"] == "not_signed_in"
    assert door.world.closed_streams == 1


async def test_one_person_has_so_many_streams(api: GraphQLApi, client: Client) -> None:
    api.rates.streams[f"person:{BO}"] = MAX_STREAMS
    events = read_events((await ask(client, "subscription {count}", {**BEARER, **EVENTS})).text)
    assert events[0][1]["errors"][0]["extensions"]["code"] == "called_too_often"
    api.rates.streams.clear()
    events = read_events((await ask(client, "subscription {count}", {**BEARER, **EVENTS})).text)
    assert len(events) == 4
    assert not api.rates.streams


def test_extensions_of_a_schema_are_refused() -> None:
    """They would not run, so who adds one must hear of it."""
    schema = strawberry.Schema(query=Query, extensions=[SchemaExtension])
    with pytest.raises(ValueError, match="runs no extensions"):
        make_api(schema, SmallDoor())
