"""Recruitment campaigns: whom a round lacks most, and who came."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import plain_text
from api.schema.context import Info
from api.schema.effects import MeasuredShare
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, find_optional_id
from api.schema.operations import mutation, query
from campaigns.recruiting import forecasts, repository, sign_ups
from campaigns.recruiting.kinds import ForecastStatus, FunnelStep
from campaigns.recruiting.models import RecruitingForecast as ForecastRow
from campaigns.recruiting.models import RecruitingSource as SourceRow
from campaigns.recruiting.models import RecruitingTarget as TargetRow
from campaigns.recruiting.words import Wanted, describe_all, describe_target
from core.i18n import LANGUAGES

READ, WRITE = "campaigns:read", "campaigns:write"
MAX_TEXT = 200

describe_enum(
    ForecastStatus,
    "How far a forecast is.",
    {
        "WAITING": "A worker will begin soon.",
        "RUNNING": "It is being worked out.",
        "DONE": "It is there.",
        "FAILED": "It could not be made; `reason` tells why.",
    },
)
describe_enum(
    FunnelStep,
    "How far somebody came who signed up.",
    {
        "SIGNED_UP": "They signed up.",
        "VETTING_PASSED": "They passed every check that one kind of help asks for.",
        "FIRST_TASK_DONE": "They did a first task.",
    },
)

CampaignId = Annotated[relay.GlobalID, strawberry.argument(description="The `Campaign`.")]


@strawberry.type(description="A sentence in one language.")
class Sentence:
    language: str = strawberry.field(description="`en` or `es`.")
    text: str = strawberry.field(description="The sentence.")


@strawberry.type(
    description="So many volunteers of one kind in one neighbourhood, and how many more residents "
    "they would serve."
)
class RecruitingTarget:
    rank: int = strawberry.field(description="1 is where they help most.")
    area: str | None = strawberry.field(description="The neighbourhood; empty is anywhere.")
    abilities: list[str] = strawberry.field(
        description="Codes of skills, tools and checks that they bring."
    )
    languages: list[str] = strawberry.field(
        description="Languages beyond what most volunteers speak."
    )
    volunteer_count: int = strawberry.field(description="How many are looked for.")
    promised_count: int = strawberry.field(
        description="Residents more by these volunteers alone: the least of several plans."
    )
    sentences: list[Sentence] = strawberry.field(description="The same in words.")

    @classmethod
    def of(cls, row: TargetRow) -> RecruitingTarget:
        wanted = Wanted(
            volunteer_count=row.volunteer_count,
            promised_count=row.promised_count,
            area=row.area,
            abilities=tuple(row.abilities),
            languages=tuple(row.languages),
            mode=row.mode,
        )
        return cls(
            rank=row.rank,
            area=row.area,
            abilities=list(row.abilities),
            languages=list(row.languages),
            volunteer_count=row.volunteer_count,
            promised_count=row.promised_count,
            sentences=[
                Sentence(language=language, text=describe_target(wanted, language))
                for language in LANGUAGES
            ],
        )


@strawberry.type(
    description="Whom a finished round lacks most, found by planning it again with people who do "
    "not exist."
)
class RecruitingForecast:
    id: strawberry.ID = strawberry.field(description="Its key.")
    round_id: relay.GlobalID = strawberry.field(description="The `Round` that was planned again.")
    status: ForecastStatus = strawberry.field(description="How far it is.")
    progress: float = strawberry.field(description="How much of the work is done, 0 to 1.")
    served_count: int = strawberry.field(description="Residents whom the round serves as it is.")
    unserved_count: int = strawberry.field(description="Residents whom it does not serve.")
    volunteer_count: int = strawberry.field(description="Volunteers of all targets.")
    promised_count: int = strawberry.field(
        description="Residents more when all targets are met, a tenth below what planning gave."
    )
    targets: list[RecruitingTarget] = strawberry.field(description="At most four.")
    sentences: list[Sentence] = strawberry.field(
        description="What all targets bring together, in words; empty until it is done."
    )
    reason: str | None = strawberry.field(
        description="Why it failed or has no targets, a code word such as `nobody_would_help`."
    )
    valid_until: datetime = strawberry.field(description="From then on it is out of date.")
    is_valid: bool = strawberry.field(description="Whether it still holds.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it was there.")

    @classmethod
    def of(cls, row: ForecastRow, now: datetime) -> RecruitingForecast:
        done = row.status is ForecastStatus.DONE
        share = row.steps_done_count / row.step_count if row.step_count else 0.0
        return cls(
            id=strawberry.ID(str(row.id)),
            round_id=relay.GlobalID("Round", str(row.round_id)),
            status=row.status,
            progress=1.0 if done else share,
            served_count=row.served_count,
            unserved_count=row.unserved_count,
            volunteer_count=row.volunteer_count,
            promised_count=row.promised_count,
            targets=[RecruitingTarget.of(target) for target in row.targets],
            sentences=[
                Sentence(
                    language=language,
                    text=describe_all(row.volunteer_count, row.promised_count, language),
                )
                for language in LANGUAGES
                if row.targets
            ],
            reason=row.reason,
            valid_until=row.valid_until_at,
            is_valid=done and now < row.valid_until_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )


@strawberry.type(description="A code on a link or a flyer by which people sign up.")
class RecruitingSource:
    code: str = strawberry.field(description="The code, as `campaignCode` of a sign-up.")
    label: str = strawberry.field(description="What staff call it.")

    @classmethod
    def of(cls, row: SourceRow) -> RecruitingSource:
        return cls(code=row.code, label=row.label)


@strawberry.type(description="One step of those who signed up.")
class RecruitingStep:
    step: FunnelStep = strawberry.field(description="Which step.")
    count: int = strawberry.field(description="How many reached it.")
    share: MeasuredShare | None = strawberry.field(
        description="Of those who signed up; empty while nobody has."
    )


@strawberry.type(description="Sign-ups by one source.")
class SourceCount:
    source: RecruitingSource = strawberry.field(description="The source.")
    count: int = strawberry.field(description="Sign-ups that came by it.")


@strawberry.type(
    description="How far people came whom a campaign brought. A source code decides for which "
    "campaign a sign-up counts; without one, the campaign that ran in that neighbourhood then."
)
class RecruitingFunnel:
    steps: list[RecruitingStep] = strawberry.field(description="Signed up, vetted, helped.")
    by_code_count: int = strawberry.field(description="Sign-ups by a source code.")
    by_area_count: int = strawberry.field(description="Sign-ups by neighbourhood and time.")
    by_source: list[SourceCount] = strawberry.field(description="By source, in order of codes.")
    cost_cents: int | None = strawberry.field(description="Cost so far; empty is not told.")
    cost_per_first_task_cents: int | None = strawberry.field(
        description="Cost by volunteer with a first task done; empty without either."
    )

    @classmethod
    def of(cls, told: sign_ups.Funnel) -> RecruitingFunnel:
        return cls(
            steps=[
                RecruitingStep(
                    step=one.step,
                    count=one.count,
                    share=None if one.share is None else MeasuredShare.of(one.share),
                )
                for one in told.steps
            ],
            by_code_count=told.by_code_count,
            by_area_count=told.by_area_count,
            by_source=[
                SourceCount(source=RecruitingSource.of(row), count=count)
                for row, count in told.by_source
            ],
            cost_cents=told.cost_cents,
            cost_per_first_task_cents=told.cost_per_first_task_cents,
        )


@strawberry.input(description="Whom a campaign shall look for.")
class RequestRecruitingForecastInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    round_id: relay.GlobalID | None = strawberry.field(
        description="A finished `Round`; the newest that keeps its problem when left out.",
        default=None,
    )
    most_volunteers: int = strawberry.field(
        description="No more than so many, 1 to 40.", default=forecasts.USUAL_VOLUNTEERS
    )
    seed: int = strawberry.field(description="The same seed finds the same.", default=0)


@strawberry.input(description="A code under which people sign up.")
class AddRecruitingSourceInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    code: str = strawberry.field(description="Small letters, digits, - and _: `library-flyer`.")
    label: str = strawberry.field(description="What staff call it.")


@strawberry.input(description="Whose sign-ups to count now.")
class CountRecruitedInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.type(description="The forecast will be made.")
class RequestRecruitingForecastPayload:
    forecast: RecruitingForecast = strawberry.field(description="The forecast.")


@strawberry.type(description="The source as it is now.")
class AddRecruitingSourcePayload:
    source: RecruitingSource = strawberry.field(description="The source.")


@strawberry.type(description="Sign-ups are counted up to this moment.")
class CountRecruitedPayload:
    funnel: RecruitingFunnel = strawberry.field(description="How far people came.")


@strawberry.type
class RecruitingQuery:
    @query(
        description="The forecasts of a recruitment campaign, the newest first, at most 20; for "
        "its team and staff.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def recruiting_forecasts(
        self, info: Info, campaign_id: CampaignId
    ) -> list[RecruitingForecast]:
        key = find_id(campaign_id, "Campaign")
        async with info.context.read() as session:
            await forecasts.read_inside(session, info.context.actor, key)
            rows = await repository.list_forecasts(session, key)
        return [RecruitingForecast.of(row, info.context.now) for row in rows]

    @query(
        description="How far people came whom a campaign brought, for its team and staff. Counted "
        "every hour.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def recruiting_funnel(self, info: Info, campaign_id: CampaignId) -> RecruitingFunnel:
        key = find_id(campaign_id, "Campaign")
        async with info.context.read() as session:
            await forecasts.read_inside(session, info.context.actor, key)
            told = await sign_ups.read_funnel(session, info.context.actor, key)
        return RecruitingFunnel.of(told)


@strawberry.type
class RecruitingMutation:
    @mutation(
        RequestRecruitingForecastPayload,
        description="Ask whom a campaign should look for; a worker plans a finished round again. "
        "For managers and the campaign's team, one at a time.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def request_recruiting_forecast(
        self,
        info: Info,
        input: Annotated[
            RequestRecruitingForecastInput,
            strawberry.argument(description="Whom a campaign shall look for."),
        ],
    ) -> RequestRecruitingForecastPayload:
        command = forecasts.RequestForecast(
            campaign_id=find_id(input.campaign_id, "Campaign"),
            round_id=find_optional_id(input.round_id, "Round"),
            most_volunteers=input.most_volunteers,
            seed=input.seed,
        )
        async with info.context.begin() as session:
            row = await forecasts.request_forecast(
                session, info.context.actor, command, now=info.context.now
            )
            return RequestRecruitingForecastPayload(
                forecast=RecruitingForecast.of(row, info.context.now)
            )

    @mutation(
        AddRecruitingSourcePayload,
        description="Give a campaign a code for a link or a flyer. Doing it twice is fine; the "
        "label may be changed. For managers and the campaign's team.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def add_recruiting_source(
        self,
        info: Info,
        input: Annotated[
            AddRecruitingSourceInput, strawberry.argument(description="The code and its name.")
        ],
    ) -> AddRecruitingSourcePayload:
        command = sign_ups.AddSource(
            campaign_id=find_id(input.campaign_id, "Campaign"),
            code=plain_text("code", input.code, longest=MAX_TEXT),
            label=plain_text("label", input.label, longest=MAX_TEXT),
        )
        async with info.context.begin() as session:
            row = await sign_ups.add_source(
                session, info.context.actor, command, now=info.context.now
            )
            return AddRecruitingSourcePayload(source=RecruitingSource.of(row))

    @mutation(
        CountRecruitedPayload,
        description="Count sign-ups up to this moment and not only every hour. For managers and "
        "the campaign's team.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def count_recruited(
        self,
        info: Info,
        input: Annotated[
            CountRecruitedInput, strawberry.argument(description="Whose sign-ups to count.")
        ],
    ) -> CountRecruitedPayload:
        key, actor, now = (
            find_id(input.campaign_id, "Campaign"),
            info.context.actor,
            info.context.now,
        )
        async with info.context.begin() as session:
            told = await sign_ups.count_now(session, actor, key, now=now)
            return CountRecruitedPayload(funnel=RecruitingFunnel.of(told))
