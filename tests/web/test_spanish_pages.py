"""Nothing on a page is in English when the reader speaks Spanish, but for what people wrote.

Pages are followed from link to link, one of each kind, in both languages beside each other. What
both say alike must be a name, a number, or something that somebody put into the database.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import String, cast, select

from core.clock import FixedClock
from core.columns import Base
from core.db import Database
from tests.factories.town import seed_town
from tests.town_pages import Pages, open_client

BEGIN = ("/", "/ask", "/volunteer", "/sign-in", "/look", "/towns")
INSIDE = ("/account", "/requests", "/volunteering", "/surveys", "/standings", "/groups")
MOST_PAGES = 140
NO_PAGES = re.compile(r"lang=|\.\w{2,7}(\?|$)|/sign-out|/static|/calendar/|/photo|//")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_VALUE = re.compile(r"=[^&]*")
_NUMBERED = re.compile(r"\d+(?=/|$)")
ALIKE = re.compile(
    r"""(https?://\S+|Talkoot|Cookies|Snowville
    |English|Español|Português|Kreyòl\ ayisyen|Français|Soomaali
    |Tiếng\ Việt|Hindi|Synthetic|Hilltop|rides|Way
    |The\ Port|Neighborhood\ Nine|Wellington-Harrington|Mid-Cambridge|North\ Cambridge|Riverside
    |Cambridge\ Highlands|Strawberry\ Hill|West\ Cambridge|Cambridgeport|Area\ 2/MIT|Baldwin
    |East\ Cambridge|Chicago,\ Illinois|New\ York\ City|GPX|CSV
    |RSS|JSON|Boston,\ Massachusetts|Pittsburgh,\ Pennsylvania|Washington,\ District\ of\ Columbia
    |NO\ K7|No|Cambridge,\ Massachusetts|العربية|አማርኛ|中文|Русский
    |(Resident|Volunteer|Manager|Coordinator)\ \d+
    |[A-Z0-9]{6}|\S+@\S+|[0-9a-f]{64}|[\w.:-]*\.(csv|geojson)|[a-z]+[:.][a-z_]+
    |[\d.,]+\ (km|kg|mi|p[.]m[.]|a[.]m[.]))""",
    re.VERBOSE,
)
"""Names and codes, and units that are written alike."""


class Texts(HTMLParser):
    """What a page shows, by paragraph or smaller, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and (given.get("href") or "").startswith("/"):
            self.links.append(str(given["href"]).partition("#")[0])
        is_silent = tag in ("script", "style", "code", "kbd", "svg") or "translate" in given
        if self.silent or is_silent or ("lang" in given and tag != "html"):
            if tag not in ("input", "br", "img", "meta", "link", "path", "use", "circle", "rect"):
                self.silent.append(tag)
            return
        self.found += [
            str(given[name]) for name in ("alt", "aria-label", "placeholder") if given.get(name)
        ]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not self.silent:
            self.found.append(text)


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    if not database_url.startswith("sqlite"):
        pytest.skip("words do not depend on the database")
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


async def read_written(database: Database) -> list[str]:
    """Everything that stands in the database and has a blank or a capital letter, longest first."""
    found: set[str] = set()
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            columns = [cast(column, String) for column in table.columns]
            for row in await session.execute(select(*columns)):
                found.update(text for value in row if value for text in _strings(value))
    kept = {" ".join(text.split()) for text in found}
    wanted = {text for text in kept if 3 < len(text) < 2_000 and not text.islower()}
    return sorted(wanted, key=len, reverse=True)


def _strings(value: str) -> Iterator[str]:
    if value[:1] not in "[{":
        yield value
        return
    try:
        yield from _walk(json.loads(value))
    except ValueError:
        yield value


def _walk(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _walk(part)


def kind_of(path: str) -> str:
    """What pages have in common that differ in what they are about."""
    return _NUMBERED.sub("0", _VALUE.sub("", _ID.sub("*", path)))


async def follow(
    pages: Pages, cookie: dict[str, str], begin: tuple[str, ...], kinds: set[str]
) -> dict[str, set[str]]:
    """Texts that are alike in both languages, by page; one page of each kind not yet seen."""
    waiting, alike = list(begin), {}
    while waiting and len(kinds) < MOST_PAGES:
        path = waiting.pop(0)
        if kind_of(path) in kinds or NO_PAGES.search(path):
            continue
        read = []
        for language in ("en", "es"):
            mark = "&" if "?" in path else "?"
            pages.client.cookies.clear()
            answer = await pages.client.get(
                f"{path}{mark}lang={language}",
                headers={"accept": "text/html", **cookie},
                follow_redirects=False,
            )
            assert answer.status_code < 500, path
            if answer.status_code == 200 and "html" in answer.headers["content-type"]:
                read.append(Texts())
                read[-1].feed(answer.text)
        if len(read) == 2:
            kinds.add(kind_of(path))
            waiting += read[1].links
            both = set(read[0].found) & set(read[1].found)
            alike[path] = {text for text in both if re.search(r"[^\W\d_]{2,}", text)}
    return alike


async def test_spanish_pages_say_nothing_in_english(pages: Pages) -> None:
    written = await read_written(pages.database)
    town = pages.here
    faults: dict[str, str] = {}
    kinds: set[str] = set()
    for person, begin in (
        (None, BEGIN),
        (town.manager_id, ("/staff",)),
        (town.volunteer_person_ids[0], INSIDE),
        (town.resident_ids[0], INSIDE),
    ):
        cookie = {} if person is None else await pages.as_person(person)
        for path, texts in (await follow(pages, cookie, begin, kinds)).items():
            for text in texts:
                rest = text
                for known in written:
                    rest = rest.replace(known, "") if known in rest else rest
                rest = ALIKE.sub("", rest)
                if re.search(r"[^\W\d_]{2,}", rest):
                    faults.setdefault(rest.strip(), path)
    assert len(kinds) > 90
    assert not faults, "\n".join(f"{path}: {text}" for text, path in sorted(faults.items()))
