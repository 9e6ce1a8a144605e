"""Signatures, checked by a verifier that was written from the published scheme alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from messaging.webhooks.errors import InvalidSecret
from messaging.webhooks.kinds import PUBLIC_KINDS, TEST_KIND
from messaging.webhooks.signing import make_headers, new_secret, read_secret, sign
from tests.webhook_receiver import verify

NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
EVENT = UUID("01890000-0000-7000-8000-000000000001")
BODY = b'{"type":"request.opened"}'


def test_the_example_of_the_scheme() -> None:
    """The values that the reference libraries of the scheme test with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_takes_what_was_signed() -> None:
    secret = new_secret()
    headers = make_headers([secret], EVENT, BODY, now=NOW)
    assert headers["webhook-id"] == f"msg_{EVENT.hex}"
    assert verify(secret, headers, BODY, now=NOW)
    assert not verify(secret, headers, BODY + b" ", now=NOW)
    assert not verify(new_secret(), headers, BODY, now=NOW)
    other = headers | {"webhook-id": "msg_other"}
    assert not verify(secret, other, BODY, now=NOW)
    late = headers | {"webhook-timestamp": str(int(NOW.timestamp()) - 3_600)}
    assert not verify(secret, late, BODY, now=NOW)


def test_while_a_secret_changes_either_one_is_right() -> None:
    new, old = new_secret(), new_secret()
    headers = make_headers([new, old], EVENT, BODY, now=NOW)
    assert headers["webhook-signature"].count("v1,") == 2
    assert verify(new, headers, BODY, now=NOW)
    assert verify(old, headers, BODY, now=NOW)


def test_secrets_are_long_and_their_own() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert one.startswith("whsec_")
    assert len(read_secret(one)) == 32


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "whsec_QUJD", "sk_" + "A" * 44])
def test_other_texts_are_no_secrets(secret: str) -> None:
    with pytest.raises(InvalidSecret):
        read_secret(secret)


def test_the_signature_is_plain_hmac() -> None:
    secret = new_secret()
    key = base64.b64decode(secret[len("whsec_") :])
    digest = hmac.new(key, b"msg_1.5." + BODY, hashlib.sha256).digest()
    assert sign(secret, "msg_1", 5, BODY) == "v1," + base64.b64encode(digest).decode()


def test_the_page_verifies_what_is_sent() -> None:
    """The code that people copy from the docs."""
    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    copied: dict[str, Any] = {}
    exec(code, copied)
    secret, old = new_secret(), new_secret()
    headers = make_headers([secret, old], EVENT, BODY, now=NOW)
    for known in (secret, old):
        assert copied["verify"](known, headers, BODY, NOW.timestamp())
    assert not copied["verify"](new_secret(), headers, BODY, NOW.timestamp())
    assert not copied["verify"](secret, headers, BODY + b" ", NOW.timestamp())
    assert not copied["verify"](secret, headers, BODY, NOW.timestamp() + 600)


def test_the_page_lists_every_kind() -> None:
    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*) \|$", page, re.M))
    assert listed.pop(TEST_KIND)
    assert listed == {kind.name: kind.description for kind in PUBLIC_KINDS.values()}
