from __future__ import annotations

import pytest

from core.security import is_signed_form, same_secret, sign_form

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
"""The example that the gateway's documentation gives for the token 12345."""


def test_published_example() -> None:
    assert sign_form("12345", URL, FIELDS) == SIGNATURE
    assert sign_form("12345", URL, reversed(FIELDS)) == SIGNATURE


@pytest.mark.parametrize(
    ("token", "url", "fields", "signature", "valid"),
    [
        ("12345", URL, FIELDS, SIGNATURE, True),
        ("12346", URL, FIELDS, SIGNATURE, False),
        ("12345", URL + "0", FIELDS, SIGNATURE, False),
        ("12345", URL, FIELDS[1:], SIGNATURE, False),
        ("12345", URL, [*FIELDS, ("Body", "STOP")], SIGNATURE, False),
        ("12345", URL, FIELDS, SIGNATURE.lower(), False),
        ("12345", URL, FIELDS, "", False),
        ("12345", URL, FIELDS, None, False),
        ("12345", URL, FIELDS, "é", False),
        ("", URL, FIELDS, sign_form("", URL, FIELDS), False),
        (None, URL, FIELDS, SIGNATURE, False),
    ],
)
def test_only_the_right_signature_passes(
    token: str | None,
    url: str,
    fields: list[tuple[str, str]],
    signature: str | None,
    valid: bool,
) -> None:
    assert is_signed_form(token, url, fields, signature) is valid


def test_secrets_of_any_kind_compare() -> None:
    assert same_secret("ñ", "ñ".encode())
    assert not same_secret("a", "b")
