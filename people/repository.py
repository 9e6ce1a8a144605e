"""The queries on communities and people. `visible_to` is the only way to a list of people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Select, delete, false, or_, select
from sqlalchemy.orm import selectinload

from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.errors import CommunityUnknown, PersonUnknown
from people.kinds import AbilityKind, Channel, Purpose, Role
from people.models import (
    Ability,
    Community,
    CommunityRules,
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
)
from people.rules import Rules, read_rules

PAGE_SIZE = 100
MAX_COMMUNITIES = 500
MAX_LEDGER = 1_000
MAX_RULES = 100
MAX_ABILITIES = 62
"""The optimiser keeps abilities as bits of one whole number."""


async def find_community(session: Session, slug: str) -> Community | None:
    """The community with this short name, or None."""
    found: Community | None = await session.scalar(
        select(Community).where(Community.slug == slug.strip().lower())
    )
    return found


async def get_community(session: Session, slug: str) -> Community:
    """The community with this short name."""
    found = await find_community(session, slug)
    if found is None:
        known = ", ".join(row.slug for row in await list_communities(session)) or (
            "none yet (open one with `talkoot community open`)"
        )
        raise CommunityUnknown(f"No community is called {slug!r}; there are: {known}.")
    return found


async def list_communities(session: Session) -> list[Community]:
    """Every community, by short name."""
    query = select(Community).order_by(Community.slug).limit(MAX_COMMUNITIES)
    return list(await session.scalars(query))


async def read_rules_at(session: Session, community_id: UUID, moment: datetime) -> Rules:
    """The rules that hold at a moment; the defaults when none were ever set."""
    stored = await session.scalar(
        select(CommunityRules.rules)
        .where(CommunityRules.community_id == community_id, CommunityRules.valid_from <= moment)
        .order_by(CommunityRules.valid_from.desc())
        .limit(1)
    )
    return read_rules(stored or {})


async def list_rules(session: Session, actor: Actor, community_id: UUID) -> list[CommunityRules]:
    """The rules of a community in the order in which they hold, the latest first; for its staff."""
    if not actor.is_staff(community_id):
        return []
    query = (
        select(CommunityRules)
        .where(CommunityRules.community_id == community_id)
        .order_by(CommunityRules.valid_from.desc())
        .limit(MAX_RULES)
    )
    return list(await session.scalars(query))


async def drop_rules_from(session: Session, community_id: UUID, moment: datetime) -> None:
    """Make room for other rules that begin at the very same moment."""
    await session.execute(
        delete(CommunityRules).where(
            CommunityRules.community_id == community_id, CommunityRules.valid_from == moment
        )
    )


async def load_actor(session: Session, person_id: UUID) -> Actor:
    """The person as an actor, with the roles that have not ended."""
    known = await session.scalar(
        select(Person.id).where(Person.id == person_id, Person.erased_at.is_(None))
    )
    if known is None:
        raise PersonUnknown(f"There is no person with id {person_id}.")
    rows = await session.execute(
        select(Membership.community_id, Membership.role).where(
            Membership.person_id == person_id, Membership.ended_at.is_(None)
        )
    )
    roles: dict[UUID, set[Role]] = {}
    for community_id, role in rows:
        roles.setdefault(community_id, set()).add(role)
    return Actor(
        person_id=person_id,
        roles=MappingProxyType({key: frozenset(names) for key, names in roles.items()}),
    )


def visible_to(actor: Actor) -> Select[Person]:
    """The people whom the actor may see: themselves, and for staff those of their communities."""
    query = select(Person).where(Person.erased_at.is_(None))
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    members = select(Membership.person_id).where(
        Membership.community_id.in_(actor.staff_communities())
    )
    return query.where(or_(Person.id == actor.person_id, Person.id.in_(members)))


async def list_people(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    after: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> list[Person]:
    """One page of the people of a community whom the actor may see, by id."""
    belongs = select(Membership.person_id).where(Membership.community_id == community_id)
    query = visible_to(actor).where(Person.id.in_(belongs)).order_by(Person.id)
    if after is not None:
        query = query.where(Person.id > after)
    return list(await session.scalars(query.limit(min(limit, PAGE_SIZE))))


async def get_person(session: Session, actor: Actor, person_id: UUID) -> Person:
    """One person with name and contact points; unknown and hidden answer alike."""
    query = (
        visible_to(actor)
        .where(Person.id == person_id)
        .options(
            selectinload(Person.name),
            selectinload(Person.contact_points),
            selectinload(Person.preferences),
        )
    )
    found: Person | None = await session.scalar(query)
    if found is None:
        raise PersonUnknown(f"There is no person with id {person_id}.")
    return found


async def find_people_by_contact(
    session: Session, channel: Channel, value: str
) -> Sequence[Person]:
    """Those who are reached at a normalised address or number: at most ten share one."""
    query = (
        select(Person)
        .join(ContactPoint, ContactPoint.person_id == Person.id)
        .where(ContactPoint.channel == channel, ContactPoint.value == value)
        .order_by(Person.id)
        .limit(10)
    )
    return (await session.scalars(query)).all()


async def find_address(
    session: Session, household_id: UUID
) -> tuple[Household, HouseholdAddress] | None:
    """A household and where it is; only `people.disclosure` may pass this on."""
    row = (
        await session.execute(
            select(Household, HouseholdAddress)
            .join(HouseholdAddress, HouseholdAddress.household_id == Household.id)
            .where(Household.id == household_id)
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def lives_in(session: Session, person_id: UUID | None, household_id: UUID) -> bool:
    """Whether this is the person's own household."""
    if person_id is None:
        return False
    found = await session.scalar(
        select(Person.id).where(Person.id == person_id, Person.household_id == household_id)
    )
    return found is not None


