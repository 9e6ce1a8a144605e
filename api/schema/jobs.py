"""Rounds that somebody asked for: started, watched, ended early. For staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, aware_or_none, plain_text_or_none
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, mutation, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.people import Person
from api.schema.rounds import READ, Round
from matching.kinds import RoundJobStatus, RoundStage, RoundStop
from matching.rounds import listing_repository as listing
from matching.rounds.drafts import discard_drafts
from matching.rounds.models import RoundJob as RoundJobRow
from matching.rounds.requesting import (
    DEFAULT_LIMIT_S,
    MAX_KEY,
    MAX_LIMIT_S,
    MAX_TRIES,
    RequestRound,
    request_round,
    stop_round,
)
from people.directory_repository import load_people
from people.repository import load_communities

WRITE = "rounds:write"

describe_enum(
    RoundJobStatus,
    "Where a round that somebody asked for stands.",
    {
        "WAITING": "Nobody works on it yet.",
        "RUNNING": "A worker plans it.",
        "FINISHED": "It is done; `round` has the plan, unless there was nothing to plan.",
        "CANCELLED": "Somebody ended it, and nothing was stored.",
        "FAILED": "It could not be planned; `reason` says why.",
    },
)
describe_enum(
    RoundStage,
    "What a running round does.",
    {
        "READING": "Reads requests and volunteers.",
        "MEASURING": "Measures ways along the streets.",
        "PLANNING": "Looks for the best plan.",
        "CHECKING": "Checks every rule again.",
        "EXPLAINING": "Finds out why some have nobody.",
        "STORING": "Tries newcomers, and stores the plan.",
    },
)
describe_enum(
    RoundStop,
    "What becomes of the plan of a round that is ended early.",
    {"DISCARD": "Nothing is stored.", "KEEP": "The best plan so far is checked and stored."},
)


@strawberry.type(
    description="A round that somebody asked for, and how far it is. Only staff of the community "
    "see it."
)
class RoundJob(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[RoundJobRow]
    status: RoundJobStatus = strawberry.field(description="Where it stands.")
    stage: RoundStage | None = strawberry.field(
        description="What it does; null before it began. The last stage once it has ended."
    )
    share: float = strawberry.field(description="How much of the work is done, 0 to 1.")
    best_value_m: float | None = strawberry.field(
        description="What the best plan so far is worth, metres of travel; null before that."
    )
    best_served_count: int | None = strawberry.field(
        description="Requests that the best plan so far serves; null before there is one."
    )
    gap: float | None = strawberry.field(
        description="How much better another plan could be at most, as a share; null until the end."
    )
    reason: str | None = strawberry.field(
        description="A code word: why it waits, failed or planned nothing; null when there is none."
    )
    seed: int = strawberry.field(description="The same inputs and seed give the same plan.")
    time_limit_s: float = strawberry.field(description="So long it searches at most, in seconds.")
    asks_people: bool = strawberry.field(
        description="Whether its plan becomes messages to volunteers, or draft offers alone."
    )
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker began; null before.")
    updated_at: datetime = strawberry.field(description="When its worker last told how far it is.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null before.")
    stop_wanted: RoundStop | None = strawberry.field(
        description="How somebody wants it to end early; null when nobody does."
    )

    @classmethod
    def of(cls, row: RoundJobRow) -> RoundJob:
        return cls(
            id=row.id,
            row=row,
            status=row.status,
            stage=row.stage,
            share=row.share,
            best_value_m=row.best_value_m,
            best_served_count=row.best_served_count,
            gap=row.gap,
            reason=row.reason,
            seed=row.seed,
            time_limit_s=row.time_limit_s,
            asks_people=row.asks,
            requested_at=row.requested_at,
            started_at=row.started_at,
            updated_at=row.updated_at,
            ended_at=row.ended_at,
            stop_wanted=row.stop_wanted,
        )

    resolve_nodes = found_by(listing.load_round_jobs, scope=READ)

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @field(description="Whose round it is.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @field(description="The round that came of it; null before it is stored, or when none was.")
    async def round(self, info: Info) -> Round | None:
        if self.row.round_id is None:
            return None
        found = await info.context.load(listing.load_rounds, self.row.round_id)
        return None if found is None else Round.of(found)

    @guarded(
        Sees.STAFF,
        description="Who asked for it; null when the product did.",
        scope="people:read",
    )
    async def requested_by(self, info: Info) -> Person | None:
        if self.row.requested_by is None:
            return None
        found = await info.context.load(load_people, self.row.requested_by)
        return None if found is None else Person.of(found)


@strawberry.input(description="Which round to plan.")
class StartRoundInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    client_key: str | None = strawberry.field(
        description=f"Your own word for this request, at most {MAX_KEY} characters: asked twice "
        "with it, the round runs once.",
        default=None,
    )
    seed: int = strawberry.field(
        description="The same people, requests and seed give the same plan, unless time ends the "
        "search.",
        default=0,
    )
    time_limit_s: float = strawberry.field(
        description=f"Seconds after which the best plan so far counts, 1 to {MAX_LIMIT_S:.0f}.",
        default=DEFAULT_LIMIT_S,
    )
    tries: int = strawberry.field(
        description="For how many requests without help to look for the smallest change that would "
        f"serve them, some seconds each; 0 to {MAX_TRIES}.",
        default=3,
    )
    start_at: datetime | None = strawberry.field(
        description="From when on visits are planned; now, or the first opening, without.",
        default=None,
    )
    end_at: datetime | None = strawberry.field(
        description="Until when visits are planned; 36 hours later without.", default=None
    )
    ask_people: bool = strawberry.field(
        description="Whether volunteers are asked about the plan, at once or after staff have "
        "looked at the proposals, as the rules say. Without it the plan becomes draft offers that "
        "nobody is told of.",
        default=False,
    )

    def read(self) -> RequestRound:
        return RequestRound(
            community_id=find_id(self.community_id, "Community"),
            key=plain_text_or_none("clientKey", self.client_key, longest=MAX_KEY),
            seed=self.seed,
            time_limit_s=self.time_limit_s,
            tries=self.tries,
            start_at=aware_or_none("startAt", self.start_at),
            end_at=aware_or_none("endAt", self.end_at),
            asks=self.ask_people,
        )


@strawberry.type(description="The round runs, or waits for a worker.")
class StartRoundPayload:
    job: RoundJob = strawberry.field(description="How far it is.")


@strawberry.input(description="Which round to end early, and how.")
class StopRoundInput:
    job_id: relay.GlobalID = strawberry.field(description="The `RoundJob`.")
    how: RoundStop = strawberry.field(
        description="What becomes of the plan.", default=RoundStop.DISCARD
    )


@strawberry.type(description="The round ends at its next safe moment, or has ended.")
class StopRoundPayload:
    job: RoundJob = strawberry.field(description="Where it stands.")


@strawberry.input(description="Whose drafts to drop.")
class DiscardDraftsInput:
    round_id: relay.GlobalID = strawberry.field(description="The `Round`.")


@strawberry.type(description="Drafts were dropped.")
class DiscardDraftsPayload:
    round: Round = strawberry.field(description="The round.")
    discarded_count: int = strawberry.field(description="How many drafts were dropped.")


@strawberry.type
class JobQuery:
    @query(
        description="The rounds that were asked for in a community, the latest first.",
        who=Who.STAFF,
        scope=READ,
    )
    async def round_jobs(
        self,
        info: Info,
        community_id: CommunityId,
        statuses: Annotated[
            list[RoundJobStatus] | None,
            strawberry.argument(description="Only those at these places; all without."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[RoundJob]:
        rows = listing.list_round_jobs(
            info.context.actor, find_id(community_id, "Community"), tuple(statuses or ())
        )
        return await connect(info, rows, RoundJob.of, first=first, after=after)


@strawberry.type
class JobMutation:
    @mutation(
        StartRoundPayload,
        description="Let a matching round run. It runs as a job, one at a time in each community; "
        "`roundJobs` tells how far it is. Repeating it with the same `clientKey` starts nothing.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def start_round(
        self,
        info: Info,
        input: Annotated[StartRoundInput, strawberry.argument(description="Which round to plan.")],
    ) -> StartRoundPayload:
        context = info.context
        async with context.begin() as session:
            row = await request_round(session, context.actor, input.read(), now=context.now)
        return StartRoundPayload(job=RoundJob.of(row))

    @mutation(
        StopRoundPayload,
        description="End a round early that waits or runs. Repeating it is fine; dropping the plan "
        "wins over keeping it.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def stop_round(
        self,
        info: Info,
        input: Annotated[
            StopRoundInput, strawberry.argument(description="Which round to end early, and how.")
        ],
    ) -> StopRoundPayload:
        context, key = info.context, find_id(input.job_id, "RoundJob")
        async with context.begin() as session:
            row = await stop_round(session, context.actor, key, now=context.now, wanted=input.how)
        return StopRoundPayload(job=RoundJob.of(row))

    @mutation(
        DiscardDraftsPayload,
        description="Drop the draft offers of a round that nobody was told of. What was sent "
        "stays, and so do proposals that wait to be sent: `strikeProposal` drops those. Repeating "
        "it is fine.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def discard_drafts(
        self,
        info: Info,
        input: Annotated[
            DiscardDraftsInput, strawberry.argument(description="Whose drafts to drop.")
        ],
    ) -> DiscardDraftsPayload:
        context, key = info.context, find_id(input.round_id, "Round")
        async with context.begin() as session:
            count = await discard_drafts(session, context.actor, key, now=context.now)
            rows = await listing.load_rounds(session, context.actor, [key])
        return DiscardDraftsPayload(round=Round.of(must(rows.get(key))), discarded_count=count)
