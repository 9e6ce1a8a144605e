from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.models import WeeklyHours
from web.pages.volunteering.week import DAYS, PARTS, box, join_week, read_boxes, split_week

BOXES = st.frozensets(st.sampled_from([box(day, part) for day in DAYS for part, _, _ in PARTS]))


@given(BOXES)
def test_a_week_that_is_saved_and_shown_again_is_the_same(boxes: frozenset[str]) -> None:
    rules = [rule for rule, _ in join_week(boxes)]
    rows = [
        WeeklyHours(
            weekday=rule.weekday,
            start_min=rule.start_min,
            end_min=rule.end_min,
            from_second_anchor=False,
        )
        for rule in rules
    ]

    week = split_week(rows)

    assert week.boxes == boxes
    assert week.others == ()
    assert read_boxes({f"at-{name}": "1" for name in boxes} | {"at-9-never": "1"}) == boxes


@pytest.mark.parametrize(
    "row",
    [
        WeeklyHours(weekday=2, start_min=615, end_min=720, from_second_anchor=False),
        WeeklyHours(weekday=2, start_min=540, end_min=720, from_second_anchor=True),
        WeeklyHours(
            weekday=2,
            start_min=540,
            end_min=720,
            valid_until=date(2027, 1, 31),
            from_second_anchor=False,
        ),
    ],
)
def test_hours_that_no_box_can_say_stay_beside_the_grid(row: WeeklyHours) -> None:
    week = split_week([row])

    assert week.boxes == frozenset()
    assert week.others == (row,)
