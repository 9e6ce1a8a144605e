"""The queries that show people to those who may see them: lists, and many at once by key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, false, func, or_, select, true
from sqlalchemy.orm import selectinload

from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.kinds import Role
from people.models import (
    Ability,
    CommunityRules,
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonName,
    Preferences,
)
from people.repository import visible_to
from people.rules import Rules, read_rules
from people.safeguard_models import GuardianConsent, Minor, VettingItem

MAX_LINES = 20_000
"""Of one kind, for the people of one page."""

Row = TypeVar("Row", Consent, ContactPoint, GuardianConsent, VettingItem)


@dataclass(frozen=True)
class PeopleFilter:
    """Which people of a community; all conditions that are given must hold."""

    role: Role | None = None
    name: str | None = None
    """A part of the name, in small or capital letters."""
    language: str | None = None
    """A code such as ``es``."""
    known_since: datetime | None = None
    contact: str | None = None
    """A mail address or a phone number, in its normal form."""


@dataclass(frozen=True)
class KnownHousehold:
    """A household, and who lives there."""

    row: Household
    resident_ids: frozenset[UUID]


def list_people_of(
    actor: Actor, community_id: UUID, wanted: PeopleFilter, *, newest_first: bool = True
) -> Listing[Person]:
    """The people of a community whom staff look through, each with their roles."""
    belongs = select(Membership.person_id).where(
        Membership.community_id == community_id, Membership.ended_at.is_(None)
    )
    if wanted.role is not None:
        belongs = belongs.where(Membership.role == wanted.role)
    query = visible_to(actor).where(
        Person.id.in_(belongs), true() if actor.is_staff(community_id) else false()
    )
    if wanted.name is not None:
        named = func.lower(PersonName.full_name).contains(wanted.name.lower(), autoescape=True)
        query = query.where(Person.id.in_(select(PersonName.person_id).where(named)))
    if wanted.language is not None:
        codes = cast(Preferences.languages, Text)
        speaks = codes.contains(f'"{wanted.language}"', autoescape=True)
        query = query.where(Person.id.in_(select(Preferences.person_id).where(speaks)))
    if wanted.known_since is not None:
        query = query.where(Person.created_at >= wanted.known_since)
    if wanted.contact is not None:
        reached = select(ContactPoint.person_id).where(ContactPoint.value == wanted.contact)
        query = query.where(Person.id.in_(reached))
    return Listing(
        query.options(selectinload(Person.memberships)),
        key=_key("id", Person.id, newest_first),
        sort=(_key("created_at", Person.created_at, newest_first),),
    )


def _key(name: str, column: Any, descending: bool) -> SortKey:
    return SortKey(name, column, descending)


async def load_people(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Person]:
    """People by key, each with their roles; those whom the actor may see."""
    query = visible_to(actor).where(Person.id.in_(keys)).options(selectinload(Person.memberships))
    return {row.id: row for row in await session.scalars(query)}


async def load_names(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, PersonName]:
    """What these people are called."""
    query = select(PersonName).where(PersonName.person_id.in_(_visible(actor, keys)))
    return {row.person_id: row for row in await session.scalars(query)}


async def load_preferences(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, Preferences]:
    """How these people want to be reached."""
    query = select(Preferences).where(Preferences.person_id.in_(_visible(actor, keys)))
    return {row.person_id: row for row in await session.scalars(query)}


async def load_contacts_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[ContactPoint]]:
    """The contact points of these people, oldest first."""
    query = _contacts(ContactPoint.person_id.in_(_visible(actor, keys)))
    return _by(await session.scalars(query), lambda row: row.person_id)


async def load_contacts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, ContactPoint]:
    """Contact points by key, of people whom the actor may see."""
    people = visible_to(actor).with_only_columns(Person.id)
    query = _contacts(ContactPoint.id.in_(keys), ContactPoint.person_id.in_(people))
    return {row.id: row for row in await session.scalars(query)}


async def load_consents_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[Consent]]:
    """The consent ledger of these people, oldest first: one's own, or of one's community."""
    query = (
        select(Consent)
        .where(Consent.person_id.in_(keys), _own_or_staff(actor, Consent))
        .order_by(Consent.recorded_at, Consent.id)
        .limit(MAX_LINES)
    )
    return _by(await session.scalars(query), lambda row: row.person_id)


async def load_vetting_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[VettingItem]]:
    """What was written down on checks of these people, oldest first."""
    query = (
        select(VettingItem)
        .where(VettingItem.person_id.in_(keys), _own_or_staff(actor, VettingItem))
        .order_by(VettingItem.recorded_at, VettingItem.id)
        .limit(MAX_LINES)
    )
    return _by(await session.scalars(query), lambda row: row.person_id)


async def load_minors_of(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Minor]:
    """Those of these people who said to be under 18."""
    query = select(Minor).where(Minor.person_id.in_(_visible(actor, keys)))
    return {row.person_id: row for row in await session.scalars(query)}


async def load_guardian_consents_for(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[GuardianConsent]]:
    """What guardians let these minors do, oldest first."""
    query = (
        select(GuardianConsent)
        .where(GuardianConsent.minor_id.in_(keys), _of_guardian(actor))
        .order_by(GuardianConsent.granted_at, GuardianConsent.id)
        .limit(MAX_LINES)
    )
    return _by(await session.scalars(query), lambda row: row.minor_id)


async def load_guardian_consents(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, GuardianConsent]:
    """Guardians' consents by key."""
    query = select(GuardianConsent).where(GuardianConsent.id.in_(keys), _of_guardian(actor))
    return {row.id: row for row in await session.scalars(query)}


