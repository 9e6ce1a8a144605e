"""A storm from one screen: looking at the board, holding it, planning a round."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.lighting import check_rows_light_cells
from tests.e2e.looking import Scheme, Window, looking

WAYS = pytest.mark.parametrize(
    ("width", "javascript"), [(390, True), (390, False), (1280, True), (1280, False)]
)


def check(window: Window, name: str, *, javascript: bool) -> None:
    """axe needs JavaScript."""
    if javascript:
        window.check(name)
    assert window.strangers == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_page_of_the_board(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    with looking(browser, site, width=width, scheme=scheme) as window:
        window.sign_in("manager")
        assert window.open("/staff/storm") == 200
        window.check(f"storm-{scheme}")
        if width == 390:
            return
        last = window.page.get_by_role("link", name="Open the round").get_attribute("href")
        paths = ["/staff", "/staff/storm?layer=worth", "/staff/storms", "/staff/storm/open"]
        paths += ["/staff/rounds", "/staff/rounds/new", "/staff/rounds/messages"]
        paths += ["/staff/recruitment", f"{last}", f"{last}/plan", f"{last}/left"]
        paths += [f"{last}/certificate?check=1"]
        for number, path in enumerate(paths):
            assert window.open(path) == 200
            window.check(f"storm-page-{number}-{scheme}")


@WAYS
def test_holding_a_storm_by_keyboard_and_going_on(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        window.sign_in("other-manager")
        window.open("/staff/storm")
        page = window.page
        page.get_by_role("link", name="Hold the storm").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Hold the storm?").wait_for()
        check(window, "storm-hold", javascript=javascript)
        page.get_by_role("button", name="Hold the storm").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Choose why you do this")).to_be_visible()
        check(window, "storm-hold-errors", javascript=javascript)
        page.get_by_label("It is dark").focus()
        page.keyboard.press("Space")
        page.get_by_label("We see it outside").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.get_by_text("On hold since")).to_be_visible()
        expect(page.get_by_text("It goes on when somebody of the staff says so.")).to_be_visible()
        check(window, "storm-on-hold", javascript=javascript)

        page.get_by_role("link", name="Go on with the storm").click()
        page.get_by_label("Something else").check()
        page.get_by_role("button", name="Go on with the storm").click()
        expect(page.get_by_text("Active since")).to_be_visible()
        assert window.strangers == []


@pytest.mark.parametrize(("width", "javascript"), [(390, False), (1280, True)])
def test_a_round_from_its_start_to_its_certificate(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        window.sign_in("manager")
        window.open("/staff/rounds/new")
        page = window.page
        page.get_by_label("Make a plan only").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Start the round").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/staff/rounds/jobs/**")
        if "/jobs/" in page.url:
            check(window, "storm-round-running", javascript=javascript)
            for _ in range(120):
                ended = page.get_by_role("link", name="Open the result")
                if not javascript and "/jobs/" in page.url:
                    page.reload()
                if "/jobs/" not in page.url:
                    break
                if ended.is_visible():
                    ended.click()
                    page.wait_for_url("**/staff/rounds/*")
                    break
                page.wait_for_timeout(1_000)
        expect(page.get_by_role("heading", level=1)).to_contain_text("The round planned")
        check(window, "storm-round", javascript=javascript)
        page.get_by_role("link", name="Open the certificate").click()
        page.get_by_role("link", name="Check the plan again now").click()
        expect(page.get_by_text("Checked just now: every rule is kept.")).to_be_visible()
        page.get_by_role("link", name="The round").click()
        drop = page.get_by_role("link", name="drafts")
        if drop.is_visible():
            drop.click()
            page.get_by_role("button", name="Drop the drafts").click()
            expect(page.get_by_text("The drafts are dropped.")).to_be_visible()
        assert window.strangers == []


def test_rows_light_the_cells_where_one_more_volunteer_helps_most(
    browser: Browser, site: str
) -> None:
    """After the rounds above, which told the prices."""
    with looking(browser, site, width=1280) as window:
        window.sign_in("manager")
        window.open("/staff/storm?layer=worth")
        check_rows_light_cells(window)


def test_the_board_renews_itself(browser: Browser, site: str) -> None:
    with looking(browser, site, width=1280) as window:
        window.sign_in("manager")
        window.open("/staff/storm")
        with window.page.expect_response("**/staff/storm/now?**", timeout=60_000) as answer:
            window.page.wait_for_timeout(21_000)
        assert answer.value.status in (200, 204)
        assert window.complaints == []
        expect(window.page.get_by_role("heading", name="Where", exact=True)).to_be_visible()
