"""Pledges: what may be promised in a campaign, one's own promises, and the public wall."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.standings import READ, CampaignId
from campaigns.programmes.models import Campaign as CampaignRow
from campaigns.programmes.repository import get_campaign
from campaigns.standings import pledges_repository as repository
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.models import Pledge as PledgeRow
from campaigns.standings.models import PledgeTemplate as TemplateRow
from campaigns.standings.showing import show_wall
from core.i18n import SOURCE_LANGUAGE

describe_enum(
    PledgeStatus,
    "What became of a pledge, in the person's own words.",
    {
        "MADE": "Nothing was said of it yet.",
        "KEPT": "All of it was done.",
        "PARTLY": "A part of it was done.",
        "WITHDRAWN": "It was taken back.",
    },
)


@strawberry.type(description="Something that people may promise in a campaign.")
class PledgeTemplate(relay.Node):
    id: relay.NodeID[UUID]
    campaign_id: relay.GlobalID = strawberry.field(description="The campaign.")
    code: str = strawberry.field(description="Its code word, such as `bike_to_work`.")
    unit: str = strawberry.field(description="What amounts count, as a code word such as `rides`.")
    suggested_amount: float = strawberry.field(description="What most may want to promise.")
    max_amount: float = strawberry.field(description="The most that one can promise.")
    closed_at: datetime | None = strawberry.field(
        description="Since when nobody can promise it any more; null while it is open."
    )
    row: strawberry.Private[TemplateRow]

    @field(description="The words of the promise in your language, else in English.")
    async def label(self, info: Info) -> str:
        labels = self.row.labels
        return str(labels.get(info.context.language) or labels[SOURCE_LANGUAGE])

    @classmethod
    def of(cls, row: TemplateRow) -> PledgeTemplate:
        return cls(
            id=row.id,
            campaign_id=relay.GlobalID("Campaign", str(row.campaign_id)),
            code=row.code,
            unit=row.unit,
            suggested_amount=row.suggested_amount,
            max_amount=row.max_amount,
            closed_at=row.closed_at,
            row=row,
        )

    resolve_nodes = found_by(repository.load_templates, scope=READ)


@strawberry.type(description="What you promised. Nobody else can read it.")
class Pledge(relay.Node):
    id: relay.NodeID[UUID]
    campaign_id: relay.GlobalID = strawberry.field(description="The campaign.")
    for_household: bool = strawberry.field(description="Whether it is for all of your home.")
    amount: float = strawberry.field(description="How much was promised.")
    kept_amount: float | None = strawberry.field(
        description="How much you say was done; null until you do."
    )
    status: PledgeStatus = strawberry.field(description="What became of it.")
    shows_name: bool = strawberry.field(
        description="Whether your first name may stand on the public wall."
    )
    made_at: datetime = strawberry.field(description="When it was made.")
    remind_at: datetime | None = strawberry.field(
        description="When you will be reminded, once; null for never, and afterwards."
    )
    settled_at: datetime | None = strawberry.field(
        description="When you said what came of it; null until you do."
    )
    template_key: strawberry.Private[UUID]

    @field(description="What was promised.")
    async def template(self, info: Info) -> PledgeTemplate:
        found = await info.context.load(repository.load_templates, self.template_key)
        return PledgeTemplate.of(must(found))

    @classmethod
    def of(cls, row: PledgeRow) -> Pledge:
        return cls(
            id=row.id,
            campaign_id=relay.GlobalID("Campaign", str(row.campaign_id)),
            for_household=row.for_household,
            amount=row.amount,
            kept_amount=row.kept_amount,
            status=row.status,
            shows_name=row.shows_name,
            made_at=row.made_at,
            remind_at=row.remind_at,
            settled_at=row.settled_at,
            template_key=row.template_id,
        )

    resolve_nodes = found_by(repository.load_pledges, scope=READ)


@strawberry.type(description="What became of all pledges of a campaign, for staff alone.")
class PledgeCounts:
    made: int = strawberry.field(description="Nothing was said of these yet.")
    kept: int = strawberry.field(description="Kept.")
    partly: int = strawberry.field(description="Kept in part.")
    withdrawn: int = strawberry.field(description="Taken back.")


@strawberry.type(description="Who made a pledge in a campaign, as everybody may know it.")
class PledgeWall:
    first_names: list[str] = strawberry.field(
        description="First names of those who agreed to it, at most 200, by letters."
    )
    anonymous_count: int | None = strawberry.field(
        description="People who show no name, as published last. Moves in steps of five; null "
        "while fewer than five."
    )
    row: strawberry.Private[CampaignRow]

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @guarded(Sees.STAFF, description="How many there are in all. Null when it is not for you.")
    async def counts(self, info: Info) -> PledgeCounts | None:
        async with info.context.read() as session:
            found = await repository.count_by_status(session, self.row.id)
        return PledgeCounts(
            made=found.made, kept=found.kept, partly=found.partly, withdrawn=found.withdrawn
        )


@strawberry.type
class PledgeQuery:
    @query(
        description="What may be promised in a campaign, by code; empty when it is not for you.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def pledge_templates(
        self, info: Info, campaign_id: CampaignId, first: First = FIRST, after: After = None
    ) -> Connection[PledgeTemplate]:
        listing = repository.list_templates(info.context.actor, find_id(campaign_id, "Campaign"))
        return await connect(info, listing, PledgeTemplate.of, first=first, after=after)

    @query(
        description="Who made a pledge in a campaign.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def pledge_wall(self, info: Info, campaign_id: CampaignId) -> PledgeWall:
        key = find_id(campaign_id, "Campaign")
        async with info.context.read() as session:
            row = await get_campaign(session, info.context.actor, key)
            wall = await show_wall(session, row)
        return PledgeWall(
            first_names=list(wall.first_names), anonymous_count=wall.anonymous_count, row=row
        )

    @query(
        description="What you promised, the newest first.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def my_pledges(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[Pledge]:
        listing = repository.list_my_pledges(info.context.actor)
        return await connect(info, listing, Pledge.of, first=first, after=after)
