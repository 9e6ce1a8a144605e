"""From a mailing's text to the words of one person's message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from campaigns.mailings.texts import Text, fill, fill_body, read_body
from core.i18n import Translator
from messaging.kinds import Words
from messaging.templates import SITE_MARK, render

FOLDER = Path(__file__).parents[1] / "emails" / "mailing"
NAME_SHOWN = 40
"""Longer names are cut, so that a text message keeps its length."""


@dataclass(frozen=True)
class Addressed:
    """Whom the words are for."""

    language: str
    community: str
    first_name: str | None = None
    area: str | None = None
    help_phone: str | None = None
    token: str | None = None
    """Of the link of this place on the list; None in a test, where links lead nowhere else."""
    counts_opens: bool = False


def make_words(text: Text, to: Addressed) -> Words:
    """The words of one message. Links lead to a page of ours with a button behind it."""
    translator = Translator(to.language, FOLDER)
    values = {
        "first_name": (to.first_name or translator.gettext("neighbor"))[:NAME_SHOWN],
        "community": to.community,
        "area": to.area or to.community,
    }
    body = fill_body(read_body(text.body), values)
    links = {
        number: _address(target, number, to.token)
        for number, target in enumerate(body.targets, start=1)
    }
    picture = None
    if to.counts_opens and to.token is not None:
        picture = f"{SITE_MARK}/l/{to.token}/opened.gif"
    return render(
        FOLDER,
        to.language,
        {
            "subject": " ".join(fill(text.subject, values).split()),
            "blocks": body.blocks,
            "links": links,
            "short": " ".join(fill(text.short, values).split()),
            "community": to.community,
            "help_phone": to.help_phone,
            "picture": picture,
        },
    )


def _address(target: str, number: int, token: str | None) -> str:
    if token is not None:
        return f"{SITE_MARK}/l/{token}#link-{number}"
    return f"{SITE_MARK}{target}" if target.startswith("/") else target
