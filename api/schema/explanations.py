"""Why a round left requests without help, what would change that, and what changed. For staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.requests import HelpRequest
from api.schema.round_words import ReasonCode, TravelMode
from api.schema.rounds import READ, Round, RoundId
from matching.intake.listing_repository import load_requests
from matching.rounds import listing_repository as listing
from matching.rounds import reading
from matching.rounds.explaining import Explanation as ToldRequest
from matching.rounds.explaining import explain_request_by_id
from matching.rounds.models import Round as RoundRow
from matching.rounds.models import UnservedReason
from matching.rounds.reason_words import Times
from matching.rounds.words import change_sentences

MOST_SHOWN = 100


@strawberry.type(
    description="How many volunteers there are, and at which condition they drop out: each counts "
    "at the first one that stops them."
)
class Funnel:
    volunteers: int = strawberry.field(description="Volunteers of the round.")
    near: int = strawberry.field(description="Volunteers who live within `nearM`.")
    near_m: int = strawberry.field(description="What counts as near, metres, straight.")
    banned: int = strawberry.field(description="Must not be sent there.")
    too_far: int = strawberry.field(description="Live too far away.")
    without_skills: int = strawberry.field(description="Lack a tool, a skill or a check.")
    without_language: int = strawberry.field(description="Do not speak the language.")
    without_time: int = strawberry.field(description="Have no time in the window.")
    without_capacity: int = strawberry.field(description="Take no visits.")
    without_answer: int = strawberry.field(description="Were asked and have not answered.")
    resting: int = strawberry.field(description="Cannot be asked now.")
    able: int = strawberry.field(description="Could do it.")
    busy: int = strawberry.field(description="Of those, are taken up by other visits.")

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Funnel:
        return cls(
            volunteers=counts.get("volunteers", 0),
            near=counts.get("near", 0),
            near_m=counts.get("near_m", 0),
            banned=counts.get("banned", 0),
            too_far=counts.get("too_far", 0),
            without_skills=counts.get("without_skills", 0),
            without_language=counts.get("without_language", 0),
            without_time=counts.get("without_time", 0),
            without_capacity=counts.get("without_capacity", 0),
            without_answer=counts.get("without_answer", 0),
            resting=counts.get("resting", 0),
            able=counts.get("able", 0),
            busy=counts.get("busy", 0),
        )


@strawberry.type(
    description="The smallest single change that would serve a request. It was applied to a copy, "
    "and the surroundings were planned again."
)
class SmallestChange:
    kind: str = strawberry.field(
        description="`longer_reach`: a volunteer goes further; `more_time`: another time; "
        "`more_volunteers`: one or more new ones."
    )
    sentence: str = strawberry.field(description="The change and its effect in words.")
    weight_gain: float = strawberry.field(description="What the plan would serve on top.")
    also_served_count: int = strawberry.field(
        description="Other requests that would be served too."
    )
    displaced_count: int = strawberry.field(
        description="Other requests that would lose their volunteer."
    )

    @classmethod
    def of(cls, trial: Mapping[str, Any], sentence: str) -> SmallestChange:
        return cls(
            kind=trial["change"]["kind"],
            sentence=sentence,
            weight_gain=trial["weight_gain"],
            also_served_count=max(0, len(trial["gained"]) - 1),
            displaced_count=len(trial["displaced"]),
        )


@strawberry.type(description="A request that a round left without help, and why.")
class UnservedRequest:
    told: strawberry.Private[reading.ToldReason]
    round_row: strawberry.Private[RoundRow]
    code: ReasonCode = strawberry.field(description="Why.")
    sentence: str = strawberry.field(description="Why, in one sentence.")
    sentences: list[str] = strawberry.field(
        description="Everything that the round keeps about it: why, where the volunteers drop out, "
        "what was tried. No name and no street."
    )
    crew_size: int = strawberry.field(description="Volunteers that it needs.")
    missing_skills: list[str] = strawberry.field(
        description="Tools, skills and checks that those near lack, the most missed first."
    )
    funnel: Funnel | None = strawberry.field(
        description="Where the volunteers drop out; null when its time is over."
    )
    change: SmallestChange | None = strawberry.field(
        description="The smallest change that would serve it; null when none was tried or found."
    )

    @classmethod
    def of(cls, reason: UnservedReason, row: RoundRow, times: Times) -> UnservedRequest:
        told, detail = reading.tell_reason(reason, times), reason.detail
        smallest = (detail.get("tried") or {}).get("smallest")
        return cls(
            told=told,
            round_row=row,
            code=ReasonCode(reason.code),
            sentence=told.sentence,
            sentences=list(told.sentences),
            crew_size=int(detail.get("crew_size", 1)),
            missing_skills=list(detail.get("missing_skills", ())),
            funnel=Funnel.of(detail["funnel"]) if "funnel" in detail else None,
            change=None
            if smallest is None or told.change_sentence is None
            else SmallestChange.of(smallest, told.change_sentence),
        )

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.round_row.community_id}))

    @guarded(Sees.STAFF, description="The request.", scope="requests:read")
    async def request(self, info: Info) -> HelpRequest | None:
        found = await info.context.load(load_requests, self.told.row.request_id)
        return None if found is None else HelpRequest.of(found)


@strawberry.type(
    description="What one more volunteer of a kind would add in one neighbourhood: priced by what "
    "proves the round's limit, and the best of them tried by planning again."
)
class AreaPrice:
    area: str | None = strawberry.field(description="The neighbourhood; null when unknown.")
    sentence: str = strawberry.field(description="Who, where and what they add, in words.")
    worth_m: float = strawberry.field(
        description="What the newcomer could be worth at most, besides the gap; metres of travel."
    )
    worth_weight: float = strawberry.field(description="The same in weight of requests.")
    mode: TravelMode = strawberry.field(description="How they would travel.")
    skills: list[str] = strawberry.field(description="Skills and tools that they would bring.")
    languages: list[str] = strawberry.field(description="Languages that they would speak.")
    max_tasks: int = strawberry.field(description="Visits that they would take at most.")
    served_more: int | None = strawberry.field(
        description="Requests that the new plan serves on top; null when this was not tried."
    )
    weight_gain: float | None = strawberry.field(
        description="Weight that the new plan serves on top; null when this was not tried."
    )
    by_duals: bool = strawberry.field(
        description="Whether prices of the proof stand behind it; if not, the newcomer was priced "
        "by what the plan leaves over."
    )

    @classmethod
    def of(cls, told: reading.ToldPrice) -> AreaPrice:
        row, newcomer, tried = told.row, told.row["newcomer"], told.row["tried"]
        return cls(
            area=told.area,
            sentence=told.sentence,
            worth_m=row["worth_m"],
            worth_weight=row["worth_weight"],
            mode=TravelMode(newcomer["mode"]),
            skills=newcomer["skills"],
            languages=newcomer["languages"],
            max_tasks=newcomer["max_tasks"],
            served_more=None if tried is None else tried["served_more"],
            weight_gain=None if tried is None else tried["weight_gain"],
            by_duals=row["by_duals"],
        )


@strawberry.type(description="How a plan differs from that of the finished round before.")
class RoundChanges:
    before: Round = strawberry.field(description="The round before.")
    newly_served_count: int = strawberry.field(description="Requests that newly have somebody.")
    no_longer_served_count: int = strawberry.field(
        description="Requests that still ask and no longer have somebody."
    )
    moved_count: int = strawberry.field(description="Requests that have other volunteers.")
    kept_count: int = strawberry.field(description="Requests that have the same volunteers.")
    newly_served: list[str] = strawberry.field(
        description=f"References of the first {MOST_SHOWN} that newly have somebody."
    )
    no_longer_served: list[str] = strawberry.field(
        description=f"References of the first {MOST_SHOWN} that no longer have somebody."
    )
    moved: list[str] = strawberry.field(
        description=f"References of the first {MOST_SHOWN} that have other volunteers."
    )
    sentences: list[str] = strawberry.field(description="The same in words.")

    @classmethod
    def of(cls, found: reading.Comparison) -> RoundChanges:
        changes = found.changes
        return cls(
            before=Round.of(found.before),
            newly_served_count=len(changes.newly_served),
            no_longer_served_count=len(changes.no_longer_served),
            moved_count=len(changes.moved),
            kept_count=changes.kept,
            newly_served=list(changes.newly_served[:MOST_SHOWN]),
            no_longer_served=list(changes.no_longer_served[:MOST_SHOWN]),
            moved=list(changes.moved[:MOST_SHOWN]),
            sentences=change_sentences(changes),
        )


@strawberry.type(description="What the last finished round decided about one request.")
class RequestExplanation:
    told: strawberry.Private[ToldRequest]
    request_id: relay.GlobalID = strawberry.field(description="The `HelpRequest`.")
    planned: bool = strawberry.field(description="Whether that round planned a visit.")
    code: ReasonCode | None = strawberry.field(
        description="Why it left the request out; null when it did not."
    )
    sentences: list[str] = strawberry.field(
        description="Where the request stands, and what the round decided. No name and no street."
    )

    @classmethod
    def of(cls, told: ToldRequest) -> RequestExplanation:
        return cls(
            told=told,
            request_id=relay.GlobalID("HelpRequest", str(told.request_id)),
            planned=told.served,
            code=None if told.code is None else ReasonCode(told.code),
            sentences=list(told.sentences),
        )

    @field(description="The round that decided; null when none has run yet.")
    async def round(self, info: Info) -> Round | None:
        if self.told.round_id is None:
            return None
        found = await info.context.load(listing.load_rounds, self.told.round_id)
        return None if found is None else Round.of(found)


@strawberry.type
class ExplanationQuery:
    @query(
        description="The requests that a round left without help, by reason.",
        who=Who.STAFF,
        scope=READ,
    )
    async def unserved_requests(
        self,
        info: Info,
        round_id: RoundId,
        codes: Annotated[
            list[ReasonCode] | None,
            strawberry.argument(description="Only for these reasons; all without."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[UnservedRequest]:
        key, actor = find_id(round_id, "Round"), info.context.actor
        async with info.context.read() as session:
            row, community = await reading.get_round(session, actor, key)
        times = reading.times_of(row, community)

        def make(reason: UnservedReason) -> UnservedRequest:
            return UnservedRequest.of(reason, row, times)

        rows = listing.list_unserved(actor, key, tuple(code.value for code in codes or ()))
        return await connect(info, rows, make, first=first, after=after)

    @query(
        description="What the last finished round of its community decided about a request, and "
        "why.",
        who=Who.STAFF,
        scope=READ,
    )
    async def request_explanation(
        self,
        info: Info,
        request_id: Annotated[
            relay.GlobalID, strawberry.argument(description="The `id` of the request.")
        ],
    ) -> RequestExplanation:
        key = find_id(request_id, "HelpRequest")
        async with info.context.read() as session:
            told = await explain_request_by_id(session, info.context.actor, key)
        return RequestExplanation.of(told)

    @query(
        description="What one more volunteer would add, by neighbourhood and kind: those that were "
        "tried first, at most 200 in all. Empty when the round has not worked it out.",
        who=Who.STAFF,
        scope=READ,
        metadata={"items": 50, "cost": 20},
    )
    async def area_prices(self, info: Info, round_id: RoundId) -> list[AreaPrice]:
        key = find_id(round_id, "Round")
        async with info.context.read() as session:
            told = await reading.find_told_prices(session, info.context.actor, key)
        return [] if told is None else [AreaPrice.of(one) for one in told.prices]

    @query(
        description="What changed between the finished round before and this one; null for the "
        "first round, and where one of the two kept no plan.",
        who=Who.STAFF,
        scope=READ,
        metadata={"cost": 50},
    )
    async def round_changes(self, info: Info, round_id: RoundId) -> RoundChanges | None:
        key = find_id(round_id, "Round")
        async with info.context.read() as session:
            found = await reading.compare_with_before(session, info.context.actor, key)
        return None if found is None else RoundChanges.of(found)
