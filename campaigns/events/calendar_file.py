"""Events as calendar files (RFC 5545, 5546): a person's own days, a whole series, a public feed.

An event keeps one UID. Of a repeated one the master holds the rule, days that were called off are
EXDATEs, and a day that was moved is a part of its own with its RECURRENCE-ID. What a person is
mailed holds their own days of it alone, REQUEST or CANCEL, with a SEQUENCE that only rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vRecur, vText

from campaigns.events.kinds import EventStatus, OccurrenceStatus
from campaigns.events.models import CommunityEvent, EventOccurrence, EventPlace
from messaging.calendar import make_zone

PRODUCT = "-//Talkoot//Events//EN"
HOST = "talkoot"
ORGANIZER = "events@talkoot.invalid"
"""Calendars want one; nobody is asked to answer to it."""
MAX_TEXT = 2_000
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Day:
    """A day of an event, with as much of its place as the reader may know."""

    occurrence: EventOccurrence
    location: str
    revision: int = 0
    """What the reader's own sign-up adds to the sequence."""


@dataclass(frozen=True)
class Series:
    """An event with all its days, in order."""

    event: CommunityEvent
    location: str
    days: Sequence[Day]


def write_place(place: EventPlace, *, exact: bool) -> str:
    """A place as a reader may know it: with its address, or by name and neighbourhood."""
    if exact:
        unit = f", {place.unit}" if place.unit else ""
        return f"{place.name}, {place.address_text}{unit}"
    return f"{place.name}, {place.area}" if place.area else place.name


def make_invitation(
    event: CommunityEvent, days: Sequence[Day], *, attendee: str | None, now: datetime
) -> bytes:
    """A file that puts somebody's days into their calendar, or moves them there."""
    return _write_mail("REQUEST", "CONFIRMED", event, days, attendee=attendee, now=now)


def make_cancellation(
    event: CommunityEvent, days: Sequence[Day], *, attendee: str | None, now: datetime
) -> bytes:
    """A file that takes somebody's days out again."""
    return _write_mail("CANCEL", "CANCELLED", event, days, attendee=attendee, now=now)


def write_feed(name: str, all_series: Sequence[Series], *, refresh: bool = True) -> bytes:
    """Whole events for readers who fetch the file again: the same facts give the same bytes."""
    calendar = _start("PUBLISH")
    if refresh:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    told = [series for series in all_series if series.days]
    for zone_name in sorted({series.event.time_zone for series in told}):
        days = [
            day.occurrence
            for series in told
            if series.event.time_zone == zone_name
            for day in series.days
        ]
        _add_zone(calendar, ZoneInfo(zone_name), days)
    for series in told:
        for part in _make_series(series):
            calendar.add_component(part)
    return bytes(calendar.to_ical())


def _write_mail(
    method: str,
    status: str,
    event: CommunityEvent,
    days: Sequence[Day],
    *,
    attendee: str | None,
    now: datetime,
) -> bytes:
    zone = ZoneInfo(event.time_zone)
    calendar = _start(method)
    _add_zone(calendar, zone, [day.occurrence for day in days])
    for day in days:
        part = _make_part(event, day.occurrence, day.location, zone, status, stamp=now)
        part.add("sequence", day.occurrence.sequence + day.revision)
        if event.rule is not None:
            part.add("recurrence-id", _local(day.occurrence.recurs_at, zone))
        part.add("organizer", vCalAddress(f"mailto:{ORGANIZER}"))
        if attendee is not None:
            who = vCalAddress(f"mailto:{attendee}")
            who.params["PARTSTAT"] = vText("ACCEPTED")
            who.params["RSVP"] = vText("FALSE")
            part.add("attendee", who, encode=False)
        calendar.add_component(part)
    return bytes(calendar.to_ical())


def _make_series(series: Series) -> list[Event]:
    """The parts of one event: the master, and a part for each day that differs from it."""
    event, zone = series.event, ZoneInfo(series.event.time_zone)
    days = sorted(series.days, key=lambda day: day.occurrence.recurs_at)
    if event.rule is None:
        one = days[0]
        called_off = _is_off(event, one.occurrence)
        status = "CANCELLED" if called_off else "CONFIRMED"
        part = _make_part(
            event, one.occurrence, one.location, zone, status, stamp=_stamp(event, one.occurrence)
        )
        part.add("sequence", event.sequence)
        return [part]
    first, last = days[0].occurrence, days[-1].occurrence
    whole_off = event.status is EventStatus.CANCELLED and all(
        _is_off(event, day.occurrence) for day in days
    )
    length = timedelta(seconds=event.duration_s)
    master = _make_event(
        event,
        series.location,
        _local(first.recurs_at, zone),
        _local(first.recurs_at + length, zone),
        status="CANCELLED" if whole_off else "CONFIRMED",
        stamp=event.updated_at,
    )
    rule = vRecur.from_ical(event.rule)
    rule.pop("COUNT", None)
    rule["UNTIL"] = [last.recurs_at.astimezone(UTC)]
    master.add("rrule", rule)
    master.add("sequence", event.sequence)
    off = [day.occurrence for day in days if _is_off(event, day.occurrence)]
    if off and not whole_off:
        master.add("exdate", [_local(row.recurs_at, zone) for row in off])
    return [master, *(_make_override(event, day, zone) for day in days if _differs(event, day))]


def _make_override(event: CommunityEvent, day: Day, zone: ZoneInfo) -> Event:
    row = day.occurrence
    part = _make_part(event, row, day.location, zone, "CONFIRMED", stamp=_stamp(event, row))
    part.add("recurrence-id", _local(row.recurs_at, zone))
    part.add("sequence", row.sequence)
    return part


def _differs(event: CommunityEvent, day: Day) -> bool:
    row = day.occurrence
    length = timedelta(seconds=event.duration_s)
    moved = row.starts_at != row.recurs_at or row.ends_at - row.starts_at != length
    return not _is_off(event, row) and (moved or row.place_id is not None)


def _is_off(event: CommunityEvent, row: EventOccurrence) -> bool:
    return row.status is OccurrenceStatus.CANCELLED


def _stamp(event: CommunityEvent, row: EventOccurrence) -> datetime:
    return max(event.updated_at, row.changed_at)


def _make_part(
    event: CommunityEvent,
    row: EventOccurrence,
    location: str,
    zone: ZoneInfo,
    status: str,
    *,
    stamp: datetime,
) -> Event:
    begins, ends = _local(row.starts_at, zone), _local(row.ends_at, zone)
    return _make_event(event, location, begins, ends, status=status, stamp=stamp)


def _make_event(
    event: CommunityEvent,
    location: str,
    begins: datetime,
    ends: datetime,
    *,
    status: str,
    stamp: datetime,
) -> Event:
    part = Event()
    fields: dict[str, Any] = {
        "uid": f"event-{event.id}@{HOST}",
        "dtstamp": stamp,
        "status": status,
        "dtstart": begins,
        "dtend": ends,
        "summary": event.title,
        "location": location[:MAX_TEXT],
    }
    if event.description:
        fields["description"] = event.description[:MAX_TEXT]
    for name, value in fields.items():
        part.add(name, value)
    return part


def _start(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _add_zone(calendar: Calendar, zone: ZoneInfo, rows: Sequence[EventOccurrence]) -> None:
    moments = [moment for row in rows for moment in (row.recurs_at, row.starts_at, row.ends_at)]
    calendar.add_component(make_zone(zone, min(moments), max(moments)))


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """By the clock on the wall; in UTC where that time is the second of two that look alike."""
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if local.fold else local
