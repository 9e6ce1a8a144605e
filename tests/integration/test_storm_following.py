from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from core.events import list_events
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from matching.errors import IllegalTransition, StormAlreadyOpen
from matching.intake.kinds import Cadence, IntakeChannel, StandingStatus, Verdict
from matching.intake.models import StandingRequest
from matching.kinds import HoldReason, RequestKind, RequestStatus, StormStatus
from matching.models import HelpRequest, Storm
from matching.storms import following, jobs, notices, repository
from matching.storms.directing import (
    OpenStorm,
    close_storm,
    hold_storm,
    open_storm,
    resume_storm,
    set_storm_rules,
)
from matching.storms.following import Followed, Observed, apply_weather
from matching.storms.models import WeatherReading
from matching.storms.notices import answer_storm_notice
from matching.storms.weather import Alert, Reading
from messaging.kinds import Draft, MessageStatus, Words
from messaging.models import Message
from messaging.sending import queue_message
from people.auth import Actor
from people.kinds import Channel, Purpose, Role
from people.models import Community, Consent, ContactPoint, Person
from tests.factories.matching import add_request, add_volunteer
from tests.factories.people import LONG_AGO, actor_as, add_community, add_household, add_person
from tests.http_services import Reply, serve

MORNING = datetime(2026, 1, 15, 15, 0, tzinfo=UTC)
"""Ten o'clock in Cambridge."""
WHERE = {"lon_deg": -71.11, "lat_deg": 42.37, "stations": ["KBOS"]}


async def add_programme(session: Session, **rules: Any) -> Community:
    community = await add_community(session)
    await set_storm_rules(
        session,
        Actor.system(),
        community.id,
        WHERE | rules,
        valid_from=LONG_AGO,
        now=LONG_AGO,
    )
    return community


async def let_hear(session: Session, community: Community, person: Person) -> None:
    """Give a person a mail address and every consent."""
    session.add(
        ContactPoint(
            person_id=person.id,
            channel=Channel.EMAIL,
            value=f"{person.id.hex[-8:]}@example.org",
            preferred=True,
            verified_at=LONG_AGO,
        )
    )
    for purpose in (Purpose.MATCHING, Purpose.OFFERS):
        session.add(
            Consent(
                person_id=person.id,
                community_id=community.id,
                purpose=purpose,
                text_version="1",
                granted=True,
                recorded_at=LONG_AGO,
                source="form",
            )
        )
    await session.flush()


