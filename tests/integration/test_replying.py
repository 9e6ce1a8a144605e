from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from core.clock import FixedClock
from core.db import Database
from core.errors import DatabaseBusy
from core.events import Event, list_events
from matching.errors import AskUnknown, OfferNotYours, VolunteerUnknown
from matching.kinds import (
    AskAnswer,
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestStatus,
    VolunteerStatus,
)
from matching.models import Assignment, AvailabilityWindow, HelpRequest, Offer, Volunteer
from matching.offers.answering import accept_offer, decline_offer, release_work
from matching.offers.live import open_now
from matching.offers.models import Ask, StormVolunteer
from matching.offers.replying import (
    Outcome,
    Reply,
    accept_or_substitute,
    accept_plan,
    decline_plan,
    say_not_today,
    take_best,
    take_home,
)
from messaging.models import Message
from people.auth import Actor
from people.kinds import Role
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.matching import add_offer
from tests.factories.people import actor_as, add_community

SYSTEM = Actor.system()
RACERS = 20
ROUNDS = 30


async def ask_two(database: Database, *, homes: int = 3, planned: int = 1) -> tuple[Asked, Asked]:
    """Two volunteers who were asked about the same homes."""
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        requests = await add_homes(session, community, storm, homes)
        first = await ask_volunteer(session, community, storm, requests, planned=planned)
        second = await ask_volunteer(session, community, storm, requests, planned=planned)
        return first, second


def person(asked: Asked) -> Actor:
    return Actor(person_id=asked.volunteer.person_id)


async def test_yes_to_a_taken_home_gets_the_best_open_one_in_the_same_reply(
    database: Database, clock: FixedClock
) -> None:
    first, second = await ask_two(database)
    async with database.begin() as session:
        await accept_offer(session, person(first), first.offers[0].id, now=clock.now())

    async with database.begin() as session:
        reply = await accept_or_substitute(
            session, person(second), second.offers[0].id, now=clock.now()
        )
        assert reply.outcome is Outcome.TAKEN
        assert reply.work is None
        assert reply.substitute is not None
        assert reply.substitute.request_id == second.requests[1].id
        assert reply.substitute.status is OfferStatus.SENT

    async with database.begin() as session:
        taken = await accept_or_substitute(
            session, person(second), reply.substitute.id, now=clock.now()
        )
    assert taken.outcome is Outcome.AGREED


async def test_yes_any_takes_the_substitute_at_once(database: Database, clock: FixedClock) -> None:
    first, second = await ask_two(database)
    async with database.begin() as session:
        await accept_offer(session, person(first), first.offers[0].id, now=clock.now())
        reply = await accept_or_substitute(
            session, person(second), second.offers[0].id, now=clock.now(), any_home=True
        )
    assert reply.work is not None
    assert reply.work.request_id == second.requests[1].id


async def test_nothing_is_put_forward_when_nothing_is_open(
    database: Database, clock: FixedClock
) -> None:
    first, second = await ask_two(database, homes=1)
    async with database.begin() as session:
        await accept_offer(session, person(first), first.offers[0].id, now=clock.now())
        reply = await accept_or_substitute(
            session, person(second), second.offers[0].id, now=clock.now()
        )
    assert (reply.outcome, reply.substitute) == (Outcome.TAKEN, None)


async def test_yes_to_an_offer_that_was_taken_back_counts_when_the_home_is_open_again(
    database: Database, clock: FixedClock
) -> None:
    first, second = await ask_two(database, homes=1)
    async with database.begin() as session:
        work = await accept_offer(session, person(first), first.offers[0].id, now=clock.now())
    async with database.begin() as session:
        await release_work(session, person(first), work.id, now=clock.now(), reason="ill")
    async with database.read() as session:
        assert (await session.get_one(Offer, second.offers[0].id)).status is OfferStatus.WITHDRAWN
    async with database.begin() as session:
        reply = await accept_or_substitute(
            session, person(second), second.offers[0].id, now=clock.now()
        )
    assert reply.outcome is Outcome.AGREED


