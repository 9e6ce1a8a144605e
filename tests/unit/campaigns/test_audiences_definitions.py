"""What a segment may say, and what is refused before a database is asked."""

from __future__ import annotations

import math
from typing import Any
from uuid import uuid4

import pytest

from campaigns.audiences.definitions import (
    Definition,
    InArea,
    list_leaves,
    read_definition,
    uses_household_facts,
    write_definition,
)
from campaigns.audiences.errors import InvalidSegment
from campaigns.audiences.reasons import describe_reason, name_reason

CYCLING = {"type": "interest", "topics": ["cycling"]}
SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]


def polygon(coordinates: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"where": {"type": "polygon", "geometry": {"type": kind, "coordinates": coordinates}}}


def circle(count: int) -> list[list[list[float]]]:
    ring = [
        [math.cos(2 * math.pi * n / count), math.sin(2 * math.pi * n / count)] for n in range(count)
    ]
    return [[*ring, ring[0]]]


def nest(depth: int, leaf: dict[str, Any]) -> dict[str, Any]:
    for _ in range(depth):
        leaf = {"type": "not", "of": leaf}
    return leaf


def test_what_is_written_reads_the_same() -> None:
    stored = {
        "where": {
            "type": "all",
            "of": [
                CYCLING,
                {"type": "any", "of": [{"type": "group", "group_id": str(uuid4())}, CYCLING]},
                {"type": "not", "of": {"type": "household", "fact": "children"}},
                polygon(SQUARE)["where"],
            ],
        },
        "not_contacted_days": 14,
    }
    definition = read_definition(stored)
    assert write_definition(definition) == stored | {"version": 1}
    assert read_definition(write_definition(definition)) == definition
    assert uses_household_facts(definition)
    assert not uses_household_facts(Definition())


def test_a_not_turns_what_stands_below_it() -> None:
    definition = read_definition(
        {"where": nest(1, {"type": "any", "of": [CYCLING, nest(1, CYCLING)]})}
    )
    assert definition.where is not None
    assert [negated for _, negated in list_leaves(definition.where)] == [True, False]


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"where": CYCLING, "version": 2},
        {"where": CYCLING, "sql": "1=1"},
        {"where": {"type": "everything"}},
        {"where": {"type": "interest", "topics": []}},
        {"where": {"type": "interest", "topics": ["a"] * 51}},
        {"where": {"type": "interest", "topics": ["cycling' OR 1=1"]}},
        {"where": {"type": "language", "languages": ['es"%']}},
        {"where": {"type": "language", "languages": ["%"]}},
        {"where": {"type": "area", "names": [""]}},
        {"where": {"type": "role", "role": "manager"}},
        {"where": {"type": "household", "fact": "income"}},
        {"where": {"type": "group", "group_id": "7"}},
        {"where": {"type": "took_part", "what": "event", "days": 0}},
        {"where": {"type": "took_part", "what": "event", "days": 3651}},
        {"where": {"type": "all", "of": []}},
        {"where": {"type": "all", "of": [CYCLING] * 20}},
        {"where": nest(4, CYCLING)},
        {"where": nest(5_000, CYCLING)},
        {"not_contacted_days": 0},
        {"not_contacted_days": 366},
    ],
)
def test_what_cannot_be_is_refused(stored: Any) -> None:
    with pytest.raises(InvalidSegment):
        read_definition(stored)


def test_the_limits_themselves_are_allowed() -> None:
    read_definition({"where": nest(3, CYCLING)})
    read_definition({"where": {"type": "all", "of": [CYCLING] * 19}, "not_contacted_days": 365})
    read_definition(polygon(circle(499)))
    read_definition(polygon([SQUARE, [[[2, 2], [3, 2], [3, 3], [2, 2]]]], "MultiPolygon"))


@pytest.mark.parametrize(
    "stored",
    [
        polygon(circle(500)),
        polygon([[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]),
        polygon([[[0, 0], [1, 1], [0, 0]]]),
        polygon([[[0, 0], [1, 1]]]),
        polygon([]),
        polygon([[["a", "b"], [1, 0], [1, 1], ["a", "b"]]]),
        polygon([[[0, 0], [200, 0], [200, 1], [0, 0]]]),
        polygon([[[float("nan"), 0], [1, 0], [1, 1], [float("nan"), 0]]]),
        polygon([[[[[[0]]]]]]),
        polygon(SQUARE, "Point"),
        {"where": {"type": "polygon", "geometry": {}}},
        {"where": {"type": "polygon", "geometry": {"type": "Polygon", "coordinates": 7}}},
    ],
)
def test_shapes_that_are_none(stored: Any) -> None:
    with pytest.raises(InvalidSegment):
        read_definition(stored)


def test_every_reason_is_a_sentence_in_both_languages() -> None:
    conditions: list[dict[str, Any]] = [
        CYCLING,
        {"type": "area", "names": ["Area 2", "Riverside"]},
        polygon(SQUARE)["where"],
        {"type": "language", "languages": ["es"]},
        {"type": "household", "fact": "seniors"},
        {"type": "household", "fact": "children"},
        {"type": "role", "role": "resident"},
        {"type": "role", "role": "volunteer"},
        {"type": "group", "group_id": str(uuid4())},
        {"type": "campaign", "campaign_id": str(uuid4())},
        {"type": "took_part", "what": "event"},
        {"type": "took_part", "what": "campaign"},
    ]
    definition = read_definition({"where": {"type": "all", "of": conditions}})
    assert definition.where is not None
    words = [name_reason(leaf, negated=False) for leaf, _ in list_leaves(definition.where)]
    words += ["not_interest:cycling", "everybody"]
    said = {
        language: [describe_reason(word, language) for word in words] for language in ("en", "es")
    }
    assert all(sentence.startswith("because ") for sentence in said["en"])
    assert all(sentence.startswith("porque ") for sentence in said["es"])
    assert len(set(said["en"])) == len(set(said["es"])) == len(words)
    assert "Area 2, Riverside" in said["en"][1]


def test_a_leaf_alone_is_a_segment() -> None:
    definition = read_definition({"where": {"type": "area", "names": ["Area 2"]}})
    assert definition.where == InArea(("Area 2",))
