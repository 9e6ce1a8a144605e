"""A browser and its push service, which opens what comes by RFC 8291.

It shares no code with the sender: the keys are derived with HMAC, as section 3.4 writes it out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.webhook_receiver import Received, receive

CREATED = 201
CURVE = ec.SECP256R1()


def to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(to_bytes(text), "big"), CURVE)


def read_point(data: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)


@dataclass(frozen=True)
class PushBrowser:
    """A browser with the secrets that it keeps."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(CURVE)
    )
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def keys(self) -> dict[str, str]:
        """What it hands to the pages."""
        return {"p256dh": to_text(self.point), "auth": to_text(self.auth)}

    def open_body(self, body: bytes) -> bytes:
        """Decrypt one record."""
        salt, record_bytes, id_bytes = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + id_bytes], body[21 + id_bytes :]
        assert len(sealed) <= record_bytes
        shared = self.private.exchange(ec.ECDH(), read_point(sender))
        prk = hmac.digest(self.auth, shared, hashlib.sha256)
        info = b"WebPush: info\x00" + self.point + sender + b"\x01"
        prk = hmac.digest(salt, hmac.digest(prk, info, hashlib.sha256), hashlib.sha256)
        key = hmac.digest(prk, b"Content-Encoding: aes128gcm\x00\x01", hashlib.sha256)[:16]
        nonce = hmac.digest(prk, b"Content-Encoding: nonce\x00\x01", hashlib.sha256)[:12]
        words, mark, _ = AESGCM(key).decrypt(nonce, sealed, None).rpartition(b"\x02")
        assert mark == b"\x02"
        return words


def read_vapid(header: str) -> tuple[dict[str, Any], str]:
    """The claims of an ``Authorization`` header and the key that signed them (RFC 8292)."""
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    signed, _, signature = parts["t"].rpartition(".")
    head, claims = (json.loads(to_bytes(part)) for part in signed.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    raw = to_bytes(signature)
    assert len(raw) == 64
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key = read_point(to_bytes(parts["k"]))
    key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
    return claims, parts["k"]


@dataclass(frozen=True)
class Pushed:
    """A notice as its browser reads it, and the headers that the service saw."""

    path: str
    headers: Mapping[str, str]
    said: dict[str, Any]
    size: int


@dataclass
class PushService:
    """A running push service on this machine."""

    port: int
    received: list[Received]
    browsers: dict[str, PushBrowser] = field(default_factory=dict)

    def subscribe(self, name: str) -> dict[str, str]:
        """What a new browser hands to the pages."""
        browser = self.browsers.setdefault(name, PushBrowser())
        return {"endpoint": f"http://127.0.0.1:{self.port}/push/{name}", **browser.keys()}

    def pushed(self) -> list[Pushed]:
        """All that came, opened."""
        return [
            Pushed(
                one.path,
                one.headers,
                json.loads(self.browsers[one.path.rpartition("/")[2]].open_body(one.body)),
                len(one.body),
            )
            for one in self.received
        ]


@contextmanager
def push_service(status_of: Callable[[str], int] = lambda _: CREATED) -> Iterator[PushService]:
    """Take notices until the end of the block; ``status_of`` a browser's name says the answer."""

    def answer(one: Received) -> tuple[int, dict[str, str], bytes, float]:
        return status_of(one.path.rpartition("/")[2]), {}, b"", 0.0

    with receive(answer) as receiver:
        yield PushService(receiver.port, receiver.received)
