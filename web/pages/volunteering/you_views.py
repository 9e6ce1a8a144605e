"""Which kinds of help somebody may give now, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matching.intake.programme import load_kinds
from matching.models import Volunteer
from matching.volunteering.ability_names import say_gap
from matching.volunteering.clearance import GUARDIAN
from matching.volunteering.clearance_reading import KindClearance
from people.repository import read_rules_at
from web.pages.desk import Call


@dataclass(frozen=True)
class Cleared:
    """One kind of help, and what is missing for it."""

    label: str
    missing: tuple[str, ...]


async def view_clearance(
    call: Call, own: Volunteer, rows: Sequence[KindClearance]
) -> list[Cleared]:
    """For each kind that the town gives."""
    kinds = await load_kinds(call.session, own.community_id, call.now)
    rules = await read_rules_at(call.session, own.community_id, call.now)
    offered = {kind.code for kind in kinds.kinds if kind.offered}
    language = call.reader.language
    return [
        Cleared(
            kinds.get(row.kind).label(language),
            tuple(say_gap(language, gap, rules) for gap in row.gaps),
        )
        for row in rows
        if row.kind in offered
    ]


def lacks_guardian(rows: Sequence[KindClearance]) -> bool:
    """Whether nothing is offered because a guardian of somebody under 18 has not said yes."""
    return bool(rows) and all(
        any(gap.startswith(f"{GUARDIAN}:") for gap in row.gaps) for row in rows
    )
