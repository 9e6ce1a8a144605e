"""A segment as callers write it: one condition, or several joined by all, any and not."""

from __future__ import annotations

from typing import Any, Optional

import strawberry
from strawberry import relay

from api.schema.enums import describe_enum
from api.schema.nodes import find_id, find_optional_id
from api.schema.scalars import GeoJSON
from campaigns.audiences.definitions import MAX_DEPTH, Definition, read_definition
from campaigns.audiences.errors import InvalidSegment
from campaigns.audiences.kinds import HouseholdFact, TookPartIn
from people.kinds import Role

describe_enum(
    HouseholdFact,
    "What a household may have said about who lives there.",
    {"SENIORS": "People over 65.", "CHILDREN": "Children."},
)
describe_enum(
    TookPartIn,
    "What somebody took part in before.",
    {"EVENT": "Came to an event.", "CAMPAIGN": "Was in a campaign until it ended."},
)


@strawberry.input(description="What people took part in before.")
class TookPartInput:
    what: TookPartIn = strawberry.field(description="An event, or a campaign.")
    event_id: relay.GlobalID | None = strawberry.field(
        default=None, description="One event; any without."
    )
    campaign_id: relay.GlobalID | None = strawberry.field(
        default=None, description="One campaign; any without."
    )
    days: int | None = strawberry.field(
        default=None, description="In so many days until now, 1 to 3,650; ever without."
    )


@strawberry.input(
    description="One condition: give exactly one of these fields. Lists hold 1 to 50 words, of "
    "which one must hold."
)
class SegmentConditionInput:
    all: Optional[list[SegmentConditionInput]] = strawberry.field(  # noqa: UP045 - refers to itself
        default=None, description="Every one of these holds."
    )
    any: Optional[list[SegmentConditionInput]] = strawberry.field(  # noqa: UP045 - refers to itself
        default=None, description="At least one of these holds."
    )
    none: Optional[SegmentConditionInput] = strawberry.field(  # noqa: UP045 - refers to itself
        name="not", default=None, description="This does not hold."
    )
    areas: list[str] | None = strawberry.field(
        default=None, description="The home is in one of these neighbourhoods."
    )
    shape: GeoJSON | None = strawberry.field(
        default=None,
        description="The cell of the home has its middle in this Polygon or MultiPolygon, of at "
        "most 500 points.",
    )
    interests: list[str] | None = strawberry.field(
        default=None, description="Said to care about one of these topics."
    )
    languages: list[str] | None = strawberry.field(
        default=None, description="At ease in one of these languages, by code, such as `es`."
    )
    household_with: HouseholdFact | None = strawberry.field(
        default=None, description="The household said so itself."
    )
    role: Role | None = strawberry.field(
        default=None, description="Takes part as a resident or as a volunteer."
    )
    group_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Is in this `Group`, in person or as a household."
    )
    campaign_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Takes part in this `Campaign`."
    )
    took_part: TookPartInput | None = strawberry.field(
        default=None, description="Took part in something before."
    )


@strawberry.input(description="Whom a segment describes.")
class SegmentDefinitionInput:
    where: SegmentConditionInput | None = strawberry.field(
        default=None, description="The condition; everybody without."
    )
    not_contacted_days: int | None = strawberry.field(
        default=None,
        description="Only those to whom nobody of us wrote for so many days, 1 to 365.",
    )


def read_segment(given: SegmentDefinitionInput) -> Definition:
    """A definition from what a caller gave.

    Raises
    ------
    InvalidSegment
        When it cannot be; the message says what to change.
    """
    stored: dict[str, Any] = {
        "where": None if given.where is None else _read(given.where, 1),
        "not_contacted_days": given.not_contacted_days,
    }
    return read_definition(stored)


def _read(given: SegmentConditionInput, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise InvalidSegment(f"Conditions go at most {MAX_DEPTH} deep.")
    values = {name: value for name, value in vars(given).items() if value is not None}
    if len(values) != 1:
        raise InvalidSegment("Each condition gives exactly one of its fields.")
    name, value = next(iter(values.items()))
    if name in ("all", "any"):
        return {"type": name, "of": [_read(part, depth + 1) for part in value]}
    if name == "none":
        return {"type": "not", "of": _read(value, depth + 1)}
    if name == "took_part":
        return _read_took_part(value)
    if name == "group_id":
        return {"type": "group", "group_id": str(find_id(value, "Group"))}
    if name == "campaign_id":
        return {"type": "campaign", "campaign_id": str(find_id(value, "Campaign"))}
    kind, place = {
        "areas": ("area", "names"),
        "shape": ("polygon", "geometry"),
        "interests": ("interest", "topics"),
        "languages": ("language", "languages"),
        "household_with": ("household", "fact"),
        "role": ("role", "role"),
    }[name]
    return {"type": kind, place: value.value if isinstance(value, HouseholdFact | Role) else value}


def _read_took_part(given: TookPartInput) -> dict[str, Any]:
    is_event = given.what is TookPartIn.EVENT
    wrong = given.campaign_id if is_event else given.event_id
    if wrong is not None:
        raise InvalidSegment("Name an event for events and a campaign for campaigns.")
    subject_id = (
        find_optional_id(given.event_id, "CommunityEvent")
        if is_event
        else find_optional_id(given.campaign_id, "Campaign")
    )
    return {
        "type": "took_part",
        "what": given.what.value,
        "subject_id": None if subject_id is None else str(subject_id),
        "days": given.days,
    }
