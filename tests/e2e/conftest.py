"""A browser and a served demonstration, once for all tests of pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.looking import WAIT_MS
from tests.e2e.site import serving_demo

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    program = os.environ.get("TALKOOT_TEST_CHROMIUM") or shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("There is no chromium to look at the pages with.")
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demonstration keeps its database."""
    return tmp_path_factory.mktemp("site") / "demo"


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    """The address of a demonstration."""
    if running := os.environ.get("TALKOOT_TEST_SITE"):
        yield running
        return
    with serving_demo(site_folder) as url:
        yield url
