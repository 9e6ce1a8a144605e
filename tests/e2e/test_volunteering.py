"""Volunteers: signing up, answering with one thumb, and what they tell us about themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looking import Scheme, Window, looking

HOME = "/volunteering"
THREE_STEPS = 3


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def checker(window: Window, javascript: bool) -> Callable[[str], None]:
    """What holds for every page; without JavaScript axe cannot look."""
    return window.check if javascript else lambda name: None


def fill_in_who(page: Page, mail: str) -> None:
    page.get_by_label("Your name").fill("Ana Example")
    page.get_by_label("E-mail").fill(mail)


@pytest.mark.parametrize(
    ("width", "javascript"), [(390, True), (390, False), (1280, True), (320, False)]
)
def test_signing_up_in_three_steps(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    scheme: Scheme = "light" if javascript else "dark"
    with looking(browser, site, width=width, scheme=scheme, javascript=javascript) as window:
        page, asked = window.page, 0
        check = checker(window, javascript)
        window.open("/volunteer")
        check(f"volunteer-who-{scheme}")
        press(page, "Go on")
        expect(page.locator("#errors")).to_be_visible()
        check(f"volunteer-who-errors-{scheme}")
        fill_in_who(page, f"ana-{width}-{scheme}@mail.example")
        press(page, "Go on")
        asked += 1
        page.get_by_label("Street and house number").fill("17 Garden St")
        if javascript:
            page.get_by_label("Street and house number").press("Tab")
        else:
            press(page, "How many asked near me?")
        expect(page.locator("#near")).to_contain_text("near you")
        check(f"volunteer-where-{scheme}")
        press(page, "Go on")
        asked += 1
        press(page, "Sign me up")
        expect(page.locator("#errors")).to_be_visible()
        page.locator("#at-5-morning").check()
        page.get_by_label("I agree that you keep").check()
        check(f"volunteer-when-{scheme}")
        press(page, "Sign me up")
        asked += 1
        expect(page.locator("h1")).to_contain_text("the team confirms who you are")
        check(f"volunteer-done-{scheme}")
        assert asked == THREE_STEPS


def test_the_week_is_filled_in_by_keyboard(browser: Browser, site: str) -> None:
    with looking(browser, site, width=390) as window:
        page = window.page
        window.sign_in("other-volunteer")
        window.open(f"{HOME}/time")
        page.locator("#at-0-early").focus()
        for _ in range(4):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "at-1-early"
        was_on = page.locator("#at-1-early").is_checked()
        page.keyboard.press("Space")
        assert page.locator("#at-1-early").is_checked() is not was_on
        page.get_by_role("button", name="Save my week").press("Enter")
        page.wait_for_load_state()
        expect(page.get_by_role("status").first).to_contain_text("Saved.")
        assert page.locator("#at-1-early").is_checked() is not was_on
        window.check("volunteering-time-saved")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [390, 1280])
def test_an_offer_has_its_facts_and_a_visit_its_door(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    scheme: Scheme = "light" if width == 390 else "dark"
    with looking(browser, site, width=width, scheme=scheme, javascript=javascript) as window:
        page, check = window.page, checker(window, javascript)
        window.sign_in("other-volunteer")
        window.open(HOME)
        check(f"volunteering-home-{scheme}")
        visits = page.locator(f'a[href^="{HOME}/visits/"]')
        offers = page.locator(f'a[href^="{HOME}/offers/"]')
        paths = [one.first.get_attribute("href") or "" for one in (offers, visits) if one.count()]
        assert paths, "the demonstration has something open or agreed for its volunteers"
        for path in paths:
            window.open(path)
            check(f"volunteering-{path.split('/')[2]}-{scheme}")
            assert page.locator(".map-svg").count()
            if "/offers/" in path:
                expect(page.locator(".thumb button")).to_have_count(2)
                expect(page.locator(".thumb button").first).to_be_in_viewport()
                expect(page.get_by_text("The job", exact=True).first).to_be_in_viewport()
                assert not re.search(r"\d+ Snowville Way", page.content())


@pytest.mark.parametrize("width", [320, 1280])
def test_the_other_pages_of_a_volunteer(browser: Browser, site: str, width: int) -> None:
    scheme: Scheme = "light" if width == 320 else "dark"
    with looking(browser, site, width=width, scheme=scheme, language="es-MX") as window:
        window.sign_in("other-volunteer")
        for name in ("offers", "time", "you", "tools", "calendar", "impact", "hours", "leave"):
            assert window.open(f"{HOME}/{name}") == 200
            window.check(f"volunteering-{name}-{scheme}")
