"""Global ids: every thing of the API has one, and can be asked for again by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from strawberry import relay

from api.schema.access import check_scope
from api.schema.context import Info
from api.schema.loaders import Load
from core.errors import NotFound
from core.ids import parse_id

Thing = TypeVar("Thing")
Row = TypeVar("Row")

NOTHING = "There is no such thing, or it is not for you."


def find_id(given: relay.GlobalID, kind: str) -> UUID:
    """The key inside a global id of this kind. An id of another kind answers like a missing one.

    Raises
    ------
    NotFound
        When it is no id of such a thing.
    """
    key = parse_id(given.node_id) if given.type_name == kind else None
    if key is None:
        raise NotFound(NOTHING)
    return key


def find_optional_id(given: relay.GlobalID | None, kind: str) -> UUID | None:
    """Like `find_id`, where nothing may be given."""
    return None if given is None else find_id(given, kind)


def must(found: Thing | None) -> Thing:
    """What was found.

    Raises
    ------
    NotFound
        When nothing was, or not for this actor.
    """
    if found is None:
        raise NotFound(NOTHING)
    return found


async def resolve_rows(
    info: Info,
    node_ids: Iterable[str],
    load: Load[Row],
    make: Callable[[Row], Any],
    *,
    scope: str,
) -> list[Any]:
    """The nodes with these ids; None for each that is not there or not for the actor.

    For ``resolve_nodes`` of a type. The function that loads goes by what the actor may see, and
    a token needs ``scope``.
    """
    check_scope(info.context.actor, scope)
    keys = [parse_id(text) for text in node_ids]
    known = [key for key in keys if key is not None]
    rows = dict(zip(known, await info.context.load_many(load, known), strict=True))
    found = [None if key is None else rows[key] for key in keys]
    return [None if row is None else make(row) for row in found]


def found_by(load: Load[Any], *, scope: str) -> Any:
    """``resolve_nodes`` of a type: rows that ``load`` finds, made into things by its ``of``."""

    async def resolve_nodes(
        cls: Any, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[Any]:
        return await resolve_rows(info, node_ids, load, cls.of, scope=scope)

    return classmethod(resolve_nodes)
