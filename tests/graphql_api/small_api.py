"""A small API on the transport of the product: things that nest, fail, wait and change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import strawberry
from litestar import Litestar
from strawberry.litestar import BaseContext

from api.errors import HANDLERS
from api.transport.contract import Contract
from api.transport.controller import make_controller
from api.transport.service import GraphQLApi, make_api
from core.clock import Clock, SystemClock
from core.errors import Conflict
from core.settings import Settings
from people.auth import Actor
from people.signing_in.errors import NotSignedIn
from web.identity import ANONYMOUS, AnyConnection, Identity, check_csrf

ADA = UUID("0198c9a0-0000-7000-8000-00000000000a")
BO = UUID("0198c9a0-0000-7000-8000-00000000000b")
SIGN_IN = UUID("0198c9a0-0000-7000-8000-0000000000c1")
TOKEN = UUID("0198c9a0-0000-7000-8000-0000000000d1")
SECRET = "row 17 of /srv/talkoot.db: Ada Lovelace, 12 Main St"


class Taken(Conflict):
    """Somebody was faster."""

    code = "taken"


class SmallContext(BaseContext, kw_only=True):
    identity: Identity
    world: World


@dataclass
class World:
    """What the small API is about, and what it saw."""

    renamed: int = 0
    cancelled: int = 0
    closed_streams: int = 0
    contexts: int = 0
    ticked: asyncio.Event = field(default_factory=asyncio.Event)


Info = strawberry.Info[SmallContext, None]
First = Annotated[int, strawberry.argument(description="How many.")]


@strawberry.type
class PageInfo:
    has_next_page: bool


@strawberry.type
class ThingEdge:
    cursor: str
    node: Thing


@strawberry.type
class ThingConnection:
    size: strawberry.Private[int]

    @strawberry.field
    def nodes(self) -> list[Thing]:
        return [Thing(number=number) for number in range(self.size)]

    @strawberry.field
    def edges(self) -> list[ThingEdge]:
        return [ThingEdge(cursor=str(n), node=Thing(number=n)) for n in range(self.size)]

    @strawberry.field
    def page_info(self) -> PageInfo:
        return PageInfo(has_next_page=False)

    @strawberry.field
    def total_count(self) -> int:
        return self.size


@strawberry.type
class Thing:
    number: int

    @strawberry.field
    def name(self) -> str:
        return f"thing {self.number}"

    @strawberry.field
    def things(self, first: First = 20) -> ThingConnection:
        return ThingConnection(size=min(first, 100))

    @strawberry.field
    def parts(self) -> list[Thing]:
        return [Thing(number=1)]

    @strawberry.field(metadata={"items": 3})
    def legs(self) -> list[Thing]:
        return [Thing(number=number) for number in range(3)]

    @strawberry.field(metadata={"cost": 50})
    def dear(self) -> int:
        return 1

    @strawberry.field
    def parent(self) -> Thing | None:
        return None


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}"

    @strawberry.field
    def whoami(self, info: Info) -> str | None:
        person_id = info.context.identity.actor.person_id
        return None if person_id is None else str(person_id)

    @strawberry.field
    def thing(self) -> Thing:
        return Thing(number=0)

    @strawberry.field
    def things(self, first: First = 20) -> ThingConnection:
        return ThingConnection(size=min(first, 100))

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def taken(self) -> str | None:
        raise Taken("Somebody was faster. Choose another.")

    @strawberry.field
    def too_big_a_number(self) -> int | None:
        return 99_999_999_999_123

    @strawberry.field
    async def slow(self, info: Info, seconds: float = 60) -> str:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            info.context.world.cancelled += 1
            raise
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, info: Info, name: str) -> int:
        info.context.world.renamed += 1
        return info.context.world.renamed


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int = 3) -> AsyncIterator[int]:
        for number in range(to):
            yield number
            await asyncio.sleep(0)

    @strawberry.subscription
    async def forever(self, info: Info) -> AsyncIterator[int]:
        try:
            yield 0
            while True:
                await asyncio.sleep(3_600)
                yield 1
        finally:
            info.context.world.closed_streams += 1

    @strawberry.subscription
    async def breaking(self, info: Info) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError(SECRET)

    @strawberry.subscription
    async def contexts(self, info: Info) -> AsyncIterator[Thing]:
        for number in range(3):
            yield Thing(number=number)


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


@dataclass
class SmallDoor:
    """Lets Ada in by a cookie and Bo by a token, until they are sent away."""

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=SystemClock)
    world: World = field(default_factory=World)
    sent_away: set[UUID] = field(default_factory=set)
    asked_count: int = 0

    async def identify(self, connection: AnyConnection) -> Identity:
        header = connection.headers.get("authorization", "")
        if header:
            if header != "Bearer bo" or TOKEN in self.sent_away:
                raise NotSignedIn("This token does not hold.")
            return Identity(Actor(person_id=BO), token_id=TOKEN)
        cookie = connection.cookies.get("talkoot")
        if cookie is None:
            return ANONYMOUS
        if cookie != "ada" or SIGN_IN in self.sent_away:
            raise NotSignedIn("Sign in again.")
        return Identity(Actor(person_id=ADA), session_id=SIGN_IN, csrf="ada's token")

    async def still_valid(self, connection: AnyConnection, identity: Identity) -> bool:
        self.asked_count += 1
        return self.sent_away.isdisjoint({identity.session_id, identity.token_id})

    def make_context(self, connection: AnyConnection, identity: Identity) -> Any:
        self.world.contexts += 1
        return SmallContext(identity=identity, world=self.world)

    def check_csrf(self, request: Any, identity: Identity) -> None:
        check_csrf(request, identity, self.settings)


def make_small_api(
    *,
    door: SmallDoor | None = None,
    contract: Contract | None = None,
    limit_s: float = 10.0,
    init_limit_s: float = 3.0,
    **settings: Any,
) -> GraphQLApi:
    """The API with these settings."""
    chosen = door or SmallDoor()
    if settings:
        chosen.settings = Settings(**settings)
    return make_api(SCHEMA, chosen, contract=contract, limit_s=limit_s, init_limit_s=init_limit_s)


def make_small_app(api: GraphQLApi | None = None) -> Litestar:
    """An application with nothing but the API."""
    return Litestar(
        route_handlers=[make_controller(api or make_small_api())],
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )


def create_small_app() -> Litestar:
    """For a server in a process of its own, where much may be asked."""
    return make_small_app(make_small_api(graphql_get="on", graphql_rate=1_000_000))


def create_plain_app() -> Litestar:
    """For a server in a process of its own, without settings."""
    return make_small_app()
