"""The pages behind the links in messages: one address, one purpose, one person.

Getting a page changes nothing but the record of who was shown an address: mail scanners follow
links before people do. What acts is a button.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter
from litestar.response import Redirect

from core.clock import Clock
from core.db import Database, Session
from core.errors import TalkootError
from core.settings import Settings
from people.auth import Actor
from people.errors import LinkUnknown
from people.links import LinkTo, resolve_link
from web.pages.context import read_reader
from web.pages.desk import ShowAgain
from web.pages.errors import answer_error, keep_form
from web.pages.guards import AnyRequest, check_same_site, read_form
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE, Reader, choose_reader_language

SEE_OTHER: Final = 303


@dataclass(frozen=True)
class Visit:
    """One call of one page."""

    session: Session
    link: LinkTo
    token: str
    reader: Reader
    now: datetime
    said: str = ""
    """What the button before has done: a code word."""
    instead: UUID | None = None
    """The offer that is put forward instead of one that is gone."""

    @property
    def actor(self) -> Actor:
        """The person that the link is for: it lets them do this one thing and no more."""
        return Actor(person_id=self.link.person_id)


@dataclass(frozen=True)
class Next:
    """Where a button leads: a page, and what it shall say."""

    token: str
    said: str = ""
    instead: UUID | None = None


Show = Callable[[Visit], Awaitable[Response[str]]]
Act = Callable[[Visit, dict[str, str]], Awaitable[Next]]


@dataclass(frozen=True)
class Page:
    """What a kind of link shows, and what its buttons do."""

    show: Show
    act: Act
    one_click: bool = False
    """Whether a mail program may press the button without opening the page (RFC 8058)."""


@dataclass
class Pages:
    """The pages by the action of their links."""

    by_action: dict[str, Page] = field(default_factory=dict)

    def get(self, link: LinkTo) -> Page:
        """The page of a link."""
        page = self.by_action.get(link.action)
        if page is None:
            raise LinkUnknown("This link opens nothing. Use the newest message that we sent you.")
        return page


PAGES = Pages()

Token = Annotated[str, PathParameter(max_length=64)]


@get(["/l/{token:str}", "/l/{token:str}/unsubscribe"], name="link")
async def get_link(
    request: AnyRequest,
    *,
    token: Token,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    lang: FromQuery[str | None] = None,
    said: FromQuery[str] = "",
    instead: FromQuery[UUID | None] = None,
) -> Response[str]:
    """Show the page of a link."""
    reader = Reader()
    try:
        async with database.begin() as session:
            link = await resolve_link(session, token, now=clock.now())
            reader = await read_reader(session, request, link, settings, lang, now=clock.now())
            visit = Visit(session, link, token, reader, clock.now(), said[:20], instead)
            return await PAGES.get(link).show(visit)
    except TalkootError as error:
        return answer_error(error, _reader_of(request, reader, lang))


@post(["/l/{token:str}", "/l/{token:str}/unsubscribe"], name="link_post", status_code=SEE_OTHER)
async def post_link(
    request: AnyRequest,
    *,
    token: Token,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
    lang: FromQuery[str | None] = None,
) -> Response[str] | Redirect:
    """Press a button of the page of a link."""
    reader = Reader()
    try:
        limits.check(request, token, clock.now())
        form = await read_form(request)
        async with database.begin() as session:
            link = await resolve_link(session, token, now=clock.now())
            page = PAGES.get(link)
            if not page.one_click:
                check_same_site(request, settings)
            reader = await read_reader(session, request, link, settings, lang, now=clock.now())
            visit = Visit(session, link, token, reader, clock.now())
            goal = await page.act(visit, form)
    except ShowAgain as shown:
        return shown.answer
    except TalkootError as error:
        again = keep_form(request, error.http_status)
        return answer_error(error, _reader_of(request, reader, lang), again)
    if page.one_click and "List-Unsubscribe" in form:
        return Response("", status_code=200, headers=PRIVATE)
    return Redirect(_address(goal, lang), status_code=SEE_OTHER, headers=PRIVATE)


def _address(goal: Next, lang: str | None) -> str:
    parts = [f"said={goal.said}"] if goal.said else []
    if goal.instead is not None:
        parts.append(f"instead={goal.instead}")
    if lang in ("en", "es"):
        parts.append(f"lang={lang}")
    return f"/l/{goal.token}" + (f"?{'&'.join(parts)}" if parts else "")


def _reader_of(request: AnyRequest, reader: Reader, lang: str | None) -> Reader:
    if reader.path:
        return reader
    return read_stranger(request, lang)


def read_stranger(request: AnyRequest, lang: str | None) -> Reader:
    """A reader of whom nothing is known."""
    return Reader(language=choose_reader_language(lang, (), request.headers.get("accept-language")))
