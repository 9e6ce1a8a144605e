"""What is sent packed and to whom, and that browsers keep files for good."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from core.clock import FixedClock
from core.db import Database
from core.security import mask_secret, unmask_secret
from tests.factories.town import seed_town
from tests.town_pages import Pages, open_client
from web.pages.design.versions import STATIC, static_root

GZIP = {"accept-encoding": "gzip, br", "accept": "text/html"}
STRANGERS = ("/", "/ask", "/help", "/events", "/look", "/volunteer")
_ADDRESS = re.compile(r"/static/[^\"'\s)>]+\.\w+")
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


async def test_pages_are_packed_for_strangers_and_never_for_who_is_signed_in(pages: Pages) -> None:
    for path in STRANGERS:
        packed = await pages.client.get(path, headers=GZIP)
        plain = await pages.client.get(path, headers=GZIP | {"accept-encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip", path
        assert int(packed.headers["content-length"]) < len(packed.content) / 2, path
        assert "content-encoding" not in plain.headers, path
        for answer in (packed, plain):
            assert "Accept-Encoding" in answer.headers["vary"], path
            assert "</html>" in answer.text, path
    first = await pages.client.get("/help", headers=GZIP)
    again = await pages.client.get("/help", headers=GZIP)
    assert first.headers["content-length"] == again.headers["content-length"]
    lengths = {
        (await pages.client.get("/ask", headers=GZIP)).headers["content-length"] for _ in range(12)
    }
    assert len(lengths) > 2, "the length of a stranger's own page tells nothing exact"
    for person in (pages.here.resident_ids[0], pages.here.manager_id):
        cookie = await pages.as_person(person)
        for path in ("/account", "/requests", "/staff/requests", "/help", "/ask"):
            answer = await pages.client.get(path, headers=GZIP | cookie)
            assert "content-encoding" not in answer.headers, path


async def test_no_answer_shows_a_token_that_another_showed(pages: Pages) -> None:
    cookie = await pages.as_person(pages.here.resident_ids[0])
    for headers in (cookie, {}):
        shown = []
        for _ in range(2):
            found = _TOKEN.findall((await pages.client.get("/look", headers=headers)).text)
            assert found
            shown.append(found[0])
        assert shown[0] != shown[1]
        assert unmask_secret(shown[0]) == unmask_secret(shown[1])
        for token, status in ((shown[0], 303), (unmask_secret(shown[1]), 303), ("~AAAA", 403)):
            form = {"csrf": token, "theme": "dark"}
            answer = await pages.client.post(
                "/look", data=form, headers=headers, follow_redirects=False
            )
            assert answer.status_code == status, token


def test_masks_come_off_and_what_is_broken_is_nothing() -> None:
    for secret in ("", "a", "Zx_-09" * 7):
        assert unmask_secret(mask_secret(secret)) == secret
        assert unmask_secret(secret) == secret
    for broken in ("~", "~A", "~AAA", "~====", "~é", "~" + "_" * 43):
        assert unmask_secret(broken) in ("", "\x00")


async def test_every_file_of_a_page_is_named_by_the_version_and_kept_for_good(pages: Pages) -> None:
    cookie = await pages.as_person(pages.here.manager_id)
    found = set()
    for path in (*STRANGERS, "/sw.js", "/staff", "/staff/storm", "/staff/requests", "/offline"):
        text = (await pages.client.get(path, headers=GZIP | cookie)).text
        text = re.sub(r'property="og:image\S* content="[^"]+"|pathname.startsWith\(.*', "", text)
        text = re.sub(r'<meta [^>]*content="https?://[^"]+"', "", text)
        found |= set(_ADDRESS.findall(text))
    manifest = (await pages.client.get("/manifest.webmanifest")).json()
    found |= {icon["src"] for icon in manifest["icons"]}
    assert len(found) > 12
    for address in found:
        assert address.startswith(f"{static_root()}/"), address
        answer = await pages.client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable", address
    name = "css/tokens.css"
    for other, kept in (("/static/~0123456789ab", "no-cache"), ("/static", "public, max-age=3600")):
        answer = await pages.client.get(f"{other}/{name}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, kept)
    assert (await pages.client.get(f"{static_root()}/{name}x")).status_code == 404
    assert (await pages.client.get(f"{static_root()}/../../routes.py")).status_code == 404


def test_files_name_each_other_by_relative_addresses() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in (".css", ".js"):
            assert "/static/" not in path.read_text("utf-8"), path.name
