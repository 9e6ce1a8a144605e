"""Setting a programme up in a browser: rules, lists, files, figures, settings."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FilePayload

from tests.e2e.looking import ROOT, Scheme, looking
from tests.e2e.test_organizing import SIZES, check, go_on

EXAMPLE = ROOT / "web" / "static" / "examples" / "volunteers.csv"
PAGES = {
    "rules": "/staff/rules",
    "city-rule": "/staff/rules/city",
    "exports": "/staff/exports",
    "reports": "/staff/reports",
    "settings": "/staff/settings",
    "token": "/staff/settings/tokens/new",
    "webhook": "/staff/settings/webhooks/new",
}


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_pages_of_the_office(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    with looking(browser, site, width=width, scheme=scheme) as window:
        window.sign_in("manager")
        for name, path in PAGES.items():
            assert window.open(path) == 200
            window.check(f"office-{name}-{scheme}")
        for group in ("ways", "times", "checks", "safety", "phone"):
            assert window.open(f"/staff/rules/{group}") == 200
            window.check()


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_a_rule_is_looked_at_before_it_changes(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        page = window.page
        window.sign_in("manager")
        assert window.open("/staff/rules/ways") == 200
        page.get_by_label("Minutes on foot, one way").fill("none")
        go_on(window, "See what would change")
        assert page.title().startswith("Error: ")
        check(window, "rule-wrong", javascript)
        page.get_by_label("Minutes on foot, one way").fill("11")
        go_on(window, "See what would change")
        assert page.get_by_text("walk more than 11 minutes").is_visible()
        check(window, "rule-look", javascript)
        go_on(window, "Change something")
        assert page.get_by_label("Minutes on foot, one way").input_value() == "11"


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_a_list_is_checked_before_it_is_taken_over(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    with looking(browser, site, width=width, javascript=javascript) as window:
        page = window.page
        window.sign_in("manager")
        assert window.open("/staff/imports") == 200
        check(window, "imports", javascript)
        bad = EXAMPLE.read_bytes() + b"V-9,,nobody,1,Nowhere,xx,shovel,noon,fly,3,\n"
        file = FilePayload(name="people.csv", mimeType="text/csv", buffer=bad)
        page.get_by_label("The list").set_input_files(file)
        go_on(window, "Check the list")
        assert page.get_by_text("3 of 4 lines are good.").is_visible()
        assert page.get_by_role("button", name="Take over 3 lines").is_visible()
        check(window, "imports-check", javascript)
