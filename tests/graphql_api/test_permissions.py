"""Who may do what: each operation as each role, in a town of one's own and in another's."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from api.opening import CARRIED
from core.clock import FixedClock
from core.db import Database
from core.errors import NotFound, NotPermitted
from people.auth import Actor
from people.kinds import Role
from tests.conftest import EVENING_OF_SNOW
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Answer, Asker, read_operation
from tests.graphql_api.cases.case import Case
from tests.graphql_api.cases.every import CASES
from tests.graphql_api.permissions import ROLES, read_rules

RULES = read_rules()
REFUSED = {"NotPermittedProblem", "NotFoundProblem"}
SUBSCRIPTIONS = {
    case.operation
    for case in CASES
    if any(
        isinstance(node, OperationDefinitionNode) and node.operation is OperationType.SUBSCRIPTION
        for node in parse(read_operation(case.operation)).definitions
    )
}
ASKED = [case for case in CASES if case.operation not in SUBSCRIPTIONS]


@dataclass(frozen=True)
class Seeded:
    """Two towns in a file that is copied for each case."""

    path: Path
    town: Town
    other: Town


@pytest.fixture(scope="module")
def seeded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    path = tmp_path_factory.mktemp("towns") / "talkoot.db"
    shutil.copyfile(sqlite_template, path)

    async def seed() -> tuple[Town, Town]:
        async with Database(f"sqlite:///{path}", info=CARRIED) as database:
            clock = FixedClock(EVENING_OF_SNOW)
            first = await seed_town(database, clock, slug="snowville")
            return first, await seed_town(database, clock, slug="frostville")

    town, other = asyncio.run(seed())
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return Seeded(path, town, other)


@pytest.fixture
async def asker(seeded: Seeded, tmp_path: Path) -> AsyncIterator[Asker]:
    path = tmp_path / "copy.db"
    shutil.copyfile(seeded.path, path)
    async with Database(f"sqlite:///{path}", info=CARRIED) as database:
        yield Asker(database, FixedClock(EVENING_OF_SNOW))


def actor_of(seeded: Seeded, role: str) -> Actor:
    town, other = seeded.town, seeded.other
    if role == "anonymous":
        return Actor.anonymous()
    if role == "neighbour":
        return actor_as(Role.MANAGER, other.community_id, other.manager_id)
    person_id = {
        "resident": town.resident_ids[0],
        "volunteer": town.volunteer_person_ids[0],
        "coordinator": town.coordinator_id,
        "manager": town.manager_id,
    }[role]
    return actor_as(Role(role), town.community_id, person_id)


class _NameTypes(Visitor):
    """Asks every selection for the name of its type."""

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
        name = FieldNode(
            name=NameNode(value="__typename"), alias=None, arguments=(), directives=(),
            selection_set=None,
        )  # fmt: skip
        return SelectionSetNode(selections=(*node.selections, name))


@cache
def with_type_names(document: str) -> str:
    return print_ast(visit(parse(document), _NameTypes()))


def outcome_of(answer: Answer, key: str) -> str:
    """What became of one root field: ``yes``, ``empty``, ``no``, or what went wrong."""
    causes = [
        getattr(error, "original_error", None) or error
        for error in answer.errors
        if error.path is None or error.path[0] == key
    ]
    if causes:
        refused = all(isinstance(cause, NotPermitted | NotFound) for cause in causes)
        return "no" if refused else f"error: {causes}"
    value = None if answer.data is None else answer.data.get(key)
    kind = value.get("__typename", "") if isinstance(value, dict) else ""
    if kind in REFUSED:
        return "no"
    if kind.endswith("Problem"):
        return f"problem: {value}"
    if value is None or value == [] or (isinstance(value, dict) and value.get("nodes") == []):
        return "empty"
    return "yes"


@cache
def keys_of(document: str) -> dict[str, str]:
    """The root fields of a document, by the key under which each is answered."""
    return {
        (node.alias.value if node.alias else node.name.value): node.name.value
        for definition in parse(document).definitions
        if isinstance(definition, OperationDefinitionNode)
        for node in definition.selection_set.selections
        if isinstance(node, FieldNode)
    }


async def prepare(case: Case, seeded: Seeded, asker: Asker) -> None:
    """Bring about what an operation needs."""
    for operation, variables_of in case.before:
        answer = await asker.ask(
            with_type_names(read_operation(operation)),
            actor_of(seeded, "manager"),
            **variables_of(seeded.town),
        )
        for key in keys_of(read_operation(operation)):
            assert outcome_of(answer, key) == "yes", answer


def is_mutation(document: str) -> bool:
    return document.lstrip().startswith("mutation")


def digest(path: Path) -> int:
    """Everything that a database holds, as one number."""
    with sqlite3.connect(path) as connection:
        lines = hash(tuple(connection.iterdump()))
    connection.close()
    return lines


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.operation)
async def test_operation_does_what_the_table_says(
    case: Case, role: str, seeded: Seeded, asker: Asker, tmp_path: Path
) -> None:
    document = read_operation(case.operation)
    own_role = "manager" if role == "neighbour" else role
    variables = case.own(seeded.town, own_role)
    await prepare(case, seeded, asker)
    expected = {}
    for key, field in keys_of(document).items():
        stated = RULES[field].by_role[role]
        expected[key] = "yes" if stated == "own" else stated
    # To read a whole database takes longer than to ask.
    changes_nothing = is_mutation(document) and set(expected.values()) == {"no"}
    before = digest(tmp_path / "copy.db") if changes_nothing else None
    answer = await asker.ask(with_type_names(document), actor_of(seeded, role), **variables)
    for key, outcome in expected.items():
        assert outcome_of(answer, key) == outcome, answer
    if changes_nothing:
        assert digest(tmp_path / "copy.db") == before


def own_fields(case: Case, role: str) -> list[str]:
    """The answers of an operation that a role may have about itself alone."""
    keys = keys_of(read_operation(case.operation))
    return [key for key, field in keys.items() if RULES[field].by_role[role] == "own"]


ABOUT_ONESELF = [
    pytest.param(case, role, id=f"{case.operation}-{role}")
    for case in ASKED
    for role in ROLES[1:-1]
    if case.foreign is not None and own_fields(case, role)
]


@pytest.mark.parametrize(("case", "role"), ABOUT_ONESELF)
async def test_what_is_for_oneself_is_for_nobody_else(
    case: Case, role: str, seeded: Seeded, asker: Asker, tmp_path: Path
) -> None:
    document = read_operation(case.operation)
    assert case.foreign is not None
    before = digest(tmp_path / "copy.db") if is_mutation(document) else None
    answer = await asker.ask(
        with_type_names(document),
        actor_of(seeded, role),
        **case.foreign(seeded.town, seeded.other),
    )
    for key in own_fields(case, role):
        assert outcome_of(answer, key) in ("no", "empty"), answer
    if is_mutation(document):
        assert digest(tmp_path / "copy.db") == before
