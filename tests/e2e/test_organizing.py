"""A manager's work in a browser: a campaign planned, people described, a mail written."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.looking import Scheme, Window, looking

SIZES = [(390, True), (1280, False)]


def go_on(window: Window, name: str) -> None:
    """Press a button by keyboard, as who has no mouse does."""
    button = window.page.get_by_role("button", name=name, exact=True)
    button.focus()
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    window.page.wait_for_load_state()


@pytest.mark.parametrize(("width", "javascript"), [*SIZES, (1280, True), (390, False)])
def test_a_campaign_is_planned(browser: Browser, site: str, width: int, javascript: bool) -> None:
    scheme: Scheme = "light" if javascript else "dark"
    with looking(browser, site, width=width, scheme=scheme, javascript=javascript) as window:
        page = window.page
        window.sign_in("manager")
        assert window.open("/staff/campaigns") == 200
        check(window, "campaigns", javascript)
        page.get_by_role("link", name="Plan a campaign").click()
        go_on(window, "Keep the draft and go on")
        assert page.title().startswith("Error: ")
        check(window, "campaign-new-wrong", javascript)
        page.get_by_label("Biking").check()
        page.get_by_label("What is it called?").fill(f"Walk week {width} {javascript}")
        go_on(window, "Keep the draft and go on")
        page.get_by_label("What does the goal count?").select_option("rides")
        page.get_by_label("How much shall it be?").fill("1,200")
        check(window, "campaign-goal", javascript)
        go_on(window, "Keep this and go on")
        page.get_by_label("The Port", exact=True).check()
        check(window, "campaign-who", javascript)
        go_on(window, "Keep this and go on")
        page.get_by_label("Riverside", exact=True).check()
        go_on(window, "Keep this and go on")
        check(window, "campaign-team", javascript)
        go_on(window, "Keep this and go on")
        check(window, "campaign-dates", javascript)
        go_on(window, "Keep this and go on")
        assert page.get_by_text("Rides: 1,200").is_visible()
        check(window, "campaign-draft", javascript)
        page.get_by_role("link", name="Put it on the calendar").click()
        check(window, "campaign-ask", javascript)


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_people_are_described_and_a_mail_is_written(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        page, name = window.page, f"Helpers {width} {javascript}"
        window.sign_in("manager")
        assert window.open("/staff/audiences/new") == 200
        page.get_by_label("One more condition").select_option("role")
        go_on(window, "Add this condition")
        page.get_by_label("What they do here").select_option("volunteer")
        go_on(window, "See about how many")
        assert "It reaches" in page.get_by_role("heading", level=1).inner_text()
        check(window, "audience", javascript)
        page.get_by_label("Its name, for staff").fill(name)
        go_on(window, "Save it")
        check(window, "audiences", javascript)

        assert window.open("/staff/mailings/new") == 200
        page.get_by_label("Its name, for staff").fill(f"Mail {width} {javascript}")
        page.get_by_label("Whom to reach").select_option(label=name)
        english = page.get_by_role("group", name="English")
        english.get_by_label("Subject").fill("Come along, {first_name}")
        english.get_by_label("The mail").fill("We ride on Sunday.\n\n- water\n- [See](/campaigns)")
        go_on(window, "Keep the draft and look at it")
        assert page.get_by_role("link", name="See", exact=True).is_visible()
        check(window, "mailing", javascript)
        page.get_by_role("link", name="Send it").click()
        check(window, "mailing-send", javascript)
        assert window.open("/staff/mailings") == 200
        check(window, "mailings", javascript)


def check(window: Window, name: str, javascript: bool) -> None:
    """What holds for every page; axe itself needs JavaScript."""
    if javascript:
        window.check(f"organizing-{name}")
