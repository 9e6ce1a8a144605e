"""The queries on volunteers' profiles, teams and bans."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, delete, or_, select, union_all, update
from sqlalchemy.orm import joinedload, selectinload

from core.columns import Base
from core.db import Session
from matching.intake.models import StandingRequest
from matching.kinds import VolunteerStatus
from matching.models import HelpRequest, Volunteer
from matching.repository import volunteers_visible_to
from matching.volunteering.models import AwayPeriod, Depot, Team, TeamMember
from people.auth import Actor
from people.kinds import Channel, Role
from people.models import (
    Ability,
    Community,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonAbility,
    PersonName,
    Preferences,
)

PAGE_SIZE = 100
KEYS_PER_QUERY = 500
MAX_ROWS = 1_000
SHARED_CONTACT = 10


def _batches(keys: Collection[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        yield ordered[start : start + KEYS_PER_QUERY]


# --- volunteers -----------------------------------------------------------------------------------


def _profile_parts() -> tuple[Any, ...]:
    person = joinedload(Volunteer.person)
    return (
        joinedload(Volunteer.home),
        joinedload(Volunteer.second_anchor),
        selectinload(Volunteer.windows),
        selectinload(Volunteer.weekly_hours),
        selectinload(Volunteer.away),
        selectinload(Volunteer.team).selectinload(Team.members),
        person.joinedload(Person.name),
        person.joinedload(Person.preferences),
        person.selectinload(Person.contact_points),
        person.selectinload(Person.abilities).joinedload(PersonAbility.ability),
    )


async def find_profile(session: Session, actor: Actor, volunteer_id: UUID) -> Volunteer | None:
    """A volunteer whom the actor may see, with everything of the profile."""
    query = (
        volunteers_visible_to(actor)
        .where(Volunteer.id == volunteer_id)
        .options(*_profile_parts())
        .execution_options(populate_existing=True)
    )
    found: Volunteer | None = await session.scalar(query)
    return found


async def list_volunteers(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    statuses: Sequence[VolunteerStatus] = (VolunteerStatus.ACTIVE, VolunteerStatus.PAUSED),
    after: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> list[Volunteer]:
    """One page of the volunteers that the actor may see, by id, with their profiles."""
    query = (
        volunteers_visible_to(actor)
        .where(Volunteer.community_id == community_id, Volunteer.status.in_(statuses))
        .options(*_profile_parts())
        .order_by(Volunteer.id)
        .limit(min(limit, PAGE_SIZE))
    )
    if after is not None:
        query = query.where(Volunteer.id > after)
    return list(await session.scalars(query))


async def find_volunteer_of(
    session: Session, person_id: UUID, community_id: UUID
) -> Volunteer | None:
    """The profile of a person in one community, or None."""
    found: Volunteer | None = await session.scalar(
        select(Volunteer).where(
            Volunteer.person_id == person_id, Volunteer.community_id == community_id
        )
    )
    return found


async def find_people_reached_at(
    session: Session, community_id: UUID, channel: Channel, value: str
) -> list[tuple[UUID, str]]:
    """(person, full name) of those in a community who are reached there, the first known first."""
    query = (
        select(Person.id, PersonName.full_name)
        .join(ContactPoint, ContactPoint.person_id == Person.id)
        .join(PersonName, PersonName.person_id == Person.id)
        .where(
            ContactPoint.channel == channel,
            ContactPoint.value == value,
            Person.erased_at.is_(None),
            Person.id.in_(
                select(Membership.person_id).where(Membership.community_id == community_id)
            ),
        )
        .order_by(Person.id)
        .limit(SHARED_CONTACT)
    )
    return [(key, name) for key, name in await session.execute(query)]


async def find_membership(
    session: Session, person_id: UUID, community_id: UUID, role: Role
) -> Membership | None:
    """A role of a person, ended or not."""
    found: Membership | None = await session.scalar(
        select(Membership).where(
            Membership.person_id == person_id,
            Membership.community_id == community_id,
            Membership.role == role,
        )
    )
    return found


async def load_contacts(session: Session, person_id: UUID) -> list[ContactPoint]:
    """Where a person is reached."""
    query = select(ContactPoint).where(ContactPoint.person_id == person_id).limit(MAX_ROWS)
    return list(await session.scalars(query))


async def get_person_parts(
    session: Session, person_id: UUID
) -> tuple[PersonName | None, Preferences | None]:
    """Name and preferences of a person, to be changed."""
    return await session.get(PersonName, person_id), await session.get(Preferences, person_id)


async def replace_rows(session: Session, model: type[Base], column: Any, parent_id: UUID) -> None:
    """Remove the rows that hang on a parent, before new ones are added."""
    await session.execute(
        delete(model).where(column == parent_id).execution_options(synchronize_session="fetch")
    )


async def load_household(session: Session, household_id: UUID) -> Household | None:
    """A place with its address, to be changed."""
    query = (
        select(Household)
        .where(Household.id == household_id)
        .options(joinedload(Household.address))
        .execution_options(populate_existing=True)
    )
    found: Household | None = await session.scalar(query)
    return found


# --- teams ----------------------------------------------------------------------------------------


async def load_units(
    session: Session, volunteer_ids: Collection[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """The persons who come along with each volunteer, who answers for all of them first."""
    units: dict[UUID, list[UUID]] = {}
    for keys in _batches(volunteer_ids):
        leads = select(Volunteer.id, Volunteer.person_id).where(Volunteer.id.in_(keys))
        for volunteer, person in await session.execute(leads):
            units[volunteer] = [person]
        members = (
            select(TeamMember.team_id, TeamMember.person_id)
            .where(TeamMember.team_id.in_(keys))
            .order_by(TeamMember.id)
        )
        for volunteer, person in await session.execute(members):
            units[volunteer].append(person)
    return {key: tuple(dict.fromkeys(people)) for key, people in units.items()}


async def find_team(session: Session, volunteer_id: UUID) -> Team | None:
    """A volunteer's team with its members, or None."""
    query = (
        select(Team)
        .where(Team.volunteer_id == volunteer_id)
        .options(selectinload(Team.members))
        .execution_options(populate_existing=True)
    )
    found: Team | None = await session.scalar(query)
    return found


