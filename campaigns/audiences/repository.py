"""The queries on segments and on the people whom they describe."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, exists, false, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from campaigns.audiences.condition_repository import Place, build_condition, build_leaf
from campaigns.audiences.definitions import REACHED_ROLES, Condition, list_leaves
from core.db import Session
from matching.kinds import VolunteerStatus
from matching.models import Volunteer
from matching.volunteering.models import AwayPeriod
from messaging.kinds import REACHED
from messaging.models import Message
from messaging.routing import VOUCHED_SOURCES, WRITTEN
from people.kinds import Channel, Purpose
from people.models import Consent, ContactPoint, Household, Membership, Person, Preferences

MAX_PEOPLE = 200_000
MAX_CELLS = 20_000
WHOLE_DAY_MIN = 1_440
EVERY_CHANNEL = tuple(Channel)


@dataclass(frozen=True, slots=True)
class Described:
    """Somebody whom a segment describes, and which of its conditions hold."""

    person_id: UUID
    key: Hashable
    """The same id as the driver reads it: what is known of people is put together by it."""
    cell: int | None
    area: str | None
    holds: tuple[bool, ...]
    """In the order of `list_leaves`."""


def members_of(community_id: UUID) -> Any:
    """The ids of those who could be reached: residents and volunteers, not erased."""
    return (
        select(Membership.person_id)
        .where(
            Membership.community_id == community_id,
            Membership.role.in_(REACHED_ROLES),
            Membership.ended_at.is_(None),
        )
        .distinct()
    )


async def count_members(session: Session, community_id: UUID) -> int:
    """How many people could be reached at all."""
    query = select(func.count()).where(
        Person.id.in_(members_of(community_id)), Person.erased_at.is_(None)
    )
    return int(await session.scalar(query) or 0)


async def list_cells(session: Session, community_id: UUID) -> list[int]:
    """The cells in which homes of a community are shown."""
    query = (
        select(Household.cell)
        .where(Household.community_id == community_id, Household.cell.is_not(None))
        .distinct()
        .limit(MAX_CELLS)
    )
    return [cell for cell in await session.scalars(query) if cell is not None]


async def list_described(
    session: Session, where: Condition | None, place: Place
) -> list[Described]:
    """The people whom a condition describes, by id, in one statement."""
    leaves = [] if where is None else [build_leaf(leaf, place) for leaf, _ in list_leaves(where)]
    columns = [leaf.label(f"holds_{number}") for number, leaf in enumerate(leaves)]
    query = (
        select(Person.id, _key(Person.id), Household.cell, Household.area, *columns)
        .outerjoin(Household, Household.id == Person.household_id)
        .outerjoin(Preferences, Preferences.person_id == Person.id)
        .where(
            Person.id.in_(members_of(place.community_id)),
            Person.erased_at.is_(None),
            build_condition(where, place),
        )
        .order_by(Person.id)
        .limit(MAX_PEOPLE)
    )
    found: list[Described] = []
    for person_id, key, cell, area, *holds in (await session.execute(query)).all():
        found.append(Described(person_id, key, cell, area, tuple(map(bool, holds))))
    return found


def _key(column: InstrumentedAttribute[UUID]) -> ColumnElement[Any]:
    """An id that is only compared: making a UUID of each costs more than reading the row."""
    return type_coerce(column, String).label("known_by")


async def load_consents(
    session: Session, community_id: UUID, purpose: Purpose
) -> dict[Hashable, dict[Channel, tuple[bool, str]]]:
    """What everybody last said on a purpose, by channel: whether they agreed, and how.

    The same reading of the ledger as `people.repository.find_consent` makes for one person.
    """
    lines = (
        select(_key(Consent.person_id), Consent.channel, Consent.granted, Consent.source)
        .where(Consent.community_id == community_id, Consent.purpose == purpose)
        .order_by(Consent.recorded_at, Consent.id)
    )
    said: dict[Hashable, dict[Channel, tuple[bool, str]]] = {}
    for key, channel, granted, source in await session.execute(lines):
        if channel is None:
            said[key] = dict.fromkeys(EVERY_CHANNEL, (granted, source))
        else:
            said.setdefault(key, {})[channel] = (granted, source)
    return said


async def load_contacts(
    session: Session, community_id: UUID
) -> dict[Hashable, list[tuple[Channel, bool]]]:
    """Where people may be written to: the channel, and whether the contact is verified."""
    query = select(
        _key(ContactPoint.person_id), ContactPoint.channel, ContactPoint.verified_at.is_not(None)
    ).where(
        ContactPoint.person_id.in_(members_of(community_id)),
        ContactPoint.channel.in_(WRITTEN),
        ContactPoint.bounced_at.is_(None),
    )
    found: dict[Hashable, list[tuple[Channel, bool]]] = {}
    for key, channel, is_verified in await session.execute(query):
        found.setdefault(key, []).append((channel, bool(is_verified)))
    return found


def may_be_written_to(
    said: dict[Channel, tuple[bool, str]], contacts: list[tuple[Channel, bool]]
) -> bool:
    """The test that `messaging.routing` makes of one message."""
    for channel, is_verified in contacts:
        granted, source = said.get(channel, (False, ""))
        if granted and (is_verified or source in VOUCHED_SOURCES):
            return True
    return False


async def list_away(
    session: Session, community_id: UUID, now: datetime, today: Any
) -> set[Hashable]:
    """Volunteers who pause, or are away for the whole of today."""
    away = exists().where(
        AwayPeriod.volunteer_id == Volunteer.id,
        AwayPeriod.first_day <= today,
        AwayPeriod.last_day >= today,
        AwayPeriod.start_min == 0,
        AwayPeriod.end_min == WHOLE_DAY_MIN,
    )
    pauses = and_(
        Volunteer.status == VolunteerStatus.PAUSED,
        or_(Volunteer.paused_until.is_(None), Volunteer.paused_until > now),
    )
    query = select(_key(Volunteer.person_id)).where(
        Volunteer.community_id == community_id, or_(pauses, away)
    )
    return set(await session.scalars(query))


async def list_contacted(
    session: Session, community_id: UUID, since: datetime, *, besides: UUID | None
) -> set[Hashable]:
    """Members to whom any sender wrote since a moment, or will; not about ``besides``."""
    about_it = false() if besides is None else Message.subject_id == besides
    query = (
        select(_key(Message.person_id))
        .where(
            Message.person_id.in_(members_of(community_id)),
            Message.counts.is_(True),
            Message.status.in_(REACHED),
            func.coalesce(Message.sent_at, Message.due_at) >= since,
            or_(Message.subject_id.is_(None), ~about_it),
        )
        .distinct()
    )
    return set(await session.scalars(query))
