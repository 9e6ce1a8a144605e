"""Notices on one's own page: who may turn them on and off, and what the phone is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import AsyncTestClient

from api.app import create_app
from core.clock import FixedClock
from core.db import Database
from core.settings import Settings
from messaging.push.keys import make_key, open_key
from people.push_models import PushSubscription
from people.push_repository import list_of
from tests.factories.town import seed_town
from tests.push_service import PushBrowser
from tests.town_pages import OURS, SITE, Pages, open_client

PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
SETTINGS = {
    "TALKOOT_PUBLIC_URL": SITE,
    "TALKOOT_MAIL": "none",
    "TALKOOT_SMS": "none",
    "TALKOOT_PAGES_KEEP_S": "0",
    "TALKOOT_PUSH_KEY": make_key(),
    "TALKOOT_PUSH_CONTACT": "mailto:snow@city.example",
}
HERE = "/account?said={}#notices"


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    town = await seed_town(database, clock, slug="snowville")
    settings = Settings.from_environment(SETTINGS | {"TALKOOT_DATABASE_URL": database_url})
    async with AsyncTestClient(create_app(settings, clock=clock), base_url=SITE) as client:
        yield Pages(client, database, clock, town, town)


def said_by(name: str) -> dict[str, str]:
    """What a browser fills into the form."""
    return {"endpoint": f"https://push.example/send/{name}", **PushBrowser().keys()}


async def open_page(pages: Pages, headers: dict[str, str]) -> str:
    pages.client.cookies.clear()
    return (await pages.client.get("/account", headers=headers)).text


async def press(pages: Pages, headers: dict[str, str], path: str, **fields: str) -> Any:
    token = re.search(r'name="csrf" value="([^"]+)"', await open_page(pages, headers))
    assert token is not None
    return await pages.client.post(
        path,
        data={"csrf": token[1], **fields},
        headers=headers | OURS | {"user-agent": PHONE},
        follow_redirects=False,
    )


async def rows_of(pages: Pages, person_id: UUID) -> list[PushSubscription]:
    async with pages.database.read() as session:
        return await list_of(session, person_id)


async def test_notices_are_turned_on_in_one_browser_and_off_in_any(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    phone, laptop = await pages.as_person(me), await pages.as_person(me)
    key = open_key(Settings.from_environment(SETTINGS))
    assert key is not None
    before = await open_page(pages, phone)
    assert f'data-key="{key.public_text}"' in before
    card = re.search(r"<section[^>]*data-notices-card[^>]*>", before)
    assert card is not None
    assert " hidden" in card[0], "nothing to see without JavaScript"

    said = said_by("phone")
    for _ in range(2):
        answer = await press(pages, phone, "/account/notices", **said)
        assert answer.headers["location"] == HERE.format("notices_on")
    rows = await rows_of(pages, me)
    assert len(rows) == 1
    own, other = await open_page(pages, phone), await open_page(pages, laptop)
    for page in (own, other):
        assert "Firefox on Android" in page
        assert f"/account/notices/{rows[0].id}/remove" in page
        for secret in (*said.values(), SETTINGS["TALKOOT_PUSH_KEY"]):
            assert secret not in page
    assert "data-notices-on-here" in own
    assert "data-notices-on-here" not in other
    for _ in range(2):
        gone = await press(pages, laptop, f"/account/notices/{rows[0].id}/remove")
        assert gone.headers["location"] == HERE.format("notices_off")
    assert await rows_of(pages, me) == []
    await press(pages, phone, "/account/notices", **said)
    await press(pages, phone, "/sign-out")
    assert await rows_of(pages, me) == []


async def test_nobody_touches_those_of_others_or_without_the_form(pages: Pages) -> None:
    me, other = pages.here.resident_ids[:2]
    mine, foreign = await pages.as_person(me), await pages.as_person(other)
    await press(pages, mine, "/account/notices", **said_by("phone"))
    row = (await rows_of(pages, me))[0]
    path = f"/account/notices/{row.id}/remove"

    assert (await press(pages, foreign, path)).status_code == 303
    assert str(row.id) not in await open_page(pages, foreign)
    for target, fields in ((path, {}), ("/account/notices", said_by("x"))):
        pages.client.cookies.clear()
        forged = await pages.client.post(target, data=fields, headers=mine | OURS)
        assert forged.status_code == 403, target
        stranger = await pages.client.post(target, data=fields, headers=OURS)
        assert stranger.status_code in (401, 403), target
    assert [found.id for found in await rows_of(pages, me)] == [row.id]


async def test_what_no_browser_says_changes_nothing(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    mine = await pages.as_person(me)
    good = said_by("phone")
    for wrong in (
        {},
        good | {"endpoint": "http://push.example/a"},
        good | {"endpoint": "https://127.0.0.1/a"},
        good | {"endpoint": "https://192.168.0.7/a"},
        good | {"p256dh": "AAAA"},
        good | {"auth": "<b>"},
    ):
        answer = await press(pages, mine, "/account/notices", **wrong)
        assert answer.headers["location"] == HERE.format("notices_failed")
    assert await rows_of(pages, me) == []
    pages.client.cookies.clear()
    shown = await pages.client.get("/account?said=notices_failed&lang=es", headers=mine)
    assert "Inténtelo de nuevo" in shown.text


async def test_without_a_key_nothing_is_offered(
    pages: Pages, database_url: str, clock: FixedClock
) -> None:
    me = pages.here.resident_ids[0]
    async with open_client(database_url, clock) as client:
        off = Pages(client, pages.database, clock, pages.here, pages.here)
        mine = await off.as_person(me)
        assert "notices" not in await open_page(off, mine)
        refused = await press(off, mine, "/account/notices", **said_by("phone"))
        assert refused.status_code == 404
    assert await rows_of(pages, me) == []


async def test_the_worker_of_the_phone_opens_pages_of_ours_alone(pages: Pages) -> None:
    worker = (await pages.get("/sw.js")).text
    assert 'addEventListener("push"' in worker
    assert "url.origin === origin" in worker
