"""What points to a person: their requests, visits, homes and talks, as ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Select,
    func,
    or_,
    select,
    union,
)

from core.db import Session
from matching.intake.kinds import StandingStatus
from matching.intake.models import (
    StandingRequest,
)
from matching.kinds import RequestStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.states import REQUEST
from matching.volunteering.models import TeamMember
from messaging.conversation_models import Thread, ThreadMember
from people.kinds import Role
from people.models import (
    ContactPoint,
    Membership,
    Person,
)
from people.safeguard_models import GuardianConsent

MAX_CASES = 5_000
_ERASING = 0x7461_6C6B_6F01
"""The key of PostgreSQL's advisory lock of erasures."""


@dataclass(frozen=True)
class Belongings:
    """What points to a person: ids only."""

    volunteer_ids: tuple[UUID, ...]
    request_ids: tuple[UUID, ...]
    standing_ids: tuple[UUID, ...]
    household_ids: tuple[UUID, ...]
    assignment_ids: tuple[UUID, ...]
    """Visits of the person, as the one who helps or is helped."""
    thread_ids: tuple[UUID, ...]


async def lock_person(session: Session, person_id: UUID) -> Person | None:
    """The person, locked, so that two erasures at once are one."""
    found: Person | None = await session.scalar(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def wait_for_turn(session: Session) -> None:
    """One erasure at a time, until the transaction ends.

    Two that met touch rows of both, such as replies, in no order: side by side they would wait
    for each other for ever. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_ERASING)))


async def find_person(session: Session, person_id: UUID) -> Person | None:
    """The person, erased or not."""
    return await session.get(Person, person_id)


async def load_community_ids(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Where a person is or was a member."""
    query = select(Membership.community_id).where(Membership.person_id == person_id)
    return frozenset(await session.scalars(query))


async def load_belongings(session: Session, person: Person) -> Belongings:
    """Everything that a person has, asked for or did."""
    volunteers = (
        await session.execute(
            select(Volunteer.id, Volunteer.home_id, Volunteer.second_anchor_id).where(
                Volunteer.person_id == person.id
            )
        )
    ).all()
    requests = (
        await session.execute(
            select(HelpRequest.id, HelpRequest.household_id).where(
                HelpRequest.resident_id == person.id
            )
        )
    ).all()
    wishes = (
        await session.execute(
            select(StandingRequest.id, StandingRequest.household_id).where(
                StandingRequest.resident_id == person.id
            )
        )
    ).all()
    homes = {person.household_id, *(row[1] for row in (*volunteers, *requests, *wishes))}
    homes |= {row[2] for row in volunteers}
    visits = select(Assignment.id).where(
        or_(
            Assignment.volunteer_id.in_([row[0] for row in volunteers]),
            Assignment.request_id.in_([row[0] for row in requests]),
        )
    )
    threads = union(
        select(ThreadMember.thread_id).where(ThreadMember.person_id == person.id),
        select(Thread.id).where(Thread.subject_type == "assignment", Thread.subject_id.in_(visits)),
    )
    return Belongings(
        volunteer_ids=tuple(row[0] for row in volunteers),
        request_ids=tuple(row[0] for row in requests),
        standing_ids=tuple(row[0] for row in wishes),
        household_ids=tuple(sorted(home for home in homes if home is not None)),
        assignment_ids=tuple(await session.scalars(visits)),
        thread_ids=tuple(await session.scalars(threads)),
    )


async def list_open_requests(session: Session, person_id: UUID) -> list[UUID]:
    """Requests that can still be called off, by id."""
    open_statuses = [
        status for status, after in REQUEST.items() if RequestStatus.CANCELLED in after
    ]
    query = (
        select(HelpRequest.id)
        .where(HelpRequest.resident_id == person_id, HelpRequest.status.in_(open_statuses))
        .order_by(HelpRequest.id)
        .limit(MAX_CASES)
    )
    return list(await session.scalars(query))


async def list_live_wishes(session: Session, person_id: UUID) -> list[UUID]:
    """Standing wishes that have not ended, by id."""
    query = (
        select(StandingRequest.id)
        .where(
            StandingRequest.resident_id == person_id,
            StandingRequest.status != StandingStatus.ENDED,
        )
        .order_by(StandingRequest.id)
        .limit(MAX_CASES)
    )
    return list(await session.scalars(query))


async def list_guardian_consents(session: Session, person_id: UUID) -> list[UUID]:
    """Consents that this person gave or needs and that were not taken back, by id."""
    query = (
        select(GuardianConsent.id)
        .where(
            or_(GuardianConsent.guardian_id == person_id, GuardianConsent.minor_id == person_id),
            GuardianConsent.withdrawn_at.is_(None),
        )
        .order_by(GuardianConsent.id)
        .limit(MAX_CASES)
    )
    return list(await session.scalars(query))


async def list_known_by_team_only(session: Session, belongings: Belongings) -> list[UUID]:
    """Members of the person's teams whom we know by these teams alone: nobody else could ask."""
    members = select(TeamMember.person_id).where(TeamMember.team_id.in_(belongings.volunteer_ids))
    others = select(TeamMember.person_id).where(TeamMember.team_id.not_in(belongings.volunteer_ids))
    query = _known_by_nothing_else().where(Person.id.in_(members), Person.id.not_in(others))
    return list(await session.scalars(query))


async def is_known_by_nothing(session: Session, person_id: UUID, *, now: datetime) -> bool:
    """Whether nothing tells us of somebody who once came along with a team.

    The guardian by whose consent a minor helps is known by it, and whoever works for the programme
    by that.
    """
    helping = union(select(TeamMember.person_id), select(Volunteer.person_id))
    guardians = select(GuardianConsent.guardian_id).where(
        GuardianConsent.withdrawn_at.is_(None),
        GuardianConsent.valid_until > now,
        GuardianConsent.minor_id.in_(helping),
    )
    roles = select(Membership.person_id).where(Membership.role != Role.VOLUNTEER)
    query = _known_by_nothing_else().where(
        Person.id == person_id,
        Person.id.not_in(select(TeamMember.person_id)),
        Person.id.not_in(guardians),
        Person.id.not_in(roles),
    )
    return await session.scalar(query) is not None


def _known_by_nothing_else() -> Select[UUID]:
    """People without a way to reach them, an offer of their own or a request."""
    return (
        select(Person.id)
        .where(
            Person.erased_at.is_(None),
            Person.id.not_in(select(ContactPoint.person_id)),
            Person.id.not_in(select(Volunteer.person_id)),
            Person.id.not_in(select(HelpRequest.resident_id)),
            Person.id.not_in(select(StandingRequest.resident_id)),
        )
        .order_by(Person.id)
    )
