"""The queries that show volunteers to those who may see them: lists, and many at once by key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import joinedload

from core.db import Session
from core.pagination import Listing, SortKey
from matching.kinds import AssignmentStatus, TravelMode, VolunteerStatus
from matching.models import (
    Assignment,
    AvailabilityWindow,
    HelpRequest,
    Volunteer,
    WeeklyHours,
)
from matching.repository import volunteers_visible_to
from matching.states import HELD_ASSIGNMENTS
from matching.volunteering.models import AwayPeriod, Team, TeamMember
from people.auth import Actor
from people.models import Ability, Household, PersonAbility, PersonName, Preferences

MAX_LINES = 20_000
"""Of one kind, for the volunteers of one page."""


class VolunteerSort(StrEnum):
    """What volunteers are ordered by."""

    JOINED = "joined"
    LOAD = "load"


@dataclass(frozen=True)
class VolunteerFilter:
    """Which volunteers; what is empty sets no limit."""

    statuses: Sequence[VolunteerStatus] = ()
    mode: TravelMode | None = None
    ability: str | None = None
    """A code such as ``snow_blower``."""
    language: str | None = None
    """A code such as ``es``."""
    area: str | None = None
    cells: Sequence[int] = ()
    """Of the home."""
    person_ids: Sequence[UUID] = ()


@dataclass(frozen=True)
class MemberRow:
    """Somebody of a team, with their name."""

    id: UUID
    person_id: UUID
    name: str
    joined_at: datetime


@dataclass(frozen=True)
class TeamRow:
    """A team and who is in it besides the one who answers for all."""

    name: str
    size: int
    members: tuple[MemberRow, ...]


@dataclass(frozen=True)
class Impact:
    """What a volunteer has done so far."""

    visit_count: int
    service_s: int
    last_at: datetime | None
    held_count: int


def list_volunteers_of(
    actor: Actor,
    community_id: UUID,
    only: VolunteerFilter,
    by: VolunteerSort,
    *,
    descending: bool,
) -> Listing[Volunteer]:
    """The volunteers of a community whom the actor may see, with their places."""
    query = visible_volunteers(actor).where(Volunteer.community_id == community_id)
    if only.statuses:
        query = query.where(Volunteer.status.in_(only.statuses))
    if only.mode is not None:
        query = query.where(Volunteer.mode == only.mode)
    if only.person_ids:
        query = query.where(Volunteer.person_id.in_(only.person_ids))
    if only.ability is not None:
        able = (
            select(PersonAbility.person_id)
            .join(Ability, Ability.id == PersonAbility.ability_id)
            .where(Ability.community_id == community_id, Ability.code == only.ability)
        )
        query = query.where(Volunteer.person_id.in_(able))
    if only.language is not None:
        speaks = cast(Preferences.languages, Text).contains(f'"{only.language}"', autoescape=True)
        query = query.where(Volunteer.person_id.in_(select(Preferences.person_id).where(speaks)))
    if only.area is not None or only.cells:
        homes = select(Household.id).where(Household.community_id == community_id)
        if only.area is not None:
            homes = homes.where(Household.area == only.area)
        if only.cells:
            homes = homes.where(Household.cell.in_(only.cells))
        query = query.where(Volunteer.home_id.in_(homes))
    column: Any = {VolunteerSort.JOINED: Volunteer.created_at, VolunteerSort.LOAD: Volunteer.load}[
        by
    ]
    return Listing(
        query,
        key=SortKey("id", Volunteer.id, descending),
        sort=(SortKey(column.key, column, descending),),
    )


def visible_volunteers(actor: Actor) -> Select[Volunteer]:
    """Volunteers whom the actor may see, with the blurred places they start from."""
    return volunteers_visible_to(actor).options(
        joinedload(Volunteer.home), joinedload(Volunteer.second_anchor)
    )


async def load_volunteers(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, Volunteer]:
    """Volunteers by key, as far as the actor may see them."""
    query = visible_volunteers(actor).where(Volunteer.id.in_(keys))
    rows = await session.scalars(query.execution_options(populate_existing=True))
    return {row.id: row for row in rows}


async def list_own_profiles(session: Session, actor: Actor) -> list[Volunteer]:
    """What the actor offers, in each community."""
    if actor.person_id is None:
        return []
    query = visible_volunteers(actor).where(Volunteer.person_id == actor.person_id)
    return list(await session.scalars(query.order_by(Volunteer.id).limit(100)))


async def load_weekly_hours(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[WeeklyHours]]:
    """The hours that each of these volunteers has every week."""
    query = (
        select(WeeklyHours)
        .where(WeeklyHours.volunteer_id.in_(visible_keys(actor, keys)))
        .order_by(WeeklyHours.weekday, WeeklyHours.start_min, WeeklyHours.id)
        .limit(MAX_LINES)
    )
    return _by_volunteer(await session.scalars(query))


async def load_windows(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[AvailabilityWindow]]:
    """The single windows of these volunteers, those of the past among them."""
    query = (
        select(AvailabilityWindow)
        .where(AvailabilityWindow.volunteer_id.in_(visible_keys(actor, keys)))
        .order_by(AvailabilityWindow.starts_at, AvailabilityWindow.id)
        .limit(MAX_LINES)
    )
    return _by_volunteer(await session.scalars(query))


async def load_away(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[AwayPeriod]]:
    """The days without time of these volunteers."""
    query = (
        select(AwayPeriod)
        .where(AwayPeriod.volunteer_id.in_(visible_keys(actor, keys)))
        .order_by(AwayPeriod.first_day, AwayPeriod.id)
        .limit(MAX_LINES)
    )
    return _by_volunteer(await session.scalars(query))


async def load_abilities(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[Ability]]:
    """Skills and own tools of these volunteers, in the catalogue of their community."""
    query = (
        select(Volunteer.id, Ability)
        .join(PersonAbility, PersonAbility.person_id == Volunteer.person_id)
        .join(Ability, Ability.id == PersonAbility.ability_id)
        .where(
            Volunteer.id.in_(visible_keys(actor, keys)),
            Ability.community_id == Volunteer.community_id,
        )
        .order_by(Ability.code)
        .limit(MAX_LINES)
    )
    found: dict[UUID, list[Ability]] = defaultdict(list)
    for key, ability in (await session.execute(query)).all():
        found[key].append(ability)
    return found


async def load_languages(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, list[str]]:
    """What these volunteers speak, the most comfortable first."""
    query = (
        select(Volunteer.id, Preferences.languages)
        .join(Preferences, Preferences.person_id == Volunteer.person_id)
        .where(Volunteer.id.in_(visible_keys(actor, keys)))
    )
    return {row[0]: list(row[1]) for row in await session.execute(query)}


async def load_teams(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, TeamRow]:
    """The teams of these volunteers with their members."""
    query = (
        select(Team, TeamMember, PersonName.full_name)
        .outerjoin(TeamMember, TeamMember.team_id == Team.volunteer_id)
        .outerjoin(PersonName, PersonName.person_id == TeamMember.person_id)
        .where(Team.volunteer_id.in_(visible_keys(actor, keys)))
        .order_by(TeamMember.id)
        .limit(MAX_LINES)
    )
    teams: dict[UUID, tuple[Team, list[MemberRow]]] = {}
    for team, member, name in (await session.execute(query)).all():
        _, members = teams.setdefault(team.volunteer_id, (team, []))
        if member is not None:
            members.append(MemberRow(member.id, member.person_id, name or "", member.joined_at))
    return {
        key: TeamRow(team.name, team.size, tuple(members)) for key, (team, members) in teams.items()
    }


async def load_impact(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Impact]:
    """What these volunteers have done, and how many visits are before them."""
    done = Assignment.status == AssignmentStatus.DONE
    query = (
        select(
            Assignment.volunteer_id,
            func.count().filter(done),
            func.sum(HelpRequest.service_s).filter(done),
            func.max(Assignment.ended_at).filter(done),
            func.count().filter(Assignment.status.in_(HELD_ASSIGNMENTS)),
        )
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(Assignment.volunteer_id.in_(visible_keys(actor, keys)))
        .group_by(Assignment.volunteer_id)
    )
    return {
        key: Impact(count, int(service_s or 0), last_at, held)
        for key, count, service_s, last_at, held in (await session.execute(query)).all()
    }


def visible_keys(actor: Actor, keys: list[UUID]) -> Select[Any]:
    """Those of these volunteers whom the actor may see."""
    return (
        volunteers_visible_to(actor).with_only_columns(Volunteer.id).where(Volunteer.id.in_(keys))
    )


def _by_volunteer(rows: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.volunteer_id].append(row)
    return found
