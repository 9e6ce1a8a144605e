"""Writes the second table of ``docs/permissions.md`` from the schema, for a person to read over.

``python -m tests.graphql_api.permission_page``. The first table is written by hand.
"""

from __future__ import annotations

from typing import Any

from graphql import GraphQLObjectType

from tests.graphql_api.asking import the_schema
from tests.graphql_api.permissions import GUARDS, PAGE

HEAD = "| type | whoever sees it | own or staff | staff | manager | own |"
ROOTS = ("Query", "Mutation", "Subscription")


def things() -> list[str]:
    """Types of things: neither roots, nor pages, nor what a mutation answers."""
    return sorted(
        name
        for name, kind in the_schema()._schema.type_map.items()
        if isinstance(kind, GraphQLObjectType)
        and not name.startswith("__")
        and name not in (*ROOTS, "PageInfo")
        and not name.endswith(("Connection", "Edge", "Problem", "Payload"))
    )


def guards_of(name: str) -> dict[str, str]:
    """The guard of each field of a type, as the schema has it."""
    kind = the_schema()._schema.type_map[name]
    definition: Any = the_schema().get_type_by_name(name)
    converter = the_schema().config.name_converter
    stated = {
        converter.get_graphql_name(field): str(field.metadata.get("sees", "") or "")
        for field in definition.fields
    }
    assert isinstance(kind, GraphQLObjectType)
    return {field: stated.get(field, "") for field in kind.fields}


def write_row(name: str) -> str:
    guards = guards_of(name)
    cells = [
        " ".join(field for field, guard in guards.items() if guard == column)
        for column in ("", *GUARDS)
    ]
    return f"| {name} | {' | '.join(cells)} |".replace("  ", " ")


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before = text[: text.index(HEAD)]
    rows = [HEAD, "| --- | --- | --- | --- | --- | --- |", *map(write_row, things())]
    PAGE.write_text(before + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
