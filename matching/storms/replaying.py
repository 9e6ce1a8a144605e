"""Recorded weather: a file with one JSON object a line, played through the state machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from core.db import Database
from core.events import list_events
from matching.errors import UnusableFeed
from matching.kinds import StormStatus
from matching.models import Storm
from matching.storms.following import Observed, apply_weather
from matching.storms.weather import Alert, Reading
from people.models import Community

MAX_LINES = 100_000
MAX_LINE = 20_000


class RecordedReading(msgspec.Struct, tag="reading", forbid_unknown_fields=True, kw_only=True):
    """One line: what a station measured."""

    at: datetime
    """When it was received; the clock of the replay."""
    station: str
    source: str = "recorded"
    observed_at: datetime | None = None
    """None: at the moment when it was received."""
    depth_cm: float | None = None
    snowfall_cm: float | None = None
    temperature_c: float | None = None
    conditions: list[str] | None = None


class RecordedAlert(msgspec.Struct, tag="alert", forbid_unknown_fields=True, kw_only=True):
    """One line: an official alert."""

    at: datetime
    alert_id: str
    event: str
    onset_at: datetime
    ends_at: datetime
    source: str = "recorded"
    cancelled: bool = False


class RecordedSilence(msgspec.Struct, tag="nothing", forbid_unknown_fields=True, kw_only=True):
    """One line: the source was asked and had nothing new."""

    at: datetime


Recorded = RecordedReading | RecordedAlert | RecordedSilence
_READ = msgspec.json.Decoder(Recorded)


def read_feed(path: Path) -> Iterator[tuple[datetime, Observed]]:
    """What came at each moment, in the order of the file; empty lines and # lines are left out.

    Raises
    ------
    UnusableFeed
        Naming the line.
    """
    moment: datetime | None = None
    readings: list[Reading] = []
    alerts: list[Alert] = []
    for number, line in _lines(path):
        row = _parse(path, number, line)
        if moment is not None and row.at < moment:
            raise UnusableFeed(
                f"{path.name}, line {number}: 'at' is earlier than in the line before; put lines "
                "in the order in which they were received."
            )
        if moment is not None and row.at != moment:
            yield moment, Observed(tuple(readings), tuple(alerts))
            readings, alerts = [], []
        moment = row.at
        if isinstance(row, RecordedReading):
            readings.append(_reading(row))
        elif isinstance(row, RecordedAlert):
            alerts.append(
                Alert(row.source, row.alert_id, row.event, row.onset_at, row.ends_at, row.cancelled)
            )
    if moment is not None:
        yield moment, Observed(tuple(readings), tuple(alerts))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if number > MAX_LINES or len(line) > MAX_LINE:
                    raise UnusableFeed(
                        f"{path.name}, line {number}: a feed has at most {MAX_LINES:,} lines of "
                        f"{MAX_LINE:,} characters; split it."
                    )
                if line.strip() and not line.startswith("#"):
                    yield number, line
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise UnusableFeed(f"{path.name} cannot be read: {reason}.") from None


def _parse(path: Path, number: int, line: str) -> Recorded:
    try:
        row: Recorded = _READ.decode(line)
    except (msgspec.DecodeError, json.JSONDecodeError) as error:
        raise UnusableFeed(f"{path.name}, line {number}: {error}.") from None
    for name in ("at", "observed_at", "onset_at", "ends_at"):
        value: Any = getattr(row, name, None)
        if value is not None and value.tzinfo is None:
            raise UnusableFeed(
                f"{path.name}, line {number}: {name!r} needs a time zone, such as Z."
            )
    return row


def _reading(row: RecordedReading) -> Reading:
    return Reading(
        source=row.source,
        station=row.station,
        observed_at=row.observed_at or row.at,
        depth_cm=row.depth_cm,
        snowfall_cm=row.snowfall_cm,
        temperature_c=row.temperature_c,
        conditions=None if row.conditions is None else frozenset(row.conditions),
    )


@dataclass(frozen=True)
class Turn:
    """One state that a storm went into during a replay."""

    at: datetime
    status: StormStatus
    reason: str | None
    depth_cm: float | None
    deadline_at: datetime | None


async def play_feed(
    database: Database, community_id: UUID, feed: Iterable[tuple[datetime, Observed]]
) -> list[Turn]:
    """Play what was recorded, each moment with its own clock; what the storms did, in order.

    The database should be one of its own: playing writes readings and storms.
    """
    storm_ids: dict[UUID, None] = {}
    for now, observed in feed:
        async with database.begin() as session:
            community = await session.get_one(Community, community_id)
            followed = await apply_weather(session, community, observed, now=now)
            if followed.storm is not None:
                storm_ids[followed.storm.id] = None
    turns = []
    async with database.read() as session:
        for storm_id in storm_ids:
            storm = await session.get_one(Storm, storm_id)
            for event in await list_events(session, "storm", storm_id):
                name = event.kind.removeprefix("storm.")
                if name not in set(StormStatus):
                    continue
                turns.append(
                    Turn(
                        at=event.happened_at,
                        status=StormStatus(name),
                        reason=event.reason,
                        depth_cm=storm.depth_cm,
                        deadline_at=storm.deadline_at,
                    )
                )
    return sorted(turns, key=lambda turn: turn.at)
