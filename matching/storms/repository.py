"""The queries on storms, readings, alerts and answers to notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.columns import Base
from core.db import Session
from core.ids import new_id
from matching.kinds import (
    AssignmentStatus,
    RequestStatus,
    StormStatus,
)
from matching.models import Assignment, HelpRequest, Storm, Volunteer
from matching.rounds.models import Round, UnservedReason
from matching.storms.models import (
    StormResident,
    StormRulesVersion,
    WeatherAlert,
    WeatherReading,
)
from matching.storms.rules import StormRules, read_storm_rules
from matching.storms.weather import Alert, Reading
from matching.volunteering.taking_part_repository import takes_part
from people.kinds import Role
from people.models import Community, Membership

MAX_READINGS = 5_000
MAX_ALERTS = 200
PAGE_SIZE = 100
MAX_STAFF = 50
WAITING = (
    RequestStatus.SUBMITTED,
    RequestStatus.NEEDS_REVIEW,
    RequestStatus.OPEN,
    RequestStatus.OFFERED,
)
"""Requests that nobody has taken."""


async def lock_community(session: Session, community_id: UUID) -> Community | None:
    """The community, held so that two readers of the weather wait for each other."""
    query = (
        select(Community)
        .where(Community.id == community_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found: Community | None = await session.scalar(query)
    return found


async def find_current_storm(session: Session, community_id: UUID) -> Storm | None:
    """The storm of a community that is not closed; there is at most one."""
    found: Storm | None = await session.scalar(
        select(Storm)
        .where(Storm.community_id == community_id, Storm.status != StormStatus.CLOSED)
        .execution_options(populate_existing=True)
    )
    return found


async def find_active_storm(session: Session, community_id: UUID) -> Storm | None:
    """The storm during which offers may be sent now, or None."""
    storm = await find_current_storm(session, community_id)
    return storm if storm is not None and storm.status is StormStatus.ACTIVE else None


async def find_last_end(session: Session, community_id: UUID) -> datetime | None:
    """When the last storm of a community was closed."""
    found: datetime | None = await session.scalar(
        select(Storm.closed_at)
        .where(Storm.community_id == community_id, Storm.status == StormStatus.CLOSED)
        .order_by(Storm.closed_at.desc())
        .limit(1)
    )
    return found


async def list_storms(session: Session, community_id: UUID, *, limit: int = 20) -> list[Storm]:
    """The latest storms of a community, the newest first."""
    query = (
        select(Storm)
        .where(Storm.community_id == community_id)
        .order_by(Storm.created_at.desc(), Storm.id.desc())
        .limit(min(limit, PAGE_SIZE))
    )
    return list(await session.scalars(query))


async def read_storm_rules_at(session: Session, community_id: UUID, moment: datetime) -> StormRules:
    """The storm rules that hold at a moment; the defaults when none were ever set."""
    stored = await session.scalar(
        select(StormRulesVersion.rules)
        .where(
            StormRulesVersion.community_id == community_id, StormRulesVersion.valid_from <= moment
        )
        .order_by(StormRulesVersion.valid_from.desc())
        .limit(1)
    )
    return read_storm_rules(stored or {})


async def has_storm_rules_from(session: Session, community_id: UUID, valid_from: datetime) -> bool:
    """Whether rules were set that begin to hold at that very moment."""
    query = select(StormRulesVersion.id).where(
        StormRulesVersion.community_id == community_id,
        StormRulesVersion.valid_from == valid_from,
    )
    return await session.scalar(query) is not None


async def list_followed_communities(session: Session) -> list[Community]:
    """Communities that have storm rules, by short name."""
    ruled = select(StormRulesVersion.community_id)
    query = select(Community).where(Community.id.in_(ruled)).order_by(Community.slug).limit(500)
    return list(await session.scalars(query))


# --- weather --------------------------------------------------------------------------------------


async def store_readings(
    session: Session, community_id: UUID, readings: Sequence[Reading], *, now: datetime
) -> int:
    """Keep readings that are new; how many were."""
    added = 0
    for start in range(0, len(readings), PAGE_SIZE):
        rows = [
            {
                "id": new_id(),
                "community_id": community_id,
                "source": reading.source,
                "station": reading.station,
                "observed_at": reading.observed_at,
                "depth_cm": reading.depth_cm,
                "snowfall_cm": reading.snowfall_cm,
                "temperature_c": reading.temperature_c,
                "conditions": None if reading.conditions is None else sorted(reading.conditions),
                "raw_id": reading.raw_id,
                "received_at": now,
            }
            for reading in readings[start : start + PAGE_SIZE]
        ]
        insert = (
            _insert(session)(WeatherReading)
            .values(rows)
            .on_conflict_do_nothing(
                index_elements=["community_id", "source", "station", "observed_at"]
            )
        )
        result = await session.execute(insert.returning(WeatherReading.id))
        added += len(result.all())
    return added


async def store_alerts(
    session: Session, community_id: UUID, alerts: Sequence[Alert], *, now: datetime
) -> None:
    """Keep alerts as they were last heard."""
    for alert in alerts[:MAX_ALERTS]:
        values = {
            "event": alert.event,
            "onset_at": alert.onset_at,
            "ends_at": alert.ends_at,
            "cancelled": alert.cancelled,
            "received_at": now,
        }
        insert = _insert(session)(WeatherAlert).values(
            id=new_id(),
            community_id=community_id,
            source=alert.source,
            alert_id=alert.alert_id,
            **values,
        )
        await session.execute(
            insert.on_conflict_do_update(
                index_elements=["community_id", "source", "alert_id"], set_=values
            )
        )


async def end_missing_alerts(
    session: Session,
    community_id: UUID,
    source: str,
    heard: Iterable[str],
    *,
    now: datetime,
) -> None:
    """Alerts that a complete list no longer holds are over."""
    await session.execute(
        update(WeatherAlert)
        .where(
            WeatherAlert.community_id == community_id,
            WeatherAlert.source == source,
            WeatherAlert.ends_at > now,
            WeatherAlert.alert_id.not_in(list(heard)[:MAX_ALERTS]),
        )
        .values(ends_at=now, received_at=now)
        .execution_options(synchronize_session=False)
    )


async def load_readings(
    session: Session, community_id: UUID, *, since: datetime, until: datetime
) -> list[Reading]:
    """What was measured between two moments, the newest `MAX_READINGS` of it."""
    query = (
        select(WeatherReading)
        .where(
            WeatherReading.community_id == community_id,
            WeatherReading.observed_at > since,
            WeatherReading.observed_at <= until,
        )
        .order_by(WeatherReading.observed_at.desc())
        .limit(MAX_READINGS)
    )
    return [
        Reading(
            source=row.source,
            station=row.station,
            observed_at=row.observed_at,
            depth_cm=row.depth_cm,
            snowfall_cm=row.snowfall_cm,
            temperature_c=row.temperature_c,
            conditions=None if row.conditions is None else frozenset(row.conditions),
            raw_id=row.raw_id,
        )
        for row in await session.scalars(query)
    ]


async def forget_weather(session: Session, community_id: UUID, *, before: datetime) -> None:
    """Delete readings and alerts that are older."""
    await session.execute(
        delete(WeatherReading).where(
            WeatherReading.community_id == community_id, WeatherReading.observed_at < before
        )
    )
    await session.execute(
        delete(WeatherAlert).where(
            WeatherAlert.community_id == community_id, WeatherAlert.ends_at < before
        )
    )


async def load_alerts(session: Session, community_id: UUID, *, now: datetime) -> list[Alert]:
    """Alerts that are not over."""
    query = (
        select(WeatherAlert)
        .where(WeatherAlert.community_id == community_id, WeatherAlert.ends_at > now)
        .order_by(WeatherAlert.ends_at)
        .limit(MAX_ALERTS)
    )
    return [
        Alert(row.source, row.alert_id, row.event, row.onset_at, row.ends_at, row.cancelled)
        for row in await session.scalars(query)
    ]


# --- people whom a storm concerns -----------------------------------------------------------------


async def list_ready_volunteers(
    session: Session,
    community_id: UUID,
    *,
    after: UUID | None,
    now: datetime,
    limit: int = PAGE_SIZE,
) -> list[Volunteer]:
    """Volunteers who take part and do not pause, by id, after one of them."""
    query = (
        select(Volunteer)
        .where(Volunteer.community_id == community_id, takes_part(now))
        .order_by(Volunteer.id)
        .limit(min(limit, PAGE_SIZE))
    )
    if after is not None:
        query = query.where(Volunteer.id > after)
    return list(await session.scalars(query))


async def list_waiting_requests(
    session: Session, storm_id: UUID, resident_id: UUID | None = None, *, limit: int = PAGE_SIZE
) -> list[UUID]:
    """Requests of a storm, or of one resident in it, that nobody has taken, by id."""
    query = (
        select(HelpRequest.id)
        .where(HelpRequest.storm_id == storm_id, HelpRequest.status.in_(WAITING))
        .order_by(HelpRequest.id)
        .limit(min(limit, PAGE_SIZE))
    )
    if resident_id is not None:
        query = query.where(HelpRequest.resident_id == resident_id)
    return list(await session.scalars(query))


async def load_last_reasons(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Why the last round that looked at each request left it out, as a code word."""
    query = (
        select(UnservedReason.request_id, UnservedReason.code)
        .join(Round, Round.id == UnservedReason.round_id)
        .where(UnservedReason.request_id.in_(list(request_ids)[:PAGE_SIZE]))
        .order_by(Round.started_at, Round.id)
    )
    rows = await session.execute(query)
    return {row.request_id: row.code for row in rows}


