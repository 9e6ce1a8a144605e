from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from core.events import Event
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus, VolunteerStatus
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.offers.visit_models import VisitPhoto
from people.models import PersonName
from tests.ids import drop_ids
from tests.town_pages import OURS, Pages, count, read_token, volunteer

HOME = "/volunteering"


async def open_ask(pages: Pages, number: int = 1) -> tuple[Offer, str]:
    async with pages.database.read() as session:
        offer = await session.scalar(
            select(Offer).where(
                Offer.volunteer_id == pages.here.volunteer_ids[number],
                Offer.status == OfferStatus.SENT,
            )
        )
    assert offer is not None
    return offer, f"{HOME}/offers/{offer.ask_id}"


async def test_who_may_see_what(pages: Pages) -> None:
    town = pages.here
    visit = f"{HOME}/visits/{town.assignment_ids[1]}"
    async with pages.database.read() as session:
        work = await session.get_one(Assignment, town.assignment_ids[1])
        offer = await session.scalar(
            select(Offer).where(
                Offer.volunteer_id == town.volunteer_ids[1], Offer.status == OfferStatus.SENT
            )
        )
        request = await session.get_one(HelpRequest, work.request_id)
        name = await session.get_one(PersonName, request.resident_id)
    assert offer is not None
    paths = {
        HOME: {"owner": 200, "other": 200, "resident": 303, "stranger": 303},
        f"{HOME}/offers": {"owner": 200, "other": 200, "resident": 303, "stranger": 303},
        f"{HOME}/offers/{offer.ask_id}": {
            "owner": 200,
            "other": 404,
            "resident": 404,
            "abroad": 404,
            "stranger": 303,
        },
        visit: {
            "owner": 200,
            "other": 404,
            "resident": 404,
            "abroad": 404,
            "manager": 404,
            "stranger": 303,
        },
        f"{HOME}/time": {"owner": 200, "resident": 303, "stranger": 303},
        f"{HOME}/hours": {"owner": 200, "resident": 303, "stranger": 303},
    }
    people = {
        "owner": town.volunteer_person_ids[1],
        "other": town.volunteer_person_ids[2],
        "resident": town.resident_ids[5],
        "abroad": pages.there.volunteer_person_ids[1],
        "manager": town.manager_id,
    }
    headers = {who: await pages.as_person(key) for who, key in people.items()} | {"stranger": {}}
    for path, expected in paths.items():
        for who, status in expected.items():
            answer = await pages.client.get(path, headers=headers[who], follow_redirects=False)
            assert answer.status_code == status, (path, who)
            if who != "owner" or path != visit:
                assert f"{name.full_name.split()[0]} knows" not in answer.text, (path, who)
                assert not re.search(r"\d+ Snowville Way", answer.text), (path, who)
    shown = (await pages.client.get(visit, headers=headers["owner"])).text
    assert re.search(r"\d+ Snowville Way", shown)
    assert "+1617555" not in shown, "the resident has chosen to be reached through us"
    released = (Event.kind == "address.released", Event.actor_id == people["owner"])
    assert await count(pages, Event, *released) >= 1


async def test_home_tells_the_news_and_takes_a_rest(pages: Pages) -> None:
    browser = await volunteer(pages)

    first = (await browser.get(HOME)).text
    paused = await browser.press(HOME, do="pause", days="3")
    resting = (await browser.get(paused.headers["location"])).text
    resumed = await browser.press(HOME, do="resume")
    again = (await browser.get(resumed.headers["location"])).text
    stopped = await browser.press(HOME, do="not_today")

    assert re.search(r"<h1>(You go to|You are on your way|\w+ neighbors? needs?)", first)
    assert paused.status_code == resumed.status_code == stopped.status_code == 303
    assert "You have a pause until" in resting
    assert "No offers until" in resting
    assert "Welcome back." in again
    assert (
        "No more messages in this storm." in (await browser.get(stopped.headers["location"])).text
    )
    strange = await browser.press(HOME, do="fly")
    assert strange.status_code == 422
    async with pages.database.read() as session:
        row = await session.get_one(Volunteer, pages.here.volunteer_ids[1])
        assert (row.status, row.paused_until) == (VolunteerStatus.ACTIVE, None)


async def test_an_offer_shows_its_facts_and_a_yes_leads_to_the_door(pages: Pages) -> None:
    browser = await volunteer(pages)
    offer, path = await open_ask(pages)

    page = (await browser.get(path)).text
    listed = (await browser.get(f"{HOME}/offers")).text
    yes = await browser.press(path, do="yes", offer_id=str(offer.id))
    twice = await browser.press(path, on=HOME, do="yes", offer_id=str(offer.id))

    assert path in listed
    for words in ("The job", "Where", "When", "Why we ask you", 'class="thumb"', "m-blur"):
        assert words in page
    assert "Snowville Way" not in page
    assert yes.status_code == twice.status_code == 303
    assert yes.headers["location"] == twice.headers["location"]
    assert yes.headers["location"].startswith(f"{HOME}/visits/")
    assert await count(pages, Assignment, Assignment.offer_id == offer.id) == 1
    assert "Snowville Way" in (await browser.get(yes.headers["location"])).text


