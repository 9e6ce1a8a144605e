"""Signing in by a service (OpenID Connect) and by a password."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from people.auth import STAFF
from people.kinds import Role
from people.models import Membership, Person
from people.signing_in.models import OidcIdentity, Password, SignIn
from tests.entering import ADDRESS, OURS, SESSION, Town, open_town
from tests.http_services import Reply
from tests.oidc_provider import (
    CLIENT,
    SECRET,
    OidcProvider,
    elliptic_key,
    oidc_provider,
    rsa_key,
    signed_with,
    unsigned,
)
from tests.personal import dump
from web.pages.oidc import open_provider

CALLBACK = "/sign-in/oidc/callback"
PASSWORD = "nine red mittens on a line"


@pytest.fixture
def provider(clock: FixedClock) -> Iterator[OidcProvider]:
    # What the process knows of services would be believed of a later one at the same port.
    open_provider.cache_clear()
    with oidc_provider(clock) as running:
        yield running


@pytest.fixture
async def town(
    database_url: str, database: Database, clock: FixedClock, provider: OidcProvider
) -> AsyncIterator[Town]:
    settings = {
        "TALKOOT_OIDC_ISSUER": provider.url,
        "TALKOOT_OIDC_CLIENT_ID": CLIENT,
        "TALKOOT_OIDC_CLIENT_SECRET": SECRET,
        "TALKOOT_OIDC_NAME": "the city <sign-in>",
    }
    async with open_town(database_url, database, clock, **settings) as opened:
        yield opened


async def begin(town: Town, **query: str) -> str:
    """Press the link to the service; where it leads."""
    answer = await town.client.get("/sign-in/oidc", params=query, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def enter(town: Town, provider: OidcProvider, **query: str) -> httpx.Response:
    """Sign in at the service and come back."""
    given = provider.sign_in_at(await begin(town, **query))
    return await town.client.get(CALLBACK, params=given, follow_redirects=False)


async def count(town: Town, table: type) -> int:
    async with town.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_the_service_signs_in_who_is_on_record(town: Town, provider: OidcProvider) -> None:
    person_id, _ = await town.add()
    page = await town.client.get("/sign-in")
    assert "Sign in with the city &lt;sign-in&gt;" in page.text

    answer = await enter(town, provider, next="/board")

    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert await town.is_signed_in()
    async with town.database.read() as session:
        assert list(await session.scalars(select(OidcIdentity.person_id))) == [person_id]
    kept = await dump(town.database)
    assert provider.subject not in kept
    provider.email, provider.verified = "moved@mail.example", False
    await town.send("/sign-out", "/")
    assert (await enter(town, provider)).status_code == 303
    assert await town.is_signed_in(), "known by the service's own name for them"
    assert await count(town, OidcIdentity) == 1
    assert provider.count("/keys") == 1, "keys are remembered"


@pytest.mark.parametrize("verified", [False, None, "false", 0, "yes"])
async def test_an_address_that_nobody_has_verified_counts_for_nothing(
    town: Town, provider: OidcProvider, verified: Any
) -> None:
    await town.add()
    provider.verified = verified
    answer = await enter(town, provider)
    assert answer.status_code == 403
    assert "We do not know you yet" in answer.text
    assert await count(town, OidcIdentity) == 0
    assert not await town.is_signed_in()


async def test_nobody_is_added_and_nobody_becomes_staff(town: Town, provider: OidcProvider) -> None:
    await town.add()
    people = await count(town, Person)
    provider.email, provider.claims = "stranger@mail.example", {"roles": ["manager"]}
    assert (await enter(town, provider)).status_code == 403
    provider.email = ADDRESS
    assert (await enter(town, provider)).status_code == 303
    assert await count(town, Person) == people
    async with town.database.read() as session:
        assert not STAFF & set(await session.scalars(select(Membership.role)))


async def test_people_who_share_an_address_choose_once_more(
    town: Town, provider: OidcProvider
) -> None:
    await town.add()
    second, _ = await town.add()
    answer = await enter(town, provider)
    link = answer.headers["location"]
    assert link.startswith("/sign-in/link/")
    assert not await town.is_signed_in()
    done = await town.send(link, person_id=str(second))
    assert done.status_code == 303
    assert await town.is_signed_in()
    assert await count(town, OidcIdentity) == 0


def by_stranger(provider: OidcProvider) -> None:
    other = rsa_key("one", 2)
    provider.make_token = lambda claims: provider.sign(claims, other)


def by_shared_secret(provider: OidcProvider) -> None:
    provider.make_token = lambda claims: signed_with(provider.key.as_pem(private=False), claims)


def by_nobody(provider: OidcProvider) -> None:
    provider.make_token = unsigned


def changed(provider: OidcProvider) -> None:
    def change(claims: dict[str, Any]) -> str:
        first, second = provider.sign(claims), provider.sign(claims | {"sub": "other"})
        return ".".join([*second.split(".")[:2], first.split(".")[2]])

    provider.make_token = change


def says(**claims: Any) -> Any:
    def prepare(provider: OidcProvider) -> None:
        now = int(provider.clock.now().timestamp())
        provider.claims = {
            name: now + value if name in ("exp", "iat") and isinstance(value, int) else value
            for name, value in claims.items()
        }

    return prepare


BAD = {
    "signed by a stranger": by_stranger,
    "signed with the public key as a secret": by_shared_secret,
    "algorithm none": by_nobody,
    "changed after signing": changed,
    "another nonce": says(nonce="other"),
    "no nonce": says(nonce=None),
    "for somebody else": says(aud="another-client"),
    "for nobody": says(aud=None),
    "for several, made for another": says(aud=[CLIENT, "other"], azp="other"),
    "for several, made for nobody": says(aud=[CLIENT, "other"]),
    "made for another": says(azp="other"),
    "of another issuer": says(iss="https://evil.example"),
    "no issuer": says(iss=None),
    "expired": says(exp=-61),
    "no end": says(exp=None),
    "end that is no number": says(exp="never"),
    "of the future": says(iat=3_600),
    "no subject": says(sub=None),
    "a subject that is no text": says(sub=7),
    "a long subject": says(sub="a" * 256),
}


@pytest.mark.parametrize("trick", BAD)
async def test_tokens_that_cannot_be_trusted_are_refused(
    town: Town, provider: OidcProvider, trick: str
) -> None:
    await town.add()
    BAD[trick](provider)
    answer = await enter(town, provider)
    assert answer.status_code == 403
    assert "That did not work" in answer.text
    assert SESSION + "=" not in answer.headers.get("set-cookie", "")
    assert await count(town, SignIn) == 0
    assert await count(town, OidcIdentity) == 0


async def test_a_token_for_several_that_was_made_for_us_is_good(
    town: Town, provider: OidcProvider
) -> None:
    await town.add()
    provider.claims = {"aud": [CLIENT, "other"], "azp": CLIENT}
    assert (await enter(town, provider)).status_code == 303


async def test_a_code_is_used_once(town: Town, provider: OidcProvider) -> None:
    await town.add()
    given = provider.sign_in_at(await begin(town))
    cookie = town.client.cookies.get("__Host-talkoot-oidc")
    assert cookie is not None
    first = await town.client.get(CALLBACK, params=given, follow_redirects=False)
    assert first.status_code == 303
    again = await town.client.get(CALLBACK, params=given, follow_redirects=False)
    assert again.status_code == 403, "the browser's cookie is gone"
    town.client.cookies.set("__Host-talkoot-oidc", cookie)
    replayed = await town.client.get(CALLBACK, params=given, follow_redirects=False)
    assert replayed.status_code == 403, "and the service knows the code no more"
    assert await count(town, SignIn) == 1


async def test_the_answer_belongs_to_the_browser_that_asked(
    town: Town, provider: OidcProvider, clock: FixedClock
) -> None:
    """Nobody signs a victim in as the attacker."""
    await town.add()
    attackers = provider.sign_in_at(await begin(town))
    town.client.cookies.clear()
    assert (await town.client.get(CALLBACK, params=attackers)).status_code == 403
    mine = provider.sign_in_at(await begin(town))
    for query in (
        {**mine, "code": attackers["code"], "state": attackers["state"]},
        {"code": mine["code"]},
        {"state": mine["state"]},
        {**mine, "iss": "https://evil.example"},
        {"error": "access_denied", "state": mine["state"]},
        {**mine, "code": "x" * 3_000},
    ):
        given = provider.sign_in_at(await begin(town)) | {"state": "x"} | query
        answer = await town.client.get(CALLBACK, params=given)
        assert answer.status_code == 403, query
    late = provider.sign_in_at(await begin(town))
    clock.advance(timedelta(minutes=10))
    assert (await town.client.get(CALLBACK, params=late)).status_code == 403
    assert await count(town, SignIn) == 0


async def test_new_keys_are_fetched_and_not_too_often(
    town: Town, provider: OidcProvider, clock: FixedClock
) -> None:
    await town.add()
    assert (await enter(town, provider)).status_code == 303
    provider.key = elliptic_key("two")
    assert (await enter(town, provider)).status_code == 403, "looked a moment ago"
    clock.advance(timedelta(minutes=2))
    assert (await enter(town, provider)).status_code == 303
    assert provider.count("/keys") == 2
    by_stranger(provider)
    for _ in range(5):
        assert (await enter(town, provider)).status_code == 403
    assert provider.count("/keys") == 2


@pytest.mark.parametrize("broken", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply({"error": "down"}, 503),
        Reply(b"no JSON", 500),
        Reply(b"[" * 100_000),
        Reply(b"x" * 400_000),
        Reply({}, cut=True),
        Reply({}, 302, {"Location": "https://evil.example/"}),
    ],
    ids=["down", "error", "deep", "long", "cut", "redirect"],
)
async def test_a_service_in_trouble_is_told(
    town: Town, provider: OidcProvider, broken: str, reply: Reply
) -> None:
    await town.add()
    if broken != "/.well-known/openid-configuration":
        url = await begin(town)
    provider.reply = lambda request: reply if request.path == broken else None
    if broken == "/.well-known/openid-configuration":
        answer = await town.client.get("/sign-in/oidc", follow_redirects=False)
    else:
        given = provider.sign_in_at(url)
        answer = await town.client.get(CALLBACK, params=given, follow_redirects=False)
    assert answer.status_code in (403, 503)
    assert "That did not work" in answer.text
    assert await count(town, SignIn) == 0


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"token_endpoint": "http://[::1"},
    ],
)
async def test_a_service_that_lies_about_itself_is_refused(
    town: Town, provider: OidcProvider, lie: dict[str, Any]
) -> None:
    provider.description = lie
    answer = await town.client.get("/sign-in/oidc", follow_redirects=False)
    assert answer.status_code == 403


async def test_without_a_service_there_is_no_such_page(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    async with open_town(database_url, database, clock) as town:
        assert (await town.client.get("/sign-in/oidc")).status_code == 404
        assert (await town.client.get(CALLBACK)).status_code == 404
        assert "/sign-in/oidc" not in (await town.client.get("/sign-in")).text


# --- passwords ---


async def set_password(town: Town, password: str = PASSWORD) -> httpx.Response:
    return await town.send("/sign-in/password/set", password=password, do="set")


async def try_password(
    town: Town, password: str = PASSWORD, address: str = ADDRESS, **fields: str
) -> httpx.Response:
    return await town.send("/sign-in/password", address=address, password=password, **fields)


async def test_a_password_is_set_used_and_removed(town: Town) -> None:
    await town.add()
    assert (await try_password(town)).status_code == 401
    await town.sign_in()

    assert (await set_password(town)).status_code == 303

    assert await town.is_signed_in(), "this browser stays signed in"
    kept = await dump(town.database)
    assert "$argon2id$" in kept
    assert PASSWORD not in kept
    await town.send("/sign-out", "/")
    assert (await try_password(town, PASSWORD + "x")).status_code == 401
    answer = await try_password(town, address=f" {ADDRESS.upper()} ", next="/board")
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert await town.is_signed_in()
    gone = await town.send("/sign-in/password/set", do="remove")
    assert gone.status_code == 303
    assert await count(town, Password) == 0
    await town.send("/sign-out", "/")
    assert (await try_password(town)).status_code == 401


async def test_setting_a_password_wants_a_fresh_sign_in_by_mail(
    town: Town, provider: OidcProvider, clock: FixedClock
) -> None:
    await town.add()
    page = await town.client.get("/sign-in/password/set")
    assert page.status_code == 401
    await town.sign_in()
    clock.advance(timedelta(minutes=10))
    assert (await set_password(town)).status_code == 303
    clock.advance(timedelta(seconds=1))
    refused = await set_password(town)
    assert (refused.status_code, "Sign in once more" in refused.text) == (403, True)
    await town.send("/sign-out", "/")
    await try_password(town)
    assert (await set_password(town)).status_code == 403, "a password sets no password"
    await town.send("/sign-out", "/")
    assert (await enter(town, provider)).status_code == 303
    assert (await set_password(town)).status_code == 403, "nor does a service"


async def test_a_new_password_signs_other_browsers_out(town: Town) -> None:
    await town.add()
    await town.sign_in()
    first = town.client.cookies.get(SESSION)
    town.client.cookies.clear()
    await town.sign_in()
    await set_password(town)
    assert await count(town, SignIn) == 1
    assert first is not None
    town.client.cookies.set(SESSION, first)
    assert not await town.is_signed_in()


@pytest.mark.parametrize(
    "password", ["", "short", "elevenchars", "password1234", "Pass Word 1234", "a" * 30, "a" * 201]
)
async def test_weak_passwords_are_refused(town: Town, password: str) -> None:
    await town.add()
    await town.sign_in()
    answer = await set_password(town, password)
    assert answer.status_code == 422
    assert "Choose another one" in answer.text
    assert await count(town, Password) == 0


async def test_wrong_passwords_and_unknown_addresses_are_answered_alike(town: Town) -> None:
    await town.add()
    await town.add(email="nopassword@mail.example")
    await town.sign_in()
    await set_password(town)
    await town.send("/sign-out", "/")
    pages = []
    for address in (ADDRESS, "nopassword@mail.example", "nobody@mail.example"):
        answer = await try_password(town, "a wrong password", address)
        pages.append((answer.status_code, answer.text.replace(address, "")))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 401


@pytest.mark.parametrize("address", [ADDRESS, "nobody@mail.example"])
async def test_trying_passwords_is_held_up(town: Town, clock: FixedClock, address: str) -> None:
    await town.add()
    await town.sign_in()
    await set_password(town)
    await town.send("/sign-out", "/")
    statuses = [
        (await try_password(town, f"wrong password {number}", address)).status_code
        for number in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2
    held = await try_password(town, PASSWORD, address)
    assert held.status_code == 429, "the right one too"
    assert int(held.headers["retry-after"]) > 0
    clock.advance(timedelta(minutes=2))
    if address == ADDRESS:
        assert (await try_password(town)).status_code == 303


async def test_a_password_that_two_share_signs_in_neither(town: Town) -> None:
    for _ in range(2):
        person_id, _ = await town.add()
        answer = await town.get_link()
        done = await town.send(answer, person_id=str(person_id))
        assert done.status_code == 303
        await set_password(town)
        await town.send("/sign-out", "/")
    assert (await try_password(town)).status_code == 401


async def test_odd_passwords_break_nothing(town: Town) -> None:
    await town.add(role=Role.MANAGER)
    for password in (
        "",
        "\x00",
        "é" * 500,
        "a" * 5_000,
        "\ud800".encode("utf-8", "replace").decode(),
    ):
        assert (await try_password(town, password)).status_code == 401
    page = await town.client.post("/sign-in/password/set", data={"do": "set"}, headers=OURS)
    assert page.status_code == 401
