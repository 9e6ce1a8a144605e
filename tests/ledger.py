"""The ledger of consents as tests look at it, whichever community was spoken to."""

from __future__ import annotations

from uuid import UUID

from core.db import Session
from people.kinds import Channel, Purpose
from people.models import Consent
from people.repository import list_last_consents


async def find_consent(
    session: Session, person_id: UUID, purpose: Purpose, channel: Channel | None = None
) -> Consent | None:
    """A consent that holds in some community."""
    lines = await list_last_consents(session, person_id, purpose, channel)
    return next((line for line in lines if line.granted), None)
