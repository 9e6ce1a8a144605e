"""Planning campaigns, moving them on, choosing who works on them, and taking part."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import aware, aware_or_none, plain_text, plain_text_or_none
from api.schema.campaigns import Campaign
from api.schema.context import Info
from api.schema.nodes import find_id, must
from api.schema.operations import mutation
from campaigns.programmes import joining, planning, repository, running, teamwork
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole
from campaigns.programmes.models import NOTE_LENGTH, SUMMARY_LENGTH
from core.db import Session

WRITE = "campaigns:write"
MAX_NAME = 200
MAX_CODE = 64
MAX_NAMED = 500


@strawberry.input(description="A new campaign, as a draft.")
class PlanCampaignInput:
    community_id: relay.GlobalID = strawberry.field(description="Whose campaign it is.")
    slug: str = strawberry.field(
        description="Its short name: small letters, digits and hyphens; no other has it."
    )
    kind: CampaignKind = strawberry.field(description="What it is about.")
    title: str = strawberry.field(description="Its name for people.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends; at most 400 days later.")
    summary: str = strawberry.field(description="What it is, in a few sentences.", default="")
    goal_value: float | None = strawberry.field(
        description="What it wants to reach; needed before it is scheduled.", default=None
    )
    goal_unit: GoalUnit | None = strawberry.field(
        description="In what the goal is counted; it must fit the kind.", default=None
    )
    baseline_value: float | None = strawberry.field(
        description="What was counted before, in the goal's unit.", default=None
    )
    areas: list[str] = strawberry.field(
        description="Neighbourhoods of the city where it runs; none is all of it.",
        default_factory=list,
    )
    comparison_areas: list[str] = strawberry.field(
        description="Neighbourhoods to compare with.", default_factory=list
    )
    languages: list[str] = strawberry.field(
        description="Codes of its languages, such as `es`.", default_factory=list
    )
    budget_note: str | None = strawberry.field(
        description="What may be spent, in words.", default=None
    )
    cost_cents: int | None = strawberry.field(
        description="What it cost so far, in cents.", default=None
    )

    def as_command(self) -> planning.PlanCampaign:
        return planning.PlanCampaign(
            community_id=find_id(self.community_id, "Community"),
            slug=plain_text("slug", self.slug, longest=MAX_CODE),
            kind=self.kind,
            title=plain_text("title", self.title, longest=MAX_NAME),
            starts_at=aware("startsAt", self.starts_at),
            ends_at=aware("endsAt", self.ends_at),
            summary=plain_text("summary", self.summary, longest=SUMMARY_LENGTH),
            goal_value=self.goal_value,
            goal_unit=self.goal_unit,
            baseline_value=self.baseline_value,
            areas=_names("areas", self.areas),
            comparison_areas=_names("comparisonAreas", self.comparison_areas),
            languages=_names("languages", self.languages),
            budget_note=plain_text_or_none("budgetNote", self.budget_note, longest=NOTE_LENGTH),
            cost_cents=self.cost_cents,
        )


@strawberry.input(
    description="What changes of a campaign; what is left out stays. What it is measured by "
    "stands once it runs."
)
class ChangeCampaignInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    version: int | None = strawberry.field(
        description="Of the campaign as you saw it; a later one is not overwritten.", default=None
    )
    slug: str | None = strawberry.field(description="Another short name, of a draft.", default=None)
    title: str | None = strawberry.field(description="Another name.", default=None)
    summary: str | None = strawberry.field(description="Other sentences.", default=None)
    starts_at: datetime | None = strawberry.field(
        description="Another beginning, before it has begun.", default=None
    )
    ends_at: datetime | None = strawberry.field(description="Another end.", default=None)
    goal_value: float | None = strawberry.field(description="Another goal.", default=None)
    goal_unit: GoalUnit | None = strawberry.field(
        description="Another unit of the goal.", default=None
    )
    baseline_value: float | None = strawberry.field(
        description="Another count of before.", default=None
    )
    areas: list[str] | None = strawberry.field(
        description="Other neighbourhoods; none is the whole community.", default=None
    )
    comparison_areas: list[str] | None = strawberry.field(
        description="Other neighbourhoods to compare with.", default=None
    )
    languages: list[str] | None = strawberry.field(description="Other languages.", default=None)
    budget_note: str | None = strawberry.field(
        description="Another note on the budget.", default=None
    )
    cost_cents: int | None = strawberry.field(
        description="What it cost so far, in cents.", default=None
    )

    def as_command(self) -> planning.ChangeCampaign:
        given: dict[str, Any] = {
            "slug": plain_text_or_none("slug", self.slug, longest=MAX_CODE),
            "title": plain_text_or_none("title", self.title, longest=MAX_NAME),
            "summary": plain_text_or_none("summary", self.summary, longest=SUMMARY_LENGTH),
            "starts_at": aware_or_none("startsAt", self.starts_at),
            "ends_at": aware_or_none("endsAt", self.ends_at),
            "goal_value": self.goal_value,
            "goal_unit": self.goal_unit,
            "baseline_value": self.baseline_value,
            "areas": _names_or_none("areas", self.areas),
            "comparison_areas": _names_or_none("comparisonAreas", self.comparison_areas),
            "languages": _names_or_none("languages", self.languages),
            "budget_note": plain_text_or_none("budgetNote", self.budget_note, longest=NOTE_LENGTH),
            "cost_cents": self.cost_cents,
        }
        return planning.ChangeCampaign(
            campaign_id=find_id(self.campaign_id, "Campaign"),
            changes={name: value for name, value in given.items() if value is not None},
            version=self.version,
        )


@strawberry.input(description="Another state for a campaign.")
class ChangeCampaignStatusInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    status: CampaignStatus = strawberry.field(
        description="The state: a draft is scheduled; a scheduled one runs, becomes a draft again "
        "or is archived; a running one is finished; a finished one is archived."
    )


@strawberry.input(description="The groups of a campaign; those that are not named are taken off.")
class SetCampaignGroupsInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    group_ids: list[relay.GlobalID] = strawberry.field(description="Each `Group` that it is for.")
    comparison_group_ids: list[relay.GlobalID] = strawberry.field(
        description="Each `Group` that it is compared with.", default_factory=list
    )


@strawberry.input(description="What somebody shall do on a campaign.")
class SetCampaignTeamRoleInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    person_id: relay.GlobalID = strawberry.field(description="The `Person`, of the community.")
    role: TeamRole | None = strawberry.field(
        description="What they may do; without it they are taken off the team.", default=None
    )


@strawberry.input(description="Your own yes to a campaign.")
class JoinCampaignInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    took_part_before: bool | None = strawberry.field(
        description="Whether you did this, such as riding a bicycle, in the time before. It is "
        "taken down once, and helps to count who is new.",
        default=None,
    )
    invite_code: str | None = strawberry.field(
        description="The code of whoever told you of it.", default=None
    )


@strawberry.input(description="A campaign that you leave.")
class LeaveCampaignInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.type(description="The campaign as it is now.")
class CampaignPayload:
    campaign: Campaign | None = strawberry.field(
        description="The campaign; empty when you may not see it any more."
    )


@strawberry.type
class CampaignMutation:
    @mutation(
        CampaignPayload,
        description="Plan a campaign. Its short name is taken once, so sending it twice plans one.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def plan_campaign(
        self,
        info: Info,
        input: Annotated[
            PlanCampaignInput, strawberry.argument(description="A new campaign, as a draft.")
        ],
    ) -> CampaignPayload:
        context, command = info.context, input.as_command()
        async with context.begin() as session:
            row = await planning.plan_campaign(session, context.actor, command, now=context.now)
            return await _show(info, session, row.id)

    @mutation(
        CampaignPayload,
        description="Change a campaign: for managers, owners and editors. The same change again "
        "changes nothing.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def change_campaign(
        self,
        info: Info,
        input: Annotated[ChangeCampaignInput, strawberry.argument(description="What changes.")],
    ) -> CampaignPayload:
        context, command = info.context, input.as_command()
        async with context.begin() as session:
            row = await planning.change_campaign(session, context.actor, command, now=context.now)
            return await _show(info, session, row.id)

    @mutation(
        CampaignPayload,
        description="Bring a campaign into another state. Begun early it begins now, finished "
        "early it ends now; into the state that it is in already does nothing.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def change_campaign_status(
        self,
        info: Info,
        input: Annotated[
            ChangeCampaignStatusInput, strawberry.argument(description="Which, and into what.")
        ],
    ) -> CampaignPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        async with context.begin() as session:
            await running.change_status(session, context.actor, key, input.status, now=context.now)
            return await _show(info, session, key)

    @mutation(
        CampaignPayload,
        description="Say which groups a campaign is for and with which it is compared.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def set_campaign_groups(
        self,
        info: Info,
        input: Annotated[
            SetCampaignGroupsInput, strawberry.argument(description="All groups of the campaign.")
        ],
    ) -> CampaignPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        command = planning.SetGroups(
            campaign_id=key,
            group_ids=[find_id(one, "Group") for one in input.group_ids[: MAX_NAMED + 1]],
            comparison_group_ids=[
                find_id(one, "Group") for one in input.comparison_group_ids[: MAX_NAMED + 1]
            ],
        )
        async with context.begin() as session:
            await planning.set_groups(session, context.actor, command, now=context.now)
            return await _show(info, session, key)

    @mutation(
        CampaignPayload,
        description="Put somebody on a campaign's team, change what they may do, or take them "
        "off: for managers and owners. Everybody may leave a team.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def set_campaign_team_role(
        self,
        info: Info,
        input: Annotated[
            SetCampaignTeamRoleInput, strawberry.argument(description="Who, and what they may do.")
        ],
    ) -> CampaignPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        command = teamwork.SetTeamRole(
            campaign_id=key, person_id=find_id(input.person_id, "Person"), role=input.role
        )
        async with context.begin() as session:
            await teamwork.set_team_role(session, context.actor, command, now=context.now)
            return await _show(info, session, key)

    @mutation(
        CampaignPayload,
        description="Take part in a campaign of your community. Said again it stays one.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def join_campaign(
        self,
        info: Info,
        input: Annotated[JoinCampaignInput, strawberry.argument(description="Your own yes.")],
    ) -> CampaignPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        command = joining.JoinCampaign(
            campaign_id=key,
            took_part_before=input.took_part_before,
            invite_code=plain_text_or_none("inviteCode", input.invite_code, longest=MAX_CODE),
        )
        async with context.begin() as session:
            await joining.join_campaign(session, context.actor, command, now=context.now)
            return await _show(info, session, key)

    @mutation(
        CampaignPayload,
        description="Take part no more: no figure and no board counts you from now on. Said again "
        "it does nothing.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def leave_campaign(
        self,
        info: Info,
        input: Annotated[
            LeaveCampaignInput, strawberry.argument(description="A campaign that you leave.")
        ],
    ) -> CampaignPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        async with context.begin() as session:
            await joining.leave_campaign(session, context.actor, key, now=context.now)
            return await _show(info, session, key)


async def _show(info: Info, session: Session, key: UUID) -> CampaignPayload:
    """The campaign with what hangs on it, as the caller may see it after the change."""
    found = await repository.load_campaigns(session, info.context.actor, [key])
    row = found.get(key)
    return CampaignPayload(campaign=None if row is None else Campaign.of(must(row)))


def _names(name: str, texts: list[str]) -> list[str]:
    return [plain_text(name, text, longest=MAX_NAME) for text in texts[: MAX_NAMED + 1]]


def _names_or_none(name: str, texts: list[str] | None) -> list[str] | None:
    return None if texts is None else _names(name, texts)
