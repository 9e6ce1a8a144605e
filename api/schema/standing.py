"""Standing requests: help at the next snowfall, at every one, or for a season."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import Direction
from api.schema.households import Household
from api.schema.intake_words import (
    Cadence,
    CallerKind,
    ContactChoice,
    IntakeChannel,
    StandingSortBy,
    StandingStatus,
    Verdict,
)
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.people import Person
from matching.intake import listing_repository
from matching.intake import standing_listing_repository as listing
from matching.intake.judging import explain_verdict
from matching.intake.models import StandingBreak as BreakRow
from matching.intake.models import StandingRequest as StandingRow
from matching.kinds import RequestKind
from people.directory_repository import load_households, load_people
from people.repository import load_communities


@strawberry.type(description="Days on which a standing request rests.")
class StandingBreak:
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date = strawberry.field(description="The last day.")

    @classmethod
    def of(cls, row: BreakRow) -> StandingBreak:
        return cls(starts_on=row.starts_on, ends_on=row.ends_on)


@strawberry.type(description="A wish for help at the next snowfall, at every one, or for a season.")
class StandingRequest(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[StandingRow]
    kind: RequestKind = strawberry.field(description="What help is asked for.")
    cadence: Cadence = strawberry.field(description="How often.")
    status: StandingStatus = strawberry.field(description="Where it stands.")
    valid_from: date = strawberry.field(description="The first day.")
    valid_until: date = strawberry.field(description="The last day.")
    scope: list[str] = strawberry.field(
        description="What was agreed: codes that `helpKinds` puts into words."
    )
    needs: list[str] = strawberry.field(description="Codes of the skills and tools it takes.")
    languages: list[str] = strawberry.field(
        description="One of these must be spoken; empty asks for none."
    )
    service_s: int = strawberry.field(description="How long the work takes, in seconds.")
    crew_size: int = strawberry.field(description="How many volunteers it takes.")
    created_at: datetime = strawberry.field(description="When it came in.")

    @classmethod
    def of(cls, row: StandingRow) -> StandingRequest:
        return cls(
            id=row.id,
            row=row,
            kind=row.kind,
            cadence=row.cadence,
            status=row.status,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            scope=row.scope,
            needs=row.needs,
            languages=row.languages,
            service_s=row.service_s,
            crew_size=row.crew_size,
            created_at=row.created_at,
        )

    resolve_nodes = found_by(listing.load_standing, scope="requests:read")

    def owners(self) -> Owners:
        return Owners(frozenset({self.row.resident_id}), frozenset({self.row.community_id}))

    @field(description="Whose programme it is.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Who needs help; null when it is not for you.",
        scope="people:read",
    )
    async def resident(self, info: Info) -> Person | None:
        found = await info.context.load(load_people, self.row.resident_id)
        return None if found is None else Person.of(found)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Where help is needed; null when it is not for you.",
        scope="people:read",
    )
    async def household(self, info: Info) -> Household | None:
        found = await info.context.load(load_households, self.row.household_id)
        return None if found is None else Household.of(found)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Days on which it rests, the earliest first.",
        metadata={"items": 3},
    )
    async def breaks(self, info: Info) -> list[StandingBreak] | None:
        found = await info.context.load(listing.load_breaks, self.row.id)
        return [StandingBreak.of(row) for row in found or ()]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="How to get in; null when nothing was said or it is not for you.",
    )
    async def access_notes(self, info: Info) -> str | None:
        found = await info.context.load(listing.load_access_of_standing, self.row.id)
        return None if found is None else found.access_notes

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Which contact volunteers may see after agreeing; null when not for you.",
    )
    async def contact_choice(self, info: Info) -> ContactChoice | None:
        found = await info.context.load(listing.load_access_of_standing, self.row.id)
        return None if found is None else found.contact_choice

    @guarded(Sees.OWN_OR_STAFF, description="What the rules about who may get help say.")
    def verdict(self, info: Info) -> Verdict | None:
        return self.row.verdict

    @guarded(
        Sees.OWN_OR_STAFF,
        description="The rules that do not hold or cannot be judged, in plain words.",
    )
    async def verdict_sentences(self, info: Info) -> list[str] | None:
        versions = await info.context.load(
            listing_repository.load_eligibility_versions, self.row.community_id
        )
        return explain_verdict(
            versions or (),
            self.row.created_at,
            self.row.verdict_reasons,
            info.context.language,
        )

    @guarded(Sees.STAFF, description="Why a person looks at it, as code words. For staff.")
    def review_reasons(self, info: Info) -> list[str] | None:
        return self.row.review_reasons

    @guarded(Sees.STAFF, description="How much serving it counts. For staff.")
    def weight(self, info: Info) -> float | None:
        return self.row.weight

    @guarded(Sees.STAFF, description="How it came in. For staff.")
    def channel(self, info: Info) -> IntakeChannel | None:
        return self.row.channel

    @guarded(Sees.STAFF, description="Who asked, when it was not the resident. For staff.")
    def caller(self, info: Info) -> CallerKind | None:
        return self.row.caller

    @guarded(
        Sees.STAFF,
        description="The name of who called for the resident. For staff.",
        scope="people:read",
    )
    async def caller_name(self, info: Info) -> str | None:
        found = await info.context.load(listing.load_access_of_standing, self.row.id)
        return None if found is None else found.caller_name


@strawberry.input(description="Which standing requests a list holds.")
class StandingRequestFilter:
    statuses: list[StandingStatus] | None = strawberry.field(
        default=None, description="Only those that stand there."
    )
    kinds: list[RequestKind] | None = strawberry.field(
        default=None, description="Only these kinds of help."
    )


@strawberry.input(description="How a list of standing requests is ordered.")
class StandingRequestSort:
    by: StandingSortBy = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(description="Which end comes first.")


@strawberry.type
class StandingQuery:
    @query(
        description="Your own standing requests, the newest first.",
        who=Who.SIGNED_IN,
        scope="requests:read",
    )
    async def my_standing_requests(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[StandingRequest]:
        rows = listing.list_own_standing(info.context.actor)
        return await connect(info, rows, StandingRequest.of, first=first, after=after)

    @query(
        description="The standing requests of a community, for its staff.",
        who=Who.STAFF,
        scope="requests:read",
    )
    async def standing_requests(
        self,
        info: Info,
        community_id: CommunityId,
        *,
        filter: Annotated[
            StandingRequestFilter | None, strawberry.argument(description="Which of them.")
        ] = None,
        sort: Annotated[
            StandingRequestSort | None,
            strawberry.argument(description="In which order; the newest first when left out."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[StandingRequest]:
        wanted = filter or StandingRequestFilter()
        rows = listing.list_community_standing(
            info.context.actor,
            find_id(community_id, "Community"),
            listing.StandingFilter(
                statuses=tuple(dict.fromkeys(wanted.statuses or ())),
                kinds=tuple(dict.fromkeys(wanted.kinds or ())),
            ),
            by=StandingSortBy.CREATED if sort is None else sort.by,
            descending=sort is None or sort.direction is Direction.DESCENDING,
        )
        return await connect(info, rows, StandingRequest.of, first=first, after=after)
