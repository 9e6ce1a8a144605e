"""From templates to pages: language, times as people say them, the headers of private pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.ext import Extension
from litestar import MediaType, Response

from core.i18n import LANGUAGES, Translator, choose_language
from web.pages.design.versions import VersionedAddresses
from web.pages.menus import MENUS, MenuItem, Say

TEMPLATES = Path(__file__).parents[1] / "templates"
PRIVATE = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language",
}
Audience = Literal["link", "public", "member", "staff"]

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur", "yi"})
PUBLIC = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
_SENTENCE = re.compile(r'\{\{ _\("([^"\\]+)"\) \}\}')

OTHER_LANGUAGE = {"en": ("es", "Español"), "es": ("en", "English")}


@dataclass(frozen=True)
class Reader:
    """Who looks at a page: language, clock and place."""

    language: str = "en"
    time_zone: str = "UTC"
    community_name: str | None = None
    text_number: str | None = None
    """Where text messages are answered; None when this installation has no number."""
    path: str = ""
    """Of the page, for the link to the other language."""
    now: datetime | None = None
    """For words such as "today"."""
    query: str = ""
    """Of the page, without what only once is said, for the link to the other language."""
    phone: str | None = None
    """Where a person answers; None when this installation has no number."""
    audience: Audience = "link"
    """Who looks: by a secret link, anybody, somebody who is signed in, or staff."""
    theme: str | None = None
    """The colours that this browser's owner chose; None follows the device."""
    has_towns: bool = False
    """Whether this installation serves several towns."""
    is_demo: bool = False
    is_public: bool = False
    """Whether search engines may list the page."""
    site: str = ""
    """The address of this installation, for pages that are linked from elsewhere."""

    @property
    def direction(self) -> str:
        """Which way the lines of the language run."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def phone_link(self) -> str:
        """The number as telephones dial it."""
        return "".join(sign for sign in self.phone or "" if sign.isdigit() or sign == "+")

    @property
    def translator(self) -> Translator:
        """Says moments in the reader's language and zone."""
        return find_translator(self.language, self.time_zone)


@cache
def find_translator(language: str, time_zone: str) -> Translator:
    """Says the words of pages in one language, and moments in one zone; read once."""
    return Translator(language, TEMPLATES, time_zone=time_zone)


def choose_reader_language(
    asked: str | None, own: Iterable[str], accept_language: str | None
) -> str:
    """The language that the reader asked for, else their own, else what the browser prefers."""
    if asked in LANGUAGES:
        return str(asked)
    spoken = list(own)
    return choose_language(spoken or read_accept_language(accept_language or ""))


def read_accept_language(header: str) -> list[str]:
    """The languages of an ``Accept-Language`` header, the most wanted first."""
    wanted = []
    for number, part in enumerate(header[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            share = float(weight) if weight else 1.0
        except ValueError:
            share = 0.0
        if tag and share > 0:
            wanted.append((-share, number, tag))
    return [tag for _, _, tag in sorted(wanted)]


def render_page(name: str, reader: Reader, values: dict[str, Any]) -> str:
    """A page as HTML."""
    environment = open_environment(reader.language, reader.time_zone)
    other, other_name = OTHER_LANGUAGE[reader.language]
    page = environment.get_template(name).render(
        values,
        reader=reader,
        menu=make_menu(reader),
        other_language=other,
        other_language_name=other_name,
    )
    # A sentence that ends with "p.m." has its full stop.
    return page.replace(".m..", ".m.")


def make_menu(reader: Reader) -> list[MenuItem]:
    """Where this reader may go from every page."""
    return MENUS[reader.audience](reader.translator.gettext) if reader.audience in MENUS else []


def answer_page(
    name: str, reader: Reader, values: dict[str, Any], *, status_code: int = 200
) -> Response[str]:
    """A page for one person's eyes."""
    return Response(
        render_page(name, reader, values),
        status_code=status_code,
        media_type=MediaType.HTML,
        headers={**PRIVATE, "Content-Language": reader.language},
    )


class SaidAtOnce(Extension):
    """Sentences without values are put into a template when it is read, not each time it is shown.

    A page has about eighty of them, and saying each took a fifth of its time.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        say = cast(Say, self.environment.globals["say_at_once"])
        return _SENTENCE.sub(lambda found: say(found[1]) % {}, source)


@cache
def open_environment(language: str, time_zone: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html", "xml"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", SaidAtOnce, VersionedAddresses],
    )
    translator = find_translator(language, time_zone)
    _ = translator.gettext
    catalog = translator.catalog
    environment.globals["say_at_once"] = catalog.gettext
    # the extension adds this method when it is loaded, so its type is not known
    install = environment.install_gettext_callables  # type: ignore[attr-defined]  # see above
    install(catalog.gettext, catalog.ngettext, newstyle=True)
    environment.filters |= {
        "time": translator.say_time,
        "day": translator.say_day,
        "moment": translator.say_moment,
        "minutes": translator.say_minutes,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
    }

    def near_day(moment: datetime, now: datetime | None) -> str:
        """The day as people say it: today, tomorrow, or its name."""
        day = moment.astimezone(translator.zone).date()
        today = None if now is None else now.astimezone(translator.zone).date()
        if day == today:
            return _("today")
        if today is not None and day == today + timedelta(days=1):
            return _("tomorrow")
        return translator.say_day(moment)

    environment.filters["near_day"] = near_day
    environment.filters["distance"] = translator.say_distance
    environment.filters["number"] = translator.say_number
    environment.filters["iso"] = lambda moment: (
        # HTML knows no smaller part of a second
        moment.astimezone(translator.zone).isoformat(timespec="milliseconds")
    )
    environment.globals["language"] = translator.language
    return environment
