"""Communities: the programmes of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.context import Info
from api.schema.loaders import Load
from api.schema.nodes import found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.rules import Rules
from people import directory_repository as directory
from people import repository
from people.kinds import AbilityKind
from people.models import Ability as AbilityRow
from people.models import Community as CommunityRow
from people.rules import Rules as RulesData


@strawberry.type(description="A skill or a tool that a community asks for.")
class Ability(relay.Node):
    id: relay.NodeID[UUID]
    kind: AbilityKind = strawberry.field(description="Whether it is learnt or owned.")
    code: str = strawberry.field(description="What files and rules call it, such as `shovel`.")
    label: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, row: AbilityRow) -> Ability:
        return cls(id=row.id, kind=row.kind, code=row.code, label=row.label)

    resolve_nodes = found_by(directory.load_abilities, scope="areas:read")


@strawberry.type(description="The programme of one city: its place, its clock, its language.")
class Community(relay.Node):
    id: relay.NodeID[UUID]
    slug: str = strawberry.field(description="Its short name, as in addresses of pages.")
    name: str = strawberry.field(description="Its name for people.")
    time_zone: str = strawberry.field(description="Its IANA time zone, such as America/New_York.")
    language: str = strawberry.field(description="The language of its pages unless one chooses.")

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.id}))

    @field(description="The skills and tools that it asks for, at most 62.")
    async def abilities(self, info: Info) -> list[Ability]:
        found = await info.context.load(directory.load_abilities_of, self.id)
        return [Ability.of(row) for row in found or []]

    @field(description="A number that everybody may call; null when there is none.")
    async def help_phone(self, info: Info) -> str | None:
        return (await _rules_now(info, self.id)).help_phone

    @guarded(
        Sees.STAFF,
        description="The rules that hold now.",
        scope="admin:read",
    )
    async def rules(self, info: Info) -> Rules | None:
        return Rules.of(await _rules_now(info, self.id))

    @classmethod
    def of(cls, row: CommunityRow) -> Community:
        return cls(
            id=row.id,
            slug=row.slug,
            name=row.name,
            time_zone=row.time_zone,
            language=row.locale,
        )

    resolve_nodes = found_by(repository.load_communities, scope="areas:read")


@strawberry.type
class CommunityQuery:
    @query(
        description="The communities of this installation.",
        who=Who.EVERYBODY,
        scope="areas:read",
    )
    async def communities(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[Community]:
        return await connect(
            info, repository.list_all_communities(), Community.of, first=first, after=after
        )

    @query(
        description="One community by its short name; empty when there is none.",
        who=Who.EVERYBODY,
        scope="areas:read",
    )
    async def community(
        self,
        info: Info,
        slug: Annotated[str, strawberry.argument(description="Its short name.")],
    ) -> Community | None:
        async with info.context.read() as session:
            row = await repository.find_community(session, slug)
        return None if row is None else Community.of(row)


_RULES_NOW: Load[RulesData] = cast("Any", directory.load_rules_now)
"""Rules go by the moment, not by who asks."""


async def _rules_now(info: Info, community_id: UUID) -> RulesData:
    async def run(load: Any, keys: list[UUID]) -> Mapping[UUID, RulesData]:
        async with info.context.read() as session:
            found: Mapping[UUID, RulesData] = await load(session, keys, info.context.now)
        return found

    return must(await info.context.loaders.of(_RULES_NOW, run)(community_id))
