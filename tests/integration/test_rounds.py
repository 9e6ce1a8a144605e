from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import list_events
from core.ids import new_id
from matching.errors import IllegalTransition, RoundAlreadyRunning, RoundNotRunning
from matching.kinds import DocumentKind, OfferStatus, RequestStatus, RoundStatus
from matching.models import Ban, HelpRequest, Offer, SeasonPair, Volunteer
from matching.offers.casework import cancel_request
from matching.rounds import repository as round_repository
from matching.rounds.lifecycle import (
    LEASE,
    Proposal,
    RoundResult,
    StartRound,
    Unserved,
    cancel_round,
    finish_round,
    renew_lease,
    start_round,
)
from matching.rounds.models import Round
from people.auth import Actor
from people.kinds import Role
from people.models import Person
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import actor_as, add_ability, add_community, give_ability

SYSTEM = Actor.system()
RACERS = 10


def a_start(community_id: UUID) -> StartRound:
    return StartRound(
        community_id=community_id,
        horizon_start_at=EVENING,
        horizon_end_at=EVENING + timedelta(hours=24),
        seed=7,
    )


def a_result(**values: Any) -> RoundResult:
    defaults: dict[str, Any] = {
        "inputs_hash": "0" * 64,
        "objective": {"travel_cost": 1.0},
        "value_m": 19_000.0,
        "bound_m": 20_000.0,
        "gap": 0.05,
        "weight_served": 1.0,
        "request_count": 2,
        "volunteer_count": 1,
        "served_count": 1,
        "stopped_early": False,
        "proposals": [],
        "unserved": [],
    }
    return RoundResult(**(defaults | values))


async def make_community(database: Database) -> UUID:
    async with database.begin() as session:
        return (await add_community(session)).id


def a_proposal(request: HelpRequest, volunteer: Volunteer, position: int) -> Proposal:
    return Proposal(
        request_id=request.id,
        request_version=request.version,
        volunteer_id=volunteer.id,
        position=position,
        starts_at=EVENING + timedelta(minutes=40 * position),
        ends_at=EVENING + timedelta(minutes=40 * position + 30),
        accept_p=0.4,
    )


async def test_one_of_ten_rounds_starts_and_the_others_name_it(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    community_id = await make_community(database)

    async def attempt() -> UUID | RoundAlreadyRunning:
        async with Database(database_url) as own:
            try:
                async with own.begin() as session:
                    command = a_start(community_id)
                    return (await start_round(session, SYSTEM, command, now=clock.now())).id
            except RoundAlreadyRunning as error:
                return error

    answers = await asyncio.gather(*(attempt() for _ in range(RACERS)))

    started = [answer for answer in answers if isinstance(answer, UUID)]
    refused = [answer for answer in answers if isinstance(answer, RoundAlreadyRunning)]
    assert len(started) == 1
    assert {error.round_id for error in refused} == set(started)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Round)) == 1


