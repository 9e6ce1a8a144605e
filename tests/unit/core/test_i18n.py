from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.i18n import Translator, choose_language, find_locales, load_catalog

PO = """msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Snow, %(name)s"
msgstr "Nieve, %(name)s"

msgid "%(num)s home"
msgid_plural "%(num)s homes"
msgstr[0] "%(num)s casa"
msgstr[1] "%(num)s casas"

#, fuzzy
msgid "Doubtful"
msgstr "Dudoso"

msgid "Empty"
msgstr ""
"""
MOMENT = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "es.po").write_text(PO, encoding="utf-8")
    (tmp_path / "emails" / "offer").mkdir(parents=True)
    return tmp_path / "emails" / "offer"


def test_strings_come_from_the_po_file(folder: Path) -> None:
    spanish, english = Translator("es", folder), Translator("en", folder)
    assert spanish.gettext("Snow, %(name)s", name="Ana") == "Nieve, Ana"
    assert english.gettext("Snow, %(name)s", name="Ana") == "Snow, Ana"
    said = [
        t.ngettext("%(num)s home", "%(num)s homes", n)
        for t in (english, spanish)
        for n in (1, 2, 0)
    ]
    assert said == ["1 home", "2 homes", "0 homes", "1 casa", "2 casas", "0 casas"]


def test_what_is_not_translated_stays_as_it_is(folder: Path) -> None:
    spanish = Translator("es", folder)
    assert [spanish.gettext(text) for text in ("Doubtful", "Empty", "New")] == [
        "Doubtful",
        "Empty",
        "New",
    ]
    assert spanish.ngettext("a", "b", 2) == "b"


def test_locales_belong_to_the_nearest_package(folder: Path) -> None:
    assert find_locales(folder) == folder.parent.parent / "locales"
    assert load_catalog(None, "es").gettext("Snow") == "Snow"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ([], "en"),
        (["es"], "es"),
        (["es-MX"], "es"),
        (["ES_us"], "es"),
        (["ht", "es"], "es"),
        (["ht"], "en"),
        (["", "en-GB"], "en"),
    ],
)
def test_the_first_language_that_we_speak(wanted: list[str], language: str) -> None:
    assert choose_language(wanted) == language


def test_times_days_and_distances_as_people_say_them() -> None:
    english = Translator("en", time_zone="America/New_York")
    spanish = Translator("es", time_zone="America/New_York")
    metric = Translator("es", time_zone="America/New_York", territory="ES")
    assert english.say_moment(MOMENT) == "Thursday, January 15, 4:00 PM"
    assert spanish.say_moment(MOMENT) == "jueves, 15 de enero, 4:00 p.m."
    assert english.say_day(date(2026, 3, 8)) == "Sunday, March 8"
    assert english.say_minutes(15) == "15 minutes"
    assert spanish.say_minutes(1) == "1 minuto"
    assert [english.say_distance(m) for m in (10, 100, 700, 1609.344)] == [
        "50 ft",
        "350 ft",
        "0.4 mi",
        "1 mi",
    ]
    assert [metric.say_distance(m) for m in (10, 340, 1234)] == ["50 m", "350 m", "1,2 km"]


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [(0, "0 homes", "0 casas"), (1, "1 home", "1 casa"), (2, "2 homes", "2 casas"),
     (11, "11 homes", "11 casas"), (101, "101 homes", "101 casas")],
)  # fmt: skip
def test_forms_of_numbers(folder: Path, number: int, english: str, spanish: str) -> None:
    for language, words in (("en", english), ("es", spanish)):
        assert Translator(language, folder).ngettext("%(num)s home", "%(num)s homes", number) == (
            words
        )


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        (datetime(2026, 1, 1, 4, 59, tzinfo=UTC), "Wednesday, December 31, 11:59 PM",
         "miércoles, 31 de diciembre, 11:59 p.m."),
        (datetime(2026, 1, 1, 5, 0, tzinfo=UTC), "Thursday, January 1, 12:00 AM",
         "jueves, 1 de enero, 12:00 a.m."),
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "Sunday, March 8, 1:59 AM",
         "domingo, 8 de marzo, 1:59 a.m."),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "Sunday, March 8, 3:00 AM",
         "domingo, 8 de marzo, 3:00 a.m."),
        (datetime(2026, 11, 1, 6, 0, tzinfo=UTC), "Sunday, November 1, 1:00 AM",
         "domingo, 1 de noviembre, 1:00 a.m."),
        (datetime(2026, 7, 4, 16, 0, tzinfo=UTC), "Saturday, July 4, 12:00 PM",
         "sábado, 4 de julio, 12:00 p.m."),
    ],
)  # fmt: skip
def test_midnight_noon_and_the_days_when_clocks_change(
    moment: datetime, english: str, spanish: str
) -> None:
    zone = "America/New_York"
    assert Translator("en", time_zone=zone).say_moment(moment) == english
    assert Translator("es", time_zone=zone).say_moment(moment) == spanish


@pytest.mark.parametrize(
    ("distance_m", "miles", "kilometres"),
    [(0, "50 ft", "50 m"), (160, "500 ft", "150 m"), (161, "0.1 mi", "150 m"),
     (974, "0.6 mi", "950 m"), (999, "0.6 mi", "1 km"), (1_000, "0.6 mi", "1 km"),
     (16_093, "10 mi", "16.1 km")],
)  # fmt: skip
def test_miles_or_kilometres_by_territory(distance_m: float, miles: str, kilometres: str) -> None:
    assert Translator("es", territory="US").say_distance(distance_m) == miles
    assert Translator("es", territory="MX").say_distance(distance_m) == kilometres


def test_numbers_as_people_of_the_place_write_them() -> None:
    assert Translator("en").say_number(1204.5) == "1,204.5"
    assert Translator("es").say_number(1204.5) == "1,204.5"
    assert Translator("es", territory="ES").say_number(12045.5) == "12.045,5"
