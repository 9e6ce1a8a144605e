"""What callers give: moments, texts and code words, checked before they reach a workflow."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay

from core.errors import InvalidInput
from matching.imports.csv_table import has_control_characters

CommunityId = Annotated[
    relay.GlobalID, strawberry.argument(description="The community that is meant.")
]
FIRST_YEAR, LAST_YEAR = 2000, 2100
_CODE = re.compile(r"[a-z][a-z0-9_.\-]{0,63}")
_BREAKS = str.maketrans("", "", "\n\r\t")


class InvalidArgument(InvalidInput):
    """A value that cannot be; the message names it."""

    code = "invalid_argument"


def aware(name: str, moment: datetime) -> datetime:
    """A moment in UTC; it must say its time zone and lie within this century."""
    if moment.tzinfo is None:
        raise InvalidArgument(f"{name} must say its time zone, such as 2026-01-15T21:00:00Z.")
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise InvalidArgument(f"{name} must lie between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return moment.astimezone(UTC)


def aware_or_none(name: str, moment: datetime | None) -> datetime | None:
    """Like `aware`, where nothing may be given."""
    return None if moment is None else aware(name, moment)


def plain_text(name: str, text: str, *, longest: int) -> str:
    """A text that can be stored and shown: no hidden characters, not longer than that."""
    if len(text) > longest:
        raise InvalidArgument(f"{name} must have at most {longest} characters.")
    shown = text.translate(_BREAKS)
    if has_control_characters(shown) or any("\ud800" <= letter <= "\udfff" for letter in shown):
        raise InvalidArgument(f"{name} holds characters that cannot be seen; type it again.")
    return text


def plain_text_or_none(name: str, text: str | None, *, longest: int) -> str | None:
    """Like `plain_text`, where nothing may be given."""
    return None if text is None else plain_text(name, text, longest=longest)


def code_word(name: str, text: str) -> str:
    """A code word: small letters, digits, ``_ . -``, beginning with a letter."""
    if not _CODE.fullmatch(text):
        raise InvalidArgument(
            f"{name} must be a code word of small letters and digits, such as 'phone_calls'."
        )
    return text


def code_words(name: str, texts: list[str]) -> tuple[str, ...]:
    """Several code words."""
    if len(texts) > 100:
        raise InvalidArgument(f"{name} must name at most 100.")
    return tuple(code_word(name, text) for text in texts)


def rules_object(name: str, value: object) -> dict[str, Any]:
    """An object of rules; what stands in it, the domain reads strictly."""
    if not isinstance(value, dict):
        raise InvalidArgument(f"{name} must be an object with rules by name.")
    return value
