"""Secrets that people carry: 256 random bits, of which only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import re
import secrets

SECRET_BYTES = 32

_SECRET = re.compile(r"[A-Za-z0-9_\-]{43}")


def new_secret() -> str:
    """256 random bits as 43 letters that go into a cookie, a header or an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_secret(secret: str) -> str:
    """What is stored of a secret. It has too many bits to be guessed, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def looks_like_secret(text: str) -> bool:
    """Whether a text has the form of `new_secret`: nothing else is looked up."""
    return _SECRET.fullmatch(text) is not None
