"""Help requests: what is asked for, how it stands, and what only some may know of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.households import Household
from api.schema.intake_words import CallerKind, ContactChoice, IntakeChannel, Verdict
from api.schema.nodes import found_by, must
from api.schema.operations import field, guarded
from api.schema.people import Person
from api.schema.request_parts import (
    AskedCounts,
    Helper,
    HistoryLine,
    NeededAbility,
    TimeWindow,
    WhyNotServed,
)
from api.schema.scalars import Cell
from api.schema.standing import StandingRequest
from api.schema.storms import Storm
from matching.intake import listing_repository as listing
from matching.intake import progress_repository as progress
from matching.intake.history import Trace, tell_history
from matching.intake.judging import explain_verdict
from matching.intake.standing_listing_repository import load_standing
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest as RequestRow
from matching.states import OPEN_REQUESTS
from matching.storms.listing_repository import load_storms
from people.directory_repository import load_households, load_people
from people.repository import load_communities


@strawberry.type(
    description="Help that one household needs once. Seen by its resident, by staff, and by "
    "volunteers to whom it was put: before they agree, those learn no more of the home than its "
    "cell and area."
)
class HelpRequest(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[RequestRow]
    kind: RequestKind = strawberry.field(description="What help is asked for.")
    status: RequestStatus = strawberry.field(description="Where it stands.")
    scope: list[str] = strawberry.field(
        description="What was agreed: codes that `helpKinds` puts into words."
    )
    service_s: int = strawberry.field(description="How long the work takes, in seconds.")
    crew_size: int = strawberry.field(description="How many volunteers it takes.")
    seats_taken: int = strawberry.field(description="How many of them have agreed to come.")
    deadline_at: datetime | None = strawberry.field(
        description="Until when help is of use; null when there is no such moment."
    )
    created_at: datetime = strawberry.field(description="When it came in.")

    @classmethod
    def of(cls, row: RequestRow) -> HelpRequest:
        return cls(
            id=row.id,
            row=row,
            kind=row.kind,
            status=row.status,
            scope=row.scope,
            service_s=row.service_s,
            crew_size=row.crew_size,
            seats_taken=row.seats_taken,
            deadline_at=row.deadline_at,
            created_at=row.created_at,
        )

    resolve_nodes = found_by(listing.load_requests, scope="requests:read")

    def owners(self) -> Owners:
        return Owners(frozenset({self.row.resident_id}), frozenset({self.row.community_id}))

    # --- what everybody sees who sees the request -------------------------------------------------

    @field(description="Whose programme it is.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @field(description="The storm that it belongs to; null when it needs none.")
    async def storm(self, info: Info) -> Storm | None:
        if self.row.storm_id is None:
            return None
        found = await info.context.load(load_storms, self.row.storm_id)
        return None if found is None else Storm.of(found)

    @field(description="The cell that the home lies in; null where homes are too few to hide one.")
    async def cell(self, info: Info) -> Cell | None:
        found = await info.context.load(listing.load_shown_places, self.row.household_id)
        return None if found is None or found.cell is None else Cell(found.cell)

    @field(description="The part of the city; null when it is not known.")
    async def area(self, info: Info) -> str | None:
        found = await info.context.load(listing.load_shown_places, self.row.household_id)
        return None if found is None else found.area

    @field(description="When the whole job may be done, the earliest first.", metadata={"items": 3})
    async def windows(self, info: Info) -> list[TimeWindow]:
        found = await info.context.load(listing.load_windows, self.row.id)
        return [TimeWindow.of(row) for row in found or ()]

    @field(description="The skills and tools that it takes.", metadata={"items": 3})
    async def needs(self, info: Info) -> list[NeededAbility]:
        found = await info.context.load(listing.load_needs, self.row.id)
        return [NeededAbility.of(row) for row in found or ()]

    # --- for the resident and staff ---------------------------------------------------------------

    @guarded(Sees.OWN_OR_STAFF, description="Its short name for people to read out.")
    def reference(self, info: Info) -> str | None:
        return self.row.reference

    @guarded(Sees.OWN_OR_STAFF, description="When it was last changed.")
    def updated_at(self, info: Info) -> datetime | None:
        return self.row.updated_at

    @guarded(Sees.OWN_OR_STAFF, description="One of these must be spoken; empty asks for none.")
    def languages(self, info: Info) -> list[str] | None:
        return self.row.languages

    @guarded(Sees.OWN_OR_STAFF, description="Who needs help.", scope="people:read")
    async def resident(self, info: Info) -> Person | None:
        found = await info.context.load(load_people, self.row.resident_id)
        return None if found is None else Person.of(found)

    @guarded(Sees.OWN_OR_STAFF, description="Where help is needed.", scope="people:read")
    async def household(self, info: Info) -> Household | None:
        found = await info.context.load(load_households, self.row.household_id)
        return None if found is None else Household.of(found)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="How to get in; null when nothing was said or it is not for you. Volunteers "
        "read it with the address, after agreeing.",
    )
    async def access_notes(self, info: Info) -> str | None:
        found = await info.context.load(listing.load_access, self.row.id)
        return None if found is None else found.access_notes

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Which contact volunteers may see after agreeing; null when nobody chose.",
    )
    async def contact_choice(self, info: Info) -> ContactChoice | None:
        found = await info.context.load(listing.load_access, self.row.id)
        return None if found is None else found.contact_choice

    @guarded(
        Sees.OWN_OR_STAFF,
        description="The standing request that it came of; null when it was asked for once.",
    )
    async def standing_request(self, info: Info) -> StandingRequest | None:
        details = await info.context.load(listing.load_details, self.row.id)
        if details is None or details.standing_id is None:
            return None
        found = await info.context.load(load_standing, details.standing_id)
        return None if found is None else StandingRequest.of(found)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="What the rules about who may get help said; null when no check has seen it.",
    )
    async def verdict(self, info: Info) -> Verdict | None:
        details = await info.context.load(listing.load_details, self.row.id)
        return None if details is None else details.verdict

    @guarded(
        Sees.OWN_OR_STAFF,
        description="The rules that do not hold or cannot be judged, in plain words.",
    )
    async def verdict_sentences(self, info: Info) -> list[str] | None:
        details = await info.context.load(listing.load_details, self.row.id)
        versions = await info.context.load(listing.load_eligibility_versions, self.row.community_id)
        codes = [] if details is None else details.verdict_reasons
        return explain_verdict(versions or (), self.row.created_at, codes, info.context.language)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="What happened, in plain words, oldest first; never who was asked.",
    )
    async def history(self, info: Info) -> list[HistoryLine] | None:
        row = self.row
        events = await info.context.load(progress.load_request_events, row.id)
        counts = await info.context.load(progress.load_offer_counts, row.id)
        trace = Trace(row.resident_id, row.created_at, row.updated_at)
        lines = tell_history(trace, events or (), counts or {}, info.context.language)
        return [HistoryLine.of(line) for line in lines]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Those who have agreed to come, or came.",
        metadata={"items": 2},
    )
    async def helpers(self, info: Info) -> list[Helper] | None:
        found = await info.context.load(progress.load_helpers, self.row.id)
        return [Helper.of(row, self.owners()) for row in found or ()]

    @guarded(Sees.OWN_OR_STAFF, description="How many neighbours were asked.")
    async def asked(self, info: Info) -> AskedCounts | None:
        return AskedCounts.of(await info.context.load(progress.load_asked_counts, self.row.id))

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Why nobody comes yet, as the last round found; null when somebody does, or "
        "no round has left it out.",
    )
    async def why_not_served(self, info: Info) -> WhyNotServed | None:
        if self.row.status not in OPEN_REQUESTS:
            return None
        reason = await info.context.load(progress.load_last_reasons, self.row.id)
        if reason is None:
            return None
        community = must(await info.context.load(load_communities, self.row.community_id))
        return WhyNotServed.about(
            reason, ZoneInfo(community.time_zone), info.context.language, self.owners()
        )

    # --- for staff --------------------------------------------------------------------------------

    @guarded(Sees.STAFF, description="How much serving it counts. For staff.")
    def weight(self, info: Info) -> float | None:
        return self.row.weight

    @guarded(Sees.STAFF, description="How it came in; null when it is not known. For staff.")
    async def channel(self, info: Info) -> IntakeChannel | None:
        details = await info.context.load(listing.load_details, self.row.id)
        return None if details is None else details.channel

    @guarded(
        Sees.STAFF,
        description="Who typed it in; null when nobody did. For staff.",
        scope="people:read",
    )
    async def taken_by(self, info: Info) -> Person | None:
        details = await info.context.load(listing.load_details, self.row.id)
        if details is None or details.taken_by_id is None:
            return None
        found = await info.context.load(load_people, details.taken_by_id)
        return None if found is None else Person.of(found)

    @guarded(Sees.STAFF, description="Who asked, when it was not the resident. For staff.")
    async def caller(self, info: Info) -> CallerKind | None:
        details = await info.context.load(listing.load_details, self.row.id)
        return None if details is None else details.caller

    @guarded(
        Sees.STAFF,
        description="The name of who called for the resident. For staff.",
        scope="people:read",
    )
    async def caller_name(self, info: Info) -> str | None:
        found = await info.context.load(listing.load_callers, self.row.id)
        return None if found is None else found.caller_name

    @guarded(Sees.STAFF, description="Why a person looks at it, as code words. For staff.")
    async def review_reasons(self, info: Info) -> list[str] | None:
        details = await info.context.load(listing.load_details, self.row.id)
        return [] if details is None else details.review_reasons

    @guarded(
        Sees.STAFF, description="The request that this one may repeat; null for none. For staff."
    )
    async def similar_to(
        self, info: Info
    ) -> Annotated[HelpRequest, strawberry.lazy("api.schema.requests")] | None:
        details = await info.context.load(listing.load_details, self.row.id)
        if details is None or details.similar_to_id is None:
            return None
        found = await info.context.load(listing.load_requests, details.similar_to_id)
        return None if found is None else HelpRequest.of(found)
