"""Communities: the programmes of this installation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.context import Info
from api.schema.nodes import resolve_rows
from api.schema.operations import query
from api.schema.paging import FIRST, After, Connection, First, connect
from people import repository
from people.models import Community as CommunityRow


@strawberry.type(description="The programme of one city: its place, its clock, its language.")
class Community(relay.Node):
    id: relay.NodeID[UUID]
    slug: str = strawberry.field(description="Its short name, as in addresses of pages.")
    name: str = strawberry.field(description="Its name for people.")
    time_zone: str = strawberry.field(description="Its IANA time zone, such as America/New_York.")
    language: str = strawberry.field(description="The language of its pages unless one chooses.")

    @classmethod
    def of(cls, row: CommunityRow) -> Community:
        return cls(
            id=row.id,
            slug=row.slug,
            name=row.name,
            time_zone=row.time_zone,
            language=row.locale,
        )

    @classmethod
    async def resolve_nodes(  # type: ignore[override]  # one signature for its three overloads
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[Community | None]:
        return await resolve_rows(
            info, node_ids, repository.load_communities, cls.of, scope="areas:read"
        )


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
