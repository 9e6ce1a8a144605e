from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import DatabaseBusy, TalkootError
from core.events import Event, list_events
from matching.errors import (
    OfferAlreadyTaken,
    OfferClosed,
    OfferNotYours,
    VolunteerBusyThen,
    WorkOver,
)
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer
from matching.offers.answering import accept_offer, decline_offer, release_work
from matching.offers.casework import (
    cancel_request,
    confirm_done,
    report_done,
    report_not_done,
    start_work,
)
from matching.offers.sending import expire_offers, send_offer
from people.auth import Actor
from people.kinds import Role
from people.models import Community
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import actor_as, add_community, add_person

SYSTEM = Actor.system()
BUSY_TRIES = 5
RACERS = 20


async def make_offers(
    database: Database, count: int, *, crew_size: int = 1, status: OfferStatus = OfferStatus.SENT
) -> tuple[UUID, list[UUID]]:
    async with database.begin() as session:
        community = await add_community(session)
        request = await add_request(
            session, community, status=RequestStatus.OFFERED, crew_size=crew_size
        )
        offers = [
            await add_offer(
                session, request, await add_volunteer(session, community), status=status
            )
            for _ in range(count)
        ]
        return request.id, [offer.id for offer in offers]


async def attempt_accept(url: str, offer_id: UUID, clock: FixedClock) -> object:
    """Say yes over a connection of one's own, as another process would; again when it is busy."""
    answer: object = None
    async with Database(url) as database:
        for _ in range(BUSY_TRIES):
            try:
                async with database.begin() as session:
                    return (await accept_offer(session, SYSTEM, offer_id, now=clock.now())).id
            except DatabaseBusy as error:
                answer = error
            except TalkootError as error:
                return error
    return answer


@pytest.mark.parametrize("crew_size", [1, 3])
async def test_twenty_volunteers_accept_one_request_and_only_the_crew_wins(
    database: Database, database_url: str, clock: FixedClock, crew_size: int
) -> None:
    request_id, offer_ids = await make_offers(database, RACERS, crew_size=crew_size)

    answers = await asyncio.gather(*(attempt_accept(database_url, key, clock) for key in offer_ids))

    lost = [answer for answer in answers if isinstance(answer, TalkootError)]
    assert len(answers) - len(lost) == crew_size
    assert {type(answer) for answer in lost} <= {OfferAlreadyTaken, OfferClosed}
    async with database.read() as session:
        held = list(
            await session.scalars(
                select(Assignment.seat).where(Assignment.request_id == request_id)
            )
        )
        request = await session.get_one(HelpRequest, request_id)
        statuses = list(
            await session.scalars(select(Offer.status).where(Offer.request_id == request_id))
        )
    assert sorted(held) == list(range(crew_size))
    assert request.seats_taken == crew_size
    assert request.status is RequestStatus.ACCEPTED
    assert statuses.count(OfferStatus.ACCEPTED) == crew_size
    assert statuses.count(OfferStatus.WITHDRAWN) == RACERS - crew_size


