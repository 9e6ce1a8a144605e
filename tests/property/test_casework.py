"""Whatever people do, in whatever order: the counts agree and nobody is promised twice."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import Database, Session
from core.errors import TalkootError
from core.events import Event
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer
from matching.offers import answering as offers
from matching.offers import casework, sending
from matching.states import HELD_ASSIGNMENTS
from people.auth import Actor
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import add_community

SYSTEM = Actor.system()
N_REQUESTS, N_VOLUNTEERS = 2, 3
ON_OFFERS = ("send", "accept", "accept", "accept", "decline")
ON_WORK = ("start", "done", "done", "release", "release")
ON_REQUESTS = ("cancel", "confirm", "not_done", "expire")
STEPS = st.lists(
    st.tuples(st.sampled_from(ON_OFFERS + ON_WORK + ON_REQUESTS), st.integers(0, 11)),
    min_size=5,
    max_size=30,
)


async def make_world(database: Database, crew_sizes: list[int]) -> tuple[list[UUID], list[UUID]]:
    async with database.begin() as session:
        community = await add_community(session)
        volunteers = [await add_volunteer(session, community) for _ in range(N_VOLUNTEERS)]
        requests = [
            await add_request(session, community, crew_size=size, status=RequestStatus.OFFERED)
            for size in crew_sizes
        ]
        made = [
            await add_offer(
                session,
                request,
                volunteer,
                status=OfferStatus.PROPOSED if volunteer is volunteers[0] else OfferStatus.SENT,
                starts_at=EVENING + timedelta(minutes=20 * number),
                code=f"K{number}",
            )
            for number, request in enumerate(requests)
            for volunteer in volunteers
        ]
        return [row.id for row in requests], [row.id for row in made]


async def take_step(
    session: Session, step: str, number: int, request_ids: list[UUID], offer_ids: list[UUID]
) -> None:
    now = EVENING + timedelta(minutes=number)
    offer_id = offer_ids[number % len(offer_ids)]
    request_id = request_ids[number % len(request_ids)]
    works = list(await session.scalars(select(Assignment.id).order_by(Assignment.id)))
    if step == "send":
        await sending.send_offer(session, offer_id, [str(request_id)], now=now)
    elif step == "accept":
        await offers.accept_offer(session, SYSTEM, offer_id, now=now)
    elif step == "decline":
        await offers.decline_offer(session, SYSTEM, offer_id, now=now)
    elif step == "cancel":
        await casework.cancel_request(session, SYSTEM, request_id, now=now, reason="changed_mind")
    elif step == "confirm":
        await casework.confirm_done(session, SYSTEM, request_id, now=now)
    elif step == "not_done":
        await casework.report_not_done(session, SYSTEM, request_id, now=now)
    elif step == "expire":
        community_id = (await session.get_one(HelpRequest, request_id)).community_id
        await sending.expire_offers(session, community_id, sent_before=now, now=now)
    elif works:
        work_id = works[number % len(works)]
        on_work: dict[str, Callable[..., Awaitable[object]]] = {
            "start": casework.start_work,
            "done": casework.report_done,
        }
        if step == "release":
            await offers.release_work(session, SYSTEM, work_id, now=now, reason="ill")
        else:
            await on_work[step](session, SYSTEM, work_id, now=now)


async def check_world(session: Session) -> None:
    requests = list(await session.scalars(select(HelpRequest)))
    works = list(await session.scalars(select(Assignment)))
    sent = Counter(
        await session.scalars(select(Offer.request_id).where(Offer.status == OfferStatus.SENT))
    )
    for request in requests:
        kept = [
            work
            for work in works
            if work.request_id == request.id and work.status is not AssignmentStatus.RELEASED
        ]
        assert request.seats_taken == len(kept) <= request.crew_size
        assert len({work.seat for work in kept}) == len(kept)
        if request.status in (RequestStatus.ACCEPTED, RequestStatus.DONE, RequestStatus.CONFIRMED):
            assert len(kept) == request.crew_size
        if request.status in (RequestStatus.CANCELLED, RequestStatus.ACCEPTED):
            assert sent[request.id] == 0
        if request.status is RequestStatus.CANCELLED:
            assert not kept
        if request.status is RequestStatus.DONE:
            assert {work.status for work in kept} == {AssignmentStatus.DONE}
    held = [work for work in works if work.status in HELD_ASSIGNMENTS]
    for one in held:
        for other in held:
            if one.id < other.id and one.volunteer_id == other.volunteer_id:
                assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
    await check_history(session)


async def check_history(session: Session) -> None:
    """Each thing's history is a chain that ends in its state."""
    last: dict[UUID, str] = {}
    events = await session.scalars(select(Event).order_by(Event.id))
    for event in events:
        if "to" not in event.data:
            continue
        if event.subject_id in last:
            assert event.data["from"] == last[event.subject_id]
        last[event.subject_id] = event.data["to"]
    for model in (HelpRequest, Offer, Assignment):
        for key, status in await session.execute(select(model.id, model.status)):
            if key in last:
                assert last[key] == status


async def play(path: Path, crew_sizes: list[int], steps: list[tuple[str, int]]) -> None:
    async with Database(f"sqlite:///{path}") as database:
        request_ids, offer_ids = await make_world(database, crew_sizes)
        for step, number in steps:
            try:
                async with database.begin() as session:
                    await take_step(session, step, number, request_ids, offer_ids)
            except TalkootError:
                pass
            async with database.read() as session:
                await check_world(session)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    crew_sizes=st.lists(st.integers(1, 2), min_size=N_REQUESTS, max_size=N_REQUESTS), steps=STEPS
)
def test_counts_agree_after_every_step(
    sqlite_template: Path, crew_sizes: list[int], steps: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copyfile(sqlite_template, Path(folder) / "talkoot.db")
        asyncio.run(play(path, crew_sizes, steps))
