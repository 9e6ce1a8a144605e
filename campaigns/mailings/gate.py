"""The last word on a mailing's message, in the moment of sending."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.mailings import repository
from campaigns.mailings.kinds import MailingStatus
from campaigns.mailings.turns import STORM_REST
from core.db import Session
from matching.storms.repository import find_active_storm
from messaging.kinds import Suppressed
from messaging.models import Message

PAUSE_REST = timedelta(minutes=30)
"""Going on brings forward what waits; this is for what escapes it."""


async def ask_mailing(
    session: Session, message: Message, now: datetime
) -> datetime | Suppressed | None:
    """Hold what is paused, keep back what was called off, give way to a storm."""
    if message.subject_id is None:
        return None
    mailing = await repository.find_mailing(session, message.subject_id)
    if mailing is None or mailing.status is MailingStatus.CANCELLED:
        return Suppressed.NO_LONGER_TRUE
    if mailing.status is MailingStatus.PAUSED:
        return now + PAUSE_REST
    if mailing.despite_storm or await find_active_storm(session, mailing.community_id) is None:
        return None
    return now + STORM_REST
