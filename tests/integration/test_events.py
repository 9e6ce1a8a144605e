from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.events.check_in import (
    MAX_WRONG,
    check_in_by_code,
    check_in_registration,
    close_attendance,
)
from campaigns.events.errors import (
    CapacityTooSmall,
    DeskClosed,
    EventClosed,
    EventNotYours,
    EventUnknown,
    HourSkipped,
    InvalidEvent,
    NoRoom,
    NoSeat,
    OfferLapsed,
    PartyTooLarge,
    RegistrationUnknown,
    TooManyCodes,
    WrongCode,
)
from campaigns.events.jobs import sweep
from campaigns.events.kinds import (
    Attendance,
    CancelReason,
    EventAudience,
    EventStatus,
    OccurrenceStatus,
    RegistrationStatus,
    Repeats,
)
from campaigns.events.models import CommunityEvent, EventOccurrence, EventRegistration
from campaigns.events.organizing import (
    ChangeEvent,
    MoveEvent,
    cancel_event,
    cancel_occurrence,
    change_event,
    move_event,
    publish_event,
    set_capacity,
)
from campaigns.events.planning import create_event
from campaigns.events.seating import expire_offer
from campaigns.events.series import Rule
from campaigns.events.signing_up import (
    SignUp,
    cancel_registration,
    change_party,
    confirm_seat,
    sign_up,
)
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.jobs import JobTools
from core.settings import Settings
from matching.personal.erasure import erase_person
from messaging.models import MessageWords
from people.auth import Actor
from people.kinds import Role
from tests.factories.events import (
    GARDEN,
    PARK,
    add_event,
    add_resident,
    join,
    messages,
    plan,
    run_jobs,
)
from tests.factories.messages import add_reachable
from tests.factories.people import actor_as, add_community, add_person

START = datetime(2026, 2, 10, 23, 0, tzinfo=UTC)
SEATED, WAITING, OFFERED, CANCELLED, EXPIRED = (
    RegistrationStatus.SEATED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
    RegistrationStatus.EXPIRED,
)


async def read(database: Database, registration_id: UUID) -> EventRegistration:
    async with database.read() as session:
        return await session.get_one(EventRegistration, registration_id)


async def read_day(database: Database, occurrence_id: UUID) -> EventOccurrence:
    async with database.read() as session:
        return await session.get_one(EventOccurrence, occurrence_id)


async def test_seats_are_given_in_order_and_then_people_wait(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now)
        people = [await add_resident(session, community) for _ in range(4)]

    rows = [await join(database, who, day.id, now=now) for who in people]

    assert [row.status for row in rows] == [SEATED, SEATED, WAITING, WAITING]
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert (await read_day(database, day.id)).taken_count == 2
    again = await join(database, people[2], day.id, now=now)
    assert (again.id, again.number) == (rows[2].id, 3)


async def test_a_cancellation_promotes_exactly_one_who_must_confirm(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, capacity=1)
        people = [await add_resident(session, community) for _ in range(4)]
    rows = [await join(database, who, day.id, now=now) for who in people]

    async with database.begin() as session:
        await cancel_registration(session, people[0], rows[0].id, now=now)
        await cancel_registration(session, people[0], rows[0].id, now=now)

    states = [(await read(database, row.id)).status for row in rows]
    assert states == [CANCELLED, OFFERED, WAITING, WAITING]
    offered = await read(database, rows[1].id)
    assert offered.offered_until_at == now + timedelta(hours=24)
    async with database.begin() as session:
        with pytest.raises(NoSeat):
            await confirm_seat(session, people[2], rows[2].id, now=now)
        with pytest.raises(RegistrationUnknown):
            await confirm_seat(session, people[2], rows[1].id, now=now)
        assert not await expire_offer(session, rows[1].id, now=now + timedelta(hours=23))
        confirmed = await confirm_seat(session, people[1], rows[1].id, now=now)
        assert confirmed.status is SEATED
        assert (await confirm_seat(session, people[1], rows[1].id, now=now)).status is SEATED
    assert (await read_day(database, day.id)).taken_count == 1


async def test_an_unconfirmed_seat_goes_to_the_next_and_twice_is_off_the_list(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, capacity=1)
        people = [await add_resident(session, community) for _ in range(3)]
    rows = [await join(database, who, day.id, now=now) for who in people]
    async with database.begin() as session:
        await cancel_registration(session, people[0], rows[0].id, now=now)

    clock.advance(timedelta(hours=24))
    async with database.begin() as session:
        with pytest.raises(OfferLapsed):
            await confirm_seat(session, people[1], rows[1].id, now=clock.now())
    await run_jobs(database, clock)

    first, second = await read(database, rows[1].id), await read(database, rows[2].id)
    assert (first.status, second.status) == (WAITING, OFFERED)
    assert first.number > second.number

    clock.advance(timedelta(hours=24))
    await run_jobs(database, clock)
    clock.advance(timedelta(hours=24))
    await run_jobs(database, clock)
    assert (await read(database, rows[1].id)).status is EXPIRED
    async with database.begin() as session:
        assert not await expire_offer(session, rows[1].id, now=clock.now())
    assert (await read_day(database, day.id)).taken_count == 1
    back = await join(database, people[1], day.id, now=clock.now())
    assert (back.status, back.expired_count) == (WAITING, 0)


