"""The words and questions of a survey, held to their limits, and answers to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.pulse.errors import InvalidAnswer, InvalidSurvey
from campaigns.pulse.kinds import QuestionKind
from campaigns.pulse.models import TEXT_LENGTH, SurveyQuestion
from core.i18n import LANGUAGES, choose_language

MOST_QUESTIONS = 5
LEAST_OPTIONS, MOST_OPTIONS = 2, 10
TITLE_LENGTH = 120
INTRO_LENGTH = 1_000
QUESTION_LENGTH = 300
OPTION_LENGTH = 100

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class SurveyWords:
    """Title and introduction in one language."""

    title: str
    intro: str = ""


@dataclass(frozen=True)
class NewQuestion:
    """One question, in every language of the survey."""

    kind: QuestionKind
    text: Mapping[str, str]
    """By language."""
    options: Sequence[str] = ()
    """Codes of the answers of a choice."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the answers are called: by language, then by code."""


def check_words(words: Mapping[str, SurveyWords], questions: Sequence[NewQuestion]) -> None:
    """Refuse what people could not read or answer."""
    if not words or not set(words) <= set(LANGUAGES):
        raise InvalidSurvey(f"Write the survey in one or more of: {', '.join(LANGUAGES)}.")
    for said in words.values():
        _check_length("title", said.title, TITLE_LENGTH)
        if len(said.intro) > INTRO_LENGTH:
            raise InvalidSurvey(f"The introduction has at most {INTRO_LENGTH} characters.")
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise InvalidSurvey(f"Ask 1 to {MOST_QUESTIONS} questions, not {len(questions)}.")
    for question in questions:
        _check_question(question, set(words))


def _check_question(question: NewQuestion, languages: set[str]) -> None:
    if set(question.text) != languages:
        raise InvalidSurvey("Write every question in every language of the survey.")
    for text in question.text.values():
        _check_length("question", text, QUESTION_LENGTH)
    if question.kind is not QuestionKind.CHOICE:
        if question.options or question.labels:
            raise InvalidSurvey("Only a choice has answers to choose from.")
        return
    codes = list(question.options)
    if not LEAST_OPTIONS <= len(codes) <= MOST_OPTIONS or len(set(codes)) != len(codes):
        raise InvalidSurvey(f"A choice has {LEAST_OPTIONS} to {MOST_OPTIONS} different answers.")
    if not all(_CODE.fullmatch(code) for code in codes):
        raise InvalidSurvey("The code of an answer is a word of small letters, such as 'yes'.")
    if set(question.labels) != languages or any(
        set(labels) != set(codes) for labels in question.labels.values()
    ):
        raise InvalidSurvey("Name every answer in every language of the survey.")
    for labels in question.labels.values():
        for label in labels.values():
            _check_length("answer", label, OPTION_LENGTH)


def _check_length(what: str, text: str, most: int) -> None:
    if not 1 <= len(text.strip()) <= most:
        raise InvalidSurvey(f"Each {what} has 1 to {most} characters.")


def pick_words(words: Mapping[str, Any], languages: Sequence[str]) -> Any:
    """The words in the language that suits a person best; the first written one otherwise."""
    chosen = choose_language([code for code in languages if code.partition("-")[0] in words])
    return words.get(chosen) or next(iter(words.values()))


def read_answer(question: SurveyQuestion, value: str | int) -> dict[str, Any]:
    """An answer as its columns hold it.

    Raises
    ------
    InvalidAnswer
        When it does not fit the question.
    """
    place = f"Question {question.position}"
    if question.kind is QuestionKind.CHOICE:
        if value not in question.options:
            raise InvalidAnswer(f"{place}: choose one of {', '.join(question.options)}.")
        return {"choice": value}
    if question.kind is QuestionKind.SCALE:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            raise InvalidAnswer(f"{place}: choose a number from 1 to 5.")
        return {"scale": value}
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= TEXT_LENGTH:
        raise InvalidAnswer(f"{place}: write 1 to {TEXT_LENGTH} characters.")
    return {"text": value.strip()}
