"""One voice in Spanish: the words that ``docs/words.md`` rules out are nowhere said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "words.md"
PACKAGES = ("api", "web", "campaigns", "matching", "messaging", "people", "geo", "core")
_FIELD = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_ASKED = re.compile(r"\b(ha|han|haya) pedido\b")
"""The verb, which is not the noun."""


def list_ruled_out() -> list[str]:
    """The third column of the glossary's tables."""
    rows = [line.split("|") for line in GLOSSARY.read_text("utf-8").splitlines() if "|" in line]
    cells = [
        row[3].strip() for row in rows if len(row) > 4 and not row[1].startswith(("-", " Eng"))
    ]
    return [word for cell in cells for word in cell.split(", ") if word]


def list_spanish() -> Iterator[tuple[str, str]]:
    """What the product says in Spanish, with where it stands."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("es.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="es"):
                    forms = (
                        message.string if isinstance(message.string, tuple) else [message.string]
                    )
                    if message.id:
                        yield from ((f"{package}: {message.id}", str(form)) for form in forms)
        for path in sorted((ROOT / package).rglob("*.json")):
            for text in _find_spanish(json.loads(path.read_text("utf-8"))):
                yield path.name, text


def _find_spanish(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name == "es" and isinstance(value, str):
                yield value
            yield from _find_spanish(value)
    elif isinstance(data, list):
        for value in data:
            yield from _find_spanish(value)


def find_ruled_out(text: str, words: list[str]) -> list[str]:
    """Which of the words a text says."""
    plain = _ASKED.sub("", _FIELD.sub("", text))
    found = []
    for word in words:
        ending = r"\w*" if word.endswith("*") else ""
        flags = 0 if word.isupper() else re.IGNORECASE
        if re.search(rf"\b{re.escape(word.rstrip('*'))}{ending}\b", plain, flags):
            found.append(word)
    return found


def test_spanish_has_one_voice() -> None:
    words = list_ruled_out()
    assert len(words) > 40
    texts = list(list_spanish())
    assert len(texts) > 3_000
    said = [(where, found) for where, text in texts if (found := find_ruled_out(text, words))]
    assert said == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Retirar mi pedido", ["pedido"]),
        ("Lo ha pedido", []),
        ("¿Puedes ayudar a tu vecino?", ["tu", "puedes"]),
        ("%(num)s pedidos", ["pedidos"]),
        ("Para usted", []),
        ("La nevada para. PARE termina los mensajes.", ["PARE"]),
        ("Añada otro", ["añad*"]),
        ("Con %(controles)s lugares", []),
    ],
)
def test_words_are_found(text: str, found: list[str]) -> None:
    assert find_ruled_out(text, list_ruled_out()) == found
