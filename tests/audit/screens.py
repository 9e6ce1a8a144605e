"""Pictures of the main pages for the documents: ``python -m tests.audit.screens``.

The demonstration is served, and a browser looks at it as a phone and as a desk.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.e2e.site import serving_demo

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
SIZES = {390: 844, 1280: 900}
COLORS = 128
TALLEST = 2.2
"""Of a picture, in widths of a desk; a phone's may be as many of its heights."""
SCREENS = (
    ("home", None, "/"),
    ("ask", None, "/ask"),
    ("request", "resident", "/requests"),
    ("offer", "volunteer", "/volunteering/offers"),
    ("volunteer-time", "volunteer", "/volunteering/time"),
    ("storm", "manager", "/staff/storm"),
    ("intake", "manager", "/staff/intake"),
    ("campaign", None, "/campaigns/cambridge/winter-wheels"),
    ("events", None, "/events"),
    ("reports", "manager", "/staff/reports"),
)
FOLLOW = {
    "request": 'main a[href^="/requests/"]',
    "offer": 'main a[href^="/volunteering/offers/"], main a[href^="/volunteering/homes/"]',
}
"""From a list to the first of its things, where there is one."""


@click.command()
@click.option("--site", metavar="URL", help="A demonstration that runs already.")
def main(*, site: str | None) -> None:
    """Take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if site:
        take_all(site)
        return
    with tempfile.TemporaryDirectory() as folder, serving_demo(Path(folder) / "demo") as served:
        take_all(served)


def take_all(site: str) -> None:
    """Every page at both sizes, the desk in the light and the phone in both."""
    program = os.environ.get("TALKOOT_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for width, height in SIZES.items():
            for name, role, path in SCREENS:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    locale="en-US",
                    timezone_id="America/New_York",
                    service_workers="block",
                )
                page = context.new_page()
                if role is not None:
                    sign_in(page, site, role)
                page.goto(f"{site}{path}")
                if name in FOLLOW and page.locator(FOLLOW[name]).count():
                    page.locator(FOLLOW[name]).first.click()
                    page.wait_for_load_state()
                target = FOLDER / f"{name}-{width}.png"
                target.write_bytes(shrink(page.screenshot(full_page=True)))
                click.echo(f"{target.name}: {target.stat().st_size // 1_000} KB")
                context.close()
        browser.close()


def sign_in(page: Page, site: str, role: str) -> None:
    """Be somebody of the demonstration."""
    page.goto(f"{site}/demo")
    page.locator(f'form[action="/demo/sign-in/{role}"] button').first.click()
    page.wait_for_load_state()


def shrink(picture: bytes) -> bytes:
    """The upper part of a long page, in as few colours as it needs."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    tallest = int(image.width * TALLEST)
    if image.height > tallest:
        image = image.crop((0, 0, image.width, tallest))
    target = io.BytesIO()
    image.quantize(COLORS).save(target, "PNG", optimize=True)
    return target.getvalue()


if __name__ == "__main__":
    main()
