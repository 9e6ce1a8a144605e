"""Weather comes in: the storm follows it, and what that causes happens once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.db import Session
from core.events import record_event
from core.jobs import NewJob, enqueue
from matching import repository as matching_repository
from matching.intake.programme import find_deadline
from matching.intake.standing import move_deadlines, open_standing_requests
from matching.kinds import HoldReason, StormStatus
from matching.models import Storm
from matching.offers.schedule import schedule_wave
from matching.offers.taking_back import withdraw_unsent_asks
from matching.storms import repository
from matching.storms.machine import Step, StormView, find_hold, next_state, starts_storm
from matching.storms.rules import StormRules
from matching.storms.weather import LOOK_BACK, Alert, Reading, Weather, read_weather
from matching.transitions import Cause, move_storm
from messaging.sending import take_back_messages
from people.models import Community

SEND_NOTICES = "storms.send_notices"
CLOSE_UP = "storms.close_up"
OFFER_MESSAGE = "offer"
NOTICE_MESSAGES = ("storm_notice_resident", "storm_notice_volunteer")
MAX_STEPS = 6
"""From *watch* by *armed* and *active* to *hold*, and room to spare."""
NO_STORM_LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True)
class Observed:
    """What a source of weather delivered at once."""

    readings: Sequence[Reading] = ()
    alerts: Sequence[Alert] = ()
    alerts_complete_from: str | None = None
    """The source whose list of alerts this is all of: the ones it no longer lists are over."""


@dataclass(frozen=True)
class Followed:
    """What came of it."""

    storm: Storm | None
    weather: Weather
    new_reading_count: int
    states: tuple[StormStatus, ...] = ()
    """The states that the storm went into, in order."""


async def apply_weather(
    session: Session, community: Community, observed: Observed, *, now: datetime
) -> Followed:
    """Store what was observed, and move the storm accordingly. The same data again does nothing.

    Only the product itself calls this. Records ``storm.watch`` and what `move_storm` records.
    """
    await repository.lock_community(session, community.id)
    rules = await repository.read_storm_rules_at(session, community.id, now)
    added = await repository.store_readings(session, community.id, observed.readings, now=now)
    await repository.store_alerts(session, community.id, observed.alerts, now=now)
    if observed.alerts_complete_from is not None:
        await repository.end_missing_alerts(
            session,
            community.id,
            observed.alerts_complete_from,
            [alert.alert_id for alert in observed.alerts],
            now=now,
        )
    storm = await repository.find_current_storm(session, community.id)
    weather = await _look(session, community.id, storm, rules, now)
    if storm is None:
        if not starts_storm(weather, rules):
            return Followed(None, weather, added)
        storm = await begin_watch(session, community.id, Cause(now=now, reason="weather"))
    states: list[StormStatus] = []
    for _ in range(MAX_STEPS):
        step = next_state(view_storm(storm), weather, rules, now)
        await _remember(session, storm, step, now)
        if step.to is None:
            break
        await _go(session, storm, step, rules=rules, weather=weather, now=now)
        states.append(step.to)
        await session.refresh(storm)
    await _note_weather(session, storm, weather, rules, now)
    await _notice_if_due(session, storm, now=now)
    return Followed(storm, weather, added, tuple(states))


async def begin_watch(session: Session, community_id: UUID, cause: Cause) -> Storm:
    """Start to watch a storm. Records ``storm.watch``."""
    storm = Storm(
        community_id=community_id,
        status=StormStatus.WATCH,
        created_at=cause.now,
        since_at=cause.now,
    )
    session.add(storm)
    await session.flush()
    record_event(
        session,
        "storm.watch",
        subject_type="storm",
        subject_id=storm.id,
        happened_at=cause.now,
        actor_id=cause.actor_id,
        community_id=community_id,
        reason=cause.reason,
    )
    return storm


def view_storm(storm: Storm) -> StormView:
    """What the state machine sees of a row."""
    return StormView(
        status=storm.status,
        since_at=storm.since_at or storm.created_at,
        created_at=storm.created_at,
        hold_reason=storm.hold_reason,
        held_by_hand=storm.held_by_hand,
        directed_until_at=storm.directed_until_at,
        pending=None if storm.pending is None else StormStatus(storm.pending),
        pending_since_at=storm.pending_since_at,
        deadline_at=storm.deadline_at,
    )


async def enter_active(
    session: Session, storm: Storm, rules: StormRules, *, ended_at: datetime, now: datetime
) -> None:
    """What follows when a storm is active: the deadline, the season's requests, the first wave.

    The second time, after a hold, only the waves go on.
    """
    if storm.opened_at is None:
        deadline = await _reckon_deadline(session, storm, rules, ended_at, now)
        await _set(
            session,
            storm,
            opened_at=now,
            snow_ended_at=ended_at,
            deadline_at=deadline,
            noticed_at=storm.noticed_at or now,
        )
        await take_back_messages(session, storm_id=storm.id, kinds=NOTICE_MESSAGES)
        await open_standing_requests(session, storm, now=now)
    await schedule_wave(session, storm.community_id, storm_id=storm.id, now=now, due_at=None)


async def enter_hold(session: Session, storm: Storm, *, now: datetime) -> None:
    """Nobody is sent out: offers that wait to be sent, for the morning say, are taken back.

    Who was to get them is free to be asked when the storm goes on.
    """
    await take_back_messages(session, storm_id=storm.id, kinds=(OFFER_MESSAGE,))
    await withdraw_unsent_asks(session, storm.community_id, now=now)


async def enter_closed(session: Session, storm: Storm, *, now: datetime) -> None:
    """Have a job tell those who were not served, and thank those who helped.

    What still waits to be sent is no longer true.
    """
    await take_back_messages(session, storm_id=storm.id, kinds=(OFFER_MESSAGE, *NOTICE_MESSAGES))
    await withdraw_unsent_asks(session, storm.community_id, now=now)
    await enqueue(
        session,
        NewJob(
            name=CLOSE_UP,
            args={"storm_id": str(storm.id)},
            key=f"storm_close:{storm.id}",
            now=now,
        ),
    )


async def _reckon_deadline(
    session: Session, storm: Storm, rules: StormRules, ended_at: datetime, now: datetime
) -> datetime:
    place = None
    if rules.lon_deg is not None and rules.lat_deg is not None:
        place = (rules.lon_deg, rules.lat_deg)
    found = await find_deadline(session, storm.community_id, ended_at, now=now, place=place)
    return found.at


async def _look(
    session: Session,
    community_id: UUID,
    storm: Storm | None,
    rules: StormRules,
    now: datetime,
) -> Weather:
    begins_at = now - NO_STORM_LOOK_BACK if storm is None else storm.created_at
    last_end_at = await repository.find_last_end(session, community_id)
    readings = await repository.load_readings(
        session,
        community_id,
        since=begins_at - LOOK_BACK - timedelta(seconds=1),
        until=now + timedelta(minutes=10),
    )
    alerts = await repository.load_alerts(session, community_id, now=now)
    return read_weather(
        readings, alerts, rules, begins_at=begins_at, now=now, last_end_at=last_end_at
    )


async def _remember(session: Session, storm: Storm, step: Step, now: datetime) -> None:
    """Keep what weather asks for, and since when."""
    if step.to is not None:
        return
    pending = None if step.pending is None else step.pending.value
    if pending != storm.pending:
        await _set(
            session, storm, pending=pending, pending_since_at=None if pending is None else now
        )


async def _go(
    session: Session,
    storm: Storm,
    step: Step,
    *,
    rules: StormRules,
    weather: Weather,
    now: datetime,
) -> None:
    assert step.to is not None
    cause = Cause(now=now, reason=step.reason)
    await move_storm(session, storm.id, step.to, cause, hold_reason=step.hold_reason)
    if step.to is StormStatus.ACTIVE:
        ended_at = now if weather.is_snowing else (weather.snow_last_at or now)
        await enter_active(session, storm, rules, ended_at=ended_at, now=now)
    elif step.to is StormStatus.HOLD:
        await enter_hold(session, storm, now=now)
    elif step.to is StormStatus.WATCH:
        await take_back_messages(session, storm_id=storm.id, kinds=NOTICE_MESSAGES)
    elif step.to is StormStatus.CLOSED:
        await enter_closed(session, storm, now=now)


async def _notice_if_due(session: Session, storm: Storm, *, now: datetime) -> None:
    """Tell people once a storm that help may be needed, unless help is asked for already."""
    if storm.status is not StormStatus.ARMED or storm.noticed_at is not None:
        return
    await _set(session, storm, noticed_at=now)
    for audience in ("residents", "volunteers"):
        await enqueue_notices(session, storm.id, audience, after=None, now=now)


async def enqueue_notices(
    session: Session, storm_id: UUID, audience: str, *, after: UUID | None, now: datetime
) -> None:
    """Have a job write the next page of notices."""
    args: dict[str, Any] = {"storm_id": str(storm_id), "audience": audience}
    if after is not None:
        args["after"] = str(after)
    key = f"storm_notices:{storm_id}:{audience}:{after or 'first'}"
    await enqueue(session, NewJob(name=SEND_NOTICES, args=args, key=key, now=now))


async def _note_weather(
    session: Session, storm: Storm, weather: Weather, rules: StormRules, now: datetime
) -> None:
    """Keep depth, the cause of a hold and the end of snowfall as they are now."""
    if storm.status is StormStatus.CLOSED:
        return
    values: dict[str, Any] = {}
    if weather.fallen_cm is not None and weather.fallen_cm != storm.depth_cm:
        values["depth_cm"] = weather.fallen_cm
    reason = find_hold(weather, rules, now)
    held = storm.status is StormStatus.HOLD and not storm.held_by_hand
    if held and reason not in (None, storm.hold_reason):
        values["hold_reason"] = reason
        _record_hold_reason(session, storm, reason, now)
    if _snow_ended_later(storm, weather):
        values["snow_ended_at"] = weather.snow_last_at
        assert weather.snow_last_at is not None
        values["deadline_at"] = await _reckon_deadline(
            session, storm, rules, weather.snow_last_at, now
        )
    if values:
        await _set(session, storm, **values)
    if "deadline_at" in values:
        await move_deadlines(session, storm, now=now)


def _snow_ended_later(storm: Storm, weather: Weather) -> bool:
    """Whether it snowed on after the storm was opened, and has stopped now."""
    return (
        storm.opened_at is not None
        and storm.snow_ended_at is not None
        and weather.is_snowing is False
        and weather.snow_last_at is not None
        and weather.snow_last_at > storm.snow_ended_at
    )


def _record_hold_reason(
    session: Session, storm: Storm, reason: HoldReason | None, now: datetime
) -> None:
    record_event(
        session,
        "storm.hold_reason",
        subject_type="storm",
        subject_id=storm.id,
        happened_at=now,
        community_id=storm.community_id,
        reason=None if reason is None else reason.value,
    )


async def _set(session: Session, storm: Storm, **values: Any) -> None:
    """Change columns of a storm that say nothing about its state."""
    locked = await matching_repository.get_locked(session, Storm, storm.id)
    assert locked is not None
    for name, value in values.items():
        setattr(locked, name, value)
    await session.flush()
