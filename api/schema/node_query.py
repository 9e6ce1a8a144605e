"""Anything again by its global id."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import strawberry
from strawberry import relay

from api.schema.access import ANY_SCOPE, Who
from api.schema.context import Info
from api.schema.operations import query


@strawberry.type
class NodeQuery:
    @query(
        description="Anything by its global id; empty when it is not there or not for you.",
        who=Who.EVERYBODY,
        scope=ANY_SCOPE,
    )
    async def node(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="Its `id`.")],
    ) -> relay.Node | None:
        try:
            kind: Any = id.resolve_type(info)
        except relay.GlobalIDValueError:
            return None
        if not issubclass(kind, relay.Node):
            return None
        found: Any = kind.resolve_node(id.node_id, info=info)
        node: relay.Node | None = await found if inspect.isawaitable(found) else found
        return node
