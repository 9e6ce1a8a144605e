"""Who may get help by a town's rules, page by page, and the town's own number on its pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from matching.intake.kinds import IntakeTopic, Verdict
from matching.intake.models import Declaration, IntakeRules, RequestDetails
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from people.kinds import Purpose
from people.models import CommunityRules, Consent, HouseholdAddress, Person
from tests.factories.town import seed_town
from tests.town_pages import OURS, Pages, open_client

SENIORS = {"fact": "age", "at_least": 60}
WHY = "The programme shovels for people over 60, or with a disability."
NOT_THERE = "The programme does not shovel in this part of the town."


def rule(code: str, why: str, *any_of: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": code,
        "any_of": list(any_of),
        "kinds": ["snow"],
        "sentence": {"en": why, "es": why},
    }


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


async def set_rules(pages: Pages, *rules: dict[str, Any]) -> None:
    async with pages.database.begin() as session:
        session.add(
            IntakeRules(
                community_id=pages.here.community_id,
                topic=IntakeTopic.ELIGIBILITY,
                valid_from=pages.clock.now() - timedelta(minutes=1),
                data={"version": "winter-1", "rules": list(rules)},
            )
        )


async def walk(pages: Pages, *facts: str, cookie: str = "") -> str:
    """A stranger's way to the last page; that of somebody who is signed in, to another address."""
    client, ticked = pages.client, {f"fact-{one}": "1" for one in facts}
    client.cookies.clear()
    if cookie:
        client.cookies.set(*cookie.split("=", 1))
    shown = (await client.get("/ask")).text
    steps: list[tuple[str, dict[str, str]]] = [
        ("/ask", {"kind": "snow"}),
        ("/ask/parts", {"part-steps": "1"}),
        ("/ask/when", {"when": "now"}),
        ("/ask/place", {"typed": "22 Aberdeen Ave"}),
        ("/ask/place/confirm", {"place": "0", "do": "yes"}),
        (
            "/ask/who",
            {"who": "self", "name": "Rosa Sample"} | ticked,
        ),
        ("/ask/contact", {"channel": "call", "phone": "617-555-0187", "language": "en"}),
    ]
    for path, fields in steps[: -1 if cookie else None]:
        answer = await send(pages, shown, path, fields)
        assert answer.status_code == 303, (path, answer.text[-1500:])
        shown = (await client.get(answer.headers["location"])).text
        if path == "/ask/place/confirm":
            assert ("What is true?" in shown) is ("fact-" in shown)
    return unescape(shown)


async def send(pages: Pages, shown: str, path: str, fields: dict[str, str]) -> Any:
    token = re.search(r'name="csrf" value="([^"]+)"', shown)
    assert token is not None
    form = {"csrf": token[1], **fields}
    return await pages.client.post(path, data=form, headers=OURS, follow_redirects=False)


async def newest(pages: Pages) -> tuple[HelpRequest, RequestDetails]:
    async with pages.database.read() as session:
        query = select(HelpRequest).order_by(HelpRequest.created_at.desc(), HelpRequest.id.desc())
        request = await session.scalar(query.limit(1))
        assert request is not None
        return request, await session.get_one(RequestDetails, request.id)


async def test_each_branch_of_the_rules(pages: Pages) -> None:
    refusal = "By its rules the program may not give this help"
    # Without rules nothing is asked about the person.
    check = await walk(pages)
    assert refusal not in check

    await set_rules(pages, rule("senior", WHY, SENIORS, {"fact": "disability"}))
    for facts, verdict in (
        ((), Verdict.NEEDS_PERSON),
        (("age-60",), Verdict.ELIGIBLE),
        (("disability",), Verdict.ELIGIBLE),
    ):
        check = await walk(pages, *facts)
        assert refusal not in check, facts
        assert ("I am 60 or older" in check) is ("age-60" in facts)
        await send(pages, check, "/ask/check", {"ok": "1"})
        request, details = await newest(pages)
        assert details.verdict is verdict, facts
        assert request.status is RequestStatus.NEEDS_REVIEW, "a number that nobody has confirmed"
        unsure = ["senior"] if verdict is Verdict.NEEDS_PERSON else []
        assert details.verdict_reasons == unsure
        async with pages.database.begin() as session:
            row = await session.get_one(HelpRequest, request.id)
            row.status = RequestStatus.CANCELLED


