"""With a message that goes out, the browsers of its person are nudged.

A notice never stands for a message. Push services say that they took it, not that it came: a
phone may be off for days, or in a drawer. So mail and text messages go as they do without it, and
consent, budget, quiet hours, gates and the record of what was sent are those of the message.
"""

from __future__ import annotations

from datetime import datetime

from core.db import Session
from core.jobs import NewJob, enqueue
from core.settings import Settings
from messaging.kinds import PROACTIVE
from messaging.models import Message
from people.push_repository import list_of

PUSH = "messaging.push"


async def nudge(session: Session, message: Message, settings: Settings, *, now: datetime) -> int:
    """Have a notice go to each browser of the person; to how many.

    For a message that is handed to its carrier for the first time. What nobody waits for, such as
    news of a campaign, does not buzz; what goes to one address or nowhere asks something there.
    """
    if (
        settings.push_key is None
        or message.attempts != 1
        or message.pinned
        or message.purpose in PROACTIVE
    ):
        return 0
    browsers = await list_of(session, message.person_id)
    for row in browsers:
        await enqueue(
            session,
            NewJob(
                name=PUSH,
                args={"message_id": str(message.id), "subscription_id": str(row.id), "attempt": 1},
                key=f"push:{message.id}:{row.id}:1",
                now=now,
            ),
        )
    return len(browsers)
