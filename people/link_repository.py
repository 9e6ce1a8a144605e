"""The queries on links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, select

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


async def load_home_and_languages(
    session: Session, person_id: UUID
) -> tuple[Community | None, list[str]]:
    """The community of a person's newest membership, and their languages, the best first."""
    query = (
        select(Community, Preferences.languages)
        .select_from(Person)
        .outerjoin(Preferences, Preferences.person_id == Person.id)
        .outerjoin(
            Membership, and_(Membership.person_id == Person.id, Membership.ended_at.is_(None))
        )
        .outerjoin(Community, Community.id == Membership.community_id)
        .where(Person.id == person_id)
        .order_by(Membership.since.desc(), Membership.id.desc())
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return (None, []) if found is None else (found[0], list(found[1] or []))
