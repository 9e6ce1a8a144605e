"""A volunteer's whole way by keyboard alone, and where they start from."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.e2e.looking import looking

HOME = "/volunteering"
MOST_TABS = 150


def go_to(page: Page, goal: Locator) -> None:
    """Press Tab until what is wanted has the focus, and can be seen."""
    for _ in range(MOST_TABS):
        if goal.evaluate("one => one === document.activeElement"):
            expect(goal).to_be_in_viewport()
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not come there")


def press(page: Page, name: str | re.Pattern[str], role: str = "button") -> None:
    goal = page.get_by_role(role, name=name).first  # type: ignore[arg-type]  # a role
    go_to(page, goal)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def picture() -> FilePayload:
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), "#88aacc").save(kept, "JPEG")
    return {"name": "path.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def test_from_the_offer_to_the_sheet_of_hours_by_keyboard(browser: Browser, site: str) -> None:
    with looking(browser, site, width=390) as window:
        page = window.page
        window.sign_in("volunteer")
        window.open(HOME)
        # The plan that a message put before the volunteer.
        offers = page.locator(f'a[href^="{HOME}/offers/"], a[href^="{HOME}/homes/"]')
        assert offers.count(), "the demonstration has an open offer for its volunteer"
        go_to(page, offers.first)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        window.check("helping-offer")
        press(page, re.compile("^(Yes, I will go|Take it|Take all)"))
        page.wait_for_url(f"**{HOME}/visits/**")
        window.check("helping-agreed")
        press(page, "I am on my way")
        expect(page.get_by_role("button", name="I am on my way")).to_have_count(0)
        # The dialog for files is the browser's own; the keyboard comes to the field and its button.
        go_to(page, page.locator("summary", has_text="Add a picture"))
        page.keyboard.press("Enter")
        photo = page.locator('input[type="file"]')
        go_to(page, photo)
        photo.set_input_files([picture()])
        press(page, "Add this picture")
        expect(page.get_by_role("img", name=re.compile("[Pp]icture")).first).to_be_visible()
        press(page, "It is done")
        window.check("helping-done")
        window.open(f"{HOME}/impact")
        press(page, "Show the sheet")
        expect(page.locator("table")).to_be_visible()
        window.check("helping-hours")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_moving_house_and_coming_as_a_family(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        page = window.page
        check = window.check if javascript else lambda name: None
        window.sign_in("other-volunteer")
        window.open(f"{HOME}/place")
        check("helping-place")
        press(page, "Find this place")
        expect(page.locator("#errors")).to_be_visible()
        check("helping-place-errors")
        field = page.get_by_label("Street and house number")
        go_to(page, field)
        page.keyboard.type("17 Garden St")
        press(page, "Find this place")
        expect(page.locator("h1")).to_contain_text("Is this the right place?")
        assert page.locator(".map-svg").count()
        check("helping-place-found")
        press(page, "Yes, I start from here")
        expect(page.get_by_text("Saved.").first).to_be_visible()
        expect(page.get_by_text("17 Garden St").first).to_be_visible()
        check("helping-place-saved")

        window.open(f"{HOME}/team")
        go_to(page, page.get_by_label("What you call yourselves"))
        page.keyboard.press("Control+A")
        page.keyboard.type("The Samples")
        go_to(page, page.get_by_label("How many come, with you?"))
        page.keyboard.press("Control+A")
        page.keyboard.type("3")
        press(page, re.compile("^(We come as a team|Save)$"))
        expect(page.locator("h1")).to_contain_text("3 people come as The Samples")
        check("helping-team")
        press(page, "I come alone from now on")
        expect(page.locator("h1")).to_contain_text("as a family or a group?")
        check("helping-team-none")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_somebody_asks_to_be_called_by_keyboard(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript, scheme="dark") as window:
        page = window.page
        check = window.check if javascript else lambda name: None
        window.open("/call-me")
        check("call-me")
        press(page, "Call me")
        expect(page.locator("#errors")).to_be_visible()
        check("call-me-errors")
        for label, words in (("Your name", "Jo Sample"), ("Phone number", "617-555-0143")):
            go_to(page, page.get_by_label(label))
            page.keyboard.type(words)
        press(page, "Call me")
        expect(page.locator("h1")).to_contain_text("We call you back")
        check("call-me-noted")
        if javascript:
            window.sign_in("coordinator")
            window.open("/staff/review")
            expect(
                page.get_by_text("617-555-0143").or_(page.get_by_text("+16175550143"))
            ).to_have_count(1)
            check("review-calls")