async def load_households(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, KnownHousehold]:
    """Households by key, of one's own or of one's community."""
    query = select(Household).where(Household.id.in_(keys))
    if not actor.is_system:
        mine = select(Person.household_id).where(Person.id == actor.person_id)
        query = query.where(
            or_(
                Household.community_id.in_(actor.staff_communities()),
                Household.id.in_(mine.where(Person.erased_at.is_(None))),
            )
        )
    rows = {row.id: row for row in await session.scalars(query)}
    living = await session.execute(
        select(Person.household_id, Person.id).where(
            Person.household_id.in_(rows), Person.erased_at.is_(None)
        )
    )
    residents: dict[UUID | None, set[UUID]] = defaultdict(set)
    for household_id, person_id in living:
        residents[household_id].add(person_id)
    return {key: KnownHousehold(row, frozenset(residents[key])) for key, row in rows.items()}


async def load_addresses(
    session: Session, keys: Iterable[UUID]
) -> dict[UUID, tuple[Household, HouseholdAddress]]:
    """Households and where they are; only `people.disclosure` may pass this on."""
    query = (
        select(Household, HouseholdAddress)
        .join(HouseholdAddress, HouseholdAddress.household_id == Household.id)
        .where(Household.id.in_(keys))
    )
    return {row[0].id: (row[0], row[1]) for row in await session.execute(query)}


async def find_home_of(session: Session, person_id: UUID | None) -> UUID | None:
    """Where somebody lives."""
    if person_id is None:
        return None
    found: UUID | None = await session.scalar(
        select(Person.household_id).where(Person.id == person_id, Person.erased_at.is_(None))
    )
    return found


async def load_rules_now(
    session: Session, community_ids: Iterable[UUID], moment: datetime
) -> dict[UUID, Rules]:
    """The rules that hold in these communities; the defaults where none were ever set."""
    keys = list(community_ids)
    begun = (
        select(CommunityRules.community_id, func.max(CommunityRules.valid_from).label("last"))
        .where(CommunityRules.community_id.in_(keys), CommunityRules.valid_from <= moment)
        .group_by(CommunityRules.community_id)
        .subquery()
    )
    query = select(CommunityRules).join(
        begun,
        (CommunityRules.community_id == begun.c.community_id)
        & (CommunityRules.valid_from == begun.c.last),
    )
    stored = {row.community_id: row.rules for row in await session.scalars(query)}
    return {key: read_rules(stored.get(key, {})) for key in keys}


async def load_abilities_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[Ability]]:
    """The skills and tools that these communities ask for, by code; they are no secret."""
    query = select(Ability).where(Ability.community_id.in_(keys)).order_by(Ability.code)
    found: dict[UUID, list[Ability]] = defaultdict(list)
    for row in await session.scalars(query.limit(MAX_LINES)):
        found[row.community_id].append(row)
    return found


async def load_abilities(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Ability]:
    """Skills and tools by key."""
    rows = await session.scalars(select(Ability).where(Ability.id.in_(keys)))
    return {row.id: row for row in rows}


async def lock_person(session: Session, person_id: UUID) -> Person | None:
    """A person with name, contacts and preferences, held until the transaction ends."""
    found: Person | None = await session.scalar(
        select(Person)
        .where(Person.id == person_id, Person.erased_at.is_(None))
        .options(
            selectinload(Person.name),
            selectinload(Person.contact_points),
            selectinload(Person.preferences),
            selectinload(Person.memberships),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


def _visible(actor: Actor, keys: list[UUID]) -> Select[Any]:
    return visible_to(actor).where(Person.id.in_(keys)).with_only_columns(Person.id)


def _contacts(*conditions: ColumnElement[bool]) -> Select[ContactPoint]:
    return (
        select(ContactPoint)
        .where(*conditions)
        .options(selectinload(ContactPoint.person).selectinload(Person.memberships))
        .order_by(ContactPoint.id)
        .limit(MAX_LINES)
    )


def _own_or_staff(actor: Actor, table: type[Consent] | type[VettingItem]) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    return or_(
        table.person_id == actor.person_id, table.community_id.in_(actor.staff_communities())
    )


def _of_guardian(actor: Actor) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    return or_(
        GuardianConsent.minor_id == actor.person_id,
        GuardianConsent.guardian_id == actor.person_id,
        GuardianConsent.community_id.in_(actor.staff_communities()),
    )


def _by(rows: Iterable[Row], key: Any) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