async def list_helpers(
    session: Session, storm_id: UUID, *, after: UUID | None, limit: int = PAGE_SIZE
) -> list[tuple[UUID, int]]:
    """Volunteers who did work in a storm, with how many homes, by id."""
    query = (
        select(Assignment.volunteer_id, Assignment.request_id)
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(HelpRequest.storm_id == storm_id, Assignment.status == AssignmentStatus.DONE)
        .order_by(Assignment.volunteer_id)
    )
    if after is not None:
        query = query.where(Assignment.volunteer_id > after)
    homes: dict[UUID, set[UUID]] = {}
    for volunteer_id, request_id in await session.execute(query.limit(MAX_READINGS)):
        if volunteer_id not in homes and len(homes) == limit:
            break
        homes.setdefault(volunteer_id, set()).add(request_id)
    return [(key, len(done)) for key, done in homes.items()]


async def list_staff(session: Session, community_id: UUID) -> list[UUID]:
    """Those who run the programme, managers and coordinators, by id."""
    query = (
        select(Membership.person_id)
        .where(
            Membership.community_id == community_id,
            Membership.role.in_((Role.MANAGER, Role.COORDINATOR)),
            Membership.ended_at.is_(None),
        )
        .distinct()
        .order_by(Membership.person_id)
        .limit(MAX_STAFF)
    )
    return list(await session.scalars(query))


