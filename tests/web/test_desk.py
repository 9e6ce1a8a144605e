"""What every page that is asked for at the desk does: language, place, guards, forms, cookies."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.testing import AsyncTestClient

from api.app import create_app
from core.clock import FixedClock
from core.db import Database
from core.errors import TalkootError
from core.settings import Settings
from people.models import Community, Preferences
from tests.factories.town import Town, seed_town
from tests.town_pages import SITE, Pages
from web.pages.choices import LANGUAGE_COOKIE, THEME_COOKIE
from web.pages.desk import PLACE_COOKIE, Answer, Call, Desk, answer_page_error
from web.pages.guards import AnyRequest

ERROR_VALUES = {"title": "Shown", "words": "", "reference": "", "again": None}


@get("/probe/look", name="probe_look")
async def get_look(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    async with desk.look(request) as call:
        seen = {
            "language": call.reader.language,
            "place": call.town.slug,
            "audience": call.reader.audience,
            "theme": call.reader.theme,
            "said": call.said,
            "csrf": call.browser.csrf,
        }
        return call.browser.finish(Response(seen))


def guarded(name: str, guard: Callable[[Call], Any]) -> Any:
    @get(f"/probe/{name}", name=f"probe_{name}")
    async def get_guarded(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
        async with desk.look(request) as call:
            guard(call)
            return call.show("error.html", ERROR_VALUES)

    return get_guarded


@get("/probe/public", name="probe_public")
async def get_public(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    async with desk.look(request) as call:
        return call.show_public("error.html", ERROR_VALUES)


@post("/probe/write", name="probe_write", status_code=303)
async def post_write(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    async with desk.press(request) as call:
        call.town.name = call.form["name"]
        await call.session.flush()
        if call.form.get("is_wrong"):
            raise call.show_again("error.html", ERROR_VALUES | {"title": "Something is missing"})
        return call.go("/probe/look?page=2#end", said="renamed")


PROBES = Router(
    path="/",
    route_handlers=[
        get_look,
        get_public,
        guarded("person", lambda call: call.person()),
        guarded("staff", lambda call: call.staff()),
        guarded("manager", lambda call: call.manager()),
        post_write,
    ],
    exception_handlers={TalkootError: answer_page_error},
)


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    clock.advance(timedelta(hours=1))
    there = await seed_town(database, clock, slug="elmwood")
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
        }
    )
    app = create_app(settings, clock=clock, more_routes=[PROBES])
    async with AsyncTestClient(app, base_url=SITE) as client:
        yield Pages(client, database, clock, here, there)


def cookies(**values: str) -> str:
    return "; ".join(f"__Host-{name.replace('_', '-')}={text}" for name, text in values.items())


async def see(pages: Pages, headers: dict[str, str], query: str = "") -> dict[str, Any]:
    pages.client.cookies.clear()
    answer = await pages.client.get(f"/probe/look{query}", headers=headers)
    assert answer.status_code == 200
    seen: dict[str, Any] = answer.json()
    return seen


async def name_of(pages: Pages, town: Town) -> str:
    async with pages.database.read() as session:
        return str((await session.get_one(Community, town.community_id)).name)


async def test_the_language_is_asked_then_chosen_then_ones_own_then_the_browsers(
    pages: Pages,
) -> None:
    person_id = pages.here.resident_ids[0]
    async with pages.database.begin() as session:
        (await session.get_one(Preferences, person_id)).languages = ["es"]
    signed_in = await pages.as_person(person_id)
    chosen = {"cookie": f"{signed_in['cookie']}; {cookies(talkoot_language='en')}"}
    english, spanish = {"accept-language": "en"}, {"accept-language": "es-MX,es"}
    for headers, query, language in (
        (chosen, "?lang=es", "es"),
        (chosen | spanish, "", "en"),
        (signed_in | english, "", "es"),
        (spanish, "", "es"),
        (english, "?lang=xx", "en"),
        ({"cookie": cookies(talkoot_language="xx")} | spanish, "", "es"),
    ):
        assert (await see(pages, headers, query))["language"] == language

    pages.client.cookies.clear()
    asked = await pages.client.get("/probe/look?lang=es")
    kept = [text for text in asked.headers.get_list("set-cookie") if LANGUAGE_COOKIE in text]
    assert len(kept) == 1
    unasked = await pages.client.get("/probe/look", headers={"cookie": "x=y"})
    assert LANGUAGE_COOKIE not in str(unasked.headers.get_list("set-cookie"))


async def test_the_place_is_ones_own_else_the_chosen_else_the_oldest(pages: Pages) -> None:
    here, there = pages.here, pages.there
    chosen = cookies(talkoot_place="elmwood")
    for person_id, cookie, place, audience in (
        (None, "", "snowville", "public"),
        (None, chosen, "elmwood", "public"),
        (None, cookies(talkoot_place="nowhere"), "snowville", "public"),
        (there.resident_ids[0], "", "elmwood", "member"),
        (here.resident_ids[0], chosen, "snowville", "member"),
        (there.coordinator_id, "", "elmwood", "staff"),
        (here.manager_id, chosen, "snowville", "staff"),
    ):
        headers = {} if person_id is None else await pages.as_person(person_id)
        headers = {"cookie": "; ".join(filter(None, [headers.get("cookie", ""), cookie]))}
        seen = await see(pages, headers)
        assert (seen["place"], seen["audience"]) == (place, audience)
    assert PLACE_COOKIE == "talkoot-place"


async def test_who_may_see_what(pages: Pages) -> None:
    here, there = pages.here, pages.there
    people: list[tuple[UUID | None, tuple[int, int, int]]] = [
        (None, (303, 303, 303)),
        (here.resident_ids[0], (200, 403, 403)),
        (here.coordinator_id, (200, 200, 403)),
        (here.manager_id, (200, 200, 200)),
        (there.resident_ids[0], (200, 403, 403)),
    ]
    for person_id, wanted in people:
        pages.client.cookies.clear()
        headers = {} if person_id is None else await pages.as_person(person_id)
        answers = [
            await pages.client.get(
                f"/probe/{name}?a=1&b=2", headers=headers, follow_redirects=False
            )
            for name in ("person", "staff", "manager")
        ]
        assert tuple(answer.status_code for answer in answers) == wanted
        if person_id is None:
            assert (
                answers[1].headers["location"] == "/sign-in?next=%2Fprobe%2Fstaff%3Fa%3D1%26b%3D2"
            )
        for answer in answers:
            assert answer.headers["cache-control"] == "no-store"


async def test_a_form_changes_something_once_it_is_whole(pages: Pages) -> None:
    headers = await pages.as_person(pages.here.resident_ids[0])
    csrf = (await see(pages, headers))["csrf"]
    form = {"csrf": csrf, "name": "Newtown"}

    wrong = await pages.client.post(
        "/probe/write", data=form | {"is_wrong": "1"}, headers=headers, follow_redirects=False
    )
    assert wrong.status_code == 422
    assert "Something is missing" in wrong.text
    assert await name_of(pages, pages.here) != "Newtown"

    right = await pages.client.post(
        "/probe/write", data=form, headers=headers, follow_redirects=False
    )
    assert right.status_code == 303
    assert right.headers["location"] == "/probe/look?page=2&said=renamed#end"
    assert await name_of(pages, pages.here) == "Newtown"

    by_htmx = await pages.client.post(
        "/probe/write", data=form, headers=headers | {"hx-request": "true"}, follow_redirects=False
    )
    assert by_htmx.status_code == 200
    assert by_htmx.headers["hx-location"] == "/probe/look?page=2&said=renamed#end"
    assert by_htmx.text == ""


@pytest.mark.parametrize("is_signed_in", [False, True])
async def test_forms_of_others_are_refused(pages: Pages, is_signed_in: bool) -> None:
    headers = await pages.as_person(pages.here.resident_ids[0]) if is_signed_in else {}
    pages.client.cookies.clear()
    first = await pages.client.get("/probe/look", headers=headers)
    csrf = first.json()["csrf"]
    if not is_signed_in:
        made = re.search(r"(__Host-talkoot-visit=[^;]+)", first.headers["set-cookie"])
        assert made is not None
        headers = {"cookie": made[1]}
    other = (await see(pages, await pages.as_person(pages.there.resident_ids[0])))["csrf"]
    before = await name_of(pages, pages.here)
    for form, more in (
        ({"name": "Stolen"}, {}),
        ({"name": "Stolen", "csrf": "x" * 43}, {}),
        ({"name": "Stolen", "csrf": other}, {}),
        ({"name": "Stolen", "csrf": csrf}, {"origin": "https://evil.example"}),
        ({"name": "Stolen", "csrf": csrf}, {"sec-fetch-site": "cross-site"}),
    ):
        pages.client.cookies.clear()
        answer = await pages.client.post(
            "/probe/write", data=form, headers=headers | more, follow_redirects=False
        )
        assert answer.status_code == 403
        assert "Please open this page again" in answer.text
    assert await name_of(pages, pages.here) == before

    pages.client.cookies.clear()
    own = await pages.client.post(
        "/probe/write",
        data={"name": "Ours", "csrf": csrf},
        headers=headers | {"origin": SITE, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    assert own.status_code == 303
    assert await name_of(pages, pages.here) == "Ours"


async def test_more_presses_than_a_person_makes_wait(pages: Pages) -> None:
    headers = await pages.as_person(pages.here.resident_ids[0])
    form = {"csrf": (await see(pages, headers))["csrf"], "name": "Newtown"}
    statuses = []
    for _ in range(40):
        answer = await pages.client.post(
            "/probe/write", data=form, headers=headers, follow_redirects=False
        )
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            break
    assert statuses[0] == 303
    assert statuses[-1] == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "That was very often" in answer.text


async def test_cookies_and_headers(pages: Pages) -> None:
    pages.client.cookies.clear()
    first = await pages.client.get("/look?lang=es")
    made = first.headers.get_list("set-cookie")
    assert {text.partition("=")[0] for text in made} == {
        "__Host-talkoot-language",
        "__Host-talkoot-visit",
    }
    for text in made:
        for flag in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
            assert flag in text
        assert "Domain" not in text
    assert first.headers["cache-control"] == "no-store"
    assert "noindex" in first.headers["x-robots-tag"]

    public = await pages.client.get("/probe/public")
    assert public.headers["cache-control"] == "no-cache"
    assert "x-robots-tag" not in public.headers
    assert {"Cookie", "Accept-Language"} <= set(re.split(r",\s*", public.headers["vary"]))
    assert 'name="robots"' not in public.text


async def test_colours_are_chosen_and_kept(pages: Pages) -> None:
    pages.client.cookies.clear()
    page = await pages.client.get("/look")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    assert "data-theme" not in page.text
    for theme, mark in (("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')):
        answer = await pages.client.post("/look", data={"csrf": csrf[1], "theme": theme})
        assert answer.status_code == 200
        assert mark in answer.text
        assert "Saved." in answer.text
        assert mark in (await pages.client.get("/sign-in")).text
        assert mark in (await pages.client.get("/nowhere", headers={"accept": "text/html"})).text
    wrong = await pages.client.post("/look", data={"csrf": csrf[1], "theme": "<pink>"})
    assert wrong.status_code == 422
    assert "Choose one of the three" in wrong.text
    assert "<title>Error:" in wrong.text
    answer = await pages.client.post("/look", data={"csrf": csrf[1], "theme": "device"})
    assert "data-theme" not in answer.text
    assert THEME_COOKIE in str(pages.client.cookies)
