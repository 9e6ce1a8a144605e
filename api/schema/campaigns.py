"""Campaigns: what a community wants to reach together, who runs it and how one takes part."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema import campaign_words  # noqa: F401 - the enums must be described first
from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from campaigns.programmes import policy, repository
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole
from campaigns.programmes.models import Campaign as CampaignRow
from campaigns.programmes.models import CampaignMember as CampaignMemberRow
from campaigns.programmes.models import CampaignTeam as CampaignTeamRow
from campaigns.standings.suppression import show_in_steps
from people import repository as people

READ = "campaigns:read"


@strawberry.type(description="Somebody who works on a campaign.")
class CampaignTeamMember:
    person_id: relay.GlobalID = strawberry.field(description="The `Person`.")
    role: TeamRole = strawberry.field(description="What they may do.")
    added_at: datetime = strawberry.field(description="Since when.")

    @classmethod
    def of(cls, row: CampaignTeamRow) -> CampaignTeamMember:
        return cls(
            person_id=relay.GlobalID("Person", str(row.person_id)),
            role=row.role,
            added_at=row.added_at,
        )


@strawberry.type(description="How you take part in a campaign.")
class CampaignMembership:
    joined_at: datetime = strawberry.field(description="When you joined.")
    left_at: datetime | None = strawberry.field(
        description="When you left; empty while you take part."
    )
    invite_code: str = strawberry.field(
        description="What others may give when they join, so that it counts for you."
    )
    took_part_before: bool | None = strawberry.field(
        description="Whether you did this before, as you said; empty when you did not say."
    )

    @classmethod
    def of(cls, row: CampaignMemberRow) -> CampaignMembership:
        return cls(
            joined_at=row.joined_at,
            left_at=row.left_at,
            invite_code=row.invite_code,
            took_part_before=row.took_part_before,
        )


@strawberry.type(description="A campaign of a community, from draft to archive.")
class Campaign(relay.Node):
    id: relay.NodeID[UUID]
    slug: str = strawberry.field(description="Its short name within the community.")
    kind: CampaignKind = strawberry.field(description="What it is about.")
    status: CampaignStatus = strawberry.field(description="Where it stands.")
    title: str = strawberry.field(description="Its name for people.")
    summary: str = strawberry.field(description="What it is, in a few sentences; may be empty.")
    goal_value: float | None = strawberry.field(description="What it wants to reach.")
    goal_unit: GoalUnit | None = strawberry.field(description="In what the goal is counted.")
    baseline_value: float | None = strawberry.field(
        description="What was counted before, in the goal's unit and as long a time; empty when "
        "nobody knows."
    )
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends; that moment is not in it.")
    areas: list[str] = strawberry.field(
        description="Neighbourhoods where it runs; none is the whole community."
    )
    comparison_areas: list[str] = strawberry.field(
        description="Neighbourhoods where it does not run, to compare with."
    )
    languages: list[str] = strawberry.field(description="Codes of the languages that it speaks.")
    version: int = strawberry.field(
        description="Counts its changes; send it with a change, so that nobody's is overwritten."
    )
    row: strawberry.Private[CampaignRow]

    def owners(self) -> Owners:
        team = frozenset(one.person_id for one in self.row.team)
        return Owners(person_ids=team, community_ids=frozenset({self.row.community_id}))

    @field(description="Whose campaign it is.")
    async def community(self, info: Info) -> Community:
        found = await info.context.load(people.load_communities, self.row.community_id)
        return Community.of(must(found))

    @field(description="The groups that it is for, as ids of `Group`.")
    async def group_ids(self) -> list[relay.GlobalID]:
        return self._groups(compared=False)

    @field(description="The groups that it is compared with, as ids of `Group`.")
    async def comparison_group_ids(self) -> list[relay.GlobalID]:
        return self._groups(compared=True)

    @field(
        description="How many people take part. They, staff and its team see the number; for "
        "others it is rounded down to fives, such as 20 for 23, and null below five."
    )
    async def member_count(self, info: Info) -> int | None:
        count = await info.context.load(repository.load_member_counts, self.row.id) or 0
        own = await info.context.load(repository.load_own_members, self.row.id)
        takes_part = own is not None and own.left_at is None
        team = {one.person_id for one in self.row.team}
        inside = policy.can_read_inside(info.context.actor, self.row, team)
        return count if takes_part or inside else show_in_steps(count)

    @field(description="How you take part; empty when you never did.")
    async def membership(self, info: Info) -> CampaignMembership | None:
        if info.context.actor.person_id is None:
            return None
        found = await info.context.load(repository.load_own_members, self.row.id)
        return None if found is None else CampaignMembership.of(found)

    @guarded(Sees.OWN_OR_STAFF, description="What may be spent, in words. For staff and its team.")
    async def budget_note(self) -> str | None:
        return self.row.budget_note

    @guarded(
        Sees.OWN_OR_STAFF, description="What it cost so far, in cents. For staff and its team."
    )
    async def cost_cents(self) -> int | None:
        return self.row.cost_cents

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Who works on it, at most 50. For staff and its team.",
        metadata={"items": 5},
    )
    async def team(self) -> list[CampaignTeamMember] | None:
        rows = sorted(self.row.team, key=lambda one: (one.added_at, one.person_id))
        return [CampaignTeamMember.of(one) for one in rows]

    def _groups(self, *, compared: bool) -> list[relay.GlobalID]:
        rows = sorted(self.row.groups, key=lambda one: one.group_id)
        return [
            relay.GlobalID("Group", str(one.group_id))
            for one in rows
            if one.is_comparison is compared
        ]

    @classmethod
    def of(cls, row: CampaignRow) -> Campaign:
        return cls(
            id=row.id,
            slug=row.slug,
            kind=row.kind,
            status=row.status,
            title=row.title,
            summary=row.summary,
            goal_value=row.goal_value,
            goal_unit=row.goal_unit,
            baseline_value=row.baseline_value,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            areas=list(row.areas),
            comparison_areas=list(row.comparison_areas),
            languages=list(row.languages),
            version=row.version,
            row=row,
        )

    resolve_nodes = found_by(repository.load_campaigns, scope=READ)


@strawberry.input(description="Which campaigns to list; what is left out does not matter.")
class CampaignFilter:
    kinds: list[CampaignKind] | None = strawberry.field(
        description="Only of these kinds.", default=None
    )
    statuses: list[CampaignStatus] | None = strawberry.field(
        description="Only in these states.", default=None
    )
    joined: bool = strawberry.field(description="Only those in which you take part.", default=False)

    def as_filter(self) -> repository.CampaignFilter:
        return repository.CampaignFilter(
            kinds=None if self.kinds is None else frozenset(self.kinds),
            statuses=None if self.statuses is None else frozenset(self.statuses),
            joined=self.joined,
        )


@strawberry.type
class CampaignQuery:
    @query(
        description="The campaigns of a community, the latest to begin first: for everybody those "
        "that run or are finished, for its people also those to come, for staff and teams all of "
        "theirs.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def campaigns(
        self,
        info: Info,
        community_id: CommunityId,
        filter: Annotated[
            CampaignFilter | None, strawberry.argument(description="Which ones; all without.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Campaign]:
        wanted = None if filter is None else filter.as_filter()
        key = find_id(community_id, "Community")
        rows = repository.list_campaigns(info.context.actor, key, wanted)
        return await connect(info, rows, Campaign.of, first=first, after=after)

    @query(
        description="One campaign by its short name; empty when there is none for you.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def campaign(
        self,
        info: Info,
        community_id: CommunityId,
        slug: Annotated[str, strawberry.argument(description="Its short name.")],
    ) -> Campaign | None:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            row = await repository.find_campaign(session, info.context.actor, key, slug)
        return None if row is None else Campaign.of(row)
