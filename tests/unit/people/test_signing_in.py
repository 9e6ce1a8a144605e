from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.ids import new_id
from people.auth import Actor
from people.signing_in.addresses import read_address
from people.signing_in.digests import digest_secret, looks_like_secret, new_secret
from people.signing_in.errors import (
    InvalidAddress,
    InvalidToken,
    ProviderUnavailable,
    ScopeMissing,
    UnknownScope,
    WeakPassword,
)
from people.signing_in.kinds import AREAS, SCOPES, ends_at, parse_scopes
from people.signing_in.oidc import Flow, Provider
from people.signing_in.passwords import COMMON, SHORTEST, Hasher, check_password
from people.signing_in.tokens import NewToken, require_scope
from tests.http_services import Reply, serve

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def test_secrets_have_256_bits_and_no_two_are_alike() -> None:
    made = {new_secret() for _ in range(200)}
    assert len(made) == 200
    assert all(looks_like_secret(secret) for secret in made)
    assert all(len(secret) == 43 for secret in made)
    assert len({digest_secret(secret) for secret in made}) == 200


@pytest.mark.parametrize(
    "text", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "\n", "é" * 43]
)
def test_what_is_no_secret_is_not_looked_up(text: str) -> None:
    assert not looks_like_secret(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@mail.example", "ana@mail.example"),
        ("  Ana@Mail.EXAMPLE ", "ana@mail.example"),
        ("josé@mail.example", "josé@mail.example"),
    ],
)
def test_addresses_have_one_form(text: str, address: str) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ana",
        "ana@",
        "@mail.example",
        "a b@mail.example",
        "ana@mail",
        "x" * 400,
        "ana@mail.example\r\nBcc: all@mail.example",
        "ana@mail.example, b@mail.example",
        "\ud800@m.example",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress):
        read_address(text)


def test_a_sign_in_ends_at_the_earlier_of_its_limits() -> None:
    late = NOON + timedelta(days=85)
    assert ends_at(NOON, NOON, is_staff=False) == NOON + timedelta(days=14)
    assert ends_at(NOON, late, is_staff=False) == NOON + timedelta(days=90)
    assert ends_at(NOON, NOON, is_staff=True) == NOON + timedelta(hours=12)
    assert ends_at(NOON, NOON + timedelta(days=6, hours=20), is_staff=True) == NOON + timedelta(
        days=7
    )


def test_scopes_are_two_for_each_area() -> None:
    assert len(SCOPES) == 2 * len(AREAS)
    assert parse_scopes(["Requests:read", " areas:read", "requests:read"]) == [
        "areas:read",
        "requests:read",
    ]
    with pytest.raises(UnknownScope, match="'requests:all'"):
        parse_scopes(["requests:all"])


def test_a_token_is_checked_before_it_is_made() -> None:
    new = NewToken(name=" Map ", scopes=["areas:read", "areas:read"])
    assert (new.name, list(new.scopes), new.days) == ("Map", ["areas:read"], 90)
    for name in ("", " ", "a\nb", "a\u202eb"):
        with pytest.raises(InvalidToken):
            NewToken(name=name, scopes=["areas:read"])


def test_a_missing_scope_is_named() -> None:
    person = new_id()
    require_scope(Actor(person_id=person), "admin:write")
    require_scope(Actor(person_id=person, scopes=frozenset({"areas:read"})), "areas:read")
    with pytest.raises(ScopeMissing, match="'areas:write'"):
        require_scope(Actor(person_id=person, scopes=frozenset({"areas:read"})), "areas:write")


def test_the_list_of_common_passwords_holds_long_ones_only() -> None:
    assert len(COMMON) > 40
    assert all(len(word) >= SHORTEST and word == word.casefold() for word in COMMON)


@pytest.mark.parametrize(
    ("password", "address"),
    [
        ("eleven char", ""),
        ("correct Horse Battery Staple", ""),
        ("aaaaaaaaaaaaaaaa", ""),
        ("121212121212", ""),
        ("ana@mail.example", "ana@mail.example"),
        ("anabelle-longname", "anabelle-longname@mail.example"),
        ("x" * 201, ""),
    ],
)
def test_guessable_passwords_are_refused(password: str, address: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, address=address)


@pytest.mark.parametrize("password", ["nine red mittens", "ñandú en la nieve", "x7#Kq!pLw2$v"])
def test_other_passwords_are_fine(password: str) -> None:
    check_password(password)


async def test_passwords_are_checked_with_argon2id() -> None:
    hasher = Hasher(time_cost=1, memory_kib=64)
    one, other = new_id(), new_id()
    stored = await hasher.hash("nine red mittens")
    assert stored.startswith("$argon2id$")
    assert stored != await hasher.hash("nine red mittens"), "salted"
    candidates = [(one, stored), (other, await hasher.hash("another one entirely"))]
    assert await hasher.find_match(candidates, "nine red mittens") == one
    assert await hasher.find_match(candidates, "another one entirely") == other
    assert await hasher.find_match(candidates, "nine red mitten") is None
    assert await hasher.find_match([], "nobody has this password") is None
    assert await hasher.find_match([(one, "no hash")], "nine red mittens") is None
    same = [*candidates, (new_id(), stored)]
    assert await hasher.find_match(same, "nine red mittens") is None


def test_the_cost_of_passwords_is_what_is_asked_for() -> None:
    """OWASP's least for Argon2id: 19 MiB, two passes, one lane."""
    stored = Hasher()._argon.hash("nine red mittens")
    assert "$m=19456,t=2,p=1$" in stored


def test_a_flow_gives_its_secret_to_nobody() -> None:
    flow = Flow("secret")
    told = {flow.state, flow.nonce, flow.verifier, flow.challenge}
    assert len(told) == 4
    assert "secret" not in "".join(told)
    assert all(looks_like_secret(word) for word in told)
    assert Flow("secret").state == flow.state
    assert Flow("secret2").state != flow.state


async def test_a_service_that_does_not_answer_is_not_waited_for() -> None:
    with serve(lambda _: Reply({}, wait_s=60.0)) as service:
        provider = Provider(service.url, "talkoot", timeout_s=0.2)
        async with asyncio.timeout(30):
            with pytest.raises(ProviderUnavailable):
                await provider.make_url(Flow("secret"), "https://talkoot.example/", now=NOON)


async def test_a_service_that_nobody_runs_is_told() -> None:
    provider = Provider("http://127.0.0.1:9", "talkoot", timeout_s=2.0)
    with pytest.raises(ProviderUnavailable):
        await provider.make_url(Flow("secret"), "https://talkoot.example/", now=NOON)
