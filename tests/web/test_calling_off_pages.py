"""Calling off what was sent without signing in: this snowfall, and each one to come."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from matching.intake.kinds import StandingStatus
from matching.intake.models import StandingRequest
from matching.intake.reviewing import approve_request, approve_standing
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from people.auth import Actor
from people.links import LinkTo, create_link
from tests.town_pages import OURS, Pages, read_token

BOTH = (
    ("/ask", {"kind": "snow"}),
    ("/ask/parts", {"part-steps": "1"}),
    ("/ask/when", {"when": "both"}),
    ("/ask/place", {"typed": "22 Aberdeen Ave", "unit": "2"}),
    ("/ask/place/confirm", {"place": "0", "do": "yes", "notes": ""}),
    ("/ask/who", {"who": "self", "name": "Rosa Sample"}),
    ("/ask/contact", {"channel": "call", "phone": "617-555-0187", "language": "en"}),
)


async def read_rows(pages: Pages) -> tuple[list[HelpRequest], StandingRequest]:
    """The requests of whoever asked last, and the wish beside them."""
    async with pages.database.read() as session:
        newest = select(StandingRequest).order_by(StandingRequest.created_at.desc()).limit(1)
        wish = await session.scalar(newest)
        assert wish is not None
        query = select(HelpRequest).where(HelpRequest.resident_id == wish.resident_id)
        return list(await session.scalars(query)), wish


async def ask_for_both(pages: Pages) -> tuple[str, str, str]:
    """A stranger asks for this snowfall and each later one: the last page, the link, its page."""
    client = pages.client
    client.cookies.clear()
    shown = await client.get("/ask")
    for path, fields in BOTH:
        data = {"csrf": read_token(shown.text), **fields}
        shown = await client.post(path, data=data, headers=OURS, follow_redirects=True)
        assert shown.status_code == 200, path
    check = unescape(shown.text)
    data = {"csrf": read_token(shown.text), "ok": "1"}
    done = await client.post("/ask/check", data=data, headers=OURS, follow_redirects=True)
    assert done.status_code == 200
    return check, done.request.url.path, unescape(done.text)


async def press(pages: Pages, link: str, do: str) -> str:
    answer = await pages.client.post(link, data={"do": do}, headers=OURS, follow_redirects=True)
    assert answer.status_code == 200
    return unescape(answer.text)


@pytest.mark.parametrize("ends_wish", [False, True])
async def test_what_was_called_off_does_not_come_back(pages: Pages, ends_wish: bool) -> None:
    check, link, done = await ask_for_both(pages)
    # Who chose to be called hears of no writing, nor of a number that is not there.
    for page in (check, done):
        assert "We call you when one of them says yes" in page
        assert "We write when" not in page
    assert "You also asked for help each time it snows" in done
    assert "only its address" not in done
    assert "Change something" not in done
    assert "A person looks at it first" not in done
    assert "your request first" not in done
    assert "When that is done, we ask neighbors" in done

    called_off = await press(pages, link, "cancel")
    assert "Your request is called off" in called_off
    assert "When it snows again, we ask for you again." in called_off
    if ends_wish:
        for _ in range(2):
            ended = await press(pages, link, "end_wish")
            assert "You also asked" not in ended
        _rows, wish = await read_rows(pages)
        assert wish.status is StandingStatus.ENDED
        return
    _rows, wish = await read_rows(pages)
    assert wish.status is StandingStatus.NEEDS_REVIEW
    async with pages.database.begin() as session:
        await approve_standing(session, Actor.system(), wish.id, now=pages.clock.now())
    requests, wish = await read_rows(pages)
    assert wish.status is StandingStatus.ACTIVE
    assert [row.status for row in requests] == [RequestStatus.CANCELLED]


async def test_after_it_went_on_the_link_still_calls_it_off(pages: Pages) -> None:
    _check, link, _done = await ask_for_both(pages)
    [request], _wish = await read_rows(pages)
    async with pages.database.begin() as session:
        await approve_request(session, Actor.system(), request.id, now=pages.clock.now())
    page = unescape((await pages.client.get(link)).text)
    assert "We call you when somebody says yes." in page
    assert "This page gives no names." in page
    assert "a first name and a time" not in page
    assert "Your request is called off" in await press(pages, link, "cancel")


async def test_no_number_no_word_of_calling(pages: Pages) -> None:
    await ask_for_both(pages)
    [request], _wish = await read_rows(pages)
    async with pages.database.begin() as session:
        await approve_request(session, Actor.system(), request.id, now=pages.clock.now())
        row = await session.get_one(HelpRequest, request.id)
        row.status = RequestStatus.ACCEPTED
    own = await pages.as_person(request.resident_id)
    changing = unescape((await pages.get(f"/requests/{request.id}/change", own)).text)
    assert "the work and the time stay" in changing
    assert "call us" not in changing


async def test_a_wish_alone_ends_by_its_link_also_when_it_holds(pages: Pages) -> None:
    await ask_for_both(pages)
    _requests, wish = await read_rows(pages)
    now = pages.clock.now()
    to = LinkTo(
        action="asked_standing",
        person_id=wish.resident_id,
        subject_id=wish.id,
        expires_at=now + timedelta(days=1),
    )
    async with pages.database.begin() as session:
        link = f"/l/{await create_link(session, to, now=now)}"
        await approve_standing(session, Actor.system(), wish.id, now=now)
    page = unescape((await pages.client.get(f"{link}?said=asked")).text)
    assert "Keep the link to this page" in page
    assert "We call you when snow is coming." in page
    assert "This has ended" in await press(pages, link, "end")
