"""Sentences that remember of what they were made."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from core.i18n import Translator
from core.worded import Worded, say_worded

MATCHING = Path(__file__).parents[3] / "matching" / "imports"


def test_it_is_a_plain_text_and_says_the_same_in_another_language() -> None:
    remedy = Worded("Write one of: %(accepted)s.", accepted="walk, bike")
    assert remedy == "Write one of: walk, bike."
    assert say_worded(Translator("es", MATCHING), remedy) == "Escriba uno de: walk, bike."
    assert say_worded(Translator("en", MATCHING), remedy) == remedy
    assert say_worded(Translator("es", MATCHING), "Just words, 100 %.") == "Just words, 100 %."


def test_a_sentence_inside_of_another_is_said_too() -> None:
    whole = Worded(
        "%(name)s is %(what)s, not a CSV file.", name="a%b.csv", what=Worded("a PNG picture")
    )
    assert whole == "a%b.csv is a PNG picture, not a CSV file."
    spanish = say_worded(Translator("es", MATCHING), whole)
    assert spanish == "a%b.csv es una imagen PNG, no un archivo CSV."


@pytest.mark.parametrize("remake", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_remember_too(remake) -> None:  # type: ignore[no-untyped-def]  # either of two
    made = remake(Worded("is %(cell)s", cell="x"))
    assert (made, made.template, made.values) == ("is x", "is %(cell)s", {"cell": "x"})
