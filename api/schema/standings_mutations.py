"""Making and settling pledges, deciding whether one is seen, and what badges are given for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import InvalidArgument, aware, aware_or_none, plain_text
from api.schema.context import Info
from api.schema.nodes import find_id, find_optional_id
from api.schema.operations import mutation
from api.schema.standings import StandingChoice
from api.schema.standings_badges import BadgeRule
from api.schema.standings_pledges import Pledge, PledgeTemplate
from campaigns.standings import badges, choices, pledging
from campaigns.standings.kinds import BadgeKind
from campaigns.standings.models import ALIAS_LENGTH
from people.models import NAME_LENGTH

WRITE = "campaigns:write"


@strawberry.input(description="Words in one language.")
class StandingLabelInput:
    language: str = strawberry.field(description="`en` or `es`; English must be there.")
    text: str = strawberry.field(description="The words, at most 200 letters.")


@strawberry.input(description="Something that people may promise.")
class AddPledgeTemplateInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The campaign.")
    code: str = strawberry.field(description="A code word, such as `bike_to_work`.")
    labels: list[StandingLabelInput] = strawberry.field(description="The words, by language.")
    unit: str = strawberry.field(description="What amounts count, such as `rides`.")
    suggested_amount: float = strawberry.field(description="What most may want to promise.")
    max_amount: float = strawberry.field(description="The most that one can promise.")


@strawberry.input(description="Something that is to be offered no more.")
class ClosePledgeTemplateInput:
    template_id: relay.GlobalID = strawberry.field(description="What may be promised.")


@strawberry.input(description="A promise of yours.")
class MakePledgeInput:
    template_id: relay.GlobalID = strawberry.field(description="What you promise.")
    amount: float = strawberry.field(description="How much, in the unit of the template.")
    for_household: bool = strawberry.field(
        default=False, description="Whether it is for all of your home."
    )
    shows_name: bool = strawberry.field(
        default=False, description="Whether your first name may stand on the public wall."
    )
    remind_at: datetime | None = strawberry.field(
        default=None, description="When to remind you, once; null for never."
    )


@strawberry.input(description="What came of a promise of yours.")
class SettlePledgeInput:
    pledge_id: relay.GlobalID = strawberry.field(description="The pledge.")
    kept_amount: float = strawberry.field(description="How much you did; 0 is nothing yet.")


@strawberry.input(description="A promise that you take back.")
class WithdrawPledgeInput:
    pledge_id: relay.GlobalID = strawberry.field(description="The pledge.")


@strawberry.input(description="Whether your name stands on the wall for a pledge.")
class ShowPledgeNameInput:
    pledge_id: relay.GlobalID = strawberry.field(description="The pledge.")
    shows_name: bool = strawberry.field(description="Whether your first name may stand there.")


@strawberry.input(description="Somebody who does not want to be on boards.")
class OptOutOfBoardsInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="For staff who were told by somebody; null is yourself."
    )


@strawberry.input(description="Where you want to be counted again.")
class OptInToBoardsInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")


@strawberry.input(description="What you want to be called on boards of people.")
class ChooseBoardAliasInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    alias: str | None = strawberry.field(
        description="3 to 30 letters, and not your name; null takes you off boards of people."
    )


@strawberry.input(description="For what a badge is given.")
class AddBadgeRuleInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    code: str = strawberry.field(description="A code word, such as `three_weeks`.")
    kind: BadgeKind = strawberry.field(description="What it is given for.")
    threshold: int = strawberry.field(default=1, description="For how many of these.")
    labels: list[StandingLabelInput] = strawberry.field(description="Its name, by language.")
    valid_from: datetime = strawberry.field(description="What was done from then on counts.")
    valid_until: datetime | None = strawberry.field(
        default=None, description="What is done later does not count; null is for good."
    )
    campaign_id: relay.GlobalID | None = strawberry.field(
        default=None, description="The campaign that counts; null counts all."
    )


@strawberry.input(description="A badge that is to be given no more.")
class EndBadgeRuleInput:
    badge_rule_id: relay.GlobalID = strawberry.field(description="The rule.")


@strawberry.type(description="What may be promised, as it stands now.")
class PledgeTemplatePayload:
    template: PledgeTemplate = strawberry.field(description="What may be promised.")


@strawberry.type(description="A pledge as it stands now.")
class PledgePayload:
    pledge: Pledge = strawberry.field(description="The pledge.")


@strawberry.type(description="What somebody decided about boards, as it stands now.")
class StandingChoicePayload:
    choice: StandingChoice = strawberry.field(description="The choice.")


@strawberry.type(description="For what a badge is given, as it stands now.")
class BadgeRulePayload:
    badge_rule: BadgeRule = strawberry.field(description="The rule.")


def _labels(given: list[StandingLabelInput]) -> dict[str, str]:
    if len({label.language for label in given}) != len(given):
        raise InvalidArgument("labels must have each language once.")
    return {
        label.language: plain_text("labels", label.text, longest=NAME_LENGTH) for label in given
    }


@strawberry.type
class PledgeMutation:
    @mutation(
        PledgeTemplatePayload,
        description="Let people promise something in a campaign. For its team and managers.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def add_pledge_template(
        self,
        info: Info,
        input: Annotated[
            AddPledgeTemplateInput, strawberry.argument(description="What may be promised.")
        ],
    ) -> PledgeTemplatePayload:
        command = pledging.AddTemplate(
            campaign_id=find_id(input.campaign_id, "Campaign"),
            code=input.code,
            labels=_labels(input.labels),
            unit=input.unit,
            suggested_amount=input.suggested_amount,
            max_amount=input.max_amount,
        )
        async with info.context.begin() as session:
            row = await pledging.add_template(
                session, info.context.actor, command, now=info.context.now
            )
        return PledgeTemplatePayload(template=PledgeTemplate.of(row))

    @mutation(
        PledgeTemplatePayload,
        description="Offer something no more; what was promised stands. For the campaign's team "
        "and managers. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def close_pledge_template(
        self,
        info: Info,
        input: Annotated[
            ClosePledgeTemplateInput, strawberry.argument(description="What may be promised.")
        ],
    ) -> PledgeTemplatePayload:
        async with info.context.begin() as session:
            row = await pledging.close_template(
                session,
                info.context.actor,
                find_id(input.template_id, "PledgeTemplate"),
                now=info.context.now,
            )
        return PledgeTemplatePayload(template=PledgeTemplate.of(row))

    @mutation(
        PledgePayload,
        description="Promise something. The same promise again is one and the same.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def make_pledge(
        self,
        info: Info,
        input: Annotated[MakePledgeInput, strawberry.argument(description="The promise.")],
    ) -> PledgePayload:
        command = pledging.MakePledge(
            template_id=find_id(input.template_id, "PledgeTemplate"),
            amount=input.amount,
            for_household=input.for_household,
            shows_name=input.shows_name,
            remind_at=aware_or_none("remindAt", input.remind_at),
        )
        async with info.context.begin() as session:
            row = await pledging.make_pledge(
                session, info.context.actor, command, now=info.context.now
            )
        return PledgePayload(pledge=Pledge.of(row))

    @mutation(
        PledgePayload,
        description="Say how much of a promise of yours you have done. May be said anew.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def settle_pledge(
        self,
        info: Info,
        input: Annotated[SettlePledgeInput, strawberry.argument(description="What came of it.")],
    ) -> PledgePayload:
        async with info.context.begin() as session:
            row = await pledging.settle_pledge(
                session,
                info.context.actor,
                find_id(input.pledge_id, "Pledge"),
                input.kept_amount,
                now=info.context.now,
            )
        return PledgePayload(pledge=Pledge.of(row))

    @mutation(
        PledgePayload,
        description="Take a promise of yours back. Nobody asks why; doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def withdraw_pledge(
        self,
        info: Info,
        input: Annotated[WithdrawPledgeInput, strawberry.argument(description="The pledge.")],
    ) -> PledgePayload:
        async with info.context.begin() as session:
            row = await pledging.withdraw_pledge(
                session,
                info.context.actor,
                find_id(input.pledge_id, "Pledge"),
                now=info.context.now,
            )
        return PledgePayload(pledge=Pledge.of(row))

    @mutation(
        PledgePayload,
        description="Let your first name stand on the public wall, or take it away at once.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def show_pledge_name(
        self,
        info: Info,
        input: Annotated[ShowPledgeNameInput, strawberry.argument(description="Your choice.")],
    ) -> PledgePayload:
        async with info.context.begin() as session:
            row = await pledging.show_name(
                session,
                info.context.actor,
                find_id(input.pledge_id, "Pledge"),
                shows_name=input.shows_name,
                now=info.context.now,
            )
        return PledgePayload(pledge=Pledge.of(row))


@strawberry.type
class StandingsMutation:
    @mutation(
        StandingChoicePayload,
        description="Be on no board, wall or list of a community, from this moment on: yourself, "
        "or, for staff, somebody who said so. Alias and badges go. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def opt_out_of_boards(
        self,
        info: Info,
        input: Annotated[OptOutOfBoardsInput, strawberry.argument(description="Who, and where.")],
    ) -> StandingChoicePayload:
        key = find_id(input.community_id, "Community")
        person_id = find_optional_id(input.person_id, "Person") or info.context.actor.person_id
        if person_id is None:
            raise InvalidArgument("personId must name somebody.")
        async with info.context.begin() as session:
            row = await choices.opt_out(
                session, info.context.actor, key, person_id, now=info.context.now
            )
        return StandingChoicePayload(choice=StandingChoice.of(key, row))

    @mutation(
        StandingChoicePayload,
        description="Be counted again from the next boards on. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def opt_in_to_boards(
        self,
        info: Info,
        input: Annotated[OptInToBoardsInput, strawberry.argument(description="Where.")],
    ) -> StandingChoicePayload:
        key = find_id(input.community_id, "Community")
        async with info.context.begin() as session:
            row = await choices.opt_in(session, info.context.actor, key, now=info.context.now)
        return StandingChoicePayload(choice=StandingChoice.of(key, row))

    @mutation(
        StandingChoicePayload,
        description="Be on boards of people under an alias, or, without one, on none.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def choose_board_alias(
        self,
        info: Info,
        input: Annotated[ChooseBoardAliasInput, strawberry.argument(description="The alias.")],
    ) -> StandingChoicePayload:
        key = find_id(input.community_id, "Community")
        alias = input.alias
        if alias is not None:
            alias = plain_text("alias", alias, longest=4 * ALIAS_LENGTH)
        async with info.context.begin() as session:
            row = await choices.choose_alias(
                session, info.context.actor, key, alias, now=info.context.now
            )
        return StandingChoicePayload(choice=StandingChoice.of(key, row))

    @mutation(
        BadgeRulePayload,
        description="Give a badge for something. For managers.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def add_badge_rule(
        self,
        info: Info,
        input: Annotated[AddBadgeRuleInput, strawberry.argument(description="The rule.")],
    ) -> BadgeRulePayload:
        command = badges.AddBadgeRule(
            community_id=find_id(input.community_id, "Community"),
            code=input.code,
            kind=input.kind,
            threshold=input.threshold,
            labels=_labels(input.labels),
            valid_from=aware("validFrom", input.valid_from),
            valid_until=aware_or_none("validUntil", input.valid_until),
            campaign_id=find_optional_id(input.campaign_id, "Campaign"),
        )
        async with info.context.begin() as session:
            row = await badges.add_badge_rule(
                session, info.context.actor, command, now=info.context.now
            )
        return BadgeRulePayload(badge_rule=BadgeRule.of(row))

    @mutation(
        BadgeRulePayload,
        description="Count nothing more for a badge; whoever has it keeps it. For managers.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def end_badge_rule(
        self,
        info: Info,
        input: Annotated[EndBadgeRuleInput, strawberry.argument(description="The rule.")],
    ) -> BadgeRulePayload:
        async with info.context.begin() as session:
            row = await badges.end_badge_rule(
                session,
                info.context.actor,
                find_id(input.badge_rule_id, "BadgeRule"),
                now=info.context.now,
            )
        return BadgeRulePayload(badge_rule=BadgeRule.of(row))
