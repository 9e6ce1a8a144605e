"""STOP and START: consent is withdrawn and what waits is taken back in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.db import Session
from messaging import repository
from messaging.kinds import Suppressed
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Channel, Purpose
from people.models import Consent
from people.repository import find_consent

STOP = "stop"
START = "start"


async def stop_all(
    session: Session, person_id: UUID, channel: Channel, *, now: datetime
) -> list[Purpose]:
    """Withdraw every consent on a channel and send nothing that still waits there.

    The purposes that were stopped; none when there was nothing to stop. Other channels go on.
    Records ``consent.withdrawn`` for each purpose.
    """
    return await withdraw(session, person_id, Purpose, channel, source=STOP, now=now)


async def withdraw(
    session: Session,
    person_id: UUID,
    purposes: Iterable[Purpose],
    channel: Channel,
    *,
    source: str,
    now: datetime,
) -> list[Purpose]:
    """Withdraw these consents on a channel, and take back what waits there for them."""
    wanted = tuple(purposes)
    stopped = []
    for purpose in wanted:
        held = await find_consent(session, person_id, purpose, channel)
        if held is not None:
            await _write(session, held, channel, granted=False, source=source, now=now)
            stopped.append(purpose)
    await repository.take_back_about(
        session,
        Suppressed.STOPPED,
        person_id=person_id,
        channel=channel,
        purposes=wanted,
    )
    return stopped


async def start_again(
    session: Session, person_id: UUID, channel: Channel, *, now: datetime
) -> list[Purpose]:
    """Open again what `stop_all` closed on this channel, and nothing else.

    A consent that was withdrawn in another way, before or since, stays withdrawn. Records
    ``consent.granted`` for each purpose.
    """
    opened = []
    for purpose in Purpose:
        last = await repository.find_last_line(session, person_id, purpose, channel)
        if last is not None and not last.granted and last.source == STOP:
            await _write(session, last, channel, granted=True, source=START, now=now)
            opened.append(purpose)
    return opened


async def _write(
    session: Session,
    line: Consent,
    channel: Channel,
    *,
    granted: bool,
    source: str,
    now: datetime,
) -> None:
    command = RecordConsent(
        person_id=line.person_id,
        community_id=line.community_id,
        purpose=line.purpose,
        granted=granted,
        text_version=line.text_version,
        source=source,
        channel=channel,
    )
    await record_consent(session, Actor(person_id=line.person_id), command, now=now)
