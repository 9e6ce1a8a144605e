"""The queries on vetting items, minors and guardians' consents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from core.db import Session
from people.kinds import VettingStatus
from people.models import Membership
from people.safeguard_models import GuardianConsent, Minor, VettingItem

KEYS_PER_QUERY = 500
PAGE_SIZE = 100


def _batches(keys: Collection[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        yield ordered[start : start + KEYS_PER_QUERY]


async def load_vetting(
    session: Session, community_id: UUID, person_ids: Collection[UUID]
) -> dict[UUID, list[VettingItem]]:
    """Every line on these people in one community, oldest first."""
    found: dict[UUID, list[VettingItem]] = defaultdict(list)
    for keys in _batches(person_ids):
        query = (
            select(VettingItem)
            .where(VettingItem.community_id == community_id, VettingItem.person_id.in_(keys))
            .order_by(VettingItem.recorded_at, VettingItem.id)
        )
        for item in await session.scalars(query):
            found[item.person_id].append(item)
    return found


async def load_minors(session: Session, person_ids: Collection[UUID]) -> dict[UUID, Minor]:
    """Those of these people who said to be under 18."""
    found: dict[UUID, Minor] = {}
    for keys in _batches(person_ids):
        for row in await session.scalars(select(Minor).where(Minor.person_id.in_(keys))):
            found[row.person_id] = row
    return found


async def load_guardian_consents(
    session: Session, community_id: UUID, minor_ids: Collection[UUID]
) -> dict[UUID, list[GuardianConsent]]:
    """Consents for these minors that were not taken back, oldest first."""
    found: dict[UUID, list[GuardianConsent]] = defaultdict(list)
    for keys in _batches(minor_ids):
        query = (
            select(GuardianConsent)
            .where(
                GuardianConsent.community_id == community_id,
                GuardianConsent.minor_id.in_(keys),
                GuardianConsent.withdrawn_at.is_(None),
            )
            .order_by(GuardianConsent.granted_at, GuardianConsent.id)
        )
        for row in await session.scalars(query):
            found[row.minor_id].append(row)
    return found


async def list_ending(
    session: Session, community_id: UUID, *, after: datetime, before: datetime
) -> list[VettingItem]:
    """Passed checks that end between two moments and of which nobody was told, at most a page.

    A later line of the same check does not count here: the caller looks at all lines of a person.
    """
    query = (
        select(VettingItem)
        .where(
            VettingItem.community_id == community_id,
            VettingItem.status == VettingStatus.PASSED,
            VettingItem.reminded_at.is_(None),
            VettingItem.valid_until > after,
            VettingItem.valid_until <= before,
        )
        .order_by(VettingItem.valid_until, VettingItem.id)
        .limit(PAGE_SIZE)
    )
    return list(await session.scalars(query))


async def mark_reminded(session: Session, item_id: UUID, now: datetime) -> bool:
    """Note that the person was told; False when somebody else was faster."""
    result = await session.execute(
        update(VettingItem)
        .where(VettingItem.id == item_id, VettingItem.reminded_at.is_(None))
        .values(reminded_at=now)
        .execution_options(synchronize_session="fetch")
        .returning(VettingItem.id)
    )
    return result.first() is not None


async def get_minor(session: Session, person_id: UUID) -> Minor | None:
    """What a person said about being under 18, or None."""
    return await session.get(Minor, person_id)


async def belongs_to(session: Session, person_id: UUID, community_id: UUID) -> bool:
    """Whether somebody has a role in a community now."""
    query = select(func.count()).where(
        Membership.person_id == person_id,
        Membership.community_id == community_id,
        Membership.ended_at.is_(None),
    )
    return bool(await session.scalar(query))
