"""However long its lists are, an operation sends the same number of statements."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.conftest import EVENING_OF_SNOW
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, read_operation
from tests.graphql_api.cases.case import Case
from tests.graphql_api.cases.every import CASES
from tests.graphql_api.statements import counted_statements

FEW, MANY = 10, 100
SLACK = 2
ROLE_OF_FOLDER = {
    "everybody": "manager",
    "integrator": "manager",
    "resident": "resident",
    "staff": "manager",
    "volunteer": "volunteer",
}


def is_query(case: Case) -> bool:
    return any(
        isinstance(node, OperationDefinitionNode) and node.operation is OperationType.QUERY
        for node in parse(read_operation(case.operation)).definitions
    )


QUERIES = [case for case in CASES if is_query(case)]


@pytest.fixture(scope="module")
def towns(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, tuple[Path, Town]]:
    folder = tmp_path_factory.mktemp("towns")

    async def seed(scale: int) -> tuple[Path, Town]:
        path = folder / f"{scale}.db"
        shutil.copyfile(sqlite_template, path)
        async with Database(f"sqlite:///{path}") as database:
            clock = FixedClock(EVENING_OF_SNOW)
            return path, await seed_town(database, clock, slug=f"town-{scale}", scale=scale)

    return {scale: asyncio.run(seed(scale)) for scale in (FEW, MANY)}


def actor_of(town: Town, role: str) -> Actor:
    person_id = {
        "resident": town.resident_ids[0],
        "volunteer": town.volunteer_person_ids[0],
        "manager": town.manager_id,
    }[role]
    return actor_as(Role(role), town.community_id, person_id)


def count_rows(value: Any) -> int:
    """How many things an answer lists."""
    if isinstance(value, list):
        return len(value) + sum(count_rows(item) for item in value)
    if isinstance(value, dict):
        return sum(count_rows(item) for item in value.values())
    return 0


@dataclass(frozen=True)
class Counting:
    """Counts the statements and rows of an operation in a small town and in a large one, once."""

    towns: dict[int, tuple[Path, Town]]
    known: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)

    async def count(self, scale: int, case: Case) -> tuple[int, int]:
        key = (scale, case.operation)
        if key not in self.known:
            self.known[key] = await ask_counted(*self.towns[scale], case)
        return self.known[key]


@pytest.fixture(scope="module")
def counting(towns: dict[int, tuple[Path, Town]]) -> Counting:
    return Counting(towns)


async def ask_counted(path: Path, town: Town, case: Case) -> tuple[int, int]:
    role = ROLE_OF_FOLDER[case.operation.partition("/")[0]]
    document = read_operation(case.operation)
    variables = case.own(town, role)
    if "$first" in document:
        variables["first"] = MANY
    async with Database(f"sqlite:///{path}") as database:
        asker = Asker(database, FixedClock(EVENING_OF_SNOW))
        await asker.ask(document, actor_of(town, role), **variables)
        with counted_statements() as sent:
            answer = await asker.ask(document, actor_of(town, role), **variables)
    assert not answer.errors, answer.errors
    return len([text for text in sent if not text.startswith("PRAGMA")]), count_rows(answer.data)


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case.operation)
async def test_statements_do_not_grow_with_rows(case: Case, counting: Counting) -> None:
    few, _ = await counting.count(FEW, case)
    many, _ = await counting.count(MANY, case)
    assert abs(many - few) <= SLACK


async def test_the_lists_are_longer_in_the_larger_town(counting: Counting) -> None:
    """Else the other test compares nothing."""
    paged = [case for case in QUERIES if "$first" in read_operation(case.operation)]
    grown = []
    for case in paged:
        _, few = await counting.count(FEW, case)
        _, many = await counting.count(MANY, case)
        if many > few:
            grown.append(case.operation)
    assert len(grown) >= len(paged) / 2, sorted({case.operation for case in paged} - set(grown))