async def test_kept_seats_end_sooner_near_the_start(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=clock.now(), capacity=1)
        people = [await add_resident(session, community) for _ in range(2)]
    rows = [await join(database, who, day.id, now=clock.now()) for who in people]
    late = START - timedelta(hours=4)

    async with database.begin() as session:
        await cancel_registration(session, people[0], rows[0].id, now=late)

    assert (await read(database, rows[1].id)).offered_until_at == late + timedelta(hours=2)


async def test_nobody_is_overtaken_by_a_smaller_party(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, capacity=4, max_party=4)
        people = [await add_resident(session, community) for _ in range(4)]

    rows = [
        await join(database, who, day.id, now=now, party_size=size)
        for who, size in zip(people, (3, 2, 1, 1), strict=True)
    ]
    assert [row.status for row in rows] == [SEATED, WAITING, WAITING, WAITING]

    async with database.begin() as session:
        with pytest.raises(NoRoom):
            await change_party(session, people[0], rows[0].id, 4, now=now)
        await change_party(session, people[0], rows[0].id, 2, now=now)
    states = [(await read(database, row.id)).status for row in rows]
    assert states == [SEATED, OFFERED, WAITING, WAITING]
    async with database.begin() as session:
        await change_party(session, people[1], rows[1].id, 1, now=now)
    states = [(await read(database, row.id)).status for row in rows]
    assert states == [SEATED, OFFERED, OFFERED, WAITING]


