"""A manager's evening by keyboard alone: the board, a round, who is left, a message, a call."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from playwright.sync_api import Browser, expect

from tests.e2e.looking import Window, looking

MOST_TABS = 150
MOST_SECONDS = 150
DEMO = 'form[action="/demo/sign-in/manager"] button'


def tab_to(window: Window, selector: str) -> None:
    """Press Tab until what fits has the focus, and see that it shows."""
    for _ in range(MOST_TABS):
        window.page.keyboard.press("Tab")
        here = window.page.locator(":focus")
        if here.count() and here.first.evaluate("(one, fits) => one.matches(fits)", selector):
            expect(here.first).to_be_in_viewport()
            return
    raise AssertionError(f"Tab never comes to {selector}")


def press(window: Window, selector: str) -> None:
    """Go to a link or button with Tab, press Enter, and wait for the page that comes."""
    tab_to(window, selector)
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    window.page.wait_for_load_state()


def wait_for_round(window: Window) -> None:
    """Until the round that runs has ended, and its page says so."""
    for _ in range(MOST_SECONDS):
        if "/jobs/" not in window.page.url:
            return
        if window.page.get_by_role("link", name="Open the result").count():
            press(window, 'main a.btn[href^="/staff/rounds/"]')
            return
        window.page.wait_for_timeout(1_000)
    raise AssertionError("the round does not end")


def test_an_evening_of_a_manager_by_keyboard(browser: Browser, site: str) -> None:
    with looking(browser, site, width=1280) as window:
        page, keys = window.page, window.page.keyboard
        window.open("/demo")
        press(window, DEMO)
        press(window, 'a[href="/staff/storm"]')
        window.check("manager-board")

        tab_to(window, "tr[data-cell] button")
        expect(page.locator("tr.row-lit")).to_have_count(1)
        assert page.locator(".map path.m-lit").count() > 0
        press(window, 'main a[href="/staff/rounds/new"]')
        tab_to(window, 'input[name="ask"]')
        keys.press("Space")
        press(window, 'main form button[type="submit"]')
        assert "/staff/rounds/jobs/" in page.url
        wait_for_round(window)
        expect(page.get_by_role("heading", level=1)).to_contain_text("The round planned")
        window.check("manager-round")

        press(window, 'a[href="/staff/storm"]')
        remedy = page.locator(".why .try a.btn").first
        expect(remedy).to_be_visible()
        press(window, ".why .try a.btn")
        window.check("manager-remedy")
        page.go_back()
        press(window, '.why p a[href*="/left"]')
        window.check("manager-left")
        press(window, 'main li a[href^="/staff/requests/"]')
        press(window, 'main a[href$="/change"]')
        tomorrow = datetime.now() + timedelta(days=1)  # noqa: DTZ005  # the day as the page has it
        tab_to(window, "#until")
        keys.type(tomorrow.strftime("%m%d%Y"))
        keys.press("ArrowRight")
        keys.type("1159PM")
        tab_to(window, "textarea")
        keys.press("Control+End")
        keys.type(" Asked by phone: tomorrow is fine too.")
        press(window, "main form button.btn")
        assert re.fullmatch(r".*/staff/requests/[0-9a-f-]{36}(\?said=\w+)?", page.url), page.url
        expect(page.get_by_text("tomorrow is fine too").first).to_be_visible()

        press(window, 'a[href="/staff/messages"]')
        press(window, 'main a[href="/staff/messages/threads"]')
        press(window, 'main a.row-link[href^="/staff/messages/threads/"]')
        tab_to(window, "textarea")
        keys.type("Please mind the ice at the steps.")
        press(window, "main form button.btn")
        expect(page.get_by_text("Please mind the ice at the steps.").first).to_be_visible()
        window.check("manager-thread")

        press(window, 'a[href="/staff"]')
        press(window, 'main a[href="/staff/intake"]')
        expect(page.locator(':focus[name="who"]')).to_have_count(1)
        keys.type("Call of the Evening")
        with page.expect_navigation():
            keys.press("Enter")
        expect(page.locator(':focus[name="phone"]')).to_have_count(1)
        keys.type("617 555 0188")
        tab_to(window, '[name="address"]')
        keys.type("250 Garden St")
        with page.expect_navigation():
            keys.press("Enter")
        if page.locator('[name="place"][type="radio"]').count():
            keys.press("Space")
            with page.expect_navigation():
                keys.press("Enter")
        expect(page.locator(':focus[name="kind"]')).to_have_count(1)
        keys.press("Space")
        tab_to(window, '[name="when"]')
        keys.press("Space")
        tab_to(window, '[name="agreed"]')
        keys.press("Space")
        press(window, '[name="do"][value="save"]')
        assert "/staff/intake/taken/" in page.url
        expect(page.get_by_role("heading", name="Say this to the caller")).to_be_visible()
        window.check("manager-call-taken")
