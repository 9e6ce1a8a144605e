"""Taking an address apart: house number, street, unit, postcode, and what stands behind.

The same text can be read in more than one way ("12 E Main St": house 12 on E Main St, or house 12E
on Main St), so `read_address` returns every reading, likeliest first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from geo.street_names import fold_text

MAX_TEXT = 300
"""Longer texts are no addresses; they are cut here before any pattern sees them."""

_FRACTION = r"(?:1/2|1/4|3/4|1/3|2/3)"
_SUFFIX = rf"(?:[\s-]*{_FRACTION})?(?:-?[a-z]\d{{0,2}})?"
_NUMBER = r"\d{1,6}(?:-\d{1,6}(?![/\d]))?"
_NUMBER_FIRST = re.compile(rf"^({_NUMBER})({_SUFFIX})(?=[\s,])[\s,]+(.+)$")
_LOOSE_LETTER = re.compile(r"^([a-z])\s+(\D.+)$")
_NUMBER_LAST = re.compile(
    rf"^(.*?[^\W\d_].*?)[\s,]+({_NUMBER})((?:[\s-]*{_FRACTION})?(?:[\s-]?[a-z](?![a-z]))?)"
    r"(?:\s*(\d{1,4}))?$"
)
_SPACED_RANGE = re.compile(r"^(\d{1,6})\s*-\s+(\d{1,6})\b|^(\d{1,6})\s+-\s*(\d{1,6})\b")
_UNIT_WORDS = (
    "apartment|appt|apt|unit|suite|ste|floor|flr|fl|room|rm|penthouse|ph|basement|bsmt|rear|lot|"
    "as|bst|whg"
)
_UNIT = re.compile(
    rf"(?:[\s,]+|^)(?:(?P<rank>\d{{1,2}}(?:st|nd|rd|th)|first|second|third|ground|top)\s+"
    rf"(?:floor|flr|fl)|(?:{_UNIT_WORDS})(?:\s*#\s*|\s+|(?=\d))(?P<word>[a-z]?-?\d+[a-z]?|[a-z](?![a-z]))|"
    rf"#\s*(?P<hash>[\w-]+)|(?P<bare>penthouse|basement|bsmt|rear))(?=[\s,]|$)"
)
_POSTCODE = re.compile(r"[\s,]+(?P<code>\d{5}(?:-\d{4})?|[a-z]\d[a-z] ?\d[a-z]\d)$")
_POSTCODE_FIRST = re.compile(r"^(\d{4,5})\b\s*(.*)$")
_CROSSING = re.compile(r"\s*(?:&|\band\b|\bat\b|(?<=[a-z])\s*/\s*(?=[a-z0-9]))\s*")
_CORNER = re.compile(r"^(?:the\s+)?(?:corner|intersection)\s+of\s+")


@dataclass(frozen=True, slots=True)
class AddressReading:
    """One way to read an address text; every part is folded (see `fold_text`).

    Parameters
    ----------
    street
        The street, or the first street of a crossing, or a place name.
    number, suffix
        House number as written (``12``, ``215-37``) and what follows (``a``, ``1/2``), or empty.
    unit
        Apartment, floor or staircase, empty when none.
    postcode
        Empty when none.
    crossing
        The second street of a crossing, else empty.
    rest
        What stands behind the street and is no known place: another town, perhaps.
    area
        Name of an area of this city that the text mentions, folded, else empty.
    loose_suffix
        Whether the suffix stood apart from the number and may belong to the street.
    """

    street: str
    number: str = ""
    suffix: str = ""
    unit: str = ""
    postcode: str = ""
    crossing: str = ""
    rest: str = ""
    area: str = ""
    loose_suffix: bool = False


def read_address(
    text: str,
    *,
    number_first: bool = True,
    place_names: frozenset[str] = frozenset(),
    area_names: frozenset[str] = frozenset(),
    postcodes: frozenset[str] = frozenset(),
) -> tuple[AddressReading, ...]:
    """Return the ways to read a text, likeliest first; empty when nothing is left to read.

    Parameters
    ----------
    number_first
        Which order is usual in this city; the other is tried next.
    place_names, area_names
        Folded names that may stand behind the address: city, state, country; neighbourhoods.
    postcodes
        The city's own, folded: one of these is a postcode even where a house number could stand.
    """
    folded = fold_text(text[:MAX_TEXT]).strip(" ,-")
    if folded in area_names:
        return (AddressReading(street=folded, area=folded),)
    postcode, folded = _take_postcode(folded, postcodes)
    unit, folded = _take_unit(folded)
    street, rest, area = _take_places(folded, place_names, area_names)
    if not street:
        return ()
    if not postcode:  # where the town stands behind the postcode: "Main St 5, 00100 Helsinki"
        before_town = _POSTCODE_FIRST.match(rest)
        if before_town is not None:
            postcode, rest = before_town.groups()
        else:
            postcode, street = _take_postcode(street, postcodes)
    frame = AddressReading(street=street, unit=unit, postcode=postcode, rest=rest, area=area)
    readings = _read_number(frame, number_first=number_first)
    parts = _CROSSING.split(_CORNER.sub("", street))
    if len(parts) == 2 and all(parts) and not readings:
        readings.append(replace(frame, street=parts[0], crossing=parts[1]))
    readings.append(frame)
    return tuple(dict.fromkeys(readings))


def _take_postcode(text: str, postcodes: frozenset[str]) -> tuple[str, str]:
    found = _POSTCODE.search(text)
    if found is None or not re.search(r"[^\W\d_]", text[: found.start()]):
        return "", text
    sure = found["code"] in postcodes or "," in found.group()
    if not sure and not re.search(r"\d|,|&", text[: found.start()]):
        return "", text  # the only number of the text: "Mannerheimintie 12345"
    return found["code"], text[: found.start()].strip(" ,")


def _take_unit(text: str) -> tuple[str, str]:
    units = []
    for _ in range(3):
        found = _UNIT.search(text)
        if found is None or not text[: found.start()].strip(" ,"):
            break
        units.append(next(value for value in found.groups() if value))
        text = (text[: found.start()] + " , " + text[found.end() :]).strip(" ,")
    text = re.sub(r"\s+,", ",", re.sub(r"(,\s*)+", ", ", text)).strip(" ,")
    return " ".join(units), text


def _take_places(
    text: str, place_names: frozenset[str], area_names: frozenset[str]
) -> tuple[str, str, str]:
    """Split off what stands behind the street: (street, unknown rest, area)."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 1 and re.fullmatch(rf"{_NUMBER}{_SUFFIX}", parts[0]):
        parts[:2] = [f"{parts[0]} {parts[1]}"]
    rest: list[str] = []
    area = ""
    while len(parts) > 1:
        part, found_area = _strip_names(parts.pop(), place_names, area_names, whole=True)
        area = found_area or area
        if part:
            rest.insert(0, part)
    if not parts:
        return "", "", ""
    street, found_area = _strip_names(parts[0], place_names, area_names, whole=False)
    return street, " ".join(rest), area or found_area