async def test_code_of_a_taken_home_does_not_stand_for_the_next_one(
    database: Database, clock: FixedClock
) -> None:
    first, second = await ask_two(database)
    code = second.offers[0].code
    async with database.begin() as session:
        await accept_or_substitute(session, person(first), first.offers[0].id, now=clock.now())
    async with database.begin() as session:
        reply = await accept_or_substitute(
            session, person(second), second.offers[0].id, now=clock.now()
        )
        assert reply.substitute is not None
        assert reply.substitute.code != code
        taken = await accept_or_substitute(
            session, person(second), reply.substitute.id, now=clock.now()
        )
        assert taken.work is not None
    # What is agreed to keeps its code, too: "done" must say which.
    async with database.begin() as session:
        other = await take_home(
            session, person(second), second.volunteer.id, second.requests[2].id, now=clock.now()
        )
    assert other.work is not None
    assert other.offer.code not in (code, reply.substitute.code)


async def test_late_yes_after_silence_and_after_not_today(
    database: Database, clock: FixedClock
) -> None:
    first, _ = await ask_two(database)
    async with database.begin() as session:
        await say_not_today(session, person(first), first.volunteer.id, now=clock.now())
        await say_not_today(session, person(first), first.volunteer.id, now=clock.now())
    async with database.read() as session:
        offer = await session.get_one(Offer, first.offers[0].id)
        ask = await session.get_one(Ask, first.ask.id)
        row = await session.get_one(StormVolunteer, (first.ask.storm_id, first.volunteer.id))
        assert (offer.status, ask.answer) == (OfferStatus.EXPIRED, AskAnswer.NOT_TODAY)
        assert row.not_today_at is not None
    clock.advance(timedelta(minutes=20))
    async with database.begin() as session:
        reply = await accept_or_substitute(
            session, person(first), first.offers[0].id, now=clock.now()
        )
    assert reply.outcome is Outcome.AGREED


@pytest.mark.parametrize("late", [timedelta(minutes=100), timedelta(minutes=200)])
async def test_late_yes_is_for_a_time_to_come(
    database: Database, clock: FixedClock, late: timedelta
) -> None:
    first, second = await ask_two(database, planned=2)
    async with database.begin() as session:
        # At the second moment these hours are over: the yes is worth more than the hours.
        await session.execute(
            update(AvailabilityWindow)
            .where(AvailabilityWindow.volunteer_id == first.volunteer.id)
            .values(ends_at=clock.now() + timedelta(minutes=180))
        )
    planned = first.offers[0]
    length = planned.ends_at - planned.starts_at
    clock.advance(late)
    assert planned.ends_at < clock.now()
    async with database.begin() as session:
        reply = await accept_or_substitute(session, person(first), planned.id, now=clock.now())
    assert reply.work is not None
    assert reply.work.starts_at >= clock.now() + timedelta(seconds=400)
    assert reply.work.ends_at - reply.work.starts_at == length
    clock.advance(timedelta(hours=3))
    async with database.begin() as session:
        reply = await accept_or_substitute(
            session, person(second), second.offers[1].id, now=clock.now()
        )
    assert (reply.outcome, reply.work) == (Outcome.CLOSED, None)


async def test_whole_plan_is_taken_home_by_home(database: Database, clock: FixedClock) -> None:
    first, second = await ask_two(database, homes=4, planned=3)
    async with database.begin() as session:
        await accept_offer(session, person(first), first.offers[1].id, now=clock.now())

    async with database.begin() as session:
        replies = await accept_plan(session, person(second), second.ask.id, now=clock.now())

    assert [reply.outcome for reply in replies] == [
        Outcome.AGREED,
        Outcome.TAKEN,
        Outcome.AGREED,
    ]
    assert replies[1].substitute is not None
    assert replies[1].substitute.request_id == second.requests[3].id
    async with database.read() as session:
        held = await session.scalar(
            select(func.count())
            .select_from(Assignment)
            .where(Assignment.volunteer_id == second.volunteer.id)
        )
        ask = await session.get_one(Ask, second.ask.id)
    assert held == 2
    assert (ask.status, ask.answer) == (AskStatus.ANSWERED, AskAnswer.YES)


