"""A survey as it is written: one to five questions, each in every language of the survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.pulse.asking import LEAST_GRADED, LONGEST, MOST_GRADED, SHORTEST, USUAL_GRADED
from campaigns.pulse.kinds import QuestionKind
from campaigns.pulse.models import Survey, SurveyQuestion
from campaigns.pulse.questions import (
    INTRO_LENGTH,
    LEAST_OPTIONS,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    OPTION_LENGTH,
    QUESTION_LENGTH,
    TITLE_LENGTH,
    NewQuestion,
    SurveyWords,
)
from core.i18n import LANGUAGES, Translator
from core.ids import parse_id
from people.kinds import Purpose
from web.pages.fields import day_is_over, read_day, read_whole

USUAL_LIFE = timedelta(days=14)
LAST_MINUTE = timedelta(minutes=1)
"""Midnight is read as the day that begins, so that a survey ends just before it."""


@dataclass
class QuestionRow:
    """One question as its fields hold it."""

    kind: str = QuestionKind.CHOICE.value
    text: dict[str, str] = field(default_factory=dict)
    """By language."""
    options: dict[str, str] = field(default_factory=dict)
    """Answers of a choice, one a line, by language."""

    def list_options(self, language: str) -> list[str]:
        """The answers of a choice in one language."""
        lines = (" ".join(line.split()) for line in self.options.get(language, "").splitlines())
        return [line for line in lines if line]

    def is_empty_in(self, language: str) -> bool:
        """Whether nothing is written in a language."""
        return not self.text.get(language) and not self.list_options(language)


@dataclass
class Written:
    """What was written, and its mistakes."""

    form: dict[str, str] = field(default_factory=dict)
    questions: list[QuestionRow] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    closes_at: datetime | None = None
    min_graded: int = USUAL_GRADED

    @property
    def languages(self) -> list[str]:
        """Those in which something is written."""
        return [
            code
            for code in LANGUAGES
            if self.form.get(f"title_{code}")
            or self.form.get(f"intro_{code}")
            or any(not row.is_empty_in(code) for row in self.questions)
        ]

    @property
    def purpose(self) -> Purpose:
        """Which consent it rests on."""
        programmes = self.form.get("purpose") == Purpose.PROGRAMMES.value
        return Purpose.PROGRAMMES if programmes else Purpose.CAMPAIGNS


def begin(now: datetime, zone: ZoneInfo) -> Written:
    """A new survey: one question, two weeks."""
    day = (now + USUAL_LIFE).astimezone(zone).date()
    form = {"closes": day.isoformat(), "min_graded": str(USUAL_GRADED)}
    return Written(form, [QuestionRow()])


def show_survey(row: Survey, questions: Sequence[SurveyQuestion], zone: ZoneInfo) -> Written:
    """A draft as its fields show it."""
    last = (row.closes_at - timedelta(seconds=1)).astimezone(zone).date()
    form = {
        "audience": str(row.segment_version_id),
        "purpose": row.purpose.value,
        "closes": last.isoformat(),
        "min_graded": str(row.min_graded),
    }
    for language, said in row.words.items():
        form[f"title_{language}"], form[f"intro_{language}"] = said["title"], said["intro"]
    rows = [
        QuestionRow(
            one.kind.value,
            {language: said["text"] for language, said in one.words.items()},
            {
                language: "\n".join(said["options"][code] for code in one.options)
                for language, said in one.words.items()
            },
        )
        for one in questions
    ]
    return Written(form, rows)


def read_rows(form: Mapping[str, str]) -> Written:
    """Everything of the form, as it was written."""
    written = Written({name: _tidy(value) for name, value in form.items()})
    for number in range(MOST_QUESTIONS):
        kind = form.get(f"kind-{number}", "")
        if kind not in [one.value for one in QuestionKind]:
            continue
        text = {code: _tidy(form.get(f"text_{code}-{number}", "")) for code in LANGUAGES}
        options = {code: _tidy(form.get(f"options_{code}-{number}", "")) for code in LANGUAGES}
        written.questions.append(QuestionRow(kind, text, options))
    return written


def change_rows(written: Written, do: str) -> None:
    """Add a question, or take one away."""
    if do == "add" and len(written.questions) < MOST_QUESTIONS:
        written.questions.append(QuestionRow())
    place = read_whole(do.removeprefix("remove-")) if do.startswith("remove-") else None
    if place is not None and place < len(written.questions) and len(written.questions) > 1:
        written.questions.pop(place)


def check_survey(speaker: Translator, written: Written, now: datetime, zone: ZoneInfo) -> None:
    """What is missing, each at its field."""
    _, errors, form = speaker.gettext, written.errors, written.form
    if parse_id(form.get("audience", "")) is None:
        errors["audience"] = _("Choose whom to ask")
    day = read_day(form.get("closes", ""))
    written.closes_at = None if day is None else day_is_over(day, zone) - LAST_MINUTE
    if written.closes_at is None or not SHORTEST <= written.closes_at - now <= LONGEST:
        errors["closes"] = _("Choose a day from today on, at most 90 days from now")
    graded = read_whole(form.get("min_graded", ""))
    if graded is None or not LEAST_GRADED <= graded <= MOST_GRADED:
        errors["min_graded"] = _("Write a number from 10 to 1,000")
    else:
        written.min_graded = graded
    if not written.questions:
        written.questions.append(QuestionRow())
    if not written.languages:
        errors[f"title_{LANGUAGES[0]}"] = _("Write a title, for example The tool depot")
        errors[f"text_{LANGUAGES[0]}-0"] = _("Write what you ask, in 1 to 300 letters")
    for code in written.languages:
        if not 1 <= len(form.get(f"title_{code}", "")) <= TITLE_LENGTH:
            errors[f"title_{code}"] = _("Write a title, for example The tool depot")
        if len(form.get(f"intro_{code}", "")) > INTRO_LENGTH:
            errors[f"intro_{code}"] = _("Shorten the introduction to 1,000 letters")
        for number, row in enumerate(written.questions):
            _check_question(speaker, errors, number, row, code)
    for number, row in enumerate(written.questions):
        _check_alike(speaker, written, number, row)


def _check_question(
    speaker: Translator, errors: dict[str, str], number: int, row: QuestionRow, code: str
) -> None:
    _ = speaker.gettext
    if not 1 <= len(row.text.get(code, "")) <= QUESTION_LENGTH:
        errors[f"text_{code}-{number}"] = _("Write what you ask, in 1 to 300 letters")
    if row.kind != QuestionKind.CHOICE.value:
        return
    lines = row.list_options(code)
    if not LEAST_OPTIONS <= len(lines) <= MOST_OPTIONS or len(set(lines)) != len(lines):
        errors[f"options_{code}-{number}"] = _("Write 2 to 10 different answers, one on each line")
    elif max(map(len, lines)) > OPTION_LENGTH:
        errors[f"options_{code}-{number}"] = _("Shorten each answer to 100 letters")


def _check_alike(speaker: Translator, written: Written, number: int, row: QuestionRow) -> None:
    """Answers stand in the same order in every language, so there are as many."""
    counts = {code: len(row.list_options(code)) for code in written.languages}
    if row.kind != QuestionKind.CHOICE.value or len(set(counts.values())) <= 1:
        return
    last = f"options_{list(counts)[-1]}-{number}"
    written.errors.setdefault(
        last,
        speaker.gettext("Write as many answers as in the other language, in the same order"),
    )


def make_words(written: Written) -> dict[str, SurveyWords]:
    """Title and introduction by language."""
    return {
        code: SurveyWords(written.form[f"title_{code}"], written.form.get(f"intro_{code}", ""))
        for code in written.languages
    }


def make_questions(written: Written) -> list[NewQuestion]:
    """The questions as the product keeps them; answers are known by their place."""
    return [_make_question(row, written.languages) for row in written.questions]


def _make_question(row: QuestionRow, languages: Sequence[str]) -> NewQuestion:
    kind, text = QuestionKind(row.kind), {code: row.text[code] for code in languages}
    if kind is not QuestionKind.CHOICE:
        return NewQuestion(kind, text)
    lines = {code: row.list_options(code) for code in languages}
    codes = [f"a{place}" for place, _ in enumerate(lines[languages[0]], start=1)]
    return NewQuestion(
        kind,
        text,
        codes,
        {code: dict(zip(codes, lines[code], strict=True)) for code in languages},
    )


def _tidy(value: str) -> str:
    return value.replace("\r\n", "\n").strip()
