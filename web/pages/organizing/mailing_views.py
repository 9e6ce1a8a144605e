"""Mailings in words: where each stands, how hard it is to read, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.mailings.composing import check_language
from campaigns.mailings.figures_repository import Figures
from campaigns.mailings.kinds import Action, MailingStatus, RecipientStatus, Variant
from campaigns.mailings.models import Mailing
from campaigns.mailings.readability import Readability
from campaigns.mailings.texts import Body, Texts, fill, fill_body, read_body
from core.i18n import Translator
from messaging.kinds import MessageStatus

TAGS = {
    MailingStatus.DRAFT: "sent",
    MailingStatus.SCHEDULED: "wait",
    MailingStatus.SENDING: "go",
    MailingStatus.PAUSED: "wait",
    MailingStatus.WAITING: "wait",
    MailingStatus.CHOOSING: "stop",
    MailingStatus.SENT: "ok",
    MailingStatus.CANCELLED: "stop",
}
MOVING = frozenset({MailingStatus.SCHEDULED, MailingStatus.SENDING, MailingStatus.WAITING})
"""States that change by themselves: the page looks again."""
DOINGS: Mapping[MailingStatus, tuple[str, ...]] = {
    MailingStatus.DRAFT: ("cancel",),
    MailingStatus.SCHEDULED: ("cancel",),
    MailingStatus.SENDING: ("pause", "cancel"),
    MailingStatus.PAUSED: ("resume", "cancel"),
    MailingStatus.WAITING: ("cancel",),
    MailingStatus.CHOOSING: ("cancel",),
}


@dataclass(frozen=True)
class Shown:
    """One text as it will look, and how hard it is to read."""

    language: str
    name: str
    """Of the language."""
    variant: str
    """Empty without a comparison."""
    subject: str
    body: Body
    short: str
    grade: str
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Doing:
    """Something to press, after a page that asks once more."""

    code: str
    button: str
    question: str
    meaning: str
    is_end: bool = False


def name_status(speaker: Translator, status: MailingStatus) -> str:
    """Where a mailing stands, in a word or two."""
    _ = speaker.gettext
    return {
        MailingStatus.DRAFT: _("Draft"),
        MailingStatus.SCHEDULED: _("Will be sent"),
        MailingStatus.SENDING: _("Being sent"),
        MailingStatus.PAUSED: _("Paused"),
        MailingStatus.WAITING: _("Comparing"),
        MailingStatus.CHOOSING: _("You decide"),
        MailingStatus.SENT: _("Sent"),
        MailingStatus.CANCELLED: _("Called off"),
    }[status]


def say_news(speaker: Translator, mailing: Mailing, figures: Figures) -> str:
    """How it stands with a mailing, in one sentence."""
    _ = speaker.gettext
    title = mailing.title
    if mailing.status is MailingStatus.DRAFT:
        return _("“%(title)s” is a draft. Nobody has it yet.", title=title)
    if mailing.status is MailingStatus.SCHEDULED and mailing.starts_at is not None:
        when = speaker.say_moment(mailing.starts_at)
        return _("“%(title)s” goes out on %(when)s.", title=title, when=when)
    if mailing.status is MailingStatus.SENDING and mailing.held_reason == "storm":
        return _("“%(title)s” waits until the storm is over.", title=title)
    values = {
        "title": title,
        "sent": speaker.say_number(figures.sent_count),
        "all": speaker.say_number(mailing.recipient_count or 0),
    }
    if mailing.status is MailingStatus.PAUSED:
        return _("“%(title)s” is paused: %(sent)s of %(all)s people have it.", **values)
    if mailing.status is MailingStatus.CHOOSING:
        return _("Both wordings of “%(title)s” did as well. Choose one for the rest.", **values)
    if mailing.status is MailingStatus.CANCELLED:
        return _("“%(title)s” was called off: %(sent)s people have it.", **values)
    return _("%(sent)s of %(all)s people have “%(title)s”.", **values)


def list_figures(
    speaker: Translator, figures: Figures, *, counts_opens: bool
) -> list[tuple[str, int]]:
    """What became of it, in people."""
    _ = speaker.gettext
    count = figures.messages.get
    left = sum(figures.reasons.values())
    rows = [
        (_("Their turn has not come"), figures.places.get(RecipientStatus.WAITING, 0)),
        (
            _("On its way"),
            count(MessageStatus.QUEUED, 0) + count(MessageStatus.SENDING, 0),
        ),
        (_("They have it"), figures.sent_count),
        (_("The address is dead"), count(MessageStatus.BOUNCED, 0)),
        (_("It was refused or given up"), count(MessageStatus.FAILED, 0)),
        (_("Passed over or gone meanwhile"), left),
        (_("Pressed a link"), figures.actions.get(Action.LINK, 0)),
        (_("Wrote back"), figures.actions.get(Action.REPLY, 0)),
        (_("Signed up for something"), figures.actions.get(Action.SIGN_UP, 0)),
        (_("Ended such messages"), figures.unsubscribed_count),
    ]
    if counts_opens:
        rows.append((_("Opened it, as far as that can be known"), figures.opened_count))
    return rows


def show_texts(speaker: Translator, texts: Texts, community: str) -> list[Shown]:
    """Every text as it will look, with made-up values in the braces."""
    graded = check_language(texts)
    values = {"first_name": "Ana", "community": community, "area": community}
    found = []
    for variant, row in texts.items():
        for language, text in row.items():
            readability = graded[variant, language]
            found.append(
                Shown(
                    language=language,
                    variant=variant.value.upper() if Variant.B in texts else "",
                    name=speaker.locale.languages.get(language, language),
                    subject=fill(text.subject, values),
                    body=fill_body(read_body(text.body), values),
                    short=fill(text.short, values),
                    grade=say_grade(speaker, readability),
                    hints=tuple(list_hints(speaker, readability)),
                )
            )
    return found


def say_grade(speaker: Translator, found: Readability) -> str:
    """How hard a text is to read, in a sentence."""
    _ = speaker.gettext
    if found.is_short:
        return _("Too short to tell how hard it is to read.")
    grade = speaker.say_number(found.grade)
    if found.is_plain:
        return _("Plain: %(grade)s years of school are enough to read it.", grade=grade)
    return _("Hard: one needs %(grade)s years of school to read it. Aim for 8.", grade=grade)


def list_hints(speaker: Translator, found: Readability) -> list[str]:
    """What to say more plainly."""
    _ = speaker.gettext
    hints = [
        _("Long sentence: %(sentence)s", sentence=sentence) for sentence in found.long_sentences[:5]
    ]
    for word in found.hard_words[:8]:
        if word.plainer:
            hints.append(
                _("Say “%(plainer)s” instead of “%(word)s”", plainer=word.plainer, word=word.word)
            )
        else:
            hints.append(_("Long word: %(word)s", word=word.word))
    return hints


def make_doings(speaker: Translator) -> dict[str, Doing]:
    """What may be pressed, by its code."""
    _ = speaker.gettext
    return {
        "pause": Doing(
            "pause",
            _("Pause it"),
            _("Pause this mailing?"),
            _("Nobody else gets it until you let it go on. Nobody is told."),
        ),
        "resume": Doing(
            "resume",
            _("Let it go on"),
            _("Let this mailing go on?"),
            _("It goes on where it stopped. Nobody gets it twice."),
        ),
        "cancel": Doing(
            "cancel",
            _("Call it off"),
            _("Call this mailing off for good?"),
            _("Nobody else gets it. What is on its way cannot be called back."),
            is_end=True,
        ),
    }


def say_comparison(speaker: Translator, result: Mapping[str, Any] | None) -> str:
    """What a comparison showed."""
    _ = speaker.gettext
    if result is None:
        return _("Nobody looks at it before its time is over.")
    winner = result.get("winner")
    if winner is None:
        return _("No difference was shown. That is a result too.")
    return _("%(variant)s did better, and the rest gets it.", variant=str(winner).upper())
