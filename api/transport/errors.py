"""Why a call of the GraphQL API is not carried out."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from core.errors import TalkootError, Unavailable


class CallRefused(Exception):
    """A call that is answered with errors alone: nothing of it was carried out."""

    def __init__(
        self,
        status: int,
        errors: Sequence[dict[str, Any]],
        *,
        headers: dict[str, str] | None = None,
        is_document_error: bool = False,
    ) -> None:
        super().__init__(errors[0]["message"] if errors else "")
        self.status = int(status)
        self.errors = list(errors)
        self.headers = headers or {}
        self.is_document_error = is_document_error
        """The call is well-formed, and its document or its variables are not."""


def refuse(
    status: int, code: str, message: str, *, headers: dict[str, str] | None = None
) -> CallRefused:
    """A refusal with one sentence."""
    error = {"message": message, "extensions": {"code": code}}
    return CallRefused(status, [error], headers=headers)


def refuse_call(code: str, message: str) -> CallRefused:
    """A call that is not one: wrong JSON, wrong parameters."""
    return refuse(HTTPStatus.BAD_REQUEST, code, message)


def refuse_document(errors: Sequence[dict[str, Any]]) -> CallRefused:
    """A document, or variables for it, that cannot be carried out."""
    return CallRefused(HTTPStatus.BAD_REQUEST, errors, is_document_error=True)


class TookTooLong(Unavailable):
    """An operation was stopped because it took longer than one may."""

    code = "took_too_long"
    http_status: ClassVar[int] = 504


class CalledTooOften(TalkootError):
    """More operations than one person or program may do."""

    code = "called_too_often"
    http_status: ClassVar[int] = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"That was very often. Wait {wait_s} seconds, and try again.")
        self.wait_s = wait_s
