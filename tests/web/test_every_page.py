"""What holds for the pages of every room, whoever asks: taken from the list of routes itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.ids import new_id
from tests.town_pages import Pages
from web.routes import ROOMS

PUBLIC = (
    "/",
    "/accessibility",
    "/campaigns",
    "/events",
    "/groups",
    "/help",
    "/impact",
    "/numbers",
    "/privacy",
    "/rules",
)
"""What strangers read and search engines may list."""
OPEN = ("/ask", "/call-me", "/look", "/manifest.webmanifest", "/offline", "/volunteer")
"""What strangers use besides."""
SIGNED_IN = ("/account", "/requests", "/volunteering", "/surveys", "/standings")
"""Beginnings of what is for those who are signed in."""
LOOKS = ("/ask/places",)
"""What is posted so that no address stands in a log; it changes nothing, whoever asks."""
_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")


def list_routes(method: str) -> Iterator[str]:
    """Addresses of the rooms that take a method, with made-up ids and words in them."""
    for route in ROOMS.routes:
        methods = {str(one) for handler in route.route_handlers for one in handler.http_methods}  # type: ignore[attr-defined]  # routes over HTTP alone
        if method in methods:
            yield _PARAMETER.sub(_make_up, route.path)


def _make_up(found: re.Match[str]) -> str:
    if found[2] == "uuid":
        return str(new_id())
    return "snowville" if found[1] == "community" else "nothing-such"


async def ask(
    pages: Pages, path: str, cookie: dict[str, str], method: str = "GET"
) -> tuple[int, str]:
    headers = {"accept": "text/html", **cookie}
    answer = await pages.client.request(method, path, headers=headers, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


async def test_staff_pages_are_for_staff(pages: Pages) -> None:
    resident = await pages.as_person(pages.here.resident_ids[0])
    volunteer = await pages.as_person(pages.here.volunteer_person_ids[0])
    manager = await pages.as_person(pages.here.manager_id)
    for path in list_routes("GET"):
        if not path.startswith("/staff"):
            continue
        status, location = await ask(pages, path, {})
        assert (status, location[:14]) == (303, "/sign-in?next="), path
        assert (await ask(pages, path, resident))[0] in (403, 404), path
        assert (await ask(pages, path, volunteer))[0] in (403, 404), path
        assert (await ask(pages, path, manager))[0] in (200, 303, 404), path


async def test_pages_answer_members_and_staff_of_another_town(pages: Pages) -> None:
    people = (
        pages.here.resident_ids[0],
        pages.here.volunteer_person_ids[0],
        pages.there.manager_id,
    )
    for person in people:
        cookie = await pages.as_person(person)
        for path in list_routes("GET"):
            if not path.startswith("/staff") or person == pages.there.manager_id:
                status, _ = await ask(pages, path, cookie)
                assert status in (200, 303, 400, 403, 404, 409, 410), (path, status)


async def test_strangers_are_led_to_the_sign_in_and_back(pages: Pages) -> None:
    for path in list_routes("GET"):
        if path.startswith(SIGNED_IN):
            status, location = await ask(pages, path, {})
            assert status in (303, 404), path
            assert status == 404 or location.startswith("/sign-in?next="), path
    for path in (*PUBLIC, *OPEN):
        assert (await ask(pages, path, {}))[0] == 200, path


async def test_nothing_is_done_by_the_form_of_another_site(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    for cookie in (manager, {}):
        for path in set(list_routes("POST")) - set(LOOKS):
            status, _ = await ask(pages, path, cookie, "POST")
            assert status in (401, 403), (path, status)
            foreign = {"origin": "https://elsewhere.example", **cookie}
            answer = await pages.client.post(path, headers=foreign, follow_redirects=False)
            assert answer.status_code in (401, 403), path


async def test_private_pages_are_kept_nowhere_and_public_ones_are_listed(pages: Pages) -> None:
    for path in PUBLIC:
        answer = await pages.get(path, {"accept": "text/html"})
        assert "noindex" not in answer.text + answer.headers.get("x-robots-tag", ""), path
        assert '<meta name="description"' in answer.text, path
        assert "set-cookie" not in answer.headers, path
    cookie = await pages.as_person(pages.here.manager_id)
    for path in ("/staff/requests", "/staff/people", "/account"):
        answer = await pages.get(path, cookie)
        assert answer.headers["cache-control"] == "no-store", path
        assert "noindex" in answer.text, path


async def test_pages_of_every_room_speak_spanish(pages: Pages) -> None:
    for path in (*PUBLIC, "/ask", "/call-me", "/volunteer"):
        answer = await pages.get(f"{path}?lang=es")
        assert '<html lang="es"' in answer.text, path
        assert answer.headers["content-language"] == "es", path
