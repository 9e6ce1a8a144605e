"""When a message that was not taken is tried again. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

SOON_S = 60.0
MOST_S = 2 * 3_600.0
GIVE_UP_AFTER_S = 2 * 3_600.0
MIN_ATTEMPTS = 6
OUTAGE_FIRST_S = 10.0
OUTAGE_MOST_S = 60.0
LONG_OUTAGE_S = 3_600.0
LONG_OUTAGE_MOST_S = 300.0
OUTAGE_GIVE_UP_AFTER_S = 24 * 3_600.0
JITTER_SHARE = 0.2


def next_try(
    message_id: UUID, *, first_tried_at: datetime, now: datetime, attempts: int, outage: bool
) -> datetime | None:
    """When to try again; None when it is time to give up.

    A refused message (4xx) rests twice as long as it has waited so far, at least a minute: about
    1, 3, 9, 27 and 81 minutes after the first try, and a last time about two hours later. When the
    carrier itself cannot be reached, nothing is wrong with the message: it is tried at most 72
    seconds apart in the first hour, so that everything is out soon after the carrier is back, then
    every six minutes at most for a day. Up to a fifth is added or taken off, so that messages that
    failed together come back apart.
    """
    waited_s = max(0.0, (now - first_tried_at).total_seconds())
    if outage:
        if waited_s >= OUTAGE_GIVE_UP_AFTER_S:
            return None
        most_s = OUTAGE_MOST_S if waited_s < LONG_OUTAGE_S else LONG_OUTAGE_MOST_S
        rest_s = min(most_s, max(OUTAGE_FIRST_S, waited_s / 4))
    else:
        if waited_s >= GIVE_UP_AFTER_S and attempts >= MIN_ATTEMPTS:
            return None
        rest_s = min(MOST_S, max(SOON_S, 2 * waited_s))
    return now + timedelta(seconds=rest_s * (1 + JITTER_SHARE * _jitter(message_id, attempts)))


def _jitter(message_id: UUID, attempts: int) -> float:
    """A number from -1 to 1, the same for the same attempt."""
    digest = hashlib.blake2b(message_id.bytes + attempts.to_bytes(4, "big"), digest_size=8).digest()
    return 2 * int.from_bytes(digest, "big") / 2**64 - 1