async def load_not_needing(session: Session, storm_id: UUID) -> set[UUID]:
    """Residents who answered a storm's notice with "not this time"."""
    query = select(StormResident.person_id).where(
        StormResident.storm_id == storm_id, StormResident.needs_help.is_(False)
    )
    return set(await session.scalars(query))


async def store_answer(
    session: Session, storm_id: UUID, person_id: UUID, *, needs_help: bool, now: datetime
) -> None:
    """Keep a resident's answer; a later one replaces it."""
    values = {"needs_help": needs_help, "answered_at": now}
    insert = _insert(session)(StormResident).values(
        storm_id=storm_id, person_id=person_id, **values
    )
    await session.execute(
        insert.on_conflict_do_update(index_elements=["storm_id", "person_id"], set_=values)
    )


async def count_silence_s(session: Session, community_id: UUID, now: datetime) -> float | None:
    """Seconds since the newest reading; None when there never was any."""
    newest: datetime | None = await session.scalar(
        select(WeatherReading.observed_at)
        .where(
            WeatherReading.community_id == community_id,
            WeatherReading.observed_at <= now + timedelta(minutes=10),
        )
        .order_by(WeatherReading.observed_at.desc())
        .limit(1)
    )
    return None if newest is None else (now - newest).total_seconds()


def _insert(session: Session) -> Callable[[type[Base]], Any]:
    """The INSERT of this database, which knows what to do on a conflict."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
