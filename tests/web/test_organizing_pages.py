"""The pages on which managers plan what a town does together."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from campaigns.audiences.models import Segment
from campaigns.mailings.models import Mailing
from campaigns.programmes.kinds import CampaignStatus, GoalUnit, TeamRole
from campaigns.programmes.models import Campaign, CampaignTeam
from campaigns.results.models import ResultPublication
from core.clock import FixedClock
from core.db import Database
from tests.factories.town import seed_town
from tests.town_pages import OURS, Pages, count, open_client, press


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville", scale=6)
    there = await seed_town(database, clock, slug="elsewhere", scale=4)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


async def find_campaign(pages: Pages, slug: str) -> Campaign | None:
    async with pages.database.read() as session:
        row: Campaign | None = await session.scalar(select(Campaign).where(Campaign.slug == slug))
        return row


async def everybody(pages: Pages) -> dict[str, dict[str, str]]:
    return {
        "stranger": {},
        "member": await pages.as_person(pages.here.resident_ids[0]),
        "foreign": await pages.as_person(pages.there.manager_id),
        "coordinator": await pages.as_person(pages.here.coordinator_id),
        "manager": await pages.as_person(pages.here.manager_id),
    }


async def test_who_sees_the_pages_of_campaigns(pages: Pages) -> None:
    own = pages.here.campaigns.campaign_ids[0]
    who = await everybody(pages)
    expected = {
        "/staff/campaigns": (303, 403, 200, 200, 200),
        "/staff/campaigns/new": (303, 403, 200, 403, 200),
        "/staff/groups": (303, 403, 200, 200, 200),
        "/staff/events": (303, 403, 200, 200, 200),
        f"/staff/campaigns/{own}": (303, 403, 403, 200, 200),
        f"/staff/campaigns/{own}/do/finish": (303, 403, 403, 403, 200),
        f"/staff/campaigns/{own}/do/nonsense": (303, 403, 403, 404, 404),
        f"/staff/campaigns/{own}/edit/goal": (303, 403, 403, 403, 200),
        f"/staff/campaigns/{own}/edit/nonsense": (303, 403, 403, 403, 404),
    }
    for path, statuses in expected.items():
        seen = [
            (await pages.client.get(path, headers=headers, follow_redirects=False)).status_code
            for headers in who.values()
        ]
        assert tuple(seen) == statuses, path
    for room in ("campaigns", "audiences", "mailings", "groups", "events"):
        shown = await pages.get(f"/staff/{room}?after=nonsense", who["manager"])
        assert shown.status_code == 200, room
    listed = (await pages.get("/staff/campaigns", who["foreign"])).text
    assert "snowville" not in listed
    assert "elsewhere" not in (await pages.get("/staff/campaigns", who["manager"])).text


async def test_a_campaign_is_planned_step_by_step_and_begins(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    wrong = await press(pages, "/staff/campaigns/new", manager, {"kind": "moon", "title": " "})
    assert wrong.status_code == 422
    assert wrong.text.count("Choose what the campaign is about") == 2
    form = {"kind": "biking", "title": "Ride to Work, ¡ya!"}
    made = await press(pages, "/staff/campaigns/new", manager, form)
    again = await press(pages, "/staff/campaigns/new", manager, form)
    row = await find_campaign(pages, "ride-to-work-ya")
    assert (made.status_code, again.status_code) == (303, 422)
    assert row is not None
    assert row.status is CampaignStatus.DRAFT
    base = f"/staff/campaigns/{row.id}"
    assert made.headers["location"] == f"{base}/edit/goal?said=kept"

    bad = {"goal_unit": "rides", "goal_value": "many", "then": "next"}
    refused = await press(pages, f"{base}/edit/goal", manager, bad)
    assert refused.status_code == 422
    assert "Write a number above 0" in refused.text
    assert 'value="many"' in refused.text
    steps = [
        ("goal", {"goal_unit": "rides", "goal_value": "1,200", "summary": "Together."}, "who"),
        ("who", {"areas": ["Riverside", "The Port"], "languages": ["es", "en"]}, "measure"),
        ("measure", {"comparison_areas": ["East Cambridge"]}, "team"),
        ("team", {f"role-{pages.here.coordinator_id}": "editor", "cost": "$250"}, "dates"),
        ("dates", {"starts_on": "2026-05-01", "ends_on": "2026-05-31"}, None),
    ]
    for step, values, following in steps:
        kept = await press(pages, f"{base}/edit/{step}", manager, values | {"then": "next"})
        assert kept.status_code == 303, step
        goal = f"{base}/edit/{following}" if following else base
        assert kept.headers["location"] == f"{goal}?said=kept"
    row = await find_campaign(pages, "ride-to-work-ya")
    assert row is not None
    assert (row.goal_unit, row.goal_value, row.cost_cents) == (GoalUnit.RIDES, 1200, 25_000)
    assert (row.areas, row.comparison_areas) == (["Riverside", "The Port"], ["East Cambridge"])
    assert (row.ends_at - row.starts_at).days == 31
    async with pages.database.read() as session:
        team = {one.person_id: one.role for one in await session.scalars(
            select(CampaignTeam).where(CampaignTeam.campaign_id == row.id)
        )}  # fmt: skip
    assert team[pages.here.coordinator_id] is TeamRole.EDITOR

    both = await press(pages, f"{base}/edit/measure", manager, {"comparison_areas": ["Riverside"]})
    assert both.status_code == 422
    page = (await pages.get(base, manager)).text
    assert "Rides: 1,200" in page
    assert "Put it on the calendar" in page
    for _ in range(2):
        done = await press(pages, f"{base}/do/schedule", manager, {})
        assert done.status_code == 303
    started = await press(pages, f"{base}/do/start", manager, {})
    assert started.status_code == 303
    row = await find_campaign(pages, "ride-to-work-ya")
    assert row is not None
    assert row.status is CampaignStatus.RUNNING
    late = await press(pages, f"{base}/edit/goal", manager, {"goal_value": "5", "summary": "New."})
    assert late.status_code == 303
    row = await find_campaign(pages, "ride-to-work-ya")
    assert row is not None
    assert (row.goal_value, row.summary) == (1200, "New.")


async def test_results_are_published_once_and_taken_back(pages: Pages) -> None:
    own = pages.here.campaigns.campaign_ids[0]
    base = f"/staff/campaigns/{own}"
    coordinator = await pages.as_person(pages.here.coordinator_id)
    manager = await pages.as_person(pages.here.manager_id)
    answer = await pages.client.post(
        f"{base}/results", data={"do": "publish"}, headers=manager | OURS
    )
    assert answer.status_code == 403
    page = await pages.get(base, coordinator)
    assert "Publish the figures" not in page.text
    for _ in range(2):
        told = await press(pages, f"{base}/results", manager, {"do": "publish"}, page=base)
        assert told.status_code == 303
    assert await count_open(pages, own) == 1
    assert "Published with the figures of" in (await pages.get(base, manager)).text
    assert "Publicado" in (await pages.get(f"{base}?lang=es", manager)).text
    await press(pages, f"{base}/results", manager, {"do": "withdraw"}, page=base)
    assert await count_open(pages, own) == 0


async def count_open(pages: Pages, campaign_id: UUID) -> int:
    async with pages.database.read() as session:
        query = select(func.count()).where(
            ResultPublication.campaign_id == campaign_id, ResultPublication.withdrawn_at.is_(None)
        )
        return int(await session.scalar(query) or 0)


async def test_people_are_described_row_by_row_and_counted_blurred(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    path = "/staff/audiences/new"
    added = await press(pages, path, manager, {"do": "add", "add": "language"})
    assert added.status_code == 200
    assert 'name="kind-0" value="language"' in added.text
    empty = await press(pages, path, manager, {"do": "look", "kind-0": "language"})
    assert empty.status_code == 422
    assert empty.text.count("Choose something, or take it away") == 2
    foreign = await press(
        pages, path, manager, {"do": "look", "kind-0": "group", "value-0": str(uuid4())}
    )
    assert foreign.status_code == 422

    row = {"kind-0": "role", "value-0": "resident", "not-0": "1", "rest_days": "7"}
    looked = await press(pages, path, manager, row | {"do": "look"})
    assert looked.status_code == 200
    assert "It reaches" in looked.text
    assert "@" not in looked.text
    nameless = await press(pages, path, manager, row | {"do": "save", "name": " "})
    assert nameless.status_code == 422
    before = await count(pages, Segment)
    for status in (303, 422):
        saved = await press(pages, path, manager, row | {"do": "save", "name": "Helpers"})
        assert saved.status_code == status
    assert await count(pages, Segment) == before + 1
    async with pages.database.read() as session:
        segment = await session.scalar(select(Segment).where(Segment.name == "Helpers"))
    assert segment is not None
    own = f"/staff/audiences/{segment.id}"
    page = (await pages.get(own, manager)).text
    assert 'name="not-0" value="1" checked' in page
    other = await pages.as_person(pages.there.manager_id)
    assert (await pages.get(own, other)).status_code == 404
    seen = {"seen": "1", "name": "Helpers", "do": "save"}
    changed = await press(pages, own, manager, seen | {"kind-0": "role", "value-0": "volunteer"})
    assert changed.status_code == 303
    listed = (await pages.get("/staff/audiences?lang=es", manager)).text
    assert "Lo que hacen aquí: Ayudan" in listed
    done = await press(pages, own, manager, {"do": "archive"})
    assert done.status_code == 303
    assert "Helpers" not in (await pages.get("/staff/audiences", manager)).text


async def test_a_mailing_is_written_looked_at_and_sent_once(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    coordinator = await pages.as_person(pages.here.coordinator_id)
    await press(pages, "/staff/audiences/new", manager, {"do": "save", "name": "All of them"})
    new = "/staff/mailings/new"
    page = (await pages.get(new, manager)).text
    audience = re.findall(r'<option value="([0-9a-f-]{36})">All of them', page)[0]

    wrong = await press(pages, new, manager, {"subject_en": "Hello"})
    assert wrong.status_code == 422
    for words in ("Choose whom to reach", "Write the mail, at most", "Write a name, for example"):
        assert wrong.text.count(words) == 2
    text = {
        "title": "Invitation",
        "audience": audience,
        "subject_en": "Come along, {first_name}",
        "body_en": "We ride on Sunday.\n\n- bring water\n- [See it](/campaigns)\n\n"
        + "So we go. " * 300,
        "accepts_fallback": "1",
    }
    evil = await press(pages, new, manager, text | {"body_en": "[x](javascript:alert)"})
    assert evil.status_code == 422
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    for title in ("Invited", "Invitation"):
        kept = await press(pages, new, manager, text | {"title": title, "key": key})
        assert kept.status_code == 303
    assert await count(pages, Mailing, Mailing.title.in_(("Invited", "Invitation"))) == 1
    base = kept.headers["location"].split("?")[0]
    shown = (await pages.get(base, manager)).text
    assert "Come along, Ana" in shown
    assert "<li>bring water</li>" in shown
    assert "years of school" in shown
    async with pages.database.read() as session:
        mailing = await session.scalar(select(Mailing).where(Mailing.title == "Invitation"))
    assert mailing is not None
    assert len(mailing.texts["a"]["en"]["body"]) > 2_900

    assert (await pages.get(f"{base}/send", coordinator)).status_code == 403
    assert (await pages.get(base, coordinator)).status_code == 200
    tested = await press(pages, f"{base}/test", manager, {}, page=base)
    assert tested.headers["location"] == f"{base}?said=tested"
    late = await press(pages, f"{base}/send", manager, {"when": "later", "at": "2020-01-01T09:00"})
    assert late.status_code == 422
    refused = await press(pages, f"{base}/send", manager, {"when": "now"})
    if refused.status_code == 422:
        assert "nearly everybody" in refused.text or "fewer than five" in refused.text
    sent = await press(
        pages,
        f"{base}/send",
        manager,
        {"when": "now", "everybody": "1"},
        page="/staff/mailings/new",
    )
    assert sent.status_code in (303, 422)
    for doing in ("cancel", "cancel"):
        done = await press(pages, f"{base}/do/{doing}", manager, {})
        assert done.status_code == 303
    assert "was called off" in (await pages.get(base, manager)).text
    other = await pages.as_person(pages.there.manager_id)
    assert (await pages.get(base, other)).status_code == 404
