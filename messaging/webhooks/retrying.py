"""When a delivery that failed is tried again. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

RESTS_S = (
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    14 * 3_600,
    20 * 3_600,
    24 * 3_600,
)
"""Rests after the first, second ... failure: a little more than three days in all."""
JITTER_SHARE = 0.2
GIVE_UP_ENDPOINT = timedelta(days=3)
"""An endpoint that has failed for so long is switched off."""
ENDPOINT_REST_S = 2.0
ENDPOINT_MOST_REST_S = 300.0


def next_try_at(
    delivery_id: UUID, attempts: int, *, now: datetime, wait_s: int | None = None
) -> datetime | None:
    """When to try after so many failures; None gives the delivery up.

    Up to a fifth is added, so that deliveries that failed together come back apart; the receiver's
    own wish to wait is kept. Nothing is taken off: the last try always comes after the time in
    which an endpoint is given up.
    """
    if attempts > len(RESTS_S):
        return None
    rest_s = RESTS_S[attempts - 1] * (1 + JITTER_SHARE * _jitter(delivery_id, attempts))
    return now + timedelta(seconds=max(rest_s, wait_s or 0))


def rest_until(failures: int, *, now: datetime, wait_s: int | None = None) -> datetime:
    """Until when an endpoint that failed so often in a row is left alone altogether."""
    doubled = ENDPOINT_REST_S * 2.0 ** min(failures - 1, 20)
    return now + timedelta(seconds=max(min(doubled, ENDPOINT_MOST_REST_S), wait_s or 0))


def _jitter(delivery_id: UUID, attempts: int) -> float:
    """A number from 0 to 1, the same for the same attempt."""
    seed = delivery_id.bytes + attempts.to_bytes(4, "big")
    digest = hashlib.blake2b(seed, digest_size=8).digest()
    return float(int.from_bytes(digest, "big") / 2**64)
