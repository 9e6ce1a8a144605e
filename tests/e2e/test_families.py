"""A family that helps together: a child comes along once staff have heard a parent's yes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.looking import Window, looking


def press(window: Window, name: str) -> None:
    with window.page.expect_navigation():
        window.page.get_by_role("button", name=name).first.click()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_child_comes_along_after_a_parents_yes(browser: Browser, site: str, width: int) -> None:
    child = f"Kim Sample {width}"
    with (
        looking(browser, site, width=width) as family,
        looking(browser, site, width=width) as staff,
    ):
        family.sign_in("volunteer")
        assert family.open("/volunteering/team") == 200
        family.page.get_by_label("What you call yourselves").fill("The Samples")
        family.page.get_by_label("How many come, with you?").fill("2")
        press(family, "We come as a team")
        family.page.get_by_label("Name of somebody who comes along").fill(child)
        family.page.get_by_label("They are under 18").check()
        press(family, "Add to the team")
        expect(family.page.get_by_text("a parent's yes is missing")).to_be_visible()
        family.check("team-waits")

        staff.sign_in("manager")
        assert staff.open("/staff/people") == 200
        staff.page.locator("#who").fill(child)
        press(staff, "Look up")
        staff.page.get_by_role("link", name=child).click()
        staff.page.get_by_role("link", name="Write down a guardian's yes").click()
        staff.check("guardian")
        press(staff, "lets them")
        staff.check("guardian-says")
        press(staff, "Write it down")
        expect(staff.page.get_by_text("until")).to_be_visible()
        staff.check("guardian-said")

        assert family.open("/volunteering/team") == 200
        expect(family.page.get_by_text("a parent's yes is missing")).to_have_count(0)
        press(family, "I come alone from now on")
