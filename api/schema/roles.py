"""Who works for a community; and a person's data as a whole: taken along, or forgotten."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from api.schema.access import Who
from api.schema.arguments import InvalidArgument
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import mutation
from api.schema.people import Membership
from matching.personal.erasure import erase_person
from matching.personal.export import export_person
from people.kinds import Role
from people.memberships import StaffRole, end_role, give_role


@strawberry.input(description="A role of somebody among the staff.")
class StaffRoleInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    person_id: relay.GlobalID = strawberry.field(description="The person.")
    role: Role = strawberry.field(description="COORDINATOR or MANAGER.")

    def read(self) -> StaffRole:
        return StaffRole(
            community_id=find_id(self.community_id, "Community"),
            person_id=find_id(self.person_id, "Person"),
            role=self.role,
        )


@strawberry.input(description="Whose data.")
class PersonalDataInput:
    person_id: relay.GlobalID = strawberry.field(description="The person.")
    confirm: bool = strawberry.field(
        description="Must be true: a client asks the person before it sends this."
    )


@strawberry.type(description="A role was given or has ended.")
class StaffRolePayload:
    role: Membership = strawberry.field(description="The role as it is now.")


@strawberry.type(description="All that is kept about a person.")
class ExportPersonPayload:
    document: JSON = strawberry.field(
        description="`about`, `person_id`, `exported_at` and `tables`: rows by table. Show it to "
        "the person alone."
    )


@strawberry.type(description="A person was forgotten. All counts are 0 when they were before.")
class ErasePersonPayload:
    cancelled_count: int = strawberry.field(description="Requests that were called off.")
    address_count: int = strawberry.field(description="Addresses that were removed.")
    contact_count: int = strawberry.field(
        description="Mail addresses and numbers that were removed."
    )
    message_count: int = strawberry.field(description="Messages whose words were removed.")
    team_count: int = strawberry.field(
        description="Members of their teams, known by these alone, who were forgotten with them."
    )


@strawberry.type
class RoleMutation:
    @mutation(
        StaffRolePayload,
        description="Let somebody who belongs to the community work for it. Doing it twice is "
        "fine.",
        who=Who.MANAGER,
        scope="admin:write",
    )
    async def give_role(
        self,
        info: Info,
        input: Annotated[StaffRoleInput, strawberry.argument(description="Who and what.")],
    ) -> StaffRolePayload:
        async with info.context.begin() as session:
            row = await give_role(session, info.context.actor, input.read(), now=info.context.now)
        return StaffRolePayload(role=Membership.of(row))

    @mutation(
        StaffRolePayload,
        description="End somebody's role among the staff, or one's own. The last manager stays. "
        "Doing it twice is fine.",
        who=Who.STAFF,
        scope="admin:write",
    )
    async def end_role(
        self,
        info: Info,
        input: Annotated[StaffRoleInput, strawberry.argument(description="Who and what.")],
    ) -> StaffRolePayload:
        async with info.context.begin() as session:
            row = await end_role(session, info.context.actor, input.read(), now=info.context.now)
        return StaffRolePayload(role=Membership.of(row))

    @mutation(
        ExportPersonPayload,
        description="All that is kept about a person, as one document: for the person, and for the "
        "manager of all their communities who hands it over. Each time is written down.",
        who=Who.SIGNED_IN,
        scope="admin:write",
    )
    async def export_person(
        self,
        info: Info,
        input: Annotated[PersonalDataInput, strawberry.argument(description="Whose.")],
    ) -> ExportPersonPayload:
        key = find_id(input.person_id, "Person")
        _check_confirmed(input)
        async with info.context.begin() as session:
            kept = await export_person(session, info.context.actor, key, now=info.context.now)
        return ExportPersonPayload(document=JSON(kept))

    @mutation(
        ErasePersonPayload,
        description="Forget a person for good: requests are called off, accepted work goes to "
        "others, and all that tells who they are is removed. For the person, and for the manager "
        "of all their communities. Doing it twice is fine.",
        who=Who.SIGNED_IN,
        scope="admin:write",
    )
    async def erase_person(
        self,
        info: Info,
        input: Annotated[PersonalDataInput, strawberry.argument(description="Whose.")],
    ) -> ErasePersonPayload:
        key = find_id(input.person_id, "Person")
        _check_confirmed(input)
        async with info.context.begin() as session:
            done = await erase_person(session, info.context.actor, key, now=info.context.now)
        return ErasePersonPayload(
            cancelled_count=done.cancelled_count,
            address_count=done.address_count,
            contact_count=done.contact_count,
            message_count=done.words_count,
            team_count=done.team_count,
        )


def _check_confirmed(given: PersonalDataInput) -> None:
    if not given.confirm:
        raise InvalidArgument("confirm must be true: ask the person first.")
