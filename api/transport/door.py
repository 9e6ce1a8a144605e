"""Who comes in, and what their operations may use: the house behind the transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from litestar.connection import ASGIConnection, Request

from core.clock import Clock
from core.settings import Settings
from web.identity import AnyConnection, Identity, check_csrf, identify, still_valid

AnyRequest = Request[Any, Any, Any]


class Door(Protocol):
    """What the transport asks of the house."""

    @property
    def settings(self) -> Settings: ...

    @property
    def clock(self) -> Clock: ...

    async def identify(self, connection: AnyConnection) -> Identity:
        """Who asks; raises `TalkootError` when a sign-in or token does not hold."""
        ...

    async def still_valid(self, connection: AnyConnection, identity: Identity) -> bool:
        """Whether a sign-in or token holds as it did."""
        ...

    def make_context(self, connection: AnyConnection, identity: Identity) -> Any:
        """What resolvers may use, for one operation."""
        ...

    def check_csrf(self, request: AnyRequest, identity: Identity) -> None:
        """Refuse a change that another site made the browser ask for."""
        ...


class MakeContext(Protocol):
    """Makes what resolvers may use."""

    def __call__(self, connection: AnyConnection, identity: Identity) -> Any: ...


@dataclass(frozen=True)
class HouseDoor:
    """The door of the product: sign-ins, tokens and database of its application."""

    settings: Settings
    clock: Clock
    context: MakeContext

    async def identify(self, connection: AnyConnection) -> Identity:
        """Who asks: by cookie, by token, or nobody in particular."""
        return await identify(connection, self._database(connection), self.clock, self.settings)

    async def still_valid(self, connection: AnyConnection, identity: Identity) -> bool:
        """Whether it still holds; nobody in particular stays so."""
        if identity.session_id is None and identity.token_id is None:
            return True
        async with self._database(connection).read() as session:
            return await still_valid(session, identity, self.clock.now())

    def make_context(self, connection: AnyConnection, identity: Identity) -> Any:
        """A fresh one for each operation."""
        return self.context(connection, identity)

    def check_csrf(self, request: AnyRequest, identity: Identity) -> None:
        """By origin, and by the token of the sign-in."""
        check_csrf(request, identity, self.settings)

    def _database(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Any:
        return connection.app.state.database
