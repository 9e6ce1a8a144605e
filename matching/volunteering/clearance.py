"""Who may take which kind of help: checks that hold, guardians who agree, adults who come along.

What is missing has a name, such as ``vetting:background_check``. A round gives such names to bits
of the engine's skills, so that its plan, its checker and its reasons know them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.intake.programme import load_kinds
from matching.models import Volunteer
from matching.volunteering import repository
from matching.volunteering.errors import NotCleared
from people import safeguards_repository
from people.guardians import find_covering, is_minor
from people.repository import read_rules_at
from people.rules import Rules
from people.safeguard_models import GuardianConsent
from people.vetting import find_valid_codes

VETTING = "vetting"
GUARDIAN = "guardian"
ADULT = "adult"
TEAM = "team"
STOCK = "stock"


@dataclass(frozen=True)
class Helper:
    """One person of a unit, as far as clearance goes.

    Parameters
    ----------
    valid
        Checks that hold from the first to the last of the moments asked for.
    consents
        Of the guardians of a minor, those that hold all the time.
    """

    minor: bool = False
    valid: frozenset[str] = frozenset()
    consents: tuple[GuardianConsent, ...] = ()


@dataclass(frozen=True)
class Clearance:
    """Everybody who comes along with one volunteer, and when they are wanted."""

    helpers: tuple[Helper, ...]
    at: datetime

    def find_gaps(self, kind: str, rules: Rules, required: Collection[str]) -> tuple[str, ...]:
        """What is missing for a kind of help; nothing means that the unit may go."""
        gaps = {
            f"{VETTING}:{code}"
            for code in required
            for helper in self.helpers
            if code not in helper.valid and (not helper.minor or _asks_minors(rules, code))
        }
        minors = [helper for helper in self.helpers if helper.minor]
        if any(find_covering(minor.consents, kind, self.at) is None for minor in minors):
            gaps.add(f"{GUARDIAN}:{kind}")
        if len(minors) == len(self.helpers) and not self._may_go_alone(kind, rules):
            gaps.add(f"{ADULT}:{kind}")
        return tuple(sorted(gaps))

    def _may_go_alone(self, kind: str, rules: Rules) -> bool:
        return rules.minors_alone and all(
            find_covering(helper.consents, kind, self.at, alone=True) is not None
            for helper in self.helpers
        )


def _asks_minors(rules: Rules, code: str) -> bool:
    rule = rules.vetting.get(code)
    return rule is not None and rule.for_minors


async def load_required(
    session: Session, community_id: UUID, rules: Rules, *, now: datetime
) -> dict[str, frozenset[str]]:
    """The checks that each kind of help needs: by the community's rules, and by the kind's own."""
    found = {kind: frozenset(codes) for kind, codes in rules.required_vetting.items()}
    for kind in (await load_kinds(session, community_id, now)).kinds:
        own = found.get(kind.code.value, frozenset())
        found[kind.code.value] = own | frozenset(kind.required_vetting)
    return found


async def load_clearances(
    session: Session,
    community_id: UUID,
    volunteer_ids: Collection[UUID],
    *,
    starts_at: datetime,
    ends_at: datetime,
) -> dict[UUID, Clearance]:
    """What is known of these volunteers and their teams; it must hold from start to end."""
    units = await repository.load_units(session, volunteer_ids)
    people = {person for members in units.values() for person in members}
    vetting = await safeguards_repository.load_vetting(session, community_id, people)
    minors = await safeguards_repository.load_minors(session, people)
    young = {key for key, row in minors.items() if is_minor(row, starts_at.date())}
    consents = await safeguards_repository.load_guardian_consents(session, community_id, young)

    def helper(person: UUID) -> Helper:
        lines = vetting.get(person, [])
        valid = find_valid_codes(lines, starts_at) & find_valid_codes(lines, ends_at)
        held = tuple(
            row
            for row in consents.get(person, ())
            if row.granted_at <= starts_at and ends_at < row.valid_until
        )
        return Helper(person in young, valid, held)

    known: Mapping[UUID, Helper] = {person: helper(person) for person in people}
    return {
        key: Clearance(tuple(known[person] for person in members), starts_at)
        for key, members in units.items()
    }


async def check_clearance(
    session: Session, volunteer: Volunteer, kind: str, *, at: datetime, now: datetime
) -> None:
    """Refuse work that a volunteer may not take at a moment.

    Raises
    ------
    NotCleared
        Naming what is missing.
    """
    rules = await read_rules_at(session, volunteer.community_id, now)
    found = await load_clearances(
        session, volunteer.community_id, [volunteer.id], starts_at=now, ends_at=max(at, now)
    )
    required = await load_required(session, volunteer.community_id, rules, now=now)
    gaps = found[volunteer.id].find_gaps(kind, rules, required.get(kind, frozenset()))
    if gaps:
        missing = " and ".join(describe_gap(gap, rules) for gap in gaps)
        raise NotCleared(
            gaps,
            f"Volunteer {volunteer.id} cannot take this yet: {missing} is missing. Staff of the "
            "community can help.",
        )


def describe_gap(gap: str, rules: Rules | None = None) -> str:
    """A missing thing in plain words, for the middle of a sentence."""
    what, _, name = gap.partition(":")
    if what == VETTING:
        rule = None if rules is None else rules.vetting.get(name)
        return name.replace("_", " ") if rule is None else rule.label
    return {GUARDIAN: "the consent of a guardian", ADULT: "an adult who comes along"}[what]
