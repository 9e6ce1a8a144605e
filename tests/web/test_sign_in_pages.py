from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.logging import SafeJsonFormatter
from people.auth import Actor
from people.kinds import Role
from people.memberships import StaffRole
from people.models import ContactPoint, PersonName
from people.signing_in.models import SignIn, SignInLink
from people.signing_in.roles import appoint
from tests.entering import ADDRESS, OURS, SESSION, SITE, Town, open_town
from tests.personal import dump

LINK_LIFE = timedelta(minutes=10)


@pytest.fixture
async def town(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Town]:
    async with open_town(database_url, database, clock) as opened:
        yield opened


async def count(town: Town, table: type) -> int:
    async with town.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_link_by_mail_signs_in_and_the_button_signs_out(town: Town) -> None:
    await town.add()
    assert not await town.is_signed_in()

    answer = await town.sign_in(next="/l/x")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await town.is_signed_in()
    cookie = town.client.cookies.get(SESSION)
    out = await town.send("/sign-out", "/account")
    assert out.status_code == 303
    assert not await town.is_signed_in()
    assert cookie is not None
    town.client.cookies.set(SESSION, cookie)
    assert not await town.is_signed_in(), "an old cookie is worth nothing on the server"
    assert await count(town, SignIn) == 0


async def test_the_cookie_is_held_to_this_host_and_hidden_from_scripts(town: Town) -> None:
    await town.add()
    answer = await town.sign_in()
    (line,) = [
        value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{SESSION}=")
    ]
    parts = {part.strip().lower() for part in line.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


async def test_without_https_the_cookie_has_a_plain_name(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    place = {"TALKOOT_PUBLIC_URL": "http://talkoot.test"}
    async with open_town(database_url, database, clock, **place) as town:
        await town.add()
        answer = await town.sign_in()
        assert answer.headers["set-cookie"].startswith("talkoot=")
        assert "secure" not in answer.headers["set-cookie"].lower()
        assert await town.is_signed_in()


@pytest.mark.parametrize("address", [ADDRESS, "nobody@mail.example"])
async def test_known_and_unknown_addresses_are_answered_alike(town: Town, address: str) -> None:
    await town.add()
    before = await count(town, SignInLink)

    answer = await town.ask(address)
    page = await town.client.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/sent")
    assert (answer.text, page.status_code) == ("", 200)
    assert address not in page.text
    assert await count(town, SignInLink) == before + 1
    await town.work()
    assert [mail.recipient for mail in town.mailer.sent] == [ADDRESS] * (address == ADDRESS)


async def test_looking_at_a_link_changes_nothing(town: Town) -> None:
    await town.add()
    link = await town.get_link()
    before = await dump(town.database)
    for _ in range(3):
        page = await town.client.get(link)
        assert page.status_code == 200
        assert SESSION not in page.headers.get("set-cookie", "")
    await town.client.head(link)
    assert await dump(town.database) == before


async def test_a_link_works_once(town: Town) -> None:
    await town.add()
    link = await town.get_link()
    assert (await town.send(link)).status_code == 303
    await town.send("/sign-out", "/account")

    assert (await town.client.get(link)).status_code == 410
    again = await town.send(link, "/sign-in")
    assert again.status_code == 410
    assert "This link was used, or is too old" in again.text
    assert not await town.is_signed_in()


async def test_a_button_pressed_twice_leads_on(town: Town) -> None:
    await town.add()
    link = await town.get_link()
    await town.send(link)
    again = await town.send(link, "/sign-in")
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert await count(town, SignIn) == 1


async def test_the_same_link_pressed_at_once_signs_in_once(town: Town) -> None:
    await town.add()
    link = await town.get_link()
    page = await town.client.get(link)
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]

    answers = await asyncio.gather(
        *(
            town.client.post(link, data={"csrf": token}, headers=OURS, follow_redirects=False)
            for _ in range(6)
        )
    )

    given = [answer for answer in answers if SESSION in answer.headers.get("set-cookie", "")]
    assert len(given) == 1
    assert await count(town, SignIn) == 1


async def test_a_link_is_too_old_after_ten_minutes(town: Town, clock: FixedClock) -> None:
    await town.add()
    link = await town.get_link()
    clock.advance(LINK_LIFE - timedelta(seconds=1))
    assert (await town.client.get(link)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await town.client.get(link)).status_code == 410
    assert (await town.send(link, "/sign-in")).status_code == 410


async def test_no_table_holds_a_secret(town: Town) -> None:
    await town.add()
    link = await town.get_link()
    assert link.rpartition("/")[2] not in await dump(town.database)
    await town.send(link)
    cookie = town.client.cookies.get(SESSION)
    assert cookie is not None
    assert cookie not in await dump(town.database)


async def test_a_new_sign_in_ends_the_one_before_in_this_browser(town: Town) -> None:
    await town.add()
    await town.sign_in()
    first = town.client.cookies.get(SESSION)
    await town.sign_in()
    assert town.client.cookies.get(SESSION) != first
    assert await count(town, SignIn) == 1


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/%0d%0aSet-Cookie:x=1/\r\nX: y",
        "javascript:alert(1)",
        "/l/secret",
        "/sign-in/link/x",
        " //evil.example",
        "/" + "a" * 600,
    ],
)
async def test_nobody_is_led_to_another_site(town: Town, wanted: str) -> None:
    await town.add()
    answer = await town.sign_in(next=wanted)
    assert answer.headers["location"] == "/"


