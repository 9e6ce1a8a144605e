"""Results of campaigns: every figure for those who run them, the published ones for everybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema import result_words  # noqa: F401 - the enums must be described first
from api.schema.access import Who
from api.schema.campaigns import READ
from api.schema.context import Info
from api.schema.effects import MeasuredEffect
from api.schema.nodes import find_id
from api.schema.operations import mutation, query
from campaigns.programmes.repository import get_campaign
from campaigns.results import figures
from campaigns.results.advice_words import say_advice, say_note
from campaigns.results.effect_words import say_cost, say_measured, say_verdict
from campaigns.results.kinds import Measure, NextStep, NoCost, NoEffect, Outcome, Quality, UnitKind
from campaigns.results.page import HERE
from campaigns.results.publishing import Read, publish_results, read_results, withdraw_results
from core.errors import NotFound
from core.i18n import Translator

WRITE = "campaigns:write"
HIDDEN = "Empty when it is not known, or would tell of fewer than five people."


@strawberry.type(description="How many people a campaign came to.")
class ResultReach:
    told_count: int | None = strawberry.field(
        description=f"People to whom a message of the campaign was sent. {HIDDEN}"
    )
    joined_count: int | None = strawberry.field(description=f"People who take part. {HIDDEN}")
    active_count: int | None = strawberry.field(
        description=f"Of those, people who did something that is counted. {HIDDEN}"
    )


@strawberry.type(description="Homes that took part, of all addresses of a neighbourhood.")
class ResultArea:
    area: str = strawberry.field(description="Its name; empty for all of them together.")
    is_target: bool = strawberry.field(description="Whether the campaign is for it.")
    address_count: int = strawberry.field(description="Addresses of the city pack.")
    home_count: int | None = strawberry.field(
        description="Homes with somebody who takes part; empty where it would tell of few people."
    )
    share: float | None = strawberry.field(description="The share, from 0 to 1.")
    low: float | None = strawberry.field(description="The lower end of Wilson's interval, 95 %.")
    high: float | None = strawberry.field(description="Its upper end.")

    @classmethod
    def of(cls, row: figures.AreaFigures) -> ResultArea:
        return cls(
            area=row.area,
            is_target=row.is_target,
            address_count=row.address_count,
            home_count=row.home_count,
            share=row.share,
            low=row.low,
            high=row.high,
        )


@strawberry.type(description="Who took part, by neighbourhood.")
class ResultParticipation:
    whole: ResultArea = strawberry.field(description="All neighbourhoods of the campaign.")
    areas: list[ResultArea] = strawberry.field(
        description="Each neighbourhood of the city.", metadata={"items": 15}
    )
    source: str = strawberry.field(description="Where the numbers of addresses come from.")

    @classmethod
    def of(cls, told: figures.Participation) -> ResultParticipation:
        return cls(
            whole=ResultArea.of(told.whole),
            areas=[ResultArea.of(row) for row in told.areas],
            source=told.source,
        )


@strawberry.type(description="Means of one week.")
class ResultWeek:
    starts_on: date = strawberry.field(description="The first day of the week.")
    is_during: bool = strawberry.field(description="Whether the campaign was under way.")
    with_campaign: float | None = strawberry.field(
        description="Mean of those that took part; empty when none was counted."
    )
    without_campaign: float | None = strawberry.field(
        description="Mean of those compared with; empty when none was counted."
    )


@strawberry.type(description="One measure of a campaign: what changed, and what may be said.")
class CampaignEffect:
    measure: Measure = strawberry.field(description="What was measured.")
    is_main: bool = strawberry.field(
        description="Whether it was chosen before the campaign; others are looked at beside it."
    )
    unit: UnitKind = strawberry.field(description="What is compared with what.")
    verdict: str = strawberry.field(description="What may be said, in a few words.")
    sentence: str = strawberry.field(
        description="What was measured, with its interval, and what could not have been seen."
    )
    effect: MeasuredEffect | None = strawberry.field(
        description="The figures; empty when nothing can be said."
    )
    reason: NoEffect | None = strawberry.field(description="Why nothing can be said.")
    is_wanted: bool | None = strawberry.field(
        description="Whether the change goes the wanted way; empty when none was shown."
    )
    weeks: list[ResultWeek] = strawberry.field(
        description="Week by week, at most 240.", metadata={"items": 30}
    )

    @classmethod
    def of(cls, measured: figures.MeasuredEffect, speaker: Translator) -> CampaignEffect:
        return cls(
            measure=measured.measure,
            is_main=measured.is_main,
            unit=measured.unit_kind,
            verdict=say_verdict(speaker, measured),
            sentence=say_measured(speaker, measured),
            effect=None if measured.effect is None else MeasuredEffect.of(measured.effect),
            reason=measured.reason,
            is_wanted=measured.is_good,
            weeks=[
                ResultWeek(
                    starts_on=point.starts_on,
                    is_during=point.phase == "during",
                    with_campaign=point.units,
                    without_campaign=point.controls,
                )
                for point in measured.series
            ],
        )


@strawberry.type(description="What one outcome cost, or why that cannot be said.")
class ResultCost:
    outcome: Outcome = strawberry.field(description="The outcome.")
    sentence: str = strawberry.field(description="The cost in words.")
    cents: float | None = strawberry.field(description="Its cost in cents.")
    low_cents: float | None = strawberry.field(
        description="The lower end of its interval; empty for people, who are counted."
    )
    high_cents: float | None = strawberry.field(description="The upper end of its interval.")
    reason: NoCost | None = strawberry.field(description="Why it cannot be said.")

    @classmethod
    def of(cls, cost: figures.Cost, speaker: Translator) -> ResultCost:
        return cls(
            outcome=cost.outcome,
            sentence=say_cost(speaker, cost),
            cents=cost.cents,
            low_cents=cost.low_cents,
            high_cents=cost.high_cents,
            reason=cost.reason,
        )


@strawberry.type(description="What to do next, and the figures that say so.")
class ResultAdvice:
    code: NextStep = strawberry.field(description="What kind of advice it is.")
    area: str | None = strawberry.field(description="The neighbourhood that it is about.")
    what: str = strawberry.field(description="What to do.")
    why: str = strawberry.field(description="The figures that say so.")

    @classmethod
    def of(cls, advice: figures.Advice, speaker: Translator) -> ResultAdvice:
        told = say_advice(speaker, advice)
        return cls(code=advice.code, area=advice.area, what=told.what, why=told.why)


@strawberry.type(description="Something that one should know about the data.")
class ResultNote:
    code: Quality = strawberry.field(description="What kind of note it is.")
    count: int = strawberry.field(description="How many; 0 where nothing is counted.")
    sentence: str = strawberry.field(description="The note in words.")

    @classmethod
    def of(cls, note: figures.QualityNote, speaker: Translator) -> ResultNote:
        return cls(code=note.code, count=note.count, sentence=say_note(speaker, note))


@strawberry.type(
    description="What a campaign achieved. Staff and its team see every figure as it is now, all "
    "others what was published, as it was then and without groups of fewer than five people."
)
class CampaignResults:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    is_public: bool = strawberry.field(description="Whether these are the published figures.")
    computed_at: datetime = strawberry.field(description="As of when they are.")
    published_at: datetime | None = strawberry.field(
        description="When figures of the campaign were last published; empty when none are public."
    )
    reach: ResultReach = strawberry.field(description="How many people it came to.")
    participation: ResultParticipation | None = strawberry.field(
        description="Who took part, by neighbourhood; empty when the city pack has no addresses."
    )
    effects: list[CampaignEffect] = strawberry.field(
        description="What changed; the measure that decides first.", metadata={"items": 6}
    )
    costs: list[ResultCost] = strawberry.field(
        description="What each outcome cost.", metadata={"items": 5}
    )
    advice: list[ResultAdvice] = strawberry.field(
        description="What to do next.", metadata={"items": 6}
    )
    notes: list[ResultNote] = strawberry.field(
        description="What one should know about the data.", metadata={"items": 6}
    )

    @classmethod
    def of(cls, read: Read, language: str) -> CampaignResults:
        told = read.results
        speaker = Translator(language, HERE, time_zone=told.about.time_zone)
        return cls(
            campaign_id=relay.GlobalID("Campaign", str(read.campaign.id)),
            is_public=told.is_public,
            computed_at=told.computed_at,
            published_at=read.published_at,
            reach=ResultReach(
                told_count=told.reach.told_count,
                joined_count=told.reach.joined_count,
                active_count=told.reach.active_count,
            ),
            participation=None
            if told.participation is None
            else ResultParticipation.of(told.participation),
            effects=[CampaignEffect.of(effect, speaker) for effect in told.effects],
            costs=[ResultCost.of(cost, speaker) for cost in told.costs],
            advice=[ResultAdvice.of(advice, speaker) for advice in told.advice],
            notes=[ResultNote.of(note, speaker) for note in told.notes],
        )


Language = Annotated[
    str, strawberry.argument(description="Of the sentences, `en` or `es`; others give English.")
]


@strawberry.type
class CampaignResultsQuery:
    @query(
        description="What a campaign achieved; empty when nothing of it is public and you do not "
        "work for it.",
        who=Who.EVERYBODY,
        scope=READ,
        metadata={"cost": 50},
    )
    async def campaign_results(
        self,
        info: Info,
        campaign_id: Annotated[relay.GlobalID, strawberry.argument(description="The `Campaign`.")],
        language: Language = "en",
    ) -> CampaignResults | None:
        key = find_id(campaign_id, "Campaign")
        return await _find(info, key, language)


async def _find(info: Info, key: UUID, language: str) -> CampaignResults | None:
    context = info.context
    async with context.read() as session:
        try:
            campaign = await get_campaign(session, context.actor, key)
            read = await read_results(session, context.actor, campaign, now=context.now)
        except NotFound:
            return None
        return CampaignResults.of(read, language)


@strawberry.input(description="Whose figures everybody shall see as they are now.")
class PublishCampaignResultsInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.input(description="Whose figures shall not be public any more.")
class WithdrawCampaignResultsInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.type(description="What everybody sees now.")
class PublishCampaignResultsPayload:
    results: CampaignResults = strawberry.field(description="The figures as they are public.")


@strawberry.type(description="Whose figures are not public.")
class WithdrawCampaignResultsPayload:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.type
class CampaignResultsMutation:
    @mutation(
        PublishCampaignResultsPayload,
        description="Let everybody see a campaign's figures as they are now, without groups of "
        "fewer than five people. Again, it replaces what was public. For managers, and owners and "
        "editors of the campaign.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def publish_campaign_results(
        self,
        info: Info,
        input: Annotated[
            PublishCampaignResultsInput, strawberry.argument(description="Which campaign.")
        ],
    ) -> PublishCampaignResultsPayload:
        key = find_id(input.campaign_id, "Campaign")
        async with info.context.begin() as session:
            read = await publish_results(session, info.context.actor, key, now=info.context.now)
            return PublishCampaignResultsPayload(results=CampaignResults.of(read, "en"))

    @mutation(
        WithdrawCampaignResultsPayload,
        description="Take published figures back; twice is as good as once. For managers, and "
        "owners and editors of the campaign.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def withdraw_campaign_results(
        self,
        info: Info,
        input: Annotated[
            WithdrawCampaignResultsInput, strawberry.argument(description="Which campaign.")
        ],
    ) -> WithdrawCampaignResultsPayload:
        key = find_id(input.campaign_id, "Campaign")
        async with info.context.begin() as session:
            await withdraw_results(session, info.context.actor, key, now=info.context.now)
        return WithdrawCampaignResultsPayload(
            campaign_id=relay.GlobalID("Campaign", str(key)),
        )
