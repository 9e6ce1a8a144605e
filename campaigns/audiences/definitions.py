"""What a segment says: conditions on what people stated or did, joined by all, any and not.

Stored as JSON with its version, so that what was sent to an old segment can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec
import shapely
from shapely.errors import ShapelyError

from campaigns.audiences.errors import InvalidSegment
from campaigns.audiences.kinds import HouseholdFact, TookPartIn
from people.kinds import Role

MAX_DEPTH = 4
MAX_CONDITIONS = 20
MAX_VALUES = 50
MAX_POINTS = 500
MAX_DAYS = 3_650
MAX_REST_DAYS = 365
REACHED_ROLES = (Role.RESIDENT, Role.VOLUNTEER)

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,63}")


class InArea(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="area"):
    """Lives in one of these neighbourhoods."""

    names: tuple[str, ...]


class InShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="polygon"):
    """Lives in a cell whose middle lies in this shape: single homes cannot be told apart."""

    geometry: dict[str, Any]


class Interested(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="interest"):
    """Said to care about one of these topics."""

    topics: tuple[str, ...]


class Speaks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="language"):
    """Is at ease in one of these languages."""

    languages: tuple[str, ...]


class InHousehold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="household"):
    """Lives in a household that declared this about itself."""

    fact: HouseholdFact


class HasRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="role"):
    """Asks for help, or gives help."""

    role: Role


class InGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="group"):
    """Is a member of a group, in person or as a household."""

    group_id: UUID


class InCampaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="campaign"):
    """Takes part in a campaign."""

    campaign_id: UUID


class TookPart(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="took_part", kw_only=True
):
    """Came to an event, or was in a campaign until it ended."""

    what: TookPartIn
    subject_id: UUID | None = None
    """One event or campaign; None is any."""
    days: int | None = None
    """In so many days until now; None is ever."""


class All(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="all"):
    """Every one of these."""

    of: tuple[Condition, ...]


class Any_(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="any"):  # noqa: N801 - Any is a type
    """At least one of these."""

    of: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="not"):
    """Not this."""

    of: Condition


Leaf: TypeAlias = (
    InArea | InShape | Interested | Speaks | InHousehold | HasRole | InGroup | InCampaign | TookPart
)
Condition: TypeAlias = Leaf | All | Any_ | Not


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a segment describes."""

    where: Condition | None = None
    """None is everybody."""
    not_contacted_days: int | None = None
    """Only those to whom nobody of us wrote for so many days."""
    version: Literal[1] = 1


def read_definition(stored: Any) -> Definition:
    """A definition from JSON data, held to every limit.

    Raises
    ------
    InvalidSegment
        When it is none; the message says what to change.
    """
    _check_nesting(stored)
    try:
        definition = msgspec.convert(stored, Definition, strict=False)
    except (msgspec.ValidationError, RecursionError) as problem:
        raise InvalidSegment(f"The segment cannot be read: {problem}.") from None
    check_definition(definition)
    return definition


def write_definition(definition: Definition) -> dict[str, Any]:
    """A definition as JSON data."""
    written: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(definition))
    return written


def check_definition(definition: Definition) -> None:
    """Hold a definition to every limit that needs no database."""
    days = definition.not_contacted_days
    if days is not None and not 1 <= days <= MAX_REST_DAYS:
        raise InvalidSegment(f"Rest from messages for 1 to {MAX_REST_DAYS} days, not {days}.")
    if definition.where is None:
        return
    count = _count(definition.where, 1)
    if count > MAX_CONDITIONS:
        raise InvalidSegment(f"A segment has at most {MAX_CONDITIONS} conditions, not {count}.")
    for leaf, _ in list_leaves(definition.where):
        _check_leaf(leaf)


