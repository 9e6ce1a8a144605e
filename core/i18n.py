"""Words in a person's language: translations, and dates, times and distances as people say them.

Translations stand in ``<package>/locales/<language>.po`` and are read as they are: there is no
compiled file that could be older than its source.
"""

from __future__ import annotations

import gettext as gettext_module
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

SOURCE_LANGUAGE = "en"
LANGUAGES = ("en", "es")
"""Complete languages; a test finds strings that one of them lacks."""
LOCALES = "locales"
MILE_TERRITORIES = frozenset({"GB", "LR", "MM", "US"})
METRES_PER_MILE = 1_609.344
METRES_PER_FOOT = 0.3048


def choose_language(wanted: Iterable[str]) -> str:
    """The first of a person's languages that we speak, else English."""
    for code in wanted:
        language = code.replace("_", "-").partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return SOURCE_LANGUAGE


def find_locales(folder: Path) -> Path | None:
    """The ``locales`` folder of the package that a folder belongs to."""
    for parent in (folder, *folder.parents):
        if (parent / LOCALES).is_dir():
            return parent / LOCALES
    return None


class _Catalog(gettext_module.NullTranslations):
    """The strings of one ``.po`` file. A string without translation stays as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._strings: dict[str, tuple[str, ...]] = {}
        with path.open("rb") as file:
            catalog = read_po(file)
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            plural = isinstance(message.id, list | tuple)
            key = message.id[0] if plural else message.id
            forms = (
                message.string if isinstance(message.string, list | tuple) else (message.string,)
            )
            if all(forms):
                self._strings[str(key)] = tuple(str(form) for form in forms)
        self._form = gettext_module.c2py(catalog.plural_expr)

    def gettext(self, message: str) -> str:
        found = self._strings.get(message)
        return message if found is None else found[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self._strings.get(msgid1)
        if found is None:
            return msgid1 if n == 1 else msgid2
        return found[min(self._form(n), len(found) - 1)]


@cache
def load_catalog(locales: Path | None, language: str) -> gettext_module.NullTranslations:
    """The translations of one package into one language, read once."""
    path = None if locales is None else locales / f"{language}.po"
    if path is None or language == SOURCE_LANGUAGE or not path.is_file():
        return gettext_module.NullTranslations()
    return _Catalog(path)


@cache
def _find_locale(language: str, territory: str) -> Locale:
    try:
        return Locale(language, territory)
    except UnknownLocaleError:
        return Locale(language)


class Translator:
    """Speaks one language about one place's time and distances.

    ``folder`` is any folder of the package whose ``locales`` are to be used.
    """

    def __init__(
        self,
        language: str,
        folder: Path | None = None,
        *,
        time_zone: str = "UTC",
        territory: str = "US",
    ) -> None:
        self.language = choose_language([language])
        self.locale = _find_locale(self.language, territory)
        self.zone = ZoneInfo(time_zone)
        self.catalog = load_catalog(None if folder is None else find_locales(folder), self.language)

    def gettext(self, message: str, **values: object) -> str:
        """A sentence, with ``%(name)s`` filled in."""
        text = self.catalog.gettext(message)
        return text % values if values else text

    def ngettext(self, singular: str, plural: str, number: int, **values: object) -> str:
        """A sentence that depends on a number, which fills ``%(num)s``."""
        return self.catalog.ngettext(singular, plural, number) % ({"num": number} | values)

    def say_time(self, moment: datetime) -> str:
        """The time of day: ``4:30 PM``."""
        return _plain_spaces(format_time(moment, "short", tzinfo=self.zone, locale=self.locale))

    def say_day(self, moment: datetime | date) -> str:
        """The day with its weekday: ``Friday, January 16``."""
        day = moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment
        skeleton = "EEEE, d 'de' MMMM" if self.language == "es" else "EEEE, MMMM d"
        return format_date(day, skeleton, locale=self.locale)

    def say_moment(self, moment: datetime) -> str:
        """Day and time of day."""
        return f"{self.say_day(moment)}, {self.say_time(moment)}"

    def say_distance(self, distance_m: float) -> str:
        """A distance, as roughly as people say it: ``0.4 mi``, ``350 m``."""
        if self.locale.territory in MILE_TERRITORIES:
            miles = distance_m / METRES_PER_MILE
            if miles < 0.1:
                feet = max(50, round(distance_m / METRES_PER_FOOT / 50) * 50)
                return self._say_unit(feet, "length-foot")
            return self._say_unit(round(miles, 1), "length-mile")
        metres = max(50, round(distance_m / 50) * 50)
        if metres < 1_000:
            return self._say_unit(metres, "length-meter")
        return self._say_unit(round(distance_m / 1_000, 1), "length-kilometer")

    def say_number(self, number: float) -> str:
        """A number as people write it: ``1,204``, ``0.3``."""
        return _plain_spaces(format_decimal(number, locale=self.locale))

    def say_minutes(self, minutes: int) -> str:
        """A short duration: ``15 minutes``."""
        return self._say_unit(minutes, "duration-minute", "long")

    def _say_unit(self, value: float, unit: str, length: Literal["short", "long"] = "short") -> str:
        number = int(value) if float(value).is_integer() else value
        return _plain_spaces(format_unit(number, unit, length, locale=self.locale))


def _plain_spaces(text: str) -> str:
    """Narrow spaces are not in the alphabet of text messages and would make them dearer."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