async def test_home_of_the_list_is_taken_on_the_spot(database: Database, clock: FixedClock) -> None:
    first, _ = await ask_two(database)
    async with database.begin() as session:
        reply = await take_home(
            session, person(first), first.volunteer.id, first.requests[2].id, now=clock.now()
        )
        again = await take_home(
            session, person(first), first.volunteer.id, first.requests[2].id, now=clock.now()
        )
    assert reply.work is not None
    assert again.work is not None
    assert again.work.id == reply.work.id


async def test_time_of_a_stop_moves_when_something_else_was_taken_for_it(
    database: Database, clock: FixedClock
) -> None:
    first, _ = await ask_two(database, homes=2, planned=2)
    async with database.begin() as session:
        offer = await session.get_one(Offer, first.offers[1].id)
        offer.starts_at, offer.ends_at = first.offers[0].starts_at, first.offers[0].ends_at
    async with database.begin() as session:
        replies = await accept_plan(session, person(first), first.ask.id, now=clock.now())
    assert [reply.outcome for reply in replies] == [Outcome.AGREED, Outcome.AGREED]
    works = [reply.work for reply in replies if reply.work is not None]
    assert works[0].ends_at <= works[1].starts_at or works[1].ends_at <= works[0].starts_at


async def test_no_to_the_plan_strikes_its_homes_and_has_others_asked(
    database: Database, clock: FixedClock
) -> None:
    first, _ = await ask_two(database, homes=3, planned=2)
    async with database.begin() as session:
        before = (await session.get_one(Volunteer, first.volunteer.id)).accept_prior
        count = await decline_plan(
            session, person(first), first.ask.id, now=clock.now(), reason="too_far"
        )
        again = await decline_plan(session, person(first), first.ask.id, now=clock.now())
    async with database.read() as session:
        homes = await open_now(session, first.volunteer.id, clock.now())
        volunteer = await session.get_one(Volunteer, first.volunteer.id)
        history = await list_events(session, "offer", first.offers[0].id)
        reply_later = await session.get_one(Ask, first.ask.id)
    assert (count, again) == (2, 0)
    assert [home.request_id for home in homes] == [first.requests[2].id]
    assert volunteer.accept_prior < before
    assert history[-1].reason == "too_far"
    assert reply_later.answer is AskAnswer.NO


async def test_yes_after_no_says_so_and_offers_another(
    database: Database, clock: FixedClock
) -> None:
    first, _ = await ask_two(database)
    async with database.begin() as session:
        await decline_offer(session, person(first), first.offers[0].id, now=clock.now())
        reply = await accept_or_substitute(
            session, person(first), first.offers[0].id, now=clock.now()
        )
    assert reply.outcome is Outcome.DECLINED
    assert reply.substitute is not None


async def test_best_of_all_is_taken(database: Database, clock: FixedClock) -> None:
    first, _ = await ask_two(database)
    async with database.begin() as session:
        reply = await take_best(session, person(first), first.volunteer.id, now=clock.now())
    assert reply is not None
    assert reply.work is not None
    assert reply.work.request_id == first.requests[0].id


async def say_yes(database: Database, asked: Asked, offer_id: UUID, clock: FixedClock) -> Reply:
    """Say yes as somebody does: whoever hears "try again" tries again."""
    for _ in range(5):
        with contextlib.suppress(DatabaseBusy):
            async with database.begin() as session:
                return await accept_or_substitute(session, person(asked), offer_id, now=clock.now())
    raise AssertionError("five times busy")


