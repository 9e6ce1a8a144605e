"""Words in templates that no translator would see: text and labels outside of ``_()``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment

SPOKEN = frozenset({"alt", "aria-label", "aria-description", "placeholder", "title"})
"""Attributes that people read or hear."""
SILENT = frozenset({"script", "style", "code", "kbd"})
"""Elements whose words are not a language's; so are those with ``translate="no"``."""
SAME_IN_ALL_LANGUAGES = frozenset({"Talkoot", "GraphQL", "CSV", "RSS"})

_WORD = re.compile(r"[^\W\d_]{2,}")
_CLASS_BLOCK = re.compile(r"{% block (?:width|body_class) %}[^{]*{% endblock %}")
_ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")
_TOKENS = Environment(trim_blocks=True, lstrip_blocks=True)


class _Reader(HTMLParser):
    """Collects what a person would read of a page without its placeholders."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_silent = tag in SILENT or ("translate", "no") in attrs
        # within a silent element only its own kind counts, to find its end
        if (is_silent and not self._silent) or tag in self._silent[:1]:
            self._silent.append(tag)
        for name, text in attrs:
            is_spoken = name in SPOKEN or (tag == "meta" and ("name", "description") in attrs)
            if is_spoken and name != "name":
                self.note(text or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # of a macro that makes attributes no tag is seen
            self.note(_ATTRIBUTE.sub("", data))

    def note(self, text: str) -> None:
        words = [word for word in _WORD.findall(text) if word not in SAME_IN_ALL_LANGUAGES]
        if words:
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))


def find_bare_words(source: str) -> list[tuple[int, str]]:
    """The line and the text of everything that is said without being translated."""
    kept, is_code = [], False
    for _, kind, text in _TOKENS.lex(_CLASS_BLOCK.sub("", source)):
        if kind == "data" and not is_code:
            kept.append(text)
        else:
            kept.append("\n" * text.count("\n"))
        if kind in ("variable_begin", "block_begin", "comment_begin"):
            is_code = True
        elif kind in ("variable_end", "block_end", "comment_end"):
            is_code = False
    reader = _Reader()
    reader.feed("".join(kept))
    reader.close()
    return reader.found


def find_bare_words_below(folder: Path) -> Iterator[str]:
    """The same for all templates of a folder."""
    for path in sorted(folder.rglob("*.html")):
        for line, text in find_bare_words(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)}:{line}: {text}"
