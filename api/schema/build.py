"""The schema, put together from the modules of the domains."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from api.schema.communities import CommunityQuery
from api.schema.node_query import NodeQuery
from api.schema.scalars import SCALARS
from api.schema.storm_mutations import StormMutation, StormRulesQuery
from api.schema.storms import StormQuery

QUERIES: tuple[type, ...] = (NodeQuery, CommunityQuery, StormQuery, StormRulesQuery)
MUTATIONS: tuple[type, ...] = (StormMutation,)
SUBSCRIPTIONS: tuple[type, ...] = ()


def build_schema() -> strawberry.Schema:
    """The schema of the product."""
    return strawberry.Schema(
        query=merge_types("Query", QUERIES),
        mutation=merge_types("Mutation", MUTATIONS) if MUTATIONS else None,
        subscription=merge_types("Subscription", SUBSCRIPTIONS) if SUBSCRIPTIONS else None,
        config=StrawberryConfig(scalar_map=SCALARS, relay_max_results=100),
    )