async def test_capacity_raised_promotes_and_lowered_below_taken_is_refused(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        event, (day,) = await add_event(session, community, now=now)
        manager = actor_as(Role.MANAGER, community.id)
        people = [await add_resident(session, community) for _ in range(4)]
    rows = [await join(database, who, day.id, now=now) for who in people]

    async with database.begin() as session:
        with pytest.raises(CapacityTooSmall, match="2 seats are taken"):
            await set_capacity(session, manager, day.id, 1, now=now)
    async with database.begin() as session:
        await change_event(session, manager, ChangeEvent(event_id=event.id, capacity=3), now=now)

    states = [(await read(database, row.id)).status for row in rows]
    assert states == [SEATED, SEATED, OFFERED, WAITING]
    async with database.begin() as session:
        with pytest.raises(EventNotYours):
            await set_capacity(session, people[0], day.id, 9, now=now)


async def test_refusals_of_sign_ups(database: Database, clock: FixedClock) -> None:
    now = clock.now()
    async with database.begin() as session:
        community, other = await add_community(session), await add_community(session, "boston")
        _, (day,) = await add_event(session, community, now=now)
        _, (hidden,) = await add_event(session, community, now=now, publish=False)
        insider, stranger = (
            await add_resident(session, community),
            await add_resident(session, other),
        )
        _, (inside,) = await add_event(
            session, community, now=now, audience=EventAudience.COMMUNITY
        )
        _, (public,) = await add_event(session, community, now=now, audience=EventAudience.PUBLIC)

    async with database.begin() as session:
        with pytest.raises(PartyTooLarge):
            await sign_up(session, insider, SignUp(day.id, 2), now=now)
        with pytest.raises(EventUnknown):
            await sign_up(session, insider, SignUp(hidden.id), now=now)
        with pytest.raises(EventUnknown):
            await sign_up(session, stranger, SignUp(inside.id), now=now)
        with pytest.raises(NotPermitted):
            await sign_up(session, stranger, SignUp(public.id), now=now)
        with pytest.raises(NotPermitted):
            await sign_up(session, Actor.anonymous(), SignUp(public.id), now=now)
        other_id = (await add_person(session, community)).id
        with pytest.raises(NotPermitted):
            await sign_up(session, insider, SignUp(public.id, 1, other_id), now=now)
        with pytest.raises(EventClosed):
            await sign_up(session, insider, SignUp(public.id), now=START)


async def test_an_event_in_a_skipped_hour_is_refused_with_the_nearest_times(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        with pytest.raises(HourSkipped, match="2026-03-08T01:59 and 2026-03-08T03:00"):
            await create_event(
                session,
                Actor.system(),
                plan(community, starts_local="2026-03-08T02:30"),
                now=clock.now(),
            )
        with pytest.raises(InvalidEvent, match="in the past"):
            await create_event(
                session,
                Actor.system(),
                plan(community, starts_local="2026-01-02T18:00"),
                now=clock.now(),
            )
        resident = await add_resident(session, community)
        with pytest.raises(EventNotYours):
            await create_event(session, resident, plan(community), now=clock.now())


async def test_the_same_client_key_plans_one_event(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        command = plan(community, client_key="spring-fair", publish=False)
        one = await create_event(session, Actor.system(), command, now=clock.now())
        two = await create_event(session, Actor.system(), command, now=clock.now())
        assert one.event.id == two.event.id
        assert one.event.status is EventStatus.DRAFT
        published = await publish_event(session, Actor.system(), one.event.id, now=clock.now())
        assert published.status is EventStatus.PUBLISHED


async def test_a_change_of_many_days_tells_each_person_once(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    rule = Rule(Repeats.WEEKLY, weekdays=(1,), count=5)
    async with database.begin() as session:
        community = await add_community(session)
        event, days = await add_event(session, community, now=now, rule=rule, place=GARDEN)
        manager = actor_as(Role.MANAGER, community.id)
        person = await add_reachable(session, community)
        who = actor_as(Role.RESIDENT, community.id, person.id)
    for day in days[:3]:
        await join(database, who, day.id, now=now)
    await run_jobs(database, clock)
    before = len(await messages(database, person.id))

    async with database.begin() as session:
        await move_event(
            session, manager, MoveEvent(event_id=event.id, time_of_day="19:00"), now=now
        )
        await move_event(
            session, manager, MoveEvent(event_id=event.id, time_of_day="19:00"), now=now
        )
    await run_jobs(database, clock)
    await run_jobs(database, clock)

    told = (await messages(database, person.id))[before:]
    assert [row.kind for row in told] == ["event_changed"]
    async with database.read() as session:
        words = await session.get_one(MessageWords, told[0].id)
        moved = list(
            await session.scalars(
                select(EventOccurrence.starts_at).order_by(EventOccurrence.starts_at)
            )
        )
    calendar = (words.calendar or b"").decode()
    assert calendar.count("BEGIN:VEVENT") == 3
    assert "METHOD:REQUEST" in calendar
    assert "9 Hidden Street" in words.text
    # The clocks change on 8 March: the time on the wall stays.
    assert [moment.hour for moment in moved] == [0, 0, 0, 0, 23]

    async with database.begin() as session:
        await cancel_event(session, manager, event.id, reason=CancelReason.WEATHER, now=now)
        await cancel_event(session, manager, event.id, now=now)
    await run_jobs(database, clock)
    told = [row for row in await messages(database, person.id) if row.kind == "event_cancelled"]
    assert len(told) == 1
    async with database.read() as session:
        words = await session.get_one(MessageWords, told[0].id)
    assert "The weather does not allow it." in words.text


async def test_who_waits_is_not_told_where_a_hidden_place_is(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, place=GARDEN, capacity=1)
        first = await add_resident(session, community)
        person = await add_reachable(session, community)
        manager = actor_as(Role.MANAGER, community.id)
    await join(database, first, day.id, now=now)
    waits = await join(database, actor_as(Role.RESIDENT, community.id, person.id), day.id, now=now)
    assert waits.status is WAITING

    async with database.begin() as session:
        await move_event(
            session,
            manager,
            MoveEvent(occurrence_id=day.id, starts_local="2026-02-11T18:00"),
            now=now,
        )
    await run_jobs(database, clock)

    async with database.read() as session:
        for row in await messages(database, person.id):
            words = await session.get_one(MessageWords, row.id)
            assert "Hidden Street" not in words.text + words.html + words.short
            assert words.calendar is None


async def test_a_cancelled_day_is_closed_and_keeps_no_seats(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, capacity=1)
        manager = actor_as(Role.MANAGER, community.id)
        people = [await add_resident(session, community) for _ in range(3)]
    rows = [await join(database, who, day.id, now=now) for who in people[:2]]

    async with database.begin() as session:
        row = await cancel_occurrence(session, manager, day.id, now=now)
        assert row.status is OccurrenceStatus.CANCELLED
    async with database.begin() as session:
        await cancel_registration(session, people[0], rows[0].id, now=now)
        with pytest.raises(EventClosed):
            await sign_up(session, people[2], SignUp(day.id), now=now)
    assert (await read(database, rows[1].id)).status is WAITING


async def test_check_in_by_code_has_one_effect_and_wrong_codes_are_limited(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, max_party=3, capacity=4)
        person = await add_person(session, community, role=Role.COORDINATOR)
        staff = actor_as(Role.COORDINATOR, community.id, person.id)
        guest = await add_resident(session, community)
    row = await join(database, guest, day.id, now=now, party_size=3)
    assert row.check_in_code is not None

    async with database.begin() as session:
        with pytest.raises(DeskClosed):
            await check_in_by_code(session, staff, day.id, row.check_in_code, now=now)
        with pytest.raises(EventNotYours):
            await check_in_by_code(session, guest, day.id, row.check_in_code, now=START)
    typed = f" {row.check_in_code[:3].lower()}-{row.check_in_code[3:]} "
    for expected in (False, True):
        async with database.begin() as session:
            done = await check_in_by_code(session, staff, day.id, typed, now=START)
            assert (done.found().id, done.was_already) == (row.id, expected)
    assert (await read_day(database, day.id)).came_count == 3
    for left in range(MAX_WRONG - 1, -1, -1):
        async with database.begin() as session:
            missed = await check_in_by_code(session, staff, day.id, "ZZZZZZ", now=START)
        with pytest.raises(WrongCode, match=f"{left} tries are left"):
            missed.found()
    async with database.begin() as session:
        with pytest.raises(TooManyCodes, match="10 minutes"):
            await check_in_by_code(session, staff, day.id, row.check_in_code, now=START)
        later = START + timedelta(minutes=10)
        assert (
            await check_in_by_code(session, staff, day.id, row.check_in_code, now=later)
        ).was_already


async def test_attendance_knows_no_shows_only_where_somebody_stood_at_the_door(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=now, capacity=3)
        _, (unwatched,) = await add_event(session, community, now=now)
        manager = await add_person(session, community, role=Role.MANAGER)
        staff = actor_as(Role.MANAGER, community.id, manager.id)
        people = [await add_resident(session, community) for _ in range(2)]
    rows = [await join(database, who, day.id, now=now) for who in people]
    alone = await join(database, people[0], unwatched.id, now=now)

    async with database.begin() as session:
        with pytest.raises(DeskClosed):
            await close_attendance(session, day.id, now=START, actor=staff)
        await check_in_registration(session, staff, rows[0].id, now=START)
    clock.advance(START + timedelta(hours=27) - clock.now())
    tools = JobTools(database=database, clock=clock, settings=Settings())
    await sweep(tools, {})
    await sweep(tools, {})

    assert (await read(database, rows[0].id)).attendance is Attendance.CAME
    assert (await read(database, rows[1].id)).attendance is Attendance.NO_SHOW
    assert (await read(database, alone.id)).attendance is None
    done = await read_day(database, day.id)
    assert (done.came_count, done.no_show_count) == (1, 1)


async def test_an_erased_member_frees_the_seat_and_numbers_remain(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        _, (over,) = await add_event(session, community, now=now)
        _, (coming,) = await add_event(
            session, community, now=now, capacity=1, starts_local="2026-03-10T18:00"
        )
        staff = actor_as(Role.MANAGER, community.id, (await add_person(session, community)).id)
        people = [await add_resident(session, community) for _ in range(2)]
    past = await join(database, people[0], over.id, now=now)
    rows = [await join(database, who, coming.id, now=now) for who in people]
    async with database.begin() as session:
        await check_in_registration(session, staff, past.id, now=START)
    later = START + timedelta(days=3)

    async with database.begin() as session:
        assert people[0].person_id is not None
        await erase_person(session, people[0], people[0].person_id, now=later)

    gone, next_one = await read(database, rows[0].id), await read(database, rows[1].id)
    assert (gone.status, gone.person_id, gone.check_in_code) == (CANCELLED, None, None)
    assert next_one.status is OFFERED
    came = await read(database, past.id)
    assert (came.person_id, came.attendance) == (None, Attendance.CAME)
    assert (await read_day(database, over.id)).came_count == 1
    async with database.read() as session:
        found = await session.scalars(
            select(CommunityEvent.id).join(
                EventOccurrence, EventOccurrence.event_id == CommunityEvent.id
            )
        )
        assert len(list(found)) == 2


async def test_moving_one_day_to_a_park_keeps_the_others(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        rule = Rule(Repeats.DAILY, count=3)
        event, days = await add_event(session, community, now=now, rule=rule)
        manager = actor_as(Role.MANAGER, community.id)
        _, (moved,) = await move_event(
            session,
            manager,
            MoveEvent(occurrence_id=days[1].id, starts_local="2026-02-11T20:00", place=PARK),
            now=now,
        )
        assert moved.starts_at == START + timedelta(days=1, hours=2)
        assert moved.recurs_at == START + timedelta(days=1)
        assert (moved.sequence, days[0].sequence) == (1, 0)
        with pytest.raises(InvalidEvent):
            await move_event(
                session, manager, MoveEvent(event_id=event.id, starts_local="x"), now=now
            )
