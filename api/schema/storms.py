"""Storms: how they stand, for everybody; counts and weather, for staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.intake_words import HoldReason
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from core.events import Event
from matching.kinds import OfferStatus, RequestStatus, StormStatus
from matching.models import Storm as StormRow
from matching.storms import listing_repository as listing
from matching.storms import repository
from matching.storms.models import WeatherReading as ReadingRow
from matching.storms.weather import Alert
from people.repository import load_communities


@strawberry.type(description="How many requests stand somewhere.")
class StormRequestCount:
    status: RequestStatus = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")

    @classmethod
    def list_of(cls, counts: Mapping[RequestStatus, int] | None) -> list[StormRequestCount]:
        return [cls(status=word, count=(counts or {}).get(word, 0)) for word in RequestStatus]


@strawberry.type(description="How many offers stand somewhere.")
class StormOfferCount:
    status: OfferStatus = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")

    @classmethod
    def list_of(cls, counts: Mapping[OfferStatus, int] | None) -> list[StormOfferCount]:
        return [cls(status=word, count=(counts or {}).get(word, 0)) for word in OfferStatus]


@strawberry.type(description="One thing that happened to a storm.")
class StormEvent:
    at: datetime = strawberry.field(description="When.")
    kind: str = strawberry.field(description="A code word, such as `storm.active`.")
    reason: str | None = strawberry.field(
        description="Why, as a code word; null when none is kept."
    )
    by_hand: bool = strawberry.field(description="Whether a person decided, and not the weather.")

    @classmethod
    def of(cls, row: Event) -> StormEvent:
        return cls(
            at=row.happened_at,
            kind=row.kind,
            reason=row.reason,
            by_hand=row.actor_id is not None,
        )


@strawberry.type(description="A fall of snow that the programme answers.")
class Storm(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[StormRow]
    status: StormStatus = strawberry.field(description="Where it stands.")
    hold_reason: HoldReason | None = strawberry.field(
        description="Why nobody is sent out; null unless it is on hold."
    )
    since_at: datetime = strawberry.field(description="Since when it stands there.")
    created_at: datetime = strawberry.field(description="When it was first noticed.")
    opened_at: datetime | None = strawberry.field(
        description="When it first became active; null when it has not."
    )
    closed_at: datetime | None = strawberry.field(
        description="When it was over; null while it is not."
    )
    snow_ended_at: datetime | None = strawberry.field(
        description="When the snow stopped; null while that is not known."
    )
    deadline_at: datetime | None = strawberry.field(
        description="Until when sidewalks should be cleared; null while the snow has not stopped."
    )
    depth_cm: float | None = strawberry.field(
        description="New snow in centimetres; null when nobody measured it."
    )

    @classmethod
    def of(cls, row: StormRow) -> Storm:
        return cls(
            id=row.id,
            row=row,
            status=row.status,
            hold_reason=row.hold_reason,
            since_at=row.since_at or row.created_at,
            created_at=row.created_at,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            snow_ended_at=row.snow_ended_at,
            deadline_at=row.deadline_at,
            depth_cm=row.depth_cm,
        )

    resolve_nodes = found_by(listing.load_storms, scope="storms:read")

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @field(description="Whose storm it is.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @field(
        description="What you answered to its notice: whether you will need help. Null when you "
        "have not answered."
    )
    async def my_answer(self, info: Info) -> bool | None:
        return await info.context.load(listing.load_own_answers, self.row.id)

    @guarded(Sees.STAFF, description="Whether staff put it on hold by hand. For staff.")
    def held_by_hand(self, info: Info) -> bool | None:
        return self.row.held_by_hand

    @guarded(
        Sees.STAFF,
        description="Until when weather changes nothing, because staff decided. For staff.",
    )
    def directed_until_at(self, info: Info) -> datetime | None:
        return self.row.directed_until_at

    @guarded(Sees.STAFF, description="Since when urgent homes come first. For staff.")
    def urgent_since_at(self, info: Info) -> datetime | None:
        return self.row.urgent_since

    @guarded(Sees.STAFF, description="When residents and volunteers were told. For staff.")
    def noticed_at(self, info: Info) -> datetime | None:
        return self.row.noticed_at

    @guarded(
        Sees.STAFF,
        description="Its requests by where they stand. For staff.",
        scope="requests:read",
    )
    async def request_counts(self, info: Info) -> list[StormRequestCount] | None:
        return StormRequestCount.list_of(
            await info.context.load(listing.load_request_counts, self.row.id)
        )

    @guarded(
        Sees.STAFF, description="Its offers by where they stand. For staff.", scope="offers:read"
    )
    async def offer_counts(self, info: Info) -> list[StormOfferCount] | None:
        return StormOfferCount.list_of(
            await info.context.load(listing.load_offer_counts, self.row.id)
        )

    @guarded(Sees.STAFF, description="What happened to it, oldest first. For staff.")
    async def history(self, info: Info) -> list[StormEvent] | None:
        events = await info.context.load(listing.load_storm_events, self.row.id)
        return [StormEvent.of(event) for event in events or ()]


@strawberry.type(description="What one station measured at one moment.")
class WeatherReading:
    source: str = strawberry.field(description="Who delivered it, such as `nws`.")
    station: str = strawberry.field(description="The station's name.")
    observed_at: datetime = strawberry.field(description="When it was measured.")
    depth_cm: float | None = strawberry.field(
        description="Snow on the ground in centimetres; null when the station does not tell."
    )
    snowfall_cm: float | None = strawberry.field(
        description="New snow of the last hour in centimetres; null when it does not tell."
    )
    temperature_c: float | None = strawberry.field(
        description="Degrees Celsius; null when it does not tell."
    )
    conditions: list[str] | None = strawberry.field(
        description="Code words such as `snow`; null when it does not tell."
    )

    @classmethod
    def of(cls, row: ReadingRow) -> WeatherReading:
        return cls(
            source=row.source,
            station=row.station,
            observed_at=row.observed_at,
            depth_cm=row.depth_cm,
            snowfall_cm=row.snowfall_cm,
            temperature_c=row.temperature_c,
            conditions=row.conditions,
        )


@strawberry.type(description="An official alert as it was last heard.")
class WeatherAlert:
    source: str = strawberry.field(description="Who delivered it.")
    event: str = strawberry.field(description="Its official name, such as Winter Storm Warning.")
    onset_at: datetime = strawberry.field(description="From when.")
    ends_at: datetime = strawberry.field(description="Until when.")
    cancelled: bool = strawberry.field(description="Whether it was taken back.")

    @classmethod
    def of(cls, alert: Alert) -> WeatherAlert:
        return cls(
            source=alert.source,
            event=alert.event,
            onset_at=alert.onset_at,
            ends_at=alert.ends_at,
            cancelled=alert.cancelled,
        )


@strawberry.type(description="What is known of the weather of a community.")
class Weather:
    silence_s: float | None = strawberry.field(
        description="Seconds since the newest reading; null when there never was one."
    )
    alerts: list[WeatherAlert] = strawberry.field(description="Alerts that are not over.")
    readings: Connection[WeatherReading] = strawberry.field(
        description="What stations measured, the newest first."
    )


@strawberry.type
class StormQuery:
    @query(
        description="The storm that is on in a community, or that may come; null when there is "
        "none.",
        who=Who.EVERYBODY,
        scope="storms:read",
    )
    async def current_storm(self, info: Info, community_id: CommunityId) -> Storm | None:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            row = await repository.find_current_storm(session, key)
        return None if row is None else Storm.of(row)

    @query(
        description="The storms of a community, the newest first.",
        who=Who.EVERYBODY,
        scope="storms:read",
    )
    async def storms(
        self,
        info: Info,
        community_id: CommunityId,
        statuses: Annotated[
            list[StormStatus] | None,
            strawberry.argument(description="Only storms that stand there; all when left out."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Storm]:
        rows = listing.list_community_storms(
            find_id(community_id, "Community"), tuple(dict.fromkeys(statuses or ()))
        )
        return await connect(info, rows, Storm.of, first=first, after=after)

    @query(
        description="What is known of the weather of a community, for its staff.",
        who=Who.STAFF,
        scope="storms:read",
    )
    async def weather(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Weather:
        key = find_id(community_id, "Community")
        rows = listing.list_weather_readings(info.context.actor, key)
        readings = await connect(info, rows, WeatherReading.of, first=first, after=after)
        async with info.context.read() as session:
            silence_s = await repository.count_silence_s(session, key, info.context.now)
            alerts = await repository.load_alerts(session, key, now=info.context.now)
        return Weather(
            silence_s=silence_s,
            alerts=[WeatherAlert.of(alert) for alert in alerts],
            readings=readings,
        )
