"""What the lines of a file ask the database to hold."""

from __future__ import annotations

from datetime import time

from matching.imports.preparing import PreparedLine
from matching.imports.records import PersonRecord, RequestRecord, VolunteerRecord
from matching.imports.rows import ResidentRow, VolunteerRow
from matching.kinds import TravelMode
from people.kinds import Channel


def person_record(line: PreparedLine, abilities: frozenset[str]) -> PersonRecord:
    """The person of a line, in the form that is compared and stored."""
    contact = line.contact
    contacts = {(Channel.EMAIL, contact.email), (Channel.PHONE, contact.phone)}
    return PersonRecord(
        name=contact.name,
        contacts=frozenset((channel, value) for channel, value in contacts if value),
        languages=contact.languages,
        abilities=abilities,
        place=line.place,
    )


def volunteer_record(row: VolunteerRow) -> VolunteerRecord:
    """The offer of time of a line, in the form that is compared and stored."""
    return VolunteerRecord(
        mode=row.mode,
        max_tasks=row.max_tasks,
        max_work_s=row.max_work_s,
        max_travel_s=row.max_travel_s,
        radius_m=row.max_travel_m,
        windows=row.windows,
        weekly_hours=tuple(
            (weekday, _minutes(start), _minutes(end)) for weekday, start, end in row.weekly_hours
        ),
    )


def request_record(row: ResidentRow) -> RequestRecord:
    """The request of a line, in the form that is compared and stored."""
    return RequestRecord(
        kind=row.kind,
        weight=row.weight,
        service_s=row.duration_s,
        crew_size=row.crew_size,
        languages=row.language_needed,
        needs=frozenset(row.needs),
        windows=row.windows,
    )


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def volunteer_columns(record: VolunteerRecord) -> dict[str, object]:
    """The columns of the volunteer's own row."""
    return {
        "mode": TravelMode(record.mode),
        "max_tasks": record.max_tasks,
        "max_work_s": record.max_work_s,
        "max_travel_s": record.max_travel_s,
        "radius_m": record.radius_m,
    }


def request_columns(record: RequestRecord) -> dict[str, object]:
    """The columns of the request's own row."""
    return {
        "kind": record.kind,
        "weight": record.weight,
        "service_s": record.service_s,
        "crew_size": record.crew_size,
        "languages": list(record.languages),
    }
