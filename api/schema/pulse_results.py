"""What a survey found, with intervals, and words where there are too few answers."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import relay

from campaigns.measuring.shares import Share
from campaigns.pulse import reporting, results


@strawberry.type(description="A share of people with its 95 % interval (Wilson).")
class SurveyShare:
    count: int = strawberry.field(description="How many.")
    of_count: int = strawberry.field(description="Of how many.")
    share: float = strawberry.field(description="From 0 to 1.")
    low: float = strawberry.field(description="The lower end of the interval.")
    high: float = strawberry.field(description="The upper end of the interval.")

    @classmethod
    def of(cls, row: Share) -> SurveyShare:
        return cls(
            count=row.count, of_count=row.total, share=row.estimate, low=row.low, high=row.high
        )


@strawberry.type(description="One answer and how many chose it.")
class SurveyOptionResult:
    option: str = strawberry.field(description="The code of the answer, or the number of a scale.")
    among_answers: SurveyShare = strawberry.field(
        description="Its share among those who answered the question."
    )
    least_share: float = strawberry.field(
        description="Of all who were asked, if nobody else would choose it."
    )
    most_share: float = strawberry.field(
        description="Of all who were asked, if everybody else would choose it."
    )


@strawberry.type(description="The mean of answers from 1 to 5 with its 95 % interval.")
class SurveyGrade:
    letter: str = strawberry.field(description="A, B, C, D or F.")
    letter_low: str = strawberry.field(description="The letter at the lower end.")
    letter_high: str = strawberry.field(description="The letter at the upper end.")
    mean: float = strawberry.field(description="From 1 to 5.")
    low: float = strawberry.field(description="The lower end of the interval.")
    high: float = strawberry.field(description="The upper end of the interval.")

    @classmethod
    def of(cls, row: results.Grade) -> SurveyGrade:
        return cls(
            letter=row.letter,
            letter_low=row.letter_low,
            letter_high=row.letter_high,
            mean=row.mean,
            low=row.low,
            high=row.high,
        )


@strawberry.type(description="How many chose an answer in an area.")
class SurveyAreaOption:
    option: str = strawberry.field(description="The code of the answer.")
    count: int | None = strawberry.field(description="How many; null where it is not told.")


@strawberry.type(description="What one area answered. What tells about fewer than five is null.")
class SurveyAreaResult:
    area: str = strawberry.field(description="The neighbourhood.")
    answered_count: int | None = strawberry.field(
        description="How many answered; null where it is not told."
    )
    options: list[SurveyAreaOption] = strawberry.field(description="By answer.")
    grade: SurveyGrade | None = strawberry.field(description="Null from too few answers.")


@strawberry.type(description="What was found for one question.")
class SurveyQuestionResult:
    question_id: relay.GlobalID = strawberry.field(description="The `SurveyQuestion`.")
    answered_count: int | None = strawberry.field(
        description="How many answered it; null is fewer than five, or nobody."
    )
    too_few: str | None = strawberry.field(
        description="Said instead of figures, such as: too few answers: 7 of 10."
    )
    options: list[SurveyOptionResult] = strawberry.field(
        description="By answer; none for own words and from too few answers."
    )
    grade: SurveyGrade | None = strawberry.field(
        description="For a scale with enough answers; never from one."
    )
    grade_too_few: str | None = strawberry.field(
        description="Said instead of a grade, such as: too few answers: 7 of 30."
    )
    areas: list[SurveyAreaResult] = strawberry.field(
        description="Areas side by side; none from too few answers."
    )

    @classmethod
    def of(cls, row: results.QuestionResult) -> SurveyQuestionResult:
        return cls(
            question_id=relay.GlobalID("SurveyQuestion", str(row.question_id)),
            answered_count=row.answered_count,
            too_few=row.too_few,
            options=[
                SurveyOptionResult(
                    option=option.option,
                    among_answers=SurveyShare.of(option.share),
                    least_share=option.least,
                    most_share=option.most,
                )
                for option in row.options
            ],
            grade=None if row.grade is None else SurveyGrade.of(row.grade),
            grade_too_few=row.grade_too_few,
            areas=[_area(area) for area in row.areas],
        )


@strawberry.type(description="How many of those who were asked answered.")
class SurveyAreaResponse:
    area: str = strawberry.field(description="The neighbourhood.")
    answered_count: int | None = strawberry.field(
        description="How many answered; null where it is not told."
    )


@strawberry.type(description="What a closed survey found, and how far that can be trusted.")
class SurveyResults:
    survey_id: relay.GlobalID = strawberry.field(description="The `Survey`.")
    closed_at: datetime | None = strawberry.field(description="When it was closed.")
    invited_count: int = strawberry.field(description="How many were asked.")
    response: SurveyShare | None = strawberry.field(
        description="Who answered among those asked; null is fewer than five, or nobody."
    )
    areas: list[SurveyAreaResponse] = strawberry.field(description="Who answered, by area.")
    caveat: str = strawberry.field(description="What is not known, in a sentence.")
    questions: list[SurveyQuestionResult] = strawberry.field(description="Question by question.")

    @classmethod
    def of(cls, found: reporting.SurveyResults) -> SurveyResults:
        response = found.response
        return cls(
            survey_id=relay.GlobalID("Survey", str(found.survey.id)),
            closed_at=found.survey.closed_at,
            invited_count=response.invited_count,
            response=None if response.share is None else SurveyShare.of(response.share),
            areas=[
                SurveyAreaResponse(area=area, answered_count=count)
                for area, count in response.areas.items()
            ],
            caveat=found.caveat,
            questions=[SurveyQuestionResult.of(row) for row in found.questions],
        )


def _area(row: results.AreaResult) -> SurveyAreaResult:
    return SurveyAreaResult(
        area=row.area,
        answered_count=row.answered_count,
        options=[
            SurveyAreaOption(option=option, count=count)
            for option, count in row.option_counts.items()
        ],
        grade=None if row.grade is None else SurveyGrade.of(row.grade),
    )
