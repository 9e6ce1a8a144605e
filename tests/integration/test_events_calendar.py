from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar
from icalendar import Event as Part
from sqlalchemy import select

from campaigns.events.feeds import read_event_file, read_public_feed
from campaigns.events.jobs import register_jobs
from campaigns.events.kinds import EventAudience, Repeats
from campaigns.events.organizing import MoveEvent, cancel_event, cancel_occurrence, move_event
from campaigns.events.series import Rule
from campaigns.events.signing_up import cancel_registration, confirm_seat
from core.clock import FixedClock
from core.db import Database
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from messaging.models import Message, MessageWords
from people.auth import Actor
from people.kinds import Role
from tests.factories.events import GARDEN, add_event, join
from tests.factories.messages import add_reachable
from tests.factories.people import actor_as, add_community, add_person

WEEKLY = Rule(Repeats.WEEKLY, weekdays=(1,), count=6)
START = datetime(2026, 2, 10, 23, 0, tzinfo=UTC)


def parts(content: bytes) -> list[Part]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


async def run_jobs(database: Database, clock: FixedClock) -> None:
    registry = JobRegistry()
    register_jobs(registry)
    await run_due_jobs(
        database, registry, JobTools(database=database, clock=clock, settings=Settings())
    )


async def calendars(database: Database, person_id: Any) -> list[bytes]:
    async with database.read() as session:
        query = (
            select(MessageWords.calendar)
            .join(Message, Message.id == MessageWords.message_id)
            .where(Message.person_id == person_id, MessageWords.calendar.is_not(None))
            .order_by(Message.queued_at, Message.id)
        )
        return [content for content in await session.scalars(query) if content]


async def test_a_series_keeps_its_uid_and_tells_of_single_days(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        event, days = await add_event(
            session, community, now=now, rule=WEEKLY, audience=EventAudience.PUBLIC
        )
        manager = actor_as(Role.MANAGER, community.id)
        await cancel_occurrence(session, manager, days[1].id, now=now)
        moved = MoveEvent(occurrence_id=days[2].id, starts_local="2026-02-25T19:30")
        await move_event(session, manager, moved, now=now)

    async with database.read() as session:
        content = await read_public_feed(session, "cambridge", now=now)
        again = await read_public_feed(session, "cambridge", now=now)

    assert content == again
    master, override = parts(content)
    assert master["UID"] == override["UID"] == f"event-{event.id}@talkoot"
    assert master["RRULE"].to_ical().decode() == "FREQ=WEEKLY;UNTIL=20260317T220000Z;BYDAY=TU"
    assert b"EXDATE;TZID=America/New_York:20260217T180000" in content
    assert override["RECURRENCE-ID"].to_ical() == b"20260224T180000"
    assert override["DTSTART"].dt.isoformat() == "2026-02-25T19:30:00-05:00"
    assert (int(master["SEQUENCE"]), int(override["SEQUENCE"])) == (2, 2)
    assert b"BEGIN:VTIMEZONE" in content
    assert b"METHOD:PUBLISH" in content


async def test_sequences_of_a_persons_invitations_only_rise(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, capacity=1, place=GARDEN)
        manager = actor_as(Role.MANAGER, community.id)
        first = actor_as(Role.RESIDENT, community.id, (await add_person(session, community)).id)
        person = await add_reachable(session, community)
        who = actor_as(Role.RESIDENT, community.id, person.id)
    taken = await join(database, first, day.id, now=now)
    row = await join(database, who, day.id, now=now)
    async with database.begin() as session:
        await cancel_registration(session, first, taken.id, now=now)
        await confirm_seat(session, who, row.id, now=now)
    await run_jobs(database, clock)
    for hour in ("19", "20"):
        clock.advance(timedelta(hours=1))
        async with database.begin() as session:
            moved = MoveEvent(occurrence_id=day.id, starts_local=f"2026-02-10T{hour}:00")
            await move_event(session, manager, moved, now=clock.now())
        await run_jobs(database, clock)
    clock.advance(timedelta(hours=1))
    async with database.begin() as session:
        await cancel_registration(session, who, row.id, now=clock.now())
    await run_jobs(database, clock)

    told = await calendars(database, person.id)

    found = [parts(content)[0] for content in told]
    assert len({str(part["UID"]) for part in found}) == 1
    sequences = [int(part["SEQUENCE"]) for part in found]
    assert sequences == sorted(set(sequences))
    methods = [str(Calendar.from_ical(content)["METHOD"]) for content in told]
    assert methods == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert all("mailto:" in str(part["ATTENDEE"]) for part in found)
    assert "9 Hidden Street" in str(found[0]["LOCATION"])


async def test_feeds_hold_no_hidden_address_and_no_hidden_event(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        public, (day,) = await add_event(
            session, community, now=now, audience=EventAudience.PUBLIC, place=GARDEN
        )
        await add_event(session, community, now=now, title="For members of the town")
        await add_event(
            session,
            community,
            now=now,
            title="A draft",
            audience=EventAudience.PUBLIC,
            publish=False,
        )
        who = actor_as(Role.RESIDENT, community.id, (await add_person(session, community)).id)
    await join(database, who, day.id, now=now)

    async with database.read() as session:
        feed = await read_public_feed(session, "cambridge", now=now)
        outside = await read_event_file(session, Actor.anonymous(), public.id)
        seated = await read_event_file(session, who, public.id)

    assert [str(part["SUMMARY"]) for part in parts(feed)] == ["Repair evening"]
    assert b"Hidden" not in feed + outside
    assert str(parts(feed)[0]["LOCATION"]) == "A garden, Riverside"
    assert "9 Hidden Street" in str(parts(seated)[0]["LOCATION"])

    async with database.begin() as session:
        await cancel_event(session, Actor.system(), public.id, now=now)
    async with database.read() as session:
        (part,) = parts(await read_public_feed(session, "cambridge", now=now))
    assert (str(part["STATUS"]), int(part["SEQUENCE"])) == ("CANCELLED", 1)