async def test_twenty_equal_yeses_make_one_assignment(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    _, (offer_id,) = await make_offers(database, 1)

    answers = await asyncio.gather(
        *(attempt_accept(database_url, offer_id, clock) for _ in range(RACERS))
    )

    assert len(set(answers)) == 1
    async with database.read() as session:
        rows = list(await session.scalars(select(Assignment.id)))
        yeses = await session.scalar(
            select(func.count()).select_from(Event).where(Event.kind == "offer.accepted")
        )
    assert rows == [answers[0]]
    assert yeses == 1


async def test_yes_races_the_residents_cancelling(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    request_id, offer_ids = await make_offers(database, 6)

    async def attempt_cancel() -> object:
        async with Database(database_url) as other, other.begin() as session:
            return await cancel_request(
                session, SYSTEM, request_id, now=clock.now(), reason="resident_cancelled"
            )

    answers = await asyncio.gather(
        *(attempt_accept(database_url, key, clock) for key in offer_ids[:3]),
        attempt_cancel(),
        *(attempt_accept(database_url, key, clock) for key in offer_ids[3:]),
    )

    accepted = [answer for answer in answers if isinstance(answer, UUID)]
    assert len(accepted) <= 1
    async with database.read() as session:
        request = await session.get_one(HelpRequest, request_id)
        held = list(
            await session.scalars(
                select(Assignment).where(Assignment.status == AssignmentStatus.ACCEPTED)
            )
        )
    assert request.status is RequestStatus.CANCELLED
    assert request.seats_taken == 0
    assert held == []


async def test_late_yes_counts_while_the_home_is_open(
    database: Database, clock: FixedClock
) -> None:
    request_id, (offer_id,) = await make_offers(database, 1)
    async with database.begin() as session:
        community_id = (await session.get_one(Offer, offer_id)).community_id
        expired = await expire_offers(
            session, community_id, sent_before=clock.now(), now=clock.now()
        )
        assert expired == 1
    async with database.read() as session:
        assert (await session.get_one(HelpRequest, request_id)).status is RequestStatus.OPEN

    async with database.begin() as session:
        await accept_offer(session, SYSTEM, offer_id, now=clock.advance(timedelta(hours=1)))

    async with database.read() as session:
        offer = await session.get_one(Offer, offer_id)
        assert offer.status is OfferStatus.ACCEPTED
        assert offer.answer_delay_s == pytest.approx(70 * 60)
        history = [event.kind for event in await list_events(session, "offer", offer_id)]
    assert history == ["offer.expired", "offer.accepted"]


async def test_no_reopens_the_request_when_nobody_else_is_asked(
    database: Database, clock: FixedClock
) -> None:
    request_id, (first, second) = await make_offers(database, 2)

    async with database.begin() as session:
        await decline_offer(session, SYSTEM, first, now=clock.now(), reason="not_today")
        still_asked = (await session.get_one(HelpRequest, request_id)).status
        await decline_offer(session, SYSTEM, second, now=clock.now())
        await decline_offer(session, SYSTEM, second, now=clock.now())

    assert still_asked is RequestStatus.OFFERED
    async with database.read() as session:
        assert (await session.get_one(HelpRequest, request_id)).status is RequestStatus.OPEN
    with pytest.raises(OfferClosed):
        async with database.begin() as session:
            await accept_offer(session, SYSTEM, first, now=clock.now())


async def test_proposed_offer_must_be_sent_before_a_yes(
    database: Database, clock: FixedClock
) -> None:
    request_id, (offer_id,) = await make_offers(database, 1, status=OfferStatus.PROPOSED)

    with pytest.raises(OfferClosed, match="proposed"):
        async with database.begin() as session:
            await accept_offer(session, SYSTEM, offer_id, now=clock.now())
    async with database.begin() as session:
        await send_offer(session, offer_id, [str(request_id)], now=clock.now())
        await accept_offer(session, SYSTEM, offer_id, now=clock.now())

    async with database.read() as session:
        assert (await session.get_one(Offer, offer_id)).shown == [str(request_id)]


async def test_volunteer_cannot_hold_two_jobs_at_once(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        volunteer = await add_volunteer(session, community)
        offers = [
            (
                await add_offer(
                    session,
                    await add_request(session, community, status=RequestStatus.OFFERED),
                    volunteer,
                    starts_at=EVENING + timedelta(minutes=start_min),
                    code=f"K{number}",
                )
            ).id
            for number, start_min in enumerate([0, 20, 30])
        ]

    answers = await asyncio.gather(
        *(attempt_accept(database_url, key, clock) for key in offers[:2])
    )
    assert sum(isinstance(answer, UUID) for answer in answers) == 1
    assert sum(isinstance(answer, VolunteerBusyThen) for answer in answers) == 1

    if isinstance(answers[0], UUID):
        assert isinstance(await attempt_accept(database_url, offers[2], clock), UUID)


async def test_others_cannot_answer_and_nothing_changes(
    database: Database, clock: FixedClock
) -> None:
    _, (offer_id,) = await make_offers(database, 1)
    async with database.begin() as session:
        community_id = (await session.get_one(Offer, offer_id)).community_id
        elsewhere = await add_community(session, "elsewhere")
        stranger = await add_person(session, elsewhere)
        strangers = [
            Actor.anonymous(),
            Actor(person_id=stranger.id),
            actor_as(Role.COORDINATOR, elsewhere.id),
            actor_as(Role.VOLUNTEER, community_id),
        ]

    for actor in strangers:
        for answer in (accept_offer, decline_offer):
            with pytest.raises(OfferNotYours):
                async with database.begin() as session:
                    await answer(session, actor, offer_id, now=clock.now())

    async with database.read() as session:
        assert (await session.get_one(Offer, offer_id)).status is OfferStatus.SENT
        assert await session.scalar(select(func.count()).select_from(Event)) == 0


async def test_work_from_yes_to_confirmed(database: Database, clock: FixedClock) -> None:
    request_id, offer_ids = await make_offers(database, 2, crew_size=2)
    async with database.begin() as session:
        works = [
            (await accept_offer(session, SYSTEM, key, now=clock.now())).id for key in offer_ids
        ]
    async with database.begin() as session:
        for work in works:
            await start_work(session, SYSTEM, work, now=clock.now())
        await report_done(session, SYSTEM, works[0], now=clock.now())
        half = (await session.get_one(HelpRequest, request_id)).status
        await report_done(session, SYSTEM, works[1], now=clock.now())
        await confirm_done(session, SYSTEM, request_id, now=clock.now())

    assert half is RequestStatus.IN_PROGRESS
    async with database.read() as session:
        history = [event.kind for event in await list_events(session, "request", request_id)]
    assert history == [
        "request.accepted",
        "request.in_progress",
        "request.done",
        "request.confirmed",
    ]


async def test_resident_says_not_done_and_the_request_is_open_again(
    database: Database, clock: FixedClock
) -> None:
    request_id, (offer_id,) = await make_offers(database, 1)
    async with database.begin() as session:
        work = await accept_offer(session, SYSTEM, offer_id, now=clock.now())
        await report_done(session, SYSTEM, work.id, now=clock.now())
        request = await report_not_done(session, SYSTEM, request_id, now=clock.now())
        assert (request.status, request.seats_taken) == (RequestStatus.OPEN, 0)


async def test_work_that_is_done_cannot_be_given_back(
    database: Database, clock: FixedClock
) -> None:
    request_id, (offer_id,) = await make_offers(database, 1)
    async with database.begin() as session:
        work = await accept_offer(session, SYSTEM, offer_id, now=clock.now())
        await report_done(session, SYSTEM, work.id, now=clock.now())
        with pytest.raises(WorkOver):
            await release_work(session, SYSTEM, work.id, now=clock.now(), reason="ill")
        assert (await session.get_one(HelpRequest, request_id)).seats_taken == 1


async def test_work_given_back_can_be_taken_by_another(
    database: Database, clock: FixedClock
) -> None:
    request_id, offer_ids = await make_offers(database, 3, crew_size=2)
    async with database.begin() as session:
        first = await accept_offer(session, SYSTEM, offer_ids[0], now=clock.now())
        second = await accept_offer(session, SYSTEM, offer_ids[1], now=clock.now())
        await release_work(session, SYSTEM, first.id, now=clock.now(), reason="ill")
        request = await session.get_one(HelpRequest, request_id)
        assert (request.status, request.seats_taken) == (RequestStatus.OPEN, 1)
        with pytest.raises(OfferClosed):
            await accept_offer(session, SYSTEM, offer_ids[0], now=clock.now())
        community = await session.get_one(Community, request.community_id)
        again = await add_offer(session, request, await add_volunteer(session, community))
        third = await accept_offer(session, SYSTEM, again.id, now=clock.now())

    assert (first.seat, second.seat, third.seat) == (0, 1, 0)
