"""Files of routes and measurements: what is read, and what is refused with its line."""

from __future__ import annotations

from datetime import date

import pytest

from campaigns.recycling.errors import UnusableMeasurements
from campaigns.recycling.files import FileKind, read_file
from campaigns.recycling.kinds import CartState, ContaminantKind, Stream
from campaigns.recycling.measurements import (
    Cart,
    Measurement,
    SetOuts,
    Sorted,
    Walk,
    Weighed,
    find_fault,
)
from core.errors import TalkootError
from core.ids import new_id

TODAY = date(2026, 5, 20)
COMMUNITY = new_id()


def test_kind_is_told_by_the_columns() -> None:
    kinds = {
        "route,areas,households\nR1,The Port|Riverside,240\n": FileKind.ROUTES,
        "Route;Week;Set outs\nR1;2026-05-04;120\n": FileKind.SET_OUTS,
        "route,date,stream,weight_kg\nR1,2026-05-05,Trash,812.5\n": FileKind.WEIGHTS,
    }
    for text, kind in kinds.items():
        found = read_file(text.encode(), "f.csv", community_id=COMMUNITY)
        assert (found.kind, found.refused, found.line_count) == (kind, [], 1)


def test_lines_become_measurements() -> None:
    found = read_file(
        b"route,day,stream,weight_kg\nR1,2026-05-05,trash,812.5\nR2,2026-05-06,recycling,90\n",
        "f.csv",
        community_id=COMMUNITY,
    )
    assert [entry.item for entry in found.entries] == [
        Weighed(day=date(2026, 5, 5), stream=Stream.TRASH, weight_kg=812.5),
        Weighed(day=date(2026, 5, 6), stream=Stream.RECYCLING, weight_kg=90.0),
    ]
    assert [entry.line for entry in found.entries] == [2, 3]


def test_carts_of_one_walk_come_together() -> None:
    found = read_file(
        b"route,week,audit,cart,state,contaminants\n"
        b"R1,2026-05-04,a,1,clean,\nR1,2026-05-04,a,2,contaminated,bags|food\n"
        b"R1,2026-05-04,b,1,not_out,\n",
        "f.csv",
        community_id=COMMUNITY,
    )
    first, second = (entry.item for entry in found.entries)
    assert isinstance(first, Walk)
    assert first.carts[1] == Cart(
        2, CartState.CONTAMINATED, (ContaminantKind.BAGS, ContaminantKind.FOOD)
    )
    assert isinstance(second, Walk)
    assert len(second.carts) == 1


def test_a_walk_with_a_bad_line_is_left_out_whole() -> None:
    found = read_file(
        b"route,week,audit,cart,state\nR1,2026-05-04,a,1,clean\nR1,2026-05-04,a,2,shiny\n",
        "f.csv",
        community_id=COMMUNITY,
    )
    assert found.entries == []
    assert [one.line for one in found.refused] == [2, 3]
    assert "not_out" in found.refused[1].message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("R1,2026-13-01,12", "is no date"),
        ("R1,2026-05-04,many", "a whole number"),
        ("R1,2026-05-04,nan", "a whole number"),
        (",2026-05-04,12", "route is empty"),
        ("R1,2026-05-04,12,,,9", "cells"),
    ],
)
def test_bad_lines_are_told_with_their_number(line: str, words: str) -> None:
    text = f"route,week,set_outs\nR1,2026-05-04,5\n{line}\n"
    found = read_file(text.encode(), "f.csv", community_id=COMMUNITY)
    assert len(found.entries) == 1
    assert [one.line for one in found.refused] == [3]
    assert words in found.refused[0].message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"name,colour\na,b\n",
        b"%PDF-1.4",
        b"\x89PNG\r\n",
        b"route,areas,week,set_outs\n",
    ],
)
def test_other_files_are_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(TalkootError, match=r"f\.csv"):
        read_file(data, "f.csv", community_id=COMMUNITY)


def test_large_files_are_refused() -> None:
    with pytest.raises(UnusableMeasurements, match="larger than 8 MB"):
        read_file(b"route,week,set_outs\n" + b"R1,2026-05-04,5\n" * 600_000, "f.csv",
                  community_id=COMMUNITY)  # fmt: skip


CLEAN = Cart(1, CartState.CLEAN)


def sample(**weights: float) -> Sorted:
    given = {
        "recyclables_in_recycling_kg": 50.0,
        "contaminants_in_recycling_kg": 5.0,
        "recyclables_in_trash_kg": 20.0,
        "other_in_trash_kg": 90.0,
    } | weights
    return Sorted(week=TODAY, sample="s", **given)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (SetOuts(week=date(2026, 5, 21), set_out_count=1), "future"),
        (SetOuts(week=date(1999, 5, 21), set_out_count=1), "five years"),
        (SetOuts(week=TODAY, set_out_count=-1), "0 or more"),
        (SetOuts(week=TODAY, set_out_count=301), "more than 3 for each"),
        (Weighed(day=TODAY, stream=Stream.TRASH, weight_kg=-0.5), "-0.5 kg cannot be"),
        (Weighed(day=TODAY, stream=Stream.TRASH, weight_kg=float("nan")), "cannot be"),
        (Weighed(day=TODAY, stream=Stream.TRASH, weight_kg=10_001), "in kilograms"),
        (sample(recyclables_in_trash_kg=-1.0), "recyclables_in_trash_kg"),
        (
            sample(
                recyclables_in_recycling_kg=0,
                contaminants_in_recycling_kg=0,
                recyclables_in_trash_kg=0,
                other_in_trash_kg=0,
            ),
            "says nothing",
        ),
        (Walk(week=TODAY, key="k", carts=()), "0 carts"),
        (Walk(week=TODAY, key=" ", carts=(CLEAN,)), "needs a name"),
        (Walk(week=TODAY, key="k", carts=(CLEAN, CLEAN)), "number of its own"),
        (Walk(week=TODAY, key="k", carts=(Cart(1, CartState.CONTAMINATED),)), "with what"),
        (
            Walk(week=TODAY, key="k", carts=(Cart(1, CartState.CLEAN, (ContaminantKind.FOAM,)),)),
            "cannot hold",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(item: Measurement, words: str) -> None:
    fault = find_fault(item, household_count=100, today=TODAY)
    assert fault is not None
    assert words in fault


def test_what_can_be_is_taken() -> None:
    for item in (
        SetOuts(week=TODAY, set_out_count=0),
        Weighed(day=TODAY, stream=Stream.RECYCLING, weight_kg=0.0),
        sample(),
        Walk(week=TODAY, key="k", carts=(CLEAN,)),
    ):
        assert find_fault(item, household_count=100, today=TODAY) is None
