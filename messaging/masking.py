"""Hide numbers to call and addresses to write to in what people say to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass

from phonenumbers import Leniency, PhoneNumberMatcher

MASK = "***"
SHORTEST_NUMBER = 7
"""Digits: a number without its area code."""

_EMAIL = re.compile(
    r"[\w.+\-]{1,64}\s{0,3}(?:[@\uff20\ufe6b]|[(\[{]\s{0,3}at\s{0,3}[)\]}])\s{0,3}"
    r"[\w\-]{1,63}(?:\s{0,3}(?:\.|[(\[{]\s{0,3}dot\s{0,3}[)\]}])\s{0,3}[\w\-]{1,63}){1,6}",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[+(]?\d(?:[\s().\-/\u2010-\u2015\u00b7_*\u200c\u200d]{0,3}\d){6,19}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}")


@dataclass(frozen=True)
class Masked:
    """A text that may be passed on, and how much of it was hidden."""

    text: str
    count: int


def mask_contacts(text: str, region: str = "US") -> Masked:
    """The text with every phone number and e-mail address replaced by stars.

    ``region`` is where a number without a country code belongs. A date stays as it is.
    """
    spans = [match.span() for match in _EMAIL.finditer(text)]
    for leniency in (Leniency.VALID, Leniency.POSSIBLE):
        found = PhoneNumberMatcher(text, region, leniency=leniency)
        spans += [(match.start, match.end) for match in found if _is_number(match.raw_string)]
    spans += [match.span() for match in _DIGITS.finditer(text) if _is_number(match.group())]
    return _replace(text, spans)


def _is_number(piece: str) -> bool:
    digits = sum(char.isdigit() for char in piece)
    return digits >= SHORTEST_NUMBER and _DATE.fullmatch(piece.strip()) is None


def _replace(text: str, spans: list[tuple[int, int]]) -> Masked:
    """Stars in place of the spans; those that touch become one."""
    pieces, at, count = [], 0, 0
    for start, end in sorted(spans):
        if start >= at:
            pieces += [text[at:start], MASK]
            count += 1
        at = max(at, end)
    return Masked("".join([*pieces, text[at:]]), count)
