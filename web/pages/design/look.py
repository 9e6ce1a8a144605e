"""Colours: light, dark, or as the device says. Kept in the browser, also of a stranger."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency

from web.pages.choices import THEME_COOKIE, THEMES
from web.pages.desk import CHOICE_LIFE, Answer, Desk
from web.pages.guards import AnyRequest

PAGE: Final = "design/look.html"
AS_THE_DEVICE: Final = "device"


@get("/look", name="look")
async def get_look(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Show the choices."""
    async with desk.look(request) as call:
        return call.show(PAGE, {"chosen": call.reader.theme or AS_THE_DEVICE, "errors": {}})


@post("/look", name="choose_look", status_code=303)
async def post_look(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Keep a choice."""
    async with desk.press(request) as call:
        chosen = call.form.get("theme", "")
        if chosen not in (*THEMES, AS_THE_DEVICE):
            _ = call.reader.translator.gettext
            errors = {"theme": _("Choose one of the three")}
            raise call.show_again(PAGE, {"chosen": AS_THE_DEVICE, "errors": errors})
        call.browser.keep(THEME_COOKIE, chosen, CHOICE_LIFE)
        return call.go("/look", said="saved")
