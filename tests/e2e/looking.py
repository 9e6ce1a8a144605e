"""A browser's window on the product, and what holds for every page that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "e2e-output"
WAIT_MS = 20_000
"""How long a slow machine may take for what a page does."""
HEIGHTS = {320: 640, 390: 844, 1280: 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NO_COMPLAINTS = ("Failed to load resource", "Service Worker registration blocked by Playwright")
"""A page that is not there is an answer, and the browser calls it an error. Workers would keep
pages from one test to the next, so they are kept away."""
Scheme = Literal["light", "dark"]


@dataclass
class Window:
    """A page of a browser that notes what should not happen."""

    page: Page
    site: str
    strangers: list[str] = field(default_factory=list)
    """Requests to anywhere but the product."""
    complaints: list[str] = field(default_factory=list)
    """Errors of the console, a refused style or script among them."""

    def open(self, path: str) -> int:
        """Go to a page; the status of its answer."""
        answer = self.page.goto(f"{self.site}{path}")
        assert answer is not None
        return answer.status

    def sign_in(self, role: str) -> None:
        """Be somebody of the demonstration."""
        self.open("/demo")
        # The load state alone may still be that of the page before.
        with self.page.expect_navigation():
            self.page.locator(f'form[action="/demo/sign-in/{role}"] button').click()

    def check(self, name: str | None = None) -> None:
        """What holds for every page, whatever it shows; a picture of it when it has a name."""
        if name is not None:
            PICTURES.mkdir(exist_ok=True)
            width = (self.page.viewport_size or {}).get("width")
            self.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        assert not self.strangers, f"asked elsewhere: {self.strangers}"
        assert not self.complaints, f"in the console: {self.complaints}"
        wide = self._too_wide()
        assert not wide, f"wider than the window: {wide}"
        faults = find_faults(self.page)
        assert not faults, faults

    def _too_wide(self) -> list[str]:
        """What makes one scroll sideways."""
        found: list[str] = self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= width) return [];
                return [...document.querySelectorAll('body *')]
                    .filter(one => one.getBoundingClientRect().right > width + 1)
                    .slice(0, 5)
                    .map(one => one.outerHTML.slice(0, 120));
            }"""
        )
        return found

    def _note_request(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")):
            return
        if urlsplit(request.url).netloc != urlsplit(self.site).netloc:
            self.strangers.append(request.url)

    def _note_words(self, message: ConsoleMessage) -> None:
        # A page that is not there is an answer, and the browser calls it an error; that no worker
        # is let in here is the wish of the tests.
        expected = ("Failed to load resource", "Service Worker registration blocked")
        if message.type in ("error", "warning") and not any(
            words in message.text for words in expected
        ):
            self.complaints.append(message.text)


def find_faults(page: Page) -> list[str]:
    """What axe finds, by rule and place."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    response = Axe().run(page, options=options).response
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:160]}"
        for fault in response["violations"]
        for node in fault["nodes"]
    ]


@contextmanager
def looking(
    browser: Browser,
    site: str,
    *,
    width: int = 390,
    scheme: Scheme = "light",
    javascript: bool = True,
    language: str = "en-US",
) -> Iterator[Window]:
    """A window that nobody has used before."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        color_scheme=scheme,
        java_script_enabled=javascript,
        locale=language,
        timezone_id="America/New_York",
        service_workers="block",
    )
    context.set_default_timeout(WAIT_MS)
    try:
        window = Window(context.new_page(), site)
        window.page.on("request", window._note_request)
        window.page.on("console", window._note_words)
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        yield window
    finally:
        context.close()
