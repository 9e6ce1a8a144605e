"""The first page, public words and numbers, a page of one's own, and what phones keep."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest, Storm
from matching.reporting.public_repository import Asked
from matching.storms.listing_repository import REACHED, count_homes
from people.kinds import Channel
from people.models import Consent, ContactPoint, Person, PersonName, Preferences
from people.signing_in.models import SignIn
from tests.factories.town import seed_town
from tests.town_pages import OURS, SITE, Pages, open_client
from web.pages.front.home_views import hide_rest
from web.pages.front.number_views import make_rows

PUBLIC = (
    "/", "/help", "/rules", "/privacy", "/accessibility", "/numbers", "/impact",
)  # fmt: skip
OWN = (
    "/account", "/account/name", "/account/reach", "/account/contacts/new", "/account/messages",
    "/account/data", "/account/forget",
)  # fmt: skip


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville", scale=6)
    there = await seed_town(database, clock, slug="yonder", scale=4)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


class Somebody:
    """Somebody signed in with one browser."""

    def __init__(self, pages: Pages, headers: dict[str, str]) -> None:
        self.pages = pages
        self.headers = headers

    async def open(self, path: str) -> Any:
        self.pages.client.cookies.clear()
        return await self.pages.client.get(path, headers=self.headers, follow_redirects=False)

    async def press(self, form_page: str, path: str, **fields: str) -> Any:
        token = re.search(r'name="csrf" value="([^"]+)"', (await self.open(form_page)).text)
        assert token is not None
        return await self.send(path, csrf=token[1], **fields)

    async def send(self, path: str, **fields: str) -> Any:
        self.pages.client.cookies.clear()
        return await self.pages.client.post(
            path, data=fields, headers=self.headers | OURS, follow_redirects=False
        )


async def somebody(pages: Pages, person_id: UUID) -> Somebody:
    return Somebody(pages, await pages.as_person(person_id))


async def count(pages: Pages, query: Any) -> int:
    async with pages.database.read() as session:
        return int(await session.scalar(query) or 0)


async def test_public_pages_are_for_everybody_and_tell_of_nobody(pages: Pages) -> None:
    for path in PUBLIC:
        pages.client.cookies.clear()
        answer = await pages.get(path)
        spanish = await pages.get(f"{path}?lang=es")

        assert answer.status_code == 200, path
        assert answer.text.count("<h1") == 1, path
        assert f'rel="canonical" href="{SITE}{path}"' in answer.text
        assert f'hreflang="es" href="{SITE}{path}?lang=es"' in answer.text
        assert "og:image" in answer.text
        assert "noindex" not in answer.text + answer.headers.get("x-robots-tag", "")
        assert "set-cookie" not in answer.headers
        assert 'lang="es"' in spanish.text
        for secret in ("@example", "Imaginary Street", "+1617"):
            assert secret not in answer.text, (path, secret)


async def test_first_page_has_two_doors_and_the_news_of_who_is_signed_in(pages: Pages) -> None:
    town = pages.here
    stranger = (await pages.get("/")).text
    resident = await somebody(pages, town.resident_ids[0])
    volunteer = await somebody(pages, town.volunteer_person_ids[0])
    manager = await somebody(pages, town.manager_id)

    assert 'href="/ask"' in stranger
    assert 'href="/volunteer"' in stranger
    assert "Snow today." in stranger
    numbers = [int(text) for text in re.findall(r"About (\d+)", stranger)]
    assert numbers
    assert all(number % 5 == 0 for number in numbers)
    assert 'action="/demo' not in stranger
    for person, wanted in (
        (resident, "/requests/"),
        (volunteer, "/volunteering"),
        (manager, "/staff/storm"),
    ):
        page = await person.open("/")
        assert page.headers["cache-control"] == "no-store"
        main = page.text.partition("<main")[2]
        assert f'href="{wanted}' in main
        assert main.count("<h1") == 1


async def test_own_page_is_for_nobody_else(pages: Pages) -> None:
    me, other = pages.here.resident_ids[0], pages.there.resident_ids[0]
    mine = pages.here.contact_ids[me]
    foreign = await somebody(pages, other)
    own = await somebody(pages, me)

    for path in OWN:
        stranger = await pages.client.get(path, follow_redirects=False)
        assert stranger.status_code == 303, path
        assert stranger.headers["location"].startswith("/sign-in?next=%2Faccount")
        page = await own.open(path)
        assert page.status_code == 200, path
        assert page.headers["cache-control"] == "no-store"
        assert "yonder" not in page.text
    for path in (f"/account/contacts/{mine}/remove", f"/account/contacts/{mine}/prefer"):
        refused = await foreign.press("/account/name", path)
        assert refused.status_code in (303, 404)
        assert (await own.send(path)).status_code == 403, "without the secret of the form"
    assert await count(pages, select(func.count()).where(ContactPoint.id == mine)) == 1


async def test_name_and_languages_are_changed_or_the_form_says_why_not(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    own = await somebody(pages, me)

    bad = await own.press("/account/name", "/account/name", full_name=" ", call_name="")
    assert bad.status_code == 422
    assert 'role="alert"' in bad.text
    assert "<title>Error:" in bad.text
    good = await own.press("/account/name", "/account/name", full_name="Ana Lee", call_name="Ana")
    assert good.headers["location"] == "/account?said=saved"
    quiet = {"first": "es", "lang_ht": "1", "channel": "sms", "quiet_from": "25:00"}
    bad = await own.press("/account/reach", "/account/reach", quiet_until="07:00", **quiet)
    assert bad.status_code == 422
    assert 'href="#quiet_from"' in bad.text
    quiet["quiet_from"] = "21:30"
    for _ in range(2):
        good = await own.press("/account/reach", "/account/reach", quiet_until="07:00", **quiet)
        assert good.status_code == 303
    async with pages.database.read() as session:
        name = await session.get_one(PersonName, me)
        kept = await session.get_one(Preferences, me)
        assert (name.full_name, name.call_name) == ("Ana Lee", "Ana")
        assert (kept.languages, kept.channel) == (["es", "ht"], Channel.SMS)
        assert (kept.quiet_from_min, kept.quiet_until_min) == (21 * 60 + 30, 7 * 60)
    assert "Esto es suyo, Ana" in (await own.open("/account")).text


async def test_contacts_are_added_preferred_and_taken_off_but_the_last(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    own = await somebody(pages, me)
    new = "/account/contacts/new"
    mine = select(func.count()).where(ContactPoint.person_id == me)
    before = await count(pages, mine)

    assert (await own.press(new, new, channel="email", value="nobody")).status_code == 422
    assert (await own.press(new, new, channel="sms", value="12")).status_code == 422
    assert await count(pages, mine) == before
    for _ in range(2):
        added = await own.press(new, new, channel="sms", value="617-555-0198")
        assert added.headers["location"] == "/account?said=asked_there#contacts"
    assert await count(pages, mine) == before + 1
    async with pages.database.read() as session:
        rows = list(await session.scalars(select(ContactPoint).where(ContactPoint.person_id == me)))
    made = next(row for row in rows if row.value == "+16175550198")
    assert made.verified_at is None
    await own.press("/account/name", f"/account/contacts/{made.id}/prefer")
    assert await count(pages, mine.where(ContactPoint.preferred.is_(True))) >= 1
    said = ""
    for row in rows:
        gone = await own.press("/account/name", f"/account/contacts/{row.id}/remove")
        said = gone.headers["location"]
    assert said == "/account?said=last_contact#contacts"
    assert await count(pages, mine) == 1


async def test_a_tick_adds_one_line_to_the_ledger_and_the_same_again_none(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    own = await somebody(pages, me)
    page = (await own.open("/account/messages")).text
    on = dict.fromkeys(re.findall(r'name="(\w+)" value="1" checked', page), "1")
    lines = select(func.count()).where(Consent.person_id == me)
    before = await count(pages, lines)

    path = "/account/messages"
    await own.press(path, path, **on)
    assert await count(pages, lines) == before
    wanted = on | {"research_email": "1"}
    for _ in range(2):
        answer = await own.press(path, path, **wanted)
        assert answer.status_code == 303
    assert await count(pages, lines) == before + 1
    await own.press(path, path, **on)
    assert await count(pages, lines.where(Consent.granted.is_(False))) >= 1
    assert 'name="research_email" value="1" checked' not in (await own.open(path)).text


async def test_browsers_end_and_the_data_is_taken_along(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    first, second = await somebody(pages, me), await somebody(pages, me)
    mine = select(func.count()).where(SignIn.person_id == me)

    ended = await second.press("/account/name", "/account/browsers/end-others")
    assert ended.status_code == 303
    assert await count(pages, mine) == 1
    assert (await first.open("/account")).status_code == 303
    file = await second.press("/account/data", "/account/data")
    assert file.headers["content-disposition"] == 'attachment; filename="talkoot-about-me.json"'
    kept = json.loads(file.content)
    assert kept["person_id"] == str(me)
    assert "yonder" not in file.text
    exported = select(func.count()).where(Event.kind == "person.exported", Event.subject_id == me)
    assert await count(pages, exported) == 1


async def test_being_forgotten_needs_a_tick_and_signs_out(pages: Pages) -> None:
    me = pages.here.resident_ids[0]
    own = await somebody(pages, me)
    path = "/account/forget"

    asked = await own.press(path, path)
    assert asked.status_code == 422
    async with pages.database.read() as session:
        assert (await session.get_one(Person, me)).erased_at is None
    gone = await own.press(path, path, sure="1")

    assert gone.headers["location"] == "/forgotten"
    async with pages.database.read() as session:
        assert (await session.get_one(Person, me)).erased_at is not None
        assert await session.get(PersonName, me) is None
    assert (await own.open("/account")).status_code == 303
    assert "We have forgotten you" in (await pages.get("/forgotten")).text


async def test_programs_read_the_public_pages_alone(pages: Pages) -> None:
    robots = (await pages.get("/robots.txt")).text
    sitemap = (await pages.get("/sitemap.xml")).text
    feed = (await pages.get("/feed.xml")).text
    calendar = await pages.get("/events.ics")

    assert f"Sitemap: {SITE}/sitemap.xml" in robots
    paths = [
        node.text or ""
        for node in ElementTree.fromstring(sitemap).iter()
        if node.tag.endswith("}loc")
    ]
    assert f"{SITE}/campaigns/snowville/bike-month" in paths
    assert not [path for path in paths if "bike-draft" in path or "bike-autumn" in path]
    for path in paths:
        local = path.removeprefix(SITE)
        assert not any(local.startswith(word) for word in re.findall(r"Disallow: (\S+)", robots))
    titles = [node.text or "" for node in ElementTree.fromstring(feed).iter("title")]
    assert "Bike Month of snowville" in titles
    assert not [title for title in titles if "Draft" in title]
    assert "Imaginary Street" not in feed + sitemap
    assert Calendar.from_ical(calendar.content)


async def test_a_phone_keeps_what_it_needs_and_visits_only_while_they_are_agreed(
    pages: Pages,
) -> None:
    manifest = (await pages.get("/manifest.webmanifest?lang=es")).json()
    worker = await pages.get("/sw.js")

    assert manifest["lang"] == "es"
    for icon in manifest["icons"]:
        assert (await pages.get(icon["src"])).headers["content-type"] == "image/png"
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "VERSION_OF_FILES" not in worker.text
    assert len(worker.text.splitlines()) < 150
    for name in re.findall(r'"(/static/[^"]+\.\w+)"', worker.text):
        assert (await pages.get(name)).status_code == 200, name
    assert "no-cache" in worker.headers["cache-control"]
    resident = await somebody(pages, pages.here.resident_ids[0])
    for path in ("/", "/account", "/requests", "/offline"):
        assert "x-talkoot-keep" not in (await resident.open(path)).headers
    kept = set()
    for person_id in pages.here.volunteer_person_ids:
        volunteer = await somebody(pages, person_id)
        for work_id in pages.here.assignment_ids:
            page = await volunteer.open(f"/volunteering/visits/{work_id}")
            kept.add((page.status_code, page.headers.get("x-talkoot-keep")))
    assert (200, "visit") in kept
    assert not [row for row in kept if row[0] != 200 and row[1]]


async def test_homes_of_a_storm_count_once_those_on_paper_too(pages: Pages) -> None:
    async with pages.database.begin() as session:
        storm = await session.get_one(Storm, pages.here.storm_id)
        rows = list(
            await session.scalars(select(HelpRequest).where(HelpRequest.storm_id == storm.id))
        )
        rows[0].storm_id = None
        rows[1].household_id = rows[0].household_id
        await session.flush()
        homes = await count_homes(session, storm, [RequestKind.SNOW])
    asked = {row.household_id for row in rows if row.status is not RequestStatus.CANCELLED}
    reached = {row.household_id for row in rows if row.status in REACHED}
    assert rows[0].kind is RequestKind.SNOW
    assert (homes.asked, homes.reached) == (len(asked), len(reached))
    assert 0 < homes.nobody <= homes.asked


def test_numbers_of_few_are_not_told_nor_what_gives_them_away() -> None:
    rows = {
        row.name: row
        for row in make_rows(
            {"A": Asked(40, 30), "B": Asked(30, 20), "C": Asked(12, 10), "D": Asked(3, 1)}
        )
    }

    assert rows["D"].asked is None
    assert rows["D"].reached is None
    assert rows["C"].reached is None, "two of twelve had nobody"
    assert sum(row.asked is None for row in rows.values()) >= 2, "one alone follows from the sum"
    for row in rows.values():
        for number in (row.asked, row.reached):
            assert number is None or (number >= 5 and number % 5 == 0)
    assert hide_rest(40, 38) == (40, None)
    assert hide_rest(41, 41) == (40, 40)
    assert hide_rest(4, 0) == (None, None)


async def test_a_stranger_chooses_the_town_and_finds_it_again(pages: Pages) -> None:
    form = await pages.get("/towns")
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert csrf is not None
    cookies = {"cookie": "; ".join(f"{name}={text}" for name, text in form.cookies.items())}

    wrong = await pages.client.post(
        "/towns", data={"csrf": csrf[1], "town": "nowhere"}, headers=cookies
    )
    other = "yonder"
    answer = await pages.client.post(
        "/towns", data={"csrf": csrf[1], "town": other}, headers=cookies, follow_redirects=False
    )

    assert wrong.status_code == 422
    assert "Choose a town" in wrong.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    kept = {"cookie": f"__Host-talkoot-place={answer.cookies['__Host-talkoot-place']}"}
    shown = await pages.get("/", kept)
    assert other.title() in shown.text


async def test_who_stops_volunteering_is_thanked_once(pages: Pages) -> None:
    cookie = await pages.as_person(pages.here.volunteer_person_ids[0])
    words = "We do not ask you for help any more."
    assert words in (await pages.get("/?said=left", cookie)).text
    assert words not in (await pages.get("/", cookie)).text
