"""Calendars by secret link, read back as calendar programs read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.pagination import PageArgs, read_page
from matching.feeds.calendar_file import Entry, FeedFile, is_known, make_etag, write_feed
from matching.feeds.errors import FeedUnknown, TooManyFeeds
from matching.feeds.feeds import MOST_FEEDS, MadeFeed, create_feed, revoke_feed
from matching.feeds.models import CalendarFeed, FeedKind
from matching.feeds.repository import list_feeds
from matching.kinds import AssignmentStatus
from matching.models import Assignment
from matching.personal.erasure import erase_person
from matching.personal.export import export_person
from people.auth import Actor
from people.models import Membership, Preferences
from people.repository import load_actor
from tests.factories.town import seed_town
from tests.personal import dump
from tests.town_pages import Pages, open_client

NOBODY = "A" * 43


@pytest.fixture
async def pages(database: Database, database_url: str, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, "snowville", scale=10)
    there = await seed_town(database, clock, "frostham", scale=4)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


async def make(pages: Pages, person_id: Any, kind: FeedKind = FeedKind.VISITS) -> MadeFeed:
    async with pages.database.begin() as session:
        actor = await load_actor(session, person_id)
        return await create_feed(
            session, actor, pages.here.community_id, kind, now=pages.clock.now()
        )


async def test_a_volunteer_finds_the_agreed_visits(pages: Pages) -> None:
    made = await make(pages, pages.here.volunteer_person_ids[0])
    answer = await pages.get(made.path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    assert calendar.errors == []
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert len(events) == 11
    async with pages.database.read() as session:
        work = await session.get_one(Assignment, pages.here.assignment_ids[0])
    event = events[f"visit-{work.id}@talkoot"]
    assert event["DTSTART"].dt == work.starts_at
    assert event["DTEND"].dt == work.ends_at
    assert event["DTSTART"].dt.tzinfo.key == "America/New_York"
    assert event["LOCATION"] == "Riverside"
    assert "Riverside" in event["SUMMARY"]
    assert len(made.token) == 43


async def test_it_holds_no_address_and_no_name(pages: Pages) -> None:
    made = await make(pages, pages.here.volunteer_person_ids[0])
    text = (await pages.get(made.path)).text.lower()
    for word in ("synthetic", "snowville", " way", "+1617555", ".example:", "shovel stands"):
        assert word not in text.replace("talkoot.example", "")


async def test_staff_find_the_storms(pages: Pages) -> None:
    made = await make(pages, pages.here.coordinator_id, FeedKind.STORMS)
    calendar = Calendar.from_ical((await pages.get(made.path)).content)
    uids = {str(event["UID"]) for event in calendar.walk("VEVENT")}
    assert uids == {
        f"{word}-{key}@talkoot" for word in ("storm", "deadline") for key in pages.here.storm_ids
    }
    assert "Snowville" in calendar["X-WR-CALNAME"]


async def test_lines_are_as_the_standard_wants_them(pages: Pages) -> None:
    made = await make(pages, pages.here.volunteer_person_ids[0])
    content = (await pages.get(made.path)).content
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert content.startswith(b"BEGIN:VCALENDAR")


async def test_what_has_not_changed_is_not_sent_again(pages: Pages, clock: FixedClock) -> None:
    made = await make(pages, pages.here.volunteer_person_ids[0])
    first = await pages.get(made.path)
    clock.advance(timedelta(hours=5))
    again = await pages.get(made.path, {"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    async with pages.database.begin() as session:
        work = await session.get_one(Assignment, pages.here.assignment_ids[0])
        work.status, work.ended_at = AssignmentStatus.RELEASED, clock.now()
    changed = await pages.get(made.path, {"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert len(Calendar.from_ical(changed.content).walk("VEVENT")) == 10


async def test_an_ended_one_is_like_one_that_never_was(pages: Pages) -> None:
    volunteer = pages.here.volunteer_person_ids[0]
    made = await make(pages, volunteer)
    async with pages.database.begin() as session:
        await revoke_feed(session, Actor(person_id=volunteer), made.row.id, now=pages.clock.now())
    ended = await pages.get(made.path)
    never = await pages.get(f"/calendar/{NOBODY}.ics")
    odd = await pages.get("/calendar/x'%22.ics")
    bodies = []
    for answer in (ended, never, odd):
        assert answer.status_code == 404
        body = answer.json()
        body.pop("reference")
        bodies.append(body)
    assert bodies[0] == bodies[1] == bodies[2]
    assert (await pages.get(f"/calendar/{made.token}")).status_code == 404


async def test_only_a_digest_is_kept(pages: Pages) -> None:
    made = await make(pages, pages.here.volunteer_person_ids[0])
    assert made.token not in await dump(pages.database)


async def test_who_leaves_takes_the_calendar_along(pages: Pages) -> None:
    coordinator = pages.here.coordinator_id
    made = await make(pages, coordinator, FeedKind.STORMS)
    async with pages.database.begin() as session:
        member = await session.scalar(select(Membership).where(Membership.person_id == coordinator))
        assert member is not None
        member.ended_at = pages.clock.now()
    assert (await pages.get(made.path)).status_code == 404


async def test_the_erased_have_none(pages: Pages) -> None:
    volunteer = pages.here.volunteer_person_ids[2]
    made = await make(pages, volunteer)
    async with pages.database.begin() as session:
        actor = Actor(person_id=volunteer)
        told = await export_person(session, actor, volunteer, now=pages.clock.now())
        assert [row["kind"] for row in told["tables"]["calendar_feed"]] == ["visits"]
        assert "token_digest" not in told["tables"]["calendar_feed"][0]
        await erase_person(session, actor, volunteer, now=pages.clock.now())
    assert (await pages.get(made.path)).status_code == 404
    async with pages.database.read() as session:
        left = select(func.count()).where(CalendarFeed.person_id == volunteer)
        assert await session.scalar(left) == 0


async def test_who_may_have_which(pages: Pages) -> None:
    here, now = pages.here.community_id, pages.clock.now()
    volunteer = pages.here.volunteer_person_ids[2]
    made = await make(pages, volunteer)
    for person_id, kind in (
        (volunteer, FeedKind.STORMS),
        (pages.here.resident_ids[0], FeedKind.VISITS),
        (pages.here.manager_id, FeedKind.VISITS),
        (pages.there.manager_id, FeedKind.STORMS),
        (pages.there.volunteer_person_ids[0], FeedKind.VISITS),
    ):
        async with pages.database.begin() as session:
            actor = await load_actor(session, person_id)
            with pytest.raises(NotPermitted):
                await create_feed(session, actor, here, kind, now=now)
            if person_id != volunteer:
                with pytest.raises(FeedUnknown):
                    await revoke_feed(session, actor, made.row.id, now=now)
    async with pages.database.begin() as session:
        with pytest.raises(NotPermitted):
            await create_feed(session, Actor.anonymous(), here, FeedKind.VISITS, now=now)


async def test_a_person_has_some_calendars_at_most(pages: Pages) -> None:
    volunteer = pages.here.volunteer_person_ids[2]
    for _ in range(MOST_FEEDS):
        made = await make(pages, volunteer)
    with pytest.raises(TooManyFeeds):
        await make(pages, volunteer)
    async with pages.database.begin() as session:
        await revoke_feed(session, Actor(person_id=volunteer), made.row.id, now=pages.clock.now())
        page = await read_page(session, list_feeds(Actor(person_id=volunteer)), PageArgs(first=100))
    assert len(page.items) == MOST_FEEDS - 1
    await make(pages, volunteer)


async def test_it_speaks_the_readers_language(pages: Pages) -> None:
    volunteer = pages.here.volunteer_person_ids[0]
    async with pages.database.begin() as session:
        (await session.get_one(Preferences, volunteer)).languages = ["es"]
    made = await make(pages, volunteer)
    assert "mis visitas" in (await pages.get(made.path)).text


async def test_reading_too_often_is_refused(pages: Pages) -> None:
    made = await make(pages, pages.here.volunteer_person_ids[0])
    statuses = [(await pages.get(made.path)).status_code for _ in range(32)]
    assert statuses.count(200) == 30
    assert statuses[-1] == 429


def test_clocks_that_change_are_told_right() -> None:
    """Visits on both sides of the change in March and the one in November."""
    moments = [
        datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 7, 30, tzinfo=UTC),
    ]
    file = FeedFile(
        name="x",
        time_zone="America/New_York",
        since=moments[0],
        entries=tuple(
            Entry(
                uid=f"visit-{number}",
                sequence=0,
                stamp=moments[0],
                starts_at=moment,
                ends_at=moment + timedelta(minutes=20),
                summary="Snow; steps, and the Ñandú's path " * 4,
            )
            for number, moment in enumerate(moments)
        ),
    )
    calendar = Calendar.from_ical(write_feed(file))
    events = sorted(calendar.walk("VEVENT"), key=lambda event: str(event["UID"]))
    assert [event["DTSTART"].dt for event in events] == moments
    zoned = [event["DTSTART"].dt.astimezone(ZoneInfo(file.time_zone)) for event in events]
    assert [moment.strftime("%H:%M") for moment in zoned] == [
        "01:30",
        "03:30",
        "01:30",
        "01:30",
        "02:30",
    ]
    assert str(events[0]["SUMMARY"]) == file.entries[0].summary
    (zone,) = calendar.walk("VTIMEZONE")
    changes = {(part.name, part["DTSTART"].dt.isoformat()) for part in zone.subcomponents}
    assert ("DAYLIGHT", "2026-03-08T02:00:00") in changes
    assert ("STANDARD", "2026-11-01T02:00:00") in changes


def test_the_mark_of_a_file() -> None:
    etag = make_etag(b"x")
    assert etag != make_etag(b"y")
    assert is_known(etag, etag)
    assert is_known(etag, f'"other", W/{etag}')
    assert is_known(etag, "*")
    assert not is_known(etag, '"other"')
    assert not is_known(etag, None)
