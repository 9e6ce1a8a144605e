"""Asking for help, changing what was asked for, and deciding on it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.addresses import AddressNotSureProblem, locate_home
from api.schema.context import Info
from api.schema.intake_words import DeclineReason, Outcome
from api.schema.nodes import find_id
from api.schema.operations import mutation
from api.schema.request_inputs import ChangeRequestInput, TakeRequestInput
from api.schema.requests import HelpRequest
from api.schema.standing import StandingRequest
from core.db import Session
from matching.intake import changing, reviewing, taking
from matching.intake.addresses import AddressNotCertain
from matching.intake.commands import Taken
from matching.intake.listing_repository import load_requests
from matching.intake.standing_listing_repository import load_standing
from matching.offers import casework
from people.auth import Actor


@strawberry.input(description="A request that is called off.")
class CancelRequestInput:
    request_id: relay.GlobalID = strawberry.field(description="The request.")


@strawberry.input(description="A request that was served.")
class ConfirmDoneInput:
    request_id: relay.GlobalID = strawberry.field(description="The request.")


@strawberry.input(description="A request for which nobody came, or that was not done.")
class ReportNotDoneInput:
    request_id: relay.GlobalID = strawberry.field(description="The request.")


@strawberry.input(description="A request that staff have looked at.")
class ApproveRequestInput:
    request_id: relay.GlobalID = strawberry.field(description="The request.")


@strawberry.input(description="A request that is not taken up.")
class DeclineRequestInput:
    request_id: relay.GlobalID = strawberry.field(description="The request.")
    reason: DeclineReason = strawberry.field(description="Why; the resident hears it.")


@strawberry.input(description="Two requests that are the same.")
class MergeRequestsInput:
    keep_id: relay.GlobalID = strawberry.field(description="The request that stands for both.")
    drop_id: relay.GlobalID = strawberry.field(
        description="The request that waits for review and is joined with the other."
    )


@strawberry.type(description="What became of a call for help.")
class TakeRequestPayload:
    outcome: Outcome = strawberry.field(description="What became of it.")
    request: HelpRequest | None = strawberry.field(
        description="The request; null when it became a standing one, or is not for you to see."
    )
    standing_request: StandingRequest | None = strawberry.field(
        description="The standing request; null when it is a single one, or not for you to see."
    )
    review_reasons: list[str] = strawberry.field(
        description="Why a person looks at it, as code words; empty for all but staff."
    )


@strawberry.type(description="The request as it stands now.")
class RequestPayload:
    request: HelpRequest = strawberry.field(description="The request.")


def _key(given: relay.GlobalID) -> UUID:
    return find_id(given, "HelpRequest")


async def _show_taken(
    session: Session, actor: Actor, community_id: UUID, taken: Taken
) -> TakeRequestPayload:
    """What the one who asked may see of it: not everybody who asks may see the request."""
    request, wish = None, None
    if taken.request is not None:
        request = (await load_requests(session, actor, [taken.request.id])).get(taken.request.id)
    if taken.standing is not None:
        wish = (await load_standing(session, actor, [taken.standing.id])).get(taken.standing.id)
    return TakeRequestPayload(
        outcome=taken.outcome,
        request=None if request is None else HelpRequest.of(request),
        standing_request=None if wish is None else StandingRequest.of(wish),
        review_reasons=list(taken.reasons) if actor.is_staff(community_id) else [],
    )


@strawberry.type
class RequestMutation:
    @mutation(
        TakeRequestPayload,
        also=(AddressNotSureProblem,),
        description="Ask for help: for yourself, for somebody known or for somebody new. A call "
        "that repeats a live request joins it. Give a clientKey, so that sending it twice asks "
        "once.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def take_request(
        self,
        info: Info,
        input: Annotated[
            TakeRequestInput,
            strawberry.argument(description="Who needs help, with what, where and when."),
        ],
    ) -> TakeRequestPayload | AddressNotSureProblem:
        actor = info.context.actor
        community_id = find_id(input.community_id, "Community")
        place = None
        if input.resident is not None:
            try:
                place = await locate_home(info, input.community_id, input.resident.address)
            except AddressNotCertain as error:
                return AddressNotSureProblem.about(error)
        command = input.as_command(actor, community_id, place)
        async with info.context.begin() as session:
            taken = await taking.take_request(session, actor, command, now=info.context.now)
            return await _show_taken(session, actor, community_id, taken)

    @mutation(
        RequestPayload,
        description="Change a request before somebody comes, by its resident or staff. Another "
        "time or scope withdraws what volunteers were asked, and is refused once one has agreed.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def change_request(
        self,
        info: Info,
        input: Annotated[
            ChangeRequestInput,
            strawberry.argument(description="The request, and what changes of it."),
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await changing.change_request(
                session, info.context.actor, input.as_command(), now=info.context.now
            )
        return RequestPayload(request=HelpRequest.of(row))

    @mutation(
        RequestPayload,
        description="Call a request off, by its resident or staff, with its offers and agreed "
        "work. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def cancel_request(
        self,
        info: Info,
        input: Annotated[
            CancelRequestInput, strawberry.argument(description="The request, and why.")
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await casework.cancel_request(
                session,
                info.context.actor,
                _key(input.request_id),
                now=info.context.now,
                reason="resident_cancelled",
            )
        return RequestPayload(request=HelpRequest.of(row))

    @mutation(
        RequestPayload,
        description="Say that it was done, by the resident or staff. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def confirm_done(
        self,
        info: Info,
        input: Annotated[
            ConfirmDoneInput, strawberry.argument(description="The request that was done.")
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await casework.confirm_done(
                session, info.context.actor, _key(input.request_id), now=info.context.now
            )
        return RequestPayload(request=HelpRequest.of(row))

    @mutation(
        RequestPayload,
        description="Say that it was not done, by the resident or staff: the request is open "
        "again, with priority. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="requests:write",
    )
    async def report_not_done(
        self,
        info: Info,
        input: Annotated[
            ReportNotDoneInput, strawberry.argument(description="The request that was not done.")
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await casework.report_not_done(
                session, info.context.actor, _key(input.request_id), now=info.context.now
            )
        return RequestPayload(request=HelpRequest.of(row))

    @mutation(
        RequestPayload,
        description="Let a request that waited for review be served. For staff.",
        who=Who.STAFF,
        scope="requests:write",
    )
    async def approve_request(
        self,
        info: Info,
        input: Annotated[
            ApproveRequestInput, strawberry.argument(description="The request that may go on.")
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await reviewing.approve_request(
                session, info.context.actor, _key(input.request_id), now=info.context.now
            )
        return RequestPayload(request=HelpRequest.of(row))

    @mutation(
        RequestPayload,
        description="Say no to a request that waited for review; the resident hears why. For "
        "staff.",
        who=Who.STAFF,
        scope="requests:write",
    )
    async def decline_request(
        self,
        info: Info,
        input: Annotated[
            DeclineRequestInput, strawberry.argument(description="The request, and why not.")
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await reviewing.decline_request(
                session,
                info.context.actor,
                _key(input.request_id),
                reason=input.reason,
                now=info.context.now,
            )
        return RequestPayload(request=HelpRequest.of(row))

    @mutation(
        RequestPayload,
        description="Let one request stand for two that are the same; what the dropped one adds "
        "is kept. For staff.",
        who=Who.STAFF,
        scope="requests:write",
    )
    async def merge_requests(
        self,
        info: Info,
        input: Annotated[
            MergeRequestsInput, strawberry.argument(description="The two requests that are one.")
        ],
    ) -> RequestPayload:
        async with info.context.begin() as session:
            row = await reviewing.merge_requests(
                session,
                info.context.actor,
                keep_id=_key(input.keep_id),
                drop_id=_key(input.drop_id),
                now=info.context.now,
            )
        return RequestPayload(request=HelpRequest.of(row))
