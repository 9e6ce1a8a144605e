"""People under 18, and what their guardians let them do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people import policy, safeguards_repository
from people.auth import Actor
from people.errors import InvalidGuardian, PersonUnknown
from people.safeguard_models import GuardianConsent, Minor

ADULT_YEARS = 18


@dataclass(frozen=True)
class DeclareAge:
    """What somebody says about being under 18.

    Parameters
    ----------
    birth_year
        None: under 18, without more.
    adult
        Takes an earlier word back; staff only.
    """

    community_id: UUID
    person_id: UUID
    birth_year: int | None = None
    adult: bool = False


@dataclass(frozen=True)
class GiveConsent:
    """What a guardian lets a minor do."""

    community_id: UUID
    minor_id: UUID
    guardian_id: UUID
    valid_until: datetime
    text_version: str
    source: str
    kinds: tuple[str, ...] = ()
    """Kinds of help; empty covers all of them."""
    alone: bool = False


async def declare_age(
    session: Session, actor: Actor, command: DeclareAge, *, now: datetime
) -> Minor | None:
    """Write down that somebody is under 18, or for staff that they are not.

    Records ``person.minor`` or ``person.adult``.
    """
    if not policy.can_declare_age(
        actor, command.person_id, command.community_id, adult=command.adult
    ):
        raise NotPermitted("Only staff of the community may say that somebody is an adult.")
    if not await safeguards_repository.belongs_to(session, command.person_id, command.community_id):
        raise PersonUnknown(f"There is no person with id {command.person_id}.")
    row = await safeguards_repository.get_minor(session, command.person_id)
    if command.adult:
        if row is not None:
            await session.delete(row)
            await session.flush()
        _record(
            session,
            actor,
            "person.adult",
            command.community_id,
            person_id=command.person_id,
            now=now,
        )
        return None
    if command.birth_year is not None and not 1900 <= command.birth_year <= now.year:
        raise InvalidGuardian(f"The year of birth {command.birth_year} cannot be.")
    if row is None:
        row = Minor(person_id=command.person_id, recorded_at=now)
        session.add(row)
    row.birth_year, row.recorded_at = command.birth_year, now
    await session.flush()
    _record(
        session, actor, "person.minor", command.community_id, person_id=command.person_id, now=now
    )
    return row


async def give_guardian_consent(
    session: Session, actor: Actor, command: GiveConsent, *, now: datetime
) -> GuardianConsent:
    """Write down what a guardian lets a minor do, until when. The guardian or staff; never the
    minor. Records ``guardian.consented``.
    """
    if not policy.can_speak_as_guardian(
        actor, command.guardian_id, command.minor_id, command.community_id
    ):
        raise NotPermitted("Only the guardian or staff of the community may give this consent.")
    if command.guardian_id == command.minor_id:
        raise InvalidGuardian("Nobody is their own guardian; name the adult who agrees.")
    if command.valid_until <= now:
        raise InvalidGuardian("The consent ends before it begins; look at its last day.")
    people = [command.guardian_id, command.minor_id]
    for person_id in people:
        if not await safeguards_repository.belongs_to(session, person_id, command.community_id):
            raise PersonUnknown(f"There is no person with id {person_id}.")
    minors = await safeguards_repository.load_minors(session, people)
    guardian = minors.get(command.guardian_id)
    if guardian is not None and is_minor(guardian, now.date()):
        raise InvalidGuardian("A guardian must be an adult.")
    row = GuardianConsent(
        community_id=command.community_id,
        minor_id=command.minor_id,
        guardian_id=command.guardian_id,
        kinds=sorted(set(command.kinds)),
        alone=command.alone,
        text_version=command.text_version,
        source=command.source,
        recorded_by=actor.person_id,
        granted_at=now,
        valid_until=command.valid_until,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, "guardian.consented", row.community_id, person_id=row.minor_id, now=now)
    return row


async def withdraw_guardian_consent(
    session: Session, actor: Actor, consent_id: UUID, *, now: datetime
) -> GuardianConsent:
    """Take a consent back; it holds no more from this moment. Records ``guardian.withdrew``."""
    row = await session.get(GuardianConsent, consent_id, with_for_update=True)
    if row is None or not policy.can_speak_as_guardian(
        actor, row.guardian_id, row.minor_id, row.community_id
    ):
        raise PersonUnknown(f"There is no guardian's consent {consent_id}.")
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        await session.flush()
        _record(
            session, actor, "guardian.withdrew", row.community_id, person_id=row.minor_id, now=now
        )
    return row


def is_minor(minor: Minor | None, today: date) -> bool:
    """Whether somebody counts as under 18.

    Only the year of birth is kept: one counts as a minor to the end of the year of the 18th
    birthday.
    """
    if minor is None:
        return False
    return minor.birth_year is None or today.year - minor.birth_year <= ADULT_YEARS


def find_covering(
    consents: Iterable[GuardianConsent], kind: str, at: datetime, *, alone: bool = False
) -> GuardianConsent | None:
    """A consent that covers a kind of help at a moment, or None."""
    for row in consents:
        holds = row.withdrawn_at is None and row.granted_at <= at < row.valid_until
        if holds and (not row.kinds or kind in row.kinds) and (row.alone or not alone):
            return row
    return None


def _record(
    session: Session,
    actor: Actor,
    event: str,
    community_id: UUID,
    *,
    person_id: UUID,
    now: datetime,
) -> None:
    record_event(
        session,
        event,
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community_id,
    )
