from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    TalkootError,
    Unavailable,
    UnsafeField,
)
from people.errors import LinkExpired
from web.pages.errors import Again, describe_error, render_error
from web.pages.rendering import (
    Reader,
    choose_reader_language,
    open_environment,
    read_accept_language,
    render_page,
)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", ["es-MX", "es", "en"]),
        ("en;q=0.5, es", ["es", "en"]),
        ("de;q=0, es;q=broken", []),
        ("", []),
        ("," * 600, []),
    ],
)
def test_languages_of_the_browser(header: str, wanted: list[str]) -> None:
    assert read_accept_language(header) == wanted


@pytest.mark.parametrize(
    ("asked", "own", "header", "language"),
    [
        ("es", ["en"], "en", "es"),
        (None, ["es"], "en", "es"),
        (None, [], "es-MX", "es"),
        (None, [], "de", "en"),
        ("xx", [], None, "en"),
        (None, ["ht", "es"], "en", "es"),
    ],
)
def test_choice_of_language(
    asked: str | None, own: list[str], header: str | None, language: str
) -> None:
    assert choose_reader_language(asked, own, header) == language


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "error",
    [LinkExpired, NotFound, NotPermitted, Conflict, Unavailable, InvalidInput],
)
def test_errors_say_what_to_do_in_both_languages(error: type[TalkootError], language: str) -> None:
    title, words = describe_error(error("detail with <b>tags</b>"), Reader(language=language))
    values = {"title": title, "words": words, "reference": "", "again": None}
    page = render_page("error.html", Reader(language=language), values)
    assert title
    assert words
    assert "<b>tags" not in page


def test_error_page_of_the_application_is_escaped() -> None:
    page = render_error("Broken", "<script>alert(1)</script>", "ref-1", Reader(language="es"))
    assert "<script>alert" not in page
    assert "ref-1" in page
    assert '<html lang="es" dir="ltr">' in page


def test_what_was_typed_stands_on_the_error_page_and_is_escaped() -> None:
    again = Again("/ask?lang=es", (("name", 'Ana "Q" <Sample>'),))
    page = render_error("Broken", "Try again.", "", Reader(), again=again)
    assert '<form method="post" action="/ask?lang=es"' in page
    assert 'name="name" value="Ana &#34;Q&#34; &lt;Sample&gt;"' in page


def test_a_fault_of_ours_is_not_explained() -> None:
    for audience in ("public", "link"):
        title, words = describe_error(UnsafeField("inner detail"), Reader(audience=audience))
        assert "our fault" in title
        assert "inner" not in title + words


def test_days_as_people_say_them() -> None:
    now = datetime(2026, 1, 16, 3, 0, tzinfo=UTC)  # ten in the evening of the 15th in Boston
    reader = Reader(language="en", time_zone="America/New_York", now=now)
    from_filter = _day(reader, datetime(2026, 1, 16, 4, 30, tzinfo=UTC))
    next_day = _day(reader, datetime(2026, 1, 16, 12, 0, tzinfo=UTC))
    later = _day(reader, datetime(2026, 1, 20, 12, 0, tzinfo=UTC))
    assert (from_filter, next_day, later) == ("today", "tomorrow", "Tuesday, January 20")


def _day(reader: Reader, moment: datetime) -> str:
    near_day = open_environment(reader.language, reader.time_zone).filters["near_day"]
    return str(near_day(moment, reader.now))
