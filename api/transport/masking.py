"""From an error to what the caller may know of it; the rest is logged under a reference."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from core.errors import TalkootError, Unavailable
from core.ids import new_id
from core.logging import get_logger

LOGGER = get_logger(__name__)
MAX_MESSAGE = 400
"""Messages quote what the caller sent, which may be long."""
BROKEN = "Something went wrong on our side. Try again in a minute."


def describe_request_error(error: GraphQLError, code: str) -> dict[str, Any]:
    """What is wrong with a document or its variables: all of it is the caller's own."""
    message = error.message
    if len(message) > MAX_MESSAGE:
        message = message[:MAX_MESSAGE] + "..."
    described: dict[str, Any] = {"message": message}
    if error.locations:
        described["locations"] = [location.formatted for location in error.locations]
    described["extensions"] = {"code": (error.extensions or {}).get("code", code)}
    return described


def describe_field_error(error: GraphQLError) -> dict[str, Any]:
    """What went wrong when a field was worked out: foreseen errors in words, others masked."""
    described = _describe(_find_cause(error), error)
    if error.locations:
        described["locations"] = [location.formatted for location in error.locations]
    if error.path:
        described["path"] = list(error.path)
    return described


def describe_domain_error(error: TalkootError) -> dict[str, Any]:
    """A foreseen error that is not that of a field: who calls, how often, for how long."""
    return _describe(error, None)


def describe_unforeseen_error(error: BaseException) -> dict[str, Any]:
    """A fault of ours."""
    return _describe(error, None)


def _find_cause(error: GraphQLError) -> BaseException:
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _describe(cause: BaseException, error: GraphQLError | None) -> dict[str, Any]:
    reference = new_id()
    if isinstance(cause, TalkootError):
        return _answer(_log_foreseen(cause, reference), cause.code, reference)
    if isinstance(cause, GraphQLError) and (cause.nodes or cause.extensions):
        # An argument that cannot be used: those of the language name the place in the document,
        # and what a value of ours could not become does not.
        code = (cause.extensions or {}).get("code", "invalid_argument")
        LOGGER.info("graphql.refused", reference_id=reference, code=code)
        return _answer(cause.message, code, reference)
    LOGGER.error("graphql.broke_down", error=cause, reference_id=reference)
    return _answer(BROKEN, "broken", reference)


def _log_foreseen(error: TalkootError, reference: UUID) -> str:
    if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOGGER.error("graphql.failed", error=error, reference_id=reference, code=error.code)
        return str(error) if isinstance(error, Unavailable) else BROKEN
    LOGGER.info("graphql.refused", reference_id=reference, code=error.code)
    return str(error)


def _answer(message: str, code: str, reference: UUID) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, "reference": str(reference)}}
