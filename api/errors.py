"""From an error to an answer over HTTP: plain words, a page or JSON, never how it came about."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.routes import HTTPRoute

from core.errors import TalkootError, Unavailable
from core.i18n import SOURCE_LANGUAGE
from core.ids import new_id
from core.logging import get_logger
from web.pages.choices import read_stranger
from web.pages.errors import describe_error, describe_status, keep_form, render_error
from web.pages.limiting import PressedTooOften

LOGGER = get_logger(__name__)

RETRY_AFTER_S = 5
FAULT = 500
BROKEN = "Something went wrong on our side. Try again in a minute."
WORDS = {
    400: "This request cannot be read. Go back, and try again.",
    401: "Sign in first.",
    403: "This is not for you to see or do.",
    404: "There is no such page. The link may be old, or cut off at its end.",
    405: "This page does not take requests of this kind.",
    413: "This is more than the page takes. Send less at a time.",
    415: "This page does not take data of this kind.",
    429: "Too many requests. Wait a minute, and try again.",
    503: "We are not ready. Try again in a moment.",
}


def answer_domain_error(request: Request[Any, Any, Any], error: TalkootError) -> Response[Any]:
    """A foreseen error says what happened and what to do."""
    reference = new_id()
    if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOGGER.error("http.failed", error=error, reference_id=reference, code=error.code)
        words = str(error) if isinstance(error, Unavailable) else BROKEN
    else:
        LOGGER.info("http.refused", reference_id=reference, code=error.code)
        words = str(error)
    # a fault of ours says no more than that it is one
    known = None if error.http_status >= FAULT else error
    answer = _answer(request, error.http_status, error.code, words, reference, error=known)
    if isinstance(error, PressedTooOften):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """An error of the web framework: its status, our words."""
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.SERVICE_UNAVAILABLE:
        return answer_unforeseen_error(request, error)
    words = WORDS.get(status, WORDS[400])
    answer = _answer(request, status, f"http_{status}", words, new_id())
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(sorted(allowed_methods(request)))
    if error.headers and "Retry-After" in error.headers:
        answer.headers["Retry-After"] = error.headers["Retry-After"]
    return answer


def allowed_methods(request: Request[Any, Any, Any]) -> set[str]:
    """What the page at this address takes; the framework does not say."""
    parts = [part for part in request.scope["path"].split("/") if part]
    methods: set[str] = set()
    for route in request.app.routes:
        same_length = len(route.path_components) == len(parts)
        if isinstance(route, HTTPRoute) and same_length:
            pairs = zip(route.path_components, parts, strict=True)
            if all(not isinstance(wanted, str) or wanted == part for wanted, part in pairs):
                methods.update(str(method) for method in route.methods)
    return methods


def answer_unforeseen_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours: logged under a reference; the answer tells nothing else."""
    reference = new_id()
    LOGGER.error("http.broke_down", error=error, reference_id=reference)
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "broken", BROKEN, reference)


def answer_too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """Data nested so deeply that it cannot be read."""
    reference = new_id()
    LOGGER.warning("http.too_deep", reference_id=reference)
    return _answer(request, HTTPStatus.BAD_REQUEST, "too_deep", WORDS[400], reference)


HANDLERS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    TalkootError: answer_domain_error,
    HTTPException: answer_http_error,
    RecursionError: answer_too_deep,
    Exception: answer_unforeseen_error,
}


def wants_page(accept: str) -> bool:
    """Whether who asks is a browser: it names HTML; a program names JSON or nothing."""
    return "text/html" in accept.lower()


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    words: str,
    reference: UUID,
    *,
    error: TalkootError | None = None,
) -> Response[Any]:
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if wants_page(request.headers.get("accept", "")):
        reader = request.state.get("reader") or read_stranger(request)
        if error is None:
            title, what = describe_status(status, reader)
        else:
            title, what = describe_error(error, reader)
            # what exactly it was, for those who can read it: errors speak English
            what = words if reader.language == SOURCE_LANGUAGE else what
        told = str(reference) if status >= FAULT else ""
        page = render_error(title, what, told, reader, again=keep_form(request, status))
        return Response(page, status_code=status, media_type=MediaType.HTML, headers=headers)
    body = {"error": code, "message": words, "reference": str(reference)}
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)
