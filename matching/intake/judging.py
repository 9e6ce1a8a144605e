"""Whether somebody may get help here, and why not, before anything is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching import policy
from matching.imports.records import Place
from matching.intake import repository
from matching.intake.commands import Declares
from matching.intake.eligibility import (
    Decision,
    EligibilityRules,
    Facts,
    decide,
    default_eligibility,
    explain,
    read_eligibility,
)
from matching.intake.errors import RequestNotYours
from matching.intake.models import IntakeRules
from matching.intake.programme import load_eligibility, load_kinds
from matching.intake.residents import facts_of, is_known_inside
from matching.kinds import RequestKind
from people.auth import Actor
from people.errors import CommunityUnknown
from people.models import Community


@dataclass(frozen=True)
class Judgement:
    """What the rules say today, and why in plain words."""

    decision: Decision
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """Who would ask for what. What is declared here counts once and is not stored."""

    community_id: UUID
    kind: RequestKind
    person_id: UUID
    declares: Declares | None = None


async def judge_eligibility(
    session: Session, actor: Actor, question: Question, language: str, *, now: datetime
) -> Judgement:
    """Apply the rules to what is on record about a person: to themselves, or by staff.

    Raises
    ------
    RequestNotYours
        When the actor may not ask for this person; unknown people answer alike.
    """
    community = await repository.find_community(session, question.community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {question.community_id}.")
    kinds = await load_kinds(session, community.id, now)
    kind = kinds.get(question.kind)
    known = await load_facts(session, actor, community, question.person_id, now=now)
    rules = await load_eligibility(session, community.id, now)
    facts = declare(known, question.declares)
    decision = decide(rules, kind.code, facts, find_local_day(community, now))
    return Judgement(decision, tuple(explain(rules, decision.reasons, language)))


async def load_facts(
    session: Session, actor: Actor, community: Community, person_id: UUID, *, now: datetime
) -> Facts:
    """What is on record about a person, to be judged by for one kind of help after another.

    Raises
    ------
    RequestNotYours
        When the actor may not ask for this person; unknown people answer alike.
    """
    own = actor.person_id is not None and actor.person_id == person_id
    person = await repository.find_resident(session, person_id)
    if (
        person is None
        or not policy.can_speak_for_resident(actor, person.id, community.id)
        or not (own or await repository.is_member(session, person.id, community.id))
    ):
        raise RequestNotYours("You cannot ask for help for this person.")
    home = None
    if person.household_id is not None:
        home = await repository.find_home(session, person.household_id)
    declaration = await repository.find_declaration(session, person.id, community.id)
    return facts_of(home, declaration, find_local_day(community, now))


def find_local_day(community: Community, now: datetime) -> date:
    """The day that it is in a community."""
    return now.astimezone(ZoneInfo(community.time_zone)).date()


def move_to(facts: Facts, place: Place | None) -> Facts:
    """The same person at another place."""
    area = None if place is None else place.area
    cell = None if place is None else place.cell
    return replace(facts, area=area, is_inside=is_known_inside(area, cell))


def explain_verdict(
    versions: Sequence[IntakeRules], moment: datetime, codes: Sequence[str], language: str
) -> list[str]:
    """The sentences of rules that held at a moment; ``versions`` is every one, the oldest first."""
    held = [row for row in versions if row.valid_from <= moment]
    rules: EligibilityRules = read_eligibility(held[-1].data) if held else default_eligibility()
    return explain(rules, tuple(codes), language)


def declare(facts: Facts, declares: Declares | None) -> Facts:
    """With what was said now, which counts before what is on record."""
    if declares is None:
        return facts
    said = {
        name: getattr(declares, name)
        for name in ("birth_year", "at_least_age", "has_disability", "has_no_other_help")
        if getattr(declares, name) is not None
    }
    return replace(facts, **said)
