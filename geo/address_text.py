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
_POSTCODE = re.compile(r"(?:^|\s)(?P<code>\d{5}(?:-\d{4})?|[a-z]\d[a-z] ?\d[a-z]\d)$")
_POSTCODE_FIRST = re.compile(r"^(\d{4,5})\b\s*(.*)$")
_NUMBER_WORD = re.compile(r"^(?:#|no|nr|number)\s*(?=\d)")
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
    whole_name
        Whether names of the city stand in ``street``, unless they are part of the street's name:
        this reading counts only when a street is called exactly so ("Elm St North").
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
    whole_name: bool = False


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
    folded = _NUMBER_WORD.sub("", fold_text(text[:MAX_TEXT]).strip(" ,-"))
    if folded in area_names:
        return (AddressReading(street=folded, area=folded),)
    unit, folded = _take_unit(folded)
    written, street, tail = _take_tail(folded, _Names(place_names, area_names, postcodes))
    if not street:
        return ()
    frame = AddressReading(
        street=street, unit=unit, postcode=tail.postcode, rest=tail.rest, area=tail.area
    )
    readings = _read_number(frame, number_first=number_first)
    parts = _CROSSING.split(_CORNER.sub("", street))
    if len(parts) == 2 and all(parts) and not readings:
        readings.append(replace(frame, street=parts[0], crossing=parts[1]))
    readings.append(frame)
    if written != street:
        whole = replace(frame, street=written, area="", whole_name=True)
        readings = [*_read_number(whole, number_first=number_first), whole, *readings]
    return tuple(dict.fromkeys(readings))


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


@dataclass(frozen=True, slots=True)
class _Names:
    """Folded names and codes of a city that may stand behind an address."""

    places: frozenset[str]
    areas: frozenset[str]
    postcodes: frozenset[str]


@dataclass(slots=True)
class _Tail:
    """What stands behind the street."""

    postcode: str = ""
    rest: str = ""
    area: str = ""


def _take_tail(text: str, names: _Names) -> tuple[str, str, _Tail]:
    """Split what stands behind the street off: (street as written, street, what stood behind)."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 1 and re.fullmatch(rf"{_NUMBER}{_SUFFIX}", parts[0]):
        parts[:2] = [f"{parts[0]} {parts[1]}"]
    tail = _Tail()
    while len(parts) > 1:
        part = parts.pop()
        if re.fullmatch(r"\d{1,4}[a-z]?", part) and part not in names.postcodes:
            parts[-1] += f" {part}"  # "Aleksanterinkatu, 52"
            continue
        part = _strip_tail(part, names, tail, whole=True)
        tail.rest = " ".join(filter(None, (part, tail.rest)))
    written = parts[0] if parts else ""
    return written, _strip_tail(written, names, tail, whole=False), tail


def _strip_tail(text: str, names: _Names, tail: _Tail, *, whole: bool) -> str:
    """Take known names and the postcode off the end of a part; see `_take_tail`."""
    for _ in range(3):
        before = text
        text, area = _strip_names(text, names, whole=whole)
        tail.area = tail.area or area
        if not tail.postcode:
            tail.postcode, text = _take_postcode(text, names.postcodes, whole=whole)
        if text == before:
            break
    return text


def _take_postcode(text: str, postcodes: frozenset[str], *, whole: bool) -> tuple[str, str]:
    """Split off a postcode; in the street's own part, one that cannot be a house number."""
    if whole and (found := _POSTCODE_FIRST.match(text)):
        return found.group(1), found.group(2)
    found = _POSTCODE.search(text)
    if found is None:
        return "", text
    before = text[: found.start()].strip()
    if not whole:
        has_letters = re.search(r"[^\W\d_]", before)
        sure = found["code"] in postcodes or re.search(r"\d|&", before)
        if not has_letters or not sure:
            return "", text
    return found["code"], before


def _strip_names(text: str, names: _Names, *, whole: bool) -> tuple[str, str]:
    """Take known names off the end; unless ``whole``, at least a word of a street must remain."""
    area = ""
    words = text.split()
    stripped = True
    while stripped and words:
        stripped = False
        for length in range(min(4, len(words)), 0, -1):
            name, left = " ".join(words[-length:]), words[:-length]
            if name not in names.places and name not in names.areas:
                continue
            if not whole and not any(re.search(r"[^\W\d_]{2}", word) for word in left):
                continue
            area = name if name in names.areas else area
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
