"""The pages of what somebody has asked for: who may see them, and what their buttons do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.intake.kinds import StandingStatus
from matching.intake.models import RequestAccess, StandingBreak, StandingRequest
from matching.kinds import OfferStatus, RequestKind, RequestStatus, StormStatus
from matching.models import HelpRequest, Offer, Storm
from matching.offers.asks_repository import find_running_storm
from matching.offers.models import AskedHome
from matching.offers.next_asking import find_next_asking
from matching.offers.schedule import schedule_wave
from people.links import LinkTo, create_link
from people.models import HouseholdAddress, PersonName
from tests.factories.town import seed_town
from tests.town_pages import OURS, Pages, open_client


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville", scale=4)
    there = await seed_town(database, clock, slug="otherville", scale=4)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


async def find_request(
    pages: Pages, *statuses: RequestStatus, resident_id: UUID | None = None
) -> HelpRequest:
    async with pages.database.read() as session:
        query = select(HelpRequest).where(
            HelpRequest.community_id == pages.here.community_id,
            HelpRequest.status.in_(statuses),
        )
        if resident_id is not None:
            query = query.where(HelpRequest.resident_id == resident_id)
        found: HelpRequest | None = await session.scalar(query.order_by(HelpRequest.id).limit(1))
        assert found is not None
        return found


async def read_status(pages: Pages, request_id: UUID) -> RequestStatus:
    async with pages.database.read() as session:
        return (await session.get_one(HelpRequest, request_id)).status


async def press(pages: Pages, headers: dict[str, str], path: str, **fields: str) -> Any:
    page = await pages.get(fields.pop("on", path), headers)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None, page.text[-2000:]
    return await pages.client.post(
        path, data={"csrf": token[1], **fields}, headers=OURS | headers, follow_redirects=False
    )


async def test_who_may_see_a_request(pages: Pages) -> None:
    request = await find_request(pages, RequestStatus.OFFERED)
    other = next(key for key in pages.here.resident_ids if key != request.resident_id)
    readers = {
        "own": (request.resident_id, 200),
        "another resident": (other, 404),
        "coordinator here": (pages.here.coordinator_id, 200),
        "manager elsewhere": (pages.there.manager_id, 404),
        "resident elsewhere": (pages.there.resident_ids[0], 404),
    }
    parts = ("", "/cancel", "/change")
    for name, (person_id, wanted) in readers.items():
        headers = await pages.as_person(person_id)
        for part in parts:
            answer = await pages.get(f"/requests/{request.id}{part}", headers)
            assert answer.status_code == wanted, (name, part)
    answer = await pages.client.get(f"/requests/{request.id}", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")

    own = await pages.as_person(request.resident_id)
    page = await pages.get("/requests", own)
    assert page.status_code == 200
    assert f"/requests/{request.id}" in page.text
    assert str(request.id) not in (await pages.get("/requests", await pages.as_person(other))).text


async def test_the_news_and_what_is_next(pages: Pages) -> None:
    request = await find_request(pages, RequestStatus.OFFERED)
    own = await pages.as_person(request.resident_id)
    answer = await pages.get(f"/requests/{request.id}", own)
    text = unescape(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert re.search(r"<h1>We asked \d+ neighbors?\.", text)
    for words in (
        request.reference,
        "Asking neighbors",
        "If nobody can come by",
        'aria-current="step"',
        "Who has seen your address",
        "Check again",
        "I no longer need help",
    ):
        assert words in text, words
    async with pages.database.read() as session:
        address = await session.get_one(HouseholdAddress, request.household_id)
        names = set(await session.scalars(select(PersonName.full_name)))
    assert address.address_text not in text
    assert not [name for name in names if name in text]


async def test_when_more_neighbors_are_asked_is_the_ladders_own_time(
    pages: Pages, clock: FixedClock
) -> None:
    request = await find_request(pages, RequestStatus.OFFERED)
    own, path = await pages.as_person(request.resident_id), f"/requests/{request.id}"
    zone = ZoneInfo("America/New_York")
    noon = datetime.combine(clock.now().astimezone(zone).date(), time(12), zone)
    due_at = noon.astimezone(UTC) + timedelta(days=1, minutes=13)
    answers = update(Offer).where(Offer.request_id == request.id)
    async with pages.database.begin() as session:
        await session.execute(answers.values(status=OfferStatus.DECLINED))
        row = await session.get_one(HelpRequest, request.id)
        row.deadline_at = due_at + timedelta(days=1)
        await session.execute(delete(AskedHome).where(AskedHome.request_id == request.id))
        storm = await find_running_storm(session, pages.here.community_id)
        assert storm is not None
    before = unescape((await pages.get(path, own)).text)
    assert "We ask more neighbors as soon as we can." in before
    async with pages.database.begin() as session:
        await schedule_wave(session, pages.here.community_id, now=clock.now(), due_at=due_at)
    assert "We ask the next neighbors on " in unescape((await pages.get(path, own)).text)
    assert "12:15" in (await pages.get(path, own)).text

    # Who only looks whether somebody is free by then promises no more than that.
    async with pages.database.begin() as session:
        look_at, here = due_at - timedelta(hours=1), pages.here.community_id
        await schedule_wave(session, here, now=clock.now(), due_at=look_at, is_look=True)
    looks = unescape((await pages.get(path, own)).text)
    assert "We look again for a neighbor on " in looks
    assert "11:15" in looks
    assert "We ask the next neighbors" not in looks

    # The quiet hours go before, and a person's eye, and a storm on hold.
    async with pages.database.begin() as session:
        night = noon.astimezone(UTC) + timedelta(hours=11)
        await schedule_wave(session, pages.here.community_id, now=clock.now(), due_at=night)
        wave = await find_next_asking(
            session, pages.here.community_id, request.kind, now=clock.now()
        )
        assert wave is not None
        assert wave.at > night + timedelta(hours=4)
        assert not wave.is_look
        row = await session.get_one(Storm, storm.id)
        row.status = StormStatus.HOLD
    assert "We ask more neighbors as soon as we can." in unescape((await pages.get(path, own)).text)


async def test_calling_off_has_a_page_of_its_own_and_one_effect(pages: Pages) -> None:
    request = await find_request(pages, RequestStatus.OFFERED)
    own = await pages.as_person(request.resident_id)
    path = f"/requests/{request.id}/cancel"
    page = await pages.get(path, own)
    assert "Shall we call off your request?" in page.text
    assert await read_status(pages, request.id) is RequestStatus.OFFERED
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    refused = await pages.client.post(path, data={"csrf": "made-up"}, headers=OURS | own)
    assert refused.status_code == 403
    for _ in range(2):
        answer = await pages.client.post(
            path, data={"csrf": token[1]}, headers=OURS | own, follow_redirects=False
        )
        assert answer.status_code == 303
    assert await read_status(pages, request.id) is RequestStatus.CANCELLED
    async with pages.database.read() as session:
        events = await session.scalars(
            select(Event).where(Event.subject_id == request.id, Event.kind == "request.cancelled")
        )
        assert len(list(events)) == 1
    assert "called off" in (await pages.get(f"/requests/{request.id}", own)).text
    # Somebody else's button does nothing.
    foreign = await pages.as_person(pages.there.manager_id)
    second = await find_request(pages, RequestStatus.OFFERED)
    answer = await press(pages, foreign, f"/requests/{second.id}/cancel", on="/ask")
    assert answer.status_code == 404
    assert await read_status(pages, second.id) is RequestStatus.OFFERED


async def test_done_or_not_done_are_two_equal_buttons(pages: Pages, clock: FixedClock) -> None:
    request = await find_request(pages, RequestStatus.ACCEPTED)
    own = await pages.as_person(request.resident_id)
    path = f"/requests/{request.id}"
    page = await pages.get(path, own)
    assert "Who comes" in page.text
    calendar = await pages.get(f"{path}/calendar.ics", own)
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in calendar.content
    async with pages.database.read() as session:
        address = await session.get_one(HouseholdAddress, request.household_id)
    assert address.address_text.encode() not in calendar.content

    answer = await press(pages, own, path, do="write", words="The key is under the pot")
    assert answer.headers["location"] == f"{path}?said=written"
    assert "The key is under the pot" in (await pages.get(path, own)).text

    clock.advance(timedelta(hours=12))
    assert (await press(pages, own, path, do="not_done")).status_code == 303
    assert await read_status(pages, request.id) in (RequestStatus.OPEN, RequestStatus.OFFERED)
    page = await pages.get(f"{path}?said=not_done", own)
    assert "your home comes first" in page.text
    bad = await press(pages, own, path, do="something", on="/ask")
    assert bad.status_code == 422


async def test_what_may_change_and_when(pages: Pages) -> None:
    request = await find_request(pages, RequestStatus.OFFERED)
    own = await pages.as_person(request.resident_id)
    path = f"/requests/{request.id}/change"
    answer = await press(pages, own, path, scope_shown="1", when="keep", notes="Green door")
    assert answer.status_code == 422
    assert "Choose at least one part" in answer.text
    fields = {f"part-{code}": "1" for code in request.scope or ()}
    answer = await press(pages, own, path, scope_shown="1", when="day", day="soon", **fields)
    assert answer.status_code == 422
    assert "Choose a day from the list" in answer.text
    answer = await press(
        pages, own, path, scope_shown="1", when="keep", notes="Green door", **fields
    )
    assert answer.status_code == 303
    async with pages.database.read() as session:
        access = await session.get_one(RequestAccess, request.id)
        assert access.access_notes == "Green door"
    # Notes alone withdraw nothing of what neighbors were asked; other work does.
    assert await read_status(pages, request.id) is RequestStatus.OFFERED
    other = {"part-steps": "1", "part-windrow": "1"}
    answer = await press(pages, own, path, scope_shown="1", when="keep", **other)
    assert answer.status_code == 303
    async with pages.database.read() as session:
        row = await session.get_one(HelpRequest, request.id)
        assert set(row.scope or ()) == {"steps", "windrow"}

    accepted = await find_request(pages, RequestStatus.ACCEPTED)
    own = await pages.as_person(accepted.resident_id)
    page = await pages.get(f"/requests/{accepted.id}/change", own)
    assert "the work and the time stay" in page.text
    assert "part-steps" not in page.text


async def test_a_ride_keeps_where_it_goes(pages: Pages) -> None:
    request = await find_request(pages, RequestStatus.OFFERED)
    async with pages.database.begin() as session:
        row = await session.get_one(HelpRequest, request.id)
        row.kind, row.scope = RequestKind.RIDE, ["one_way"]
    own = await pages.as_person(request.resident_id)
    path = f"/requests/{request.id}/change"
    fields = {"scope_shown": "1", "when": "keep", "part-one_way": "1"}

    page = await pages.get(path, own)
    nowhere = await press(pages, own, path, notes=" ", **fields)
    kept = await press(pages, own, path, notes="To the library. Green door", **fields)

    assert "Where do you want to go" in page.text
    assert nowhere.status_code == 422
    assert "Write what the neighbor needs to know" in nowhere.text
    assert kept.status_code == 303


async def test_a_wish_for_every_snowfall_rests_and_ends(pages: Pages) -> None:
    async with pages.database.read() as session:
        query = select(StandingRequest).where(
            StandingRequest.community_id == pages.here.community_id,
            StandingRequest.status == StandingStatus.ACTIVE,
        )
        wish = await session.scalar(query.order_by(StandingRequest.id).limit(1))
    assert wish is not None
    own = await pages.as_person(wish.resident_id)
    path = f"/requests/standing/{wish.id}"
    foreign = await pages.as_person(pages.there.resident_ids[0])
    assert (await pages.get(path, foreign)).status_code == 404
    bad = await press(pages, own, path, do="away", starts_on="2026-03-05", ends_on="2026-03-01")
    assert bad.status_code == 422
    assert "must not be before the first" in bad.text
    bad = await press(pages, own, path, do="away", starts_on="", ends_on="never")
    assert bad.status_code == 422
    fields = {"starts_on": "2026-03-01", "ends_on": "2026-03-05"}
    for _ in range(2):
        assert (await press(pages, own, path, do="away", **fields)).status_code == 303
    async with pages.database.read() as session:
        rows = select(StandingBreak).where(StandingBreak.standing_id == wish.id)
        found = [
            row for row in await session.scalars(rows) if row.starts_on.isoformat() == "2026-03-01"
        ]
        assert len(found) == 1
    assert (await press(pages, own, path, do="end")).status_code == 303
    async with pages.database.read() as session:
        row = await session.get_one(StandingRequest, wish.id)
        assert row.status is StandingStatus.ENDED
    assert "This has ended" in (await pages.get(path, own)).text


async def test_the_link_of_whoever_sent_it_names_nobody(
    pages: Pages, database: Database, clock: FixedClock
) -> None:
    accepted = await find_request(pages, RequestStatus.ACCEPTED)
    waiting = await find_request(pages, RequestStatus.NEEDS_REVIEW)
    paths = {}
    for row in (accepted, waiting):
        to = LinkTo(
            action="asked",
            person_id=row.resident_id,
            subject_id=row.id,
            expires_at=clock.now() + timedelta(days=1),
        )
        async with database.begin() as session:
            paths[row.id] = f"/l/{await create_link(session, to, now=clock.now())}"
    page = unescape((await pages.get(paths[accepted.id])).text)
    async with pages.database.read() as session:
        names = set(await session.scalars(select(PersonName.full_name)))
    firsts = {name.split()[0] for name in names}
    assert not [name for name in firsts if re.search(rf"\b{re.escape(name)}\b", page)]
    for hidden in ("Who has seen your address", "Write to them", "It is done", "first name and"):
        assert hidden not in page
    # It says why, and is called off as long as it is not done.
    assert "This page gives no names." in page
    assert "Call off my request" in page
    for path in paths.values():
        for _ in range(2):
            answer = await pages.client.post(
                path, data={"do": "cancel"}, headers=OURS, follow_redirects=False
            )
            assert answer.status_code == 303
        key = next(key for key, value in paths.items() if value == path)
        assert await read_status(pages, key) is RequestStatus.CANCELLED
    answer = await pages.client.post(paths[waiting.id], data={"do": "confirm"}, headers=OURS)
    assert answer.status_code == 422
