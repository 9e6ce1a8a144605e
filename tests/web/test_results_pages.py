"""The page of a campaign's results and its files, as browsers and spreadsheets get them."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import select

from api.app import create_app
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.results.errors import ResultsNotForYou, ResultsTooEarly
from campaigns.results.models import ResultPublication
from campaigns.results.publishing import publish_results, withdraw_results
from core.clock import FixedClock
from core.db import Database
from core.events import Event
from core.settings import Settings
from people.kinds import Role
from people.signing_in.kinds import Method
from people.signing_in.sessions import start_sign_in
from tests.factories.campaign_results import make_effect, make_results
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from web.pages.campaign_results import render_file

SITE = "https://talkoot.example"
PATH = "/campaigns/snowville/bike-month/results"

Client = AsyncTestClient[Litestar]


@dataclass(frozen=True)
class Site:
    client: Client
    town: Town
    cookie: dict[str, str]
    """Of a manager."""


@pytest.fixture
async def site(database: Database, database_url: str, clock: FixedClock) -> AsyncIterator[Site]:
    town = await seed_town(database, clock, slug="snowville")
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
        }
    )
    async with database.begin() as session:
        live = await start_sign_in(
            session, town.manager_id, Method.LINK, device="firefox_on_linux", now=clock.now()
        )
    async with AsyncTestClient(create_app(settings, clock=clock), base_url=SITE) as client:
        yield Site(client, town, {"Cookie": f"__Host-talkoot={live.secret}"})


async def publish(site: Site, database: Database, clock: FixedClock) -> None:
    actor = actor_as(Role.MANAGER, site.town.community_id, site.town.manager_id)
    async with database.begin() as session:
        await publish_results(session, actor, site.town.campaigns.campaign_ids[0], now=clock.now())


async def test_nothing_is_public_until_it_is_published(
    site: Site, database: Database, clock: FixedClock
) -> None:
    assert (await site.client.get(PATH)).status_code == 404
    assert (await site.client.get(PATH.replace("bike-month", "nothing"))).status_code == 404
    assert (await site.client.get(PATH.replace("snowville", "nowhere"))).status_code == 404

    await publish(site, database, clock)
    page = await site.client.get(PATH)

    assert page.status_code == 200
    assert "Published as of" in page.text
    assert "Files" not in page.text
    actor = actor_as(Role.MANAGER, site.town.community_id, site.town.manager_id)
    for _ in range(2):
        async with database.begin() as session:
            await withdraw_results(
                session, actor, site.town.campaigns.campaign_ids[0], now=clock.now()
            )
    assert (await site.client.get(PATH)).status_code == 404


async def test_what_was_published_stays_as_it_was(
    site: Site, database: Database, clock: FixedClock
) -> None:
    await publish(site, database, clock)
    before = (await site.client.get(PATH)).text
    async with database.begin() as session:
        campaign = await session.get_one(Campaign, site.town.campaigns.campaign_ids[0])
        campaign.cost_cents = 99_900
    assert "$999" in (await site.client.get(PATH, headers=site.cookie)).text
    clock.advance(timedelta(days=1))

    assert (await site.client.get(PATH)).text == before
    late = await site.client.get(PATH, headers=site.cookie)
    assert "Published as of" in late.text, "whose sign-in has ended sees what is public"


async def test_staff_see_every_figure_and_take_files(
    site: Site, database: Database, clock: FixedClock
) -> None:
    page = await site.client.get(PATH, headers=site.cookie)
    assert page.status_code == 200
    assert "is not public" in page.text
    names = re.findall(rf'href="{PATH}/([^"]+)"', page.text)
    assert len(names) == 5
    for name in names:
        answer = await site.client.get(f"{PATH}/{name}", headers=site.cookie)
        assert answer.status_code == 200, name
        assert name in answer.headers["content-disposition"]
        if name.endswith(".geojson"):
            found = json.loads(answer.text)
            assert {part["properties"]["level"] for part in found["features"]} >= {"area"}
        else:
            rows = list(csv.reader(io.StringIO(answer.text)))
            assert len({len(row) for row in rows}) == 1
    async with database.read() as session:
        made = (await session.scalars(select(Event).where(Event.kind == "export.made"))).all()
    assert len(made) == 5
    assert {event.actor_id for event in made} == {site.town.manager_id}


async def test_files_are_for_staff_alone(site: Site, database: Database, clock: FixedClock) -> None:
    assert (await site.client.get(f"{PATH}/areas.csv")).status_code == 404
    await publish(site, database, clock)
    assert (await site.client.get(f"{PATH}/areas.csv")).status_code == 403
    assert (await site.client.get(f"{PATH}/../x.csv", headers=site.cookie)).status_code == 404
    assert (await site.client.get(f"{PATH}/people.csv", headers=site.cookie)).status_code == 404


async def test_who_may_publish_and_what(site: Site, database: Database, clock: FixedClock) -> None:
    running, draft = site.town.campaigns.campaign_ids[:2]
    coordinator = actor_as(Role.COORDINATOR, site.town.community_id, site.town.coordinator_id)
    with pytest.raises(ResultsNotForYou):
        async with database.begin() as session:
            await publish_results(session, coordinator, running, now=clock.now())
    manager = actor_as(Role.MANAGER, site.town.community_id, site.town.manager_id)
    with pytest.raises(ResultsTooEarly):
        async with database.begin() as session:
            await publish_results(session, manager, draft, now=clock.now())
    async with database.read() as session:
        assert (await session.scalars(select(ResultPublication))).all() == []
        assert (await session.get_one(Campaign, draft)).status is CampaignStatus.DRAFT


async def test_page_keeps_the_rules_of_the_house(site: Site) -> None:
    for lang in ("en", "es"):
        page = await site.client.get(f"{PATH}?lang={lang}", headers=site.cookie)
        check_page(page.text, lang)
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert all('src="/static/' in one for one in scripts), "no script stands in the page"
        assert " style=" not in page.text
        assert "<style" not in page.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_file_stands_alone(language: str) -> None:
    text = render_file(make_results(make_effect(0.06), make_effect(0.0, is_main=False)), language)
    check_page(text, language)
    assert "@page" in text
    assert "/static/" not in text
    assert "https://" not in re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL)


def check_page(text: str, language: str) -> None:
    """Headings in order, a title and a table for each chart, no id twice."""
    assert f'<html lang="{language}"' in text
    assert text.count("<h1>") == 1
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
    main = levels[levels.index(1) :]
    assert all(after <= before + 1 for before, after in itertools.pairwise(main))
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for named in re.findall(r'aria-labelledby="([^"]+)"', text):
        assert named in ids, named
    charts = re.findall(r"<svg[^>]*>.*?</svg>", text, flags=re.DOTALL)
    for chart in charts:
        ElementTree.fromstring(chart)
        assert 'role="img"' in chart or 'aria-hidden="true"' in chart
        assert ("<title" in chart) is ('role="img"' in chart)
    assert text.count("<table") == text.count("<caption") > 0
