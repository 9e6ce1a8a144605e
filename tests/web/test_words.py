"""Pages in a language that nobody speaks: words in brackets, longer, and from right to left."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest

import core.i18n
from core.clock import FixedClock
from core.db import Database
from people.models import Community
from tests.factories.town import seed_town
from tests.town_pages import Pages, open_client
from web.pages import rendering

PUBLIC = (
    "/volunteer",
    "/sign-in",
    "/look",
    "/help",
    "/privacy",
    "/accessibility",
    "/offline",
    "/nowhere",
)
STAFF = ("/staff", "/staff/requests", "/staff/people", "/staff/messages", "/staff/storm")
SAME = re.compile(r"Talkoot|Español|English|RSS|CSV")
"""Names, which are the same in every language."""


class Bracketed(NullTranslations):
    """Every string a third longer, between brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message} {'ö' * (len(message) // 3)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Texts(HTMLParser):
    """What a page shows and reads out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style", "code", "kbd") or given.get("translate") == "no":
            self.silent.append(tag)
        self.found += [
            str(given[name]) for name in ("alt", "aria-label", "placeholder") if given.get(name)
        ]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def forget_words() -> None:
    """What was read of the translations is read again."""
    rendering.find_translator.cache_clear()
    rendering.open_environment.cache_clear()


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget_words()
    monkeypatch.setattr(core.i18n, "load_catalog", lambda locales, language: Bracketed())
    monkeypatch.setattr(rendering, "RIGHT_TO_LEFT", frozenset({"en", "es"}))
    yield
    forget_words()


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


def find_bare(text: str, known: str) -> list[str]:
    """Words outside of brackets, but for those that the database holds."""
    reader = Texts()
    reader.feed(text)
    bare = [re.sub(r"⟦.*⟧", "", words, flags=re.DOTALL) for words in reader.found]
    bare = [SAME.sub("", words.replace(known, "")) for words in bare]
    return [" ".join(words.split()) for words in bare if re.search(r"[^\W\d_]{2,}", words)]


@pytest.mark.usefixtures("bracketed")
async def test_pages_say_nothing_but_what_is_translated(pages: Pages) -> None:
    async with pages.database.read() as session:
        town = (await session.get_one(Community, pages.here.community_id)).name
    found = {}
    for path in PUBLIC:
        answer = await pages.client.get(path, headers={"accept": "text/html"})
        assert answer.status_code in (200, 404)
        assert 'dir="rtl"' in answer.text
        found[path] = find_bare(answer.text, town)
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.usefixtures("bracketed")
async def test_menus_and_headings_of_staff_are_translated(pages: Pages) -> None:
    headers = await pages.as_person(pages.here.manager_id)
    for path in STAFF:
        answer = await pages.client.get(path, headers=headers)
        assert answer.status_code == 200
        for kind in ("label", "legend", "button", "caption", "dt", 'th scope="col"'):
            for inside in re.findall(rf"<{kind}[ >].*?</{kind[:2]}", answer.text, re.DOTALL):
                words = re.sub(r"<[^>]*>?", " ", inside)
                assert not re.search(r"[^\W\d_]{2,}", words) or "⟦" in words, inside[:200]
