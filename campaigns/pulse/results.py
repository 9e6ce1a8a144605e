"""What a survey found, said no more surely than so few answers allow. Pure.

References
----------
.. [1] Efron, B. and Tibshirani, R. (1993). An Introduction to the Bootstrap. Chapman and Hall,
       chapter 13: percentile intervals.
.. [2] Manski, C. (2007). Identification for Prediction and Decision. Harvard, chapter 2: what is
       known when nothing is assumed about those who did not answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from campaigns.measuring.effects import CONFIDENCE
from campaigns.measuring.shares import Share, find_share
from campaigns.pulse.kinds import QuestionKind
from campaigns.standings.suppression import K, show_count, suppress

LEAST_SHOWN = 10
"""Shares of fewer answers are not shown."""
RESAMPLES = 2_000
LOWEST, HIGHEST = 1, 5
GRADES = ((4.5, "A"), (3.5, "B"), (2.5, "C"), (1.5, "D"))
WORST_GRADE = "F"


@dataclass(frozen=True)
class Tally:
    """What was counted for one question, by area: answer code or scale value to people."""

    question_id: UUID
    kind: QuestionKind
    options: Sequence[str]
    by_area: Mapping[str | None, Mapping[str, int]]

    @property
    def totals(self) -> dict[str, int]:
        """People by answer, of all areas."""
        return {
            option: sum(counts.get(option, 0) for counts in self.by_area.values())
            for option in self.options
        }


@dataclass(frozen=True)
class OptionResult:
    """One answer: its share among those who answered the question."""

    option: str
    share: Share
    least: float
    """The share of all who were asked, if nobody else would have chosen it [2]_."""
    most: float
    """The same if everybody else would have."""


@dataclass(frozen=True)
class Grade:
    """A mean of answers from 1 to 5 with its interval, and the letters that go with them."""

    mean: float
    low: float
    high: float
    letter: str
    letter_low: str
    letter_high: str


@dataclass(frozen=True)
class AreaResult:
    """How many answered a question in one area; None where that is not told."""

    area: str
    answered_count: int | None
    option_counts: Mapping[str, int | None]
    grade: Grade | None


@dataclass(frozen=True)
class QuestionResult:
    """What is told of one question."""

    question_id: UUID
    answered_count: int | None
    """None is fewer than five, or nobody."""
    too_few: str | None
    """Said instead of figures, such as "too few answers: 7 of 10"."""
    options: tuple[OptionResult, ...]
    grade: Grade | None
    grade_too_few: str | None
    """Said instead of a grade, such as "too few answers: 7 of 30"."""
    areas: tuple[AreaResult, ...]


@dataclass(frozen=True)
class Response:
    """How many of those who were asked have answered."""

    invited_count: int
    answered_count: int | None
    """None is fewer than five, or nobody."""
    share: Share | None
    areas: Mapping[str, int | None]
    """Who answered, by area; None where that is not told."""


def find_response(people: Mapping[str | None, tuple[int, int]]) -> Response:
    """The response from (asked, answered) by area."""
    invited = sum(asked for asked, _ in people.values())
    answered = sum(count for _, count in people.values())
    share = find_share(answered, invited) if answered >= K else None
    shown = suppress({area: count for area, (_, count) in people.items()})
    return Response(
        invited_count=invited,
        answered_count=show_count(answered),
        share=share,
        areas={area: shown[area] for area in sorted(name for name in people if name is not None)},
    )


def find_result(tally: Tally, *, invited_count: int, min_graded: int) -> QuestionResult:
    """What may be told of one question.

    Parameters
    ----------
    min_graded
        A grade is told from so many answers on, and never from fewer than `LEAST_SHOWN`.
    """
    totals = tally.totals
    answered = sum(totals.values())
    needed = max(min_graded, LEAST_SHOWN)
    is_scale = tally.kind is QuestionKind.SCALE
    if answered < LEAST_SHOWN:
        return QuestionResult(
            question_id=tally.question_id,
            answered_count=show_count(answered),
            too_few=say_too_few(answered, LEAST_SHOWN),
            options=(),
            grade=None,
            grade_too_few=say_too_few(answered, needed) if is_scale else None,
            areas=(),
        )
    is_graded = is_scale and answered >= needed
    return QuestionResult(
        question_id=tally.question_id,
        answered_count=answered,
        too_few=None,
        options=()
        if tally.kind is QuestionKind.TEXT
        else tuple(_find_option(option, totals, invited_count) for option in tally.options),
        grade=find_grade(totals) if is_graded else None,
        grade_too_few=say_too_few(answered, needed) if is_scale and not is_graded else None,
        areas=_find_areas(tally, needed),
    )


def say_too_few(answered: int, needed: int) -> str:
    """Plain words for figures that are not there; under five the number itself is not told."""
    count = str(answered) if answered >= K else f"fewer than {K}"
    return f"too few answers: {count} of {needed}"


def find_grade(counts: Mapping[str, int]) -> Grade:
    """The mean with a bootstrapped interval [1]_.

    When all chose the same, resampling would know no doubt. Then Wilson's interval of that share
    is taken, with the rest at the ends of the scale.
    """
    values = np.array([int(value) for value in counts])
    people = np.array([counts[value] for value in counts])
    total = int(people.sum())
    mean = float(values @ people / total)
    if np.count_nonzero(people) == 1:
        sure = find_share(total, total).low
        low = mean * sure + LOWEST * (1 - sure)
        high = mean * sure + HIGHEST * (1 - sure)
    else:
        random = np.random.default_rng([total, *people.tolist()])
        draws = random.multinomial(total, people / total, size=RESAMPLES) @ values / total
        tail = (1 - CONFIDENCE) / 2
        low, high = (float(edge) for edge in np.quantile(draws, [tail, 1 - tail]))
    return Grade(mean, low, high, _letter(mean), _letter(low), _letter(high))


def _letter(mean: float) -> str:
    return next((letter for floor, letter in GRADES if mean >= floor), WORST_GRADE)


def _find_option(option: str, totals: Mapping[str, int], invited_count: int) -> OptionResult:
    answered = sum(totals.values())
    count = totals[option]
    asked = max(invited_count, answered)
    return OptionResult(
        option=option,
        share=find_share(count, answered),
        least=count / asked,
        most=(count + asked - answered) / asked,
    )


def _find_areas(tally: Tally, needed: int) -> tuple[AreaResult, ...]:
    """Areas side by side: nobody finds out about fewer than five, not by subtraction either."""
    answered = {area: sum(counts.values()) for area, counts in tally.by_area.items()}
    shown = suppress(answered)
    cells: dict[tuple[str | None, str], int] = {
        (area, option): tally.by_area[area].get(option, 0)
        for area in answered
        for option in tally.options
    }
    rows = [[(area, option) for option in tally.options] for area in answered]
    columns = [[(area, option) for area in answered] for option in tally.options]
    told = suppress(cells, sums=[*rows, *columns]) if cells else {}
    results = []
    for area in sorted(name for name in answered if name is not None):
        count = shown[area]
        options = {
            option: None if count is None else told[area, option] for option in tally.options
        }
        is_graded = (
            tally.kind is QuestionKind.SCALE
            and count is not None
            and count >= needed
            and all(value is not None for value in options.values())
        )
        grade = find_grade(tally.by_area[area]) if is_graded else None
        results.append(AreaResult(area, count, options, grade))
    return tuple(results)
