"""What may enter logs and histories: ids, counts, measures, moments, cells and code words.

An allow-list, so that a name, an address or a phone number has no way in.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

WORD_FIELDS = frozenset(
    {
        "answer",
        "change",
        "channel",
        "city",
        "code",
        "command",
        "community",
        "error",
        "format",
        "from",
        "kind",
        "language",
        "level",
        "mode",
        "phase",
        "purpose",
        "reason",
        "role",
        "service",
        "status",
        "step",
        "subject",
        "to",
        "version",
        "what",
    }
)
"""Fields that hold one code word: small letters, digits, ``_ . -``, beginning with a letter."""

_WORD = re.compile(r"[a-z][a-z0-9_.\-]{0,63}")
_LONG_NUMBER = re.compile(r"\d{6}")
_HASH = re.compile(r"[0-9a-f]{32,64}")
_CELL = re.compile(r"8[0-9a-f]{14}")
_SMALLEST_CELL = 1 << 59
_NUMBER_SUFFIXES = ("_count", "_s", "_ms", "_m", "_min", "_bytes", "_share", "_weight")
_NUMBER_FIELDS = frozenset(
    {"attempt", "bound", "count", "crew_size", "gap", "line", "seat", "seed", "value", "weight"}
)
MAX_LIST = 100


def is_safe_field(key: str, value: object) -> bool:
    """Whether this fact can be written down without telling who somebody is."""
    if value is None or isinstance(value, bool):
        return key.isidentifier() and len(key) <= 64
    if isinstance(value, list | tuple):
        return len(value) <= MAX_LIST and all(
            is_safe_field(key.removesuffix("s") if key.endswith("_ids") else key, item)
            for item in value
        )
    if key in WORD_FIELDS:
        return _is_word(value)
    if key.endswith("_id"):
        return _is_id(value)
    if key.endswith("_at"):
        return isinstance(value, datetime) or _is_moment(value)
    if key.endswith(("_hash", "_digest")):
        return isinstance(value, str) and _HASH.fullmatch(value) is not None
    if key.endswith("_cell"):
        return _is_cell(value)
    if key.endswith(_NUMBER_SUFFIXES) or key in _NUMBER_FIELDS:
        return isinstance(value, int | float)
    return False


def _is_word(value: object) -> bool:
    return (
        isinstance(value, str)
        and _WORD.fullmatch(value) is not None
        and _LONG_NUMBER.search(value) is None
    )


def _is_id(value: object) -> bool:
    if isinstance(value, UUID):
        return True
    if not isinstance(value, str):
        return False
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _is_cell(value: object) -> bool:
    if isinstance(value, int):
        return value > _SMALLEST_CELL
    return isinstance(value, str) and _CELL.fullmatch(value) is not None


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
