"""The benchmark of the API: what it compares with, and how it counts."""

from __future__ import annotations

import pytest
from litestar.testing import AsyncTestClient

from benchmarks.api.bare import create_app
from benchmarks.api.load import Times, make_request
from benchmarks.api.run import drop_arguments

QUERY = """query Q($first: Int!) {
  communities(first: $first) { nodes { ...C } totalCount pageInfo { hasNextPage } }
}
fragment C on Community { id name }"""
DATA = {
    "communities": {
        "nodes": [{"id": "a", "name": "Ayton"}, {"id": "b", "name": "Beeford"}],
        "totalCount": 2,
        "pageInfo": {"hasNextPage": False},
    }
}


# Strawberry's own controller is of an older manner than the web framework wants.
@pytest.mark.filterwarnings("ignore:.*Inferred dependency")
async def test_bare_strawberry_answers_the_same_from_memory() -> None:
    plain = drop_arguments(QUERY)
    assert "$first" not in plain
    async with AsyncTestClient(create_app(plain, DATA)) as client:
        response = await client.post("/graphql", json={"query": plain})
    assert response.json() == {"data": DATA}


def test_unions_cannot_be_compared() -> None:
    with pytest.raises(SystemExit, match="no object type"):
        create_app("{ node(id: 1) { id } }", {"node": None})


def test_times() -> None:
    times = Times(seconds=2.0, cpu_s=1.0, latencies_ms=[float(n) for n in range(100)])
    times.add(Times(seconds=2.0, cpu_s=1.0, latencies_ms=[float(n) for n in range(100)]))
    assert times.per_second == 50
    assert times.cpu_ms == 10
    assert times.percentile_ms(0.5) == 50
    assert times.percentile_ms(0.99) == 99


def test_a_request_is_whole() -> None:
    request = make_request(7, b"{}", {"Cookie": "a=b"})
    head, body = request.split(b"\r\n\r\n")
    assert body == b"{}"
    assert b"Content-Length: 2" in head
    assert head.startswith(b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:7\r\n")
