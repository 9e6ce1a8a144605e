"""What a workflow refused, in words for the page on which it was asked."""

from __future__ import annotations

from core.errors import TalkootError
from core.i18n import SOURCE_LANGUAGE, Translator


def say_refusal(speaker: Translator, error: TalkootError) -> str:
    """The sentence of an error; those are English, so other languages get a plainer one."""
    if speaker.language == SOURCE_LANGUAGE:
        return str(error)
    return speaker.gettext("This cannot be kept as it is. Look at what you wrote and try again.")
