"""The code words of signing in, and how long a sign-in lasts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from people.signing_in.errors import UnknownScope


class Method(StrEnum):
    """How a person showed who they are."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - a code word, not a password
    OIDC = "oidc"


IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)
"""A winter: volunteers open the page from snowfall to snowfall, on a phone of their own."""
STAFF_IDLE = timedelta(hours=12)
STAFF_LONGEST = timedelta(days=7)
"""Staff see other people's data, often on a shared computer: a working day, and a week."""
SEEN_EVERY = timedelta(minutes=5)
"""So often at most a sign-in is written to when it is used."""
FRESH = timedelta(minutes=10)
"""As long after signing in by e-mail one may set a password."""

AREAS = (
    "people",
    "requests",
    "volunteers",
    "storms",
    "rounds",
    "offers",
    "messages",
    "areas",
    "groups",
    "campaigns",
    "events",
    "webhooks",
    "admin",
)
SCOPES = frozenset(f"{area}:{verb}" for area in AREAS for verb in ("read", "write"))


def parse_scopes(words: Iterable[str]) -> list[str]:
    """The scopes, each once and in order.

    Raises
    ------
    UnknownScope
        Naming the first that does not exist.
    """
    chosen = sorted({word.strip().lower() for word in words if word.strip()})
    for word in chosen:
        if word not in SCOPES:
            raise UnknownScope(
                f"There is no scope {word[:40]!r}: write AREA:read or AREA:write, with one of "
                f"{', '.join(AREAS)}."
            )
    return chosen


def ends_at(created_at: datetime, seen_at: datetime, *, is_staff: bool) -> datetime:
    """When a sign-in ends unless it is used before: the earlier of its two limits."""
    idle, longest = (STAFF_IDLE, STAFF_LONGEST) if is_staff else (IDLE, LONGEST)
    return min(seen_at + idle, created_at + longest)
