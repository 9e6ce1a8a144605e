"""Who we are to a push service: one key for each installation (VAPID, RFC 8292)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from core.settings import Settings
from messaging.push.encrypting import decode, encode, point_of

TOKEN_LIFE = timedelta(hours=12)
"""Push services refuse more than 24 hours."""
SCALAR_BYTES = 32


@dataclass(frozen=True)
class ServerKey:
    """The key of this installation, and whom a push service may write to about it."""

    private: ec.EllipticCurvePrivateKey
    contact: str

    @property
    def public_text(self) -> str:
        """What browsers are told, so that nobody else can write to them."""
        return encode(point_of(self.private.public_key()))

    @property
    def key_hash(self) -> str:
        """Tells keys apart: a subscription is of no use with another one."""
        return sha256(point_of(self.private.public_key())).hexdigest()

    def authorize(self, endpoint: str, *, now: datetime) -> str:
        """The ``Authorization`` header for one push service, signed with ES256."""
        claims = {
            "aud": origin_of(endpoint),
            "exp": int((now + TOKEN_LIFE).timestamp()),
            "sub": self.contact,
        }
        token = jwt.encode(
            {"typ": "JWT", "alg": "ES256"}, claims, ECKey(self.private, self.private)
        )
        return f"vapid t={token}, k={self.public_text}"


def origin_of(endpoint: str) -> str:
    """Scheme, host and port, without a path."""
    url = httpx.URL(endpoint)
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def open_key(settings: Settings) -> ServerKey | None:
    """The key of the settings; None where push is off."""
    if settings.push_key is None or settings.push_contact is None:
        return None
    return _read_key(settings.push_key, settings.push_contact)


@lru_cache(maxsize=4)
def _read_key(text: str, contact: str) -> ServerKey:
    scalar = int.from_bytes(decode(text), "big")
    return ServerKey(ec.derive_private_key(scalar, ec.SECP256R1()), contact)


def make_key() -> str:
    """A fresh key, as ``TALKOOT_PUSH_KEY`` holds it."""
    scalar = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encode(scalar.to_bytes(SCALAR_BYTES, "big"))
