from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.bare_words import find_bare_words, find_bare_words_below

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


def test_templates_say_nothing_that_is_not_translated() -> None:
    assert list(find_bare_words_below(TEMPLATES)) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>{{ _('Hello') }}, {{ name }}: 12 &minus; 3</p>", []),
        ("{% if x %}<p>Hello</p>{% endif %}", ["Hello"]),
        ('<nav aria-label="Main">{{ x }}</nav>', ["Main"]),
        ('<nav aria-label="{{ _("Main") }}"></nav>', []),
        ('<input value="{{ x }}" placeholder="Name"{% if y %} checked{% endif %}>', ["Name"]),
        ("<title>{{ title }} - Talkoot</title>", []),
        ("<svg><text>{{ n }} of 5</text></svg>", ["of 5"]),
        ("{# a remark #}<code>--page</code>", []),
    ],
)
def test_bare_words_are_found(source: str, words: list[str]) -> None:
    assert [text for _, text in find_bare_words(source)] == words