def list_leaves(condition: Condition, *, negated: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """Every single condition from left to right, and whether it stands under a not."""
    if isinstance(condition, Not):
        yield from list_leaves(condition.of, negated=not negated)
    elif isinstance(condition, All | Any_):
        for part in condition.of:
            yield from list_leaves(part, negated=negated)
    else:
        yield condition, negated


def uses_household_facts(definition: Definition) -> bool:
    """Whether it asks who lives in a household."""
    if definition.where is None:
        return False
    return any(isinstance(leaf, InHousehold) for leaf, _ in list_leaves(definition.where))


def read_shape(geometry: dict[str, Any]) -> shapely.Geometry:
    """A polygon or several from GeoJSON: valid, of at most 500 points, in degrees."""
    remedy = "Draw one outline that does not cross itself, longitude before latitude."
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise InvalidSegment(f"An area is a GeoJSON Polygon or MultiPolygon. {remedy}")
    if _count_points(geometry.get("coordinates")) > MAX_POINTS:
        raise InvalidSegment(f"An area has at most {MAX_POINTS} points. Draw it more coarsely.")
    try:
        shape = shapely.geometry.shape(geometry)
        usable = bool(shape.is_valid) and not shape.is_empty and shape.area > 0
    except (ShapelyError, TypeError, ValueError, IndexError, AttributeError, KeyError):
        usable = False
    if not usable:
        raise InvalidSegment(f"The area is no valid shape. {remedy}")
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidSegment(f"The area lies outside the world. {remedy}")
    return shape


def _count_points(coordinates: Any, depth: int = 0) -> int:
    if not isinstance(coordinates, list | tuple) or depth > 4:
        return 0
    if coordinates and not isinstance(coordinates[0], list | tuple):
        return 1
    return sum(_count_points(part, depth + 1) for part in coordinates[: MAX_POINTS + 1])


def _check_nesting(stored: Any, depth: int = 0) -> None:
    """Refuse deep data before anything recurses into it; a polygon has four lists of its own."""
    if depth > 2 * MAX_DEPTH + 8:
        raise InvalidSegment(f"Conditions go at most {MAX_DEPTH} deep.")
    if isinstance(stored, dict):
        for value in stored.values():
            _check_nesting(value, depth + 1)
    elif isinstance(stored, list | tuple):
        for value in stored:
            _check_nesting(value, depth + 1)


def _count(condition: Condition, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise InvalidSegment(f"Conditions go at most {MAX_DEPTH} deep.")
    if isinstance(condition, Not):
        return 1 + _count(condition.of, depth + 1)
    if isinstance(condition, All | Any_):
        if not 1 <= len(condition.of) <= MAX_CONDITIONS:
            raise InvalidSegment(f"Join 1 to {MAX_CONDITIONS} conditions, not {len(condition.of)}.")
        return 1 + sum(_count(part, depth + 1) for part in condition.of)
    return 1


def _check_leaf(leaf: Leaf) -> None:
    if isinstance(leaf, InArea):
        _check_values("neighbourhoods", leaf.names, re.compile(r".{1,200}"))
    elif isinstance(leaf, InShape):
        read_shape(leaf.geometry)
    elif isinstance(leaf, Interested):
        _check_values("topics", leaf.topics, _CODE)
    elif isinstance(leaf, Speaks):
        _check_values("languages", leaf.languages, _LANGUAGE)
    elif isinstance(leaf, HasRole) and leaf.role not in REACHED_ROLES:
        raise InvalidSegment("Segments reach residents and volunteers, not staff.")
    elif isinstance(leaf, TookPart) and leaf.days is not None and not 1 <= leaf.days <= MAX_DAYS:
        raise InvalidSegment(f"Look back 1 to {MAX_DAYS} days, not {leaf.days}.")


def _check_values(what: str, values: tuple[str, ...], form: re.Pattern[str]) -> None:
    if not 1 <= len(values) <= MAX_VALUES:
        raise InvalidSegment(f"Give 1 to {MAX_VALUES} {what}, not {len(values)}.")
    if not all(form.fullmatch(value) for value in values):
        raise InvalidSegment(f"One of the {what} cannot be: use the words of the catalogue.")
