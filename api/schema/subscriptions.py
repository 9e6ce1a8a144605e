"""What changes while one looks: one's own offers, a round on its way, a community's board."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from datetime import datetime

import strawberry

from api.schema.access import Access, Owners, Sees, Who
from api.schema.arguments import CommunityId
from api.schema.assignments import Assignment
from api.schema.context import Info
from api.schema.jobs import RoundJob
from api.schema.nodes import find_id
from api.schema.offers import OpenOffers
from api.schema.operations import guarded, subscription
from api.schema.rounds import Round
from api.schema.storms import Storm, StormOfferCount, StormRequestCount
from api.schema.watching import Seen, Watched, watch
from core.db import Session
from core.errors import NotPermitted
from core.live import Change, topic
from core.pagination import PageArgs, read_page
from matching import policy
from matching.board_repository import Board, read_board
from matching.kinds import AskStatus
from matching.models import Assignment as AssignmentRow
from matching.offers.listing_repository import (
    AssignmentFilter,
    AssignmentSort,
    list_own_assignments,
)
from matching.offers.open_offers import OpenOffers as OpenOffersRow
from matching.offers.open_offers import read_open_offers
from matching.rounds.jobs_repository import find_last_job
from matching.rounds.models import RoundJob as RoundJobRow
from matching.rounds.repository import find_running_round
from matching.states import HELD_ASSIGNMENTS, LIVE_ASKS

OWN_WORK = Access(Who.SIGNED_IN, "offers:read")
ROUNDS = Access(Who.STAFF, "rounds:read")
BOARD = Access(Who.STAFF, "requests:read")
MAX_HELD = 20
BOARD_REST_S = 0.5
"""A board is told at most twice a second."""
ROUND_SUBJECTS = frozenset({"round", "round_job"})


@strawberry.type(description="What waits for you, and what you have agreed to.")
class MyWork:
    at: datetime = strawberry.field(description="The moment that it shows.")
    offers: list[OpenOffers] = strawberry.field(
        description="What is open for you, in each community where you help.",
        metadata={"items": 2},
    )
    assignments: list[Assignment] = strawberry.field(
        description="Work that you have agreed to and that is not over, the next first, at most "
        "20.",
        metadata={"items": 20},
    )


@strawberry.type(description="How far the matching of a community is.")
class RoundProgress:
    at: datetime = strawberry.field(description="The moment that it shows.")
    round_job: RoundJob | None = strawberry.field(
        description="The latest round that somebody asked for; null when nobody has."
    )
    running_round: Round | None = strawberry.field(
        description="The round that runs now, whoever began it; null when none does."
    )


@strawberry.type(description="How many messages to volunteers stand somewhere.")
class AskCount:
    status: AskStatus = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How a community stands, in counts.")
class CommunityBoard:
    board: strawberry.Private[Board]
    at: datetime = strawberry.field(description="The moment that it shows.")
    request_counts: list[StormRequestCount] = strawberry.field(
        description="Its requests by where they stand.", metadata={"items": 11}
    )

    @classmethod
    def of(cls, board: Board, at: datetime) -> CommunityBoard:
        counts = StormRequestCount.list_of(board.requests)
        return cls(board=board, at=at, request_counts=counts)

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.board.community_id}))

    @guarded(
        Sees.STAFF,
        description="The offers of its requests that are not over, by where they stand.",
        scope="offers:read",
        metadata={"items": 6},
    )
    async def offer_counts(self, info: Info) -> list[StormOfferCount] | None:
        return StormOfferCount.list_of(self.board.offers)

    @guarded(
        Sees.STAFF,
        description="Messages to volunteers that wait to be sent, and those that wait for an "
        "answer.",
        scope="offers:read",
        metadata={"items": 2},
    )
    async def ask_counts(self, info: Info) -> list[AskCount] | None:
        counts = self.board.asks
        return [AskCount(status=status, count=counts.get(status, 0)) for status in LIVE_ASKS]

    @guarded(
        Sees.STAFF,
        description="The storm that is on or may come; null when there is none.",
        scope="storms:read",
    )
    async def storm(self, info: Info) -> Storm | None:
        return None if self.board.storm is None else Storm.of(self.board.storm)

    @guarded(
        Sees.STAFF,
        description="The latest round that somebody asked for; null when nobody has.",
        scope="rounds:read",
    )
    async def round_job(self, info: Info) -> RoundJob | None:
        return None if self.board.round_job is None else RoundJob.of(self.board.round_job)


@strawberry.type
class LiveSubscription:
    @subscription(
        description="What waits for you and what you have agreed to: at once, and again after "
        "each change.",
        who=OWN_WORK.who,
        scope=OWN_WORK.scope,
    )
    async def my_work(self, info: Info) -> AsyncGenerator[MyWork, None]:
        context = info.context

        async def look(session: Session) -> Seen[MyWork]:
            now, actor = context.now, context.actor
            offers = await read_open_offers(session, actor, context.language, now=now)
            only = AssignmentFilter(statuses=HELD_ASSIGNMENTS)
            held = list_own_assignments(actor, only, AssignmentSort.STARTS, descending=False)
            page = await read_page(session, held, PageArgs(first=MAX_HELD))
            state = MyWork(
                at=now,
                offers=[OpenOffers.of(row) for row in offers],
                assignments=[Assignment.of(row) for row in page.items],
            )
            volunteers = {topic("volunteer", row.volunteer_id) for row in offers}
            return Seen(state, _mark_work(offers, page.items), frozenset(volunteers))

        async with aclosing(watch(context, Watched(OWN_WORK, frozenset(), look))) as states:
            async for state in states:
                yield state

    @subscription(
        description="How far the matching of a community is: at once, and again after each step.",
        who=ROUNDS.who,
        scope=ROUNDS.scope,
    )
    async def round_progress(
        self, info: Info, community_id: CommunityId
    ) -> AsyncGenerator[RoundProgress, None]:
        context, key = info.context, find_id(community_id, "Community")

        async def look(session: Session) -> Seen[RoundProgress]:
            if not policy.can_run_round(context.actor, key):
                raise NotPermitted("Only staff of the community see its matching rounds.")
            job = await find_last_job(session, key)
            running = await find_running_round(session, key)
            state = RoundProgress(
                at=context.now,
                round_job=None if job is None else RoundJob.of(job),
                running_round=None if running is None else Round.of(running),
            )
            return Seen(state, (_mark_job(job), running and running.id), topics)

        topics = frozenset({topic("community", key)})
        async with aclosing(watch(context, Watched(ROUNDS, topics, look, _is_of_round))) as states:
            async for state in states:
                yield state

    @subscription(
        description="How a community stands, for its staff: at once, and again when a count has "
        "changed, at most twice a second.",
        who=BOARD.who,
        scope=BOARD.scope,
    )
    async def community_board(
        self, info: Info, community_id: CommunityId
    ) -> AsyncGenerator[CommunityBoard, None]:
        context, key = info.context, find_id(community_id, "Community")

        async def look(session: Session) -> Seen[CommunityBoard]:
            board = await read_board(session, context.actor, key)
            return Seen(CommunityBoard.of(board, context.now), _mark_board(board), topics)

        topics = frozenset({topic("community", key)})
        watched = Watched(BOARD, topics, look, rest_s=BOARD_REST_S)
        async with aclosing(watch(context, watched)) as states:
            async for state in states:
                yield state


def _is_of_round(change: Change) -> bool:
    return change.subject_type in ROUND_SUBJECTS


def _mark_work(offers: list[OpenOffersRow], held: Sequence[AssignmentRow]) -> Hashable:
    """What is worth telling: not that time goes by and visits would begin a little later."""
    return (
        tuple(
            (
                row.volunteer_id,
                row.mode,
                row.max_tasks,
                row.held_count,
                row.paused_until,
                row.stopped_for_storm,
                tuple(
                    (
                        ask.id,
                        ask.status,
                        ask.gone_count,
                        tuple(home.offer and home.offer.id for home in ask.plan),
                    )
                    for ask in row.asks
                ),
                tuple(home.request_id for home in row.menu),
            )
            for row in offers
        ),
        tuple((row.id, row.status, row.starts_at) for row in held),
    )


def _mark_board(board: Board) -> Hashable:
    storm, job = board.storm, board.round_job
    return (
        frozenset(board.requests.items()),
        frozenset(board.offers.items()),
        frozenset(board.asks.items()),
        storm
        and (storm.id, storm.status, storm.hold_reason, storm.urgent_since, storm.deadline_at),
        _mark_job(job),
    )


def _mark_job(job: RoundJobRow | None) -> Hashable:
    if job is None:
        return None
    best = (job.best_value_m, job.best_served_count)
    return (job.id, job.status, job.stage, job.share, best, job.stop_wanted, job.reason)
