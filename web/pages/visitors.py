"""A browser before anybody has signed in: its cookie, its device, where it wants to go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from litestar import Response
from litestar.response import Redirect

from core.errors import NotPermitted
from core.settings import Settings
from people.signing_in.digests import looks_like_secret, new_secret
from web.identity import (
    AnyConnection,
    check_csrf_token,
    make_cookie,
    make_csrf,
    read_cookie,
)
from web.pages.choices import read_language, read_theme
from web.pages.guards import AnyRequest, check_same_site, read_form
from web.pages.rendering import PRIVATE, Reader, answer_page

VISIT_COOKIE: Final = "talkoot-visit"
VISIT_LIFE: Final = timedelta(hours=2)
SEE_OTHER: Final = 303
HOME: Final = "/"
SET_PASSWORD: Final = "/sign-in/password/set"  # noqa: S105 - the address of a page
MAX_PATH: Final = 500
NOT_A_GOAL: Final = ("/sign-in", "/sign-out", "/l/", "/graphql")
"""Where nobody is sent after signing in: other ways in, and addresses that are secrets."""

_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~/?&=%+,:;@!$'()*]*")
_BROWSERS = (
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser", "samsung"),
    ("Firefox/", "firefox"),
    ("FxiOS", "firefox"),
    ("CriOS", "chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
)
_SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Windows", "windows"),
    ("Macintosh", "mac"),
    ("CrOS", "chromebook"),
    ("Linux", "linux"),
)


class NoCookies(NotPermitted):
    """A form came without the cookie that the page had set."""

    code = "no_cookies"


@dataclass(frozen=True)
class Visit:
    """One browser that looks at a page of signing in, or sends its form."""

    request: AnyRequest
    settings: Settings
    secret: str
    """In a cookie of this browser; forms carry what is derived from it."""
    is_new: bool
    lang: str | None
    next_path: str
    form: dict[str, str] = field(default_factory=dict)

    @property
    def reader(self) -> Reader:
        """Who looks: of a stranger only the browser's language is known."""
        return self.reader_speaking(())

    def reader_speaking(self, languages: tuple[str, ...]) -> Reader:
        """Who looks, of whom these languages are known."""
        return Reader(
            language=read_language(self.request, self.settings, languages, self.lang),
            text_number=self.settings.sms_from,
            path=self.request.url.path,
            query="" if self.next_path == HOME else urlencode({"next": self.next_path}),
            audience="public",
            phone=self.settings.help_phone,
            theme=read_theme(self.request, self.settings),
            is_demo=bool(self.request.app.state.get("is_demo")),
        )

    @property
    def device(self) -> str:
        """The browser, as its owner would call it."""
        return describe_device(self.request.headers.get("user-agent", ""))

    def show(
        self,
        name: str,
        values: dict[str, Any],
        *,
        status_code: int = 200,
        reader: Reader | None = None,
    ) -> Response[str]:
        """A page whose forms come back from this browser only."""
        shared = {
            "csrf": make_csrf(self.secret),
            "lang": self.lang,
            "next_path": self.next_path,
            "oidc_name": self.settings.oidc_name if self.settings.oidc_issuer else None,
        }
        answer = answer_page(name, reader or self.reader, shared | values, status_code=status_code)
        if self.is_new:
            answer.set_cookie(
                make_cookie(self.settings, self.secret, name=VISIT_COOKIE, life=VISIT_LIFE)
            )
        return answer

    def go(self, path: str, **query: str) -> Redirect:
        """Lead on to another page of signing in, in the same language."""
        wanted = query | ({"lang": self.lang} if self.lang else {})
        goal = f"{path}?{urlencode(wanted)}" if wanted else path
        return Redirect(goal, status_code=SEE_OTHER, headers=PRIVATE)


def read_visit(request: AnyRequest, settings: Settings) -> Visit:
    """The browser that looks at a page."""
    secret = read_cookie(request, settings, VISIT_COOKIE)
    known = secret is not None and looks_like_secret(secret)
    return Visit(
        request,
        settings,
        secret if secret is not None and known else new_secret(),
        is_new=not known,
        lang=_read_lang(request.query_params.get("lang")),
        next_path=safe_path(request.query_params.get("next")),
    )


async def read_sent_form(request: AnyRequest, settings: Settings) -> Visit:
    """The browser that sends a form of ours.

    Raises
    ------
    ForeignForm
        When another site made the browser send it.
    NoCookies
        When the browser has not kept our cookie: nobody could stay signed in without.
    """
    check_same_site(request, settings)
    form = await read_form(request)
    secret = read_cookie(request, settings, VISIT_COOKIE)
    if secret is None or not looks_like_secret(secret):
        raise NoCookies("This page was open for too long, or your browser keeps no cookies.")
    check_csrf_token(request, make_csrf(secret), form)
    return Visit(
        request,
        settings,
        secret,
        is_new=False,
        lang=_read_lang(form.get("lang") or request.query_params.get("lang")),
        next_path=safe_path(form.get("next")),
        form=form,
    )


def safe_path(wanted: str | None) -> str:
    """Where to go after signing in: a page of ours, or the first page."""
    text = wanted or HOME
    if text == SET_PASSWORD:
        return text
    if len(text) > MAX_PATH or not _PATH.fullmatch(text) or text.startswith(NOT_A_GOAL):
        return HOME
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else text


def describe_device(user_agent: str) -> str:
    """The browser and its system in code words, such as ``firefox_on_android``."""
    known = user_agent[:500]
    browser = next((word for mark, word in _BROWSERS if mark in known), "browser")
    system = next((word for mark, word in _SYSTEMS if mark in known), "unknown")
    return f"{browser}_on_{system}"


def read_session_secret(connection: AnyConnection, settings: Settings) -> str | None:
    """The cookie of an earlier sign-in, which ends when another one begins."""
    return read_cookie(connection, settings)


def _read_lang(text: str | None) -> str | None:
    return text if text in ("en", "es") else None
