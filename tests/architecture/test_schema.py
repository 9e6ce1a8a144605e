"""What must hold for every field of the API, those to come included."""

from __future__ import annotations

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

from api.schema.access import ANY_SCOPE, Access
from tests.graphql_api.asking import the_schema

AREAS = (
    "people", "requests", "volunteers", "storms", "rounds", "offers", "messages", "areas",
    "groups", "campaigns", "events", "webhooks", "admin",
)  # fmt: skip
SCOPES = {f"{area}:{way}" for area in AREAS for way in ("read", "write")}
FOR_EVERY_TOKEN = {"node", "viewer"}
"""They tell nothing by themselves: what they lead to asks for its own scope."""
ROOTS = ("Query", "Mutation", "Subscription")

SCHEMA: GraphQLSchema = the_schema()._schema
TYPES = [kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")]


def undescribed(kind: GraphQLNamedType) -> list[str]:
    """Whatever of a type says nothing of itself."""
    root = kind.name in ROOTS
    found = [] if kind.description or root else [kind.name]
    if isinstance(kind, GraphQLEnumType):
        found += [f"{kind.name}.{name}" for name, it in kind.values.items() if not it.description]
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            found += [] if field.description else [f"{kind.name}.{name}"]
            found += [
                f"{kind.name}.{name}({argument})"
                for argument, it in field.args.items()
                if not it.description
            ]
    if isinstance(kind, GraphQLInputObjectType):
        found += [f"{kind.name}.{name}" for name, it in kind.fields.items() if not it.description]
    return found


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_everything_is_described(kind: GraphQLNamedType) -> None:
    assert undescribed(kind) == []


@pytest.mark.parametrize("root", ROOTS)
def test_every_root_field_has_a_rule(root: str) -> None:
    definition = the_schema().get_type_by_name(root)
    for field in definition.fields:  # type: ignore[union-attr]
        access = field.metadata.get("access")
        assert isinstance(access, Access), f"{root}.{field.name} says not who may use it"
        if field.python_name in FOR_EVERY_TOKEN:
            assert access.scope == ANY_SCOPE, field.name
        else:
            assert access.scope in SCOPES, field.name


@pytest.mark.parametrize("root", ["Mutation"])
def test_every_mutation_answers_with_a_problem_or_a_payload(root: str) -> None:
    for name, field in (SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}).items():
        members = {kind.name for kind in field.type.of_type.types}
        assert {"InvalidInputProblem", "NotFoundProblem", "NotPermittedProblem"} < members, name


SENSITIVE = ("address", "email", "phone", "name", "notes", "birth", "lat", "lon")


def test_nothing_is_sorted_by_what_identifies_a_person() -> None:
    for kind in TYPES:
        if isinstance(kind, GraphQLEnumType) and kind.name.endswith("SortBy"):
            words = [word for value in kind.values for word in value.lower().split("_")]
            assert not set(words) & set(SENSITIVE), kind.name
