"""Sentences that stand as data: one JSON file with a text for each code and language."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from core.i18n import SOURCE_LANGUAGE, choose_language


class Sentences:
    """The sentences of one file of a package: ``{"code": {"en": "...", "es": "..."}}``."""

    def __init__(self, package: str, file: str) -> None:
        self._package = package
        self._file = file

    def texts(self) -> dict[str, dict[str, str]]:
        """Every sentence, by code and language."""
        return _load(self._package, self._file)

    def say(self, code: str, language: str, /, **values: object) -> str:
        """A sentence in a language, in English when there is no other."""
        texts = self.texts()[code]
        chosen = choose_language([language])
        return texts.get(chosen, texts[SOURCE_LANGUAGE]).format(**values)


@cache
def _load(package: str, file: str) -> dict[str, dict[str, str]]:
    text = resources.files(package).joinpath(file).read_text("utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded
