"""What a resolver may use: the database, the clock, and who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import msgspec
import strawberry
from strawberry.litestar import BaseContext

from api.schema.loaders import Load, Loaders
from api.schema.reads import SharedReads, Work
from core.clock import Clock
from core.db import Database, Session
from core.settings import Settings
from people.auth import Actor

Value = TypeVar("Value")


class Context(BaseContext, kw_only=True):
    """One request, or one socket. Who asks on a socket is looked at again by the transport."""

    database: Database
    clock: Clock
    settings: Settings
    services: Mapping[str, Any]
    """``mailer``, ``text_sender``, ``live`` and what else the installation brings."""
    actor: Actor
    session_id: UUID | None = None
    """The sign-in that the request came with."""
    token_id: UUID | None = None
    """The API token that the request came with."""
    csrf: str | None = None
    """What a request of that sign-in carries when it changes something."""
    language: str = "en"
    loaders: Loaders = msgspec.field(default_factory=Loaders)
    reads: SharedReads = msgspec.field(default_factory=SharedReads)

    @property
    def now(self) -> datetime:
        """The moment by the clock of the installation."""
        return self.clock.now()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Session]:
        """One write transaction: for mutations, and for reading an address, which is recorded."""
        try:
            async with self.database.begin() as session:
                yield session
        finally:
            self.reads.start_anew()

    def read(self) -> AbstractAsyncContextManager[Session]:
        """A short read-only session. Never shared: fields of a query are resolved side by side."""
        return self.database.read()

    async def read_together(self, work: Work[Value]) -> Value:
        """What ``work`` finds, in one session with the other reads that wait at this moment."""
        return await self.reads.run(self.read, work)

    async def load(self, load: Load[Value], key: UUID) -> Value | None:
        """What ``load`` finds for a key; keys asked for in the same moment go in one call."""
        return await self.loaders.of(load, self._run)(key)

    async def load_many(self, load: Load[Value], keys: Sequence[UUID]) -> list[Value | None]:
        """Like `load`, for several keys."""
        return await self.loaders.many(load, self._run)(keys)

    async def _run(self, load: Load[Any], keys: list[UUID]) -> Mapping[UUID, Any]:
        return await self.read_together(lambda session: load(session, self.actor, keys))


Info: TypeAlias = strawberry.Info[Context, None]
Resolver: TypeAlias = Callable[..., Awaitable[Any]]