async def test_one_is_led_to_the_page_that_one_wanted(town: Town) -> None:
    await town.add()
    answer = await town.sign_in(next="/board?storm=1&x=%C3%A9")
    assert answer.headers["location"] == "/board?storm=1&x=%C3%A9"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null"},
    ],
)
async def test_forms_of_other_sites_are_refused(town: Town, headers: dict[str, str]) -> None:
    await town.add()
    link = await town.get_link()
    page = await town.client.get(link)
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    for path in ("/sign-in", link, "/sign-in/password", "/sign-out"):
        data = {"csrf": token, "address": ADDRESS, "password": "x"}
        answer = await town.client.post(path, data=data, headers=headers, follow_redirects=False)
        assert answer.status_code == 403, path
    assert await count(town, SignIn) == 0


@pytest.mark.parametrize("token", ["", "A" * 43, None])
async def test_forms_without_their_token_are_refused(town: Town, token: str | None) -> None:
    await town.add()
    link = await town.get_link()
    data = {} if token is None else {"csrf": token}
    for path in ("/sign-in", link, "/sign-in/password"):
        answer = await town.client.post(
            path, data={**data, "address": ADDRESS}, headers=OURS, follow_redirects=False
        )
        assert answer.status_code == 403, path
    await town.send(link)
    for path in ("/sign-out", "/sign-in/password/set"):
        answer = await town.client.post(path, data=data, headers=OURS, follow_redirects=False)
        assert answer.status_code == 403, path
    assert await town.is_signed_in()


async def test_a_browser_without_cookies_is_told(town: Town) -> None:
    page = await town.client.get("/sign-in")
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    town.client.cookies.clear()
    answer = await town.client.post(
        "/sign-in", data={"csrf": token, "address": ADDRESS}, headers=OURS
    )
    assert answer.status_code == 403
    assert "your browser keeps no cookies" in answer.text


@pytest.mark.parametrize("address", [ADDRESS, "nobody@mail.example"])
async def test_asking_again_and_again_is_held_up(
    town: Town, clock: FixedClock, address: str
) -> None:
    await town.add()
    told = {"x-forwarded-for": "198.51.100.7"}
    statuses = []
    for number in range(8):
        town.client.headers.update({"x-forwarded-for": f"198.51.100.{number}", **told})
        answer = await town.ask(address.upper() if number % 2 else address)
        statuses.append(answer.status_code)
    assert statuses == [303] * 5 + [429] * 3
    assert int(answer.headers["retry-after"]) > 0
    clock.advance(timedelta(minutes=2))
    assert (await town.ask(address)).status_code == 303


async def test_no_mailbox_is_flooded_by_callers_who_take_turns(
    town: Town, clock: FixedClock
) -> None:
    await town.add()
    for _ in range(12):
        await town.ask()
        await town.work()
        clock.advance(timedelta(minutes=3))
    assert len(town.mailer.sent) == 6


async def test_people_who_share_an_address_choose(town: Town) -> None:
    first, _ = await town.add()
    second, community_id = await town.add()
    async with town.database.begin() as session:
        (await session.get_one(PersonName, second)).full_name = "Ana <b>Second</b>"
    link = await town.get_link()
    assert "Second" not in (await town.client.get(link)).text

    asked = await town.send(link)

    assert asked.status_code == 200
    assert "Several people have this e-mail address" in asked.text
    assert "Ana &lt;b&gt;Second&lt;/b&gt;" in asked.text
    assert await count(town, SignIn) == 0
    stranger, _ = await town.add(email="other@mail.example")
    assert (await town.send(link, person_id=str(stranger))).status_code == 404
    assert (await town.send(link, person_id=str(second))).status_code == 303
    async with town.database.read() as session:
        assert list(await session.scalars(select(SignIn.person_id))) == [second]
    assert first != second
    assert community_id


