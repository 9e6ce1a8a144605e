"""Words that only one browser can read: RFC 8291, with the content coding of RFC 8188.

The push service in between sees neither what a notice says nor, since all are filled up to the same
length, how much.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import struct
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from messaging.push.errors import InvalidSubscription

RECORD_BYTES = 4_096
PADDED_BYTES = 1_024
"""What a notice is filled up to; push services take 4,096 bytes with all that comes around."""
POINT_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
LAST_RECORD = b"\x02"
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]+={0,2}")


@dataclass(frozen=True)
class ReceiverKeys:
    """What a browser gave us to write to it."""

    public: ec.EllipticCurvePublicKey
    auth: bytes

    @classmethod
    def read(cls, p256dh: str, auth: str) -> Self:
        """The keys as a browser writes them, in base64url.

        Raises
        ------
        InvalidSubscription
            When they are no point of the curve and no secret of 16 bytes.
        """
        point, secret = decode(p256dh), decode(auth)
        if len(point) != POINT_BYTES or len(secret) != AUTH_BYTES:
            raise InvalidSubscription("The keys of the subscription have another length.")
        try:
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise InvalidSubscription("The key of the subscription is no point of P-256.") from None
        return cls(public, secret)


def encrypt(
    words: bytes,
    to: ReceiverKeys,
    *,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
    padded_bytes: int = PADDED_BYTES,
) -> bytes:
    """One record that the receiver alone can open. ``sender`` and ``salt`` are fresh but in tests.

    Raises
    ------
    ValueError
        When the words are longer than what all are filled up to.
    """
    missing = padded_bytes - len(words)
    if missing < 0:
        raise ValueError(f"A notice has at most {padded_bytes} bytes.")
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    salt = salt or secrets.token_bytes(SALT_BYTES)
    mine, theirs = point_of(sender.public_key()), point_of(to.public)
    shared = sender.exchange(ec.ECDH(), to.public)
    key = _derive(to.auth, shared, b"WebPush: info\0" + theirs + mine, 32)
    content_key = _derive(salt, key, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(salt, key, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, words + LAST_RECORD + bytes(missing), None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(mine)) + mine + sealed


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as its uncompressed point, as browsers write it."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Base64url, with padding or without.

    Raises
    ------
    InvalidSubscription
        When it is something else.
    """
    if not _URL_SAFE.fullmatch(text):
        raise InvalidSubscription("The keys of the subscription are not written in base64url.")
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise InvalidSubscription("The keys of the subscription are cut off.") from None


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
