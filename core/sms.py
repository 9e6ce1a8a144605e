"""Text messages: how many segments a text takes, and the ways to send one."""

from __future__ import annotations

from dataclasses import dataclass

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet of 3GPP TS 23.038: seven bits a character."""
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Two places each."""
MAX_SEGMENTS = 3


@dataclass(frozen=True)
class Segments:
    """How a text goes over the air."""

    encoding: str
    """``gsm7`` or ``ucs2``."""
    count: int


def count_segments(text: str) -> Segments:
    """How many segments a text takes: each is paid for, and may come late by itself.

    One segment holds 160 characters of the GSM alphabet or 70 others; parts of a longer text give
    up seven (three) places for their number, and no character is cut in two.
    """
    if all(char in GSM_BASIC or char in GSM_EXTENDED for char in text):
        places = [2 if char in GSM_EXTENDED else 1 for char in text]
        return Segments("gsm7", _count(places, alone=160, part=153))
    places = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments("ucs2", _count(places, alone=70, part=67))


def _count(places: list[int], *, alone: int, part: int) -> int:
    if sum(places) <= alone:
        return 1
    count, used = 1, 0
    for size in places:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return count
