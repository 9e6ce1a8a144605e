"""Keys of rows: UUID version 7, which ascend with time and so stay together in an index."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import uuid_utils.compat

CODE_ALPHABET = "ACDEFHJKLMNPRTUVWXY34679"
"""Letters and digits that are not mistaken for one another, by eye or on the phone."""


_makers: list[Callable[[], UUID]] = [uuid_utils.compat.uuid7]


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return _makers[-1]()


@contextmanager
def repeated_ids(seed: int) -> Iterator[None]:
    """Ids that ascend and are the same in each run: for plays with made-up people alone.

    Plans break ties by id, and messages at the end of quiet hours are spread by it.
    """
    numbers = itertools.count(1)

    def make() -> UUID:
        number = next(numbers)
        digest = hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=10).digest()
        noise = int.from_bytes(digest, "big")
        version, variant = 7 << 76, 2 << 62
        high = (number << 80) | version | ((noise >> 64 & 0xFFF) << 64)
        return UUID(int=high | variant | (noise & (1 << 62) - 1))

    _makers.append(make)
    try:
        yield
    finally:
        _makers.remove(make)


def new_code(length: int) -> str:
    """A random short code of ``length`` characters for people to read out or type."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def new_codes(count: int, length: int) -> set[str]:
    """``count`` random short codes, no two alike."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.add(new_code(length))
    return codes


def parse_id(text: str) -> UUID | None:
    """The id that a text spells, or None."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
