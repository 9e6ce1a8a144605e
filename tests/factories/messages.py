"""Plain functions that make people reachable and drafts to send to them."""

from __future__ import annotations

from itertools import count
from typing import Any

from core.db import Session
from core.ids import new_id
from messaging.kinds import Draft, Words
from people.kinds import Channel, Purpose, Role
from people.models import Community, Consent, ContactPoint, Person
from tests.factories.people import LONG_AGO, add_person

NUMBERS = count()
"""No two people of a test have the same number."""
WORDS = Words(
    subject="Snow near you: can you help?",
    text="Two homes near you need help.\n\nOpen your list: http://localhost:8000/l/token",
    html="<html><body><p>Two homes near you need help.</p></body></html>",
    short="Snow near you. Answer YES K7 or NO K7.",
)


async def add_contact(
    session: Session,
    person: Person,
    channel: Channel = Channel.EMAIL,
    value: str | None = None,
    *,
    verified: bool = True,
    preferred: bool = False,
) -> ContactPoint:
    tail = new_id().hex
    given = value or (
        f"synthetic-{tail[-12:]}@mail.example"
        if channel is Channel.EMAIL
        else f"+1617555{next(NUMBERS) % 10_000:04d}"
    )
    contact = ContactPoint(
        person_id=person.id,
        channel=channel,
        value=given,
        preferred=preferred,
        verified_at=LONG_AGO if verified else None,
    )
    session.add(contact)
    await session.flush()
    return contact


async def give_consent(
    session: Session,
    community: Community,
    person: Person,
    purpose: Purpose = Purpose.OFFERS,
    *,
    channel: Channel | None = None,
    granted: bool = True,
    source: str = "form",
    recorded_at: Any = LONG_AGO,
) -> Consent:
    line = Consent(
        person_id=person.id,
        community_id=community.id,
        purpose=purpose,
        channel=channel,
        text_version="2025-11",
        granted=granted,
        recorded_by=person.id,
        recorded_at=recorded_at,
        source=source,
    )
    session.add(line)
    await session.flush()
    return line


async def add_reachable(
    session: Session,
    community: Community,
    *channels: Channel,
    role: Role = Role.VOLUNTEER,
    purpose: Purpose = Purpose.OFFERS,
    languages: tuple[str, ...] = ("en",),
) -> Person:
    """A person with verified contact points on these channels (mail) and consent."""
    person = await add_person(session, community, role=role, languages=languages)
    for channel in channels or (Channel.EMAIL,):
        await add_contact(session, person, channel)
    await give_consent(session, community, person, purpose)
    return person


def make_draft(community: Community, person: Person, **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "community_id": community.id,
        "person_id": person.id,
        "kind": "offer",
        "key": f"offer:{new_id()}",
        "purpose": Purpose.OFFERS,
        "words": WORDS,
    }
    return Draft(**(values | changes))