async def test_staff_are_no_choice_where_somebody_else_shares_an_address_not_confirmed(
    town: Town,
) -> None:
    resident, _ = await town.add()
    await town.add(role=Role.MANAGER, verified=False)
    answer = await town.sign_in()
    assert answer.status_code == 303
    async with town.database.read() as session:
        assert list(await session.scalars(select(SignIn.person_id))) == [resident]


async def test_signing_in_confirms_the_address(town: Town, clock: FixedClock) -> None:
    await town.add(verified=False)
    await town.sign_in()
    async with town.database.read() as session:
        assert await session.scalar(select(ContactPoint.verified_at)) == clock.now()


async def test_a_new_role_ends_sign_ins(town: Town, clock: FixedClock) -> None:
    person_id, community_id = await town.add()
    await town.sign_in()
    async with town.database.begin() as session:
        given = StaffRole(community_id, person_id, Role.MANAGER)
        assert await appoint(session, Actor.system(), given, now=clock.now())
        assert not await appoint(session, Actor.system(), given, now=clock.now())
    assert not await town.is_signed_in()


async def test_sign_ins_end_when_unused_and_in_any_case(town: Town, clock: FixedClock) -> None:
    await town.add()
    await town.sign_in()
    clock.advance(timedelta(days=13, hours=23))
    assert await town.is_signed_in()
    for _ in range(5):
        clock.advance(timedelta(days=13))
        assert await town.is_signed_in()
    clock.advance(timedelta(days=12))
    assert not await town.is_signed_in(), "90 days are over"
    await town.sign_in()
    clock.advance(timedelta(days=14))
    assert not await town.is_signed_in()


async def test_staff_are_signed_in_for_a_working_day(town: Town, clock: FixedClock) -> None:
    await town.add(role=Role.COORDINATOR)
    await town.sign_in()
    for _ in range(15):
        clock.advance(timedelta(hours=11))
        assert await town.is_signed_in()
    clock.advance(timedelta(hours=4))
    assert not await town.is_signed_in(), "a week is over"
    await town.sign_in()
    clock.advance(timedelta(hours=12))
    assert not await town.is_signed_in()


async def test_logs_hold_no_address_and_no_secret(town: Town) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeJsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        await town.add()
        link = await town.get_link()
        await town.send(link)
        await town.send("/sign-in/password", address=ADDRESS, password="a wrong password")
        cookie = town.client.cookies.get(SESSION)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    written = stream.getvalue()
    for event in ("sign_in.link_sent", "sign_in.started", "sign_in.refused"):
        assert f'"event": "{event}"' in written
    assert cookie
    for secret in (ADDRESS, link.rpartition("/")[2], cookie, "a wrong password"):
        assert secret not in written


@pytest.mark.parametrize("lang", ["en", "es"])
async def test_pages_speak_both_languages(town: Town, lang: str) -> None:
    words = {"en": ("Sign in", "Send me a link"), "es": ("Entrar", "Enviarme un enlace")}[lang]
    page = await town.client.get("/sign-in", params={"lang": lang})
    assert all(word in page.text for word in words)
    assert f'<html lang="{lang}" dir="ltr">' in page.text
    await town.add()
    answer = await town.ask(lang=lang)
    assert answer.headers["location"] == f"/sign-in/sent?lang={lang}"
    await town.work()
    subject = {"en": "Your link to sign in", "es": "Su enlace para entrar"}[lang]
    assert town.mailer.sent[-1].parse()["Subject"] == subject


async def test_what_is_no_address_is_said(town: Town) -> None:
    for text in ("", "ana", "ana@", "a b@mail.example", "é" * 400 + "@mail.example", "<script>"):
        answer = await town.ask(text)
        assert answer.status_code == 422, text
        assert "This is no e-mail address" in answer.text
        assert "<script>" not in answer.text


async def test_pages_are_private(town: Town) -> None:
    for path in ("/sign-in", "/sign-in/sent", "/sign-in/password"):
        page = await town.client.get(path)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert SITE not in page.text
