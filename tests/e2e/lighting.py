"""Rows of a table and cells of the map beside it, which light each other."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.looking import Window


def check_rows_light_cells(window: Window) -> None:
    """The focus on a row lights its cells, and pointing at a cell lights its row."""
    page = window.page
    row = page.locator("tr[data-cell]").first
    cells = str(row.get_attribute("data-cell")).split(" ")
    row.get_by_role("button").focus()
    expect(row).to_have_class("row-lit")
    expect(page.locator(".map path.m-lit")).to_have_count(len(cells))
    window.check("board-lit")
    other = page.locator("tr[data-cell]").nth(1)
    key = str(other.get_attribute("data-cell")).split(" ")[0]
    page.locator(f'.map path[data-cell="{key}"]').dispatch_event("pointerover")
    expect(other).to_have_class("row-lit")
    expect(row).not_to_have_class("row-lit")
    page.locator(f'.map path[data-cell="{key}"]').dispatch_event("pointerout")
    expect(row).to_have_class("row-lit")
