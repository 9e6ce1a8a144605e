"""Links in messages: whoever holds one may do one thing for one person, until it expires.

Following a link shows a page and changes nothing: mail scanners follow every link before people
do. What changes something is a button on that page.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from people import link_repository
from people.errors import InvalidLink, LinkExpired, LinkUnknown
from people.link_models import ACTION_LENGTH, Link

TOKEN_BYTES = 16
"""128 bits: nobody guesses it, and it still fits into a text message."""

_ACTION = re.compile(r"[a-z][a-z0-9_]*")
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{22,64}")


@dataclass(frozen=True, kw_only=True)
class LinkTo:
    """What a link is for: one action, of one person, about one thing, for some time."""

    action: str
    person_id: UUID
    subject_id: UUID
    expires_at: datetime

    def __post_init__(self) -> None:
        if not _ACTION.fullmatch(self.action) or len(self.action) > ACTION_LENGTH:
            raise InvalidLink("The action of a link is a code word, such as 'answer_offer'.")


async def create_link(session: Session, link: LinkTo, *, now: datetime) -> str:
    """A new token; the page is at ``{public_url}/l/{token}``. Only its digest is stored.

    Raises
    ------
    InvalidLink
        When it would be expired from the start.
    """
    if link.expires_at <= now:
        raise InvalidLink("A link must expire later than now.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Link(
            token_digest=digest_token(token),
            action=link.action,
            person_id=link.person_id,
            subject_id=link.subject_id,
            created_at=now,
            expires_at=link.expires_at,
        )
    )
    await session.flush()
    return token


async def resolve_link(session: Session, token: str, *, now: datetime) -> LinkTo:
    """What a token is for. Changes nothing, so it may be called as often as one likes.

    Raises
    ------
    LinkUnknown
        When there is none such, or its person was erased.
    LinkExpired
        When its time is over.
    """
    found = None
    if _TOKEN.fullmatch(token):
        found = await link_repository.find_link(session, digest_token(token))
    if found is None:
        raise LinkUnknown("This link opens nothing. Use the newest message that we sent you.")
    if found.expires_at <= now:
        raise LinkExpired("This link is too old. Use the newest message that we sent you.")
    return LinkTo(
        action=found.action,
        person_id=found.person_id,
        subject_id=found.subject_id,
        expires_at=found.expires_at,
    )


async def delete_old_links(session: Session, *, now: datetime) -> int:
    """Remove one page of links whose time is over; how many."""
    return await link_repository.delete_links(session, expired_before=now)


async def revoke_links(session: Session, person_id: UUID) -> int:
    """End the links of one person; at most one page of them, and how many."""
    return await link_repository.delete_links(session, person_id=person_id)


def digest_token(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
