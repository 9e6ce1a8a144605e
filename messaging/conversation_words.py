"""The words that carry what one said to another."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.sms import MAX_SEGMENTS, count_segments
from messaging.kinds import ThreadSide, Words
from messaging.templates import SITE_MARK, render

FOLDER = Path(__file__).parent / "emails" / "conversation"
LONGEST_SITE = 60
"""Characters that the address of an installation may take in place of the mark."""
DOTS = "..."


def relay_words(
    language: str,
    *,
    text: str,
    speaker: ThreadSide,
    code: str,
    token: str,
    starts_at: datetime,
    time_zone: str,
) -> Words:
    """What one said, for another; as a text message as much of it as three segments hold."""
    values: dict[str, object] = {
        "words": text,
        "speaker": speaker.value,
        "code": code,
        "link": f"{SITE_MARK}/l/{token}",
        "starts_at": starts_at,
    }
    frame = render(FOLDER, language, values | {"short_words": ""}, time_zone=time_zone).short
    short_words = clip_for_sms(" ".join(text.split()), frame)
    return render(FOLDER, language, values | {"short_words": short_words}, time_zone=time_zone)


def clip_for_sms(text: str, frame: str) -> str:
    """The beginning of a text that, with the frame around it, fits into one text message."""
    room = "x" * LONGEST_SITE
    if _fits(frame + room + text):
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(frame + room + text[:middle] + DOTS):
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + DOTS


def _fits(text: str) -> bool:
    return count_segments(text).count <= MAX_SEGMENTS