async def test_who_is_not_covered_reads_why_and_what_else_there_is(pages: Pages) -> None:
    area = rule("area", NOT_THERE, {"fact": "area", "areas": ["Nowhere"]})
    await set_rules(pages, area, rule("senior", WHY, SENIORS) | {"kinds": ["groceries"]})
    check = await walk(pages)
    for words in (
        "By its rules the program may not give this help",
        NOT_THERE,
        "a person from the team decides",
        "What the rules do give:",
        "Ask us to call you",
    ):
        assert words in check, words
    given = check.partition("What the rules do give:")[2].partition("</p>")[0].lower()
    assert "yard work" in given
    assert "snow" not in given
    # What a person would have to decide is not promised.
    assert "groceries" not in given
    sent = await send(pages, check, "/ask/check", {"ok": "1"})
    assert sent.status_code == 303
    request, details = await newest(pages)
    assert (details.verdict, details.verdict_reasons) == (Verdict.NOT_ELIGIBLE, ["area"])
    assert request.status is RequestStatus.NEEDS_REVIEW


async def test_what_somebody_declared_before_counts_at_any_address(pages: Pages) -> None:
    """The page says what the team will read, and asks the database once for all kinds of help."""
    person_id = pages.here.resident_ids[0]
    async with pages.database.begin() as session:
        consent = await session.scalar(
            select(Consent).where(
                Consent.person_id == person_id, Consent.purpose == Purpose.MATCHING
            )
        )
        assert consent is not None
        session.add(
            Declaration(
                person_id=person_id,
                community_id=pages.here.community_id,
                consent_id=consent.id,
                declared_at=pages.clock.now(),
                birth_year=pages.clock.now().year - 30,
            )
        )
    await set_rules(pages, rule("senior", WHY, SENIORS))
    cookie = (await pages.as_person(person_id))["cookie"]
    check = await walk(pages, cookie=cookie)
    assert "By its rules the program may not give this help" in check
    assert WHY in check
    sent = await send(pages, check, "/ask/check", {"ok": "1"})
    assert sent.status_code == 303
    first, details = await newest(pages)
    assert (details.verdict, details.verdict_reasons) == (Verdict.NOT_ELIGIBLE, ["senior"])
    # The neighbor goes where help was asked for; the home on record stays what it was.
    await send(pages, await walk(pages, cookie=cookie), "/ask/check", {"ok": "1"})
    async with pages.database.read() as session:
        address = await session.get_one(HouseholdAddress, first.household_id)
        assert "22 Aberdeen" in address.address_text
        person = await session.get_one(Person, person_id)
        assert person.household_id not in (None, first.household_id)
        asked = select(HelpRequest.household_id).where(HelpRequest.resident_id == person_id)
        places = set(await session.scalars(asked))
        written = select(func.count()).select_from(HouseholdAddress)
        same = written.where(HouseholdAddress.address_text == address.address_text)
        assert await session.scalar(same.where(HouseholdAddress.household_id.in_(places))) == 1


async def test_a_towns_own_number_stands_on_its_pages(pages: Pages) -> None:
    assert "+16175550199" not in (await pages.get("/ask")).text
    async with pages.database.begin() as session:
        session.add(
            CommunityRules(
                community_id=pages.here.community_id,
                valid_from=pages.clock.now(),
                rules={"help_phone": "+16175550199"},
            )
        )
    pages.client.cookies.clear()
    resident = await pages.as_person(pages.here.resident_ids[0])
    for path, headers in (("/ask", {}), ("/help", {}), ("/requests", resident)):
        assert "tel:+16175550199" in (await pages.get(path, headers)).text, path
