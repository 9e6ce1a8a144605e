"""The pages of an installation with two towns, and people who are signed in to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import func, select

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
OURS = {"origin": SITE, "sec-fetch-site": "same-origin"}
"""What a browser says when it sends a form of a page of ours."""
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
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

    async def enter(self, person_id: UUID) -> Browser:
        """The browser of somebody who has signed in."""
        return Browser(self, await self.as_person(person_id))


@dataclass(frozen=True)
class Browser:
    """Somebody who looks at pages and presses buttons."""

    pages: Pages
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Any:
        return await self.pages.client.get(path, headers=self.headers, follow_redirects=False)

    async def press(self, path: str, *, on: str | None = None, **form: str) -> Any:
        """Send a form of the page ``on``, else of the path itself."""
        return await press(self.pages, path, self.headers, form, page=on)


def read_token(text: str) -> str:
    """What the forms of a page carry; nothing when it has none."""
    found = _CSRF.search(text)
    return "" if found is None else found[1]


async def press(
    pages: Pages,
    path: str,
    who: dict[str, str],
    form: dict[str, Any],
    *,
    page: str | None = None,
    file: bytes | None = None,
) -> Any:
    """Fill in a form of ``page``, else of the path itself, as its browser does."""
    shown = await pages.get(page or path, who)
    token = read_token(shown.text)
    assert token, (shown.status_code, shown.text[:400])
    return await pages.client.post(
        path,
        data={"csrf": token, **form},
        files=None if file is None else {"file": ("list.csv", file, "text/csv")},
        headers=who | OURS,
        follow_redirects=False,
    )


async def count(pages: Pages, table: Any, *conditions: Any) -> int:
    """How many rows there are."""
    async with pages.database.read() as session:
        query = select(func.count()).select_from(table).where(*conditions)
        return int(await session.scalar(query) or 0)


def read_errors(text: str) -> list[str]:
    """What a page says beside the fields of its form."""
    return re.findall(r'class="err".*?<span>(.*?)</span>', text, re.S)


def read_form(text: str) -> dict[str, str]:
    """What a page's fields hold, by name, as a browser would send them: no box without its tick."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", text):
        fields = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        is_chosen = fields.get("type") not in ("radio", "checkbox") or tag.endswith(" checked>")
        if fields.get("name") and is_chosen:
            found[fields["name"]] = unescape(fields.get("value", ""))
    for name, words in re.findall(
        r'<textarea\b[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', text, re.S
    ):
        found[name] = unescape(words)
    return found


async def volunteer(pages: Pages, number: int = 1) -> Browser:
    """The browser of a volunteer of the first town."""
    return await pages.enter(pages.here.volunteer_person_ids[number])


def open_client(database_url: str, clock: Clock) -> Client:
    """The application on a database."""
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
            # a page shows at once what a test has done
            "TALKOOT_PAGES_KEEP_S": "0",
        }
    )
    return AsyncTestClient(create_app(settings, clock=clock), base_url=SITE)
