from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.signing_in.digests import new_secret
from people.signing_in.models import DEVICE_LENGTH
from people.signing_in.oidc import Flow
from web.identity import make_csrf
from web.pages.oidc import Begun
from web.pages.visitors import describe_device, safe_path

SITE = "https://talkoot.example"
NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "path", ["/", "/board", "/board?storm=1&x=%20", "/a/b-c_d.e~f", "/sign-in/password/set"]
)
def test_own_pages_are_led_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "board",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/board\n",
        "/board\r\nSet-Cookie: a=b",
        "/ //evil.example",
        "/board#x",
        "/sign-out",
        "/sign-in/link/x",
        "/l/secret",
        "/" + "a" * 500,
        "/\t/evil.example",
    ],
)
def test_nothing_else_is(path: str | None) -> None:
    assert safe_path(path) == "/"


@given(st.text(alphabet=st.sampled_from("/\\.:@%?#&=abc \t\n-0"), max_size=30))
def test_no_text_leads_away(text: str) -> None:
    goal = urljoin(SITE, safe_path(text))
    assert (urlsplit(goal).scheme, urlsplit(goal).netloc) == ("https", "talkoot.example")


AGENTS = {
    "firefox_on_android": "Mozilla/5.0 (Android 14; Mobile) Gecko/128.0 Firefox/128.0",
    "safari_on_iphone": "Mozilla/5.0 (iPhone; like Mac OS X) Version/17.0 Safari/604.1",
    "edge_on_windows": "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0",
    "chrome_on_linux": "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0 Safari/537.36",
    "browser_on_unknown": "",
}


@pytest.mark.parametrize(("words", "agent"), AGENTS.items())
def test_devices_are_told_in_code_words(words: str, agent: str) -> None:
    assert describe_device(agent) == words


@given(st.text(max_size=2_000))
def test_every_device_has_room(agent: str) -> None:
    assert 0 < len(describe_device(agent)) <= DEVICE_LENGTH


def test_form_tokens_do_not_tell_the_cookie() -> None:
    secret = new_secret()
    assert make_csrf(secret) == make_csrf(secret)
    assert make_csrf(secret) != make_csrf(new_secret())
    assert secret not in make_csrf(secret)


def test_an_attempt_comes_back_from_its_cookie() -> None:
    begun = Begun(Flow(new_secret()), NOON, "/board?x=1")
    text = begun.write()
    assert Begun.read(text, NOON + timedelta(minutes=9)) == begun
    assert Begun.read(text, NOON + timedelta(minutes=10)) is None
    assert Begun.read(text, NOON - timedelta(seconds=1)) is None


@given(st.text(max_size=100))
def test_other_cookies_are_nobodys(text: str) -> None:
    assert Begun.read(text, NOON) is None


def test_a_changed_cookie_leads_nowhere_else() -> None:
    begun = Begun(Flow(new_secret()), NOON, "https://evil.example")
    read = Begun.read(begun.write(), NOON)
    assert read is not None
    assert read.next_path == "/"
