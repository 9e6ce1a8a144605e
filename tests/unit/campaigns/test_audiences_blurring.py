"""Counts of previews: rounded, and too like each other to tell about one person."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from campaigns.audiences.blurring import (
    draw_sketch,
    is_too_near,
    order_key,
    pack_sketch,
    round_count,
    unpack_sketch,
)

SALT = b"s" * 32


def people(count: int, first: int = 0) -> dict[UUID, str]:
    return {UUID(int=first + number): "reached" for number in range(count)}


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (1, 0), (4, 0), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1002, 1000)],
)
def test_counts_go_to_the_nearest_five(count: int, shown: int) -> None:
    assert round_count(count) == shown


def test_the_same_people_in_any_order_are_the_same() -> None:
    forth = draw_sketch(people(50), SALT)
    back = draw_sketch(dict(reversed(people(50).items())), SALT)
    assert np.array_equal(forth, back)
    assert np.array_equal(unpack_sketch(pack_sketch(forth)), forth)
    assert len(pack_sketch(forth)) == 2048


def test_fewer_than_five_more_or_less_are_too_near() -> None:
    for salt in (b"a" * 32, b"b" * 32, b"c" * 32):
        shown = draw_sketch(people(200), salt)
        for count in range(196, 205):
            assert is_too_near(shown, draw_sketch(people(count), salt), salt)


def test_another_fate_of_the_same_people_counts_as_a_difference() -> None:
    some = people(40)
    other = {key: "away" if key.int < 20 else fate for key, fate in some.items()}
    assert not is_too_near(draw_sketch(some, SALT), draw_sketch(other, SALT), SALT)
    one = some | {UUID(int=3): "away"}
    assert is_too_near(draw_sketch(some, SALT), draw_sketch(one, SALT), SALT)
    assert not np.array_equal(draw_sketch(some, SALT), draw_sketch(one, SALT))


def test_the_border_lies_elsewhere_for_each_preview() -> None:
    borders = set()
    for first in range(0, 40_000, 1_000):
        shown = draw_sketch(people(100, first), SALT)
        for more in range(1, 30):
            if not is_too_near(shown, draw_sketch(people(100 + more, first), SALT), SALT):
                borders.add(more)
                break
    assert min(borders) >= 5
    assert len(borders) >= 4


def test_what_differs_much_is_never_too_near() -> None:
    for first in range(0, 10_000, 500):
        shown = draw_sketch(people(200, first), SALT)
        assert not is_too_near(shown, draw_sketch(people(230, first), SALT), SALT)


def test_without_the_secret_the_sketch_tells_nothing() -> None:
    assert not np.array_equal(draw_sketch(people(5), SALT), draw_sketch(people(5), b"t" * 32))
    ordered = sorted(people(50), key=lambda key: order_key(key, SALT))
    backwards = list(people(50))[::-1]
    assert ordered == sorted(backwards, key=lambda key: order_key(key, SALT))
    assert ordered != sorted(people(50), key=lambda key: order_key(key, b"t" * 32))
