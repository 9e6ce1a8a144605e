"""Web push by its standards: encryption, the sender's key, and what a locked phone shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidSetting
from core.i18n import LANGUAGES
from core.settings import Settings
from messaging.push.encrypting import PADDED_BYTES, ReceiverKeys, encode, encrypt
from messaging.push.errors import InvalidSubscription
from messaging.push.keys import make_key, open_key
from messaging.push.notices import About
from tests.push_service import PushBrowser, private_key, read_vapid, to_bytes
from web.notices import write_notice

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
SUBJECT = UUID("01890000-0000-7000-8000-000000000001")
PUBLIC_TEXT = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH_TEXT = "BTBZMqHH6r4Tts7J_aSIgg"


def test_the_example_of_the_standard() -> None:
    """RFC 8291, section 5, with the values of appendix A."""
    words = b"When I grow up, I want to be a watermelon"
    body = encrypt(
        words,
        ReceiverKeys.read(PUBLIC_TEXT, AUTH_TEXT),
        sender=private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=to_bytes("DGv6ra1nlYgDCS1FRnbzlw"),
        padded_bytes=len(words),
    )
    assert encode(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
        "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
        "lcy4a-fN"
    )
    receiver = PushBrowser(
        private_key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), to_bytes(AUTH_TEXT)
    )
    assert receiver.open_body(body) == words


@given(st.binary(max_size=PADDED_BYTES))
def test_every_notice_opens_and_has_the_same_length(words: bytes) -> None:
    browser = PushBrowser()
    body = encrypt(words, ReceiverKeys.read(**browser.keys()))
    assert len(body) == 16 + 4 + 1 + 65 + PADDED_BYTES + 1 + 16
    assert browser.open_body(body) == words


def test_a_notice_has_its_limit_and_each_is_sealed_anew() -> None:
    keys = ReceiverKeys.read(PUBLIC_TEXT, AUTH_TEXT)
    assert encrypt(b"snow", keys) != encrypt(b"snow", keys)
    with pytest.raises(ValueError, match="at most"):
        encrypt(bytes(PADDED_BYTES + 1), keys)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", ""),
        ("ä" * 87, AUTH_TEXT),
        (PUBLIC_TEXT[:-4], AUTH_TEXT),
        (PUBLIC_TEXT, AUTH_TEXT[:-2]),
        (PUBLIC_TEXT[:-5] + "AAAAA", AUTH_TEXT),
        ("A" + PUBLIC_TEXT[1:], AUTH_TEXT),
        (PUBLIC_TEXT.replace("-", "+"), AUTH_TEXT),
        (PUBLIC_TEXT + "A", AUTH_TEXT),
    ],
)
def test_keys_that_no_browser_gives_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(InvalidSubscription):
        ReceiverKeys.read(p256dh, auth)


def test_the_sender_shows_who_it_is_to_this_service_alone() -> None:
    contact = "mailto:snow@city.example"
    settings = Settings.from_environment(
        {"TALKOOT_PUSH_KEY": make_key(), "TALKOOT_PUSH_CONTACT": contact}
    )
    key = open_key(settings)
    assert key is not None
    claims, signer = read_vapid(key.authorize("https://push.example:8443/a/b?c", now=NOW))
    assert claims["aud"] == "https://push.example:8443"
    assert claims["sub"] == contact
    assert 0 < claims["exp"] - NOW.timestamp() <= 24 * 3_600
    assert signer == key.public_text
    assert settings.push_key not in repr(key)
    assert open_key(Settings()) is None


@pytest.mark.parametrize(
    ("key", "contact", "expected"),
    [
        ("", "mailto:snow@city.example", "belong together"),
        (make_key(), "", "belong together"),
        ("A" * 43, "mailto:snow@city.example", "talkoot push key"),
        ("_" * 43, "mailto:snow@city.example", "talkoot push key"),
        ("A" * 41 + "+E", "mailto:snow@city.example", "talkoot push key"),
        ("A" * 41 + "/E", "mailto:snow@city.example", "talkoot push key"),
        ("A" * 42 + "E==", "mailto:snow@city.example", "talkoot push key"),
        (make_key()[:-2], "mailto:snow@city.example", "talkoot push key"),
        (make_key(), "snow@city.example", "mailto:snow@city.example"),
    ],
    # keys are new each time, and may not be in the names of tests
    ids=[
        "no key",
        "no contact",
        "zero",
        "not of the curve",
        "plus",
        "slash",
        "padded twice",
        "cut off",
        "no address",
    ],
)
def test_settings_say_what_is_wrong_and_not_the_key(key: str, contact: str, expected: str) -> None:
    with pytest.raises(InvalidSetting, match=expected) as caught:
        Settings.from_environment({"TALKOOT_PUSH_KEY": key, "TALKOOT_PUSH_CONTACT": contact})
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("key", ["A" * 42 + "E", "A" * 42 + "E=", "A" * 40 + "_-E"])
def test_a_key_that_settings_take_can_be_used(key: str) -> None:
    values = {"TALKOOT_PUSH_KEY": key, "TALKOOT_PUSH_CONTACT": "mailto:snow@city.example"}
    assert open_key(Settings.from_environment(values)) is not None


def test_each_kind_of_message_has_a_sentence_and_a_page() -> None:
    folders = (ROOT / name / "emails" for name in ("messaging", "matching", "campaigns"))
    kinds = [path.name for folder in folders for path in folder.iterdir() if path.is_dir()]
    assert len(kinds) > 40
    for kind in [*kinds, "no_such_kind"]:
        said = set()
        for language in LANGUAGES:
            about = About(kind, "thing", SUBJECT, language)
            notice = write_notice(about)
            said.add(notice.text)
            assert re.fullmatch(r"/[a-z0-9/-]*", notice.path), kind
            assert 10 < len(notice.text) <= 80
            assert not re.search(r"[@%\d]", notice.text)
            assert len(notice.encode(about)) <= PADDED_BYTES
        assert len(said) == len(LANGUAGES), f"{kind} is not translated"
    offer = write_notice(About("offer", "ask", SUBJECT, "en"))
    assert offer.path == f"/volunteering/offers/{SUBJECT}"
    assert write_notice(About("offer", None, None, "en")).path == "/"
