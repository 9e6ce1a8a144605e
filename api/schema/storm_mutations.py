"""Directing storms, and answering their notices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from api.schema.access import Who
from api.schema.arguments import (
    CommunityId,
    InvalidArgument,
    aware,
    aware_or_none,
    code_word,
    rules_object,
)
from api.schema.context import Info
from api.schema.intake_words import HoldReason
from api.schema.nodes import find_id, find_optional_id
from api.schema.operations import mutation, query
from api.schema.storms import Storm
from core.errors import NotPermitted
from matching import policy
from matching.storms import directing, listing_repository, repository
from matching.storms.notices import answer_storm_notice

MAX_DEPTH_CM = 500
REASON = "A code word that the history keeps, such as `phone_calls`."


@strawberry.input(description="A storm that staff open by hand.")
class OpenStormInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose storm it is.")
    reason: str = strawberry.field(description=REASON)
    snow_ended_at: datetime | None = strawberry.field(
        default=None, description="When the snow stopped; now when left out."
    )
    depth_cm: float | None = strawberry.field(
        default=None, description="New snow in centimetres, 0 to 500."
    )


@strawberry.input(description="A storm that waits.")
class HoldStormInput:
    storm_id: relay.GlobalID = strawberry.field(description="The storm.")
    hold_reason: HoldReason = strawberry.field(description="Why nobody is sent out.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="A storm that goes on after a hold.")
class ResumeStormInput:
    storm_id: relay.GlobalID = strawberry.field(description="The storm.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="A storm that is over.")
class CloseStormInput:
    storm_id: relay.GlobalID = strawberry.field(description="The storm.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="A resident's answer to the notice of a storm.")
class AnswerStormInput:
    storm_id: relay.GlobalID = strawberry.field(description="The storm.")
    needs_help: bool = strawberry.field(
        description="Whether help will be needed; false is not this time."
    )
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The resident, for staff who were told; yourself when left out."
    )


@strawberry.input(description="New rules about when a programme answers a storm.")
class SetStormRulesInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose rules they are.")
    rules: JSON = strawberry.field(
        description="An object with the rules that differ from the usual ones, such as "
        '`{"night_work_allowed": true}`; `stormRules` shows them all.'
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="From when they hold; now when left out."
    )


@strawberry.type(description="The storm as it stands now.")
class StormPayload:
    storm: Storm = strawberry.field(description="The storm.")


@strawberry.type(description="The rules of a community about storms.")
class StormRulesPayload:
    rules: JSON = strawberry.field(description="Every rule, with what was not given as usual.")
    valid_from: datetime = strawberry.field(description="From when they hold.")


@strawberry.type
class StormRulesQuery:
    @query(
        description="When a programme answers a storm: every rule that holds now, for its staff.",
        who=Who.STAFF,
        scope="storms:read",
    )
    async def storm_rules(self, info: Info, community_id: CommunityId) -> JSON:
        key = find_id(community_id, "Community")
        if not policy.can_direct_storm(info.context.actor, key):
            raise NotPermitted("Only staff of the community see its storm rules.")
        async with info.context.read() as session:
            rules = await repository.read_storm_rules_at(session, key, info.context.now)
        return JSON(msgspec.to_builtins(rules))


@strawberry.type
class StormMutation:
    @mutation(
        StormPayload,
        description="Make a storm active by hand: neighbours are asked for help. For staff; "
        "refused while one is active or on hold.",
        who=Who.STAFF,
        scope="storms:write",
    )
    async def open_storm(
        self,
        info: Info,
        input: Annotated[
            OpenStormInput, strawberry.argument(description="Where it snows, and what is known.")
        ],
    ) -> StormPayload:
        if input.depth_cm is not None and not 0 <= input.depth_cm <= MAX_DEPTH_CM:
            raise InvalidArgument(f"depthCm must be 0 to {MAX_DEPTH_CM} centimetres.")
        command = directing.OpenStorm(
            find_id(input.community_id, "Community"),
            code_word("reason", input.reason),
            snow_ended_at=aware_or_none("snowEndedAt", input.snow_ended_at),
            depth_cm=input.depth_cm,
        )
        async with info.context.begin() as session:
            row = await directing.open_storm(
                session, info.context.actor, command, now=info.context.now
            )
        return StormPayload(storm=Storm.of(row))

    @mutation(
        StormPayload,
        description="Send nobody out until staff resume. For staff; repeating it changes the "
        "reason alone.",
        who=Who.STAFF,
        scope="storms:write",
    )
    async def hold_storm(
        self,
        info: Info,
        input: Annotated[
            HoldStormInput, strawberry.argument(description="The storm, and why it is held.")
        ],
    ) -> StormPayload:
        async with info.context.begin() as session:
            row = await directing.hold_storm(
                session,
                info.context.actor,
                find_id(input.storm_id, "Storm"),
                input.hold_reason,
                reason=code_word("reason", input.reason),
                now=info.context.now,
            )
        return StormPayload(storm=Storm.of(row))

    @mutation(
        StormPayload,
        description="End a hold. For staff; refused when the storm is not on hold.",
        who=Who.STAFF,
        scope="storms:write",
    )
    async def resume_storm(
        self,
        info: Info,
        input: Annotated[
            ResumeStormInput, strawberry.argument(description="The storm that goes on.")
        ],
    ) -> StormPayload:
        async with info.context.begin() as session:
            row = await directing.resume_storm(
                session,
                info.context.actor,
                find_id(input.storm_id, "Storm"),
                reason=code_word("reason", input.reason),
                now=info.context.now,
            )
        return StormPayload(storm=Storm.of(row))

    @mutation(
        StormPayload,
        description="End a storm for good; those whom nobody took are told. For staff.",
        who=Who.STAFF,
        scope="storms:write",
    )
    async def close_storm(
        self,
        info: Info,
        input: Annotated[
            CloseStormInput, strawberry.argument(description="The storm that is over.")
        ],
    ) -> StormPayload:
        async with info.context.begin() as session:
            row = await directing.close_storm(
                session,
                info.context.actor,
                find_id(input.storm_id, "Storm"),
                reason=code_word("reason", input.reason),
                now=info.context.now,
            )
        return StormPayload(storm=Storm.of(row))

    @mutation(
        StormPayload,
        description="Say whether you will need help in a storm; the last answer holds. A late "
        "`false` calls off what nobody has taken, a late `true` asks after all.",
        who=Who.SIGNED_IN,
        scope="storms:write",
    )
    async def answer_storm(
        self,
        info: Info,
        input: Annotated[
            AnswerStormInput,
            strawberry.argument(description="The storm, and whether help is needed."),
        ],
    ) -> StormPayload:
        storm_id = find_id(input.storm_id, "Storm")
        actor = info.context.actor
        person_id = find_optional_id(input.person_id, "Person") or actor.person_id
        if person_id is None:
            raise InvalidArgument("Say for whom the answer is: give personId.")
        async with info.context.begin() as session:
            await answer_storm_notice(
                session,
                actor,
                storm_id,
                person_id,
                needs_help=input.needs_help,
                now=info.context.now,
            )
            rows = await listing_repository.load_storms(session, actor, [storm_id])
        return StormPayload(storm=Storm.of(rows[storm_id]))

    @mutation(
        StormRulesPayload,
        description="Let new storm rules hold from a moment on; older ones stay on record. For "
        "managers.",
        who=Who.MANAGER,
        scope="admin:write",
    )
    async def set_storm_rules(
        self,
        info: Info,
        input: Annotated[
            SetStormRulesInput,
            strawberry.argument(description="The rules, and from when they hold."),
        ],
    ) -> StormRulesPayload:
        now = info.context.now
        async with info.context.begin() as session:
            row = await directing.set_storm_rules(
                session,
                info.context.actor,
                find_id(input.community_id, "Community"),
                rules_object("rules", input.rules),
                valid_from=now
                if input.valid_from is None
                else aware("validFrom", input.valid_from),
                now=now,
            )
        return StormRulesPayload(rules=JSON(row.rules), valid_from=row.valid_from)
