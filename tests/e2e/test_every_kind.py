"""Every kind of page on the narrowest phone, with the largest text, and as the device wishes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.audit.finding import find_looks
from tests.audit.pages import UNSEEN, Look, list_kinds, name_of
from tests.e2e.looking import Scheme, Window, find_faults, looking

LARGEST = "document.documentElement.style.fontSize = '200%'"
CUT = """() => {
    const found = [];
    for (const one of document.querySelectorAll('body *')) {
        if (one.closest('.vh, .skip, svg, .map, dialog:not([open]), .scroll')) continue;
        const style = getComputedStyle(one);
        const cuts = (way) => ['hidden', 'clip'].includes(style[`overflow${way}`]);
        const has = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        const wide = cuts('X') && one.scrollWidth > one.clientWidth + 1;
        const tall = cuts('Y') && one.scrollHeight > one.clientHeight + 1;
        if (has && (wide || tall) && one.clientWidth > 1) found.push(one.outerHTML.slice(0, 120));
    }
    return found.slice(0, 3);
}"""
"""What holds words and hides some of them."""
PARTS = 4
"""So many tests share the pages, so that each stays short."""
Found = tuple[list[Look], dict[str | None, str]]


@pytest.fixture(scope="module")
def found(site: str, site_folder: Path) -> Found:
    database = site_folder / "talkoot.db"
    return find_looks(site, database if database.exists() else None)


def enter(window: Window, cookie: str) -> None:
    """Be who has these cookies."""
    pairs = [part.split("=", 1) for part in cookie.split("; ") if part]
    window.page.context.add_cookies(
        [{"name": name, "value": text, "url": window.site} for name, text in pairs]
    )


def test_there_is_an_example_of_every_kind(found: Found) -> None:
    names = [look.name for look in found[0]]
    missing = [
        kind
        for kind in list_kinds()
        if not any(name.startswith(name_of(kind).removesuffix("one")) for name in names)
    ]
    assert set(missing) <= set(UNSEEN)


@pytest.mark.parametrize("part", range(PARTS))
def test_narrow_and_large(browser: Browser, site: str, found: Found, part: int) -> None:
    looks, cookies = found
    schemes: tuple[Scheme, Scheme] = ("light", "dark")
    faults = []
    roles = sorted({look.role or "" for look in looks})
    for role in roles[part::PARTS]:
        own = [look for look in looks if (look.role or "") == role]
        with looking(browser, site, width=320, scheme=schemes[part % 2]) as window:
            enter(window, cookies[role or None])
            for look in own:
                faults += look_at(window, look)
    assert not faults, "\n".join(faults)


def look_at(window: Window, look: Look) -> list[str]:
    """What is wrong with a page on a narrow phone, and with large text on a desk."""
    page, faults = window.page, []
    page.set_viewport_size({"width": 320, "height": 640})
    window.complaints.clear()
    if window.open(look.path) != look.status:
        return [f"{look.name}: not {look.status}"]
    try:
        window.check()
    except AssertionError as error:
        faults.append(f"{look.name}: {str(error)[:600]}")
    faults += [f"{look.name}: cut: {html}" for html in page.evaluate(CUT)]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(LARGEST)
    faults += [f"{look.name}: too wide at 200 %: {html}" for html in window._too_wide()]
    faults += [f"{look.name}: cut at 200 %: {html}" for html in page.evaluate(CUT)]
    return faults


@pytest.mark.parametrize(
    ("role", "path"), [(None, "/ask"), ("volunteer", "/volunteering"), ("manager", "/staff/storm")]
)
def test_colors_of_the_device(browser: Browser, site: str, role: str | None, path: str) -> None:
    """With its own few colours every control has an edge, and a focus that can be seen."""
    with looking(browser, site) as window:
        if role is not None:
            window.sign_in(role)
        window.page.emulate_media(forced_colors="active")
        window.open(path)
        # axe still sees the colors of the page, which the device has replaced
        faults = [one for one in find_faults(window.page) if "color-contrast" not in one]
        assert not faults, faults
        assert window._too_wide() == []
        bare = window.page.evaluate(
            """() => [...document.querySelectorAll('main :is(.btn, .choice, .input, .select)')]
                .filter(one => one.getClientRects().length)
                .filter(one => parseFloat(getComputedStyle(one).borderTopWidth) < 1)
                .map(one => one.outerHTML.slice(0, 100))"""
        )
        assert bare == []
        unseen = window.page.evaluate(
            """() => [...document.querySelectorAll('main :is(a, button, input, summary)')]
                .filter(one => one.getClientRects().length).slice(0, 40)
                .filter(one => {
                    one.focus({ focusVisible: true });
                    const ring = getComputedStyle(one);
                    const box = getComputedStyle(one.closest('label') ?? one);
                    return document.activeElement === one &&
                        [ring, box].every(style => style.outlineStyle === 'none');
                })
                .map(one => one.outerHTML.slice(0, 100))"""
        )
        assert unseen == []


@pytest.mark.parametrize(
    ("role", "path"), [(None, "/"), ("volunteer", "/volunteering/offers"), ("manager", "/style")]
)
def test_nothing_moves_for_who_wants_calm(
    browser: Browser, site: str, role: str | None, path: str
) -> None:
    with looking(browser, site) as window:
        if role is not None:
            window.sign_in(role)
        window.page.emulate_media(reduced_motion="reduce")
        window.open(path)
        moving = window.page.evaluate(
            """() => [...document.querySelectorAll('*')].filter(one => {
                const style = getComputedStyle(one);
                return style.transitionDuration.split(', ').some(time => parseFloat(time) > 0) ||
                    style.animationName !== 'none' || style.scrollBehavior === 'smooth';
            }).map(one => one.outerHTML.slice(0, 100))"""
        )
        assert moving == []