def _strip_names(
    text: str, place_names: frozenset[str], area_names: frozenset[str], *, whole: bool
) -> tuple[str, str]:
    """Take known names off the end; unless ``whole``, at least a word of a street must remain."""
    area = ""
    words = text.split()
    stripped = True
    while stripped and words:
        stripped = False
        for length in range(min(4, len(words)), 0, -1):
            name, left = " ".join(words[-length:]), words[:-length]
            if name not in place_names and name not in area_names:
                continue
            if not whole and not any(re.search(r"[^\W\d_]{2}", word) for word in left):
                continue
            area = name if name in area_names else area
            words, stripped = left, True
            break
    return " ".join(words), area


def _read_number(frame: AddressReading, *, number_first: bool) -> list[AddressReading]:
    readings = _read_number_first(frame)
    last = _read_number_last(frame)
    return readings + last if number_first else last + readings


def _read_number_first(frame: AddressReading) -> list[AddressReading]:
    spaced = _SPACED_RANGE.sub(lambda match: "-".join(filter(None, match.groups())), frame.street)
    found = _NUMBER_FIRST.match(spaced)
    if found is None:
        return []
    number, suffix, street = found.groups()
    reading = replace(frame, number=number, suffix=plain_suffix(suffix), street=street)
    loose = _LOOSE_LETTER.match(street)
    if loose is None or suffix:
        return [reading]
    return [reading, replace(reading, suffix=loose[1], street=loose[2], loose_suffix=True)]


def _read_number_last(frame: AddressReading) -> list[AddressReading]:
    found = _NUMBER_LAST.match(frame.street)
    if found is None:
        return []
    street, number, suffix, door = found.groups()
    unit = " ".join(filter(None, (door, frame.unit)))
    reading = replace(
        frame, street=street.strip(" ,"), number=number, suffix=plain_suffix(suffix), unit=unit
    )
    return [reading]


def plain_suffix(suffix: str) -> str:
    """The suffix of a house number in one spelling: ``-1/2 A`` is ``1/2a``."""
    return re.sub(r"[\s-]+", "", suffix.casefold())


def split_house_number(text: str) -> tuple[str, str]:
    """Split a house number as a source writes it into number and suffix.

    >>> split_house_number("56-R"), split_house_number("47-12"), split_house_number("6 1/2")
    (('56', 'R'), ('47-12', ''), ('6', '1/2'))
    """
    found = re.fullmatch(rf"({_NUMBER})({_SUFFIX}|\s[a-z]\d*)", text.strip(), re.IGNORECASE)
    if found is None:
        return text.strip(), ""
    return found.group(1), re.sub(r"[\s-]+", "", found.group(2))


def number_bounds(number: str) -> tuple[int, int] | None:
    """Lowest and highest house of a number: (12, 12), (12, 14) for ``12-14``; None without digits.

    ``215-37`` is one house of a city that numbers by cross street: (215, 215).
    """
    found = re.match(r"^(\d+)(?:-(\d+))?$", number)
    if found is None:
        return None
    low = int(found.group(1))
    high = int(found.group(2)) if found.group(2) else low
    is_range = low < high <= low + 40 and (high - low) % 2 == 0
    return (low, high) if is_range else (low, low)
