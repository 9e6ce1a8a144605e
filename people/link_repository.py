"""The queries on links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from core.db import Session
from people.link_models import Link
from people.models import Community, Membership, Person, Preferences

DELETE_PAGE = 1_000


async def find_link(session: Session, token_digest: str) -> Link | None:
    """The link with this digest, unless its person was erased."""
    found: Link | None = await session.scalar(
        select(Link)
        .join(Person, Person.id == Link.person_id)
        .where(Link.token_digest == token_digest, Person.erased_at.is_(None))
    )
    return found


async def delete_links(
    session: Session, *, expired_before: datetime | None = None, person_id: UUID | None = None
) -> int:
    """Remove one page of old links, or those of one person; how many."""
    keys = select(Link.id).limit(DELETE_PAGE)
    if expired_before is not None:
        keys = keys.where(Link.expires_at < expired_before)
    if person_id is not None:
        keys = keys.where(Link.person_id == person_id)
    result = await session.execute(delete(Link).where(Link.id.in_(keys)).returning(Link.id))
    return len(result.all())


async def find_home_community(session: Session, person_id: UUID) -> Community | None:
    """The community that a person belongs to, the newest membership first."""
    found: Community | None = await session.scalar(
        select(Community)
        .join(Membership, Membership.community_id == Community.id)
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
        .order_by(Membership.since.desc(), Membership.id.desc())
        .limit(1)
    )
    return found


async def load_languages(session: Session, person_id: UUID) -> list[str]:
    """The languages of a person, the most comfortable first."""
    found = await session.scalar(
        select(Preferences.languages).where(Preferences.person_id == person_id)
    )
    return list(found or [])
