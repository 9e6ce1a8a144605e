"""Pages of long lists: from where the last page ended, never by counting rows from the start.

A repository says what a list holds and in which order (`Listing`); the edge asks for a page of it.
Rows that are added or taken away meanwhile neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.db import Session
from core.errors import InvalidInput

DEFAULT_PAGE = 20
MAX_PAGE = 100
MAX_COUNTED = 100_000
MAX_CURSOR = 500

Row = TypeVar("Row")


class InvalidPage(InvalidInput):
    """A page size or a cursor that cannot be."""

    code = "invalid_page"


@dataclass(frozen=True)
class SortKey:
    """One column that orders a list. It holds no empty values, and nothing that hides a person."""

    name: str
    """The attribute of the row that holds the value."""
    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    descending: bool = False


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """What a list holds, and in which order; ``key`` settles ties and is unique."""

    query: Select[Any]
    key: SortKey
    sort: tuple[SortKey, ...] = ()

    @property
    def order(self) -> tuple[SortKey, ...]:
        """Every key, the unique one last."""
        return (*self.sort, self.key)


@dataclass(frozen=True)
class PageArgs:
    """Which page: so many rows after a cursor."""

    first: int = DEFAULT_PAGE
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= MAX_PAGE:
            raise InvalidPage(f"A page holds 1 to {MAX_PAGE} rows, not {self.first}.")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, each with the cursor from which the next page begins."""

    items: Sequence[Row]
    cursors: Sequence[str]
    has_next: bool


async def read_page(session: Session, listing: Listing[Row], args: PageArgs) -> Page[Row]:
    """The rows after the cursor, at most ``args.first`` of them."""
    query = listing.query
    if args.after is not None:
        query = query.where(_after(listing.order, _read_cursor(listing.order, args.after)))
    for key in listing.order:
        query = query.order_by(key.column.desc() if key.descending else key.column.asc())
    rows = list(await session.scalars(query.limit(args.first + 1)))
    items = rows[: args.first]
    cursors = [_write_cursor(listing.order, row) for row in items]
    return Page(items, cursors, has_next=len(rows) > args.first)


async def count_all(session: Session, listing: Listing[Any]) -> int:
    """How many rows the list holds; more than `MAX_COUNTED` are told as so many."""
    counted = listing.query.with_only_columns(listing.key.column, maintain_column_froms=True)
    rows = counted.order_by(None).limit(MAX_COUNTED).subquery()
    return int(await session.scalar(select(func.count()).select_from(rows)) or 0)


def _after(order: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come later: equal in the first keys, and beyond in the next one."""
    choices = []
    for place, key in enumerate(order):
        same = [
            earlier.column == value
            for earlier, value in zip(order[:place], values[:place], strict=True)
        ]
        value = values[place]
        beyond = key.column < value if key.descending else key.column > value
        choices.append(and_(*same, beyond))
    return or_(*choices)


def _write_cursor(order: Sequence[SortKey], row: Any) -> str:
    values = [_plain(getattr(row, key.name)) for key in order]
    packed = msgspec.json.encode([_name(order), *values])
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def _read_cursor(order: Sequence[SortKey], cursor: str) -> list[Any]:
    """The values of the row where the last page ended."""
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        stored = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(stored, list) or stored[:1] != [_name(order)]:
            raise ValueError
        return [_typed(key, value) for key, value in zip(order, stored[1:], strict=True)]
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise InvalidPage(
            "The cursor does not belong to this list: pass endCursor of its last page, with the "
            "same order."
        ) from None


def _name(order: Sequence[SortKey]) -> str:
    return ",".join(("-" if key.descending else "") + key.name for key in order)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _typed(key: SortKey, value: Any) -> Any:
    """A value as the column holds it."""
    kind = key.column.type.python_type
    if kind is UUID:
        return UUID(value)
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if issubclass(kind, Enum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise ValueError
    return value
