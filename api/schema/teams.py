"""Families and groups that help as one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees
from api.schema.arguments import InvalidArgument, plain_text
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import guarded
from matching.volunteering.listing_repository import MemberRow, TeamRow
from matching.volunteering.teams import MAX_SIZE, FormTeam, NewMember

MAX_NAME = 200


@strawberry.type(description="Somebody of a team besides the volunteer who answers for all.")
class TeamMember:
    person_id: relay.GlobalID = strawberry.field(description="The `Person`.")
    joined_at: datetime = strawberry.field(description="Since when they come along.")
    whose: strawberry.Private[Owners]
    row: strawberry.Private[MemberRow]

    @classmethod
    def of(cls, row: MemberRow, whose: Owners) -> TeamMember:
        return cls(
            person_id=relay.GlobalID("Person", str(row.person_id)),
            joined_at=row.joined_at,
            whose=whose,
            row=row,
        )

    def owners(self) -> Owners:
        return self.whose

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Their name, for the team and staff.",
        scope="people:read",
    )
    async def full_name(self, info: Info) -> str | None:
        return self.row.name or None


@strawberry.type(description="A family or a group that helps as one: one place in the plan.")
class Team:
    size: int = strawberry.field(description="How many come, with the one who answers for all.")
    members: list[TeamMember] = strawberry.field(
        description="Those who are named besides the one who answers for all.",
        metadata={"items": 3},
    )
    whose: strawberry.Private[Owners]
    row: strawberry.Private[TeamRow]

    @classmethod
    def of(cls, row: TeamRow, person_id: UUID, community_id: UUID) -> Team:
        leader = Owners(frozenset({person_id}), frozenset({community_id}))
        everybody = Owners(
            frozenset({person_id, *(member.person_id for member in row.members)}),
            leader.community_ids,
        )
        return cls(
            size=row.size,
            members=[TeamMember.of(member, everybody) for member in row.members],
            whose=everybody,
            row=row,
        )

    def owners(self) -> Owners:
        return self.whose

    @guarded(Sees.OWN_OR_STAFF, description="What the team calls itself, for it and staff.")
    async def name(self, info: Info) -> str | None:
        return self.row.name


@strawberry.input(description="Somebody who comes along.")
class TeamMemberInput:
    name: str = strawberry.field(description="As people say it.")
    under_18: bool = strawberry.field(
        name="under18", description="Then a guardian must agree first.", default=False
    )
    birth_year: int | None = strawberry.field(
        description="The year of birth, for somebody under 18.", default=None
    )

    def read(self) -> NewMember:
        name = plain_text("name", self.name, longest=MAX_NAME)
        if self.birth_year is not None and not 1900 <= self.birth_year <= 2100:
            raise InvalidArgument("birthYear must be a year such as 2011.")
        return NewMember(name, self.under_18, self.birth_year)


@strawberry.input(description="A team and who is in it besides the one who answers for all.")
class FormTeamInput:
    volunteer_id: relay.GlobalID = strawberry.field(
        description="The `Volunteer` who answers for all."
    )
    name: str = strawberry.field(description="What the team calls itself.")
    size: int = strawberry.field(description="How many come, at least as many as are named; to 50.")
    members: list[TeamMemberInput] = strawberry.field(
        description="Those who are named. Who is left out leaves the team.", default_factory=list
    )

    def read(self) -> FormTeam:
        if len(self.members) >= MAX_SIZE:
            raise InvalidArgument(f"members must name at most {MAX_SIZE - 1}.")
        return FormTeam(
            find_id(self.volunteer_id, "Volunteer"),
            plain_text("name", self.name, longest=MAX_NAME),
            self.size,
            tuple(member.read() for member in self.members),
        )
