"""Listening to subscriptions of the schema, without a server in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.schema.context import Context
from core.clock import Clock
from core.db import Database
from core.settings import Settings
from people.auth import Actor
from tests.graphql_api.asking import read_operation, the_schema

SOON_S = 60.0


class Ended(Exception):
    """The subscription has ended; with the codes of its errors."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(codes)
        self.codes = codes


@dataclass
class Ear:
    """Hears one subscription."""

    answers: Any

    async def next(self, timeout_s: float = SOON_S) -> Any:
        """What the one field answers next; raises `Ended` when it has ended."""
        async with asyncio.timeout(timeout_s):
            result = await anext(self.answers, None)
        if result is None:
            raise Ended([])
        if result.errors:
            causes = [error.original_error for error in result.errors]
            raise Ended([getattr(cause, "code", repr(cause)) for cause in causes])
        (value,) = result.data.values()
        return value

    async def silent(self, for_s: float) -> bool:
        """Whether nothing comes for so long. The subscription is of no use afterwards."""
        try:
            await self.next(for_s)
        except TimeoutError:
            return True
        return False

    async def until(self, holds: Any, timeout_s: float = SOON_S) -> Any:
        """The first answer for which something holds."""
        async with asyncio.timeout(timeout_s):
            while not holds(value := await self.next(timeout_s)):
                pass
            return value


@dataclass(frozen=True)
class Listener:
    """Somebody who listens, by a sign-in or a token."""

    actor: Actor
    session_id: UUID | None = None
    token_id: UUID | None = None


@asynccontextmanager
async def listening(
    database: Database,
    clock: Clock,
    document: str,
    who: Listener | Actor,
    **variables: Any,
) -> AsyncIterator[Ear]:
    """A subscription, given as text or as the name of a document; it ends with the block."""
    listener = Listener(who) if isinstance(who, Actor) else who
    context = Context(
        database=database,
        clock=clock,
        settings=Settings(),
        services={},
        actor=listener.actor,
        session_id=listener.session_id,
        token_id=listener.token_id,
    )
    text = document if "{" in document else read_operation(document)
    answers: Any = await the_schema().subscribe(text, variables, context_value=context)
    try:
        yield Ear(answers)
    finally:
        await answers.aclose()
