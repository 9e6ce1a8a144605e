"""What a survey found, in words: for those who were asked, and for staff."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.pulse.kinds import QuestionKind
from campaigns.pulse.models import SurveyQuestion
from campaigns.pulse.questions import pick_words
from campaigns.pulse.results import LEAST_SHOWN, QuestionResult, Response
from core.i18n import Translator


@dataclass(frozen=True)
class Found:
    """What is told of one question."""

    text: str
    too_few: str
    count: str
    rows: tuple[tuple[str, int, str, str], ...]
    """Words, share of 100, the share in words, its interval in words."""
    grade: str


def make_found(speaker: Translator, row: SurveyQuestion, found: QuestionResult) -> Found:
    """The shares of one question, or why they are not told."""
    _, said = speaker.gettext, pick_words(row.words, [speaker.language])
    too_few = ""
    if found.too_few is not None:
        too_few = _(
            "Too few people answered to show shares. They are shown from %(least)s answers on.",
            least=LEAST_SHOWN,
        )
    rows = []
    for one in found.options:
        low, high = round(100 * one.share.low), round(100 * one.share.high)
        share = round(100 * one.share.estimate)
        rows.append(
            (
                name_option(speaker, row, one.option),
                share,
                _("%(share)s of 100", share=share),
                _("%(low)s to %(high)s", low=low, high=high),
            )
        )
    grade = ""
    if found.grade is not None:
        grade = _(
            "Grade %(letter)s: %(mean)s of 5, likely between %(low)s and %(high)s.",
            letter=found.grade.letter,
            mean=speaker.say_number(round(found.grade.mean, 1)),
            low=speaker.say_number(round(found.grade.low, 1)),
            high=speaker.say_number(round(found.grade.high, 1)),
        )
    if row.kind is QuestionKind.TEXT:
        too_few = _("Own words are read by the team and shown to nobody else.")
    count = ""
    if found.answered_count is not None:
        count = speaker.ngettext("%(num)s answer", "%(num)s answers", found.answered_count)
    return Found(said["text"], too_few, count, tuple(rows), grade)


def name_option(speaker: Translator, row: SurveyQuestion, option: str) -> str:
    """What an answer is called in the reader's language; a number of a scale as it is."""
    if row.kind is not QuestionKind.CHOICE:
        return option
    words: str = pick_words(row.words, [speaker.language])["options"][option]
    return words


def say_response(speaker: Translator, response: Response) -> str:
    """How many answered, and what that leaves open."""
    if response.answered_count is None:
        return speaker.gettext("Fewer than 5 people answered, so nothing can be said.")
    if response.answered_count == response.invited_count:
        return speaker.ngettext(
            "The one person who was asked answered.",
            "All %(num)s people who were asked answered.",
            response.invited_count,
        )
    return speaker.gettext(
        "%(answered)s of %(asked)s people answered. The others may think otherwise.",
        answered=speaker.say_number(response.answered_count),
        asked=speaker.say_number(response.invited_count),
    )
