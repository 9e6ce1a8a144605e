"""Pages of what goes wrong: what happened, what to do, and nothing of how it came about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.faulty import FORESEEN, SECRET, serving_faults
from tests.e2e.looking import Scheme, looking

UNFORESEEN = (400, 401, 403, 404, 409, 413, 415, 429, 500, 503)
NEWS = {
    400: "We could not read this",
    401: "You are not signed in",
    403: "This page belongs to someone else",
    404: "There is",
    409: "Things have changed meanwhile",
    413: "That is too much at once",
    415: "This page cannot read that file",
    422: "This did not work",
    429: "That was very often",
    500: "This did not work, and it is our fault",
    503: "We are not ready",
}
ENGLISH = (*NEWS.values(), "Go back", "Try again", "Wait a minute", "first page")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_faults(tmp_path_factory.mktemp("faulty")) as url:
        yield url


@pytest.mark.parametrize("language", ["en-US", "es-MX"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_each_error_is_a_page_of_its_own(
    browser: Browser, faulty: str, width: int, scheme: Scheme, language: str
) -> None:
    with looking(browser, faulty, width=width, scheme=scheme, language=language) as window:
        pages = [f"/falls/{status}" for status in UNFORESEEN]
        pages += [f"/breaks/{status}" for status in FORESEEN]
        for path in pages:
            status = int(path.rpartition("/")[2])
            answer = window.page.goto(f"{faulty}{path}")
            assert answer is not None
            assert answer.status == status, path
            assert answer.headers["cache-control"] == "no-store", path
            if status == 503 or path == "/breaks/429":
                assert int(answer.headers["retry-after"]) > 0, path
            window.check(f"error-{path[1:].replace('/', '-')}-{language[:2]}")
            words = window.page.locator("main").inner_text()
            assert SECRET not in window.page.content()
            assert "Traceback" not in window.page.content()
            assert words.count("\n") >= 2, f"{path} does not say what to do"
            assert "617" in words, f"{path} names nobody to call"
            expect(window.page.locator("main a.btn")).to_be_visible()
            expect(window.page.get_by_role("heading", level=1)).to_have_count(1)
            if language == "en-US":
                assert NEWS[status] in words, path
            else:
                assert window.page.locator("html").get_attribute("lang") == "es"
                assert not [one for one in ENGLISH if one in words], (path, words)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_was_typed_can_be_sent_again(
    browser: Browser, faulty: str, status: int, javascript: bool
) -> None:
    with looking(browser, faulty, javascript=javascript) as window:
        page = window.page
        window.open(f"/forms/{status}")
        page.get_by_label("Your name").fill('Ana "Q" <Sample>')
        page.get_by_role("button", name="Save my name").click()
        for _ in range(2):
            again = page.get_by_role("button", name="Send it again")
            expect(again).to_be_visible()
            kept = page.locator('main input[name="full_name"]')
            expect(kept).to_have_value('Ana "Q" <Sample>')
            assert page.url == f"{faulty}/forms/{status}"
            if javascript:
                window.check(f"error-again-{status}")
            again.press("Enter")
            page.wait_for_load_state()