async def add_standing(session: Session, community: Community) -> StandingRequest:
    household = await add_household(session, community)
    resident = await add_person(session, community, household=household)
    await let_hear(session, community, resident)
    standing = StandingRequest(
        community_id=community.id,
        resident_id=resident.id,
        household_id=household.id,
        kind=RequestKind.SNOW,
        cadence=Cadence.EVERY_SNOWFALL,
        status=StandingStatus.ACTIVE,
        valid_from=LONG_AGO.date(),
        valid_until=(MORNING + timedelta(days=60)).date(),
        scope=["sidewalk"],
        needs=[],
        languages=[],
        service_s=1_800,
        weight=1.0,
        crew_size=1,
        channel=IntakeChannel.WEB,
        verdict=Verdict.ELIGIBLE,
        verdict_version="1",
        verdict_reasons=[],
        review_reasons=[],
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    session.add(standing)
    await session.flush()
    return standing


def warning(onset_at: datetime, name: str = "w1", event: str = "Winter Storm Warning") -> Alert:
    return Alert("test", name, event, onset_at, onset_at + timedelta(hours=18))


def reading(
    at: datetime, depth_cm: float | None = None, *conditions: str, **values: Any
) -> Reading:
    return Reading("test", "KBOS", at, depth_cm, conditions=frozenset(conditions), **values)


async def observe(
    database: Database, community: Community, now: datetime, *seen: Reading | Alert
) -> Followed:
    async with database.begin() as session:
        own = await session.get_one(Community, community.id)
        observed = Observed(
            [row for row in seen if isinstance(row, Reading)],
            [row for row in seen if isinstance(row, Alert)],
        )
        return await apply_weather(session, own, observed, now=now)


async def run_jobs(database: Database, clock: FixedClock) -> None:
    registry = JobRegistry()
    registry.add(following.SEND_NOTICES, jobs.send_notices_job)
    registry.add(following.CLOSE_UP, jobs.close_up)
    registry.add("matching.wave", _nothing)
    registry.add("messaging.deliver", _nothing)
    tools = JobTools(database=database, clock=clock, settings=Settings())
    await run_due_jobs(database, registry, tools, until_idle=True)


async def _nothing(tools: JobTools, args: Mapping[str, Any]) -> None:
    """Waves and carriers are other rooms' work."""


async def count_messages(database: Database) -> dict[str, int]:
    async with database.read() as session:
        rows = await session.execute(select(Message.kind, func.count()).group_by(Message.kind))
        return {kind: int(number) for kind, number in rows}


async def test_storm_from_warning_to_end_tells_each_person_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PAGE", 2)
    clock = FixedClock(MORNING)
    async with database.begin() as session:
        community = await add_programme(session)
        standing = [await add_standing(session, community) for _ in range(3)]
        volunteers = [await add_volunteer(session, community) for _ in range(2)]
        for volunteer in volunteers:
            await let_hear(session, community, await session.get_one(Person, volunteer.person_id))

    assert (await observe(database, community, clock.now(), reading(MORNING, 0.0))).storm is None
    await run_jobs(database, clock)
    assert await count_messages(database) == {}

    alert = warning(MORNING + timedelta(hours=3))
    for _ in range(2):
        followed = await observe(database, community, clock.now(), alert)
        await run_jobs(database, clock)
    assert followed.storm is not None
    assert followed.storm.status is StormStatus.ARMED
    assert await count_messages(database) == {
        "storm_notice_resident": 3,
        "storm_notice_volunteer": 2,
    }
    storm_id = followed.storm.id
    async with database.begin() as session:
        resident = Actor(person_id=standing[0].resident_id)
        await answer_storm_notice(
            session, resident, storm_id, standing[0].resident_id, needs_help=False, now=clock.now()
        )

    for hour in range(4, 9):
        now = MORNING + timedelta(hours=hour)
        await observe(database, community, now, reading(now, hour * 1.5 - 5, "snow"))
    clock.advance(timedelta(hours=9, minutes=30))
    followed = await observe(database, community, clock.now(), reading(clock.now(), 7.0))
    assert followed.states == (StormStatus.ACTIVE,)
    async with database.read() as session:
        storm = await session.get_one(Storm, storm_id)
        requests = list(await session.scalars(select(HelpRequest)))
    assert storm.snow_ended_at == MORNING + timedelta(hours=8)
    assert storm.deadline_at is not None
    assert storm.deadline_at > clock.now()
    assert {row.resident_id for row in requests} == {row.resident_id for row in standing[1:]}
    assert {row.storm_id for row in requests} == {storm_id}

    clock.advance(storm.deadline_at - clock.now() + timedelta(hours=3))
    later = await observe(database, community, clock.now(), reading(clock.now(), 6.0))
    assert later.states == (StormStatus.CLOSED,)
    for _ in range(2):
        await run_jobs(database, clock)
        await observe(database, community, clock.now(), reading(clock.now(), 6.0))
    told = await count_messages(database)
    assert told["not_served"] == 2
    assert told["storm_notice_resident"] == 3
    async with database.read() as session:
        statuses = set(await session.scalars(select(HelpRequest.status)))
        events = await list_events(session, "storm", storm_id)
        storms = await session.scalar(select(func.count()).select_from(Storm))
    assert statuses == {RequestStatus.EXPIRED}
    assert [event.kind for event in events if not event.kind.endswith("answered")] == [
        "storm.watch",
        "storm.armed",
        "storm.active",
        "storm.closed",
    ]
    assert storms == 1


async def test_snow_in_the_night_waits_for_daylight_where_nobody_works_at_night(
    database: Database,
) -> None:
    evening = datetime(2026, 1, 16, 2, 0, tzinfo=UTC)
    async with database.begin() as session:
        community = await add_programme(session, night_work_allowed=False)
    await observe(database, community, evening, reading(evening, 0.0))
    late = evening + timedelta(hours=1)
    await observe(database, community, late, reading(late, 8.0, "snow"))
    for minutes in (11, 70):
        now = late + timedelta(minutes=minutes)
        followed = await observe(database, community, now, reading(now, 8.0))
    assert followed.states[-2:] == (StormStatus.ACTIVE, StormStatus.HOLD)
    assert followed.storm is not None
    assert followed.storm.hold_reason is HoldReason.DARK
    assert await count_messages(database) == {}
    sunrise = datetime(2026, 1, 16, 12, 30, tzinfo=UTC)
    await observe(database, community, sunrise, reading(sunrise, 7.5))
    day = sunrise + timedelta(minutes=40)
    followed = await observe(database, community, day, reading(day, 7.5))
    assert followed.states == (StormStatus.ACTIVE,)


async def test_reading_that_comes_twice_is_kept_once(database: Database) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
    rows = [reading(MORNING - timedelta(minutes=20 * i), 1.0) for i in range(5)]
    first = await observe(database, community, MORNING, *rows)
    again = await observe(database, community, MORNING, *reversed(rows), rows[0])
    assert (first.new_reading_count, again.new_reading_count) == (5, 0)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(WeatherReading)) == 5


