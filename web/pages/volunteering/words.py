"""Code words of volunteers as people say them: tools, skills, languages, days, ways to travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from babel import Locale

from matching.kinds import TravelMode
from web.pages.rendering import Reader

LANGUAGES = ("en", "es", "pt", "ht", "zh", "fr", "ar", "vi", "am", "bn", "ru", "ko")
"""What people are asked for first; others stay as they are on record."""


def say_abilities(reader: Reader) -> dict[str, str]:
    """Tools and skills that every programme knows."""
    _ = reader.translator.gettext
    return {
        "shovel": _("a snow shovel"),
        "salt": _("salt or sand"),
        "snow_blower": _("a snow blower"),
        "car": _("a car"),
        "cargo_bike": _("a cargo bike"),
        "hand_truck": _("a hand truck"),
        "ladder": _("a ladder"),
        "lawn_mower": _("a lawn mower"),
        "rake": _("a rake"),
        "truck": _("a truck"),
        "computer_help": _("help with computers"),
        "driving": _("driving"),
        "first_aid": _("first aid"),
        "heavy_lifting": _("lifting heavy things"),
        "sign_language": _("sign language"),
    }


def say_ability(code: str, known: Mapping[str, str]) -> str:
    """One of them; a programme's own word as it stands."""
    return known.get(code) or code.replace("_", " ")


def say_language(code: str, reader: Reader) -> str:
    """A language by its name in the reader's own."""
    locale: Locale = reader.translator.locale
    return str(locale.languages.get(code.partition("-")[0], code))


def join_words(words: Iterable[str], reader: Reader) -> str:
    """Several things in one sentence: "a, b and c"."""
    from_first = list(words)
    if len(from_first) < 2:
        return "".join(from_first)
    _ = reader.translator.gettext
    return _("%(some)s and %(last)s", some=", ".join(from_first[:-1]), last=from_first[-1])


def say_modes(reader: Reader) -> dict[str, str]:
    """Ways to travel, for choices."""
    _ = reader.translator.gettext
    return {
        TravelMode.WALK.value: _("On foot"),
        TravelMode.BIKE.value: _("By bike"),
        TravelMode.CAR.value: _("By car"),
    }


def say_reach(mode: TravelMode, minutes: int, reader: Reader) -> str:
    """How far somebody goes."""
    _ = reader.translator.gettext
    length = reader.translator.say_minutes(minutes)
    if mode is TravelMode.CAR:
        return _("up to %(length)s by car", length=length)
    if mode is TravelMode.BIKE:
        return _("up to %(length)s by bike", length=length)
    return _("up to %(length)s on foot", length=length)


def say_weekdays(reader: Reader, width: str = "wide") -> list[str]:
    """Monday to Sunday; ``abbreviated`` for narrow columns."""
    locale: Locale = reader.translator.locale
    return [str(locale.days["stand-alone"][width][day]) for day in range(7)]
