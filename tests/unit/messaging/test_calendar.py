from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from core.ids import new_id
from messaging.calendar import Visit, make_cancellation, make_invitation
from messaging.errors import InvalidCalendar

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
VISIT = Visit(
    visit_id=new_id(),
    sequence=0,
    starts_at=datetime(2026, 3, 8, 6, 30, tzinfo=UTC),  # 01:30, half an hour before the change
    ends_at=datetime(2026, 3, 8, 8, 30, tzinfo=UTC),
    time_zone="America/New_York",
    summary="Snow; steps, and the Ñandú's path " * 4,
    organizer="help@city.example",
    attendee="synthetic@mail.example",
    location="17 Imaginary Street\nCambridge",
    remind_before_s=3_600,
)


def event_of(content: bytes) -> tuple[Calendar, object]:
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_an_invitation_reads_back() -> None:
    content = make_invitation(VISIT, now=NOW)
    calendar, event = event_of(content)

    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == f"visit-{VISIT.visit_id}@city.example"  # type: ignore[index]  # an event
    assert event["SUMMARY"] == VISIT.summary  # type: ignore[index]  # an event
    assert event["LOCATION"] == VISIT.location  # type: ignore[index]  # an event
    start = event["DTSTART"].dt  # type: ignore[index]  # an event
    assert start == VISIT.starts_at
    assert start.strftime("%H:%M") == "01:30"
    assert event["DTEND"].dt.strftime("%H:%M") == "04:30"  # type: ignore[index]  # an event
    assert len(calendar.walk("VALARM")) == 1


def test_lines_are_short_and_end_as_they_must() -> None:
    content = make_invitation(VISIT, now=NOW)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)


def test_the_zone_says_when_the_clock_changes() -> None:
    calendar, _ = event_of(make_invitation(VISIT, now=NOW))
    (zone,) = calendar.walk("VTIMEZONE")
    changes = {
        (part.name, part["DTSTART"].dt.isoformat(), part["TZOFFSETTO"].td)
        for part in zone.subcomponents
    }
    summer, winter = timedelta(hours=-4), timedelta(hours=-5)
    assert ("DAYLIGHT", "2026-03-08T02:00:00", summer) in changes
    assert ("STANDARD", "2026-11-01T02:00:00", winter) in changes
    first = min(part["DTSTART"].dt for part in zone.subcomponents)
    assert first < datetime(2026, 3, 8)  # noqa: DTZ001 - local time, as calendars write it


def test_a_cancellation_takes_the_same_visit_out() -> None:
    _, invited = event_of(make_invitation(VISIT, now=NOW))
    calendar, cancelled = event_of(make_cancellation(replace(VISIT, sequence=1), now=NOW))

    assert calendar["METHOD"] == "CANCEL"
    assert cancelled["STATUS"] == "CANCELLED"  # type: ignore[index]  # an event
    assert cancelled["UID"] == invited["UID"]  # type: ignore[index]  # events
    assert cancelled["SEQUENCE"] > invited["SEQUENCE"]  # type: ignore[index]  # events
    assert calendar.walk("VALARM") == []


@pytest.mark.parametrize(
    "changes", [{"ends_at": VISIT.starts_at}, {"sequence": -1}], ids=["empty", "sequence"]
)
def test_impossible_visits_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidCalendar):
        make_invitation(replace(VISIT, **changes), now=NOW)  # type: ignore[arg-type]  # one field


def test_a_zone_without_summer_time() -> None:
    visit = replace(VISIT, time_zone="America/Phoenix")
    calendar, _ = event_of(make_invitation(visit, now=NOW))
    (zone,) = calendar.walk("VTIMEZONE")
    assert len(zone.subcomponents) == 1