async def find_consent(
    session: Session,
    person_id: UUID,
    purpose: Purpose,
    channel: Channel | None = None,
    *,
    community_id: UUID,
) -> Consent | None:
    """The consent that holds in a community, as the last line of its ledger says; None without.

    A line without a channel covers every channel. What was said to one community is nothing to
    another one.
    """
    last = await session.scalar(
        _ledger(person_id, purpose, channel).where(Consent.community_id == community_id).limit(1)
    )
    return last if last is not None and last.granted else None


async def find_consents(
    session: Session,
    person_id: UUID,
    purpose: Purpose,
    channels: Collection[Channel],
    *,
    community_id: UUID,
) -> dict[Channel, Consent | None]:
    """What `find_consent` says for each of these channels, in one statement."""
    covers = or_(Consent.channel.is_(None), Consent.channel.in_(channels))
    query = (
        select(Consent)
        .where(Consent.person_id == person_id, Consent.purpose == purpose, covers)
        .where(Consent.community_id == community_id)
        .order_by(Consent.recorded_at.desc(), Consent.id.desc())
        .limit(MAX_LEDGER)
    )
    last: dict[Channel, Consent] = {}
    lines = list(await session.scalars(query))
    for line in lines:
        for channel in channels if line.channel is None else (line.channel,):
            last.setdefault(channel, line)
    found = {channel: line if line.granted else None for channel, line in last.items()}
    for channel in channels:
        if channel not in found:
            # A ledger longer than a page may say more about this channel.
            found[channel] = (
                None
                if len(lines) < MAX_LEDGER
                else await find_consent(
                    session, person_id, purpose, channel, community_id=community_id
                )
            )
    return found


async def list_last_consents(
    session: Session, person_id: UUID, purpose: Purpose, channel: Channel | None
) -> list[Consent]:
    """What was last said on a purpose in each community, given or withdrawn."""
    last: dict[UUID, Consent] = {}
    query = _ledger(person_id, purpose, channel).limit(MAX_LEDGER)
    for line in await session.scalars(query):
        last.setdefault(line.community_id, line)
    return list(last.values())


def _ledger(person_id: UUID, purpose: Purpose, channel: Channel | None) -> Select[Consent]:
    """Lines that cover a channel, the newest first."""
    return (
        select(Consent)
        .where(Consent.person_id == person_id, Consent.purpose == purpose)
        .where(or_(Consent.channel.is_(None), Consent.channel == channel))
        .order_by(Consent.recorded_at.desc(), Consent.id.desc())
    )


async def list_abilities(session: Session, community_id: UUID) -> list[Ability]:
    """The skills and tools of a community, by code."""
    query = (
        select(Ability)
        .where(Ability.community_id == community_id)
        .order_by(Ability.code)
        .limit(MAX_ABILITIES)
    )
    return list(await session.scalars(query))


async def ensure_abilities(
    session: Session, community_id: UUID, wanted: Iterable[tuple[AbilityKind, str, str]]
) -> dict[str, Ability]:
    """The catalogue by code, with (kind, code, label) added where the code is new."""
    known = {row.code: row for row in await list_abilities(session, community_id)}
    for kind, code, label in wanted:
        if code not in known:
            row = Ability(community_id=community_id, kind=kind, code=code, label=label)
            session.add(row)
            known[code] = row
    await session.flush()
    return known


def list_all_communities() -> Listing[Community]:
    """Every community, by name: that a programme exists is no secret."""
    return Listing(
        select(Community),
        key=SortKey("id", Community.id),
        sort=(SortKey("slug", Community.slug),),
    )


async def load_communities(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, Community]:
    """Communities by key."""
    rows = await session.scalars(select(Community).where(Community.id.in_(keys)))
    return {row.id: row for row in rows}
