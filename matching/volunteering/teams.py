"""Families and groups that help as one: one place in the plan, several pairs of hands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from core.jobs import NewJob, enqueue
from matching import repository as matching_repository
from matching.errors import VolunteerUnknown
from matching.models import HelpRequest, Volunteer
from matching.volunteering import policy, repository
from matching.volunteering.errors import InvalidTeam
from matching.volunteering.models import Team, TeamMember
from people.auth import Actor
from people.kinds import Role
from people.models import Membership, Person, PersonName
from people.safeguard_models import Minor

MAX_SIZE = 50
FORGET_MEMBER = "volunteering.forget_member"


@dataclass(frozen=True)
class NewMember:
    """Somebody who comes along.

    Parameters
    ----------
    under_18, birth_year
        Either says that a guardian must agree.
    """

    name: str
    under_18: bool = False
    birth_year: int | None = None


@dataclass(frozen=True)
class FormTeam:
    """A unit and who is in it besides the volunteer who answers for all.

    Parameters
    ----------
    size
        How many come, with that volunteer; at least as many as are named.
    """

    volunteer_id: UUID
    name: str
    size: int
    members: tuple[NewMember, ...] = ()


async def form_team(session: Session, actor: Actor, command: FormTeam, *, now: datetime) -> Team:
    """Let a volunteer come as a team, or change its name, size and members.

    Members who are named again stay the same persons, so that their checks stay theirs. Who is
    named no more is forgotten, when nothing else tells us of them. Records ``team.formed``.
    """
    volunteer = await lock_own_volunteer(session, actor, command.volunteer_id)
    _refuse_impossible(command)
    team = await repository.find_team(session, volunteer.id)
    if team is None:
        team = Team(volunteer_id=volunteer.id, members=[])
        session.add(team)
    team.name, team.size = command.name.strip(), command.size
    known = {
        " ".join(name.casefold().split()): member
        for member, name in await repository.list_member_names(session, volunteer.id)
    }
    kept = []
    for new in command.members:
        member = known.pop(" ".join(new.name.casefold().split()), None)
        kept.append(member or await _add_member(session, volunteer, new, now))
    left = {member.person_id for member in team.members} - {member.person_id for member in kept}
    team.members = kept
    await session.flush()
    await _forget(session, left, now)
    _record(session, actor, "team.formed", volunteer, now, size_count=command.size)
    return team


async def dissolve_team(
    session: Session, actor: Actor, volunteer_id: UUID, *, now: datetime
) -> None:
    """Let a volunteer come alone again, and forget who came along. Records ``team.dissolved``."""
    volunteer = await lock_own_volunteer(session, actor, volunteer_id)
    team = await repository.find_team(session, volunteer_id)
    if team is not None:
        left = {member.person_id for member in team.members}
        await session.delete(team)
        await session.flush()
        await _forget(session, left, now)
        _record(session, actor, "team.dissolved", volunteer, now)


async def _forget(session: Session, person_ids: Collection[UUID], now: datetime) -> None:
    """Have who came along forgotten. By a job: erasing takes its locks in an order of its own."""
    for person_id in sorted(person_ids):
        args = {"person_id": str(person_id)}
        key = f"forget_member:{person_id}"
        await enqueue(session, NewJob(name=FORGET_MEMBER, args=args, key=key, due_at=now, now=now))


def _refuse_impossible(command: FormTeam) -> None:
    named = 1 + len(command.members)
    if not command.name.strip():
        raise InvalidTeam("The team has no name; give it one.")
    if not named <= command.size <= MAX_SIZE:
        raise InvalidTeam(
            f"A team of {command.size} cannot be: {named} are named, and {MAX_SIZE} is the most."
        )
    if any(not member.name.strip() for member in command.members):
        raise InvalidTeam("A member has no name; give each one a name.")


async def _add_member(
    session: Session, volunteer: Volunteer, new: NewMember, now: datetime
) -> TeamMember:
    person = Person(
        is_synthetic=await repository.is_synthetic(session, volunteer.person_id),
        created_at=now,
        name=PersonName(full_name=" ".join(new.name.split())),
        memberships=[
            Membership(community_id=volunteer.community_id, role=Role.VOLUNTEER, since=now)
        ],
    )
    session.add(person)
    await session.flush()
    if new.under_18 or new.birth_year is not None:
        session.add(Minor(person_id=person.id, birth_year=new.birth_year, recorded_at=now))
    return TeamMember(person_id=person.id, joined_at=now)


async def count_seats(session: Session, volunteer_id: UUID, request: HelpRequest) -> int:
    """Places in a crew that this volunteer fills: a team as many as are left, at most its size."""
    size = await repository.find_team_size(session, volunteer_id)
    return max(1, min(size, request.crew_size - request.seats_taken))


async def lock_own_volunteer(session: Session, actor: Actor, volunteer_id: UUID) -> Volunteer:
    """A volunteer whom the actor may change, held until the transaction ends."""
    volunteer = await matching_repository.lock_volunteer(session, volunteer_id)
    if volunteer is None or not policy.can_change_volunteer(
        actor, volunteer.person_id, volunteer.community_id
    ):
        raise VolunteerUnknown(f"There is no volunteer {volunteer_id}.")
    return volunteer


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    volunteer: Volunteer,
    now: datetime,
    *,
    size_count: int | None = None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="volunteer",
        subject_id=volunteer.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=volunteer.community_id,
        size_count=size_count,
    )
