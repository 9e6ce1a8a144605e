"""Saving, changing and laying aside segments."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import plain_text
from api.schema.audience_inputs import SegmentDefinitionInput, read_segment
from api.schema.audiences import Segment, SegmentVersion
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import mutation
from campaigns.audiences import segments
from campaigns.audiences.models import NOTE_LENGTH
from people.models import NAME_LENGTH

WRITE = "campaigns:write"


@strawberry.input(description="A new segment.")
class SaveSegmentInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    name: str = strawberry.field(description="A name that no other segment has.")
    definition: SegmentDefinitionInput = strawberry.field(description="Whom it describes.")
    note: str = strawberry.field(default="", description="A note for staff.")


@strawberry.input(description="What a segment says from now on.")
class ChangeSegmentInput:
    segment_id: relay.GlobalID = strawberry.field(description="Which segment.")
    seen_number: int = strawberry.field(
        description="The version that you saw; a later one is not overwritten."
    )
    name: str = strawberry.field(description="Its name from now on.")
    definition: SegmentDefinitionInput = strawberry.field(
        description="Whom it describes from now on."
    )
    note: str = strawberry.field(default="", description="A note for staff.")


@strawberry.input(description="A segment to lay aside.")
class ArchiveSegmentInput:
    segment_id: relay.GlobalID = strawberry.field(description="Which segment.")


@strawberry.type(description="The segment as it is now.")
class SegmentPayload:
    segment: Segment = strawberry.field(description="The segment.")
    version: SegmentVersion | None = strawberry.field(
        description="The version that holds; null when the segment was laid aside."
    )


@strawberry.type
class AudienceMutation:
    @mutation(
        SegmentPayload,
        description="Save a description of people under a name.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def save_segment(
        self,
        info: Info,
        input: Annotated[SaveSegmentInput, strawberry.argument(description="The segment.")],
    ) -> SegmentPayload:
        command = segments.SaveSegment(
            community_id=find_id(input.community_id, "Community"),
            name=plain_text("name", input.name, longest=NAME_LENGTH),
            definition=read_segment(input.definition),
            note=plain_text("note", input.note, longest=NOTE_LENGTH),
        )
        async with info.context.begin() as session:
            row, version = await segments.save_segment(
                session, info.context.actor, command, now=info.context.now
            )
        return SegmentPayload(segment=Segment.of(row), version=SegmentVersion.of(version))

    @mutation(
        SegmentPayload,
        description="Let a segment say something else: a new version, unless it says the same.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def change_segment(
        self,
        info: Info,
        input: Annotated[ChangeSegmentInput, strawberry.argument(description="What changes.")],
    ) -> SegmentPayload:
        command = segments.ChangeSegment(
            segment_id=find_id(input.segment_id, "Segment"),
            seen_number=input.seen_number,
            definition=read_segment(input.definition),
            name=plain_text("name", input.name, longest=NAME_LENGTH),
            note=plain_text("note", input.note, longest=NOTE_LENGTH),
        )
        async with info.context.begin() as session:
            row, version = await segments.change_segment(
                session, info.context.actor, command, now=info.context.now
            )
        return SegmentPayload(segment=Segment.of(row), version=SegmentVersion.of(version))

    @mutation(
        SegmentPayload,
        description="Offer a segment no more; what was sent to it keeps its version. Again "
        "changes nothing.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def archive_segment(
        self,
        info: Info,
        input: Annotated[ArchiveSegmentInput, strawberry.argument(description="Which.")],
    ) -> SegmentPayload:
        key = find_id(input.segment_id, "Segment")
        async with info.context.begin() as session:
            row = await segments.archive_segment(
                session, info.context.actor, key, now=info.context.now
            )
        return SegmentPayload(segment=Segment.of(row), version=None)
