"""The console: there when it is wanted, and with nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from api.console.pages import FOLDER, make_console
from tests.graphql_api.small_api import make_small_api

ADDRESSES = ("/graphql/console", "/graphql/console.js", "/graphql/console.css")


def make_app(console: str) -> Litestar:
    api = make_small_api(graphql_console=console)
    return Litestar(route_handlers=make_console(api), openapi_config=None, logging_config=None)


async def test_it_is_off_unless_it_is_wanted() -> None:
    assert make_console(make_small_api()) == []
    async with AsyncTestClient(make_app("off")) as client:
        for address in ADDRESSES:
            assert (await client.get(address)).status_code == 404


async def test_the_page_and_what_it_loads() -> None:
    async with AsyncTestClient(make_app("on")) as client:
        for address, kind in zip(
            ADDRESSES, ("text/html", "text/javascript", "text/css"), strict=True
        ):
            response = await client.get(address)
            assert response.status_code == 200
            assert response.headers["content-type"].startswith(kind)
        page = (await client.get("/graphql/console")).text
        assert 'content=""' in page
        assert "Nobody signed in." in page
        documents = await client.get("/graphql/console/documents")
        assert isinstance(documents.json(), dict)


async def test_who_signed_in_may_change_things_from_it() -> None:
    async with AsyncTestClient(make_app("on")) as client:
        response = await client.get("/graphql/console", headers={"Cookie": "talkoot=ada"})
        assert 'name="csrf-token" content="ada&#39;s token"' in response.text
        response = await client.get("/graphql/console", headers={"Cookie": "talkoot=gone"})
        assert response.status_code == 200
        assert "Nobody signed in." in response.text


@pytest.mark.parametrize("place", sorted(FOLDER.glob("console.*")), ids=lambda place: place.name)
def test_nothing_comes_from_elsewhere(place: Path) -> None:
    text = place.read_text(encoding="utf-8")
    assert not re.search(r"https?://|//[a-z]+\.", text)
    assert not re.search(r"style=|<script>|\son[a-z]+=|innerHTML|eval\(", text)
