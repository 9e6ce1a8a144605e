"""What is open now, and who is asked next, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from matching.errors import HomeNotOpen
from matching.kinds import AskAnswer, AskOrigin, AskStatus, HoldReason, OfferStatus, StormStatus
from matching.models import Ban, HelpRequest, Offer, Volunteer
from matching.offers.answering import accept_offer, decline_offer
from matching.offers.live import offer_open_home, open_now
from matching.offers.models import Ask, AskedHome, VolunteerReach
from matching.offers.refit import refit_answer_model
from matching.offers.reseat import replan_person, reseat_home
from people.auth import Actor
from tests.ladder_town import SYSTEM, LadderTown, plain_message


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    return made


async def person_of(town: LadderTown, volunteer_id: object) -> Actor:
    async with town.database.read() as session:
        volunteer = await session.get(Volunteer, volunteer_id)
        assert volunteer is not None
        return Actor(person_id=volunteer.person_id)


async def test_the_list_shows_urgent_homes_first_and_nothing_exact(town: LadderTown) -> None:
    await town.add_request()
    urgent = await town.add_request(weight=4.0)
    await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    async with town.database.read() as session:
        homes = await open_now(session, volunteer_id, town.clock.now())
    assert [home.urgent for home in homes] == [True, False, False]
    assert homes[0].request_id == urgent.id
    told = repr(homes)
    for secret in ("Imaginary", "42.37", "-71.1", "Synthetic", "@"):
        assert secret not in told


async def test_the_list_leaves_out_what_is_taken_struck_or_forbidden(town: LadderTown) -> None:
    requests = [await town.add_request() for _ in range(4)]
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    offers = {offer.request_id: offer for offer in await town.offers()}
    actor = await person_of(town, volunteer_id)
    declined = next(key for key in offers)
    free = [row for row in requests if row.id != declined]
    async with town.database.begin() as session:
        await decline_offer(session, actor, offers[declined].id, now=town.clock.now())
        taken = await session.get(HelpRequest, free[0].id)
        assert taken is not None
        taken.seats_taken = 1
        session.add(
            Ban(
                community_id=town.community.id,
                volunteer_id=volunteer_id,
                resident_id=free[1].resident_id,
                created_at=town.clock.now(),
            )
        )
    async with town.database.read() as session:
        homes = await open_now(session, volunteer_id, town.clock.now())
    assert {home.request_id for home in homes} == {free[2].id}
    await town.move_storm(StormStatus.HOLD, HoldReason.ICE)
    async with town.database.read() as session:
        assert await open_now(session, volunteer_id, town.clock.now()) == []


async def test_a_home_of_the_list_is_taken_by_an_offer_made_on_the_spot(town: LadderTown) -> None:
    for _ in range(5):
        await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    actor = await person_of(town, volunteer_id)
    async with town.database.begin() as session:
        homes = await open_now(session, volunteer_id, town.clock.now())
        extra = next(home for home in homes if home.offer_id is None)
        offer = await offer_open_home(session, volunteer_id, extra.request_id, now=town.clock.now())
        again = await offer_open_home(session, volunteer_id, extra.request_id, now=town.clock.now())
        assert again.id == offer.id
        work = await accept_offer(session, actor, offer.id, now=town.clock.now())
    assert work.request_id == extra.request_id
    async with town.database.begin() as session:
        with pytest.raises(HomeNotOpen):
            await offer_open_home(session, volunteer_id, extra.request_id, now=town.clock.now())


async def test_a_no_has_the_next_person_asked_at_once_and_once(town: LadderTown) -> None:
    request = await town.add_request()
    first = await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    second = await town.add_volunteer(max_tasks=1)
    async with town.database.begin() as session:
        reach = await session.get(VolunteerReach, first)
        assert reach is not None
        session.add(
            VolunteerReach(
                volunteer_id=second, measured_at=town.clock.now(), homes=dict(reach.homes)
            )
        )
    (offer,) = await town.offers()
    actor = await person_of(town, first)
    async with town.database.begin() as session:
        await decline_offer(session, actor, offer.id, now=town.clock.now())
    for _ in range(2):
        async with town.database.begin() as session:
            await reseat_home(session, request.id, now=town.clock.now(), notify=plain_message)
    asks = [ask for ask in await town.asks() if ask.volunteer_id == second]
    assert [(ask.origin, ask.status) for ask in asks] == [(AskOrigin.RESEAT, AskStatus.SENT)]
    offers = [row for row in await town.offers() if row.volunteer_id == second]
    assert [row.request_id for row in offers] == [request.id]
    assert offers[0].status is OfferStatus.SENT


async def test_after_a_yes_the_other_offers_move_out_of_its_way(town: LadderTown) -> None:
    for _ in range(3):
        await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    actor = await person_of(town, volunteer_id)
    first, second, _ = sorted(await town.offers(), key=lambda offer: offer.starts_at)
    async with town.database.begin() as session:
        row = await session.get(Offer, second.id)
        assert row is not None
        row.starts_at, row.ends_at = first.starts_at, first.ends_at
    async with town.database.begin() as session:
        work = await accept_offer(session, actor, first.id, now=town.clock.now())
    async with town.database.begin() as session:
        assert await replan_person(session, volunteer_id, now=town.clock.now()) >= 1
        assert await replan_person(session, volunteer_id, now=town.clock.now()) == 0
    async with town.database.read() as session:
        moved = await session.get(Offer, second.id)
    assert moved is not None
    assert moved.starts_at >= work.ends_at or moved.ends_at <= work.starts_at


async def test_answers_are_logged_and_teach(town: LadderTown) -> None:
    await town.add_request()
    volunteer_id = await town.add_volunteer(accept_prior=0.5)
    await town.wave_and_send()
    (offer,) = await town.offers()
    actor = await person_of(town, volunteer_id)
    town.clock.advance(timedelta(minutes=20))
    async with town.database.begin() as session:
        await accept_offer(session, actor, offer.id, now=town.clock.now())
    (ask,) = await town.asks()
    assert (ask.status, ask.answer) == (AskStatus.ANSWERED, AskAnswer.YES)
    assert ask.answer_delay_s == pytest.approx(1200.0)
    (shown,) = await town.rows(AskedHome)
    assert (shown.answer, shown.in_plan) == (AskAnswer.YES, True)
    assert (await town.rows(Volunteer))[0].accept_prior > 0.9
    async with town.database.begin() as session:
        fitted = await refit_answer_model(session, SYSTEM, town.community.id, now=town.clock.now())
    assert (fitted.n_asks, fitted.n_answers) == (1, 1)


async def test_a_late_yes_after_silence_counts(town: LadderTown) -> None:
    await town.add_request()
    volunteer_id = await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    (ask,) = await town.asks()
    assert ask.silent_after_at is not None
    town.clock.advance(ask.silent_after_at - town.clock.now())
    await town.wave()
    (offer, *_) = await town.offers()
    assert offer.status is OfferStatus.EXPIRED
    actor = await person_of(town, volunteer_id)
    async with town.database.begin() as session:
        await accept_offer(session, actor, offer.id, now=town.clock.now())
    async with town.database.read() as session:
        after = (await session.scalars(select(Ask).where(Ask.id == ask.id))).one()
    assert (after.status, after.answer) == (AskStatus.ANSWERED, AskAnswer.YES)