async def test_twenty_racers_thirty_times(database: Database, clock: FixedClock) -> None:
    """Each round one home and twenty volunteers, who all say yes in the same moment."""
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        crowd = [await ask_volunteer(session, community, storm, []) for _ in range(RACERS)]

    for number in range(ROUNDS):
        async with database.begin() as session:
            (home,) = await add_homes(session, community, storm, 1)
            offers = [
                await add_offer(session, home, asked.volunteer, code=f"R{number}")
                for asked in crowd
            ]

        replies = await asyncio.gather(
            *(
                say_yes(database, asked, offer.id, clock)
                for asked, offer in zip(crowd, offers, strict=True)
            )
        )

        works = {reply.work.id for reply in replies if reply.work is not None}
        assert len(works) == 1, number
        outcomes = Counter(reply.outcome for reply in replies)
        assert outcomes == {Outcome.AGREED: 1, Outcome.TAKEN: RACERS - 1}, number
        async with database.begin() as session:
            # The winner is free again for the next round.
            await session.execute(
                Assignment.__table__.update().values(
                    status=AssignmentStatus.DONE.value, ended_at=clock.now()
                )
            )
    async with database.read() as session:
        agreed = await session.scalar(
            select(func.count()).select_from(Message).where(Message.kind == "agreed_volunteer")
        )
        accepted = await session.scalar(
            select(func.count()).select_from(Event).where(Event.kind == "offer.accepted")
        )
    assert (agreed, accepted) == (ROUNDS, ROUNDS)


RACE = """
import asyncio, sys
from datetime import datetime
from uuid import UUID
from core.db import Database
from tests.patience import be_patient
from matching.offers.replying import accept_or_substitute
from people.auth import Actor

be_patient()

async def main(url, now, pairs):
    async with Database(url) as database:
        async def say_yes(person_id, offer_id):
            async with database.begin() as session:
                reply = await accept_or_substitute(
                    session, Actor(person_id=UUID(person_id)), UUID(offer_id),
                    now=datetime.fromisoformat(now))
                return reply.outcome.value
        print(*await asyncio.gather(*(say_yes(*pair.split(":")) for pair in pairs)))

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
"""


async def test_two_processes_say_yes(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        (home,) = await add_homes(session, community, storm, 1)
        crowd = [await ask_volunteer(session, community, storm, [home]) for _ in range(12)]
    pairs = [f"{asked.volunteer.person_id}:{asked.offers[0].id}" for asked in crowd]

    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            RACE,
            database_url,
            clock.now().isoformat(),
            *half,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for half in (pairs[:6], pairs[6:])
    ]
    said = [await asyncio.wait_for(process.communicate(), 60) for process in running]

    outcomes = Counter(word for out, _ in said for word in out.decode().split())
    assert outcomes == {"agreed": 1, "taken": 11}
    async with database.read() as session:
        request = await session.get_one(HelpRequest, home.id)
    assert (request.status, request.seats_taken) == (RequestStatus.ACCEPTED, 1)


@pytest.mark.parametrize("who", ["anonymous", "stranger", "other volunteer", "staff elsewhere"])
async def test_others_change_nothing(database: Database, clock: FixedClock, who: str) -> None:
    first, second = await ask_two(database)
    async with database.begin() as session:
        elsewhere = await add_community(session, "elsewhere")
    actor = {
        "anonymous": Actor.anonymous(),
        "stranger": actor_as(Role.VOLUNTEER, first.ask.community_id),
        "other volunteer": person(second),
        "staff elsewhere": actor_as(Role.MANAGER, elsewhere.id),
    }[who]
    now = clock.now()

    with pytest.raises(OfferNotYours):
        async with database.begin() as session:
            await accept_or_substitute(session, actor, first.offers[0].id, now=now)
    for act in (accept_plan, decline_plan):
        with pytest.raises(AskUnknown):
            async with database.begin() as session:
                await act(session, actor, first.ask.id, now=now)
    with pytest.raises(VolunteerUnknown):
        async with database.begin() as session:
            await say_not_today(session, actor, first.volunteer.id, now=now)
    with pytest.raises(VolunteerUnknown):
        async with database.begin() as session:
            await take_home(session, actor, first.volunteer.id, first.requests[1].id, now=now)

    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Event)) == 0
        assert (await session.get_one(Offer, first.offers[0].id)).status is OfferStatus.SENT
        volunteer = await session.get_one(Volunteer, first.volunteer.id)
        assert volunteer.status is VolunteerStatus.ACTIVE


async def test_staff_answers_for_whoever_phones(database: Database, clock: FixedClock) -> None:
    first, _ = await ask_two(database)
    staff = actor_as(Role.COORDINATOR, first.ask.community_id)
    async with database.begin() as session:
        reply = await accept_or_substitute(session, staff, first.offers[0].id, now=clock.now())
    assert reply.outcome is Outcome.AGREED
