"""Many small look-ups become one: however long a list is, the number of queries stays the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from core.db import Session
from people.auth import Actor

MAX_BATCH = 500

Value = TypeVar("Value")

Load = Callable[[Session, Actor, list[UUID]], Awaitable[Mapping[UUID, Value]]]
"""A function of a repository that finds what the actor may see of these keys."""
Run = Callable[[Load[Any], list[UUID]], Awaitable[Mapping[UUID, Any]]]


class Loaders:
    """The loaders of one request, one for each function. They batch and remember nothing.

    What a mutation changed, or a socket showed an hour ago, is never answered from memory.
    """

    def __init__(self) -> None:
        self._by_function: dict[Load[Any], DataLoader[UUID, Any]] = {}

    def of(self, load: Load[Value], run: Run) -> Callable[[UUID], Awaitable[Value | None]]:
        """Find one."""
        return self._loader(load, run).load

    def many(
        self, load: Load[Value], run: Run
    ) -> Callable[[Sequence[UUID]], Awaitable[list[Value | None]]]:
        """Find several, in their order."""
        return self._loader(load, run).load_many

    def _loader(self, load: Load[Any], run: Run) -> DataLoader[UUID, Any]:
        if load not in self._by_function:

            async def load_batch(keys: list[UUID]) -> list[Any]:
                found = await run(load, list(dict.fromkeys(keys)))
                return [found.get(key) for key in keys]

            self._by_function[load] = DataLoader(load_batch, max_batch_size=MAX_BATCH, cache=False)
        return self._by_function[load]
