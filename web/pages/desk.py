"""Pages without a secret link: who asks, in which language, about which town, in one transaction.

A handler asks the desk for one ``Call``. Looking reads, pressing a button writes: what goes wrong
in between takes everything back and becomes a page that says what to do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.response import Redirect

from core.clock import Clock
from core.db import Database, Session
from core.errors import NotFound, NotPermitted, TalkootError
from core.security import mask_secret
from core.settings import Settings
from people.auth import STAFF, Actor
from people.kinds import Role
from people.link_repository import load_home_and_languages
from people.models import Community
from people.repository import list_communities, read_rules_at
from people.signing_in.digests import looks_like_secret, new_secret
from people.signing_in.errors import NotSignedIn
from web.identity import (
    Identity,
    check_csrf,
    check_csrf_token,
    find_identity,
    find_identity_in,
    make_cookie,
    make_csrf,
    note_use,
    read_cookie,
)
from web.pages.choices import LANGUAGE_COOKIE, PLACE_COOKIE, read_language, read_theme
from web.pages.errors import answer_error, keep_form
from web.pages.guards import AnyRequest, check_same_site, read_form
from web.pages.keeping import Kept
from web.pages.limiting import PressLimits
from web.pages.rendering import (
    PRIVATE,
    PUBLIC,
    Audience,
    Reader,
    answer_page,
)
from web.pages.visitors import SEE_OTHER, VISIT_COOKIE, VISIT_LIFE

CHOICE_LIFE: Final = timedelta(days=365)
UNPROCESSABLE: Final = 422

Answer = Response[Any]


class NoTown(NotFound):
    """No community is open yet."""

    code = "no_town"


class ShowAgain(TalkootError):
    """The form is shown again with what is missing; nothing of it was done."""

    code = "show_again"
    http_status = UNPROCESSABLE

    def __init__(self, answer: Answer) -> None:
        super().__init__("Something in the form is missing.")
        self.answer = answer


@dataclass
class Browser:
    """The cookies of one browser, and those that it is to get."""

    request: AnyRequest
    settings: Settings
    identity: Identity
    made: list[tuple[str, str, timedelta]] = field(default_factory=list)
    has_towns: bool = False
    """Whether there are several to choose from."""

    @property
    def csrf(self) -> str:
        """What the forms of this browser carry; a stranger gets a cookie that it belongs to."""
        if self.identity.csrf is not None:
            return self.identity.csrf
        secret = next((value for name, value, _ in self.made if name == VISIT_COOKIE), None)
        secret = secret or read_cookie(self.request, self.settings, VISIT_COOKIE)
        if secret is None or not looks_like_secret(secret):
            secret = new_secret()
            self.keep(VISIT_COOKIE, secret, VISIT_LIFE)
        return make_csrf(secret)

    def check(self, form: dict[str, str]) -> None:
        """Refuse a form that is not from a page of ours in this browser."""
        if self.identity.session_id is not None:
            check_csrf(self.request, self.identity, self.settings, form)
            return
        check_same_site(self.request, self.settings)
        check_csrf_token(self.request, self.csrf, form)

    def keep(self, name: str, value: str, life: timedelta) -> None:
        """Give the browser a cookie with the answer."""
        self.made.append((name, value, life))

    def finish(self, answer: Answer) -> Answer:
        """Put the cookies on an answer."""
        for name, value, life in self.made:
            answer.set_cookie(make_cookie(self.settings, value, name=name, life=life))
        return answer


@dataclass(frozen=True)
class Call:
    """One call of one page."""

    request: AnyRequest
    session: Session
    browser: Browser
    settings: Settings
    place: Community | None
    """The town that the page is about; None before any is open."""
    reader: Reader
    now: datetime
    form: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.browser.identity.actor

    @property
    def town(self) -> Community:
        """The town that the page is about.

        Raises
        ------
        NoTown
            When none is open yet.
        """
        if self.place is None:
            raise NoTown("No town is open here yet.")
        return self.place

    def person(self) -> UUID:
        """The person who is signed in.

        Raises
        ------
        NotSignedIn
            When nobody is; the desk then leads to the sign-in and back.
        """
        if self.actor.person_id is None:
            raise NotSignedIn("Sign in first.")
        return self.actor.person_id

    def staff(self) -> Community:
        """The town whose programme the signed-in person works for.

        Raises
        ------
        NotSignedIn, NotPermitted
            When they do not.
        """
        self.person()
        if not self.actor.is_staff(self.town.id):
            raise NotPermitted("This page is for the people who run the programme.")
        return self.town

    def manager(self) -> Community:
        """The town that the signed-in person manages.

        Raises
        ------
        NotSignedIn, NotPermitted
            When they do not.
        """
        town = self.staff()
        if not self.actor.has_role(town.id, Role.MANAGER):
            raise NotPermitted("This page is for a manager of the programme.")
        return town

    @property
    def said(self) -> str:
        """What the button before has done: a code word."""
        return self.request.query_params.get("said", "")[:40]

    def show(self, name: str, values: dict[str, Any], *, status_code: int = 200) -> Answer:
        """A page for one person's eyes."""
        shared = {"csrf": mask_secret(self.browser.csrf), "said": self.said, "now": self.now}
        answer = answer_page(name, self.reader, shared | values, status_code=status_code)
        return self.browser.finish(answer)

    def show_public(self, name: str, values: dict[str, Any]) -> Answer:
        """A page for everybody, which search engines may list. It holds no form."""
        reader = replace(self.reader, is_public=True, site=self.settings.public_url)
        answer = answer_page(name, reader, {"said": self.said, "now": self.now} | values)
        answer.headers.pop("X-Robots-Tag", None)
        answer.headers.update(PUBLIC)
        return self.browser.finish(answer)

    def show_again(self, name: str, values: dict[str, Any]) -> ShowAgain:
        """The same page with its errors, to be raised: what was begun is taken back."""
        return ShowAgain(self.show(name, values, status_code=UNPROCESSABLE))

    def go(self, path: str, said: str = "") -> Answer:
        """Lead on after a button. For htmx the same, by its own header."""
        goal = path
        if said:
            path, mark, place = path.partition("#")
            goal = f"{path}{'&' if '?' in path else '?'}{urlencode({'said': said})}{mark}{place}"
        if self.request.headers.get("hx-request") == "true":
            answer: Answer = Response("", status_code=200, headers={**PRIVATE, "HX-Location": goal})
        else:
            answer = Redirect(goal, status_code=SEE_OTHER, headers=PRIVATE)
        return self.browser.finish(answer)


