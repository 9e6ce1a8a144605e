"""Why nobody came, as residents read it."""

from __future__ import annotations

import pytest

from matching.rounds.reason_words import WORDS
from matching.telling.values import EMAILS
from messaging.templates import render

OWN_WORDS = {
    "tool_stock": ("All the tools that we lend were in use.", "herramientas que prestamos"),
    "vetting_missing": ("Nobody near has passed the checks", "ha pasado las verificaciones"),
    "guardian_missing": ("may not come alone", "no deben ir sin compañía"),
    "team_missing": ("needs a larger group", "un grupo más grande"),
    "unanswered": ("They have not answered.", "No han contestado."),
}


def read(reason: str | None, language: str) -> str:
    values = {
        "community": "Cambridge",
        "link": None,
        "reference": "K7M4P9",
        "reason": reason,
        "is_standing": False,
    }
    return render(EMAILS / "not_served", language, values).text


@pytest.mark.parametrize("code", sorted(OWN_WORDS))
def test_each_reason_is_told_in_both_languages(code: str) -> None:
    english, spanish = OWN_WORDS[code]
    assert english in read(code, "en")
    assert spanish in read(code, "es")


@pytest.mark.parametrize("code", [*sorted(WORDS), None])
def test_no_reason_leaves_the_resident_without_words(code: str | None) -> None:
    text = read(code, "en")
    assert "You did nothing wrong" in text
    assert str(code) not in text
