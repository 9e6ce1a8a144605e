"""What a volunteer answers to what is put before them. The same as by page and by text message."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.assignments import Assignment
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, find_optional_id, must
from api.schema.offers import Offer
from api.schema.operations import mutation
from core.db import Session
from matching.offers import listing_repository as repository
from matching.offers import replying
from matching.offers.answering import decline_offer as say_no
from matching.offers.replying import Outcome, Reply
from matching.offers.review import send_proposals, strike_proposal

WRITE = "offers:write"


class NoReason(StrEnum):
    """What may be the matter, as in the page of an offer."""

    NO_TIME = "no_time"
    TOO_FAR = "too_far"
    TOO_HEAVY = "too_heavy"
    NOT_WELL = "not_well"
    OTHER = "other"


describe_enum(
    NoReason,
    "Why a volunteer says no.",
    {
        "NO_TIME": "No time then.",
        "TOO_FAR": "It is too far.",
        "TOO_HEAVY": "It is too much work.",
        "NOT_WELL": "Not well.",
        "OTHER": "Something else.",
    },
)
describe_enum(
    Outcome,
    "What came of a yes.",
    {
        "AGREED": "It is yours; the `Assignment` has the address.",
        "TAKEN": "Others hold every place.",
        "CLOSED": "Nobody is needed there any more.",
        "DECLINED": "You said no before, and others were asked.",
        "BUSY": "You are somewhere else at that time, and there is no other time.",
        "NO_TOOL": "The work needs a tool on loan, and the last one went to somebody else.",
        "NOT_CLEARED": "This kind of help needs a check that you have not, or no longer.",
    },
    name="YesOutcome",
)


@strawberry.type(description="What came of a yes to one home.")
class OfferReply:
    outcome: Outcome = strawberry.field(description="What came of it.")
    offer: Offer = strawberry.field(description="What the yes was for, or what was taken instead.")
    assignment: Assignment | None = strawberry.field(
        description="The work, when it is yours; empty otherwise."
    )
    substitute: Offer | None = strawberry.field(
        description="The best home that is still open, put forward when this one is gone: accept "
        "it to take it. Empty when there is none."
    )


@strawberry.type(description="What came of a yes to one home.")
class OfferReplyPayload:
    reply: OfferReply = strawberry.field(description="What came of it.")


@strawberry.type(description="What came of a yes to whatever is best.")
class TakeBestPayload:
    reply: OfferReply | None = strawberry.field(
        description="What came of it; empty when nothing is open for you."
    )


@strawberry.type(description="What came of a yes to a plan, home by home.")
class AcceptPlanPayload:
    replies: list[OfferReply] = strawberry.field(
        description="One for each home of the plan, in its order.", metadata={"items": 5}
    )


@strawberry.type(description="The offer as it stands now.")
class DeclineOfferPayload:
    offer: Offer = strawberry.field(description="The offer.")


@strawberry.type(description="What a no to a plan changed.")
class DeclinePlanPayload:
    declined_count: int = strawberry.field(description="Homes that were said no to just now.")


@strawberry.type(description="It is noted.")
class NotTodayPayload:
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer` who rests.")


@strawberry.type(description="Offers that leave.")
class SendProposalsPayload:
    ask_count: int = strawberry.field(description="Messages that are sent in a moment.")


@strawberry.type(description="The proposal is taken out.")
class StrikeProposalPayload:
    ask_id: relay.GlobalID = strawberry.field(description="The `Ask`.")


@strawberry.input(description="A yes to one offer.")
class AcceptOfferInput:
    offer_id: relay.GlobalID = strawberry.field(description="The `Offer`.")
    any_home: bool = strawberry.field(
        default=False, description="Take the best home still open when this one is gone."
    )


@strawberry.input(description="A yes or a no to a whole plan.")
class AcceptPlanInput:
    ask_id: relay.GlobalID = strawberry.field(description="The `Ask`.")


@strawberry.input(description="A yes to a home of the menu.")
class TakeHomeInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="Your `Volunteer` profile.")
    home_id: relay.GlobalID = strawberry.field(description="The `OfferedHome`.")


@strawberry.input(description="A yes to whatever is best now.")
class TakeBestInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="Your `Volunteer` profile.")


@strawberry.input(description="A no to one offer.")
class DeclineOfferInput:
    offer_id: relay.GlobalID = strawberry.field(description="The `Offer`.")
    reason: NoReason | None = strawberry.field(default=None, description="Why; nobody has to say.")


@strawberry.input(description="A no to every home of a plan.")
class DeclinePlanInput:
    ask_id: relay.GlobalID = strawberry.field(description="The `Ask`.")
    reason: NoReason | None = strawberry.field(default=None, description="Why; nobody has to say.")


@strawberry.input(description="No more messages in this storm.")
class NotTodayInput:
    volunteer_id: relay.GlobalID = strawberry.field(description="Your `Volunteer` profile.")
    storm_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The `Storm`; the one that is on when left out."
    )


@strawberry.input(description="The proposals of a community that wait for staff.")
class SendProposalsInput:
    community_id: relay.GlobalID = strawberry.field(description="The `Community`.")


@strawberry.input(description="A proposal that is not to be sent.")
class StrikeProposalInput:
    ask_id: relay.GlobalID = strawberry.field(description="The `Ask`.")


@strawberry.type
class OfferMutation:
    @mutation(
        OfferReplyPayload,
        description="Say yes to an offer, also late. When the home is gone, the best open one is "
        "put forward in the same answer. Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def accept_offer(
        self,
        info: Info,
        input: Annotated[AcceptOfferInput, strawberry.argument(description="A yes to one offer.")],
    ) -> OfferReplyPayload:
        key = find_id(input.offer_id, "Offer")
        context = info.context
        async with context.begin() as session:
            # Somebody else's offer answers as if it were not there.
            must((await repository.load_offers(session, context.actor, [key])).get(key))
            reply = await replying.accept_or_substitute(
                session, context.actor, key, now=context.now, any_home=input.any_home
            )
            return OfferReplyPayload(reply=await _show(info, session, reply))

    @mutation(
        AcceptPlanPayload,
        description="Say yes to every home of a plan: those that are still open become yours. "
        "Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def accept_plan(
        self,
        info: Info,
        input: Annotated[
            AcceptPlanInput, strawberry.argument(description="A yes or a no to a whole plan.")
        ],
    ) -> AcceptPlanPayload:
        key = find_id(input.ask_id, "Ask")
        context = info.context
        async with context.begin() as session:
            rows = await replying.accept_plan(session, context.actor, key, now=context.now)
            return AcceptPlanPayload(replies=[await _show(info, session, row) for row in rows])

    @mutation(
        OfferReplyPayload,
        description="Take a home of the menu. When it is gone, the best open one is put forward. "
        "Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def take_home(
        self,
        info: Info,
        input: Annotated[
            TakeHomeInput, strawberry.argument(description="A yes to a home of the menu.")
        ],
    ) -> OfferReplyPayload:
        volunteer = find_id(input.volunteer_id, "Volunteer")
        home = find_id(input.home_id, "OfferedHome")
        context = info.context
        async with context.begin() as session:
            reply = await replying.take_home(
                session, context.actor, volunteer, home, now=context.now
            )
            return OfferReplyPayload(reply=await _show(info, session, reply))

    @mutation(
        TakeBestPayload,
        description="Take whatever is best for you now. Saying it again takes one more home.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def take_best_home(
        self,
        info: Info,
        input: Annotated[
            TakeBestInput, strawberry.argument(description="A yes to whatever is best now.")
        ],
    ) -> TakeBestPayload:
        key = find_id(input.volunteer_id, "Volunteer")
        context = info.context
        async with context.begin() as session:
            reply = await replying.take_best(session, context.actor, key, now=context.now)
            return TakeBestPayload(
                reply=None if reply is None else await _show(info, session, reply)
            )

    @mutation(
        DeclineOfferPayload,
        description="Say no to an offer; others are asked. Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def decline_offer(
        self,
        info: Info,
        input: Annotated[DeclineOfferInput, strawberry.argument(description="A no to one offer.")],
    ) -> DeclineOfferPayload:
        key = find_id(input.offer_id, "Offer")
        context = info.context
        async with context.begin() as session:
            must((await repository.load_offers(session, context.actor, [key])).get(key))
            row = await say_no(
                session, context.actor, key, now=context.now, reason=_word(input.reason)
            )
            return DeclineOfferPayload(offer=Offer.of(row))

    @mutation(
        DeclinePlanPayload,
        description="Say no to every home of a plan that is unanswered. Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def decline_plan(
        self,
        info: Info,
        input: Annotated[
            DeclinePlanInput, strawberry.argument(description="A no to every home of a plan.")
        ],
    ) -> DeclinePlanPayload:
        key = find_id(input.ask_id, "Ask")
        context = info.context
        async with context.begin() as session:
            count = await replying.decline_plan(
                session, context.actor, key, now=context.now, reason=_word(input.reason)
            )
        return DeclinePlanPayload(declined_count=count)

    @mutation(
        NotTodayPayload,
        description="End the messages of this storm. What you agreed to stays, and a later yes "
        "still counts. Saying it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def say_not_today(
        self,
        info: Info,
        input: Annotated[
            NotTodayInput, strawberry.argument(description="No more messages in this storm.")
        ],
    ) -> NotTodayPayload:
        key = find_id(input.volunteer_id, "Volunteer")
        storm = find_optional_id(input.storm_id, "Storm")
        context = info.context
        async with context.begin() as session:
            await replying.say_not_today(
                session, context.actor, key, now=context.now, storm_id=storm
            )
        return NotTodayPayload(volunteer_id=relay.GlobalID("Volunteer", str(key)))

    @mutation(
        SendProposalsPayload,
        description="Let the planned offers of a community be sent, where staff look at them "
        "first. Saying it twice is fine.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def send_proposals(
        self,
        info: Info,
        input: Annotated[
            SendProposalsInput,
            strawberry.argument(description="The proposals of a community that wait for staff."),
        ],
    ) -> SendProposalsPayload:
        key = find_id(input.community_id, "Community")
        context = info.context
        async with context.begin() as session:
            count = await send_proposals(session, context.actor, key, now=context.now)
        return SendProposalsPayload(ask_count=count)

    @mutation(
        StrikeProposalPayload,
        description="Take one planned message out before it is sent, with its offers. Doing it "
        "twice is fine.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def strike_proposal(
        self,
        info: Info,
        input: Annotated[
            StrikeProposalInput,
            strawberry.argument(description="A proposal that is not to be sent."),
        ],
    ) -> StrikeProposalPayload:
        key = find_id(input.ask_id, "Ask")
        context = info.context
        async with context.begin() as session:
            await strike_proposal(session, context.actor, key, now=context.now)
        return StrikeProposalPayload(ask_id=relay.GlobalID("Ask", str(key)))


def _word(reason: NoReason | None) -> str | None:
    return None if reason is None else reason.value


async def _show(info: Info, session: Session, reply: Reply) -> OfferReply:
    work = None
    if reply.work is not None:
        key: UUID = reply.work.id
        rows: dict[UUID, Any] = await repository.load_assignments(
            session, info.context.actor, [key]
        )
        work = Assignment.of(rows[key])
    return OfferReply(
        outcome=reply.outcome,
        offer=Offer.of(reply.offer),
        assignment=work,
        substitute=None if reply.substitute is None else Offer.of(reply.substitute),
    )
