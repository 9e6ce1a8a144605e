"""Visits as calendar files (RFC 5545): mailed when agreed, moved when changed, taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

from messaging.errors import InvalidCalendar

PRODUCT = "-//Talkoot//Visits//EN"
MAX_TEXT = 2_000
ZONE_MARGIN = timedelta(days=400)


@dataclass(frozen=True)
class Visit:
    """One agreed visit as it goes into a calendar."""

    visit_id: UUID
    """The same visit keeps its place in the calendar when it is sent again."""
    sequence: int
    """Counts the changes: a higher number replaces a lower one."""
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    organizer: str
    """A mail address of ours."""
    attendee: str | None = None
    location: str | None = None
    description: str | None = None
    url: str | None = None
    remind_before_s: int | None = None


def make_invitation(visit: Visit, *, now: datetime) -> bytes:
    """A file that puts the visit into a calendar, or moves it."""
    return _make(visit, "REQUEST", "CONFIRMED", now)


def make_cancellation(visit: Visit, *, now: datetime) -> bytes:
    """A file that takes the visit out again; its ``sequence`` must be higher than the last one."""
    return _make(visit, "CANCEL", "CANCELLED", now)


def _make(visit: Visit, method: str, status: str, now: datetime) -> bytes:
    if visit.ends_at <= visit.starts_at:
        raise InvalidCalendar("A visit must end later than it begins.")
    if visit.sequence < 0:
        raise InvalidCalendar("The sequence of a visit counts from 0.")
    zone = ZoneInfo(visit.time_zone)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(make_zone(zone, visit.starts_at, visit.ends_at))
    event = Event()
    event.add("uid", f"visit-{visit.visit_id}@{visit.organizer.rpartition('@')[2]}")
    event.add("dtstamp", now)
    event.add("sequence", visit.sequence)
    event.add("status", status)
    event.add("dtstart", write_local(visit.starts_at, zone))
    event.add("dtend", write_local(visit.ends_at, zone))
    event.add("summary", visit.summary[:MAX_TEXT])
    _add_people(event, visit)
    for name in ("location", "description", "url"):
        value = getattr(visit, name)
        if value:
            event.add(name, value[:MAX_TEXT])
    if method == "REQUEST" and visit.remind_before_s is not None:
        event.add_component(_make_alarm(visit.summary, visit.remind_before_s))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _add_people(event: Event, visit: Visit) -> None:
    event.add("organizer", vCalAddress(f"mailto:{visit.organizer}"))
    if visit.attendee is not None:
        attendee = vCalAddress(f"mailto:{visit.attendee}")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee, encode=False)


def _make_alarm(summary: str, before_s: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary[:MAX_TEXT])
    alarm.add("trigger", timedelta(seconds=-before_s))
    return alarm


def write_local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment by the clock on the wall; in UTC where that clock shows the same time twice."""
    local = moment.astimezone(zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return moment.astimezone(UTC)
    return local


def make_zone(zone: ZoneInfo, starts_at: datetime, ends_at: datetime) -> Timezone:
    """The changes of the clock around a visit, each at the moment that it shows before the change.

    Written out change by change: rules that hold for ever would be guesses about later laws.
    """
    component = Timezone()
    component.add("tzid", zone.key)
    first = (starts_at - ZONE_MARGIN).astimezone(UTC).replace(microsecond=0)
    last = (ends_at + ZONE_MARGIN).astimezone(UTC)
    component.add_component(_make_observance(first, first, zone))
    for moment in _changes(zone, first, last):
        component.add_component(_make_observance(moment - timedelta(seconds=1), moment, zone))
    return component


def _make_observance(
    before: datetime, moment: datetime, zone: ZoneInfo
) -> TimezoneStandard | TimezoneDaylight:
    old, new = before.astimezone(zone), moment.astimezone(zone)
    observance = TimezoneDaylight() if new.dst() else TimezoneStandard()
    old_offset = old.utcoffset() or timedelta()
    observance.add("dtstart", (moment + old_offset).replace(tzinfo=None))
    observance.add("tzoffsetfrom", old_offset)
    observance.add("tzoffsetto", new.utcoffset() or timedelta())
    observance.add("tzname", new.tzname() or zone.key)
    return observance


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The moments at which the clocks of a zone change, to the second."""

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    day = first
    while day < last:
        following = day + timedelta(days=1)
        if offset(day) != offset(following):
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            yield high.replace(microsecond=0)
        day = following
