"""Skills and tools by name: what is known, what is new, and what is a slip of the pen."""

from __future__ import annotations

from rapidfuzz import fuzz, process

from core.worded import Worded as _
from matching.imports.errors import CellRefused
from people.kinds import AbilityKind

TOOLS = frozenset(
    {
        "car",
        "cargo_bike",
        "hand_truck",
        "ladder",
        "lawn_mower",
        "rake",
        "salt",
        "shovel",
        "snow_blower",
        "truck",
    }
)
SKILLS = frozenset({"computer_help", "driving", "first_aid", "heavy_lifting", "sign_language"})
SLIP_SCORE = 82


def ability_kind(code: str) -> AbilityKind:
    """Whether a name is a tool that one owns or a skill that one has."""
    return AbilityKind.TOOL if code in TOOLS else AbilityKind.SKILL


def ability_label(code: str) -> str:
    """The name for people."""
    return code.replace("_", " ").capitalize()


def check_abilities(column: str, codes: tuple[str, ...], known: frozenset[str]) -> None:
    """Refuse a name that is almost, but not quite, a known one; others are new and welcome.

    Raises
    ------
    CellRefused
        Naming what was probably meant.
    """
    catalogue = known | TOOLS | SKILLS
    for code in codes:
        if code in catalogue:
            continue
        near = process.extractOne(
            code, sorted(catalogue), scorer=fuzz.ratio, score_cutoff=SLIP_SCORE
        )
        if near is not None:
            raise CellRefused(
                column,
                _("does not know %(code)s", code=repr(code)),
                _(
                    "Write %(near)s, or another name if something else is meant.",
                    near=repr(near[0]),
                ),
            )
