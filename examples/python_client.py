"""A small typed client: the open requests of a community, page by page. Take what you need of it.

TALKOOT_URL=http://localhost:8000 TALKOOT_TOKEN=... python examples/python_client.py cambridge
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

import httpx
import msgspec

T = TypeVar("T")
COMMUNITY = "query ($slug: String!) { community(slug: $slug) { id name timeZone } }"
OPEN_REQUESTS = """query ($communityId: ID!, $after: String) {
  requests(communityId: $communityId, filter: {statuses: [OPEN]}, first: 100, after: $after) {
    nodes { id kind area cell createdAt deadlineAt } pageInfo { hasNextPage endCursor } } }"""


class Community(msgspec.Struct, rename="camel"):
    id: str
    name: str
    time_zone: str


class OpenRequest(msgspec.Struct, rename="camel"):
    id: str
    kind: str
    area: str | None
    cell: str | None
    created_at: datetime
    deadline_at: datetime | None


class ApiError(Exception):
    """What the API could not do: one sentence, and a code for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Client:
    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def ask(self, document: str, **variables: Any) -> Any:
        """The one field that was asked for; raises what stands in `errors`, or a problem."""
        sent = {"query": document, "variables": variables}
        answer = self.http.post("/graphql", json=sent).json()
        for error in answer.get("errors", ()):
            raise ApiError(error["extensions"]["code"], error["message"])
        (value,) = answer["data"].values()
        if isinstance(value, dict) and str(value.get("__typename")).endswith("Problem"):
            raise ApiError(value["code"], value["message"])
        return value

    def get(self, kind: type[T], document: str, **variables: Any) -> T:
        """The same as an object of that kind; dates and times are read."""
        return msgspec.convert(self.ask(document, **variables), kind)

    def pages(self, kind: type[T], document: str, **variables: Any) -> Iterator[T]:
        """All things of a list, a page at a time."""
        page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
        while page["pageInfo"]["hasNextPage"]:
            page = self.ask(document, after=page["pageInfo"]["endCursor"], **variables)
            yield from msgspec.convert(page["nodes"], list[kind])  # type: ignore[valid-type]  # a kind at run time


if __name__ == "__main__":
    client = Client(os.environ["TALKOOT_URL"], os.environ["TALKOOT_TOKEN"])
    town = client.get(Community, COMMUNITY, slug=sys.argv[1])
    for one in client.pages(OpenRequest, OPEN_REQUESTS, communityId=town.id):
        sys.stdout.write(f"{one.kind}\t{one.area}\t{one.deadline_at}\n")
