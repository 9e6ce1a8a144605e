"""Results of surveys: shares, grades and areas only where enough people answered."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest

from campaigns.measuring.shares import find_share
from campaigns.pulse.kinds import QuestionKind
from campaigns.pulse.reporting import say_caveat
from campaigns.pulse.results import (
    QuestionResult,
    Tally,
    find_grade,
    find_response,
    find_result,
)

KEY = UUID(int=1)


def scale(*people: int) -> Tally:
    counts = {str(value): count for value, count in enumerate(people, start=1)}
    return Tally(KEY, QuestionKind.SCALE, tuple("12345"), {"Riverside": counts})


def choice(by_area: Mapping[str | None, tuple[int, int]]) -> Tally:
    areas = {area: {"yes": yes, "no": no} for area, (yes, no) in by_area.items()}
    return Tally(KEY, QuestionKind.CHOICE, ("yes", "no"), areas)


def result(tally: Tally, invited_count: int = 100, min_graded: int = 30) -> QuestionResult:
    return find_result(tally, invited_count=invited_count, min_graded=min_graded)


def test_one_answer_is_no_grade_however_low_the_bar() -> None:
    found = result(scale(0, 0, 0, 0, 1), min_graded=1)
    assert found.grade is None
    assert found.options == ()
    assert found.answered_count is None
    assert found.grade_too_few == "too few answers: fewer than 5 of 10"


def test_too_few_is_said_plainly() -> None:
    found = result(scale(0, 0, 1, 2, 4))
    assert (found.too_few, found.grade_too_few) == (
        "too few answers: 7 of 10",
        "too few answers: 7 of 30",
    )
    found = result(scale(0, 0, 3, 6, 20))
    assert (found.too_few, found.grade_too_few) == (None, "too few answers: 29 of 30")
    assert found.grade is None
    assert len(found.options) == 5
    found = result(scale(0, 0, 3, 7, 20))
    assert (found.too_few, found.grade_too_few) == (None, None)
    assert found.grade is not None


def test_shares_have_intervals_and_widest_bounds() -> None:
    found = result(choice({"Riverside": (30, 10)}), invited_count=100)
    yes = found.options[0]
    assert yes.share == find_share(30, 40)
    assert (yes.least, yes.most) == (0.30, 0.90)
    assert found.grade is found.grade_too_few is None


@pytest.mark.parametrize(
    ("people", "letter"),
    [((0, 0, 0, 0, 40), "A"), ((0, 0, 0, 40, 0), "B"), ((40, 0, 0, 0, 0), "F")],
)
def test_agreement_of_all_is_no_certainty(people: tuple[int, ...], letter: str) -> None:
    found = result(scale(*people)).grade
    assert found is not None
    assert found.letter == letter
    assert found.high - found.low > 0.1
    assert 1 <= found.low <= found.mean <= found.high <= 5


def test_the_interval_of_a_mean_is_about_right() -> None:
    """Of a normal approximation: 1.96 times the standard error."""
    found = find_grade({"1": 20, "2": 20, "3": 20, "4": 20, "5": 20})
    assert found.mean == 3
    half = 1.96 * (2 / 100) ** 0.5
    assert found.low == pytest.approx(3 - half, abs=0.05)
    assert found.high == pytest.approx(3 + half, abs=0.05)
    assert (found.letter_low, found.letter, found.letter_high) == ("C", "C", "C")
    assert find_grade({"1": 20, "2": 20, "3": 20, "4": 20, "5": 20}) == found


def test_small_areas_are_hidden_and_cannot_be_subtracted() -> None:
    found = result(choice({"A": (20, 20), "B": (12, 9), "C": (8, 7), "D": (1, 2)}))
    by_area = {area.area: area for area in found.areas}
    assert by_area["D"].answered_count is None
    assert sum(area.answered_count is None for area in found.areas) >= 2
    assert all(
        value is None
        for area in found.areas
        if area.answered_count is None
        for value in area.option_counts.values()
    )
    assert by_area["A"].answered_count == 40


def test_a_single_no_in_an_area_is_hidden() -> None:
    found = result(choice({"A": (20, 20), "B": (11, 1), "C": (10, 10)}))
    b = next(area for area in found.areas if area.area == "B")
    assert b.option_counts["no"] is None
    assert b.option_counts["yes"] is None


def test_people_without_an_area_count_but_are_no_area() -> None:
    found = result(choice({"A": (20, 20), None: (10, 10)}))
    assert [area.area for area in found.areas] == ["A"]
    assert found.answered_count == 60


def test_the_response_and_what_it_cannot_tell() -> None:
    response = find_response({"A": (60, 20), "B": (40, 10)})
    assert response.share == find_share(30, 100)
    assert response.areas == {"A": 20, "B": 10}
    assert say_caveat(response).startswith("70 of 100 people who were asked did not answer.")
    few = find_response({"A": (60, 3), "B": (40, 1)})
    assert (few.answered_count, few.share, few.areas) == (None, None, {"A": None, "B": None})
    assert "nothing can be said" in say_caveat(few)
    everybody = find_response({"A": (12, 12)})
    assert say_caveat(everybody).startswith("Everybody who was asked answered.")


def test_own_words_are_counted_and_not_shown() -> None:
    tally = Tally(KEY, QuestionKind.TEXT, ("written",), {"A": {"written": 25}})
    found = result(tally)
    assert (found.answered_count, found.options, found.grade) == (25, (), None)
