"""Asking for help: on a phone and at a desk, by keyboard, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.e2e.looking import Scheme, Window, looking

MOST_PAGES = 8
MOST_BYTES = 60_000
OF_THE_MAP = ("/map/", "/leaflet/", "/js/map", "/css/map.css")


def go_on(window: Window) -> None:
    """Press the one filled button of the page."""
    window.page.locator("main form .btn-big").last.click()
    window.page.wait_for_load_state()


def answer_all(window: Window, *, name: str | None = None) -> int:
    """From the first question to the page with all answers; over how many pages."""
    page = window.page
    pages = 1

    def seen(part: str) -> None:
        nonlocal pages
        pages += 1
        if name is not None:
            window.check(f"{name}-{part}")

    window.open("/ask")
    page.get_by_role("radio", name=re.compile("^Snow")).check()
    if name is not None:
        window.check(f"{name}-what")
    go_on(window)
    seen("parts")
    page.get_by_role("checkbox", name="Steps").check()
    go_on(window)
    seen("when")
    page.locator("input[name=when]").first.check()
    go_on(window)
    seen("place")
    page.get_by_label("Street and house number").fill("22 Aberdeen Ave")
    go_on(window)
    seen("pin")
    go_on(window)
    seen("who")
    page.get_by_role("radio", name="I do").check()
    page.get_by_label("Name of the person who needs help").fill("Rosa Sample")
    go_on(window)
    seen("contact")
    page.get_by_role("radio", name=re.compile("^By text message")).check()
    page.get_by_label("Phone number").fill("617-555-0199")
    go_on(window)
    seen("check")
    return pages


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [390, 1280])
def test_asking_for_help(browser: Browser, site: str, width: int, javascript: bool) -> None:
    scheme: Scheme = "dark" if width == 1280 else "light"
    name = f"ask-{scheme}" if javascript else None
    with looking(
        browser,
        site,
        width=width,
        scheme=scheme,
        javascript=javascript,
    ) as window:
        assert answer_all(window, name=name) <= MOST_PAGES
        page = window.page
        assert page.get_by_text("Nothing has been sent yet.").is_visible()
        consent = page.get_by_role("checkbox", name=re.compile("may see the address"))
        assert not consent.is_checked()
        go_on(window)
        page.get_by_text("There is something to change").wait_for()
        if javascript:
            window.check("ask-check-error")
            assert page.evaluate("document.activeElement.id") == "errors"
        page.get_by_role("checkbox", name=re.compile("may see the address")).check()
        go_on(window)
        page.get_by_text("Thank you. We have your request.").wait_for()
        assert page.get_by_role("heading", level=1).count() == 1
        if javascript:
            window.check(f"ask-done-{scheme}")


def test_asking_moves_few_bytes(browser: Browser, site: str) -> None:
    answers: list[Response] = []
    with looking(browser, site) as window:
        window.page.on("response", lambda answer: answers.append(answer))
        answer_all(window)
        window.page.wait_for_load_state("networkidle")
        moved = 0
        for answer in answers:
            if answer.status < 300 and not any(part in answer.url for part in OF_THE_MAP):
                sizes = answer.request.sizes()
                moved += sizes["responseBodySize"] + sizes["responseHeadersSize"]
    assert 20_000 < moved <= MOST_BYTES


def press_until(page: Page, selector: str) -> None:
    """Go from control to control with the keyboard until one is reached."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_asking_with_the_keyboard_alone(browser: Browser, site: str) -> None:
    with looking(browser, site, width=1280) as window:
        page = window.page
        window.open("/ask")
        press_until(page, "input[name=kind]")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Which parts?").wait_for()
        press_until(page, "main form .btn-big")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="When do you need it?").wait_for()
        press_until(page, "input[name=when]")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Where do you need help?").wait_for()
        press_until(page, "#typed")
        page.keyboard.type("Hollis St and Rindge Ave")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Is this the right place?").wait_for()
        window.check("ask-corner")
        press_until(page, "#notes")
        page.keyboard.type("Number 3")
        page.keyboard.press("Enter")
        page.get_by_text("Move the pin to the door first").first.wait_for()
        # The pin moves on the spot, once the map is there.
        page.locator(".map.map-on").wait_for()
        press_until(page, "button[name=move][value=north]")
        page.keyboard.press("Enter")
        press_until(page, "#notes")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Who needs the help?").wait_for()


@pytest.mark.parametrize("width", [320, 1280])
def test_my_requests(browser: Browser, site: str, width: int) -> None:
    with looking(browser, site, width=width) as window:
        window.sign_in("resident")
        assert window.open("/requests") == 200
        window.check("my-requests")
        links = window.page.locator("main a.door[href*='/requests/']")
        if links.count():
            links.first.click()
            window.page.wait_for_load_state()
            window.check("my-request")
            change = window.page.get_by_role("link", name="Change the request")
            if change.count():
                change.click()
                window.check("my-request-change")
                window.page.go_back()
            cancel = window.page.get_by_role("link", name="I no longer need help")
            if cancel.count():
                cancel.click()
                window.check("my-request-cancel")


def test_asking_in_spanish(browser: Browser, site: str) -> None:
    with looking(browser, site, width=320, language="es-MX") as window:
        window.open("/ask")
        window.page.locator("input[value=yard]").check()
        go_on(window)
        window.check("ask-parts-es")
        window.page.locator("input[type=checkbox]").first.check()
        go_on(window)
        window.check("ask-when-es")
        assert window.page.get_by_role("heading", name="¿Cuándo lo necesita?").is_visible()
