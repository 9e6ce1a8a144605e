"""Which strings of a package are to be translated, and what is wrong with its translations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.extract import extract
from babel.messages.pofile import read_po

from core.i18n import LANGUAGES, SOURCE_LANGUAGE, find_locales

KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
TEMPLATE_FOLDERS = ("emails", "templates")
TEMPLATE_SUFFIXES = (".html", ".txt", ".xml")
JINJA = "jinja2.ext:babel_extract"
JINJA_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}

_CALL = re.compile(r"(\b_|gettext)\(")
_FIELD = re.compile(r"%\((\w+)\)[sd]")

Key = str | tuple[str, str]


@dataclass
class Used:
    """The strings that a package says, and where."""

    strings: dict[Key, str] = field(default_factory=dict)


def list_sources(package: Path) -> Iterator[tuple[Path, str]]:
    """Files of a package that may hold strings for people, and how they are read."""
    for path in sorted(package.rglob("*")):
        relative = path.relative_to(package).parts
        if path.suffix == ".py":
            if _CALL.search(path.read_text(encoding="utf-8")):
                yield path, "python"
        elif path.suffix in TEMPLATE_SUFFIXES and set(relative) & set(TEMPLATE_FOLDERS):
            yield path, JINJA


def find_strings(path: Path, method: str) -> Iterator[tuple[Key, int]]:
    """The strings in one file, with their lines."""
    options = dict(JINJA_OPTIONS) if method == JINJA else {}
    with path.open("rb") as file:
        for line, message, _comments, _context in extract(
            method, file, keywords=KEYWORDS, options=options
        ):
            if isinstance(message, tuple):
                yield (str(message[0]), str(message[1])), line
            elif message:
                yield str(message), line


def find_faults(package: Path) -> list[str]:
    """Everything that is wrong with the translations of one package."""
    used: dict[Path, dict[Key, str]] = {}
    faults = []
    for path, method in list_sources(package):
        for key, line in find_strings(path, method):
            place = f"{path.relative_to(package.parent)}:{line}"
            locales = find_locales(path.parent)
            if locales is None or not locales.is_relative_to(package):
                faults.append(f"{place}: {package.name} has no folder 'locales' for {key!r}")
            else:
                used.setdefault(locales, {}).setdefault(key, place)
    for locales in sorted({*used, *(p for p in package.rglob("locales") if p.is_dir())}):
        for language in LANGUAGES:
            if language != SOURCE_LANGUAGE:
                faults += _compare(locales / f"{language}.po", used.get(locales, {}))
    return faults


def _compare(path: Path, used: dict[Key, str]) -> Iterator[str]:
    name = f"{path.parent.parent.name}/locales/{path.name}"
    if not path.is_file():
        yield f"{name} is missing"
        return
    with path.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    known: set[Key] = set()
    for message in catalog:
        if not message.id:
            continue
        key: Key = tuple(message.id) if isinstance(message.id, list | tuple) else message.id  # type: ignore[assignment]  # two forms
        known.add(key)
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        if key not in used:
            yield f"{name}: nobody says {key!r}"
        if message.fuzzy:
            yield f"{name}: {key!r} is marked as fuzzy"
        if not all(forms) or (isinstance(key, tuple) and len(forms) != catalog.num_plurals):
            yield f"{name}: {key!r} is not translated"
        if all(forms) and _fields(*forms) != _fields(*(key if isinstance(key, tuple) else (key,))):
            yield f"{name}: {key!r} and its translation fill in different values"
    for key, place in used.items():
        if key not in known:
            yield f"{place}: {key!r} is missing in {name}"


def _fields(*texts: str) -> set[str]:
    """What is filled in; one form of a plural may leave out the number."""
    return {name for text in texts for name in _FIELD.findall(text)}
