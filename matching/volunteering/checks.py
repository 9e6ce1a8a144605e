"""Checks of volunteers and what follows from them at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from matching import repository as matching_repository
from matching.errors import VolunteerUnknown
from matching.models import Volunteer
from matching.notifications import notify_vetting_expires
from matching.offers.answering import release_work
from matching.transitions import Cause
from matching.volunteering import repository, work_repository
from matching.volunteering.clearance import load_clearances, load_required
from matching.volunteering.standing_back import take_back_offers
from matching.volunteering.tools import free_tools
from people import safeguards_repository
from people.auth import Actor
from people.guardians import (
    DeclareAge,
    declare_age,
    is_minor,
    withdraw_guardian_consent,
)
from people.kinds import VettingStatus
from people.repository import read_rules_at
from people.safeguard_models import GuardianConsent, VettingItem
from people.vetting import RecordVetting, find_last_end, find_valid_codes, record_vetting


async def vet_volunteer(
    session: Session, actor: Actor, command: RecordVetting, *, now: datetime
) -> VettingItem:
    """Record a check of a volunteer or of somebody of a team; one that fails ends at once what
    needs it: offers are taken back, accepted work is given to others.
    """
    item = await record_vetting(session, actor, command, now=now)
    if item.status not in (VettingStatus.PASSED, VettingStatus.REQUESTED):
        await enforce_for_person(session, command.person_id, command.community_id, now=now)
    return item


async def change_age(session: Session, actor: Actor, command: DeclareAge, *, now: datetime) -> bool:
    """Write down what is said about being under 18, and take back the work that a minor may not
    do; whether the person counts as a minor now.
    """
    minor = await declare_age(session, actor, command, now=now)
    await enforce_for_person(session, command.person_id, command.community_id, now=now)
    return is_minor(minor, now.date())


async def end_guardian_consent(
    session: Session, actor: Actor, consent_id: UUID, *, now: datetime
) -> GuardianConsent:
    """Take a guardian's consent back, and with it the work that needs it."""
    consent = await withdraw_guardian_consent(session, actor, consent_id, now=now)
    await enforce_for_person(session, consent.minor_id, consent.community_id, now=now)
    return consent


async def enforce_for_person(
    session: Session, person_id: UUID, community_id: UUID, *, now: datetime
) -> int:
    """Take back the offers and work of every unit of a person that is no longer cleared for them;
    says how much.
    """
    ended = 0
    for volunteer_id in await repository.list_units_of(session, person_id, community_id):
        ended += await enforce_clearance(session, volunteer_id, now=now)
    return ended


async def enforce_clearance(session: Session, volunteer_id: UUID, *, now: datetime) -> int:
    """Take back the offers and work that a volunteer is no longer cleared for; says how much."""
    volunteer = await matching_repository.lock_volunteer(session, volunteer_id)
    if volunteer is None:
        raise VolunteerUnknown(f"There is no volunteer {volunteer_id}.")
    kinds = await _find_uncleared_kinds(session, volunteer, now)
    if not kinds:
        return 0
    cause = Cause(now=now, reason="not_cleared")
    ended = await take_back_offers(session, volunteer, cause, kinds=kinds)
    for _, work in await work_repository.list_held_work(session, volunteer.id, kinds=kinds):
        await release_work(session, Actor.system(), work, now=now, reason="not_cleared")
        ended += 1
    await free_tools(session, volunteer.id, now=now)
    return ended


async def _find_uncleared_kinds(
    session: Session, volunteer: Volunteer, now: datetime
) -> frozenset[str]:
    rules = await read_rules_at(session, volunteer.community_id, now)
    required = await load_required(session, volunteer.community_id, rules, now=now)
    found = await load_clearances(
        session, volunteer.community_id, [volunteer.id], starts_at=now, ends_at=now
    )
    kinds = await work_repository.list_kinds_asked(session, volunteer.id)
    return frozenset(
        kind
        for kind in kinds
        if found[volunteer.id].find_gaps(kind, rules, required.get(kind, frozenset()))
    )


async def remind_of_ends(session: Session, community_id: UUID, *, now: datetime) -> int:
    """Tell people that a check of theirs ends soon, once; says how many were told.

    Whoever has renewed it already hears nothing.
    """
    rules = await read_rules_at(session, community_id, now)
    longest = max((rule.remind_days for rule in rules.vetting.values()), default=0)
    items = await safeguards_repository.list_ending(
        session, community_id, after=now, before=now + timedelta(days=longest)
    )
    lines = await safeguards_repository.load_vetting(
        session, community_id, {item.person_id for item in items}
    )
    told = 0
    for item in items:
        rule = rules.vetting.get(item.code)
        own = lines[item.person_id]
        if rule is None or item.code not in find_valid_codes(own, now):
            continue
        ends_at = find_last_end(own, item.code, now)
        if ends_at != item.valid_until or ends_at is None:
            continue
        if ends_at - now > timedelta(days=rule.remind_days):
            continue
        for volunteer_id in await repository.list_units_of(session, item.person_id, community_id):
            volunteer = await session.get(Volunteer, volunteer_id)
            if volunteer is not None and await safeguards_repository.mark_reminded(
                session, item.id, now
            ):
                zone = await repository.find_zone(session, community_id)
                await notify_vetting_expires(
                    session, volunteer, rule.label, ends_at.astimezone(zone).date(), now=now
                )
                told += 1
    return told
