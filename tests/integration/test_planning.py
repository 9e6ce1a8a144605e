"""A round from the database and back: stored whole or not at all, on both databases."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import list_events
from geo.city import CityPack, shipped_pack
from geo.privacy import PrivacyCells, cell_center
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from matching.errors import NothingToTry, PlanBroken, RoundAlreadyRunning
from matching.kinds import DocumentKind, OfferStatus, RequestStatus, RoundStatus
from matching.models import Assignment, Ban, HelpRequest, Offer, Volunteer
from matching.offers.answering import accept_offer
from matching.offers.casework import cancel_request
from matching.rounds import repository as round_repository
from matching.rounds.explaining import explain_request, try_request
from matching.rounds.models import Round, UnservedReason
from matching.rounds.nearest_first import plan_nearest_first
from matching.rounds.planning import PlannedRound, PlanRound, RoundTools, RoundWatcher, plan_round
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Household, HouseholdAddress
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import actor_as, add_ability, add_community

SYSTEM = Actor.system()
COMMAND = PlanRound("cambridge", seed=3)


def by_hand(problem: Problem, **_: Any) -> Solution:
    """A real solver without a bound: quick, and its plans keep every rule."""
    return plan_nearest_first(problem)


class Town:
    """A community in Cambridge with helpers to fill it and to plan."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.community: Community
        self.cells = PrivacyCells.from_pack(CityPack.open(shipped_pack("cambridge")))

    async def open(self) -> None:
        async with self.database.begin() as session:
            self.community = await add_community(session)

    async def add_request(self, **values: Any) -> HelpRequest:
        async with self.database.begin() as session:
            row = await add_request(session, self.community, **values)
            await self._blur(session, row.household_id)
            return row

    async def add_volunteer(self, **values: Any) -> UUID:
        async with self.database.begin() as session:
            row = await add_volunteer(session, self.community, **values)
            await self._blur(session, row.home_id)
            return row.id

    async def _blur(self, session: Any, household_id: UUID) -> None:
        home = await session.get(Household, household_id)
        address = await session.get(HouseholdAddress, household_id)
        home.cell = self.cells.cell_of(address.lon_deg, address.lat_deg)

    async def plan(
        self,
        command: PlanRound = COMMAND,
        *,
        solver: Callable[..., Solution] = by_hand,
        watcher: RoundWatcher | None = None,
        actor: Actor = SYSTEM,
    ) -> PlannedRound:
        tools = RoundTools(clock=self.clock, solver=solver)
        return await plan_round(
            self.database, actor, command, tools=tools, stop=Stop(), watcher=watcher
        )

    async def offers(self, *statuses: OfferStatus) -> list[Offer]:
        async with self.database.read() as session:
            query = select(Offer).order_by(Offer.id)
            if statuses:
                query = query.where(Offer.status.in_(statuses))
            return list(await session.scalars(query))

    async def rounds(self) -> list[Round]:
        async with self.database.read() as session:
            return await round_repository.list_rounds(session, self.community.id)

    async def count(self, model: type[Any]) -> int:
        async with self.database.read() as session:
            return int(await session.scalar(select(func.count()).select_from(model)) or 0)


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    made = Town(database, clock)
    await made.open()
    return made


async def test_a_round_leaves_offers_reasons_documents_and_history(town: Town) -> None:
    served = await town.add_request()
    async with town.database.begin() as session:
        blower = await add_ability(session, town.community, "snow_blower")
    refused = await town.add_request(needs=[blower])
    volunteer_id = await town.add_volunteer()
    planned = await town.plan()
    assert planned.stored is not None
    row = planned.stored.round
    assert (row.status, row.seed) == (RoundStatus.FINISHED, 3)
    assert (row.request_count, row.served_count, row.volunteer_count) == (2, 1, 1)
    assert row.inputs_hash == planned.made.problem.digest()
    (offer,) = await town.offers()
    assert (offer.request_id, offer.volunteer_id) == (served.id, volunteer_id)
    assert offer.status is OfferStatus.PROPOSED
    assert EVENING <= offer.starts_at < offer.ends_at == offer.starts_at + timedelta(minutes=30)
    async with town.database.read() as session:
        reason = (await session.scalars(select(UnservedReason))).one()
        assert (reason.request_id, reason.code) == (refused.id, "tool_missing")
        assert reason.detail["funnel"]["without_skills"] == 1
        assert reason.detail["missing_skills"] == ["snow_blower"]
        kinds = [event.kind for event in await list_events(session, "round", row.id)]
        assert kinds == ["round.started", "round.finished"]
        for kind in (DocumentKind.PLAN, DocumentKind.PROBLEM, DocumentKind.CERTIFICATE):
            assert await round_repository.find_document(session, row.id, kind) is not None