async def test_missing_weather_keeps_the_state_and_staff_hear_once(database: Database) -> None:
    clock = FixedClock(MORNING)
    async with database.begin() as session:
        community = await add_programme(session)
        for role in (Role.MANAGER, Role.COORDINATOR):
            person = await add_person(session, community, role=role)
            await let_hear(session, community, person)
    await observe(
        database, community, MORNING, reading(MORNING, 1.0), warning(MORNING + timedelta(hours=1))
    )
    tools = JobTools(database=database, clock=clock, settings=Settings())
    for _ in range(50):
        clock.advance(timedelta(minutes=10))
        await jobs.follow(tools, community, Observed())
    async with database.read() as session:
        storm = await repository.find_current_storm(session, community.id)
    assert storm is not None
    assert storm.status is StormStatus.ARMED
    assert (await count_messages(database)).get("weather_silent") == 2


async def test_manager_opens_holds_resumes_and_closes_on_record(database: Database) -> None:
    now = MORNING
    async with database.begin() as session:
        community = await add_programme(session)
        manager = await add_person(session, community, role=Role.MANAGER)
        actor = actor_as(Role.MANAGER, community.id, manager.id)
        request = await add_request(session, community)
        storm = await open_storm(
            session, actor, OpenStorm(community.id, "phone_calls", depth_cm=9.0), now=now
        )
        request.storm_id = storm.id
        with pytest.raises(StormAlreadyOpen):
            await open_storm(session, actor, OpenStorm(community.id, "again"), now=now)

    icy = reading(now + timedelta(minutes=5), 0.0, "freezing_rain")
    followed = await observe(database, community, now + timedelta(minutes=10), icy)
    assert followed.states == ()

    async with database.begin() as session:
        await hold_storm(session, actor, storm.id, HoldReason.ICE, reason="saw_ice", now=now)
    much_later = now + timedelta(hours=20)
    for minutes in (0, 40, 80):
        at = much_later + timedelta(minutes=minutes)
        assert (await observe(database, community, at, reading(at, 5.0))).states == ()
    async with database.begin() as session:
        await resume_storm(session, actor, storm.id, reason="salted", now=much_later)
        closed = await close_storm(session, actor, storm.id, reason="all_done", now=much_later)
        assert closed.status is StormStatus.CLOSED
        with pytest.raises(IllegalTransition):
            await resume_storm(session, actor, storm.id, reason="again", now=much_later)
        events = await list_events(session, "storm", storm.id)
    by_hand = [event for event in events if event.actor_id is not None]
    assert {event.actor_id for event in by_hand} == {manager.id}
    assert [(event.kind, event.reason) for event in by_hand] == [
        ("storm.watch", "phone_calls"),
        ("storm.armed", "phone_calls"),
        ("storm.active", "phone_calls"),
        ("storm.hold", "saw_ice"),
        ("storm.active", "salted"),
        ("storm.closed", "all_done"),
    ]


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.VOLUNTEER, None])
async def test_nobody_else_directs_a_storm(database: Database, role: Role | None) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
        storm = await open_storm(
            session, Actor.system(), OpenStorm(community.id, "test"), now=MORNING
        )
        actor = Actor.anonymous() if role is None else actor_as(role, community.id)
        with pytest.raises(NotPermitted):
            await open_storm(session, actor, OpenStorm(community.id, "mine"), now=MORNING)
        with pytest.raises(NotPermitted):
            await hold_storm(session, actor, storm.id, HoldReason.ICE, reason="x", now=MORNING)
        with pytest.raises(NotPermitted):
            await resume_storm(session, actor, storm.id, reason="x", now=MORNING)
        with pytest.raises(NotPermitted):
            await close_storm(session, actor, storm.id, reason="x", now=MORNING)
        with pytest.raises(NotPermitted):
            await set_storm_rules(session, actor, community.id, {}, valid_from=MORNING, now=MORNING)
        someone = await add_person(session, community)
        with pytest.raises(NotPermitted):
            await answer_storm_notice(
                session, actor, storm.id, someone.id, needs_help=True, now=MORNING
            )
        assert storm.status is StormStatus.ACTIVE


