"""From an answer, or from what went wrong, to bytes and a status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Stream

from api.transport.accept import EVENTS, JSON, Answering
from api.transport.errors import CalledTooOften, CallRefused, refuse
from api.transport.masking import describe_domain_error, describe_unforeseen_error
from core.errors import TalkootError

HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Cookie, Authorization",
}
RETRY_AFTER_S: Final = 5
COMPLETE: Final = "event: complete\ndata: \n\n"

_encode = msgspec.json.Encoder().encode


def encode(answer: Mapping[str, Any]) -> bytes:
    """An answer as JSON, without spaces."""
    return _encode(answer)


def make_response(answer: Mapping[str, Any], answering: Answering) -> Response[bytes]:
    """What was carried out, as the caller wants it."""
    return _respond(encode(answer), HTTPStatus.OK, answering.media_type, {})


def make_refusal(refusal: CallRefused, answering: Answering) -> Response[Any]:
    """What was not carried out, and why."""
    if answering.media_type == EVENTS:
        if refusal.is_document_error:
            return make_stream(_tell_once(encode_event({"errors": refusal.errors})))
        answering = Answering(JSON)
    status = refusal.status
    if refusal.is_document_error and answering.is_legacy:
        status = HTTPStatus.OK
    body = encode({"errors": refusal.errors})
    return _respond(body, status, answering.media_type, refusal.headers)


def make_stream(events: AsyncIterator[bytes | str]) -> Stream:
    """A stream of events (graphql-sse, a connection for each operation)."""
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    return Stream(events, media_type=EVENTS, headers=headers, status_code=HTTPStatus.OK)


def encode_event(answer: Mapping[str, Any]) -> bytes:
    """One answer of a stream."""
    return b"event: next\ndata: " + encode(answer) + b"\n\n"


def refuse_by(error: Exception) -> CallRefused:
    """The refusal that an error comes to; those of ours are masked and logged."""
    if isinstance(error, CallRefused):
        return error
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _refuse_http(error)
    if not isinstance(error, TalkootError):
        described = describe_unforeseen_error(error)
        return CallRefused(HTTPStatus.INTERNAL_SERVER_ERROR, [described])
    headers = {}
    if isinstance(error, CalledTooOften):
        headers["Retry-After"] = str(error.wait_s)
    elif error.http_status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    elif error.http_status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return CallRefused(error.http_status, [describe_domain_error(error)], headers=headers)


def _refuse_http(error: HTTPException) -> CallRefused:
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return refuse(error.status_code, "body_too_big", "A request may have 256 KB at most.")
    return refuse(error.status_code, "bad_request", "This request cannot be read.")


def _respond(
    body: bytes, status: int, media_type: str, headers: Mapping[str, str]
) -> Response[bytes]:
    return Response(
        body,
        status_code=int(status),
        media_type=f"{media_type}; charset=utf-8",
        headers={**HEADERS, **headers},
    )


async def _tell_once(event: bytes) -> AsyncIterator[bytes | str]:
    yield event
    yield COMPLETE
