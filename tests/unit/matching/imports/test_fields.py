from __future__ import annotations

import pytest

from matching.imports.errors import CellRefused
from matching.imports.fields import parse_languages


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("en|es", ("en", "es")),
        ("Spanish; ENGLISH", ("en", "es")),
        ("pt-BR", ("pt-BR",)),
        ("ht|kea|so", ("ht", "kea", "so")),
        ("", ()),
    ],
)
def test_languages_are_read(cell: str, tags: tuple[str, ...]) -> None:
    assert parse_languages("languages", cell) == tags


@pytest.mark.parametrize("cell", ["xx-klingon", "qq", "e", "english please", "en|xx", "12"])
def test_a_language_that_nobody_speaks_is_refused(cell: str) -> None:
    with pytest.raises(CellRefused, match="does not know the language"):
        parse_languages("languages", cell)
