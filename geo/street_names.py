"""Street names in one spelling, so that "Mt. Auburn St" and "Mount Auburn Street" are equal.

`fold_text` takes away case, accents and punctuation; `street_key` also writes abbreviations in
full and ordinals as digits. Two names are the same street exactly when their keys are equal.
"""

from __future__ import annotations

import re
import unicodedata

STREET_TYPES = {
    "alley": "aly ally",
    "avenue": "ave av aven avn",
    "boulevard": "blvd boul bd",
    "bridge": "brg",
    "center": "ctr centre cntr",
    "circle": "cir circ",
    "close": "",
    "court": "ct crt",
    "crescent": "cres crsent",
    "drive": "dr drv",
    "expressway": "expy expwy",
    "extension": "ext extn",
    "gardens": "gdns gardns",
    "green": "grn",
    "grove": "grv",
    "heights": "hts",
    "highway": "hwy hiway",
    "hill": "hl",
    "landing": "lndg",
    "lane": "ln",
    "mews": "",
    "park": "pk prk",
    "parkway": "pkwy pky parkwy",
    "path": "",
    "place": "pl",
    "plaza": "plz",
    "road": "rd",
    "row": "",
    "square": "sq sqr",
    "street": "st str strt",
    "terrace": "ter terr tce",
    "trail": "trl",
    "turnpike": "tpk tpke pike",
    "walk": "wlk",
    "way": "wy",
    "yard": "yd",
}
"""Kinds of street, and the abbreviations in use."""

_SHORT_TO_TYPE = {
    short: kind for kind, shorts in STREET_TYPES.items() for short in (kind, *shorts.split())
}
_TYPE_TO_SHORT = {kind: shorts.split()[0] for kind, shorts in STREET_TYPES.items() if shorts}
_LEADING = {
    "cpl": "corporal",
    "dr": "doctor",
    "ft": "fort",
    "gen": "general",
    "gov": "governor",
    "mgr": "monsignor",
    "msgr": "monsignor",
    "mt": "mount",
    "pres": "president",
    "rev": "reverend",
    "sgt": "sergeant",
    "st": "saint",
    "ste": "sainte",
}
_DIRECTIONS = {
    "n": "north",
    "e": "east",
    "s": "south",
    "w": "west",
    "no": "north",
    "so": "south",
    "ne": "northeast",
    "nw": "northwest",
    "se": "southeast",
    "sw": "southwest",
}
_DIRECTION_WORDS = frozenset(_DIRECTIONS.values())
_UNITS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = [
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_TENS = [
    "twentieth",
    "thirtieth",
    "fortieth",
    "fiftieth",
    "sixtieth",
    "seventieth",
    "eightieth",
    "ninetieth",
]
_ORDINALS = {
    word: str(number)
    for number, word in [
        *enumerate(_UNITS, 1),
        *enumerate(_TEENS, 10),
        *((10 * tens, word) for tens, word in enumerate(_TENS, 2)),
    ]
}
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "\u0131": "i", "þ": "th"}
)
_FRACTIONS = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3"}
_FRACTION = re.compile("[" + "".join(_FRACTIONS) + "]")
_APOSTROPHE = re.compile("['`\u00b4\u2018\u2019]")
_FINNISH_SHORT = re.compile(r"(?<=\wn)k\.(?=\s|\d|$)")
_INITIAL_STOP = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_NOT_WORD = re.compile(r"[^\w#&/,\- ]+")
_SPACES = re.compile(r"\s+")
_ORDINAL_DIGITS = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
_BETWEEN_WORDS = re.compile(r"[-/&#,_]+")


def fold_text(text: str) -> str:
    """Lower case without accents and full stops; ``# & / , -`` stay, they mean something.

    >>> fold_text("12½  Àbbey  St.,")
    '12 1/2 abbey st,'
    """
    text = _FRACTION.sub(lambda match: _FRACTIONS[match.group()], text)
    # Some letters only show what to fold once they are decomposed, so it is done before and after.
    folded = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKD", folded).translate(_UNDECOMPOSED)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _FINNISH_SHORT.sub("katu", _APOSTROPHE.sub("", text))
    text = _NOT_WORD.sub(" ", _INITIAL_STOP.sub("", text))
    return _SPACES.sub(" ", text).replace(" ,", ",").strip()


def street_words(name: str) -> list[str]:
    """The words of a street name, folded, in their own spelling."""
    return _BETWEEN_WORDS.sub(" ", fold_text(name)).split()


def street_key(name: str) -> str:
    """The one spelling of a street name.

    A direction goes behind, so that "N Elm St" and "Elm St N" are equal.

    >>> street_key("N. Second St"), street_key("Mt Auburn Street")
    ('2 street north', 'mount auburn street')
    """
    return join_key(street_words(name))


def join_key(words: list[str]) -> str:
    """`street_key` of folded words."""
    expanded = key_words(words)
    named = sum(word not in STREET_TYPES for word in expanded) > 1
    if named and expanded[0] in _DIRECTION_WORDS and expanded[-1] not in _DIRECTION_WORDS:
        expanded.append(expanded.pop(0))
    return " ".join(expanded)


def key_words(words: list[str]) -> list[str]:
    """Folded words with abbreviations in full and ordinals as digits."""
    last = len(words) - 1
    named = sum(word not in _SHORT_TO_TYPE for word in words) > 1
    return [
        _expand_word(word, first=position == 0 and last > 0, last=position == last, named=named)
        for position, word in enumerate(words)
    ]


def _expand_word(word: str, *, first: bool, last: bool, named: bool) -> str:
    if first and word in _LEADING:
        return _LEADING[word]
    if (first or last) and named and word in _DIRECTIONS:
        return _DIRECTIONS[word]
    if not first and word in _SHORT_TO_TYPE:
        return _SHORT_TO_TYPE[word]
    if word in _ORDINALS:
        return _ORDINALS[word]
    if ordinal := _ORDINAL_DIGITS.match(word):
        return ordinal.group(1)
    if len(word) > 5 and word.endswith("str"):
        return word + "asse"
    return word


def split_type(key: str) -> tuple[str, str]:
    """Split a key into the name proper and its street type, which may be empty.

    A direction after the type belongs to the name: "elm street north" is ("elm north", "street").
    """
    words = key.split()
    for position in (len(words) - 1, len(words) - 2):
        if position >= 1 and words[position] in STREET_TYPES:
            if position == len(words) - 2 and words[-1] not in _DIRECTION_WORDS:
                continue
            return " ".join(words[:position] + words[position + 1 :]), words[position]
    return key, ""


def spelling_variants(name: str) -> tuple[str, ...]:
    """Spellings that people mistype: as written, in full, and with the type abbreviated."""
    written = " ".join(street_words(name))
    key_parts = key_words(street_words(name))
    full = [
        word_in_key if not word_in_key.isdecimal() else word
        for word, word_in_key in zip(street_words(name), key_parts, strict=True)
    ]
    short = [_TYPE_TO_SHORT.get(word, word) if index else word for index, word in enumerate(full)]
    return tuple(dict.fromkeys((written, " ".join(full), " ".join(short))))


def digits_of(text: str) -> str:
    """The numbers in a street key, which a match must have in common."""
    return " ".join(word for word in text.split() if any(letter.isdecimal() for letter in word))
