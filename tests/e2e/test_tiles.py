"""A map of another server under ours, in a browser: played by a picture of our own."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.looking import Window, looking

ICON = Path(__file__).resolve().parents[2] / "web" / "static" / "img" / "icon-192.png"
CREDIT = "The city's map office"
MAP = ".map.map-on"
GROUND = f"{MAP} .leaflet-base-pane canvas"


def lay_tiles(window: Window, *, status: int = 200) -> list[int]:
    """Let the page find squares; how far in each is that it asks for."""
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(int(parse_qs(urlsplit(route.request.url).query)["z"][0]))
        if status == 200:
            route.fulfill(path=ICON, content_type="image/png")
        else:
            route.fulfill(status=status)

    said = {"url": f"{window.site}/squares.png?z={{z}}&x={{x}}&y={{y}}", "credit": CREDIT}
    window.page.route("**/map/tiles.json", lambda route: route.fulfill(body=json.dumps(said)))
    window.page.route("**/squares.png?*", answer)
    return asked


def zoom(page: Page, words: str, times: int) -> None:
    for _ in range(times):
        page.locator(MAP).first.get_by_role("button", name=words).click()
        page.wait_for_timeout(400)


@pytest.mark.parametrize("width", [390, 1280])
def test_squares_lie_under_the_city_and_never_near_a_home(
    browser: Browser, site: str, width: int
) -> None:
    with looking(browser, site, width=width) as window:
        asked = lay_tiles(window)
        window.open("/style")
        page = window.page
        city, ground = page.locator(MAP).first, page.locator(GROUND).first
        expect(city.locator("img.leaflet-tile-loaded").first).to_be_attached()
        expect(ground).to_be_hidden()
        expect(city.locator(".map-cred")).to_contain_text(f" · {CREDIT}")
        window.check("tiles")
        zoom(page, "Zoom in", 6)
        expect(ground).to_be_visible()
        expect(city.locator(".map-cred")).not_to_contain_text(CREDIT)
        zoom(page, "Zoom out", 6)
        expect(ground).to_be_hidden()
        assert asked
        assert max(asked) <= 15


def test_our_own_map_is_back_when_a_square_does_not_come(browser: Browser, site: str) -> None:
    with looking(browser, site) as window:
        asked = lay_tiles(window, status=404)
        with window.page.expect_response("**/squares.png?*"):
            window.open("/style")
        expect(window.page.locator(MAP)).to_have_count(3)
        expect(window.page.locator(GROUND).first).to_be_visible()
        assert asked
        assert CREDIT not in window.page.locator("main").inner_text()
