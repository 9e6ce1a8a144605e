"""Sentences of intake in English and Spanish: data, in `sentences.json`."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import msgspec

LANGUAGES = ("en", "es")


@functools.cache
def _load() -> dict[str, dict[str, Any]]:
    text = resources.files("matching.intake").joinpath("sentences.json").read_text("utf-8")
    loaded: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    return loaded


def say(group: str, code: str, language: str, **values: object) -> str:
    """A sentence in the language, in English when there is no other."""
    texts = _load()[group][code]
    return str(texts.get(_tag(language), texts["en"])).format(**values)


def say_count(group: str, count: int, language: str) -> str:
    """A sentence about a number of people."""
    return say(group, "one" if count == 1 else "other", language, count=count)


def knows(group: str, code: str) -> bool:
    """Whether there is such a sentence."""
    return code in _load()[group]


def _tag(language: str) -> str:
    tag = language.partition("-")[0].casefold()
    return tag if tag in LANGUAGES else "en"
