"""What volunteers may take, and what is missing for the rest: for themselves and for staff."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.intake.programme import load_kinds
from matching.kinds import RequestKind
from matching.volunteering import repository
from matching.volunteering.clearance import describe_gap, load_clearances, load_required
from matching.volunteering.listing_repository import load_volunteers
from people import safeguards_repository
from people.auth import Actor
from people.guardians import is_minor
from people.repository import read_rules_at


@dataclass(frozen=True)
class KindClearance:
    """Whether a volunteer, with their team, may take one kind of help now."""

    kind: RequestKind
    missing: tuple[str, ...]
    """What is missing, in plain English words."""
    gaps: tuple[str, ...] = ()
    """The same by name, such as ``vetting:waiver``."""


async def read_clearances(
    session: Session, actor: Actor, keys: list[UUID], *, now: datetime
) -> dict[UUID, list[KindClearance]]:
    """For each of these volunteers every kind of help that their community gives."""
    by_community: dict[UUID, list[UUID]] = defaultdict(list)
    for row in (await load_volunteers(session, actor, keys)).values():
        by_community[row.community_id].append(row.id)
    found: dict[UUID, list[KindClearance]] = {}
    for community_id, ids in by_community.items():
        rules = await read_rules_at(session, community_id, now)
        required = await load_required(session, community_id, rules, now=now)
        kinds = [kind.code for kind in (await load_kinds(session, community_id, now)).kinds]
        known = await load_clearances(session, community_id, ids, starts_at=now, ends_at=now)
        for key, clearance in known.items():
            found[key] = []
            for kind in kinds:
                needed = required.get(kind.value, frozenset())
                gaps = clearance.find_gaps(kind.value, rules, needed)
                told = tuple(describe_gap(gap, rules) for gap in gaps)
                found[key].append(KindClearance(kind, told, gaps))
    return found


async def read_minors_of_unit(
    session: Session, actor: Actor, volunteer_id: UUID, *, now: datetime
) -> dict[UUID, bool]:
    """Who of a volunteer and those who come along is under 18, and whether the word of a guardian
    holds for them now, if only for some kinds of help.
    """
    row = (await load_volunteers(session, actor, [volunteer_id])).get(volunteer_id)
    if row is None:
        return {}
    people = (await repository.load_units(session, [volunteer_id]))[volunteer_id]
    minors = await safeguards_repository.load_minors(session, people)
    young = [key for key, minor in minors.items() if is_minor(minor, now.date())]
    consents = await safeguards_repository.load_guardian_consents(session, row.community_id, young)
    return {
        key: any(one.granted_at <= now < one.valid_until for one in consents.get(key, ()))
        for key in young
    }


async def list_units_with(
    session: Session, actor: Actor, person_id: UUID, community_id: UUID
) -> list[UUID]:
    """The volunteers, of those whom the actor may see, whom a person answers for or comes along
    with.
    """
    keys = await repository.list_units_of(session, person_id, community_id)
    return sorted(await load_volunteers(session, actor, keys))
