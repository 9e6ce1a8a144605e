"""Connections: lists by the page, with cursors and, when asked for, a total."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.relay import PageInfo

from api.schema.context import Info
from api.schema.operations import field
from core.pagination import DEFAULT_PAGE, Listing, PageArgs, count_all, read_page

Item = TypeVar("Item")
Row = TypeVar("Row")

First = Annotated[
    int, strawberry.argument(description="How many to return, from 1 to 100; 20 by default.")
]
After = Annotated[
    str | None,
    strawberry.argument(description="`endCursor` of the page before; the first page without."),
]
FIRST = DEFAULT_PAGE


@strawberry.type(description="One thing of a list, with its place in it.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="The place of this thing in the list.")
    node: Item = strawberry.field(description="The thing itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Item]):
    nodes: list[Item] = strawberry.field(description="The things on this page.")
    edges: list[Edge[Item]] = strawberry.field(description="The things with their cursors.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and from where.")
    listing: strawberry.Private[Listing[Any]]

    @field(description="How many things the whole list holds. Counted when asked for.")
    async def total_count(self, info: Info) -> int:
        return await info.context.read_together(lambda session: count_all(session, self.listing))


async def connect(
    info: Info,
    listing: Listing[Row],
    make: Callable[[Row], Item],
    *,
    first: int,
    after: str | None,
) -> Connection[Item]:
    """One page of a listing as a connection of what ``make`` makes of its rows."""
    async with info.context.read() as session:
        page = await read_page(session, listing, PageArgs(first, after))
    nodes = [make(row) for row in page.items]
    edges = [
        Edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)
    ]
    bounds = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
    return Connection(nodes=nodes, edges=edges, page_info=bounds, listing=listing)
