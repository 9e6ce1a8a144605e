"""The consent ledger: what people agreed to, and when they changed their mind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people import policy
from people.auth import Actor
from people.interests.repository import delete_facts
from people.kinds import Channel, Purpose
from people.models import Consent
from people.repository import find_consent


@dataclass(frozen=True)
class RecordConsent:
    """One line of the ledger."""

    person_id: UUID
    community_id: UUID
    purpose: Purpose
    granted: bool
    text_version: str
    source: str
    channel: Channel | None = None
    """None covers every channel."""


async def record_consent(
    session: Session, actor: Actor, command: RecordConsent, *, now: datetime
) -> Consent:
    """Write down a consent or its withdrawal, which holds at once.

    With the last consent to campaigns go the facts of the household that it let us keep.
    Records ``consent.granted`` or ``consent.withdrawn``.
    """
    if not policy.can_record_consent(actor, command.person_id, command.community_id):
        raise NotPermitted("Only the person or staff of the community may record a consent.")
    line = Consent(
        person_id=command.person_id,
        community_id=command.community_id,
        purpose=command.purpose,
        channel=command.channel,
        text_version=command.text_version,
        granted=command.granted,
        recorded_by=actor.person_id,
        recorded_at=now,
        source=command.source,
    )
    session.add(line)
    await session.flush()
    record_event(
        session,
        "consent.granted" if command.granted else "consent.withdrawn",
        subject_type="person",
        subject_id=command.person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
        purpose=command.purpose.value,
        channel=None if command.channel is None else command.channel.value,
    )
    if not command.granted and command.purpose is Purpose.CAMPAIGNS:
        await _forget_facts(session, command)
    return line


async def _forget_facts(session: Session, command: RecordConsent) -> None:
    """Without any consent to campaigns nothing is kept of who lives in a home."""
    for channel in Channel:
        held = await find_consent(
            session,
            command.person_id,
            Purpose.CAMPAIGNS,
            channel,
            community_id=command.community_id,
        )
        if held is not None:
            return
    await delete_facts(session, command.person_id, community_id=command.community_id)


def find_holding(lines: Iterable[Consent]) -> list[Consent]:
    """The lines of one person's ledger that still say something; ``lines`` oldest first.

    For each purpose in a community the last line for every channel, and the later ones for one.
    """
    last: dict[tuple[UUID, Purpose, Channel | None], Consent] = {}
    for line in lines:
        if line.channel is None:
            for channel in Channel:
                last.pop((line.community_id, line.purpose, channel), None)
        last[line.community_id, line.purpose, line.channel] = line
    return list(last.values())
