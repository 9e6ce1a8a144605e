"""Events, their days, and who comes: what can be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId, aware_or_none
from api.schema.context import Info
from api.schema.events import SCOPE, CommunityEvent, EventDay, EventHelper, EventRegistration
from api.schema.nodes import find_id, find_optional_id, must
from api.schema.operations import query
from api.schema.paging import FIRST, After, Connection, First, connect
from campaigns.events import listing_repository as listing
from campaigns.events.errors import EventNotYours
from campaigns.events.kinds import EventStatus, RegistrationStatus


@strawberry.input(description="Which days of events; all conditions that are given must hold.")
class EventDayFilter:
    since: datetime | None = strawberry.field(
        default=None, description="Those that end later than this."
    )
    until: datetime | None = strawberry.field(
        default=None, description="Those that begin before this."
    )
    group_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Those of a group's events."
    )
    campaign_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Those of a campaign's events."
    )
    open_only: bool = strawberry.field(
        default=False, description="Only those of published events that take place."
    )

    def read(self) -> listing.DayFilter:
        return replace(
            listing.OPEN_DAYS if self.open_only else listing.DayFilter(),
            since=aware_or_none("since", self.since),
            until=aware_or_none("until", self.until),
            group_id=find_optional_id(self.group_id, "Group"),
            campaign_id=find_optional_id(self.campaign_id, "Campaign"),
        )


DayId = Annotated[
    relay.GlobalID, strawberry.argument(description="The day of an event that is meant.")
]


@strawberry.type
class EventQuery:
    @query(
        description="The events of a community that you may know of, the newest first.",
        who=Who.EVERYBODY,
        scope=SCOPE,
    )
    async def events(
        self,
        info: Info,
        community_id: CommunityId,
        status: Annotated[
            EventStatus | None, strawberry.argument(description="Only those that stand there.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[CommunityEvent]:
        key = find_id(community_id, "Community")
        rows = listing.list_events(info.context.actor, key, status)
        return await connect(info, rows, CommunityEvent.of, first=first, after=after)

    @query(
        description="The days of a community's events that you may know of, the next one first.",
        who=Who.EVERYBODY,
        scope=SCOPE,
    )
    async def event_days(
        self,
        info: Info,
        community_id: CommunityId,
        filter: Annotated[
            EventDayFilter | None, strawberry.argument(description="Which of them.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[EventDay]:
        key = find_id(community_id, "Community")
        wanted = (filter or EventDayFilter()).read()
        rows = listing.list_days(info.context.actor, key, wanted)
        return await connect(info, rows, EventDay.of, first=first, after=after)

    @query(
        description="One event; null when there is none such, or it is not for you.",
        who=Who.EVERYBODY,
        scope=SCOPE,
    )
    async def event(
        self,
        info: Info,
        event_id: Annotated[relay.GlobalID, strawberry.argument(description="The event.")],
    ) -> CommunityEvent | None:
        key = find_id(event_id, "CommunityEvent")
        row = await info.context.load(listing.load_events, key)
        return None if row is None else CommunityEvent.of(row)

    @query(
        description="Your own sign-ups for events, the newest first.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def my_event_registrations(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[EventRegistration]:
        rows = listing.list_own_registrations(info.context.actor)
        return await connect(info, rows, EventRegistration.of, first=first, after=after)

    @query(
        description="Everybody who signed up for a day, in their order. For staff and organizers.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def event_registrations(
        self,
        info: Info,
        day_id: DayId,
        status: Annotated[
            RegistrationStatus | None,
            strawberry.argument(description="Only those that stand there."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[EventRegistration]:
        key = await _open_list(info, day_id)
        rows = listing.list_registrations(key, status)
        return await connect(info, rows, EventRegistration.of, first=first, after=after)

    @query(
        description="Who helps on a day or might, in the order in which they came to it. For "
        "staff and organizers.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def event_helpers(
        self, info: Info, day_id: DayId, first: First = FIRST, after: After = None
    ) -> Connection[EventHelper]:
        key = await _open_list(info, day_id)
        rows = listing.list_helpers(key)
        return await connect(info, rows, EventHelper.of, first=first, after=after)


async def _open_list(info: Info, day_id: relay.GlobalID) -> UUID:
    """The day whose people the actor may know."""
    day = must(await info.context.load(listing.load_days, find_id(day_id, "EventDay")))
    if not await info.context.load(listing.load_inside, day.event_id):
        raise EventNotYours("Only staff and organizers of the event know who comes.")
    return day.id
