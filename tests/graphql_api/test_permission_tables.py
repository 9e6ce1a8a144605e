"""The tables of the docs and the schema say the same, of every field."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from api.schema.access import Access
from tests.graphql_api.asking import OPERATIONS, the_schema
from tests.graphql_api.cases.every import CASES
from tests.graphql_api.permission_page import guards_of, things
from tests.graphql_api.permissions import read_guards, read_rules

ROOTS = ("Query", "Mutation", "Subscription")
RULES = read_rules()
GUARDS = read_guards()
DOCUMENTS = {
    str(path.relative_to(OPERATIONS).with_suffix("")): path.read_text(encoding="utf-8")
    for path in sorted(OPERATIONS.rglob("*.graphql"))
}


def root_fields() -> dict[str, Access]:
    found = {}
    for root in ROOTS:
        definition: Any = the_schema().get_type_by_name(root)
        for field in definition.fields:
            name = the_schema().config.name_converter.get_graphql_name(field)
            found[name] = field.metadata["access"]
    return found


def used_root_fields(document: str) -> set[str]:
    """The root fields that a document asks for."""
    return {
        selection.name.value
        for definition in parse(document).definitions
        if isinstance(definition, OperationDefinitionNode)
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode)
    }


def test_each_root_field_has_its_row() -> None:
    assert set(RULES) == set(root_fields())


@pytest.mark.parametrize("name", sorted(root_fields()))
def test_scope_is_the_one_of_the_schema(name: str) -> None:
    assert RULES[name].scope == (root_fields()[name].scope or "any")


@pytest.mark.parametrize("name", things())
def test_each_field_has_its_place(name: str) -> None:
    """`python -m tests.graphql_api.permission_page` writes the rows; read them over."""
    assert name in GUARDS, f"docs/permissions.md has no row for {name}"
    assert GUARDS[name] == guards_of(name)


def test_no_row_is_left_over() -> None:
    assert set(GUARDS) == set(things())


def test_each_root_field_is_used_by_a_document() -> None:
    used = {name for text in DOCUMENTS.values() for name in used_root_fields(text)}
    assert set(root_fields()) - used == set()


def test_each_document_has_a_case_and_each_case_a_document() -> None:
    assert {case.operation for case in CASES} == set(DOCUMENTS)
