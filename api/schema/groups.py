"""Groups of people who share a topic: who belongs to them, and which would suit one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from campaigns.groups import listing_repository as listing
from campaigns.groups import policy, repository, suggestions
from campaigns.groups.errors import NotInGroup
from campaigns.groups.kinds import GroupRole, GroupStatus, Joining, MemberStatus
from campaigns.groups.models import Group as GroupRow
from campaigns.groups.models import GroupMember as MemberRow
from campaigns.groups.policy import Standing
from campaigns.groups.repository import GroupFilter as FilterData
from campaigns.standings.suppression import show_in_steps
from people.repository import load_communities

SCOPE = "groups:read"

describe_enum(
    Joining,
    "How one becomes a member of a group.",
    {
        "OPEN": "Whoever of the community wants to.",
        "BY_REQUEST": "One asks, and the group lets one in.",
        "BY_INVITATION": "The organizers invite.",
    },
    name="GroupJoining",
)
describe_enum(
    GroupStatus,
    "Whether a group goes on.",
    {"ACTIVE": "It goes on.", "ARCHIVED": "It has ended; its members may still read it."},
)
describe_enum(
    GroupRole,
    "What a member does in a group.",
    {
        "ORGANIZER": "Leads it, and announces.",
        "MODERATOR": "Looks after what is said, and lets people in.",
        "MEMBER": "Belongs to it.",
    },
)
describe_enum(
    MemberStatus,
    "How somebody stands with a group.",
    {
        "ASKED": "Has asked to join.",
        "INVITED": "Was invited and has not answered.",
        "MEMBER": "Belongs to it.",
        "LEFT": "Has left, declined, or was not let in.",
        "REMOVED": "Was taken out.",
    },
    name="GroupMemberStatus",
)


@strawberry.type(description="How you, or your household, stand with a group.")
class GroupStanding:
    status: MemberStatus = strawberry.field(description="How far it is.")
    role: GroupRole = strawberry.field(description="What you do there.")
    is_household: bool = strawberry.field(description="Whether it is that of your household.")
    shows_name: bool = strawberry.field(
        description="Whether fellow members see your first name; a household shows none."
    )
    wants_news: bool = strawberry.field(description="Whether announcements come by mail.")
    joined_at: datetime | None = strawberry.field(description="Since when; null before that.")

    @classmethod
    def of(cls, row: MemberRow) -> GroupStanding:
        return cls(
            status=row.status,
            role=row.role,
            is_household=row.household_id is not None,
            shows_name=row.shows_name,
            wants_news=row.wants_news,
            joined_at=row.joined_at,
        )


@strawberry.type(description="People of a community who share a topic.")
class Group(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[GroupRow]
    slug: str = strawberry.field(description="Its short name; no other one of the community.")
    name: str = strawberry.field(description="Its name.")
    summary: str = strawberry.field(description="What it is about, in its organizers' words.")
    topic: str = strawberry.field(description="A code word of the community's interests.")
    area: str | None = strawberry.field(
        description="The neighbourhood that it is for; null is the whole community."
    )
    languages: list[str] = strawberry.field(description="Codes of what is spoken there.")
    joining: Joining = strawberry.field(description="How one becomes a member.")
    status: GroupStatus = strawberry.field(description="Whether it goes on.")
    created_at: datetime = strawberry.field(description="When it was founded.")
    archived_at: datetime | None = strawberry.field(
        description="When it ended; null while it goes on."
    )

    @classmethod
    def of(cls, row: GroupRow) -> Group:
        return cls(
            id=row.id,
            row=row,
            slug=row.slug,
            name=row.name,
            summary=row.summary,
            topic=row.topic,
            area=row.area,
            languages=list(row.languages),
            joining=row.joining,
            status=row.status,
            created_at=row.created_at,
            archived_at=row.archived_at,
        )

    resolve_nodes = found_by(repository.load_groups, scope=SCOPE)

    @field(description="The community that it belongs to.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @field(
        description="How many people belong to it, each once. Members and staff see the number; "
        "for others it is rounded down to fives, such as 20 for 23, and null below five."
    )
    async def member_count(self, info: Info) -> int | None:
        count = must(await info.context.load(repository.load_member_counts, self.row.id))
        standing = await _standing(info, self.row.id)
        inside = policy.can_read_inside(info.context.actor, self.row, standing)
        return count if inside else show_in_steps(count)

    @field(
        description="How you stand with it: alone, by your household, or both. Empty when you "
        "have nothing to do with it.",
        metadata={"items": 2},
    )
    async def my_standings(self, info: Info) -> list[GroupStanding]:
        standing = await _standing(info, self.row.id)
        rows = (standing.own, standing.household)
        return [GroupStanding.of(row) for row in rows if row is not None]

    @field(description="What you do there; null when you are no member.")
    async def my_role(self, info: Info) -> GroupRole | None:
        return (await _standing(info, self.row.id)).role


@strawberry.type(description="A person or a household that belongs to a group, or waits to.")
class GroupMember(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[MemberRow]
    is_household: bool = strawberry.field(description="Whether a whole household is meant.")
    role: GroupRole = strawberry.field(description="What they do there.")
    status: MemberStatus = strawberry.field(description="How they stand with it.")
    joined_at: datetime | None = strawberry.field(
        description="Since when they belong to it; null before that."
    )
    is_banned: bool = strawberry.field(description="Whether they cannot come back by themselves.")

    def owners(self) -> Owners:
        people = () if self.row.person_id is None else (self.row.person_id,)
        return Owners(person_ids=frozenset(people))

    @classmethod
    def of(cls, row: MemberRow) -> GroupMember:
        return cls(
            id=row.id,
            row=row,
            is_household=row.household_id is not None,
            role=row.role,
            status=row.status,
            joined_at=row.joined_at,
            is_banned=row.banned_at is not None,
        )

    resolve_nodes = found_by(listing.load_members, scope=SCOPE)

    @field(description="The first name of a member who agreed to be shown; null for all others.")
    async def first_name(self, info: Info) -> str | None:
        return await info.context.load(listing.load_member_names, self.row.id)

    @guarded(Sees.OWN, description="Whether fellow members see your first name. For yourself.")
    async def shows_name(self, info: Info) -> bool | None:
        return self.row.shows_name

    @guarded(Sees.OWN, description="Whether announcements come to you by mail. For yourself.")
    async def wants_news(self, info: Info) -> bool | None:
        return self.row.wants_news

    @field(
        description="Which person it is, as an id, for themselves and for staff; null for all "
        "others, and for a household."
    )
    async def person_id(self, info: Info) -> relay.GlobalID | None:
        key, actor = self.row.person_id, info.context.actor
        group = await info.context.load(repository.load_groups, self.row.group_id)
        is_staff = group is not None and actor.is_staff(group.community_id)
        if key is None or not (is_staff or key == actor.person_id):
            return None
        return relay.GlobalID("Person", str(key))

    @field(description="The group; null when it is not for you.")
    async def group(self, info: Info) -> Group | None:
        row = await info.context.load(repository.load_groups, self.row.group_id)
        return None if row is None else Group.of(row)


@strawberry.type(description="A group that would suit you, and why.")
class GroupSuggestion:
    group: Group = strawberry.field(description="The group.")
    interest: str = strawberry.field(description="The interest that you stated.")
    distance_m: int | None = strawberry.field(
        description="Metres from the middle of your cell to the middle of the group's "
        "neighbourhood, rounded; never from your home. Null for the whole community."
    )
    shares_language: bool = strawberry.field(description="Whether it speaks a language of yours.")
    why: str = strawberry.field(
        description='The reason, such as "Because you said cycling, 400 m from your cell."'
    )

    @classmethod
    def of(cls, one: suggestions.Suggestion, language: str) -> GroupSuggestion:
        return cls(
            group=Group.of(one.group),
            interest=one.interest,
            distance_m=one.distance_m,
            shares_language=one.shares_language,
            why=one.sentence(language),
        )


@strawberry.input(description="Which groups; what is left out sets no limit.")
class GroupFilter:
    topic: str | None = strawberry.field(default=None, description="Only of this topic.")
    area: str | None = strawberry.field(default=None, description="Only for this neighbourhood.")
    status: GroupStatus | None = strawberry.field(
        default=None, description="Only those that go on, or that have ended."
    )


GroupId = Annotated[relay.GlobalID, strawberry.argument(description="The group.")]


@strawberry.type
class GroupQuery:
    @query(
        description="The groups of a community by name: open ones for everybody, those by "
        "request for its people, all for its staff and for members.",
        who=Who.EVERYBODY,
        scope=SCOPE,
    )
    async def groups(
        self,
        info: Info,
        community_id: CommunityId,
        filter: Annotated[
            GroupFilter | None, strawberry.argument(description="Which of them; all without.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Group]:
        wanted = filter or GroupFilter()
        rows = repository.list_groups(
            info.context.actor,
            find_id(community_id, "Community"),
            FilterData(topic=wanted.topic, area=wanted.area, status=wanted.status),
        )
        return await connect(info, rows, Group.of, first=first, after=after)

    @query(
        description="One group; empty when there is none, or none for you.",
        who=Who.EVERYBODY,
        scope=SCOPE,
    )
    async def group(self, info: Info, group_id: GroupId) -> Group | None:
        row = await info.context.load(repository.load_groups, find_id(group_id, "Group"))
        return None if row is None else Group.of(row)

    @query(
        description="The groups that you, or your household, belong to, asked or are invited to.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def my_groups(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[Group]:
        rows = repository.list_my_groups(info.context.actor)
        return await connect(info, rows, Group.of, first=first, after=after)

    @query(
        description="Who belongs to a group, for its members and for staff. Who asked, was "
        "invited or removed is for those who moderate and for staff.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def group_members(
        self,
        info: Info,
        group_id: GroupId,
        status: Annotated[
            MemberStatus, strawberry.argument(description="How they stand with it.")
        ] = MemberStatus.MEMBER,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[GroupMember]:
        group, standing = await open_inside(info, group_id)
        actor = info.context.actor
        if status is not MemberStatus.MEMBER and not policy.can_read_reports(
            actor, group, standing
        ):
            raise NotInGroup("Only who leads or moderates the group may see this.")
        rows = repository.list_members(group.id, (status,))
        return await connect(info, rows, GroupMember.of, first=first, after=after)

    @query(
        description="Groups that suit what you said to care about, the nearest first; at most 20.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
        metadata={"items": 20},
    )
    async def group_suggestions(
        self, info: Info, community_id: CommunityId
    ) -> list[GroupSuggestion]:
        key = find_id(community_id, "Community")
        actor, language = info.context.actor, info.context.language
        async with info.context.read() as session:
            found = await suggestions.suggest_groups(session, actor, key, language=language)
        return [GroupSuggestion.of(one, language) for one in found]


async def open_inside(info: Info, group_id: relay.GlobalID) -> tuple[GroupRow, Standing]:
    """A group for who may read inside."""
    key = find_id(group_id, "Group")
    async with info.context.read() as session:
        group = await repository.get_group(session, info.context.actor, key)
        standing = await repository.find_standing(session, info.context.actor, key)
    if not policy.can_read_inside(info.context.actor, group, standing):
        raise NotInGroup("What is said in a group, and who belongs to it, is for its members.")
    return group, standing


async def _standing(info: Info, group_id: UUID) -> Standing:
    return await info.context.load(listing.load_standings, group_id) or Standing()