async def test_warning_that_outlives_a_closed_storm_begins_no_other(database: Database) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
    alert = warning(MORNING)
    followed = await observe(database, community, MORNING + timedelta(hours=1), alert)
    assert followed.storm is not None
    async with database.begin() as session:
        await close_storm(
            session,
            Actor.system(),
            followed.storm.id,
            reason="false_alarm",
            now=MORNING + timedelta(hours=2),
        )
    again = await observe(database, community, MORNING + timedelta(hours=3), alert)
    assert again.storm is None
    new = warning(MORNING + timedelta(hours=8), "w2")
    other = await observe(database, community, MORNING + timedelta(hours=4), new)
    assert other.states == (StormStatus.ARMED,)


async def add_person_who_hears(session: Session, community: Community) -> Person:
    volunteer = await add_volunteer(session, community)
    person = await session.get_one(Person, volunteer.person_id)
    await let_hear(session, community, person)
    return person


async def queue_for_the_morning(
    session: Session, community: Community, storm: Storm, person: Person, kind: str
) -> None:
    draft = Draft(
        community_id=community.id,
        person_id=person.id,
        kind=kind,
        key=f"{kind}:{storm.id}",
        purpose=Purpose.OFFERS,
        words=Words("Snow", "Snow", "<p>Snow</p>", "Snow"),
        storm_id=storm.id,
    )
    await queue_message(session, draft, now=datetime(2026, 1, 16, 5, 0, tzinfo=UTC))


@pytest.mark.parametrize("end", ["hold", "close"])
async def test_offers_that_wait_for_the_morning_are_taken_back(
    database: Database, end: str
) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
        person = await add_person_who_hears(session, community)
        actor = Actor.system()
        storm = await open_storm(session, actor, OpenStorm(community.id, "test"), now=MORNING)
        for kind in ("offer", "visit_reminder"):
            await queue_for_the_morning(session, community, storm, person, kind)
        if end == "hold":
            await hold_storm(session, actor, storm.id, HoldReason.ICE, reason="ice", now=MORNING)
        else:
            await close_storm(session, actor, storm.id, reason="done", now=MORNING)
    async with database.read() as session:
        statuses = {row.kind: row.status for row in await session.scalars(select(Message))}
    assert statuses == {
        "offer": MessageStatus.SUPPRESSED,
        "visit_reminder": MessageStatus.QUEUED,
    }


