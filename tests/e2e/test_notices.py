"""Notices on a phone, in a browser; only its push service, which is far away, is played."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.looking import WAIT_MS, Window, looking
from tests.push_service import PushBrowser

PLAYED = """
const kept = () => localStorage.getItem("played-endpoint");
const make = (endpoint, options) => ({
  endpoint,
  options,
  toJSON: () => ({ endpoint, keys: KEYS }),
  unsubscribe: async () => localStorage.removeItem("played-endpoint"),
});
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
PushManager.prototype.getSubscription = async () => {
  const key = document.querySelector("[data-key]");
  return kept() && make(kept(), { applicationServerKey: key && bytesOf(key.dataset.key).buffer });
};
PushManager.prototype.subscribe = async (options) => {
  if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("no");
  localStorage.setItem("played-endpoint", "https://push.example/send/e2e");
  return make(kept(), options);
};
"""
ROLE = "volunteer"
SHOWN = """async () => {
    const worker = await navigator.serviceWorker.ready;
    const shown = await worker.getNotifications();
    return shown.map(one => [one.title, one.body, one.data.path]);
}"""


def open_phone(browser: Browser, site: str, *, allowed: bool = True) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, service_workers="allow", locale="en-US"
    )
    context.set_default_timeout(WAIT_MS)
    if allowed:
        context.grant_permissions(["notifications"], origin=site)
    context.add_init_script(PLAYED.replace("KEYS", json.dumps(PushBrowser().keys())))
    return context


def deliver(page: Page, site: str, words: str) -> None:
    """Let the browser do what it does when its push service hands it a notice."""
    before = page.evaluate(SHOWN)
    session = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(50)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": site, "registrationId": found[0]["registrationId"], "data": words},
    )
    page.wait_for_function(f"async (count) => (await ({SHOWN})()).length > count", arg=len(before))
    session.detach()


def test_a_phone_shows_notices_until_they_are_turned_off(browser: Browser, site: str) -> None:
    context = open_phone(browser, site)
    try:
        window = Window(context.new_page(), site)
        page = window.page
        window.sign_in(ROLE)
        window.open("/account")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        turn_on = page.get_by_role("button", name="Show notices in this browser")
        turn_on.press("Enter")
        page.wait_for_url(f"{site}/account?said=notices_on#notices")
        expect(page.locator(".toast")).to_contain_text("Notices are on")
        expect(turn_on).to_be_hidden()
        expect(page.get_by_role("button", name="Turn notices off here")).to_be_visible()
        window.check("notices-on")

        said = {"title": "Talkoot", "body": "Snow is coming.", "path": "/volunteering", "tag": "a"}
        deliver(page, site, json.dumps(said))
        deliver(page, site, "no notice of ours")
        assert sorted(page.evaluate(SHOWN)) == [
            ["Talkoot", "", "/"],
            ["Talkoot", "Snow is coming.", "/volunteering"],
        ]

        with looking(browser, site, javascript=False) as other:
            other.sign_in(ROLE)
            other.open("/account")
            expect(other.page.locator("[data-notices=off]")).to_be_hidden()
            other.page.get_by_role("button", name="Turn notices off there").click()
            other.page.wait_for_load_state()
            expect(other.page.locator("#notices")).to_be_hidden()
        window.open("/account")
        expect(turn_on).to_be_visible()
        turn_on.click()
        page.wait_for_url(f"{site}/account?said=notices_on#notices")
        page.get_by_role("button", name="Sign out here").click()
        page.wait_for_url(f"{site}/")
        window.sign_in(ROLE)
        window.open("/account")
        expect(turn_on).to_be_visible()
        assert "Turn notices off" not in page.locator("#notices").inner_text()
    finally:
        context.close()


def test_a_browser_that_blocks_notices_says_so(browser: Browser, site: str) -> None:
    context = open_phone(browser, site, allowed=False)
    try:
        context.add_init_script(
            "Object.defineProperty(Notification, 'permission', { get: () => 'denied' });"
        )
        window = Window(context.new_page(), site)
        window.sign_in(ROLE)
        window.open("/account")
        expect(window.page.locator("[data-notices=blocked]")).to_be_visible()
        expect(window.page.locator("[data-notices=off]")).to_be_hidden()
        window.check("notices-blocked")
    finally:
        context.close()
