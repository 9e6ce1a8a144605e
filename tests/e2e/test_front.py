"""The first page, one's own page and a phone without a connection, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.looking import WAIT_MS, Scheme, looking

PUBLIC = {
    "home": "/",
    "help": "/help",
    "rules": "/rules",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "numbers": "/numbers",
    "impact": "/impact",
    "sign-in": "/sign-in",
    "demo": "/demo",
}
OWN = {
    "account": "/account",
    "name": "/account/name",
    "reach": "/account/reach",
    "contact": "/account/contacts/new",
    "messages": "/account/messages",
    "data": "/account/data",
    "forget": "/account/forget",
}


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_public_pages(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    with looking(browser, site, width=width, scheme=scheme) as window:
        for name, path in PUBLIC.items():
            assert window.open(path) == 200
            window.check(f"front-{name}-{scheme}")


def test_the_whole_ask_is_seen_without_scrolling(browser: Browser, site: str) -> None:
    with looking(browser, site, width=390, javascript=False) as window:
        window.open("/")
        for name in ("I need help", "I can help"):
            box = window.page.get_by_role("link", name=name).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 844, name


@pytest.mark.parametrize("width", [390, 1280])
def test_own_pages_by_keyboard(browser: Browser, site: str, width: int) -> None:
    with looking(browser, site, width=width, language="es-MX") as window:
        window.sign_in("other-resident")
        window.check("front-home-member")
        for name, path in OWN.items():
            assert window.open(path) == 200
            window.check(f"front-{name}")
        page = window.page
        window.open("/account/name")
        page.locator("#full_name").fill("")
        page.locator("#full_name").press("Enter")
        page.wait_for_load_state()
        expect(page.locator("#errors")).to_be_focused()
        window.check("front-name-wrong")
        page.locator("#full_name").fill("Rosa Prueba")
        page.locator("#call_name").fill("Rosa")
        page.locator("#call_name").press("Enter")
        page.wait_for_url(re.compile(r"/account\?said=saved"))
        expect(page.locator("h1")).to_contain_text("Rosa")


def test_managers_see_the_storm_first(browser: Browser, site: str) -> None:
    with looking(browser, site, width=1280) as window:
        window.sign_in("manager")
        window.check("front-home-manager")
        expect(window.page.locator("main a[href='/staff/storm']").first).to_be_visible()


def test_a_phone_without_a_connection_shows_the_accepted_visit(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="allow")
    context.set_default_timeout(WAIT_MS)
    try:
        page = context.new_page()
        page.goto(f"{site}/demo")
        page.locator('form[action="/demo/sign-in/other-volunteer"] button').click()
        page.wait_for_load_state()
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.goto(f"{site}/volunteering")
        visit = page.locator("main a[href^='/volunteering/visits/']").first
        path = str(visit.get_attribute("href")).split("#")[0]
        page.goto(f"{site}{path}")
        headline = page.locator("h1").inner_text()
        page.wait_for_function("async (path) => Boolean(await caches.match(path))", arg=path)
        context.set_offline(True)
        page.goto(f"{site}{path}")
        assert page.locator("h1").inner_text() == headline
        page.goto(f"{site}/account")
        expect(page.locator("h1")).to_have_text("Your phone has no connection")
        page.screenshot(path="e2e-output/front-offline-390.png")
        context.set_offline(False)
        page.goto(f"{site}/account")
        page.get_by_role("button", name="Sign out here").click()
        page.wait_for_url(f"{site}/")
        page.wait_for_function("async (path) => !(await caches.match(path))", arg=path)
    finally:
        context.close()
