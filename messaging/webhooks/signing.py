"""Signatures of the Standard Webhooks scheme (https://www.standardwebhooks.com), version 1.

The signed text is ``{webhook-id}.{webhook-timestamp}.{body}``; the signature is its HMAC-SHA256
with the bytes of the secret as key, in base64, behind ``v1,``. While a secret is changed there are
two signatures, parted by a space, and a receiver takes the delivery when one of them is right.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from messaging.webhooks.errors import InvalidSecret

PREFIX = "whsec_"
SECRET_BYTES = 32
LEAST_BYTES, MOST_BYTES = 24, 64
VERSION = "v1"


def new_secret() -> str:
    """A fresh secret, as it is shown to whoever receives."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def read_secret(secret: str) -> bytes:
    """The key that a secret spells.

    Raises
    ------
    InvalidSecret
        When it is none of the scheme.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise InvalidSecret(
            f"A secret is {PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64."
        )
    return key


def name_message(event_id: UUID) -> str:
    """The ``webhook-id``: the same in every attempt and replay."""
    return f"msg_{event_id.hex}"


def sign(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """One signature: ``v1,`` and base64."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    digest = hmac.new(read_secret(secret), signed, hashlib.sha256).digest()
    return f"{VERSION},{base64.b64encode(digest).decode('ascii')}"


def make_headers(
    secrets_in_use: Sequence[str], event_id: UUID, body: bytes, *, now: datetime
) -> dict[str, str]:
    """The headers of one attempt, signed with every secret that holds."""
    message_id, timestamp_s = name_message(event_id), int(now.timestamp())
    signatures = [sign(secret, message_id, timestamp_s, body) for secret in secrets_in_use]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }
