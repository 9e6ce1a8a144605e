"""Segments, and previews of whom they reach: about how many, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId
from api.schema.audience_inputs import SegmentDefinitionInput, read_segment
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.scalars import Cell, GeoJSON
from campaigns.audiences import policy, previewing
from campaigns.audiences import segment_repository as repository
from campaigns.audiences.definitions import (
    All,
    Any_,
    Condition,
    HasRole,
    InArea,
    InCampaign,
    InGroup,
    InHousehold,
    InShape,
    Interested,
    Not,
    Speaks,
    TookPart,
    read_definition,
)
from campaigns.audiences.errors import AudienceNotForYou
from campaigns.audiences.kinds import Exclusion, Notice
from campaigns.audiences.models import Segment as SegmentRow
from campaigns.audiences.models import SegmentVersion as VersionRow
from people.kinds import Purpose

READ = "campaigns:read"

describe_enum(
    Exclusion,
    "Why somebody whom a segment describes is not reached; the first that holds.",
    {
        "NO_CONSENT": "Never agreed to hear of this.",
        "UNSUBSCRIBED": "Agreed once, and took it back.",
        "NO_CONTACT": "Has no address or number that can be written to.",
        "AWAY": "Is away or pauses today.",
        "CONTACTED_LATELY": "Somebody of us wrote to them within the days of rest.",
    },
    name="AudienceExclusion",
)
describe_enum(
    Notice,
    "What must be known before anything is sent.",
    {
        "NOBODY": "Nobody is described; nothing can be sent.",
        "TOO_FEW": "Nobody, or fewer than five people, would be reached; nothing can be sent.",
        "EVERYBODY": "More than 80 of 100 members; sending needs a confirmation.",
    },
    name="AudienceNotice",
)


@strawberry.type(description="One condition of a segment, in a flat list.")
class SegmentCondition:
    number: int = strawberry.field(description="Its place in the list, from 0.")
    within: int | None = strawberry.field(
        description="The number of the `all`, `any` or `not` that it stands in; null at the top."
    )
    kind: str = strawberry.field(
        description="`all`, `any`, `not`, `area`, `polygon`, `interest`, `language`, "
        "`household`, `role`, `group`, `campaign` or `took_part`."
    )
    values: list[str] = strawberry.field(
        description="Its words: names, codes, or the global id of a group, campaign or event."
    )
    days: int | None = strawberry.field(description="How far it looks back; null is ever.")
    shape: GeoJSON | None = strawberry.field(description="The shape of a `polygon`; null else.")


@strawberry.type(description="What a segment says from one change to the next; never changed.")
class SegmentVersion(relay.Node):
    id: relay.NodeID[UUID]
    number: int = strawberry.field(description="Counts the versions of the segment, from 1.")
    not_contacted_days: int | None = strawberry.field(
        description="Days of rest from messages of anybody; null asks for none."
    )
    conditions: list[SegmentCondition] = strawberry.field(
        description="All conditions, each after the one that it stands in; none is everybody."
    )
    created_at: datetime = strawberry.field(description="Since when it says so.")

    @classmethod
    def of(cls, row: VersionRow) -> SegmentVersion:
        definition = read_definition(row.definition)
        conditions: list[SegmentCondition] = []
        if definition.where is not None:
            conditions = list(_flatten(definition.where, None, iter(range(1_000))))
        return cls(
            id=row.id,
            number=row.number,
            not_contacted_days=definition.not_contacted_days,
            conditions=conditions,
            created_at=row.created_at,
        )

    resolve_nodes = found_by(repository.load_versions, scope=READ)


@strawberry.type(description="A description of people under a name.")
class Segment(relay.Node):
    id: relay.NodeID[UUID]
    name: str = strawberry.field(description="Its name; no other one of the community.")
    note: str = strawberry.field(description="What staff wrote about it.")
    latest_number: int = strawberry.field(description="The number of its latest version.")
    created_at: datetime = strawberry.field(description="When it was first saved.")
    archived_at: datetime | None = strawberry.field(
        description="Since when it is offered no more; null while it is."
    )

    @classmethod
    def of(cls, row: SegmentRow) -> Segment:
        return cls(
            id=row.id,
            name=row.name,
            note=row.note,
            latest_number=row.latest_number,
            created_at=row.created_at,
            archived_at=row.archived_at,
        )

    @field(description="Its versions, the newest first, at most 50.")
    async def versions(self, info: Info) -> list[SegmentVersion]:
        found = await info.context.load(repository.load_versions_of, self.id)
        return [SegmentVersion.of(row) for row in found or []]

    resolve_nodes = found_by(repository.load_segments, scope=READ)


@strawberry.type(description="How many are left out for one reason.")
class AudienceExclusionCount:
    reason: Exclusion = strawberry.field(description="Why.")
    about_count: int | None = strawberry.field(
        description="About how many, to the nearest five; null is fewer than five, or nobody."
    )


@strawberry.type(description="Somebody who would be reached, as an example.")
class AudienceExample:
    first_name: str | None = strawberry.field(
        description="What they are called; null when the segment asks who lives in a home."
    )
    cell: Cell | None = strawberry.field(description="The cell of the home; null without a home.")
    area: str | None = strawberry.field(
        description="The neighbourhood of the home; null without a home."
    )
    reasons: list[str] = strawberry.field(
        description="Why they belong to it: sentences that begin with because."
    )


@strawberry.type(
    description="Whom a segment would reach now. Counts go to the nearest five, and segments that "
    "differ by fewer than five people show the same counts, so that none tells about one person."
)
class AudiencePreview:
    members_about: int | None = strawberry.field(
        description="Residents and volunteers of the community; null is fewer than five."
    )
    described_about: int | None = strawberry.field(
        description="Those whom the segment describes; null is fewer than five, or nobody."
    )
    reached_about: int | None = strawberry.field(
        description="Those who would get a message; null is fewer than five, or nobody."
    )
    excluded: list[AudienceExclusionCount] = strawberry.field(
        description="Those who are left out, by reason, each reason once."
    )
    notice: Notice | None = strawberry.field(
        description="What must be known before sending; null when nothing."
    )
    examples: list[AudienceExample] = strawberry.field(
        description="At most 20, and at most one of five who would be reached."
    )

    @classmethod
    def of(cls, preview: previewing.Preview) -> AudiencePreview:
        return cls(
            members_about=preview.members_about or None,
            described_about=preview.described_about or None,
            reached_about=preview.reached_about or None,
            excluded=[
                AudienceExclusionCount(reason=reason, about_count=count or None)
                for reason, count in preview.excluded_about.items()
            ],
            notice=preview.notice,
            examples=[
                AudienceExample(
                    first_name=example.first_name,
                    cell=None if example.cell is None else Cell(example.cell),
                    area=example.area,
                    reasons=list(example.reasons),
                )
                for example in preview.examples
            ],
        )


@strawberry.type
class AudienceQuery:
    @query(
        description="The segments of a community, by name.",
        who=Who.STAFF,
        scope=READ,
    )
    async def segments(
        self,
        info: Info,
        community_id: CommunityId,
        archived_too: Annotated[
            bool, strawberry.argument(description="Whether to list laid aside ones too.")
        ] = False,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Segment]:
        actor, key = info.context.actor, find_id(community_id, "Community")
        if not policy.can_read_segments(actor, key):
            raise AudienceNotForYou("Only staff of the community see its segments.")
        wanted = repository.SegmentFilter(key, archived_too)
        listing = repository.list_segments(actor, wanted)
        return await connect(info, listing, Segment.of, first=first, after=after)

    @query(description="One segment.", who=Who.STAFF, scope=READ)
    async def segment(
        self,
        info: Info,
        segment_id: Annotated[relay.GlobalID, strawberry.argument(description="Which.")],
    ) -> Segment:
        key = find_id(segment_id, "Segment")
        async with info.context.read() as session:
            return Segment.of(await repository.get_segment(session, info.context.actor, key))

    @query(
        description="Whom a description would reach now, about how many and why. It is written "
        "down who looked; at most 120 times an hour.",
        who=Who.MANAGER,
        scope=READ,
    )
    async def audience_preview(
        self,
        info: Info,
        community_id: CommunityId,
        definition: Annotated[
            SegmentDefinitionInput, strawberry.argument(description="Whom to describe.")
        ],
        purpose: Annotated[
            Purpose,
            strawberry.argument(description="What the message is for: CAMPAIGNS or PROGRAMMES."),
        ] = Purpose.CAMPAIGNS,
    ) -> AudiencePreview:
        key, wanted = find_id(community_id, "Community"), read_segment(definition)
        context = info.context
        async with context.begin() as session:
            preview = await previewing.describe_audience(
                session,
                context.actor,
                key,
                wanted,
                purpose,
                now=context.now,
                language=context.language,
            )
        return AudiencePreview.of(preview)


def _flatten(
    condition: Condition, within: int | None, numbers: Iterator[int]
) -> Iterator[SegmentCondition]:
    number = next(numbers)
    kind = str(condition.__struct_config__.tag)
    days = condition.days if isinstance(condition, TookPart) else None
    shape = GeoJSON(condition.geometry) if isinstance(condition, InShape) else None
    yield SegmentCondition(
        number=number,
        within=within,
        kind=kind,
        values=_values_of(condition),
        days=days,
        shape=shape,
    )
    parts: tuple[Condition, ...] = ()
    if isinstance(condition, All | Any_):
        parts = condition.of
    elif isinstance(condition, Not):
        parts = (condition.of,)
    for part in parts:
        yield from _flatten(part, number, numbers)


def _values_of(condition: Condition) -> list[str]:
    if isinstance(condition, InArea):
        return list(condition.names)
    if isinstance(condition, Interested):
        return list(condition.topics)
    if isinstance(condition, Speaks):
        return list(condition.languages)
    if isinstance(condition, InHousehold):
        return [condition.fact.value]
    if isinstance(condition, HasRole):
        return [condition.role.value]
    if isinstance(condition, InGroup):
        return [str(relay.GlobalID("Group", str(condition.group_id)))]
    if isinstance(condition, InCampaign):
        return [str(relay.GlobalID("Campaign", str(condition.campaign_id)))]
    if isinstance(condition, TookPart):
        named = [] if condition.subject_id is None else [str(condition.subject_id)]
        kind = "CommunityEvent" if condition.what.value == "event" else "Campaign"
        return [condition.what.value, *(str(relay.GlobalID(kind, key)) for key in named)]
    return []
