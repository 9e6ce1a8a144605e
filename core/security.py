"""Signatures of what comes in from outside, compared without giving away how much was right."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

MASKED: Final = "~"
"""How a secret begins that looks different in each answer."""


def same_secret(left: str | bytes, right: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_as_bytes(left), _as_bytes(right))


def sign_form(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """The signature of a posted form in the scheme of the ``X-Twilio-Signature`` header.

    HMAC-SHA1, with the account's token as the key, over the full address that was called and every
    field's name and value in the order of the names; written in base64.
    """
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(_as_bytes(token), _as_bytes(text), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def is_signed_form(
    token: str | None, url: str, fields: Iterable[tuple[str, str]], signature: str | None
) -> bool:
    """Whether a posted form comes from the gateway. Without a token nothing does."""
    if not token or not signature:
        return False
    return same_secret(sign_form(token, url, fields), signature)


def mask_secret(secret: str) -> str:
    """A secret as it stands in one answer: never twice the same, so that packing tells nothing."""
    plain = secret.encode()
    mask = secrets.token_bytes(len(plain))
    mixed = bytes(left ^ right for left, right in zip(plain, mask, strict=True))
    return MASKED + base64.urlsafe_b64encode(mask + mixed).decode("ascii")


def unmask_secret(given: str) -> str:
    """The secret of one answer; what is not masked stays as it is."""
    if not given.startswith(MASKED):
        return given
    try:
        both = base64.b64decode(given.removeprefix(MASKED), altchars=b"-_", validate=True)
        half = len(both) // 2
        plain = bytes(left ^ right for left, right in zip(both[:half], both[half:], strict=True))
        return plain.decode("ascii")
    except ValueError:
        return ""


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
