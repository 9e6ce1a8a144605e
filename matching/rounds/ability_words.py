"""Names of the problem's bits in plain words: tools, checks, guardians, teams, tools on loan."""

from __future__ import annotations

from collections.abc import Sequence

ABILITY_CODES = {
    "vetting": "vetting_missing",
    "guardian": "guardian_missing",
    "adult": "guardian_missing",
    "team": "team_missing",
    "stock": "tool_stock",
}
"""Reason codes of what is neither a skill nor a tool, by the beginning of the name."""


def lacks_words(names: Sequence[str], *, several: bool) -> str:
    """What volunteers lack, as the end of a sentence; ``names`` may be empty.

    Skills and tools are named together, as in "lack a tool or skill (shovel and salt)".
    """
    verb = "lack" if several else "lacks"
    plain = [name.replace("_", " ") for name in names if ":" not in name]
    others = list(dict.fromkeys(ability_words(name) for name in names if ":" in name))
    parts = [f"a tool or skill ({_join(plain)})"] if plain else []
    parts = (parts + others) or ["a tool or skill"]
    return f"{verb} {_join(parts)}"


def ability_words(name: str) -> str:
    """One name in words, with its article where it has one."""
    what, _, rest = name.partition(":")
    plain = rest.replace("_", " ")
    words = {
        "vetting": f"a valid {plain}",
        "guardian": "the consent of a guardian",
        "adult": "an adult who comes along",
        "team": f"a team of {plain}",
        "stock": f"a {plain} (none left to lend)",
    }
    return words.get(what, name.replace("_", " ")) if rest else name.replace("_", " ")


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
