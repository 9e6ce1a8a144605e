"""What somebody says to the team or to whoever came: call me back, and thank you."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from sqlalchemy import select, update

from core.events import Event
from matching.intake.kinds import StandingStatus
from matching.intake.models import CallBack, StandingRequest
from matching.kinds import AskStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.offers.models import Ask
from matching.offers.visit_models import VisitThanks
from matching.states import HELD_ASSIGNMENTS
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.links import LinkTo, create_link
from people.models import PersonName
from tests.town_pages import OURS, Pages, count

JO = {"name": "Jo Sample", "phone": "617-555-0143", "about": "I cannot read the form"}


async def press(
    pages: Pages, path: str, headers: dict[str, str] | None = None, *, on: str = "", **form: str
) -> Any:
    page = await pages.get(on or path, headers)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    return await pages.client.post(
        path,
        data={"csrf": "" if token is None else token[1], **form},
        headers=OURS | (headers or {}),
        follow_redirects=False,
    )


async def test_a_stranger_is_called_back_and_only_staff_of_the_town_see_the_number(
    pages: Pages,
) -> None:
    page = await pages.get("/call-me")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    for path in ("/ask", "/help"):
        assert 'href="/call-me"' in (await pages.get(path)).text
    wrong = await press(pages, "/call-me", name=" ", phone="12", about="x" * 301)
    assert wrong.status_code == 422
    shown = unescape(wrong.text)
    for words in ("Write your name", "with its area code", "at most 300 characters"):
        assert words in shown
    assert await count(pages, CallBack) == 0
    forged = await pages.client.post("/call-me", data=JO, headers=OURS)
    assert forged.status_code == 403

    for _ in range(2):
        answer = await press(pages, "/call-me", **JO)
        assert (answer.status_code, answer.headers["location"]) == (303, "/call-me?said=noted")
    assert await count(pages, CallBack) == 1
    done = (await pages.get("/call-me?said=noted")).text
    assert "We call you back" in done
    assert "0143" not in done
    pages.client.cookies.clear()

    async with pages.database.begin() as session:
        await session.execute(update(CallBack).values(community_id=pages.here.community_id))
    staff = await pages.as_person(pages.here.coordinator_id)
    other = await pages.as_person(pages.there.manager_id)
    member = await pages.as_person(pages.here.resident_ids[0])
    queue = unescape((await pages.get("/staff/review", staff)).text)
    for words in ("1 person wants to be called", "Jo Sample", "tel:+16175550143", JO["about"]):
        assert words in queue
    assert "Jo Sample" not in (await pages.get("/staff/review", other)).text
    assert (await pages.get("/staff/review", member)).status_code == 403

    key = re.search(r'/staff/review/calls".*?name="key" value="([^"]+)"', queue, re.S)
    assert key is not None
    goal, form = "/staff/review/calls", {"key": key[1]}
    assert (await press(pages, goal, other, on="/staff/people", **form)).status_code == 404
    assert (await press(pages, goal, member, on="/account/name", **form)).status_code == 403
    for _ in range(2):
        answer = await press(pages, goal, staff, on="/staff/people", **form)
        assert answer.status_code == 303
    called = unescape((await pages.get("/staff/review", staff)).text)
    assert "I have called Jo Sample" not in called
    # Nobody was reached: it waits again, as long as the number is kept.
    assert "Not reached, put Jo Sample back" in called
    back = form | {"do": "reopen"}
    assert (await press(pages, goal, other, on="/staff/people", **back)).status_code == 404
    for _ in range(2):
        answer = await press(pages, goal, staff, on="/staff/people", **back)
        assert answer.headers["location"] == "/staff/review?said=reopened#calls"
    again = unescape((await pages.get("/staff/review", staff)).text)
    assert "I have called Jo Sample" in again
    assert "put Jo Sample back" not in again
    async with pages.database.read() as session:
        kinds = select(Event.kind).where(Event.kind.like("call_back.%")).order_by(Event.kind)
        found = ["call_back.asked", "call_back.closed", "call_back.reopened"]
        assert list(await session.scalars(kinds)) == found


async def test_two_people_at_one_phone_both_wait_and_nothing_that_they_say_is_lost(
    pages: Pages,
) -> None:
    own = await pages.as_person(pages.here.resident_ids[0])
    async with pages.database.read() as session:
        query = select(HelpRequest).where(HelpRequest.resident_id == pages.here.resident_ids[0])
        request = await session.scalar(query.limit(1))
        assert request is not None
    for form in (
        JO,
        JO | {"name": "jo sample", "about": "It is urgent", "request": str(request.id)},
        JO | {"name": "Kim Sample", "about": "About my mother"},
    ):
        assert (await press(pages, "/call-me", own, **form)).status_code == 303
    async with pages.database.read() as session:
        rows = list(await session.scalars(select(CallBack).order_by(CallBack.created_at)))
    told = sorted((row.name, row.about, row.request_id) for row in rows)
    both = f"{JO['about']}\nIt is urgent"
    assert told == [("Jo Sample", both, request.id), ("Kim Sample", "About my mother", None)]
    staff = await pages.as_person(pages.here.coordinator_id)
    queue = unescape((await pages.get("/staff/review", staff)).text)
    for words in ("2 people want to be called", "It is urgent", "About my mother"):
        assert words in queue


async def test_who_waits_for_a_call_waits_for_the_staff(pages: Pages) -> None:
    staff = await pages.as_person(pages.here.coordinator_id)
    async with pages.database.begin() as session:
        await session.execute(update(HelpRequest).values(status=RequestStatus.CONFIRMED))
        await session.execute(update(Ask).values(status=AskStatus.WITHDRAWN))
        await session.execute(update(StandingRequest).values(status=StandingStatus.ENDED))
        await session.execute(update(Message).values(status=MessageStatus.SENT))
    assert "Nothing waits for you." in (await pages.get("/staff", staff)).text
    own = await pages.as_person(pages.here.resident_ids[0])
    assert (await press(pages, "/call-me", own, **JO)).status_code == 303
    overview = (await pages.get("/staff", staff)).text
    assert "Nothing waits for you." not in overview
    assert re.search(r'href="/staff/review#calls">1<', overview)


async def test_who_is_signed_in_is_asked_nothing_that_is_known(pages: Pages) -> None:
    person_id = pages.here.resident_ids[0]
    own = await pages.as_person(person_id)
    async with pages.database.read() as session:
        name = (await session.get_one(PersonName, person_id)).full_name
        query = select(HelpRequest).where(HelpRequest.resident_id != person_id)
        foreign = await session.scalar(query.limit(1))
    assert foreign is not None
    assert f'value="{name}"' in unescape((await pages.get("/call-me", own)).text)
    answer = await press(pages, "/call-me", own, **JO, request=str(foreign.id))
    assert answer.status_code == 303
    async with pages.database.read() as session:
        row = await session.scalar(select(CallBack))
        assert row is not None
        # Nobody hangs a call onto somebody else's request.
        assert (row.person_id, row.request_id) == (person_id, None)


async def test_callers_are_held_up(pages: Pages) -> None:
    own = await pages.as_person(pages.here.resident_ids[0])
    # A form that lacks something is no call.
    for _ in range(11):
        assert (await press(pages, "/call-me", own, name="")).status_code == 422
    answers = [
        (await press(pages, "/call-me", own, **JO | {"phone": f"617-555-01{n:02}"})).status_code
        for n in range(12)
    ]
    assert answers[:10] == [303] * 10
    assert answers[-1] == 429


async def test_thanks_reach_whoever_came_once_and_staff_take_them_away(pages: Pages) -> None:
    async with pages.database.begin() as session:
        row = (
            await session.execute(
                select(HelpRequest, Volunteer.person_id)
                .join(Assignment, Assignment.request_id == HelpRequest.id)
                .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
                .where(
                    HelpRequest.status.in_((RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)),
                    Assignment.status.in_(HELD_ASSIGNMENTS),
                    HelpRequest.community_id == pages.here.community_id,
                )
                .limit(1)
            )
        ).first()
    assert row is not None
    request, helper_id = row
    path = f"/requests/{request.id}"
    own, helper = await pages.as_person(request.resident_id), await pages.as_person(helper_id)
    assert "Say thank you" not in (await pages.get(path, own)).text
    assert (await press(pages, path, own, do="thank", words="Thanks")).status_code == 409
    await press(pages, path, own, do="confirm")
    shown = unescape((await pages.get(path, own)).text)
    assert "Say thank you" in shown
    assert f"/call-me?request={request.id}" in shown

    long = await press(pages, path, own, do="thank", words="so much " * 40)
    assert long.status_code == 422
    assert "at most 300 characters" in long.text
    assert "so much so much" in long.text
    await check_link(pages, request)
    stranger = await pages.as_person(pages.there.manager_id)
    on = "/account/name"
    for other in (helper, stranger):
        assert (await press(pages, path, other, on=on, do="thank", words="Hm")).status_code == 404
    assert await count(pages, VisitThanks) == 0

    # A browser counts the end of a line as one character, and sends two.
    lines = "\r\nThanks" * 30
    for words in (f"What a clean path! 617-555-0143{lines}", "Something else"):
        answer = await press(pages, path, own, on="/call-me", do="thank", words=words)
        assert answer.status_code == 303
    for page in (path, "/requests"):
        assert "Something else" not in (await pages.get(page, own)).text
    assert "What a clean path! ***" in (await pages.get(path, own)).text
    for page in ("/volunteering", "/volunteering/impact"):
        assert "What a clean path! ***" in (await pages.get(page, helper)).text, page
    others = [key for key in pages.here.volunteer_person_ids if key != helper_id]
    page = await pages.get("/volunteering", await pages.as_person(others[0]))
    assert "clean path" not in page.text

    staff = await pages.as_person(pages.here.coordinator_id)
    file = f"/staff/requests/{request.id}"
    assert "What a clean path! ***" in (await pages.get(file, staff)).text
    assert (await press(pages, file, stranger, on=on, do="take_thanks")).status_code in (403, 404)
    for _ in range(2):
        assert (await press(pages, file, staff, do="take_thanks")).status_code == 303
    for page, who in (("/volunteering", helper), (path, own), (file, staff)):
        assert "clean path" not in (await pages.get(page, who)).text, page
    assert "said thank you" not in (await pages.get(file, staff)).text
    # They were said once; the form does not come again.
    assert "Say thank you" not in (await pages.get(path, own)).text
    await press(pages, path, own, on="/call-me", do="thank", words="Once more")
    assert "Once more" not in (await pages.get("/volunteering", helper)).text
    async with pages.database.read() as session:
        (row,) = await session.scalars(select(VisitThanks))
        assert row.words == ""


async def check_link(pages: Pages, request: HelpRequest) -> None:
    """Behind the link of a message the form keeps the words that are too many, too."""
    async with pages.database.begin() as session:
        goal = LinkTo(
            action="request",
            person_id=request.resident_id,
            subject_id=request.id,
            expires_at=pages.clock.now() + timedelta(days=1),
        )
        path = f"/l/{await create_link(session, goal, now=pages.clock.now())}"
    form = {"do": "thank", "words": "so much " * 40}
    long = await pages.client.post(path, data=form, headers=OURS, follow_redirects=False)
    assert long.status_code == 422
    for words in ("at most 300 characters", "so much so much", "Say thank you"):
        assert words in long.text