async def test_other_communities_run_at_the_same_time(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        for slug in ("cambridge", "helsinki"):
            community = await add_community(session, slug)
            await start_round(session, SYSTEM, a_start(community.id), now=clock.now())


async def test_round_whose_lease_ran_out_gives_way(database: Database, clock: FixedClock) -> None:
    community_id = await make_community(database)
    async with database.begin() as session:
        dead = await start_round(session, SYSTEM, a_start(community_id), now=clock.now())
    clock.advance(LEASE - timedelta(seconds=1))
    async with database.begin() as session:
        await renew_lease(session, dead.id, now=clock.now())
    clock.advance(LEASE - timedelta(seconds=1))
    with pytest.raises(RoundAlreadyRunning):
        async with database.begin() as session:
            await start_round(session, SYSTEM, a_start(community_id), now=clock.now())

    clock.advance(timedelta(seconds=2))
    async with database.begin() as session:
        await start_round(session, SYSTEM, a_start(community_id), now=clock.now())

    async with database.read() as session:
        assert (await session.get_one(Round, dead.id)).status is RoundStatus.FAILED
    for late in (renew_lease, lambda *args, now: finish_round(*args, a_result(), now=now)):
        with pytest.raises(RoundNotRunning):
            async with database.begin() as session:
                await late(session, dead.id, now=clock.now())


async def test_finished_round_keeps_its_result(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        volunteer = await add_volunteer(session, community)
        served = await add_request(session, community)
        left = await add_request(session, community)
        row = await start_round(session, SYSTEM, a_start(community.id), now=clock.now())
    result = a_result(
        proposals=[a_proposal(served, volunteer, 0)],
        unserved=[Unserved(left.id, "nobody_near", {"nearest_m": 1_800})],
        documents={DocumentKind.CERTIFICATE: {"value": 19_000.0}},
    )

    async with database.begin() as session:
        stored = await finish_round(
            session, row.id, result, now=clock.advance(timedelta(seconds=9))
        )

    assert (stored.offer_count, stored.stale_request_ids) == (1, ())
    async with database.read() as session:
        last = await round_repository.find_last_finished_round(session, community.id)
        assert last is not None
        assert (last.id, last.gap, last.ended_at) == (row.id, 0.05, clock.now())
        body = await round_repository.find_document(session, row.id, DocumentKind.CERTIFICATE)
        assert body == {"value": 19_000.0}
        (offer,) = await round_repository.list_round_offers(session, row.id)
        assert (offer.request_id, offer.status) == (served.id, OfferStatus.PROPOSED)
        reason = await round_repository.find_unserved_reason(session, row.id, left.id)
        assert reason is not None
        assert (reason.code, reason.detail) == ("nobody_near", {"nearest_m": 1_800})
        kinds = [event.kind for event in await list_events(session, "round", row.id)]
        assert kinds == ["round.started", "round.finished"]


async def test_request_that_changed_meanwhile_gets_no_offer(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        volunteer = await add_volunteer(session, community)
        requests = [await add_request(session, community) for _ in range(3)]
        row = await start_round(session, SYSTEM, a_start(community.id), now=clock.now())
    proposals = [a_proposal(request, volunteer, at) for at, request in enumerate(requests)]
    async with database.begin() as session:
        await cancel_request(
            session, SYSTEM, requests[0].id, now=clock.now(), reason="resident_cancelled"
        )
        edited = await session.get_one(HelpRequest, requests[1].id)
        edited.service_s += 600

    async with database.begin() as session:
        stored = await finish_round(session, row.id, a_result(proposals=proposals), now=clock.now())

    assert stored.offer_count == 1
    assert set(stored.stale_request_ids) == {requests[0].id, requests[1].id}


async def test_failure_while_storing_leaves_nothing_behind(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        volunteer = await add_volunteer(session, community)
        request = await add_request(session, community)
        row = await start_round(session, SYSTEM, a_start(community.id), now=clock.now())
    result = a_result(proposals=[a_proposal(request, volunteer, 0)])

    async def finish_and_break_off() -> None:
        async with database.begin() as session:
            await finish_round(session, row.id, result, now=clock.now())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await finish_and_break_off()

    async with database.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Offer)) == 0
        await cancel_round(session, SYSTEM, row.id, now=clock.now())
    with pytest.raises(IllegalTransition, match="cancelled"):
        async with database.begin() as session:
            await cancel_round(session, SYSTEM, row.id, now=clock.now())


async def test_infinity_is_refused_on_both_databases(database: Database, clock: FixedClock) -> None:
    community_id = await make_community(database)
    async with database.begin() as session:
        row = await start_round(session, SYSTEM, a_start(community_id), now=clock.now())
    result = a_result(documents={DocumentKind.CERTIFICATE: {"bound": float("inf")}})

    with pytest.raises(Exception, match="not JSON compliant"):
        async with database.begin() as session:
            await finish_round(session, row.id, result, now=clock.now())


async def test_only_staff_of_the_community_start_rounds(
    database: Database, clock: FixedClock
) -> None:
    community_id = await make_community(database)
    for actor in (
        Actor.anonymous(),
        actor_as(Role.VOLUNTEER, community_id),
        actor_as(Role.RESIDENT, community_id),
        actor_as(Role.MANAGER, new_id()),
    ):
        with pytest.raises(NotPermitted):
            async with database.begin() as session:
                await start_round(session, actor, a_start(community_id), now=clock.now())
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Round)) == 0


async def test_round_reads_all_that_it_needs(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        shovel = await add_ability(session, community, "shovel")
        volunteer = await add_volunteer(session, community)
        paused = await add_volunteer(
            session, community, paused_until=clock.now() + timedelta(days=1)
        )
        request = await add_request(session, community, needs=[shovel])
        held = await add_request(session, community, status=RequestStatus.ACCEPTED)
        await add_request(session, community, status=RequestStatus.CANCELLED)
        await add_request(session, await add_community(session, "elsewhere"))
        pair = {
            "community_id": community.id,
            "volunteer_id": volunteer.id,
            "resident_id": request.resident_id,
        }
        session.add(Ban(**pair, created_at=clock.now()))
        today = clock.now().date()
        for first, last in [(-9, -1), (-8, 0), (1, 9)]:
            session.add(
                SeasonPair(
                    **pair,
                    valid_from=today + timedelta(days=first),
                    valid_until=today + timedelta(days=last),
                    bonus_m=500.0,
                )
            )
        await give_ability(session, await session.get_one(Person, volunteer.person_id), shovel)
        await add_offer(session, held, paused, status=OfferStatus.ACCEPTED)

    async with database.read() as session:
        requests = await round_repository.load_open_requests(session, community.id)
        volunteers = await round_repository.load_available_volunteers(
            session, community.id, at=clock.now()
        )
        bans = await round_repository.load_bans(session, community.id)
        pairs = await round_repository.load_season_pairs(session, community.id, today)

    assert [row.id for row in requests] == [request.id]
    assert [row.id for row in volunteers] == [volunteer.id]
    assert [need.ability.code for need in requests[0].needs] == ["shovel"]
    assert requests[0].household.address.lon_deg == -71.1106
    assert requests[0].windows[0].opens_at == EVENING
    assert volunteers[0].person.preferences.languages == ["en"]
    assert [own.ability.code for own in volunteers[0].person.abilities] == ["shovel"]
    assert volunteers[0].home.address.lat_deg == 42.3740
    assert volunteers[0].second_anchor is None
    assert bans == [(volunteer.id, request.resident_id)]
    assert pairs == [(volunteer.id, request.resident_id, 500.0)]
