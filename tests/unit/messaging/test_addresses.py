from __future__ import annotations

import pytest

from core.errors import InvalidSetting
from core.ids import new_id
from messaging.addresses import as_sendable, find_ours, read_sender


def test_addresses_of_a_message_name_it() -> None:
    sender, key = read_sender("Talkoot <help@city.example>"), new_id()
    assert find_ours(sender.bounce_address(key)) == ("b", key)
    assert find_ours(f"Somebody <{sender.reply_address(key).upper()}>") == ("r", key)
    assert find_ours(sender.address) is None
    assert sender.mail_id(key) == f"<{key.hex}@city.example>"


@pytest.mark.parametrize(
    "mail_from", ["", "help", "@city.example", "help@", "a b@c", "h\u00e9@c.d"]
)
def test_a_sender_must_be_an_address(mail_from: str) -> None:
    with pytest.raises(InvalidSetting, match="TALKOOT_MAIL_FROM"):
        read_sender(mail_from)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("ana@mail.example", "ana@mail.example"),
        ("ana.o'neil+x@mail.example", "ana.o'neil+x@mail.example"),
        ("ana@m\u00fcnchen.example", "ana@xn--mnchen-3ya.example"),
        ("ana@localhost", "ana@localhost"),
    ],
)
def test_addresses_that_servers_take(address: str, plain: str) -> None:
    assert as_sendable(address) == plain


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@mail.example",
        "ana@",
        "se\u00f1or@mail.example",
        "a b@mail.example",
        "ana@mail.example\r\nBcc: victim@mail.example",
        "ana@mail.example, b@mail.example",
        "<ana@mail.example>",
        ".ana@mail.example",
        "ana@" + "x" * 70 + ".example",
    ],
)
def test_addresses_that_none_takes(address: str) -> None:
    with pytest.raises(ValueError, match="none that a mail server takes") as raised:
        as_sendable(address)
    assert "ana" not in str(raised.value)
