"""What a community offers to care about, what people care about, and who lives in one's home."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId, plain_text, plain_text_or_none
from api.schema.context import Info
from api.schema.nodes import find_id, find_optional_id, found_by
from api.schema.operations import mutation, query
from people.interests import catalogue, repository, stating
from people.interests.models import HouseholdFacts as FactsRow
from people.interests.models import Interest as InterestRow
from people.models import NAME_LENGTH


@strawberry.type(description="A topic that a community offers to care about.")
class Interest(relay.Node):
    id: relay.NodeID[UUID]
    code: str = strawberry.field(description="What segments and groups call it, as `cycling`.")
    label: str = strawberry.field(description="What people call it, in English.")
    label_es: str | None = strawberry.field(
        description="What people call it in Spanish; null when nobody wrote it."
    )
    is_retired: bool = strawberry.field(
        description="Whether it is offered no more; who stated it keeps it."
    )

    @classmethod
    def of(cls, row: InterestRow) -> Interest:
        return cls(
            id=row.id,
            code=row.code,
            label=row.label,
            label_es=row.label_es,
            is_retired=row.retired_at is not None,
        )

    resolve_nodes = found_by(repository.load_interests, scope="campaigns:read")


@strawberry.type(
    description="Who lives in your home, as somebody who lives there said. Kept under the consent "
    "to campaigns, and removed with it."
)
class HouseholdFacts:
    has_seniors: bool | None = strawberry.field(
        description="Whether people over 65 live there; null when it was not said."
    )
    has_children: bool | None = strawberry.field(
        description="Whether children live there; null when it was not said."
    )
    declared_at: datetime = strawberry.field(description="When it was said.")

    @classmethod
    def of(cls, row: FactsRow) -> HouseholdFacts:
        return cls(
            has_seniors=row.has_seniors,
            has_children=row.has_children,
            declared_at=row.declared_at,
        )


@strawberry.input(description="A topic as it shall be from now on.")
class SaveInterestInput:
    community_id: relay.GlobalID = strawberry.field(description="The community that offers it.")
    code: str = strawberry.field(
        description="Small letters, digits and _; a code that is there is changed."
    )
    label: str = strawberry.field(description="What people call it, in English.")
    label_es: str | None = strawberry.field(default=None, description="The same in Spanish.")
    retired: bool = strawberry.field(default=False, description="Whether to offer it no more.")


@strawberry.input(description="All that a person cares about in a community.")
class StateInterestsInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    topics: list[str] = strawberry.field(
        description="Codes of the catalogue, at most 30; what is left out counts no more."
    )
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Whom staff write it down for; you yourself without."
    )


@strawberry.input(description="Who lives in your home. Saying nothing at all removes the facts.")
class DeclareHouseholdInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    has_seniors: bool | None = strawberry.field(
        default=None, description="Whether people over 65 live there."
    )
    has_children: bool | None = strawberry.field(
        default=None, description="Whether children live there."
    )


@strawberry.type(description="The topic as it is now.")
class InterestPayload:
    interest: Interest = strawberry.field(description="The topic.")


@strawberry.type(description="What the person cares about now.")
class InterestsPayload:
    topics: list[str] = strawberry.field(description="Codes of the catalogue.")


@strawberry.type(description="What is kept of your home now.")
class HouseholdFactsPayload:
    facts: HouseholdFacts | None = strawberry.field(description="The facts; null once removed.")


@strawberry.type
class InterestQuery:
    @query(
        description="The topics that a community offers to care about, by code, at most 200.",
        who=Who.EVERYBODY,
        scope="campaigns:read",
    )
    async def interests(self, info: Info, community_id: CommunityId) -> list[Interest]:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            rows = await repository.list_catalogue(session, key)
        return [Interest.of(row) for row in rows]

    @query(
        description="Codes of what a person cares about: for the person and staff.",
        who=Who.SIGNED_IN,
        scope="people:read",
    )
    async def person_interests(
        self,
        info: Info,
        community_id: CommunityId,
        person_id: Annotated[relay.GlobalID, strawberry.argument(description="Whose.")],
    ) -> list[str]:
        key, whose = find_id(community_id, "Community"), find_id(person_id, "Person")
        async with info.context.read() as session:
            return await stating.list_stated(session, info.context.actor, whose, key)

    @query(
        description="What is kept of your own home; null when nothing is.",
        who=Who.SIGNED_IN,
        scope="people:read",
    )
    async def household_facts(self, info: Info, community_id: CommunityId) -> HouseholdFacts | None:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            row = await stating.find_own_facts(session, info.context.actor, key)
        return None if row is None else HouseholdFacts.of(row)


@strawberry.type
class InterestMutation:
    @mutation(
        InterestPayload,
        description="Add a topic or change one. The same again changes nothing.",
        who=Who.MANAGER,
        scope="campaigns:write",
    )
    async def save_interest(
        self,
        info: Info,
        input: Annotated[SaveInterestInput, strawberry.argument(description="The topic.")],
    ) -> InterestPayload:
        command = catalogue.SaveInterest(
            community_id=find_id(input.community_id, "Community"),
            code=input.code,
            label=plain_text("label", input.label, longest=NAME_LENGTH),
            label_es=plain_text_or_none("labelEs", input.label_es, longest=NAME_LENGTH),
            retired=input.retired,
        )
        async with info.context.begin() as session:
            row = await catalogue.save_interest(
                session, info.context.actor, command, now=info.context.now
            )
        return InterestPayload(interest=Interest.of(row))

    @mutation(
        InterestsPayload,
        description="Say what you care about, in place of what you said before. The same again "
        "changes nothing.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def state_interests(
        self,
        info: Info,
        input: Annotated[StateInterestsInput, strawberry.argument(description="The topics.")],
    ) -> InterestsPayload:
        person_id = find_optional_id(input.person_id, "Person") or info.context.actor.person_id
        command = stating.StateInterests(
            person_id=person_id,  # type: ignore[arg-type]  # who is signed in is somebody
            community_id=find_id(input.community_id, "Community"),
            topics=tuple(input.topics),
        )
        async with info.context.begin() as session:
            topics = await stating.state_interests(
                session, info.context.actor, command, now=info.context.now
            )
        return InterestsPayload(topics=topics)

    @mutation(
        HouseholdFactsPayload,
        description="Say who lives in your home, so that you hear of what fits it. It is kept "
        "under your consent to campaigns, and removed when you withdraw that.",
        who=Who.SIGNED_IN,
        scope="people:write",
    )
    async def declare_household(
        self,
        info: Info,
        input: Annotated[DeclareHouseholdInput, strawberry.argument(description="The facts.")],
    ) -> HouseholdFactsPayload:
        command = stating.DeclareHousehold(
            person_id=info.context.actor.person_id,  # type: ignore[arg-type]  # signed in
            community_id=find_id(input.community_id, "Community"),
            has_seniors=input.has_seniors,
            has_children=input.has_children,
        )
        async with info.context.begin() as session:
            row = await stating.declare_household(
                session, info.context.actor, command, now=info.context.now
            )
        return HouseholdFactsPayload(facts=None if row is None else HouseholdFacts.of(row))
