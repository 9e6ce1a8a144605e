"""Forgetting a person: what tells who they are goes, ids and what happened stay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from matching.intake.standing import end_standing
from matching.offers.casework import cancel_request
from matching.personal import belongings_repository
from matching.personal import erasure_repository as repository
from matching.personal.belongings_repository import Belongings
from matching.volunteering.checks import end_guardian_consent
from matching.volunteering.standing_back import leave_programme
from messaging import conversations
from messaging import repository as messages
from people import links
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.errors import PersonUnknown
from people.forgetting import forget_in_rooms
from people.kinds import Channel, Purpose
from people.models import Person
from people.policy import can_erase_person
from people.repository import list_last_consents
from people.signing_in.ending import forget_ways_in

REASON = "person_erased"
MAX_PAGES = 100


@dataclass(frozen=True)
class Erased:
    """What was removed; all zero when the person had been erased before."""

    cancelled_count: int = 0
    """Requests that were called off."""
    address_count: int = 0
    contact_count: int = 0
    words_count: int = 0
    """Messages, to the person or about their visits, whose words are gone."""
    team_count: int = 0
    """Members of the person's teams, known by these alone, who were erased with them."""


async def erase_person(session: Session, actor: Actor, person_id: UUID, *, now: datetime) -> Erased:
    """Forget a person, as they ask or the manager of all their communities does.

    First what is open comes to its end: requests are called off, accepted work goes to others,
    consents are withdrawn. Then everything goes that tells who it was. Rows with ids stay, so that
    counts and proofs hold. Doing it twice is fine. Records ``person.erased``.

    Raises
    ------
    PersonUnknown
        When there is no such person, or not for this actor.
    """
    person = await belongings_repository.find_person(session, person_id)
    communities = await belongings_repository.load_community_ids(session, person_id)
    if person is None or not can_erase_person(actor, person_id, communities):
        raise PersonUnknown(f"There is no person with id {person_id}.")
    await belongings_repository.wait_for_turn(session)
    await session.refresh(person)
    if person.erased_at is not None:
        return Erased()
    belongings = await belongings_repository.load_belongings(session, person)
    words = await repository.forget_words_about(session, belongings)
    # Volunteers and requests are locked before the person, as everywhere.
    cancelled = await _end_what_is_open(session, belongings, person_id, now)
    locked = await belongings_repository.lock_person(session, person_id)
    if locked is None or locked.erased_at is not None:
        return Erased()
    erased = await _erase(session, actor, locked, now)
    return replace(erased, cancelled_count=len(cancelled), words_count=erased.words_count + words)


async def _erase(session: Session, actor: Actor, person: Person, now: datetime) -> Erased:
    belongings = await belongings_repository.load_belongings(session, person)
    team = await belongings_repository.list_known_by_team_only(session, belongings)
    marks = await repository.load_marks(session, person.id)
    person.erased_at = now
    await session.flush()
    await forget_ways_in(session, person.id)
    await forget_in_rooms(session, person.id, now=now)
    words = await _forget_what_was_said(session, person.id, belongings, marks, now)
    contacts = await repository.forget_name_and_contacts(session, person.id)
    await repository.forget_facts(session, person.id, belongings, now)
    addresses = await repository.forget_homes(session, person.id, belongings)
    communities = await belongings_repository.load_community_ids(session, person.id)
    await repository.blur_rounds(session, communities, belongings)
    person.household_id = None
    await session.flush()
    await _revoke_links(session, person.id)
    record_event(
        session,
        "person.erased",
        subject_type="person",
        subject_id=person.id,
        happened_at=now,
        actor_id=actor.person_id,
    )
    for member_id in team:
        await erase_person(session, Actor.system(), member_id, now=now)
    await session.flush()
    # Statements went past the rows that were read before.
    session.expire_all()
    return Erased(0, addresses, contacts, words, len(team))


async def _end_what_is_open(
    session: Session, belongings: Belongings, person_id: UUID, now: datetime
) -> list[UUID]:
    system = Actor.system()
    for volunteer_id in belongings.volunteer_ids:
        await leave_programme(session, system, volunteer_id, now=now)
    cancelled = await belongings_repository.list_open_requests(session, person_id)
    for request_id in cancelled:
        await cancel_request(session, system, request_id, now=now, reason=REASON)
    for standing_id in await belongings_repository.list_live_wishes(session, person_id):
        await end_standing(session, system, standing_id, now=now, reason=REASON)
    for consent_id in await belongings_repository.list_guardian_consents(session, person_id):
        await end_guardian_consent(session, system, consent_id, now=now)
    await _withdraw_consents(session, person_id, now)
    return cancelled


async def _withdraw_consents(session: Session, person_id: UUID, now: datetime) -> None:
    for purpose in Purpose:
        for channel in (None, *Channel):
            for held in await list_last_consents(session, person_id, purpose, channel):
                if not held.granted:
                    continue
                line = RecordConsent(
                    person_id=person_id,
                    community_id=held.community_id,
                    purpose=purpose,
                    granted=False,
                    text_version=held.text_version,
                    source=REASON,
                )
                await record_consent(session, Actor.system(), line, now=now)


async def _forget_what_was_said(
    session: Session, person_id: UUID, belongings: Belongings, marks: list[str], now: datetime
) -> int:
    words = await messages.forget_person(session, person_id)
    await conversations.forget_person(session, person_id)
    await repository.hide_in_posts(session, belongings.thread_ids, marks)
    await repository.close_threads(session, belongings.thread_ids, now)
    return words


async def _revoke_links(session: Session, person_id: UUID) -> None:
    for _ in range(MAX_PAGES):
        if not await links.revoke_links(session, person_id):
            return