@dataclass(frozen=True)
class Desk:
    """Where pages are asked for."""

    database: Database
    clock: Clock
    settings: Settings
    limits: PressLimits
    kept: Kept = field(default_factory=Kept)

    @asynccontextmanager
    async def look(self, request: AnyRequest) -> AsyncIterator[Call]:
        """Read for a page. Nothing changes."""
        now = self.clock.now()
        async with self.database.read() as session:
            identity = await find_identity_in(session, request, now, self.settings)
            yield await self._call(session, self._open(request, identity))
        await note_use(self.database, identity, now)

    @asynccontextmanager
    async def look_and_note(self, request: AnyRequest) -> AsyncIterator[Call]:
        """Read for a page whose looking is written down, as that at an address is."""
        browser = await self._identify(request)
        async with self.database.begin() as session:
            yield await self._call(session, browser)

    @asynccontextmanager
    async def press(self, request: AnyRequest) -> AsyncIterator[Call]:
        """Do what a button says, in one transaction.

        Raises
        ------
        ForeignForm
            When the form is not from a page of ours.
        PressedTooOften
            When more is pressed than a person does.
        """
        browser = await self._identify(request)
        form = await read_form(request)
        browser.check(form)
        self.limits.check(request, browser.csrf, self.clock.now())
        async with self.database.begin() as session:
            yield replace(await self._call(session, browser), form=form)

    async def _identify(self, request: AnyRequest) -> Browser:
        """Who presses, before the transaction begins: most of what is refused takes no lock."""
        identity = await find_identity(request, self.database, self.clock, self.settings)
        return self._open(request, identity)

    def _open(self, request: AnyRequest, identity: Identity) -> Browser:
        browser = Browser(request, self.settings, identity)
        request.state.browser = browser
        # Until more is known, for the page of an error.
        request.state.reader = self._make_reader(browser, None, [])
        return browser

    async def _call(self, session: Session, browser: Browser) -> Call:
        home, languages = None, list[str]()
        if browser.identity.actor.person_id is not None:
            person_id = browser.identity.actor.person_id
            home, languages = await load_home_and_languages(session, person_id)
        place = self._choose_place(await list_communities(session), home, browser)
        reader = self._make_reader(browser, place, languages)
        if place is not None:
            # A town's own number goes before that of the installation.
            rules = await read_rules_at(session, place.id, self.clock.now())
            reader = replace(reader, phone=rules.help_phone or reader.phone)
        browser.request.state.reader = reader
        return Call(
            browser.request, session, browser, self.settings, place, reader, self.clock.now()
        )

    def _choose_place(
        self, open_towns: list[Community], home: Community | None, browser: Browser
    ) -> Community | None:
        """The town of the signed-in person; of a stranger the one they chose, else the oldest.

        Where a town is called as the city pack of this installation, it goes before older ones.
        """
        towns = {town.id: town for town in open_towns}
        browser.has_towns = len(towns) > 1
        actor = browser.identity.actor
        working = [key for key in actor.staff_communities() if key in towns]
        chosen = read_cookie(browser.request, self.settings, PLACE_COOKIE)
        by_slug = {town.slug: town for town in towns.values()}
        if working:
            own = by_slug.get(chosen or "")
            return own if own is not None and own.id in working else towns[working[0]]
        if home is not None:
            return home
        if chosen in by_slug:
            return by_slug[chosen]
        if self.settings.city in by_slug:
            return by_slug[self.settings.city]
        return min(towns.values(), key=lambda town: (town.created_at, town.slug), default=None)

    def _make_reader(
        self, browser: Browser, place: Community | None, languages: list[str]
    ) -> Reader:
        request = browser.request
        return Reader(
            language=_choose_language(request, self.settings, languages, browser),
            time_zone="UTC" if place is None else place.time_zone,
            community_name=None if place is None else place.name,
            text_number=self.settings.sms_from,
            phone=self.settings.help_phone,
            path=request.url.path,
            query=_query_without(request, "lang", "said"),
            now=self.clock.now(),
            theme=read_theme(request, self.settings),
            audience=_audience(browser.identity.actor, place),
            has_towns=browser.has_towns,
            is_demo=bool(request.app.state.get("is_demo")),
        )


