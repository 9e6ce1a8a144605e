"""For tests: people who sign in by a browser, their mails, and a hasher that costs little."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from litestar.testing import AsyncTestClient

from api.app import create_app
from api.worker import build_registry
from core.clock import FixedClock
from core.db import Database
from core.ids import new_id
from core.jobs import JobTools, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from people.kinds import Channel, Role
from people.models import ContactPoint
from people.signing_in.passwords import Hasher
from tests.factories.people import LONG_AGO, add_community, add_person

SITE = "https://talkoot.example"
ADDRESS = "ana@mail.example"
SESSION = "__Host-talkoot"
OURS = {"sec-fetch-site": "same-origin"}
CHEAP = Hasher(time_cost=1, memory_kib=64)

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_LINK = re.compile(r"/sign-in/link/([A-Za-z0-9_\-]{43})")


@dataclass
class Town:
    """A browser, the database behind it, and who lives there."""

    client: AsyncTestClient[Litestar]
    database: Database
    clock: FixedClock
    settings: Settings
    mailer: MemoryMailer
    services: dict[str, Any]

    async def add(
        self, *, role: Role = Role.RESIDENT, email: str = ADDRESS, verified: bool = True
    ) -> tuple[UUID, UUID]:
        """Somebody with an address; person and community."""
        async with self.database.begin() as session:
            found = await add_community(session, slug=f"town-{new_id().hex}")
            person = await add_person(session, found, role=role)
            session.add(
                ContactPoint(
                    person_id=person.id,
                    channel=Channel.EMAIL,
                    value=email,
                    verified_at=LONG_AGO if verified else None,
                )
            )
            return person.id, found.id

    async def work(self) -> None:
        """Do what is due."""
        tools = JobTools(self.database, self.clock, self.settings, self.services)
        await run_due_jobs(self.database, build_registry(), tools)

    async def send(self, path: str, form_at: str | None = None, **fields: str) -> httpx.Response:
        """Fill in a form of a page and send it."""
        page = await self.client.get(form_at or path)
        token = _CSRF.search(page.text)
        data = {"csrf": token[1] if token else "", **fields}
        return await self.client.post(path, data=data, headers=OURS, follow_redirects=False)

    async def ask(self, address: str = ADDRESS, **fields: str) -> httpx.Response:
        """Ask for a link."""
        return await self.send("/sign-in", address=address, **fields)

    async def get_link(self, address: str = ADDRESS, **fields: str) -> str:
        """Ask for a link, and read the newest mail; the path of the link."""
        answer = await self.ask(address, **fields)
        assert answer.status_code == 303, answer.text
        await self.work()
        return link_in(self.mailer)

    async def sign_in(self, address: str = ADDRESS, **fields: str) -> httpx.Response:
        """Sign in by mail."""
        link = await self.get_link(address, **fields)
        return await self.send(link)

    async def is_signed_in(self) -> bool:
        """Whether one's own page is shown, and not the way to the sign-in."""
        page = await self.client.get("/account", follow_redirects=False)
        assert page.status_code in (200, 303)
        return page.status_code == 200


def link_in(mailer: MemoryMailer) -> str:
    """The link of the newest mail."""
    body = mailer.sent[-1].parse().get_body(("plain",))
    assert body is not None
    found = _LINK.search(body.get_content())
    assert found is not None
    return found[0]


@asynccontextmanager
async def open_town(
    database_url: str, database: Database, clock: FixedClock, **changes: str
) -> AsyncIterator[Town]:
    """The application with a browser before it, and its mail in memory."""
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
            **changes,
        }
    )
    mailer = MemoryMailer()
    services = {"mailer": mailer, "text_sender": None, "password_hasher": CHEAP}
    app = create_app(settings, clock=clock, services=services)
    async with AsyncTestClient(app, base_url=settings.public_url) as client:
        yield Town(client, database, clock, settings, mailer, services)