async def test_a_no_is_one_press_and_its_reason_comes_afterwards(pages: Pages) -> None:
    browser = await volunteer(pages)
    offer, path = await open_ask(pages)

    said = await browser.press(path, do="no")
    page = (await browser.get(said.headers["location"])).text
    why = await browser.press(path, on=HOME, do="why", reason="too_far")

    assert "Thank you for telling us." in page
    assert 'name="reason"' in page
    assert why.headers["location"].endswith("said=why")
    async with pages.database.read() as session:
        row = await session.get_one(Offer, offer.id)
        assert row.status is OfferStatus.DECLINED
    explained = (Event.kind == "offer.no_explained", Event.subject_id == offer.id)
    assert await count(pages, Event, *explained) == 1


async def test_who_is_too_late_is_thanked(pages: Pages) -> None:
    browser = await volunteer(pages)
    offer, path = await open_ask(pages)
    async with pages.database.begin() as session:
        request = await session.get_one(HelpRequest, offer.request_id)
        request.seats_taken, request.status = request.crew_size, RequestStatus.ACCEPTED

    late = await browser.press(path, do="yes", offer_id=str(offer.id))
    page = await browser.get(late.headers["location"])

    assert page.status_code == 200
    assert "Someone else said yes first. Thank you." in page.text
    assert await count(pages, Assignment, Assignment.offer_id == offer.id) == 0


async def test_a_visit_from_the_way_there_to_the_confirmation(pages: Pages) -> None:
    browser = await volunteer(pages)
    key = pages.here.assignment_ids[1]
    path = f"{HOME}/visits/{key}"

    written = await browser.press(path, do="write", words="I ring at 617-555-0199")
    started = await browser.press(path, do="start")
    under_way = (await browser.get(path)).text
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    token = read_token(under_way)
    sent = await pages.client.post(
        f"{path}/photos",
        data={"csrf": token},
        files={"photo": ("snow.jpg", picture.getvalue(), "image/jpeg")},
        headers={**browser.headers, **OURS},
        follow_redirects=False,
    )
    done = await browser.press(path, do="done")
    over = (await browser.get(path)).text
    photo = re.search(rf'src="({path}/photos/[^"]+)"', over)

    assert [one.status_code for one in (written, started, sent, done)] == [303] * 4
    assert "knows that you are on your way" in under_way
    assert "0199" not in drop_ids(under_way), "numbers are masked"
    assert "It is done. Thank you!" in over
    assert "Snowville Way" not in over
    assert photo is not None
    shown = await browser.get(photo[1])
    assert shown.headers["content-type"] == "image/jpeg"
    stranger = await volunteer(pages, 2)
    assert (await stranger.get(photo[1])).status_code == 404
    assert await count(pages, VisitPhoto) == 1
    async with pages.database.read() as session:
        assert (await session.get_one(Assignment, key)).status is AssignmentStatus.DONE


async def test_a_visit_that_cannot_be_is_given_back(pages: Pages) -> None:
    browser = await volunteer(pages)
    key = pages.here.assignment_ids[1]
    path = f"{HOME}/visits/{key}"

    given = await browser.press(path, do="cannot", reason="not_well")
    page = (await browser.get(path)).text

    assert given.status_code == 303
    assert "This visit is not yours any more" in page
    assert "Snowville Way" not in page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/volunteer", {"name": "Ana"}),
        (HOME, {"do": "pause"}),
        (f"{HOME}/time", {"do": "week"}),
        (f"{HOME}/you", {"mode": "walk"}),
        (f"{HOME}/calendar", {"do": "make"}),
        (f"{HOME}/leave", {}),
    ],
)
async def test_forms_of_others_are_refused(pages: Pages, path: str, form: dict[str, str]) -> None:
    browser = await volunteer(pages)
    for headers, token in (({"origin": "https://evil.example"}, "x"), (OURS, "forged")):
        answer = await pages.client.post(
            path, data={**form, "csrf": token}, headers={**browser.headers, **headers}
        )
        assert answer.status_code == 403, (path, headers)
    async with pages.database.read() as session:
        row = await session.get_one(Volunteer, pages.here.volunteer_ids[1])
        assert (row.status, row.paused_until) == (VolunteerStatus.ACTIVE, None)


async def test_pages_in_spanish(pages: Pages) -> None:
    browser = await volunteer(pages)
    _, offer = await open_ask(pages)
    for path, words in {
        HOME: "Lo que usted nos dijo",
        offer: "Esta vez no",
        f"{HOME}/time": "Solo le preguntamos cuando tiene tiempo",
        f"{HOME}/you": "¿Cómo se mueve?",
        "/volunteering/calendar": "calendario",
    }.items():
        answer = await browser.get(f"{path}?lang=es")
        assert answer.headers["content-language"] == "es"
        assert words in answer.text, path
