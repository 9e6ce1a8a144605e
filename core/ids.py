"""Keys of rows: UUID version 7, which ascend with time and so stay together in an index."""

from __future__ import annotations

import secrets
from uuid import UUID

import uuid_utils.compat

CODE_ALPHABET = "ACDEFHJKLMNPRTUVWXY34679"
"""Letters and digits that are not mistaken for one another, by eye or on the phone."""


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


def new_code(length: int) -> str:
    """A random short code of ``length`` characters for people to read out or type."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def parse_id(text: str) -> UUID | None:
    """The id that a text spells, or None."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