async def test_two_readers_of_the_weather_make_one_storm(database: Database) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
    alert = warning(MORNING + timedelta(hours=1))
    rows = [reading(MORNING - timedelta(minutes=20 * i), 1.0, "snow") for i in range(5)]
    found = await asyncio.gather(
        *[observe(database, community, MORNING, alert, *rows) for _ in range(8)]
    )
    assert len({followed.storm.id for followed in found if followed.storm is not None}) == 1
    assert sum(followed.new_reading_count for followed in found) == 5
    assert sum(len(followed.states) for followed in found) == 1
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Storm)) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_no_weather_without_a_storm_tells_anybody(database: Database, seed: int) -> None:
    """Whatever stays under the trigger, with no warning, nobody hears of."""
    chance = random.Random(seed)
    clock = FixedClock(MORNING)
    async with database.begin() as session:
        community = await add_programme(session)
        await add_standing(session, community)
        await add_person_who_hears(session, community)
    for _ in range(25):
        clock.advance(timedelta(minutes=chance.randint(5, 180)))
        seen: list[Reading | Alert] = [
            reading(
                clock.now(),
                chance.uniform(0, 4.9),
                *chance.sample(["snow", "rain", "freezing_rain", "fog_mist"], chance.randint(0, 2)),
                temperature_c=chance.uniform(-15, 5),
            )
        ]
        if chance.random() < 0.3:
            seen.append(warning(clock.now(), f"w{clock.now()}", "Winter Weather Advisory"))
        followed = await observe(database, community, clock.now(), *seen)
        await run_jobs(database, clock)
        if followed.storm is not None:
            assert followed.storm.status in (StormStatus.WATCH, StormStatus.CLOSED)
    assert await count_messages(database) == {}
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(HelpRequest)) == 0


async def test_weather_job_asks_for_communities_with_rules_and_follows(
    database: Database,
) -> None:
    clock = FixedClock(MORNING)
    async with database.begin() as session:
        community = await add_programme(session)
        await add_community(session, "withoutrules")
        old = reading(MORNING - timedelta(days=401), 1.0)
        await repository.store_readings(session, community.id, [old], now=MORNING)
    answers = {
        "/alerts/active": {"features": []},
        "/stations/KBOS/observations": {
            "features": [
                {
                    "properties": {
                        "timestamp": "2026-01-15T14:54:00+00:00",
                        "presentWeather": [{"weather": "snow", "modifier": None}],
                        "snowDepth": {"value": 20, "unitCode": "wmoUnit:mm"},
                    }
                }
            ]
        },
    }
    with serve(lambda request: Reply(answers[request.path])) as local:
        settings = Settings(weather_url=local.url)
        tools = JobTools(database=database, clock=clock, settings=settings)
        for _ in range(2):
            await jobs.poll_weather(tools, {})
    assert len(local.requests) == 4
    async with database.read() as session:
        [kept] = list(await session.scalars(select(WeatherReading)))
        storm = await repository.find_current_storm(session, community.id)
    assert (kept.depth_cm, kept.conditions) == (2.0, ["snow"])
    assert storm is not None
    assert storm.status is StormStatus.WATCH


async def test_weather_service_that_is_down_breaks_nothing(database: Database) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
    tools = JobTools(
        database=database,
        clock=FixedClock(MORNING),
        settings=Settings(weather_url="http://127.0.0.1:9"),
    )
    await jobs.poll_weather(tools, {})
    async with database.read() as session:
        assert await repository.find_current_storm(session, community.id) is None


async def test_answer_that_comes_late_still_counts(database: Database) -> None:
    async with database.begin() as session:
        community = await add_programme(session)
        standing = await add_standing(session, community)
        resident = Actor(person_id=standing.resident_id)
        storm = await open_storm(
            session, Actor.system(), OpenStorm(community.id, "test"), now=MORNING
        )

        async def answer(needs_help: bool) -> list[RequestStatus]:
            await answer_storm_notice(
                session,
                resident,
                storm.id,
                standing.resident_id,
                needs_help=needs_help,
                now=MORNING,
            )
            statuses = (
                select(HelpRequest.status)
                .where(HelpRequest.storm_id == storm.id)
                .order_by(HelpRequest.id)
            )
            return list(await session.scalars(statuses))

        assert await answer(True) == [RequestStatus.OPEN]
        for _ in range(2):
            assert await answer(False) == [RequestStatus.CANCELLED]
        assert await repository.load_not_needing(session, storm.id) == {standing.resident_id}
        assert await answer(True) == [RequestStatus.CANCELLED, RequestStatus.OPEN]
        assert await repository.load_not_needing(session, storm.id) == set()
