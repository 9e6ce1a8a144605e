"""Campaigns, groups and events in a browser: joining, telling a ride, a seat, the door."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.looking import Scheme, Window, looking

CAMPAIGN, GROUP = "/campaigns/snowville/bike-month", "/groups/snowville/sky-1"
OPEN_GROUP = "/groups/snowville/sky-4"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.press("Enter")
    page.wait_for_load_state()


def find_days(window: Window) -> list[str]:
    """The pages of the events that are listed, in order."""
    window.open("/events")
    links = window.page.locator("main article h3 a").all()
    return list(dict.fromkeys(str(link.get_attribute("href")) for link in links))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_public_pages_of_the_room(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    with looking(browser, site, width=width, scheme=scheme) as window:
        pages = {
            "campaigns": "/campaigns",
            "campaign": CAMPAIGN,
            "campaign-effect": "/campaigns/cambridge/ride-weeks",
            "groups": "/groups",
            "group": OPEN_GROUP,
            "events": "/events",
        }
        for name, path in pages.items():
            assert window.open(path) == 200
            assert window.page.locator("form").count() == 0
            window.check(f"gathering-{name}-{scheme}")


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_members_and_organizers(browser: Browser, site: str, width: int) -> None:
    with looking(browser, site, width=width, language="es-MX") as window:
        window.sign_in("other-resident")
        pages = {
            "campaign-joined": CAMPAIGN,
            "ride": f"{CAMPAIGN}/ride",
            "groups-own": "/groups",
            "group-inside": GROUP,
            "group-people": f"{GROUP}/people",
            "group-settings": f"{GROUP}/settings",
            "group-new": "/groups/new",
            "surveys": "/surveys",
            "standings": "/standings",
        }
        for name, path in pages.items():
            assert window.open(path) == 200
            window.check(f"gathering-{name}")
        window.open("/surveys")
        for number, link in enumerate(window.page.locator("main a[href^='/surveys/']").all()[:2]):
            path = str(link.get_attribute("href"))
            window.open(path)
            window.check(f"gathering-survey-{number}")
            window.open("/surveys")
        for number, path in enumerate(find_days(window)[:3]):
            window.open(path)
            window.check(f"gathering-event-{number}")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_ride_by_keyboard_with_errors_first(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        window.sign_in("other-volunteer")
        window.open(CAMPAIGN)
        window.page.get_by_role("link", name="Tell a ride").press("Enter")
        window.page.wait_for_load_state()
        window.page.get_by_label("Minutes").fill("x")
        press(window.page, "Tell this ride")
        assert window.page.get_by_role("alert").get_by_role("link").count() == 3
        assert window.page.title().startswith("Error:")
        if javascript:
            window.check("gathering-ride-errors")
        window.page.get_by_label("When it began").fill("00:01" if javascript else "00:31")
        window.page.get_by_label("Minutes").fill("10")
        window.page.get_by_label("Miles").fill("1.5")
        window.page.get_by_label("Day").fill(read_earlier_day(window))
        press(window.page, "Tell this ride")
        assert "Your ride counts" in window.page.get_by_role("status").first.inner_text()


@pytest.mark.parametrize(("width", "javascript"), [(390, False), (1280, True)])
def test_a_group_is_joined_written_to_and_left(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        window.sign_in("other-volunteer")
        window.open(OPEN_GROUP)
        press(window.page, "Join this group")
        window.page.get_by_label("Write to the group").fill(f"Hello from {width}\nand a line")
        press(window.page, "Post it")
        assert f"Hello from {width}" in window.page.locator("main").inner_text()
        if javascript:
            window.check("gathering-group-posted")
        window.page.locator("article", has_text=f"Hello from {width}").get_by_role(
            "link", name=re.compile("^Report")
        ).press("Enter")
        window.page.wait_for_load_state()
        press(window.page, "Tell the moderators")
        assert window.page.locator("#reason-e").is_visible()
        if javascript:
            window.check("gathering-report-errors")
        window.open(OPEN_GROUP)
        press(window.page, "Leave this group")
        assert window.page.get_by_role("button", name="Join this group").is_visible()


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_seat_is_saved_and_given_back(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        window.sign_in("other-volunteer")
        window.open(find_days(window)[-1])
        window.page.get_by_label("How many come with you").fill("0")
        press(window.page, "Save my seat")
        assert window.page.get_by_role("alert").is_visible()
        window.page.get_by_label("How many come with you").fill("2")
        press(window.page, "Save my seat")
        assert window.page.get_by_role("heading", name="You have 2 seats.").is_visible()
        if javascript:
            window.check("gathering-seat")
        press(window.page, "Give my seat back")
        assert window.page.get_by_role("button", name="Save my seat").is_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_door_of_an_event(browser: Browser, site: str, javascript: bool) -> None:
    with looking(browser, site, javascript=javascript) as window:
        window.sign_in("other-manager")
        window.open(find_days(window)[0])
        window.page.get_by_role("link", name="Check people in").press("Enter")
        window.page.wait_for_load_state()
        window.page.get_by_label("Code from their mail").fill("zzz zzz")
        press(window.page, "Check in")
        assert "Nobody here has this code" in window.page.get_by_role("alert").inner_text()
        if javascript:
            window.check("gathering-door")


def read_earlier_day(window: Window) -> str:
    """A day before the rides of the demonstration: two at the same time are refused."""
    proposed = date.fromisoformat(window.page.get_by_label("Day").input_value())
    return (proposed - timedelta(days=3)).isoformat()
