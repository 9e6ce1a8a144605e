"""What volunteers may take, and what is missing for the rest: for themselves and for staff."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.intake.programme import load_kinds
from matching.kinds import RequestKind
from matching.volunteering.clearance import describe_gap, load_clearances, load_required
from matching.volunteering.listing_repository import load_volunteers
from people.auth import Actor
from people.repository import read_rules_at


@dataclass(frozen=True)
class KindClearance:
    """Whether a volunteer, with their team, may take one kind of help now."""

    kind: RequestKind
    missing: tuple[str, ...]
    """What is missing, in plain words."""


async def read_clearances(
    session: Session, actor: Actor, keys: list[UUID], *, now: datetime
) -> dict[UUID, list[KindClearance]]:
    """For each of these volunteers every kind of help that their community gives."""
    by_community: dict[UUID, list[UUID]] = defaultdict(list)
    for row in (await load_volunteers(session, actor, keys)).values():
        by_community[row.community_id].append(row.id)
    found = {}
    for community_id, ids in by_community.items():
        rules = await read_rules_at(session, community_id, now)
        required = await load_required(session, community_id, rules, now=now)
        kinds = [kind.code for kind in (await load_kinds(session, community_id, now)).kinds]
        known = await load_clearances(session, community_id, ids, starts_at=now, ends_at=now)
        for key, clearance in known.items():
            found[key] = [
                KindClearance(
                    kind,
                    tuple(
                        describe_gap(gap, rules)
                        for gap in clearance.find_gaps(
                            kind.value, rules, required.get(kind.value, frozenset())
                        )
                    ),
                )
                for kind in kinds
            ]
    return found
