"""Errors as pages: what happened and what to do, in the reader's language."""

from __future__ import annotations

from litestar import Response

from core.errors import Conflict, NotFound, NotPermitted, TalkootError, Unavailable
from people.errors import LinkExpired, LinkUnknown
from web.pages.guards import ForeignForm
from web.pages.limiting import PressedTooOften
from web.pages.rendering import (
    Reader,
    answer_page,
    choose_reader_language,
    render_page,
)


def render_error(title: str, words: str, reference: str, accept_language: str = "") -> str:
    """An error page for a reader of whom only the browser's language is known."""
    reader = Reader(language=choose_reader_language(None, (), accept_language))
    return render_page(
        "error.html", reader, {"title": title, "words": words, "reference": reference}
    )


def answer_error(error: TalkootError, reader: Reader) -> Response[str]:
    """A foreseen error on a page of ours, as news rather than as a fault."""
    title, words = describe_error(error, reader)
    page = answer_page(
        "error.html",
        reader,
        {"title": title, "words": words, "reference": ""},
        status_code=error.http_status,
    )
    if isinstance(error, PressedTooOften):
        page.headers["Retry-After"] = str(error.wait_s)
    return page


def describe_error(error: TalkootError, reader: Reader) -> tuple[str, str]:
    """What happened, and what to do."""
    _ = reader.translator.gettext
    if isinstance(error, LinkExpired):
        return _("This link is too old"), _("Use the newest message that we sent you.")
    if isinstance(error, ForeignForm):
        return _("This did not come from our page"), _("Open the link in our message again.")
    if isinstance(error, LinkUnknown | NotFound):
        return (
            _("There is nothing here"),
            _("The link may be cut off at its end. Use the newest message that we sent you."),
        )
    if isinstance(error, PressedTooOften):
        return (
            _("That was very often"),
            _("Wait a minute, and press the button again. What you did before holds."),
        )
    if isinstance(error, Unavailable):
        return _("We are not ready"), _("Wait a minute, and press the button again.")
    if isinstance(error, NotPermitted):
        return _("This page belongs to someone else"), _("Use the link in your own message.")
    if isinstance(error, Conflict):
        return (
            _("Things have changed meanwhile"),
            _("Open the link in our message again to see how it stands."),
        )
    return _("This did not work"), str(error)
