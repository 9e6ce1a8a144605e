"""The queries on previews: what was shown before, and what a sample needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from campaigns.audiences.models import PreviewLook, PreviewSalt
from core.db import Session
from people.models import Community, PersonName

MAX_LOOKS = 500
FORGET_PAGE = 1_000


async def lock_salt(session: Session, community_id: UUID) -> PreviewSalt | None:
    """The secret of a community. One preview of a community is made after the other."""
    await session.execute(
        select(Community.id).where(Community.id == community_id).with_for_update(key_share=True)
    )
    return await session.get(PreviewSalt, community_id)


async def count_looks(session: Session, person_id: UUID, since: datetime) -> int:
    """How often somebody looked since a moment."""
    query = select(func.count()).where(
        PreviewLook.person_id == person_id, PreviewLook.looked_at > since
    )
    return int(await session.scalar(query) or 0)


async def list_shown(session: Session, community_id: UUID) -> list[PreviewLook]:
    """The latest looks with figures of their own, oldest first."""
    query = (
        select(PreviewLook)
        .where(PreviewLook.community_id == community_id, PreviewLook.sketch.is_not(None))
        .order_by(PreviewLook.looked_at.desc(), PreviewLook.id.desc())
        .limit(MAX_LOOKS)
    )
    return list(reversed(list(await session.scalars(query))))


async def load_names(session: Session, person_ids: Collection[UUID]) -> dict[UUID, PersonName]:
    """What people are called; at most a sample of them."""
    rows = await session.scalars(select(PersonName).where(PersonName.person_id.in_(person_ids)))
    return {row.person_id: row for row in rows}


async def delete_looks(session: Session, before: datetime) -> int:
    """Remove one page of old looks; how many."""
    keys = select(PreviewLook.id).where(PreviewLook.looked_at < before).limit(FORGET_PAGE)
    rows = await session.execute(
        delete(PreviewLook).where(PreviewLook.id.in_(keys)).returning(PreviewLook.id)
    )
    return len(rows.all())


async def forget_looker(session: Session, person_id: UUID) -> None:
    """Keep what was shown, and forget to whom."""
    await session.execute(
        update(PreviewLook).where(PreviewLook.person_id == person_id).values(person_id=None)
    )


async def list_looks_of(session: Session, person_id: UUID) -> list[datetime]:
    """When somebody looked at previews."""
    query = (
        select(PreviewLook.looked_at)
        .where(PreviewLook.person_id == person_id)
        .order_by(PreviewLook.id)
        .limit(FORGET_PAGE)
    )
    return list(await session.scalars(query))
