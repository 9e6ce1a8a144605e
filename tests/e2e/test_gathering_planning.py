"""A manager plans a series with roles and calls one meeting off, by keyboard alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.looking import Window, looking

NEW = "/events/snowville/new"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).press("Enter")
    page.wait_for_load_state()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.press("Enter")
    page.wait_for_load_state()


def write(field: Locator, words: str) -> None:
    """Type into a field that has the focus, over what stands there."""
    field.focus()
    field.press("Control+a")
    field.press_sequentially(words)


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).press("Space")


def write_evening(window: Window, title: str, first: date) -> None:
    """A series on two evenings, by keys."""
    page = window.page
    write(page.get_by_label("Title"), title)
    choose(page, "At an address")
    write(page.get_by_label("What people call the place"), "Main Library")
    write(page.get_by_label("Street and house number"), "449 Broadway")
    page.get_by_label("Day", exact=True).press_sequentially(f"{first:%m%d%Y}")
    page.get_by_label("From", exact=True).press_sequentially("0630PM")
    page.get_by_label("Until", exact=True).press_sequentially("0800PM")
    choose(page, "Each week")
    last = first + timedelta(days=7)
    page.get_by_label("Until which day").press_sequentially(f"{last:%m%d%Y}")
    write(page.get_by_label("Role 1", exact=True), "Open the door")
    write(page.locator("#wanted1"), "2")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_series_is_planned_and_one_meeting_called_off(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        page, title = window.page, f"Repair evening at {width}"
        check = window.check if javascript else lambda name: None
        window.sign_in("other-manager")
        window.open("/staff/events")
        check("gathering-staff-events")
        follow(page, "Plan an event")
        assert page.url.endswith(NEW)
        check("gathering-plan")
        press(page, "Open it for sign-ups")
        assert page.get_by_role("alert").get_by_role("link").count() >= 5
        assert page.title().startswith("Error: What")
        check("gathering-plan-errors")
        write_evening(window, title, datetime.now(UTC).date() + timedelta(days=40))
        press(page, "Open it for sign-ups")
        assert page.get_by_role("heading", level=1).inner_text() == title
        main = page.locator("main").inner_text()
        assert "20 of 20 seats are left." in main
        assert "2 people are needed" in main
        assert page.locator("#od + ul li").count() == 1
        check("gathering-planned")
        path = page.url.partition("?")[0]

        follow(page, "Change words, seats and roles")
        write(page.get_by_label("Role 2", exact=True), "Make tea")
        check("gathering-change")
        press(page, "Save the changes")
        assert "Make tea" in page.locator("main").inner_text()
        follow(page, "Another time or place")
        check("gathering-move")
        write(page.get_by_label("How many people have room on this day?"), "12")
        press(page, "Move it")
        assert "12 of 12 seats are left." in page.locator("main").inner_text()

        follow(page, "Call it off")
        assert page.get_by_role("heading", level=1).inner_text() == f"Call off {title}?"
        page.get_by_label("Why?").press("t")
        page.get_by_label("Why?").press_sequentially("he weather")
        check("gathering-cancel")
        press(page, "Call it off")
        note = page.locator(".note-stop").inner_text()
        assert "This event is called off." in note
        check("gathering-called-off")
        follow(page, page.locator("#od + ul a").first.inner_text())
        assert page.get_by_role("button", name="Save my seat").is_visible()
        window.open("/staff/events?show=off")
        assert page.locator(f'a[href="{path.removeprefix(site)}"]').count() >= 1
        follow(page, "Drafts")
        assert page.get_by_role("heading", level=1).is_visible()
        window.open("/staff/groups?show=leaderless")
        check("gathering-staff-groups")
