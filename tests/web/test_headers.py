"""What browsers are told to refuse, on pages, files, data and errors alike."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import pytest

from core.clock import FixedClock
from core.db import Database
from tests.factories.town import seed_town
from tests.town_pages import Pages, open_client

PATHS = (
    "/sign-in",
    "/look",
    "/nowhere",
    "/static/css/tokens.css",
    "/static/leaflet/leaflet.js",
    "/healthz",
    "/map/cambridge/base.geojson",
)


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


def read_policy(text: str) -> dict[str, set[str]]:
    parts = [part.split() for part in text.split(";") if part.strip()]
    return {words[0]: set(words[1:]) for words in parts}


async def test_every_answer_is_as_strict_as_a_page_with_addresses(pages: Pages) -> None:
    for path in PATHS:
        answer = await pages.client.get(path, headers={"accept": "text/html"})
        policy = read_policy(answer.headers["content-security-policy"])
        assert policy["default-src"] == {"'none'"}
        for kind in ("script-src", "style-src", "connect-src", "form-action", "font-src"):
            assert policy[kind] == {"'self'"}
        assert policy["img-src"] <= {"'self'", "data:"}
        for kind in ("base-uri", "frame-ancestors"):
            assert policy[kind] == {"'none'"}
        assert "unsafe" not in str(policy)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        for power in ("camera", "geolocation", "microphone"):
            assert f"{power}=()" in answer.headers["permissions-policy"]
        age, _, rest = answer.headers["strict-transport-security"].partition(";")
        assert int(age.removeprefix("max-age=")) >= 15_768_000
        assert "includeSubDomains" in rest


async def test_pages_hold_nothing_that_the_policy_refuses(pages: Pages) -> None:
    for path in ("/sign-in", "/look", "/nowhere"):
        text = (await pages.client.get(path, headers={"accept": "text/html"})).text
        for refused in (" style=", "<style", "<script>", " onclick=", "javascript:", "http://"):
            assert refused not in text
        assert 'dir="ltr"' in text


async def test_files_are_sent_packed_once_and_nothing_else_is_sent(pages: Pages) -> None:
    path = "/static/css/components.css"
    packed = await pages.client.get(path, headers={"accept-encoding": "gzip"})
    plain = await pages.client.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.content == plain.content
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-type"] == "text/css; charset=utf-8"
    again = await pages.client.get(path, headers={"if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await pages.client.head(path)).status_code == 200
    for name, kind in (("htmx/htmx.min.js", "javascript"), ("js/map.js", "javascript")):
        assert kind in (await pages.client.get(f"/static/{name}")).headers["content-type"]
    for name in (
        "../routes.py",
        "%2e%2e/routes.py",
        "css/../../routes.py",
        "leaflet/../__init__.py",
        "leaflet/%2e%2e/%2e%2e/apps.py",
        "/etc/passwd",
        "css",
        "",
        "css/tokens.css%00.png",
        "nothing.css",
    ):
        assert (await pages.client.get(f"/static/{name}")).status_code == 404


async def test_the_ground_of_a_city_is_a_public_file(pages: Pages) -> None:
    path = "/map/snowville/base.geojson"
    first = await pages.client.get(path)
    assert first.status_code == 200
    data = first.json()
    kinds = {feature["properties"]["k"] for feature in data["features"]}
    assert kinds >= {"land", "street", "area"}
    assert data["attribution"]
    assert len(gzip.compress(first.content)) < 120_000
    version = first.headers["etag"].removeprefix('W/"').rstrip('"')
    same = await pages.client.get(f"{path}?v={version}")
    assert "immutable" in same.headers["cache-control"]
    old = await pages.client.get(f"{path}?v=0")
    assert "immutable" not in old.headers["cache-control"]
    assert (await pages.client.get("/map/nowhere/base.geojson")).status_code == 404
    assert (await pages.client.get("/style")).status_code == 404
