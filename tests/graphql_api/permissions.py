"""The tables of ``docs/permissions.md``, as the tests read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
ROLES = ("anonymous", "resident", "volunteer", "coordinator", "manager", "neighbour")
"""The columns of the first table; the last one is a manager of another community."""
WORDS = {"yes", "own", "empty", "no"}
GUARDS = ("own or staff", "staff", "manager", "own")
"""The columns of the second table after the type and what everybody sees."""


@dataclass(frozen=True)
class Rule:
    """One row of the first table."""

    field: str
    scope: str
    by_role: dict[str, str]


def read_rules(text: str | None = None) -> dict[str, Rule]:
    """The rules by the name of their field."""
    rules = {}
    for cells in _rows(text, 2 + len(ROLES)):
        field, scope, *words = cells
        assert set(words) <= WORDS, f"{field}: {words}"
        assert field not in rules, f"{field} stands there twice"
        rules[field] = Rule(field, scope, dict(zip(ROLES, words, strict=True)))
    return rules


def read_guards(text: str | None = None) -> dict[str, dict[str, str]]:
    """By type: the guard of each of its fields, ``""`` for those that all see who see the thing."""
    guards: dict[str, dict[str, str]] = {}
    for kind, *columns in _rows(text, 2 + len(GUARDS)):
        of_kind: dict[str, str] = {}
        for guard, names in zip(("", *GUARDS), columns, strict=True):
            for name in names.split():
                assert name not in of_kind, f"{kind}.{name} stands there twice"
                of_kind[name] = guard
        assert kind not in guards, f"{kind} stands there twice"
        guards[kind] = of_kind
    return guards


def _rows(text: str | None, width: int) -> list[list[str]]:
    """The rows of every table of this width, without heads."""
    lines = (PAGE.read_text(encoding="utf-8") if text is None else text).splitlines()
    rows = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith("|") or re.match(r"^\|[ :-]+\|", line):
            continue
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if len(cells) == width and not re.match(r"^\|[ :-]+\|", following):
            rows.append(cells)
    return rows
