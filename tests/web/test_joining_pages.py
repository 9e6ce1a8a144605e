from __future__ import annotations

import re

from sqlalchemy import select

from matching.intake.models import AskDraft
from matching.models import Volunteer, WeeklyHours
from messaging.models import Message
from people.models import Consent, ContactPoint, Person
from tests.town_pages import Browser, Pages, count, read_errors

WHO = {"name": "Ana Example", "email": "ana@mail.example"}


WHERE = {"typed": "17 Garden St", "mode": "bike", "minutes": "20", "can-shovel": "1"}


WHEN = {"at-5-morning": "1", "at-5-afternoon": "1", "agree": "1"}


async def test_somebody_signs_up_in_three_steps_once(pages: Pages) -> None:
    browser = Browser(pages)
    early = await pages.client.get("/volunteer/when", follow_redirects=False)
    before = await count(pages, Volunteer)

    empty = await browser.press("/volunteer")
    wrong = await browser.press("/volunteer", name="Ana", email="ana", phone="12")
    one = await browser.press("/volunteer", **WHO)
    nowhere = await browser.press("/volunteer/where", typed="99999 Nowhere Street")
    looked = await browser.press("/volunteer/where", **WHERE, **{"speak-es": "1"}, do="look")
    near = (await browser.get("/volunteer/where")).text
    two = await browser.press("/volunteer/where", **WHERE, **{"speak-es": "1"})
    unsaid = await browser.press("/volunteer/when")
    untouched = await count(pages, Volunteer)
    three = await browser.press("/volunteer/when", **WHEN)
    again = await browser.press("/volunteer/when", on="/volunteer", **WHEN)

    assert early.headers["location"] == "/volunteer"
    assert read_errors(empty.text) == [
        "Write your name",
        "Write an e-mail address or a phone number",
    ]
    assert len(read_errors(wrong.text)) == 2
    assert len(read_errors(nowhere.text)) == 1
    assert "99999 Nowhere Street" in nowhere.text, "answers are kept"
    assert len(read_errors(unsaid.text)) == 2
    assert [x.status_code for x in (empty, wrong, nowhere, unsaid)] == [422] * 4
    goals = [x.headers["location"] for x in (one, looked, two, three, again)]
    assert goals[0] == "/volunteer/where"
    assert goals[1] == "/volunteer/where#near"
    assert goals[2] == "/volunteer/when"
    assert goals[3] == goals[4] == "/volunteer/done"
    assert "When somebody near you needs help, we ask you." in near
    assert "last winter" not in near
    assert untouched == before
    assert await count(pages, Volunteer) == before + 1
    async with pages.database.read() as session:
        person_id = await session.scalar(
            select(ContactPoint.person_id).where(ContactPoint.value == "ana@mail.example")
        )
        row = await session.scalar(select(Volunteer).where(Volunteer.person_id == person_id))
        assert row is not None
        hours = list(
            await session.scalars(select(WeeklyHours).where(WeeklyHours.volunteer_id == row.id))
        )
        purposes = set(
            await session.scalars(select(Consent.purpose).where(Consent.person_id == person_id))
        )
        draft = await session.scalar(select(AskDraft))
    assert (row.mode, row.max_travel_s) == ("bike", 1_200)
    assert [(one.weekday, one.start_min, one.end_min) for one in hours] == [(5, 540, 1_020)]
    assert purposes == {"matching", "offers"}
    assert draft is not None
    assert draft.answers == {}, "what was typed goes when it was sent"
    assert await count(pages, Message, Message.person_id == person_id) >= 1
    done = (await browser.get("/volunteer/done")).text
    # Where nothing is sent, nobody is told to look for a message.
    assert "the team confirms who you are" in done
    assert "You open our e-mail" not in done
    assert "Ana" not in done


async def test_signing_up_tells_nothing_about_who_is_known(pages: Pages) -> None:
    known = pages.there.volunteer_person_ids[3]  # strangers see the town that comes first
    async with pages.database.read() as session:
        mail = await session.scalar(
            select(ContactPoint.value).where(
                ContactPoint.person_id == known, ContactPoint.channel == "email"
            )
        )
    people, told = await count(pages, Person), []
    for number, email in enumerate((str(mail), "nobody@mail.example")):
        pages.client.cookies.clear()
        browser = Browser(pages)
        await browser.press("/volunteer", name="Ana Example", email=email)
        await browser.press("/volunteer/where", **WHERE)
        sent = await browser.press("/volunteer/when", **WHEN)
        assert sent.headers["location"] == "/volunteer/done"
        text = (await browser.get("/volunteer/done")).text
        told.append(re.sub(r'value="[^"]+"', "", text))
        assert await count(pages, Person) == people + number
    assert told[0] == told[1]


async def test_who_is_signed_in_is_asked_nothing_twice(pages: Pages) -> None:
    person_id = pages.here.resident_ids[4]
    headers = await pages.as_person(person_id)
    pages.client.cookies.set(*headers["cookie"].split("=", 1))
    browser = Browser(pages)

    first = (await browser.get("/volunteer")).text
    mail = re.search(r'name="email" value="([^"]+)"', first)
    assert mail is not None
    assert "Synthetic Snowville" in first
    await browser.press("/volunteer", name="Rosa", email=mail[1])
    await browser.press("/volunteer/where", **WHERE)
    await browser.press("/volunteer/when", **WHEN)

    assert "You are signed up." in (await browser.get("/volunteer/done")).text
    assert await count(pages, Volunteer, Volunteer.person_id == person_id) == 1
    assert (await browser.get("/volunteer")).headers["location"] == "/volunteering"