async def find_team_size(session: Session, volunteer_id: UUID) -> int:
    """How many come along with a volunteer: 1 without a team."""
    size = await session.scalar(select(Team.size).where(Team.volunteer_id == volunteer_id))
    return 1 if size is None else int(size)


async def is_resident_of(session: Session, person_id: UUID, community_id: UUID) -> bool:
    """Whether a person asks for help in a community."""
    role = await find_membership(session, person_id, community_id, Role.RESIDENT)
    return role is not None


async def list_abilities_of(session: Session, person_id: UUID) -> list[str]:
    """Codes of what a person has."""
    query = (
        select(Ability.code)
        .join(PersonAbility, PersonAbility.ability_id == Ability.id)
        .where(PersonAbility.person_id == person_id)
        .order_by(Ability.code)
    )
    return list(await session.scalars(query))


async def list_member_names(session: Session, volunteer_id: UUID) -> list[tuple[TeamMember, str]]:
    """The members of a team with their names."""
    query = (
        select(TeamMember, PersonName.full_name)
        .join(PersonName, PersonName.person_id == TeamMember.person_id)
        .where(TeamMember.team_id == volunteer_id)
        .order_by(TeamMember.id)
    )
    return [(member, name) for member, name in await session.execute(query)]


async def is_synthetic(session: Session, person_id: UUID) -> bool:
    """Whether a person is made up."""
    return bool(await session.scalar(select(Person.is_synthetic).where(Person.id == person_id)))


async def list_away(session: Session, volunteer_id: UUID) -> list[AwayPeriod]:
    """A volunteer's days without time."""
    query = (
        select(AwayPeriod)
        .where(AwayPeriod.volunteer_id == volunteer_id)
        .order_by(AwayPeriod.first_day, AwayPeriod.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def list_units_of(session: Session, person_id: UUID, community_id: UUID) -> list[UUID]:
    """The volunteers whom a person answers for or comes along with."""
    member = select(TeamMember.team_id).where(TeamMember.person_id == person_id)
    query = (
        select(Volunteer.id)
        .where(
            Volunteer.community_id == community_id,
            Volunteer.status != VolunteerStatus.LEFT,
            or_(Volunteer.person_id == person_id, Volunteer.id.in_(member)),
        )
        .order_by(Volunteer.id)
        .limit(PAGE_SIZE)
    )
    return list(await session.scalars(query))


async def find_zone(session: Session, community_id: UUID) -> ZoneInfo:
    """The clock of a community."""
    name = await session.scalar(select(Community.time_zone).where(Community.id == community_id))
    return ZoneInfo(name or "UTC")


async def forget_left_address(session: Session, household_id: UUID) -> None:
    """Remove the address of a place that somebody left, unless it is anybody's for another reason.

    Without this nobody could find it again when they ask to be forgotten.
    """
    uses = (
        select(Person.id).where(Person.household_id == household_id),
        select(Volunteer.id).where(
            or_(Volunteer.home_id == household_id, Volunteer.second_anchor_id == household_id)
        ),
        select(HelpRequest.id).where(HelpRequest.household_id == household_id),
        select(StandingRequest.id).where(StandingRequest.household_id == household_id),
        select(Depot.id).where(Depot.household_id == household_id),
    )
    await session.execute(
        delete(HouseholdAddress)
        .where(HouseholdAddress.household_id == household_id, *(~use.exists() for use in uses))
        .execution_options(synchronize_session=False)
    )


async def forget_nobodys_addresses(session: Session, *, made_before: datetime) -> int:
    """Remove one page of addresses where nobody whom we know lives, starts or is helped; how many.

    `forget_left_address` leaves none, unless others who were there have been erased since.
    """
    known = select(Person.id).where(Person.erased_at.is_(None))
    uses: CompoundSelect[Any] = union_all(
        select(Person.household_id).where(Person.household_id.is_not(None)),
        select(Volunteer.home_id).where(Volunteer.person_id.in_(known)),
        select(Volunteer.second_anchor_id).where(
            Volunteer.second_anchor_id.is_not(None), Volunteer.person_id.in_(known)
        ),
        select(HelpRequest.household_id).where(HelpRequest.resident_id.in_(known)),
        select(StandingRequest.household_id).where(StandingRequest.resident_id.in_(known)),
        select(Depot.household_id),
    )
    nobodys = list(
        await session.scalars(
            select(Household.id)
            .join(HouseholdAddress, HouseholdAddress.household_id == Household.id)
            .where(Household.created_at < made_before, Household.id.not_in(uses))
            .order_by(Household.id)
            .limit(KEYS_PER_QUERY)
        )
    )
    for statement in (
        delete(HouseholdAddress).where(HouseholdAddress.household_id.in_(nobodys)),
        update(Household).where(Household.id.in_(nobodys)).values(source_key=None),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))
    return len(nobodys)
