"""Parts, maps, colours and error pages in a browser: both themes, any width, right to left too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.lighting import check_rows_light_cells
from tests.e2e.looking import PICTURES, Scheme, Window, looking

MIRRORED = """() => {
    document.documentElement.dir = 'rtl';
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const half = (word) => word + word.slice(0, Math.ceil(word.length * 0.35));
    const longer = (text) => text.replace(/[\\p{L}]+/gu, half);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (node.data.trim() && !node.parentElement.closest('script, style, svg, .map')) {
            node.data = '[' + longer(node.data) + ']';
        }
    }
}"""
"""Every text a third longer and in brackets, and the page from right to left."""


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "dark"), (390, "light"), (1280, "light"), (1280, "dark")]
)
def test_the_page_of_all_parts(browser: Browser, site: str, width: int, scheme: Scheme) -> None:
    with looking(browser, site, width=width, scheme=scheme) as window:
        assert window.open("/style") == 200
        expect(window.page.locator(".map.map-on")).to_have_count(3)
        window.check(f"style-{scheme}")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/look", "/style", "/demo", "/no-such-page"])
def test_longer_words_from_right_to_left_fit_a_narrow_phone(
    browser: Browser, site: str, path: str
) -> None:
    with looking(browser, site, width=320) as window:
        window.open(path)
        window.page.evaluate(MIRRORED)
        assert window._too_wide() == []
        overflow = window.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0


def test_a_row_of_the_table_lights_its_cell_and_the_map_can_be_zoomed(
    browser: Browser, site: str
) -> None:
    with looking(browser, site, width=1280) as window:
        window.open("/style")
        page = window.page
        box = page.locator(".map[data-kind=city]")
        expect(box).to_have_class("map map-seen map-on")
        row = page.locator("tr[data-cell]").nth(1)
        row.locator("button").focus()
        expect(row).to_have_class("row-lit")
        expect(box.locator("path.m-lit")).to_have_count(1)
        for words in ("Zoom in", "Zoom out"):
            button = box.get_by_role("button", name=words)
            size = button.bounding_box()
            assert size is not None
            assert min(size["width"], size["height"]) >= 44
            button.click()
        assert "Map: " in box.locator(".map-cred").inner_text()
        window.check()


def test_the_pin_moves_by_buttons_and_by_keys_alone(browser: Browser, site: str) -> None:
    with looking(browser, site, width=390) as window:
        window.open("/style")
        page = window.page
        expect(page.locator(".map[data-pin]")).to_have_class("map map-seen map-on")
        page.get_by_role("button", name="north").click()
        lat, lon = page.locator("#pin-lat"), page.locator("#pin-lon")
        first = (float(lat.input_value()), float(lon.input_value()))
        page.get_by_role("button", name="north").click()
        page.locator(".map-mark.leaflet-interactive").focus()
        page.keyboard.press("ArrowRight")
        second = (float(lat.input_value()), float(lon.input_value()))
        # five metres to the north, and five to the east
        assert 3 < (second[0] - first[0]) * 111_320 < 7
        assert 3 < (second[1] - first[1]) * 82_000 < 7
        assert "/style" in page.url


def test_maps_stay_pictures_without_javascript(browser: Browser, site: str) -> None:
    with looking(browser, site, width=390, javascript=False) as window:
        window.open("/style")
        pictures = window.page.locator(".map > svg[role=img]")
        assert pictures.count() == 4
        assert all(one.is_visible() for one in pictures.all())


def test_a_dialog_opens_once_and_gives_the_focus_back(browser: Browser, site: str) -> None:
    with looking(browser, site) as window:
        window.open("/style")
        link = window.page.get_by_role("link", name="Stop the round")
        link.dblclick()
        dialog = window.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        window.page.wait_for_load_state("networkidle")
        expect(dialog).to_have_count(1)
        expect(window.page).to_have_url(f"{site}/style")
        window.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(link).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_that_asks_comes_as_a_dialog_and_leads_back(
    browser: Browser, site: str, width: int
) -> None:
    with looking(browser, site, width=width) as window:
        window.open("/style")
        link = window.page.get_by_role("link", name="Stop the round")
        link.focus()
        window.page.keyboard.press("Enter")
        dialog = window.page.get_by_role("dialog", name="Stop this round and keep nothing?")
        expect(dialog).to_be_visible()
        window.check("dialog-of-a-page")
        dialog.get_by_role("link", name="Let it go on").click()
        expect(dialog).to_have_count(0)
        expect(link).to_be_focused()
    with looking(browser, site, width=width, javascript=False) as window:
        window.open("/style")
        window.page.get_by_role("link", name="Stop the round").click()
        expect(window.page.get_by_role("heading", level=1)).to_contain_text("Stop this round")


def test_rows_and_cells_of_the_board_point_at_each_other(browser: Browser, site: str) -> None:
    with looking(browser, site, width=1280) as window:
        window.sign_in("manager")
        window.open("/staff/storm")
        check_rows_light_cells(window)


def test_a_part_renews_itself_and_rests_while_it_holds_the_focus(
    browser: Browser, site: str
) -> None:
    with looking(browser, site) as window:
        asked: list[str] = []
        window.page.clock.install()
        window.open("/style")
        window.page.wait_for_function("window.htmx !== undefined")
        window.page.on(
            "request", lambda one: asked.append(one.url) if "hx" in str(one.headers) else None
        )
        window.page.clock.run_for(21_000)
        window.page.wait_for_timeout(500)
        assert len(asked) == 1
        part = window.page.locator("#live-part")
        part.evaluate("one => { one.tabIndex = -1; one.focus(); }")
        window.page.clock.run_for(21_000)
        window.page.wait_for_timeout(500)
        assert len(asked) == 1
        assert window.complaints == []


@pytest.mark.parametrize("javascript", [True, False])
def test_colours_are_chosen_by_a_form(browser: Browser, site: str, javascript: bool) -> None:
    with looking(browser, site, javascript=javascript) as window:
        window.open("/look")
        window.page.get_by_label("Dark", exact=False).last.check()
        window.page.get_by_role("button", name="Save the colors").click()
        expect(window.page.locator("html")).to_have_attribute("data-theme", "dark")
        if javascript:
            window.check("look")


@pytest.mark.parametrize("width", [320, 1280])
def test_error_pages_are_pages_with_a_way_home(browser: Browser, site: str, width: int) -> None:
    with looking(browser, site, width=width) as window:
        for path, status in (("/no-such-page", 404), ("/staff", 403)):
            if status == 403:
                window.sign_in("resident")
            assert window.open(path) == status
            expect(window.page.get_by_role("heading", level=1)).to_have_count(1)
            expect(window.page.get_by_role("link", name="Go to the first page")).to_be_visible()
            window.check(f"error-{status}")


def test_high_contrast_and_paper(browser: Browser, site: str) -> None:
    with looking(browser, site) as window:
        window.page.emulate_media(forced_colors="active")
        window.open("/style")
        _picture(window, "style-forced-colors")
        border = window.page.locator(".btn").first.evaluate(
            "one => getComputedStyle(one).borderTopWidth"
        )
        assert border == "2px"
        window.page.emulate_media(forced_colors="none", media="print")
        _picture(window, "style-print")
        expect(window.page.locator(".thumb")).to_be_hidden()
        expect(window.page.locator(".top nav")).to_be_hidden()


def _picture(window: Window, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    window.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
