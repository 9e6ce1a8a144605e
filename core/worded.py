"""Sentences that are made far from their reader and can be said in the reader's language later."""

from __future__ import annotations

from core.i18n import Translator


class Worded(str):
    """An English sentence that remembers of what it was made.

    It is a plain text for files, logs and the command line. A page says the same in the reader's
    language: the template is what is translated, whole, and the values are filled in after that.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Worded:
        made = super().__new__(cls, template % values)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return _remake, (self.template, self.values)


def _remake(template: str, values: dict[str, object]) -> Worded:
    return Worded(template, **values)


def say_worded(speaker: Translator, words: str) -> str:
    """A sentence in the language of a speaker; words without a template stay as they are."""
    if not isinstance(words, Worded):
        return words
    values = {
        name: say_worded(speaker, value) if isinstance(value, str) else value
        for name, value in words.values.items()
    }
    return speaker.gettext(words.template, **values)
