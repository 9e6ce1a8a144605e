"""The staff's files in a browser: a call taken by keyboard alone, requests, people, messages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.looking import Scheme, Window, looking

MOST_TABS = 60


def tab_to(window: Window, name: str, value: str | None = None) -> None:
    """Press Tab until a field or button of this name has the focus."""
    for _ in range(MOST_TABS):
        window.page.keyboard.press("Tab")
        here = window.page.locator(":focus")
        if not here.count() or here.get_attribute("name") != name:
            continue
        if value in (None, here.get_attribute("value")):
            return
    raise AssertionError(f"Tab never comes to {name}")


def focused(window: Window) -> str | None:
    """The name of what has the focus."""
    return window.page.locator(":focus").get_attribute("name")


def press_enter(window: Window) -> None:
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    window.page.wait_for_load_state()


@pytest.mark.parametrize(
    ("width", "javascript"), [(1280, True), (1280, False), (390, True), (390, False)]
)
def test_a_call_is_taken_by_keyboard_alone(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    who = f"Keyboard Caller {'Script' if javascript else 'Plain'} {width}"
    with looking(browser, site, width=width, javascript=javascript) as window:
        window.sign_in("coordinator")
        assert window.open("/staff/intake") == 200
        assert focused(window) == "who"
        keys = window.page.keyboard
        keys.type(who)
        press_enter(window)
        assert focused(window) == "phone", "the name is there already"
        keys.type(f"617 555 01{10 + width % 40 + javascript}")
        tab_to(window, "address")
        keys.type("250 Garden St")
        press_enter(window)
        if window.page.locator('[name="spot"][type="radio"]').count():
            assert focused(window) == "spot"
            keys.press("Space")
            press_enter(window)
        if javascript:
            window.check("casework-intake")
        assert focused(window) == "kind"
        keys.press("1" if javascript else "Space")
        tab_to(window, "when")
        keys.press("Space")
        tab_to(window, "notes")
        keys.type("The bell is broken, knock please")
        tab_to(window, "do", "save")
        press_enter(window)
        assert window.page.title().startswith("Error"), "the consent is missing"
        expect(window.page.locator('[name="notes"]')).to_have_value(
            "The bell is broken, knock please"
        )
        if javascript:
            window.check("casework-intake-errors")
        tab_to(window, "agreed")
        keys.press("Space")
        tab_to(window, "do", "save")
        press_enter(window)
        expect(window.page.locator("h1")).to_contain_text("is")
        expect(window.page.get_by_role("heading", name="Say this to the caller")).to_be_visible()
        assert "Keyboard" not in window.page.url
        if javascript:
            window.check("casework-taken")
        press_enter(window)
        assert window.page.url.endswith("/staff/intake"), "Enter takes the next call"


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (390, "light"), (1280, "dark")])
def test_every_page_of_the_files(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    pages = {
        "requests": "/staff/requests?state=all",
        "requests-none": "/staff/requests?code=NONE",
        "review": "/staff/review",
        "people": "/staff/people",
        "volunteers": "/staff/volunteers?state=all",
        "messages": "/staff/messages?state=all",
        "threads": "/staff/messages/threads?show=all",
    }
    with looking(browser, site, width=width, scheme=scheme) as window:
        window.sign_in("manager")
        found = {}
        for name, path in pages.items():
            assert window.open(path) == 200
            window.check(f"casework-{name}")
            links = window.page.locator("th .row-link")
            if links.count():
                found[name] = str(links.first.get_attribute("href"))
        for name in ("requests", "volunteers", "threads"):
            assert window.open(found[name]) == 200
            window.check(f"casework-{name}-one")
        for name in ("change", "cancel", "give"):
            assert window.open(f"{found['requests']}/{name}") == 200
            window.check(f"casework-request-{name}")
        for name in ("apart", "erase"):
            assert window.open(f"{found['volunteers']}/{name}") == 200
            window.check(f"casework-person-{name}")


@pytest.mark.parametrize("javascript", [True, False])
def test_what_is_looked_at_is_shown_once(browser: Browser, site: str, javascript: bool) -> None:
    with looking(browser, site, width=1280, javascript=javascript) as window:
        window.sign_in("coordinator")
        window.open("/staff/requests?state=all")
        window.page.locator("th .row-link").first.click()
        window.page.wait_for_load_state()
        place = window.page.url
        window.page.get_by_role("button", name="Show the address").click()
        expect(window.page.locator("#errors")).to_contain_text("Say why")
        window.page.get_by_label("Why you need it").select_option("address_check")
        window.page.get_by_role("button", name="Show the address").click()
        expect(window.page.locator(".addr")).to_be_visible()
        if javascript:
            window.check("casework-address")
        window.page.goto(place)
        expect(window.page.locator(".addr")).to_have_count(0)
        window.open("/staff/people")
        expect(window.page.locator(':focus[name="who"]')).to_have_count(1)
        window.page.keyboard.type("Resident")
        press_enter(window)
        assert "Resident" not in window.page.url
        if javascript:
            window.check("casework-people-found")
        window.page.locator("th .row-link").first.click()
        window.page.get_by_role("button", name="Show phone and mail").click()
        expect(window.page.get_by_text("You see it this once")).to_be_visible()
        if javascript:
            window.check("casework-person")
