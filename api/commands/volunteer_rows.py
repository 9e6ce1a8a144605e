"""Volunteers as rows of a table and as JSON: what they offer, never who they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from matching.imports.fields import WEEKDAYS
from matching.models import Volunteer


def volunteer_json(row: Volunteer, now: datetime) -> dict[str, Any]:
    """Ids, code words and numbers of a profile."""
    paused = row.paused_until is not None and row.paused_until > now
    return {
        "volunteer_id": str(row.id),
        "person_id": str(row.person_id),
        "status": "paused" if paused else row.status.value,
        "mode": row.mode.value,
        "max_travel_s": row.max_travel_s,
        "radius_m": row.radius_m,
        "max_tasks": row.max_tasks,
        "max_tasks_per_day": max_per_day(row),
        "max_work_s": row.max_work_s,
        "area": row.home.area,
        "second_area": None if row.second_anchor is None else row.second_anchor.area,
        "abilities": sorted(held.ability.code for held in row.person.abilities),
        "languages": list(row.person.preferences.languages) if row.person.preferences else [],
        "team_size": 1 if row.team is None else row.team.size,
    }


def max_per_day(row: Volunteer) -> int:
    """Visits on one day."""
    return row.max_tasks if row.max_tasks_per_day is None else row.max_tasks_per_day


def profile_lines(
    row: Volunteer, checks: Sequence[str], zone: ZoneInfo, now: datetime
) -> list[str]:
    """A profile in lines for people who may see it."""
    data = volunteer_json(row, now)
    reach = f"{data['max_travel_s'] // 60} minutes by {data['mode']}"
    if row.radius_m is not None:
        reach += f", at most {row.radius_m:,} m"
    lines = [
        f"Volunteer {row.id}: {data['status']}",
        f"Goes {reach} from {data['area'] or 'an unknown area'}",
        f"Takes {row.max_tasks} visits in a round, {max_per_day(row)} on a day",
    ]
    if row.second_anchor is not None:
        lines.append(f"Other place: {data['second_area'] or 'an unknown area'}")
    for hours in row.weekly_hours:
        start, end = (
            f"{minute // 60}:{minute % 60:02d}" for minute in (hours.start_min, hours.end_min)
        )
        place = " from the other place" if hours.from_second_anchor else ""
        lines.append(f"  {WEEKDAYS[hours.weekday].capitalize()} {start}-{end}{place}")
    for window in row.windows:
        opens, closes = window.starts_at.astimezone(zone), window.ends_at.astimezone(zone)
        lines.append(f"  {opens:%Y-%m-%d %H:%M} to {closes:%Y-%m-%d %H:%M}")
    lines += [f"  away {away.first_day} to {away.last_day}" for away in row.away]
    if row.team is not None:
        lines.append(f"Team of {row.team.size}, {len(row.team.members)} named besides")
    lines.append(f"Has: {', '.join(data['abilities']) or 'nothing special'}")
    lines.append(f"Checks that hold: {', '.join(checks) or 'none'}")
    return lines
