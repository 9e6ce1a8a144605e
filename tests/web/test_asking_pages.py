"""Asking for help page by page: what is kept, what is refused, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.jobs import JobTools
from core.settings import Settings
from matching.intake.drafts import DRAFT_LIFE, forget_drafts
from matching.intake.help_kinds import default_kinds
from matching.intake.kinds import Cadence, ContactChoice, IntakeTopic
from matching.intake.models import (
    AskDraft,
    IntakeRules,
    RequestAccess,
    RequestCaller,
    StandingRequest,
)
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest
from matching.personal.erasure import erase_person
from people.auth import Actor
from people.kinds import Channel, Precision
from people.models import ContactPoint, Household, HouseholdAddress, Person
from people.repository import load_actor
from tests.factories.town import seed_town
from tests.ids import drop_ids
from tests.town_pages import OURS, Pages, count, open_client

KNOWN = "22 Aberdeen Ave"


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville", scale=4)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


class Visitor:
    """One browser that fills in one page after the other."""

    def __init__(self, pages: Pages, cookies: dict[str, str] | None = None) -> None:
        self.pages = pages
        self.jar = dict(cookies or {})
        self.answer: Any = None

    async def call(self, method: str, path: str, **more: Any) -> Any:
        client = self.pages.client
        client.cookies.clear()
        client.cookies.update(self.jar)
        answer = await client.request(method, path, follow_redirects=False, **more)
        self.jar |= {cookie.name: cookie.value or "" for cookie in answer.cookies.jar}
        if answer.status_code == 303:
            self.answer = await self.call("GET", answer.headers["location"])
        elif method == "GET":
            self.answer = answer
        return answer

    async def open(self, path: str) -> str:
        await self.call("GET", path)
        return str(self.answer.text)

    async def send(self, path: str, **fields: str) -> Any:
        token = re.search(r'name="csrf" value="([^"]+)"', self.answer.text)
        assert token is not None
        return await self.call("POST", path, data={"csrf": token[1], **fields}, headers=OURS)

    async def walk(self, *steps: tuple[str, dict[str, str]]) -> Any:
        answer = None
        for path, fields in steps:
            answer = await self.send(path, **fields)
            assert answer.status_code == 303, (path, answer.text[-3000:])
        return answer


def session_of(headers: dict[str, str]) -> dict[str, str]:
    name, _, value = headers["cookie"].partition("=")
    return {name: value}


SNOW = (
    ("/ask", {"kind": "snow"}),
    ("/ask/parts", {"part-steps": "1", "part-sidewalk": "1"}),
    ("/ask/when", {"when": "now"}),
)
HOME = (
    ("/ask/place", {"typed": KNOWN, "unit": "2"}),
    ("/ask/place/confirm", {"place": "0", "do": "yes", "notes": "Blue door"}),
)
ROSA = (
    ("/ask/who", {"who": "self", "name": "Rosa Sample"}),
    ("/ask/contact", {"channel": "text", "phone": "617-555-0187", "language": "es"}),
)


async def find_newest(pages: Pages) -> HelpRequest:
    async with pages.database.read() as session:
        query = select(HelpRequest).order_by(HelpRequest.created_at.desc(), HelpRequest.id.desc())
        found: HelpRequest | None = await session.scalar(query.limit(1))
        assert found is not None
        return found


async def test_a_stranger_asks_and_a_second_press_asks_nothing_more(pages: Pages) -> None:
    before = await count(pages, HelpRequest)
    visitor = Visitor(pages)
    assert "What do you need help with?" in await visitor.open("/ask")
    await visitor.walk(*SNOW, *HOME, *ROSA)
    check = visitor.answer
    text = unescape(check.text)
    for shown in ("Check your answers", KNOWN, "Blue door", "Neighbors see: Rosa", "617-555-0187"):
        assert shown in text
    assert 'name="ok" value="1"' in text
    assert "checked" not in text

    refused = await visitor.send("/ask/check", ok="")
    assert refused.status_code == 422
    assert "so that the neighbor can find you" in refused.text
    assert await count(pages, HelpRequest) == before

    await visitor.walk(("/ask/check", {"ok": "1", "show_phone": "1"}))
    assert await count(pages, HelpRequest) == before + 1
    done = unescape(visitor.answer.text)
    assert "Thank you. We have your request." in done
    assert "A person from the team looks at your request" in done
    for secret in ("Aberdeen", "Rosa", "0187", "Blue door", "Who has seen your address"):
        assert secret not in drop_ids(done)
    assert re.fullmatch(
        r"/l/[\w-]+\?lang=en&said=asked", visitor.answer.request.url.raw_path.decode()
    )

    request = await find_newest(pages)
    assert request.status is RequestStatus.NEEDS_REVIEW
    assert set(request.scope or ()) == {"steps", "sidewalk"}
    async with pages.database.read() as session:
        access = await session.get_one(RequestAccess, request.id)
        assert (access.access_notes, access.contact_choice) == ("Blue door", ContactChoice.SMS)
        ways = select(ContactPoint.channel).where(ContactPoint.person_id == request.resident_id)
        assert set(await session.scalars(ways)) == {Channel.SMS, Channel.PHONE}
        address = await session.get_one(HouseholdAddress, request.household_id)
        assert (address.address_text, address.unit) == (KNOWN, "2")
        draft = await session.scalar(select(AskDraft))
        assert draft is not None
        assert draft.answers == {}

    visitor.answer = check
    await visitor.walk(("/ask/check", {"ok": "1"}))
    assert await count(pages, HelpRequest) == before + 1
    assert "We have your request" in visitor.answer.text


async def test_every_question_says_what_is_missing(pages: Pages) -> None:
    visitor = Visitor(pages)
    await visitor.open("/ask")
    wrong: list[tuple[str, dict[str, str], str]] = [
        ("/ask", {"kind": "gold"}, "Choose what you need help with"),
        ("/ask/parts", {}, "Choose at least one part"),
        ("/ask/when", {"when": "never"}, "Choose when you need the help"),
        ("/ask/place", {"typed": ""}, "Write the street and the house number"),
        ("/ask/place", {"typed": "Aberdeen Ave"}, "Write the house number too"),
        ("/ask/place", {"typed": "14 Cedar St"}, "but not this number there"),
        ("/ask/place", {"typed": "99999 Nowhere Lane"}, "We cannot find this address"),
        ("/ask/who", {"who": "", "name": ""}, "Say whether you ask for yourself"),
        (
            "/ask/who",
            {"who": "other", "name": "Rosa", "caller_name": "Ben", "caller": "family"},
            "Ask them first, then tick this",
        ),
        ("/ask/contact", {"channel": "text", "phone": "12"}, "Write the phone number"),
        ("/ask/contact", {"channel": "email", "email": "rosa@"}, "Write the e-mail address"),
        ("/ask/contact", {"phone": "617-555-0187"}, "Choose how we reach you"),
    ]
    right = dict([*SNOW, *HOME, *ROSA])
    order = list(right)
    for path in order:
        for at, fields, words in wrong:
            if at == path:
                answer = await visitor.send(path, **fields)
                assert answer.status_code == 422, (path, fields)
                text = unescape(answer.text)
                assert words in text
                assert "There is something to change" in text
        await visitor.walk((path, right[path]))
    assert "Check your answers" in visitor.answer.text
    # A changed answer leads back to the page with all answers.
    await visitor.open("/ask/who")
    await visitor.walk(("/ask/who", {"who": "self", "name": "Rosa Other"}))
    assert "Rosa Other" in visitor.answer.text


async def test_no_question_before_the_earlier_ones_have_answers(pages: Pages) -> None:
    visitor = Visitor(pages)
    for path in ("/ask/parts", "/ask/when", "/ask/place", "/ask/place/confirm", "/ask/check"):
        await visitor.open(path)
        assert visitor.answer.request.url.path == "/ask", path
    assert await count(pages, AskDraft) == 0


async def test_a_corner_needs_the_pin_and_the_door(pages: Pages) -> None:
    visitor = Visitor(pages)
    await visitor.open("/ask")
    await visitor.walk(*SNOW, ("/ask/place", {"typed": "Hollis St and Rindge Ave"}))
    assert "A street corner" in visitor.answer.text
    answer = await visitor.send("/ask/place/confirm", place="0", do="yes")
    assert answer.status_code == 422
    assert "Move the pin to the door first" in answer.text
    await visitor.walk(("/ask/place/confirm", {"place": "0", "move": "north"}))
    assert "You moved the pin" in visitor.answer.text
    answer = await visitor.send("/ask/place/confirm", place="0", do="yes", notes="")
    assert answer.status_code == 422
    assert "Say how to find the door" in answer.text
    far = {"place": "0", "do": "yes", "notes": "Number 3", "lon": "-70.0", "lat": "42.0"}
    await visitor.walk(("/ask/place/confirm", far), *ROSA, ("/ask/check", {"ok": "1"}))
    request = await find_newest(pages)
    async with pages.database.read() as session:
        home = await session.get_one(Household, request.household_id)
        address = await session.get_one(HouseholdAddress, request.household_id)
    assert (home.precision, home.area) == (Precision.ROOFTOP, "North Cambridge")
    assert home.cell is not None
    assert address.lon_deg == pytest.approx(-71.13, abs=0.02)

    await visitor.open("/ask")
    await visitor.walk(*SNOW, HOME[0], ("/ask/place/confirm", {"place": "none"}))
    assert "name the nearest corner" in visitor.answer.text


async def test_a_ride_goes_somewhere(pages: Pages) -> None:
    visitor = Visitor(pages)
    await visitor.open("/ask")
    await visitor.walk(*SNOW, *HOME)
    await visitor.walk(("/ask", {"kind": "ride"}), ("/ask/parts", {"part-one_way": "1"}))
    await visitor.walk(("/ask/when", {"when": "tomorrow"}))
    assert "Where do you want to go" in visitor.answer.text
    await visitor.open("/ask/check")
    assert visitor.answer.request.url.path == "/ask/place/confirm"

    answer = await visitor.send("/ask/place/confirm", place="0", do="yes", notes=" ")
    assert answer.status_code == 422
    assert "Write what the neighbor needs to know" in answer.text

    to = "To the library on Broadway. Blue door."
    await visitor.walk(("/ask/place/confirm", {"place": "0", "do": "yes", "notes": to}), *ROSA)
    assert to in visitor.answer.text
    await visitor.walk(("/ask/check", {"ok": "1"}))
    request = await find_newest(pages)
    async with pages.database.read() as session:
        access = await session.get_one(RequestAccess, request.id)
    assert (request.kind, access.access_notes) == (RequestKind.RIDE, to)


async def test_what_one_kind_asked_for_answers_nothing_of_another(pages: Pages) -> None:
    visitor = Visitor(pages, session_of(await pages.as_person(pages.here.resident_ids[0])))
    await visitor.open("/ask?lang=es")
    await visitor.walk(("/ask", {"kind": "groceries"}), ("/ask/parts", {"part-to_the_door": "1"}))
    await visitor.walk(("/ask/when", {"when": "tomorrow"}))
    assert "¿Qué debe traer el vecino" in visitor.answer.text
    await visitor.walk(("/ask/place", {"do": "home", "notes": "milk and bread"}))
    assert visitor.answer.request.url.path == "/ask/check"

    await visitor.walk(("/ask", {"kind": "ride"}), ("/ask/parts", {"part-one_way": "1"}))
    await visitor.walk(("/ask/when", {"when": "tomorrow"}))

    assert visitor.answer.request.url.path == "/ask/place"
    assert "¿Adónde quiere ir" in visitor.answer.text
    assert "milk and bread" not in visitor.answer.text
    await visitor.open("/ask/check")
    assert visitor.answer.request.url.path == "/ask/place"


async def test_the_way_to_the_door_stays_for_other_work_at_it(pages: Pages) -> None:
    visitor = Visitor(pages)
    await visitor.open("/ask")
    await visitor.walk(*SNOW, *HOME)

    await visitor.walk(("/ask", {"kind": "yard"}), ("/ask/parts", {"part-leaves": "1"}))
    await visitor.walk(("/ask/when", {"when": "tomorrow"}))

    assert visitor.answer.request.url.path == "/ask/place/confirm"
    assert 'value="Blue door"' in visitor.answer.text


async def test_help_that_is_not_given_any_more_is_chosen_anew(pages: Pages) -> None:
    visitor = Visitor(pages)
    await visitor.open("/ask")
    await visitor.walk(("/ask", {"kind": "ride"}), ("/ask/parts", {"part-one_way": "1"}))
    await visitor.walk(("/ask/when", {"when": "tomorrow"}))
    data: dict[str, Any] = msgspec.to_builtins(default_kinds())
    next(kind for kind in data["kinds"] if kind["code"] == "ride")["offered"] = False
    async with pages.database.begin() as session:
        session.add(
            IntakeRules(
                community_id=pages.here.community_id,
                topic=IntakeTopic.KINDS,
                valid_from=pages.clock.now() - timedelta(minutes=1),
                data=data,
            )
        )

    for path in ("/ask/place", "/ask/when", "/ask/check"):
        await visitor.open(path)
        assert visitor.answer.request.url.path == "/ask", path


async def test_at_home_a_ride_goes_somewhere_too(pages: Pages) -> None:
    visitor = Visitor(pages, session_of(await pages.as_person(pages.here.resident_ids[0])))
    await visitor.open("/ask")
    await visitor.walk(("/ask", {"kind": "ride"}), ("/ask/parts", {"part-one_way": "1"}))
    await visitor.walk(("/ask/when", {"when": "tomorrow"}))

    answer = await visitor.send("/ask/place", do="home", notes="")

    assert answer.status_code == 422
    assert "Write what the neighbor needs to know" in answer.text


async def test_asking_for_somebody_else_is_looked_at_by_a_person(pages: Pages) -> None:
    visitor = Visitor(pages)
    await visitor.open("/ask")
    other = {
        "who": "other",
        "name": "Rosa Sample",
        "caller_name": "Ben Caller",
        "caller": "family",
        "agreed": "1",
    }
    await visitor.walk(*SNOW, *HOME, ("/ask/who", other))
    assert "How do we reach Rosa Sample?" in visitor.answer.text
    await visitor.walk(ROSA[1], ("/ask/check", {"ok": "1"}))
    assert "Ben" not in drop_ids(visitor.answer.text)
    request = await find_newest(pages)
    async with pages.database.read() as session:
        assert (await session.get_one(RequestCaller, request.id)).caller_name == "Ben Caller"


async def test_who_asks_for_somebody_else_sees_how_it_stands_and_no_more(pages: Pages) -> None:
    person_id = pages.here.volunteer_person_ids[0]
    visitor = Visitor(pages, session_of(await pages.as_person(person_id)))
    await visitor.open("/ask")
    other = {"who": "other", "name": "Rosa Sample", "caller_name": "Ben Caller"}
    other |= {"caller": "neighbour", "agreed": "1"}
    steps = (*SNOW, *HOME, ("/ask/who", other), ROSA[1], ("/ask/check", {"ok": "1"}))
    await visitor.walk(*steps)
    request = await find_newest(pages)
    path = f"/requests/{request.id}"
    assert visitor.answer.request.url.path == path
    page = visitor.answer.text
    assert "For somebody else." in page
    for secret in ("Rosa", "Aberdeen", "0187", "Who has seen your address"):
        assert secret not in drop_ids(page)
    assert path in await visitor.open("/requests")
    assert "You asked for them." in visitor.answer.text
    # Nobody else sees it, and what belongs to the resident is not theirs.
    await visitor.open(f"{path}/change")
    assert visitor.answer.status_code == 404
    stranger = Visitor(pages, session_of(await pages.as_person(pages.here.volunteer_person_ids[1])))
    await stranger.open(path)
    assert stranger.answer.status_code == 404
    await visitor.open(path)
    await visitor.walk((path, {"do": "cancel"}))
    assert (await find_newest(pages)).status is RequestStatus.CANCELLED


async def test_who_is_signed_in_is_asked_nothing_that_is_known(pages: Pages) -> None:
    person_id = pages.here.resident_ids[0]
    async with pages.database.read() as session:
        home_id = (await session.get_one(Person, person_id)).household_id
        address = await session.get_one(HouseholdAddress, home_id)
    headers = await pages.as_person(person_id)
    visitor = Visitor(pages, session_of(headers))
    await visitor.open("/ask")
    yard = (("/ask", {"kind": "yard"}), ("/ask/parts", {"part-leaves": "1"}))
    await visitor.walk(*yard, ("/ask/when", {"when": "tomorrow"}))
    assert address.address_text in unescape(visitor.answer.text)
    assert "Step 3 of 4: the place" in visitor.answer.text
    await visitor.walk(("/ask/place", {"do": "home", "notes": "Ring twice"}))
    assert "Step 4 of 4: check and send" in visitor.answer.text
    await visitor.walk(("/ask/check", {"ok": "1"}))
    request = await find_newest(pages)
    assert (request.resident_id, request.kind) == (person_id, RequestKind.YARD)
    assert visitor.answer.request.url.path == f"/requests/{request.id}"
    assert "Thank you. We have your request." in visitor.answer.text

    # The same again joins the request that is there, and says so.
    made = await count(pages, HelpRequest)
    await visitor.open("/ask")
    await visitor.walk(
        *yard,
        ("/ask/when", {"when": "tomorrow"}),
        ("/ask/place", {"do": "home", "notes": "Ring twice"}),
        ("/ask/check", {"ok": "1"}),
    )
    assert "We have this request already." in visitor.answer.text
    assert await count(pages, HelpRequest) == made

    # This snowfall and each later one are two calls for help in one press.
    wishes = await count(pages, StandingRequest)
    await visitor.open("/ask")
    await visitor.walk(
        *SNOW[:2],
        ("/ask/when", {"when": "both"}),
        ("/ask/place", {"do": "home"}),
        ("/ask/check", {"ok": "1"}),
    )
    assert await count(pages, StandingRequest) == wishes + 1
    async with pages.database.read() as session:
        newest = select(StandingRequest).order_by(StandingRequest.created_at.desc()).limit(1)
        wish = await session.scalar(newest)
        assert wish is not None
        assert wish.cadence is Cadence.SEASON


async def test_answers_are_one_browsers_for_a_day(pages: Pages, clock: FixedClock) -> None:
    headers = await pages.as_person(pages.here.resident_ids[0])
    visitor = Visitor(pages, session_of(headers))
    await visitor.open("/ask")
    await visitor.walk(*SNOW)
    async with pages.database.read() as session:
        draft = await session.scalar(select(AskDraft))
        assert draft is not None
        assert draft.person_id == pages.here.resident_ids[0]
    secret = visitor.jar["__Host-talkoot-ask"]
    assert secret not in draft.secret_digest

    # Whoever is signed in next at the same computer finds nothing of it.
    other = await pages.as_person(pages.here.resident_ids[1])
    stranger = Visitor(pages, {**session_of(other), "__Host-talkoot-ask": secret})
    assert "You have begun to ask already" not in await stranger.open("/ask")
    own = Visitor(pages, visitor.jar)
    assert "You have begun to ask already" in await own.open("/ask")

    async with pages.database.begin() as session:
        manager = Actor(
            person_id=pages.here.manager_id,
            roles=(await load_actor(session, pages.here.manager_id)).roles,
        )
        await erase_person(session, manager, pages.here.resident_ids[0], now=clock.now())
    assert await count(pages, AskDraft) == 0

    stranger = Visitor(pages)
    await stranger.open("/ask")
    await stranger.walk(*SNOW)
    assert await count(pages, AskDraft) == 1
    clock.advance(DRAFT_LIFE + timedelta(minutes=1))
    await stranger.open("/ask/place")
    assert stranger.answer.request.url.path == "/ask"
    tools = JobTools(
        database=pages.database, settings=Settings.from_environment({}), clock=clock, services={}
    )
    await forget_drafts(tools, {})
    assert await count(pages, AskDraft) == 0


async def test_foreign_forms_are_refused_and_suggestions_tell_addresses_alone(
    pages: Pages,
) -> None:
    visitor = Visitor(pages)
    page = await visitor.open("/ask")
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    for fields, headers in (
        ({"kind": "snow", "csrf": "made-up"}, OURS),
        ({"kind": "snow", "csrf": token[1]}, {"origin": "https://evil.example"}),
    ):
        answer = await pages.client.post("/ask", data=fields, headers=headers)
        assert answer.status_code == 403
    assert await count(pages, AskDraft) == 0

    found = await pages.client.post("/ask/places", data={"q": "22 aberd"}, headers=OURS)
    assert found.text.startswith('<option value="22 Aberdeen Ave"')
    assert found.headers["cache-control"] == "no-store"
    evil = {"origin": "https://evil.example"}
    answer = await pages.client.post("/ask/places", data={"q": "22 aberd"}, headers=evil)
    assert answer.status_code == 403
    assert "snowville" not in found.text
