"""Exact addresses leave the database here, and each time is written down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from people import directory_repository, policy, repository
from people.auth import Actor
from people.errors import AddressNotForYou
from people.models import Household, HouseholdAddress


@dataclass(frozen=True)
class ExactAddress:
    """Where a household is. For the person who asked; never for logs, URLs or exports."""

    address_text: str
    unit: str | None
    lon_deg: float
    lat_deg: float


async def read_address(
    session: Session, actor: Actor, household_id: UUID, *, now: datetime, reason: str = "asked"
) -> ExactAddress:
    """Show staff or the residents themselves an address. Records ``address.released``.

    ``reason`` is a code word: why they look.
    """
    found = await repository.find_address(session, household_id)
    own = await repository.lives_in(session, actor.person_id, household_id)
    if found is None or not policy.can_read_address(actor, found[0].community_id, lives_there=own):
        raise AddressNotForYou(f"The address of household {household_id} is not for you to see.")
    return await release_address(session, actor, household_id, now=now, reason=reason)


async def read_addresses(
    session: Session, actor: Actor, household_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, ExactAddress]:
    """Several addresses at once: those that the actor may see. Records each reading."""
    found = await directory_repository.load_addresses(session, household_ids)
    home = await directory_repository.find_home_of(session, actor.person_id)
    shown = {}
    for key, (household, address) in found.items():
        own = home == key
        if policy.can_read_address(actor, household.community_id, lives_there=own):
            _record(session, actor, household, now=now, reason="asked")
            shown[key] = _exact(address)
    return shown


async def release_address(
    session: Session, actor: Actor, household_id: UUID, *, now: datetime, reason: str
) -> ExactAddress:
    """Give out an address; the caller has checked that it may. Records ``address.released``."""
    found = await repository.find_address(session, household_id)
    if found is None:
        raise AddressNotForYou(f"The address of household {household_id} is not for you to see.")
    household, address = found
    _record(session, actor, household, now=now, reason=reason)
    return _exact(address)


def _exact(address: HouseholdAddress) -> ExactAddress:
    return ExactAddress(address.address_text, address.unit, address.lon_deg, address.lat_deg)


def _record(
    session: Session, actor: Actor, household: Household, *, now: datetime, reason: str
) -> None:
    record_event(
        session,
        "address.released",
        subject_type="household",
        subject_id=household.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=household.community_id,
        reason=reason,
    )
