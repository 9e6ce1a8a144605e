"""Changing standing requests: letting them rest, ending them, and deciding on them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import code_word
from api.schema.context import Info
from api.schema.intake_words import DeclineReason
from api.schema.nodes import find_id, must
from api.schema.operations import mutation
from api.schema.standing import StandingRequest
from core.db import Session
from matching.intake import standing
from matching.intake import standing_listing_repository as listing
from matching.intake.reviewing import approve_standing, decline_standing


@strawberry.input(description="Days on which a standing request rests.")
class AddStandingBreakInput:
    standing_request_id: relay.GlobalID = strawberry.field(description="The standing request.")
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date = strawberry.field(description="The last day.")


@strawberry.input(description="A standing request that shall end.")
class EndStandingRequestInput:
    standing_request_id: relay.GlobalID = strawberry.field(description="The standing request.")
    reason: str = strawberry.field(
        default="resident_ended", description="Why, as a code word for the history."
    )


@strawberry.input(description="A standing request that staff have looked at.")
class ApproveStandingRequestInput:
    standing_request_id: relay.GlobalID = strawberry.field(description="The standing request.")


@strawberry.input(description="A standing request that is not taken up.")
class DeclineStandingRequestInput:
    standing_request_id: relay.GlobalID = strawberry.field(description="The standing request.")
    reason: DeclineReason = strawberry.field(description="Why; the resident hears it.")


@strawberry.type(description="The standing request as it stands now.")
class StandingRequestPayload:
    standing_request: StandingRequest = strawberry.field(description="The standing request.")


def _key(given: relay.GlobalID) -> UUID:
    return find_id(given, "StandingRequest")


@strawberry.type
class StandingMutation:
    @mutation(
        StandingRequestPayload,
        description="Let a standing request rest for some days, by its resident or staff.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def add_standing_break(
        self,
        info: Info,
        input: Annotated[
            AddStandingBreakInput,
            strawberry.argument(description="The standing request, and the days without help."),
        ],
    ) -> StandingRequestPayload:
        key = _key(input.standing_request_id)
        async with info.context.begin() as session:
            await standing.add_break(
                session,
                info.context.actor,
                key,
                starts_on=input.starts_on,
                ends_on=input.ends_on,
                now=info.context.now,
            )
            return await _read_again(session, info, key)

    @mutation(
        StandingRequestPayload,
        description="End a standing request, by its resident or staff; requests that are open "
        "stay. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def end_standing_request(
        self,
        info: Info,
        input: Annotated[
            EndStandingRequestInput,
            strawberry.argument(description="The standing request that ends."),
        ],
    ) -> StandingRequestPayload:
        async with info.context.begin() as session:
            row = await standing.end_standing(
                session,
                info.context.actor,
                _key(input.standing_request_id),
                now=info.context.now,
                reason=code_word("reason", input.reason),
            )
        return StandingRequestPayload(standing_request=StandingRequest.of(row))

    @mutation(
        StandingRequestPayload,
        description="Let a standing request hold after a person has looked at it, also in a storm "
        "that is on. For staff.",
        who=Who.STAFF,
        scope="requests:write",
    )
    async def approve_standing_request(
        self,
        info: Info,
        input: Annotated[
            ApproveStandingRequestInput,
            strawberry.argument(description="The standing request that may go on."),
        ],
    ) -> StandingRequestPayload:
        async with info.context.begin() as session:
            row = await approve_standing(
                session,
                info.context.actor,
                _key(input.standing_request_id),
                now=info.context.now,
            )
        return StandingRequestPayload(standing_request=StandingRequest.of(row))

    @mutation(
        StandingRequestPayload,
        description="Say no to a standing request; the resident hears why. For staff.",
        who=Who.STAFF,
        scope="requests:write",
    )
    async def decline_standing_request(
        self,
        info: Info,
        input: Annotated[
            DeclineStandingRequestInput,
            strawberry.argument(description="The standing request, and why not."),
        ],
    ) -> StandingRequestPayload:
        async with info.context.begin() as session:
            row = await decline_standing(
                session,
                info.context.actor,
                _key(input.standing_request_id),
                reason=input.reason,
                now=info.context.now,
            )
        return StandingRequestPayload(standing_request=StandingRequest.of(row))


async def _read_again(session: Session, info: Info, key: UUID) -> StandingRequestPayload:
    rows = await listing.load_standing(session, info.context.actor, [key])
    return StandingRequestPayload(standing_request=StandingRequest.of(must(rows.get(key))))
