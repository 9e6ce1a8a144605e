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
from people.repository import list_last_consents

STOP = "stop"
START = "start"


async def stop_all(
    session: Session, person_id: UUID, channel: Channel, *, now: datetime
) -> list[Purpose]:
    """Withdraw every consent on a channel, in every community, and send nothing that waits there.

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
    community_id: UUID | None = None,
) -> list[Purpose]:
    """Withdraw these consents on a channel, and take back what waits there for them.

    In one community, or in every one that the person agreed to something with.
    """
    wanted = tuple(purposes)
    stopped = []
    for purpose in wanted:
        lines = await list_last_consents(session, person_id, purpose, channel)
        held = [
            line for line in lines if line.granted and community_id in (None, line.community_id)
        ]
        for line in held:
            await _write(session, line, channel, granted=False, source=source, now=now)
        stopped += [purpose] if held else []
    await repository.take_back_about(
        session,
        Suppressed.STOPPED,
        person_id=person_id,
        channel=channel,
        purposes=wanted,
        community_id=community_id,
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
        lines = await list_last_consents(session, person_id, purpose, channel)
        stopped = [line for line in lines if not line.granted and line.source == STOP]
        for line in stopped:
            await _write(session, line, channel, granted=True, source=START, now=now)
        opened += [purpose] if stopped else []
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
