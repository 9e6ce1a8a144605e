"""Is this address really theirs? One message asks, and an answer from there proves it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from core.db import Session
from core.i18n import choose_language
from messaging import repository
from messaging.kinds import Draft
from messaging.models import Message
from messaging.sending import queue_message
from messaging.templates import SITE_MARK, render
from people.kinds import Channel
from people.links import LinkTo, create_link
from people.models import ContactPoint

CONFIRM_CONTACT = "confirm_contact"
LINK_LIFE = timedelta(days=7)
MOST_ASKED = 3
ASKED_WITHIN = timedelta(days=30)
"""So often at most within this time, whoever types the address into forms and however often."""
FOLDER = Path(__file__).parent / "emails" / CONFIRM_CONTACT
ASKED = (Channel.EMAIL, Channel.SMS)


async def ask_to_confirm(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    *,
    now: datetime,
    only: Collection[str] | None = None,
) -> list[Message]:
    """Ask at each address and number that nobody has confirmed whether it is this person's.

    At most once a day for each, and three times in a month. A mail holds a link with a button; to a
    text one answers with any word. Until then nothing but answers goes there, unless consent came
    in a way that vouches for the contact. ``only`` are the addresses and numbers that were typed
    just now, when others of the person are not to be asked.
    """
    reach = await repository.find_reach(session, community_id, person_id)
    if reach is None:
        return []
    asked = []
    for contact in reach.contact_points:
        if contact.channel not in ASKED or contact.verified_at or contact.bounced_at:
            continue
        if only is not None and contact.value not in only:
            continue
        message = await _ask_once_a_day(session, reach, community_id, contact, now)
        if message is not None:
            asked.append(message)
    return asked


async def _ask_once_a_day(
    session: Session,
    reach: repository.Reach,
    community_id: UUID,
    contact: ContactPoint,
    now: datetime,
) -> Message | None:
    key = f"{CONFIRM_CONTACT}:{contact.id}:{now.date().isoformat()}"
    known = await repository.find_message_by_key(session, key)
    if known is not None:
        return known
    lately = await repository.count_to_contact(
        session, contact.id, CONFIRM_CONTACT, since=now - ASKED_WITHIN
    )
    if lately >= MOST_ASKED:
        return None
    link = LinkTo(
        action=CONFIRM_CONTACT,
        person_id=contact.person_id,
        subject_id=contact.id,
        expires_at=now + LINK_LIFE,
    )
    token = await create_link(session, link, now=now)
    language = choose_language(reach.preferences.languages if reach.preferences is not None else ())
    values = {"community": reach.community_name, "link": f"{SITE_MARK}/l/{token}"}
    draft = Draft(
        community_id=community_id,
        person_id=contact.person_id,
        kind=CONFIRM_CONTACT,
        key=key,
        purpose=None,
        words=render(FOLDER, language, values, time_zone=reach.time_zone),
        contact_point_id=contact.id,
        hurry=True,
        counts=False,
    )
    return await queue_message(session, draft, now=now)


async def confirm_contact(session: Session, contact_point_id: UUID, *, now: datetime) -> bool:
    """Note that the person answered from there; whether that was news.

    For whoever holds the link that went to this address. Nothing else is changed by it.
    """
    contact = await repository.find_contact_point(session, contact_point_id)
    if contact is None or contact.verified_at is not None:
        return False
    contact.verified_at = now
    return True
