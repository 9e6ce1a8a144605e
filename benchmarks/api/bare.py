"""The same answer from Strawberry on Litestar with nothing between: no database, no limits.

The types are made from the operation and from an answer of the product: each object type with the
fields that the operation selects, each value from memory. So whatever the product does beside is
what differs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import strawberry
import uvicorn
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_object_type,
    parse,
)
from litestar import Litestar
from strawberry.litestar import make_graphql_controller
from strawberry.scalars import JSON

from api.transport.house import house_schema

LEAVES: dict[str, Any] = {"Int": int, "Float": float, "Boolean": bool, "String": str}


@dataclass
class Shape:
    """What an operation selects, by type."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the name of a type: each selected field and the name of its own type."""

    def read(self, selection_set: SelectionSetNode, parent: GraphQLObjectType) -> None:
        """Note what a selection asks of a type."""
        known = self.fields.setdefault(parent.name, {})
        for selection in selection_set.selections:
            if isinstance(selection, FragmentSpreadNode):
                self.read(self.fragments[selection.name.value].selection_set, parent)
            elif isinstance(selection, InlineFragmentNode):
                self.read(selection.selection_set, parent)
            elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
                kind = get_named_type(parent.fields[selection.name.value].type)
                known[selection.name.value] = kind.name
                if selection.selection_set is None:
                    continue
                if not is_object_type(kind):
                    raise SystemExit(f"{kind.name} is no object type: choose another operation.")
                self.read(selection.selection_set, kind)


def read_shape(document: DocumentNode, schema: GraphQLSchema) -> Shape:
    """What a document with one query selects."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    shape = Shape(schema, fragments)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and schema.query_type is not None:
            shape.read(one.selection_set, schema.query_type)
    return shape


def make_types(shape: Shape, answer: dict[str, Any]) -> type:
    """Strawberry types of that shape; gives the type Query."""
    made: dict[str, type] = {}

    def hint(name: str) -> Any:
        kind = shape.schema.get_type(name)
        if kind is not None and is_leaf_type(kind):
            return LEAVES.get(name, JSON) if name in LEAVES else JSON
        return make(name)

    def make(name: str) -> type:
        if name not in made:
            source = shape.schema.get_type(name)
            assert isinstance(source, GraphQLObjectType)
            hints: dict[str, Any] = {}
            for one, kind in shape.fields[name].items():
                is_list = "[" in str(source.fields[one].type)
                inner = hint(kind)
                hints[one] = (list.__class_getitem__(inner) if is_list else inner) | None
            plain = type(name, (), {"__annotations__": hints})
            made[name] = strawberry.type(plain, name=name)
        return made[name]

    def build(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [build(name, item) for item in value]
        if not isinstance(value, dict) or name not in shape.fields:
            return value
        kinds = shape.fields[name]
        return make(name)(**{one: build(kind, value.get(one)) for one, kind in kinds.items()})

    roots = shape.fields["Query"]
    body: dict[str, Any] = {}
    for one, kind in roots.items():
        body[one] = strawberry.field(
            resolver=_make_resolver(build(kind, answer[one]), hint(kind), answer[one])
        )
    return strawberry.type(type("Query", (), body), name="Query")


def _make_resolver(value: Any, kind: Any, sample: Any) -> Callable[[], Any]:
    async def resolve() -> Any:
        return value

    resolve.__annotations__["return"] = (
        list.__class_getitem__(kind) if isinstance(sample, list) else kind
    )
    return resolve


def create_app(text: str, answer: dict[str, Any]) -> Litestar:
    """The application, as one would write it in an afternoon."""
    shape = read_shape(parse(text), house_schema()._schema)
    schema = strawberry.Schema(query=make_types(shape, answer))
    controller = make_graphql_controller(schema, path="/graphql", graphql_ide=None)
    return Litestar(route_handlers=[controller], openapi_config=None, logging_config=None)


def main() -> None:
    """Serve: PORT and a file with ``query`` and ``data``."""
    port, place = int(sys.argv[1]), Path(sys.argv[2])
    given = json.loads(place.read_text(encoding="utf-8"))
    app = create_app(given["query"], given["data"])
    uvicorn.run(app, port=port, log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
