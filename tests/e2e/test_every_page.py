"""What holds for pages of every kind, in both themes, on a narrow phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.looking import Scheme, looking

PUBLIC = {"home": "/", "sign-in": "/sign-in", "demo": "/demo"}


@pytest.mark.parametrize("language", ["en-US", "es-MX"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_public_pages(
    browser: Browser, site: str, width: int, scheme: Scheme, language: str
) -> None:
    with looking(browser, site, width=width, scheme=scheme, language=language) as window:
        for name, path in PUBLIC.items():
            assert window.open(path) == 200
            window.check(f"{name}-{scheme}-{language[:2]}")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [320, 1280])
def test_results_of_campaigns(browser: Browser, site: str, width: int, javascript: bool) -> None:
    scheme: Scheme = "light" if width == 320 else "dark"
    with looking(browser, site, width=width, scheme=scheme, javascript=javascript) as window:
        window.sign_in("manager")
        for campaign in ("cart-tags", "ride-weeks"):
            assert window.open(f"/campaigns/cambridge/{campaign}/results") == 200
            if javascript:
                window.check(f"results-{campaign}")


def test_published_results_are_for_everybody_and_their_files_are_not(
    browser: Browser, site: str
) -> None:
    page = "/campaigns/cambridge/ride-weeks/results"
    with looking(browser, site) as window:
        assert window.open(page) == 200
        window.check("results-public")
        assert window.open(f"{page}/areas.csv") in (401, 403, 404)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["/no-such-page", "/t/no-such-link"])
def test_pages_that_are_not_there(browser: Browser, site: str, path: str, width: int) -> None:
    with looking(browser, site, width=width) as window:
        assert window.open(path) == 404
        window.check()


@pytest.mark.parametrize("javascript", [True, False])
def test_signing_in_by_one_press_and_out_again(
    browser: Browser, site: str, javascript: bool
) -> None:
    with looking(browser, site, javascript=javascript) as window:
        window.sign_in("volunteer")
        if javascript:
            window.check("home-signed-in")
        window.open("/account")
        window.page.get_by_role("button", name="Sign out here").click()
        window.page.wait_for_url(f"{site}/")
        assert window.page.locator('a[href="/sign-in"]').count()