def answer_page_error(request: AnyRequest, error: TalkootError) -> Answer:
    """A foreseen error of a page: the form again, the way to the sign-in, or what to do."""
    browser: Browser | None = request.state.get("browser")
    if isinstance(error, ShowAgain):
        return error.answer
    if isinstance(error, NotSignedIn) and request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = urlencode({"next": f"{request.url.path}{query}"})
        return Redirect(f"/sign-in?{wanted}", status_code=SEE_OTHER, headers=PRIVATE)
    reader: Reader | None = request.state.get("reader")
    answer = answer_error(error, reader or Reader(), keep_form(request, error.http_status))
    return answer if browser is None else browser.finish(answer)


def _choose_language(
    request: AnyRequest, settings: Settings, own: list[str], browser: Browser
) -> str:
    asked = request.query_params.get("lang")
    before = read_cookie(request, settings, LANGUAGE_COOKIE)
    language = read_language(request, settings, own)
    if asked == language and asked != before:
        browser.made = [row for row in browser.made if row[0] != LANGUAGE_COOKIE]
        browser.keep(LANGUAGE_COOKIE, language, CHOICE_LIFE)
    return language


def _audience(actor: Actor, place: Community | None) -> Audience:
    if actor.person_id is None:
        return "public"
    if place is not None and actor.roles.get(place.id, frozenset()) & STAFF:
        return "staff"
    return "member"


def _query_without(request: AnyRequest, *names: str) -> str:
    kept = [(name, text) for name, text in request.query_params.multi_items() if name not in names]
    return urlencode(kept)