async def test_no_document_holds_an_exact_home_or_a_name(town: Town) -> None:
    request = await town.add_request()
    await town.add_volunteer()
    planned = await town.plan()
    assert planned.stored is not None
    async with town.database.read() as session:
        address = await session.get(HouseholdAddress, request.household_id)
        household = await session.get(Household, request.household_id)
        assert address is not None
        assert household is not None
        documents = [
            await round_repository.find_document(session, planned.stored.round.id, kind)
            for kind in DocumentKind
        ]
    text = json.dumps(documents)
    assert address.address_text not in text
    exact = planned.pack.to_utm([(address.lon_deg, address.lat_deg)])[0]
    shown = planned.made.problem.xy_m[1]
    assert household.cell is not None
    assert shown.tolist() == planned.pack.to_utm([cell_center(household.cell)])[0].tolist()
    assert abs(shown - exact).max() > 1.0


async def test_a_dry_run_leaves_no_trace(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()
    planned = await town.plan(replace(COMMAND, dry_run=True))
    assert planned.stored is None
    assert len(planned.solution.routes) == 1
    assert await town.count(Round) == await town.count(Offer) == 0


async def test_a_dry_run_is_not_cut_short(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()

    def patient(problem: Problem, *, stop: Stop, **_: Any) -> Solution:
        assert not any(stop.reached() or go_on.wait(0.05) for _ in range(10))
        return plan_nearest_first(problem)

    go_on = threading.Event()
    planned = await town.plan(replace(COMMAND, dry_run=True), solver=patient)
    assert len(planned.solution.routes) == 1


async def test_the_next_round_replaces_drafts_and_says_that_nothing_changed(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()
    first = await town.plan()
    town.clock.advance(timedelta(minutes=5))
    second = await town.plan()
    assert first.changes is None
    assert second.changes is not None
    assert second.changes.nothing
    assert second.changes.kept == 1
    assert second.made.problem.digest() != ""
    statuses = [offer.status for offer in await town.offers()]
    assert statuses == [OfferStatus.WITHDRAWN, OfferStatus.PROPOSED]
    withdrawn = (await town.offers(OfferStatus.WITHDRAWN))[0]
    async with town.database.read() as session:
        (last,) = [
            event
            for event in await list_events(session, "offer", withdrawn.id)
            if event.kind == "offer.withdrawn"
        ]
    assert (last.reason, last.data) == ("new_round", {"from": "proposed", "to": "withdrawn"})
    assert withdrawn.version == 2


async def test_changes_name_who_is_new_gone_and_moved(town: Town) -> None:
    stays = await town.add_request(weight=3.0)
    first_volunteer = await town.add_volunteer(max_tasks=1)
    await town.plan()
    async with town.database.begin() as session:
        session.add(
            Ban(
                community_id=town.community.id,
                volunteer_id=first_volunteer,
                resident_id=stays.resident_id,
                created_at=town.clock.now(),
            )
        )
    new = await town.add_request()
    await town.add_volunteer(max_tasks=1)
    changes = (await town.plan()).changes
    assert changes is not None
    assert (changes.moved, changes.newly_served) == ((stays.reference,), (new.reference,))
    assert changes.no_longer_served == ()


async def test_a_request_cancelled_during_the_round_gets_no_offer(town: Town) -> None:
    kept, cancelled = await town.add_request(), await town.add_request()
    await town.add_volunteer()
    solving, go_on = threading.Event(), threading.Event()

    def slow(problem: Problem, **_: Any) -> Solution:
        solving.set()
        assert go_on.wait(120)
        return plan_nearest_first(problem)

    task = asyncio.ensure_future(town.plan(solver=slow))
    assert await asyncio.to_thread(solving.wait, 120)
    async with town.database.begin() as session:
        await cancel_request(
            session, SYSTEM, cancelled.id, now=town.clock.now(), reason="resident_cancelled"
        )
    go_on.set()
    planned = await task
    assert planned.stored is not None
    assert planned.stored.stale_request_ids == (cancelled.id,)
    assert [offer.request_id for offer in await town.offers()] == [kept.id]


async def test_one_round_at_a_time(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()
    solving, go_on = threading.Event(), threading.Event()

    def slow(problem: Problem, **_: Any) -> Solution:
        solving.set()
        assert go_on.wait(120)
        return plan_nearest_first(problem)

    task = asyncio.ensure_future(town.plan(solver=slow))
    assert await asyncio.to_thread(solving.wait, 120)
    with pytest.raises(RoundAlreadyRunning):
        await town.plan()
    go_on.set()
    assert (await task).stored is not None
    assert len(await town.rounds()) == 1


@pytest.mark.parametrize("keep", [True, False])
async def test_an_interrupted_plan_is_stored_only_when_asked(town: Town, keep: bool) -> None:
    await town.add_request()
    await town.add_volunteer()

    class Impatient(RoundWatcher):
        interrupted = True

        async def keep(self, planned: PlannedRound) -> bool:
            return keep

    planned = await town.plan(watcher=Impatient())
    (row,) = await town.rounds()
    assert (planned.stored is not None) is keep
    assert row.status is (RoundStatus.FINISHED if keep else RoundStatus.CANCELLED)
    assert len(await town.offers()) == int(keep)


async def test_a_killed_task_ends_its_round(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()
    solving, go_on = threading.Event(), threading.Event()

    def slow(problem: Problem, *, stop: Stop, **_: Any) -> Solution:
        solving.set()
        while not stop.reached() and not go_on.wait(0.02):
            pass
        return plan_nearest_first(problem)

    task = asyncio.ensure_future(town.plan(solver=slow))
    assert await asyncio.to_thread(solving.wait, 120)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    (row,) = await town.rounds()
    assert row.status is RoundStatus.CANCELLED
    assert await town.offers() == []


async def test_a_solver_that_fails_ends_the_round_and_the_next_can_start(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()

    def broken(problem: Problem, **_: Any) -> Solution:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await town.plan(solver=broken)
    assert [row.status for row in await town.rounds()] == [RoundStatus.FAILED]
    assert (await town.plan()).stored is not None


async def test_a_plan_that_breaks_a_rule_is_not_stored(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()

    def early(problem: Problem, **_: Any) -> Solution:
        plan = plan_nearest_first(problem)
        return replace(plan, routes=(replace(plan.routes[0], start_s=(0,)),))

    with pytest.raises(PlanBroken, match="was not stored"):
        await town.plan(solver=early)
    (row,) = await town.rounds()
    assert row.status is RoundStatus.FAILED
    assert await town.offers() == []


async def test_accepted_work_stays_where_it_is(town: Town) -> None:
    request = await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.plan()
    (draft,) = await town.offers()
    async with town.database.begin() as session:
        offer = await session.get(Offer, draft.id)
        assert offer is not None
        offer.status, offer.sent_at = OfferStatus.SENT, town.clock.now()
    async with town.database.begin() as session:
        await accept_offer(session, SYSTEM, draft.id, now=town.clock.now())
    await town.add_request(weight=50.0)
    planned = await town.plan()
    assert planned.made.held == {(0, 0)}
    visits = {
        (planned.made.problem.requests.ids[request_], start_s)
        for route in planned.solution.routes
        for request_, start_s in zip(route.requests, route.start_s, strict=True)
    }
    agreed_s = planned.made.inputs.horizon.seconds(draft.starts_at)
    assert (request.reference, agreed_s) in visits
    assert await town.count(Assignment) == 1
    live = await town.offers(OfferStatus.PROPOSED, OfferStatus.SENT)
    assert request.id not in {offer.request_id for offer in live}
    assert {offer.volunteer_id for offer in live} == {volunteer_id}


async def test_an_offer_that_waits_for_its_answer_is_not_made_again(town: Town) -> None:
    request = await town.add_request()
    await town.add_volunteer()
    async with town.database.begin() as session:
        volunteer = (
            await round_repository.load_available_volunteers(
                session, town.community.id, at=town.clock.now()
            )
        )[0]
        row = await session.get(HelpRequest, request.id)
        assert row is not None
        await add_offer(session, row, volunteer)
    planned = await town.plan()
    assert planned.made.held == {(0, 0)}
    assert len(planned.solution.routes) == 1
    assert [offer.status for offer in await town.offers()] == [OfferStatus.SENT]


@pytest.mark.parametrize(("requests", "volunteers"), [(0, 0), (0, 1), (1, 0)])
async def test_nothing_to_match_is_an_empty_plan_with_reasons(
    town: Town, requests: int, volunteers: int
) -> None:
    for _ in range(requests):
        await town.add_request()
    for _ in range(volunteers):
        await town.add_volunteer()
    planned = await town.plan()
    assert planned.stored is not None
    assert planned.solution.routes == ()
    assert [reason.code for reason in planned.reasons.reasons] == ["out_of_reach"] * requests


async def test_a_request_whose_time_is_over_says_so(town: Town) -> None:
    request = await town.add_request()
    await town.add_volunteer()
    town.clock.advance(timedelta(hours=3, minutes=50))
    planned = await town.plan()
    assert planned.made.too_late[0].id == request.id
    async with town.database.read() as session:
        told = await explain_request(session, SYSTEM, request.reference, community_slug=None)
    assert told.code == "window_over"
    assert told.sentences[2] == "The time that was asked for is over."


async def test_requests_behind_the_horizon_wait_for_a_later_round(town: Town) -> None:
    await town.add_request()
    await town.add_volunteer()
    planned = await town.plan(
        replace(COMMAND, end_at=EVENING + timedelta(minutes=20), dry_run=True)
    )
    assert (len(planned.made.later), len(planned.made.requests)) == (1, 0)


async def test_an_explanation_tells_the_time_and_no_name(town: Town) -> None:
    request = await town.add_request()
    await town.add_volunteer()
    await town.plan()
    async with town.database.read() as session:
        told = await explain_request(
            session, SYSTEM, request.reference.lower(), community_slug="cambridge"
        )
        by_id = await explain_request(session, SYSTEM, str(request.id), community_slug=None)
        address = await session.get(HouseholdAddress, request.household_id)
    assert told == by_id
    assert told.served
    assert "One volunteer is planned for it at" in told.sentences[1]
    assert address is not None
    assert address.address_text not in " ".join(told.sentences)


async def test_changes_can_be_tried_for_a_request_that_was_left(town: Town) -> None:
    late = EVENING + timedelta(hours=6)
    request = await town.add_request()
    await town.add_volunteer(max_travel_s=1)
    await town.plan()
    async with town.database.read() as session:
        work = await try_request(session, SYSTEM, request.reference, community_slug=None)
    told = await asyncio.to_thread(work)
    assert told.code == "out_of_reach"
    assert told.detail["tried"]["smallest"]["change"]["kind"] in (
        "longer_reach", "more_volunteers"
    )  # fmt: skip
    assert any("It would be served" in sentence for sentence in told.sentences)
    town.clock.advance(late - town.clock.now())
    await town.plan()
    async with town.database.read() as session:
        with pytest.raises(NothingToTry):
            await try_request(session, SYSTEM, request.reference, community_slug=None)


async def test_a_volunteer_may_not_start_a_round(town: Town) -> None:
    await town.add_request()
    actor = actor_as(Role.VOLUNTEER, town.community.id)
    with pytest.raises(NotPermitted):
        await town.plan(actor=actor)
    assert await town.count(Round) == 0


async def test_agreed_work_that_no_plan_would_have_proposed_does_not_stop_the_round(
    town: Town,
) -> None:
    far = await town.add_request()
    near = await town.add_request()
    volunteer_id = await town.add_volunteer()
    # Two visits at once: people talked it over, and the product wrote down what they said.
    async with town.database.begin() as session:
        volunteer = await session.get(Volunteer, volunteer_id)
        assert volunteer is not None
        for request_id in (far.id, near.id):
            request = await session.get(HelpRequest, request_id)
            assert request is not None
            request.status, request.seats_taken = RequestStatus.ACCEPTED, 1
            offer = await add_offer(
                session, request, volunteer, status=OfferStatus.ACCEPTED, code=request.reference[:4]
            )
            session.add(
                Assignment(
                    community_id=town.community.id,
                    offer_id=offer.id,
                    request_id=request.id,
                    volunteer_id=volunteer_id,
                    seat=1,
                    starts_at=offer.starts_at,
                    ends_at=offer.ends_at,
                    accepted_at=town.clock.now(),
                )
            )
    waiting = await town.add_request()
    planned = await town.plan(solver=solve)
    assert planned.stored is not None
    drafts = await town.offers(OfferStatus.PROPOSED)
    assert {draft.request_id for draft in drafts} == {waiting.id}
    assert all(draft.starts_at >= EVENING + timedelta(hours=1) for draft in drafts)
    assert await town.count(Assignment) == 2


async def test_a_home_that_two_were_asked_about_does_not_stop_the_round(town: Town) -> None:
    request = await town.add_request()
    waiting = await town.add_request()
    async with town.database.begin() as session:
        row = await session.get(HelpRequest, request.id)
        assert row is not None
        for _ in range(2):
            await add_offer(session, row, await add_volunteer(session, town.community))
    planned = await town.plan(solver=solve)
    assert planned.stored is not None
    drafts = await town.offers(OfferStatus.PROPOSED)
    assert {draft.request_id for draft in drafts} == {waiting.id}
    assert len(await town.offers(OfferStatus.SENT)) == 2
