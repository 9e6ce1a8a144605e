"""Surveys in words for staff: where each stands, its questions, what was found."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyQuestion
from campaigns.pulse.questions import pick_words
from campaigns.pulse.reporting import SurveyResults
from campaigns.pulse.results import QuestionResult
from core.i18n import Translator
from matching.imports.csv_table import guard_cell
from web.pages.organizing.mailing_views import Doing
from web.pages.survey_results import Found, make_found, name_option

TAGS: Mapping[SurveyStatus, str] = {
    SurveyStatus.DRAFT: "sent",
    SurveyStatus.OPEN: "go",
    SurveyStatus.CLOSED: "ok",
    SurveyStatus.CANCELLED: "stop",
}
DOINGS: Mapping[SurveyStatus, tuple[str, ...]] = {
    SurveyStatus.DRAFT: ("cancel",),
    SurveyStatus.OPEN: ("close", "cancel"),
}


@dataclass(frozen=True)
class Asked:
    """One question as people read it, in one language."""

    text: str
    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A survey in one language."""

    language: str
    name: str
    title: str
    intro: str
    questions: tuple[Asked, ...]


@dataclass(frozen=True)
class Answered:
    """What was found for one question, with its areas side by side."""

    found: Found
    bounds: tuple[str, ...]
    """Of everybody who was asked, by answer: at least and at most."""
    options: tuple[str, ...]
    areas: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Neighborhood, how many answered, and how many by answer."""


@dataclass(frozen=True)
class OwnWords:
    """What somebody wrote. Nobody is told who."""

    answer_id: UUID
    question: str
    text: str
    is_kept: bool
    is_hidden: bool


def name_status(speaker: Translator, status: SurveyStatus) -> str:
    """Where a survey stands, in a word or two."""
    _ = speaker.gettext
    return {
        SurveyStatus.DRAFT: _("Draft"),
        SurveyStatus.OPEN: _("People answer"),
        SurveyStatus.CLOSED: _("Closed"),
        SurveyStatus.CANCELLED: _("Called off"),
    }[status]


def list_question_kinds(speaker: Translator) -> list[tuple[str, str]]:
    """How a question may be answered."""
    _ = speaker.gettext
    return [
        (QuestionKind.CHOICE.value, _("One of several answers")),
        (QuestionKind.SCALE.value, _("A number from 1, the worst, to 5, the best")),
        (QuestionKind.TEXT.value, _("Own words, which only managers read")),
    ]


def name_survey(speaker: Translator, row: Survey) -> str:
    """Its title in the reader's language, or in the one it is written in."""
    title: str = pick_words(row.words, [speaker.language])["title"]
    return title


def say_news(speaker: Translator, row: Survey, asked_count: int) -> str:
    """How it stands with a survey, in one sentence."""
    _ = speaker.gettext
    if row.status is SurveyStatus.DRAFT:
        return _("This is a draft. Nobody was asked yet.")
    if row.status is SurveyStatus.CANCELLED:
        return _("It was called off. Those who were asked do not see it any more.")
    if row.status is SurveyStatus.CLOSED:
        return speaker.ngettext(
            "We asked %(num)s person. It takes no more answers.",
            "We asked %(num)s people. It takes no more answers.",
            asked_count,
        )
    return speaker.ngettext(
        "We asked %(num)s person, who can answer until %(when)s.",
        "We asked %(num)s people, who can answer until %(when)s.",
        asked_count,
        when=speaker.say_moment(row.closes_at),
    )


def show_words(
    speaker: Translator, row: Survey, questions: Sequence[SurveyQuestion]
) -> list[Shown]:
    """What people read, in each language of the survey."""
    kinds = dict(list_question_kinds(speaker))
    return [
        Shown(
            language,
            speaker.locale.languages[language],
            said["title"],
            said["intro"],
            tuple(
                Asked(
                    one.words[language]["text"],
                    kinds[one.kind.value],
                    tuple(one.words[language]["options"][code] for code in one.options),
                )
                for one in questions
            ),
        )
        for language, said in sorted(row.words.items())
    ]


def make_doings(speaker: Translator) -> dict[str, Doing]:
    """What may be pressed, each after a page that says what it means."""
    _ = speaker.gettext
    return {
        "close": Doing(
            "close",
            _("Close it now"),
            _("Close this survey now?"),
            _("It takes no more answers, and everybody who was asked sees what was found."),
        ),
        "cancel": Doing(
            "cancel",
            _("Call it off"),
            _("Call this survey off?"),
            _("Nobody sees it any more, and no results are shown. This cannot be taken back."),
            is_end=True,
        ),
    }


def show_answers(
    speaker: Translator, results: SurveyResults, questions: Sequence[SurveyQuestion]
) -> list[Answered]:
    """Question by question: shares, widest bounds, areas side by side."""
    by_id = {one.id: one for one in questions}
    return [_show_answer(speaker, by_id[one.question_id], one) for one in results.questions]


def _show_answer(speaker: Translator, row: SurveyQuestion, found: QuestionResult) -> Answered:
    bounds = tuple(
        speaker.gettext(
            "%(low)s to %(high)s", low=round(100 * one.least), high=round(100 * one.most)
        )
        for one in found.options
    )
    codes = [one.option for one in found.options]
    areas = tuple(
        (
            area.area,
            _say_count(speaker, area.answered_count),
            tuple(_say_count(speaker, area.option_counts.get(code)) for code in codes),
        )
        for area in found.areas
    )
    names = tuple(name_option(speaker, row, code) for code in codes)
    return Answered(make_found(speaker, row, found), bounds, names, areas)


def _say_count(speaker: Translator, count: int | None) -> str:
    return speaker.gettext("not told") if count is None else speaker.say_number(count)


def show_texts(
    speaker: Translator, rows: Sequence[SurveyAnswer], questions: Sequence[SurveyQuestion]
) -> list[OwnWords]:
    """What people wrote, each below its question."""
    asked = {one.id: pick_words(one.words, [speaker.language])["text"] for one in questions}
    return [
        OwnWords(
            row.id,
            asked[row.question_id],
            row.text or "",
            row.review is TextReview.KEPT,
            row.review is TextReview.HIDDEN,
        )
        for row in rows
    ]


def write_results(
    speaker: Translator, results: SurveyResults, questions: Sequence[SurveyQuestion]
) -> tuple[bytes, int]:
    """The shares as a file for spreadsheets, and its number of lines.

    It says what the page says: no question below ten answers, and nobody's own words.
    """
    by_id = {one.id: one for one in questions}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(
        ["question", "answer", "count", "of_count", "share", "low", "high", "least", "most"]
    )
    lines = 0
    for found in results.questions:
        row = by_id[found.question_id]
        asked = pick_words(row.words, [speaker.language])["text"]
        for one in found.options:
            share = one.share
            numbers = [share.estimate, share.low, share.high, one.least, one.most]
            cells = [asked, name_option(speaker, row, one.option)]
            counts = [str(share.count), str(share.total)]
            writer.writerow(
                [*map(guard_cell, cells), *counts, *(f"{number:.4f}" for number in numbers)]
            )
            lines += 1
    return text.getvalue().encode("utf-8-sig"), lines
