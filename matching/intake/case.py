"""Everything that is known while a call for help is being taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.db import Session
from matching.imports.abilities import ability_kind, ability_label
from matching.intake.commands import TakeRequest
from matching.intake.eligibility import Decision, decide
from matching.intake.help_kinds import HelpKind
from matching.intake.kinds import Verdict
from matching.intake.programme import (
    DeadlineRules,
    load_deadline_rules,
    load_eligibility,
    load_kinds,
)
from matching.intake.residents import (
    Resident,
    facts_of,
    resolve_resident,
    store_consents,
    store_declaration,
)
from matching.models import RequestNeed
from people.auth import Actor
from people.kinds import Purpose
from people.models import Community
from people.repository import ensure_abilities, find_consent


@dataclass(frozen=True)
class Case:
    """A call for help, checked: who, what, and what the rules say."""

    actor: Actor
    community: Community
    command: TakeRequest
    kind: HelpKind
    scope: tuple[str, ...]
    resident: Resident
    decision: Decision
    deadlines: DeadlineRules
    doubts: tuple[str, ...]
    now: datetime

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(ZoneInfo(self.community.time_zone)).date()

    @property
    def service_s(self) -> int:
        """Time at the home."""
        return self.command.service_s or self.kind.service_s

    @property
    def weight(self) -> float:
        """How much serving it counts; only staff choose it."""
        staff = self.actor.is_staff(self.community.id)
        asked = self.command.weight if staff else None
        return asked or self.kind.weight

    @property
    def needs(self) -> tuple[str, ...]:
        """Codes of skills and tools."""
        return self.kind.needs if self.command.needs is None else self.command.needs


async def open_case(
    session: Session, actor: Actor, community: Community, command: TakeRequest, now: datetime
) -> Case:
    """Find or register the resident, write down consents and declarations, and apply the rules."""
    kinds = await load_kinds(session, community.id, now)
    kind = kinds.get(command.kind)
    scope = kind.usual_scope() if command.scope is None else kind.check_scope(command.scope)
    resident = await resolve_resident(session, actor, community, command, now)
    await store_consents(session, actor, resident, command, now)
    declaration = await store_declaration(session, resident, command, now)
    today = now.astimezone(ZoneInfo(community.time_zone)).date()
    rules = await load_eligibility(session, community.id, now)
    decision = decide(rules, kind.code, facts_of(resident.home, declaration, today), today)
    doubts = list(resident.doubts)
    if (
        await find_consent(session, resident.person.id, Purpose.MATCHING, community_id=community.id)
        is None
    ):
        doubts.append("no_consent")
    if decision.verdict is not Verdict.ELIGIBLE:
        doubts.append(decision.verdict.value)
    if kind.needs_person:
        doubts.append("kind_needs_person")
    # Staff who are on the phone have asked; nobody has where a text message or a program calls.
    if _lacks_details(kind, command) and not actor.is_staff(community.id):
        doubts.append("details_missing")
    return Case(
        actor=actor,
        community=community,
        command=command,
        kind=kind,
        scope=scope,
        resident=resident,
        decision=decision,
        deadlines=await load_deadline_rules(session, community, now),
        doubts=tuple(doubts),
        now=now,
    )


def _lacks_details(kind: HelpKind, command: TakeRequest) -> bool:
    needed = kind.details is not None and kind.details.needed
    return needed and not (command.access_notes or "").strip()


async def need_rows(session: Session, case: Case) -> list[RequestNeed]:
    """The skills and tools of the request, by the catalogue; new ones join it."""
    wanted = [(ability_kind(code), code, ability_label(code)) for code in case.needs]
    abilities = await ensure_abilities(session, case.community.id, wanted)
    return [RequestNeed(ability_id=abilities[code].id) for code in dict.fromkeys(case.needs)]
