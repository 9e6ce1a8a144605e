"""Every kind of page in a language with longer words, and in one that runs from right to left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.e2e.looking import Window, looking

BEGIN = {
    "": ("/", "/ask", "/volunteer", "/sign-in", "/look", "/nowhere"),
    "manager": ("/staff",),
    "volunteer": ("/volunteering", "/account", "/groups"),
    "resident": ("/requests", "/surveys", "/standings"),
}
MOST_PAGES = 130
NO_PAGES = re.compile(r"lang=|\.\w{2,7}(\?|$)|/sign-out|/static|/calendar/|/photo|//|/style")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_NAMED = re.compile(r"(?<=/(?:groups|events)/)[a-z]+/[\w*-]+|(?<=/campaigns/)[a-z]+/[\w-]+")
LONGER = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) found.push(texts.currentNode);
  for (const text of found) {
    const words = text.data.trim();
    if (!/\\p{L}{2}/u.test(words) || text.parentElement.closest("script,style,svg,code")) continue;
    const more = Math.ceil(words.length / 3);
    text.data = text.data.trimEnd() + "ö".repeat(Math.min(more, 4)) + " öööö".repeat(more / 5);
  }
}"""
"""A third more letters, a few of them at the end of a word."""
CUT_OFF = """() => [...document.querySelectorAll("body *:not(svg *)")].filter((one) => {
  const style = getComputedStyle(one);
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !one.checkVisibility() || one.closest(".vh, svg, select")) return false;
  const hides = ["hidden", "clip"].includes(style.overflowX) || style.textOverflow === "ellipsis";
  return hides && one.scrollWidth > one.clientWidth + 1;
}).slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !one.closest(".vh");
  }).slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
}"""
MIRROR = """() => {
  document.documentElement.dir = "rtl";
  const brand = document.querySelector("header .brand").getBoundingClientRect();
  const title = document.querySelector("h1");
  const style = title && getComputedStyle(title);
  return {
    brand: brand.right > document.documentElement.clientWidth / 2,
    title: !title || (style.direction === "rtl" && style.textAlign !== "left"),
  };
}"""


def kind_of(path: str) -> str:
    """What pages have in common that differ in what they are about."""
    return _NAMED.sub("one", _ID.sub("*", path)).partition("?")[0]


def list_links(window: Window) -> list[str]:
    """Where a page leads, within the product."""
    found: list[str] = window.page.eval_on_selector_all(
        "a[href^='/']", "all => all.map(one => one.getAttribute('href').split('#')[0])"
    )
    return [path for path in found if not NO_PAGES.search(path)]


def look_at(window: Window, path: str) -> list[str]:
    """What does not hold when words are longer, and when lines run the other way."""
    page = window.page
    page.evaluate(LONGER)
    faults = [f"longer: {one}" for one in page.evaluate(TOO_WIDE) + page.evaluate(CUT_OFF)]
    turned = page.evaluate(MIRROR)
    faults += [f"mirrored: the {name} stays" for name, is_turned in turned.items() if not is_turned]
    faults += [f"mirrored: {one}" for one in page.evaluate(TOO_WIDE) + page.evaluate(CUT_OFF)]
    return [f"{path}: {fault}" for fault in faults]


@pytest.mark.parametrize("width", [390])
def test_every_kind_of_page(browser: Browser, site: str, width: int) -> None:
    seen: set[str] = set()
    faults: list[str] = []
    for role, begin in BEGIN.items():
        with looking(browser, site, width=width) as window:
            if role:
                window.sign_in(role)
            waiting = list(begin)
            while waiting and len(seen) < MOST_PAGES:
                path = waiting.pop(0)
                if kind_of(path) in seen:
                    continue
                status = window.open(path)
                if window.page.url.startswith(f"{site}/sign-in?next"):
                    continue
                seen.add(kind_of(path))
                if status == 200:
                    waiting += list_links(window)
                faults += look_at(window, path)
    assert len(seen) > 90
    assert faults == []
