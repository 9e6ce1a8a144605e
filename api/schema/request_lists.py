"""Lists of requests: one's own, those of a community, and what waits for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId
from api.schema.context import Info
from api.schema.enums import Direction
from api.schema.intake_words import RequestSortBy
from api.schema.nodes import find_id
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.request_inputs import RequestFilterInput, RequestSort
from api.schema.requests import HelpRequest
from api.schema.standing import StandingRequest
from matching.intake import listing_repository as listing
from matching.intake import standing_listing_repository as standing
from matching.intake.models import StandingRequest as StandingRow
from matching.models import HelpRequest as RequestRow
from matching.offers.disclosure import AddressOpened, list_who_saw_address

Filter = Annotated[RequestFilterInput | None, strawberry.argument(description="Which of them.")]
Sort = Annotated[
    RequestSort | None,
    strawberry.argument(description="In which order; the newest first when left out."),
]


@strawberry.type(description="A request, or a standing request, that waits for a person's eye.")
class ReviewItem:
    since: datetime = strawberry.field(description="When it came in.")
    row: strawberry.Private[Any]

    @classmethod
    def of(cls, row: Any) -> ReviewItem:
        return cls(since=row.created_at, row=row)

    @field(description="The request; null when it is a standing request.")
    async def request(self, info: Info) -> HelpRequest | None:
        found = await info.context.load(standing.load_waiting, self.row.id)
        return HelpRequest.of(found) if isinstance(found, RequestRow) else None

    @field(description="The standing request; null when it is a request.")
    async def standing_request(self, info: Info) -> StandingRequest | None:
        found = await info.context.load(standing.load_waiting, self.row.id)
        return StandingRequest.of(found) if isinstance(found, StandingRow) else None


@strawberry.type(description="Somebody who was shown an address.")
class AddressOpening:
    first_name: str | None = strawberry.field(
        description="What they are called; null when no name is kept any more."
    )
    at: datetime = strawberry.field(description="When last.")

    @classmethod
    def of(cls, row: AddressOpened) -> AddressOpening:
        return cls(first_name=row.name, at=row.at)


@strawberry.type
class RequestQuery:
    @query(
        description="What you have asked for yourself.",
        who=Who.SIGNED_IN,
        scope="requests:read",
    )
    async def my_requests(
        self,
        info: Info,
        filter: Filter = None,
        sort: Sort = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[HelpRequest]:
        rows = listing.list_own_requests(
            info.context.actor,
            (filter or RequestFilterInput()).as_filter(),
            by=RequestSortBy.CREATED if sort is None else sort.by,
            descending=sort is None or sort.direction is Direction.DESCENDING,
        )
        return await connect(info, rows, HelpRequest.of, first=first, after=after)

    @query(
        description="The requests of a community, for its staff.",
        who=Who.STAFF,
        scope="requests:read",
    )
    async def requests(
        self,
        info: Info,
        community_id: CommunityId,
        *,
        filter: Filter = None,
        sort: Sort = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[HelpRequest]:
        rows = listing.list_community_requests(
            info.context.actor,
            find_id(community_id, "Community"),
            (filter or RequestFilterInput()).as_filter(),
            by=RequestSortBy.CREATED if sort is None else sort.by,
            descending=sort is None or sort.direction is Direction.DESCENDING,
        )
        return await connect(info, rows, HelpRequest.of, first=first, after=after)

    @query(
        description="One request by its id; null when it is not there or not for you.",
        who=Who.SIGNED_IN,
        scope="requests:read",
    )
    async def request(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="The request.")],
    ) -> HelpRequest | None:
        found = await info.context.load(listing.load_requests, find_id(id, "HelpRequest"))
        return None if found is None else HelpRequest.of(found)

    @query(
        description="What waits for a person's eye in a community, the oldest first, for its "
        "staff.",
        who=Who.STAFF,
        scope="requests:read",
    )
    async def review_queue(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[ReviewItem]:
        rows = standing.list_review_queue(info.context.actor, find_id(community_id, "Community"))
        return await connect(info, rows, ReviewItem.of, first=first, after=after)

    @query(
        description="Who was shown the address of a request, and when last, the newest first: for "
        "its resident and staff.",
        who=Who.SIGNED_IN,
        scope="requests:read",
    )
    async def address_openings(
        self,
        info: Info,
        request_id: Annotated[relay.GlobalID, strawberry.argument(description="The request.")],
    ) -> list[AddressOpening]:
        key = find_id(request_id, "HelpRequest")
        async with info.context.read() as session:
            rows = await list_who_saw_address(session, info.context.actor, key)
        return [AddressOpening.of(row) for row in rows]
