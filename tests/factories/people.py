"""Plain functions that put people into a database, with sensible values for what a test omits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from core.db import Session
from core.ids import new_id
from people.auth import Actor
from people.kinds import AbilityKind, Channel, PlaceKind, Precision, Role
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

LONG_AGO = datetime(2025, 11, 1, tzinfo=UTC)
CELL = 0x8928308280FFFFF


async def add_community(session: Session, slug: str = "cambridge") -> Community:
    community = Community(
        slug=slug,
        name=slug.title(),
        time_zone="America/New_York",
        city_pack="cambridge",
        utm_epsg=32619,
        created_at=LONG_AGO,
    )
    session.add(community)
    await session.flush()
    return community


async def add_household(
    session: Session,
    community: Community,
    *,
    lon_deg: float = -71.1106,
    lat_deg: float = 42.3736,
    kind: PlaceKind = PlaceKind.HOME,
    area: str = "Riverside",
) -> Household:
    household = Household(
        community_id=community.id,
        kind=kind,
        cell=CELL,
        area=area,
        precision=Precision.ROOFTOP,
        created_at=LONG_AGO,
        address=HouseholdAddress(
            address_text="17 Imaginary Street", lon_deg=lon_deg, lat_deg=lat_deg
        ),
    )
    session.add(household)
    await session.flush()
    return household


async def add_person(
    session: Session,
    community: Community,
    *,
    role: Role = Role.RESIDENT,
    household: Household | None = None,
    languages: Sequence[str] = ("en",),
    email: str | None = None,
) -> Person:
    name = f"Synthetic Person {new_id().hex[-6:]}"
    person = Person(
        household_id=None if household is None else household.id,
        is_synthetic=True,
        created_at=LONG_AGO,
        name=PersonName(full_name=name),
        preferences=Preferences(languages=list(languages)),
        memberships=[Membership(community_id=community.id, role=role, since=LONG_AGO)],
    )
    if email is not None:
        person.contact_points = [ContactPoint(channel=Channel.EMAIL, value=email)]
    session.add(person)
    await session.flush()
    return person


async def add_ability(
    session: Session, community: Community, code: str, kind: AbilityKind = AbilityKind.TOOL
) -> Ability:
    ability = Ability(community_id=community.id, kind=kind, code=code, label=code)
    session.add(ability)
    await session.flush()
    return ability


async def give_ability(session: Session, person: Person, ability: Ability) -> None:
    session.add(PersonAbility(person_id=person.id, ability_id=ability.id))
    await session.flush()


def actor_as(role: Role, community_id: UUID, person_id: UUID | None = None) -> Actor:
    """An actor with one role in one community."""
    return Actor(person_id=person_id or new_id(), roles={community_id: frozenset({role})})
