"""Saying yes or no to messages of a kind, and taking back what waits after a no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from messaging import repository
from messaging.kinds import Suppressed
from people import policy
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.errors import InvalidConsent, PersonUnknown
from people.kinds import Channel, Purpose
from people.models import Consent
from people.safeguards_repository import belongs_to

FORM = "form"
PHONE = "phone"
VERSION_LENGTH = 50


@dataclass(frozen=True)
class StateConsent:
    """What somebody agrees to, or no more.

    Parameters
    ----------
    channel
        None covers every channel.
    text_version
        Which wording the person read or heard.
    """

    community_id: UUID
    person_id: UUID
    purpose: Purpose
    granted: bool
    text_version: str
    channel: Channel | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.text_version.strip()) <= VERSION_LENGTH:
            raise InvalidConsent(
                f"Say in at most {VERSION_LENGTH} characters which wording was agreed to."
            )


async def state_consent(
    session: Session, actor: Actor, command: StateConsent, *, now: datetime
) -> Consent:
    """Write down what a person says, or what staff were told; it holds at once.

    After a no, messages that wait for this purpose and channel are taken back. What staff were
    told vouches for the contact, what was typed into a form does not. Saying the same again adds a
    line. Records ``consent.granted`` or ``consent.withdrawn``.

    Raises
    ------
    PersonUnknown
        When the person does not belong to the community, or is not for this actor.
    """
    allowed = policy.can_record_consent(actor, command.person_id, command.community_id)
    if not allowed or not await belongs_to(session, command.person_id, command.community_id):
        raise PersonUnknown(f"There is no person with id {command.person_id}.")
    line = await record_consent(
        session,
        actor,
        RecordConsent(
            person_id=command.person_id,
            community_id=command.community_id,
            purpose=command.purpose,
            granted=command.granted,
            text_version=command.text_version.strip(),
            source=FORM if actor.person_id == command.person_id else PHONE,
            channel=command.channel,
        ),
        now=now,
    )
    if not command.granted:
        await repository.take_back_about(
            session,
            Suppressed.STOPPED,
            person_id=command.person_id,
            channel=command.channel,
            purposes=[command.purpose],
            community_id=command.community_id,
        )
    return line
