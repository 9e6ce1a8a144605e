"""Errors as pages: what happened and what to do, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from litestar import Response

from core.errors import Conflict, NotFound, NotPermitted, TalkootError, Unavailable
from core.ids import new_id
from core.logging import get_logger
from people.errors import LinkExpired, LinkUnknown
from people.signing_in.errors import NotSignedIn
from web.pages.guards import AnyRequest, ForeignForm
from web.pages.limiting import PressedTooOften
from web.pages.refusals import say_refusal
from web.pages.rendering import Reader, answer_page, render_page

LOGGER = get_logger(__name__)

SERVER_FAULT: Final = 500
RETRY_AFTER_S: Final = 5
WORTH_TRYING: Final = frozenset({429, 500, 503})
"""After these the same form may go through a minute later."""
MOST_KEPT: Final = 32_000
"""Letters of a form that an error page carries on."""


@dataclass(frozen=True)
class Again:
    """A form that did not go through, to be sent once more as it was."""

    path: str
    fields: tuple[tuple[str, str], ...]


def keep_form(request: AnyRequest, status: int) -> Again | None:
    """What was sent, where sending it again may help. Passwords and files are left out."""
    typed: list[tuple[str, str]] = request.state.get("typed") or []
    size = sum(len(name) + len(text) for name, text in typed)
    if status not in WORTH_TRYING or not typed or size > MOST_KEPT:
        return None
    if any("password" in name for name, _ in typed):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return Again(f"{request.url.path}{query}", tuple(typed))


def render_error(
    title: str, words: str, reference: str, reader: Reader, *, again: Again | None = None
) -> str:
    """An error page."""
    values = {"title": title, "words": words, "reference": reference, "again": again}
    return render_page("error.html", reader, values)


def describe_status(status: int, reader: Reader) -> tuple[str, str]:
    """What happened and what to do, when no more than the kind of the error is known."""
    _ = reader.translator.gettext
    described = {
        400: (_("We could not read this"), _("Go back, and try again.")),
        401: (_("You are not signed in"), _("Your sign-in may have ended. Sign in again.")),
        403: (
            _("This page belongs to someone else"),
            _("Go to the first page, or sign in as somebody who may see it."),
        ),
        404: (
            _("There is no such page"),
            _("The link may be old, or cut off at its end. Start at the first page."),
        ),
        405: (_("This page cannot do that"), _("Go back, and open the page again.")),
        409: (
            _("Things have changed meanwhile"),
            _("Go back and open the page again to see how it stands."),
        ),
        413: (
            _("That is too much at once"),
            _("Send less at a time. A smaller photo may do as well."),
        ),
        415: (_("This page cannot read that file"), _("Go back, and send another kind of file.")),
        429: (
            _("That was very often"),
            _("Wait a minute, and press the button again. What you did before holds."),
        ),
        503: (_("We are not ready"), _("Wait a minute, and open the page again.")),
    }
    broken = (
        _("This did not work, and it is our fault"),
        _("Try again in a minute. What you did before holds."),
    )
    return described.get(status, broken if status >= SERVER_FAULT else described[400])


def answer_error(error: TalkootError, reader: Reader, again: Again | None = None) -> Response[str]:
    """A foreseen error on a page of ours, as news rather than as a fault."""
    title, words = describe_error(error, reader)
    reference = ""
    if error.http_status >= SERVER_FAULT:
        made = new_id()
        LOGGER.error("http.failed", error=error, reference_id=made, code=error.code)
        reference = str(made)
    page = answer_page(
        "error.html",
        reader,
        {"title": title, "words": words, "reference": reference, "again": again},
        status_code=error.http_status,
    )
    if isinstance(error, PressedTooOften):
        page.headers["Retry-After"] = str(error.wait_s)
    elif error.http_status == HTTPStatus.SERVICE_UNAVAILABLE:
        page.headers["Retry-After"] = str(RETRY_AFTER_S)
    return page


def describe_error(error: TalkootError, reader: Reader) -> tuple[str, str]:
    """What happened, and what to do."""
    _ = reader.translator.gettext
    if isinstance(error, PressedTooOften):
        return (
            _("That was very often"),
            _("Wait a minute, and press the button again. What you did before holds."),
        )
    if isinstance(error, Unavailable):
        return _("We are not ready"), _("Wait a minute, and press the button again.")
    if error.http_status >= SERVER_FAULT:  # of what is broken inside, a page says nothing
        return describe_status(error.http_status, reader)
    if reader.audience != "link":
        return _describe_for_visitor(error, reader)
    if isinstance(error, LinkExpired):
        return _("This link is too old"), _("Use the newest message that we sent you.")
    if isinstance(error, ForeignForm):
        return _("This did not come from our page"), _("Open the link in our message again.")
    if isinstance(error, LinkUnknown | NotFound):
        return (
            _("There is nothing here"),
            _("The link may be cut off at its end. Use the newest message that we sent you."),
        )
    if isinstance(error, NotPermitted):
        return _("This page belongs to someone else"), _("Use the link in your own message.")
    if isinstance(error, Conflict):
        return (
            _("Things have changed meanwhile"),
            _("Open the link in our message again to see how it stands."),
        )
    return _("This did not work"), say_refusal(reader.translator, error)


def _describe_for_visitor(error: TalkootError, reader: Reader) -> tuple[str, str]:
    """The same for who came without a link in a message."""
    _ = reader.translator.gettext
    if isinstance(error, NotSignedIn):
        return _("You are not signed in"), _("Your sign-in may have ended. Sign in again.")
    if isinstance(error, ForeignForm):
        return (
            _("Please open this page again"),
            _("It was open for too long, or your browser keeps no cookies."),
        )
    if isinstance(error, NotFound):
        return _("There is nothing here"), _("It may be gone, or the address may be cut off.")
    if isinstance(error, NotPermitted):
        return (
            _("This page belongs to someone else"),
            _("Go to the first page, or sign in as somebody who may see it."),
        )
    if isinstance(error, Conflict):
        return (
            _("Things have changed meanwhile"),
            _("Go back and open the page again to see how it stands."),
        )
    return _("This did not work"), say_refusal(reader.translator, error)
