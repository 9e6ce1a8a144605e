"""A calendar as a file (RFC 5545) that programs fetch again and again. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from core.sentences import Sentences
from messaging.calendar import make_zone, write_local

PRODUCT = "-//Talkoot//Feeds//EN"
REFRESH = timedelta(hours=1)
HOST = "talkoot"
MAX_TEXT = 1_000

_WORDS = Sentences("matching.feeds", "words.json")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a calendar."""

    uid: str
    sequence: int
    stamp: datetime
    """When it was agreed, or last changed: the same file for the same facts."""
    starts_at: datetime
    ends_at: datetime | None
    """None is a moment."""
    summary: str
    is_busy: bool = False
    """Whether the reader has no time for other things meanwhile."""
    location: str | None = None
    description: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedFile:
    """What a calendar holds."""

    name: str
    time_zone: str
    since: datetime
    """When the calendar was made: its zone is described from then on at least."""
    entries: tuple[Entry, ...]


def say(code: str, language: str, **values: object) -> str:
    """Words of a calendar in a language."""
    return _WORDS.say(code, language, **values)


def write_feed(file: FeedFile) -> bytes:
    """The file: the same facts give the same bytes."""
    zone = ZoneInfo(file.time_zone)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", file.name)
    calendar.add("x-wr-calname", file.name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    first = min([file.since, *(entry.starts_at for entry in file.entries)])
    last = max([file.since, *(entry.ends_at or entry.starts_at for entry in file.entries)])
    calendar.add_component(make_zone(zone, first, last))
    for entry in file.entries:
        calendar.add_component(_make_event(entry, zone))
    return bytes(calendar.to_ical())


def _make_event(entry: Entry, zone: ZoneInfo) -> Event:
    event = Event()
    fields: dict[str, Any] = {
        "uid": f"{entry.uid}@{HOST}",
        "dtstamp": entry.stamp,
        "sequence": entry.sequence,
        "status": "CONFIRMED",
        "dtstart": write_local(entry.starts_at, zone),
        "summary": entry.summary[:MAX_TEXT],
        "transp": "OPAQUE" if entry.is_busy else "TRANSPARENT",
    }
    if entry.ends_at is not None:
        fields["dtend"] = write_local(entry.ends_at, zone)
    for name in ("location", "description", "url"):
        value = getattr(entry, name)
        if value:
            fields[name] = value[:MAX_TEXT]
    for name, value in fields.items():
        event.add(name, value)
    return event


def make_etag(content: bytes) -> str:
    """The mark by which a reader learns that nothing has changed."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the reader has this very file (RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    known = [part.strip().removeprefix("W/") for part in if_none_match[:2_000].split(",")]
    return "*" in known or etag in known
