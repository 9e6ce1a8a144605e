"""What the owner of a browser chose, and who looks when nothing but the browser is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from core.settings import Settings
from web.identity import read_cookie, read_session_cookie
from web.pages.guards import AnyRequest
from web.pages.rendering import Reader, choose_reader_language

LANGUAGE_COOKIE: Final = "talkoot-language"
THEME_COOKIE: Final = "talkoot-theme"
PLACE_COOKIE: Final = "talkoot-place"
THEMES: Final = ("light", "dark")


def read_theme(request: AnyRequest, settings: Settings) -> str | None:
    """The colours that were chosen; None follows the device."""
    theme = read_cookie(request, settings, THEME_COOKIE)
    return theme if theme in THEMES else None


def read_language(
    request: AnyRequest, settings: Settings, own: Iterable[str] = (), asked: str | None = None
) -> str:
    """The language that was asked for, chosen before, is a person's own, or the browser's."""
    asked = asked or request.query_params.get("lang")
    before = read_cookie(request, settings, LANGUAGE_COOKIE)
    return choose_reader_language(asked or before, own, request.headers.get("accept-language"))


def read_stranger(request: AnyRequest) -> Reader:
    """Who looks at an error that came before anything else was known. Asks no database."""
    settings: Settings | None = request.app.state.get("settings")
    if settings is None:
        accepted = request.headers.get("accept-language")
        return Reader(language=choose_reader_language(None, (), accepted))
    is_signed_in = read_session_cookie(request, settings) is not None
    return Reader(
        language=read_language(request, settings),
        text_number=settings.sms_from,
        phone=settings.help_phone,
        # the address is not said again: it may hold what somebody put into it
        path="",
        theme=read_theme(request, settings),
        audience="member" if is_signed_in else "public",
        is_demo=bool(request.app.state.get("is_demo")),
    )
