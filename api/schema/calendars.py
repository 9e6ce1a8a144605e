"""Calendars that other programs read by a secret link."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, mutation, query
from api.schema.paging import FIRST, After, Connection, First, connect
from matching.feeds import feeds, repository
from matching.feeds.models import CalendarFeed as FeedRow
from matching.feeds.models import FeedKind
from people.repository import load_communities

describe_enum(
    FeedKind,
    "What a calendar holds.",
    {
        "VISITS": "The visits that you have agreed to, for volunteers.",
        "STORMS": "The storms of a community, for its staff.",
    },
    name="CalendarKind",
)


@strawberry.type(description="A calendar of yours that other programs read by a secret link.")
class Calendar(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[FeedRow]
    kind: FeedKind = strawberry.field(description="What it holds.")
    created_at: datetime = strawberry.field(description="When it was made.")
    revoked_at: datetime | None = strawberry.field(
        description="When it was ended; null while it can be read."
    )

    @classmethod
    def of(cls, row: FeedRow) -> Calendar:
        return cls(
            id=row.id,
            row=row,
            kind=row.kind,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )

    resolve_nodes = found_by(repository.load_feeds, scope="offers:read")

    @field(description="Which community it is about.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))


@strawberry.input(description="A calendar to make.")
class CreateCalendarInput:
    community_id: relay.GlobalID = strawberry.field(description="Which community it is about.")
    kind: FeedKind = strawberry.field(description="What it shall hold.")


@strawberry.input(description="A calendar to end.")
class EndCalendarInput:
    calendar_id: relay.GlobalID = strawberry.field(description="One of your calendars.")


@strawberry.type(description="A calendar was made.")
class CreateCalendarPayload:
    url: str = strawberry.field(
        description="The secret link: whoever has it reads the calendar. It is shown this once."
    )
    calendar: Calendar = strawberry.field(description="The calendar as the list shows it.")


@strawberry.type(description="A calendar was ended: its link opens nothing any more.")
class EndCalendarPayload:
    calendar: Calendar = strawberry.field(description="The calendar as it is now.")


@strawberry.type
class CalendarQuery:
    @query(
        description="Your calendars that can be read, the oldest first.",
        who=Who.SIGNED_IN,
        scope="offers:read",
    )
    async def my_calendars(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[Calendar]:
        rows = repository.list_feeds(info.context.actor)
        return await connect(info, rows, Calendar.of, first=first, after=after)


@strawberry.type
class CalendarMutation:
    @mutation(
        CreateCalendarPayload,
        description="Make a calendar of your own: of your visits, or for staff of the storms.",
        who=Who.SIGNED_IN,
        scope="offers:write",
    )
    async def create_calendar(
        self,
        info: Info,
        input: Annotated[CreateCalendarInput, strawberry.argument(description="Which.")],
    ) -> CreateCalendarPayload:
        key = find_id(input.community_id, "Community")
        async with info.context.begin() as session:
            made = await feeds.create_feed(
                session, info.context.actor, key, input.kind, now=info.context.now
            )
        url = info.context.settings.public_url + made.path
        return CreateCalendarPayload(url=url, calendar=Calendar.of(made.row))

    @mutation(
        EndCalendarPayload,
        description="End a calendar of yours. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="offers:write",
    )
    async def end_calendar(
        self,
        info: Info,
        input: Annotated[EndCalendarInput, strawberry.argument(description="Which.")],
    ) -> EndCalendarPayload:
        key = find_id(input.calendar_id, "Calendar")
        async with info.context.begin() as session:
            row = await feeds.revoke_feed(session, info.context.actor, key, now=info.context.now)
        return EndCalendarPayload(calendar=Calendar.of(row))
