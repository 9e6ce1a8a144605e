"""The pages of an installation with two towns, and people who are signed in to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.testing import AsyncTestClient

from api.app import create_app
from core.clock import Clock
from core.db import Database
from core.settings import Settings
from people.auth import Actor
from people.repository import load_actor
from people.signing_in.kinds import Method
from people.signing_in.sessions import start_sign_in
from people.signing_in.tokens import NewToken, create_token
from tests.factories.town import Town

SITE = "https://talkoot.example"
Client = AsyncTestClient[Litestar]


@dataclass(frozen=True)
class Pages:
    """A running application and what stands behind it."""

    client: Client
    database: Database
    clock: Clock
    here: Town
    there: Town

    async def as_person(self, person_id: UUID) -> dict[str, str]:
        """The headers of a browser in which somebody is signed in."""
        async with self.database.begin() as session:
            live = await start_sign_in(
                session, person_id, Method.LINK, device="test", now=self.clock.now()
            )
        return {"cookie": f"__Host-talkoot={live.secret}"}

    async def as_token(self, person_id: UUID, *scopes: str) -> dict[str, str]:
        """The headers of a program with an API token."""
        async with self.database.begin() as session:
            made = await create_token(
                session,
                Actor(person_id=person_id, roles=(await load_actor(session, person_id)).roles),
                person_id,
                NewToken(name="Test", scopes=scopes),
                now=self.clock.now(),
            )
        return {"authorization": f"Bearer {made.secret}"}

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return await self.client.get(path, headers=headers or {})


def open_client(database_url: str, clock: Clock) -> Client:
    """The application on a database."""
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
        }
    )
    return AsyncTestClient(create_app(settings, clock=clock), base_url=SITE)
