"""What a notice is about still waits for an answer, or does not buzz any more; both databases."""

from __future__ import annotations

import io
from uuid import UUID

import pytest

from api.worker import open_services
from core.clock import FixedClock
from core.db import Database
from core.settings import Settings
from matching.kinds import AskStatus, OfferStatus, RequestStatus
from matching.notifications import notify_offer, notify_substitute
from matching.offers.waiting_repository import is_ask_open, is_offer_open
from messaging.push import jobs as push_jobs
from people.kinds import Purpose
from people.models import Person
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import add_community


@pytest.fixture
async def asked(database: Database) -> Asked:
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        homes = await add_homes(session, community, storm, 3)
        made = await ask_volunteer(session, community, storm, homes, planned=2)
        person = await session.get_one(Person, made.volunteer.person_id)
        await add_contact(session, person)
        for purpose in (Purpose.MATCHING, Purpose.OFFERS):
            await give_consent(session, community, person, purpose)
    return made


async def look(database: Database, ask_id: UUID) -> bool:
    async with database.read() as session:
        return await is_ask_open(session, ask_id)


async def test_an_ask_waits_while_a_home_that_it_shows_needs_somebody(
    database: Database, asked: Asked
) -> None:
    closed = [RequestStatus.ACCEPTED, RequestStatus.CANCELLED]
    for row, status in zip(asked.requests, closed, strict=False):
        async with database.begin() as session:
            (await session.merge(row)).status = status
        assert await look(database, asked.ask.id)
    async with database.begin() as session:
        last = await session.merge(asked.requests[2])
        last.seats_taken = last.crew_size
    assert not await look(database, asked.ask.id)


@pytest.mark.parametrize("status", [AskStatus.ANSWERED, AskStatus.SILENT, AskStatus.WITHDRAWN])
async def test_an_ask_that_was_answered_or_taken_back_waits_no_more(
    database: Database, asked: Asked, status: AskStatus
) -> None:
    assert await look(database, asked.ask.id)
    async with database.begin() as session:
        (await session.merge(asked.ask)).status = status
    assert not await look(database, asked.ask.id)


async def test_an_offer_waits_until_it_is_answered(database: Database, asked: Asked) -> None:
    offer = asked.offers[0]
    for status in (OfferStatus.SENT, OfferStatus.WITHDRAWN):
        async with database.begin() as session:
            (await session.merge(offer)).status = status
            await session.flush()
            assert await is_offer_open(session, offer.id) == (status is OfferStatus.SENT)


async def test_what_is_offered_is_of_no_use_after_its_end(
    database: Database, clock: FixedClock, asked: Asked
) -> None:
    now = clock.now()
    async with database.begin() as session:
        whole = await notify_offer(session, await session.merge(asked.ask), now=now)
        one = await notify_substitute(session, await session.merge(asked.offers[0]), now=now)
    assert whole.expires_at == max(offer.ends_at for offer in asked.offers)
    assert one.expires_at == asked.offers[0].ends_at


async def test_the_worker_asks_before_it_nudges(clock: FixedClock) -> None:
    async with open_services(Settings(mail="none", sms="none"), clock, io.StringIO()) as services:
        holds = services[push_jobs.STILL_HOLDS]
    assert holds == {"offer": is_ask_open, "substitute_offered": is_offer_open}
