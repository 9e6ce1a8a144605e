"""Writing mailings, sending them, and what may be done while they go out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import aware_or_none, plain_text
from api.schema.context import Info
from api.schema.mailing_words import MailingTextInput, read_input
from api.schema.mailings import Mailing, MailingSettings
from api.schema.nodes import find_id
from api.schema.operations import mutation
from campaigns.mailings import approving, composing, settings
from campaigns.mailings.kinds import Variant
from people.kinds import Purpose
from people.models import NAME_LENGTH

WRITE = "campaigns:write"


@strawberry.input(description="What a mailing says, to whom, and how it goes out.")
class MailingInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose mailing it is.")
    segment_version_id: relay.GlobalID = strawberry.field(
        description="To whom: a version of a segment."
    )
    title: str = strawberry.field(description="What staff call it.")
    texts: list[MailingTextInput] = strawberry.field(
        description="English, Spanish or both; a comparison has them in two variants."
    )
    purpose: Purpose = strawberry.field(
        default=Purpose.CAMPAIGNS, description="The consent it rests on: campaigns or programmes."
    )
    campaign_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The campaign that it belongs to, whose team may send it."
    )
    rate_per_min: int = strawberry.field(default=120, description="People a minute, 1 to 6,000.")
    despite_storm: bool = strawberry.field(
        default=False, description="Send it during an active storm too."
    )
    accepts_fallback: bool = strawberry.field(
        default=False, description="People whose language is missing get the other one."
    )
    sample_size: int | None = strawberry.field(
        default=None, description="People of each variant of a comparison, at least 50."
    )
    wait_s: int = strawberry.field(
        default=86_400,
        description="Seconds from the last of the sample to the result: one hour to 14 days.",
    )


@strawberry.input(description="A draft as it shall be.")
class ChangeMailingInput:
    mailing_id: relay.GlobalID = strawberry.field(description="Which draft.")
    mailing: MailingInput = strawberry.field(description="All of it, as it shall be.")


@strawberry.input(description="A mailing to act on.")
class MailingIdInput:
    mailing_id: relay.GlobalID = strawberry.field(description="Which mailing.")


@strawberry.input(description="A draft that shall go out.")
class SendMailingInput:
    mailing_id: relay.GlobalID = strawberry.field(description="Which draft.")
    starts_at: datetime | None = strawberry.field(
        default=None, description="When; at once without. People's quiet hours hold anyway."
    )
    send_again: bool = strawberry.field(
        default=False,
        description="Although the same words went to the same people within 24 hours.",
    )
    everybody: bool = strawberry.field(
        default=False, description="It is meant for more than 80 of 100 members."
    )


@strawberry.input(description="What the rest of a comparison's list gets.")
class ChooseMailingVariantInput:
    mailing_id: relay.GlobalID = strawberry.field(description="Which mailing.")
    variant: Variant = strawberry.field(description="Which wording.")


@strawberry.input(description="How often people hear from a programme, and what is counted.")
class ChangeMailingSettingsInput:
    community_id: relay.GlobalID = strawberry.field(description="Which community.")
    counts_opens: bool = strawberry.field(
        default=False,
        description="Let mails carry a picture that tells when they are opened; they say so.",
    )
    week_budget: int = strawberry.field(
        default=3, description="Messages of all senders in seven days, 1 to 50."
    )
    gap_s: int = strawberry.field(
        default=3_600, description="Seconds of peace before a mailing, up to 30 days."
    )


@strawberry.type(description="A mailing was written, sent or stopped.")
class MailingPayload:
    mailing: Mailing = strawberry.field(description="The mailing as it is now.")


@strawberry.type(description="Test mails are on their way to you.")
class TestMailingPayload:
    sent_count: int = strawberry.field(description="How many: one for each text.")


@strawberry.type(description="The settings of mailings were changed.")
class MailingSettingsPayload:
    settings: MailingSettings = strawberry.field(description="What holds now.")


@strawberry.type
class MailingMutation:
    @mutation(MailingPayload, description="Keep a new draft.", who=Who.SIGNED_IN, scope=WRITE)
    async def create_mailing(
        self,
        info: Info,
        input: Annotated[MailingInput, strawberry.argument(description="What it says.")],
    ) -> MailingPayload:
        command = _read(input)
        async with info.context.begin() as session:
            row = await composing.create_mailing(
                session, info.context.actor, command, now=info.context.now
            )
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(MailingPayload, description="Write a draft anew.", who=Who.SIGNED_IN, scope=WRITE)
    async def change_mailing(
        self,
        info: Info,
        input: Annotated[ChangeMailingInput, strawberry.argument(description="As it shall be.")],
    ) -> MailingPayload:
        key, command = find_id(input.mailing_id, "Mailing"), _read(input.mailing)
        async with info.context.begin() as session:
            row = await composing.change_mailing(
                session, info.context.actor, key, command, now=info.context.now
            )
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(
        TestMailingPayload,
        description="Send every text to yourself; ten in an hour. It counts nowhere.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def test_mailing(
        self,
        info: Info,
        input: Annotated[MailingIdInput, strawberry.argument(description="Which.")],
    ) -> TestMailingPayload:
        rows = await _act(info, composing.send_test, input.mailing_id)
        return TestMailingPayload(sent_count=len(rows))

    @mutation(
        MailingPayload,
        description="Let a draft go out, now or at a moment. Of two who do so at once one sends, "
        "and the other hears `already_sent`.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def send_mailing(
        self,
        info: Info,
        input: Annotated[SendMailingInput, strawberry.argument(description="Which, and when.")],
    ) -> MailingPayload:
        command = approving.ApproveMailing(
            mailing_id=find_id(input.mailing_id, "Mailing"),
            starts_at=aware_or_none("startsAt", input.starts_at),
            send_again=input.send_again,
            everybody=input.everybody,
        )
        async with info.context.begin() as session:
            row = await approving.approve_mailing(
                session, info.context.actor, command, now=info.context.now
            )
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(
        MailingPayload,
        description="Send nothing more until somebody says so. Once more is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def pause_mailing(
        self,
        info: Info,
        input: Annotated[MailingIdInput, strawberry.argument(description="Which.")],
    ) -> MailingPayload:
        row = await _act(info, approving.pause_mailing, input.mailing_id)
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(
        MailingPayload,
        description="Go on where it was paused. Once more is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def resume_mailing(
        self,
        info: Info,
        input: Annotated[MailingIdInput, strawberry.argument(description="Which.")],
    ) -> MailingPayload:
        row = await _act(info, approving.resume_mailing, input.mailing_id)
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(
        MailingPayload,
        description="Send nothing more, for good. Once more is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def cancel_mailing(
        self,
        info: Info,
        input: Annotated[MailingIdInput, strawberry.argument(description="Which.")],
    ) -> MailingPayload:
        row = await _act(info, approving.cancel_mailing, input.mailing_id)
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(
        MailingPayload,
        description="Decide what the rest gets after a comparison that showed no difference.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def choose_mailing_variant(
        self,
        info: Info,
        input: Annotated[ChooseMailingVariantInput, strawberry.argument(description="Which.")],
    ) -> MailingPayload:
        row = await _act(info, approving.choose_variant, input.mailing_id, input.variant)
        return MailingPayload(mailing=Mailing.of(row))

    @mutation(
        MailingSettingsPayload,
        description="Decide how often people hear from a programme, and what is counted.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def change_mailing_settings(
        self,
        info: Info,
        input: Annotated[
            ChangeMailingSettingsInput, strawberry.argument(description="What shall hold.")
        ],
    ) -> MailingSettingsPayload:
        command = settings.ChangeSettings(
            community_id=find_id(input.community_id, "Community"),
            counts_opens=input.counts_opens,
            week_budget=input.week_budget,
            gap_s=input.gap_s,
        )
        async with info.context.begin() as session:
            row = await settings.change_settings(
                session, info.context.actor, command, now=info.context.now
            )
        return MailingSettingsPayload(settings=MailingSettings.of(row))


def _read(given: MailingInput) -> composing.WriteMailing:
    return composing.WriteMailing(
        community_id=find_id(given.community_id, "Community"),
        segment_version_id=find_id(given.segment_version_id, "SegmentVersion"),
        purpose=given.purpose,
        title=plain_text("title", given.title, longest=NAME_LENGTH),
        texts=read_input(given.texts),
        campaign_id=None if given.campaign_id is None else find_id(given.campaign_id, "Campaign"),
        rate_per_min=given.rate_per_min,
        despite_storm=given.despite_storm,
        accepts_fallback=given.accepts_fallback,
        sample_size=given.sample_size,
        wait_s=given.wait_s,
    )


async def _act(
    info: Info, act: Callable[..., Awaitable[Any]], mailing_id: relay.GlobalID, *args: Any
) -> Any:
    """Do one thing with one mailing."""
    key = find_id(mailing_id, "Mailing")
    async with info.context.begin() as session:
        return await act(session, info.context.actor, key, *args, now=info.context.now)
