"""The queries of imports: read what is there in bulk, write what is new or changed in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.columns import Base
from core.db import Session
from core.events import Event
from matching.imports.records import (
    PersonRecord,
    Place,
    RequestRecord,
    StoredPerson,
    StoredRequest,
    StoredVolunteer,
    VolunteerRecord,
)
from matching.models import (
    AvailabilityWindow,
    Ban,
    HelpRequest,
    RequestNeed,
    RequestWindow,
    SeasonPair,
    Volunteer,
    WeeklyHours,
)
from people.auth import Actor
from people.kinds import Role
from people.models import (
    Ability,
    Community,
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonAbility,
    PersonName,
    Preferences,
)

MAX_IMPORTS = 10
BATCH = 900
"""Values in one IN list; SQLite and PostgreSQL both take many more."""


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


async def _rows(
    session: Session,
    query: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[Any],
    values: Iterable[Any],
) -> list[Any]:
    """The rows of a query whose column has one of many values."""
    rows: list[Any] = []
    for batch in _batches(values):
        rows += (await session.execute(query.where(column.in_(batch)))).all()
    return rows


async def _grouped(
    session: Session,
    query: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[Any],
    values: Iterable[Any],
) -> dict[UUID, list[Any]]:
    """As `_rows`, by the first column of the query."""
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in await _rows(session, query, column, values):
        groups[row[0]].append(row)
    return groups


async def lock_community(session: Session, community_id: UUID) -> None:
    """Let two imports into one community wait for each other."""
    await session.execute(
        select(Community.id).where(Community.id == community_id).with_for_update()
    )


async def read_people(
    session: Session, community_id: UUID, role: Role, keys: Iterable[str]
) -> dict[str, StoredPerson]:
    """The people of a role by source key, with everything that a file can change."""
    query = (
        select(
            Membership.source_key,
            Person.id,
            Household,
            HouseholdAddress,
            PersonName.full_name,
            Preferences.languages,
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Household, Household.id == Person.household_id)
        .join(HouseholdAddress, HouseholdAddress.household_id == Household.id)
        .join(PersonName, PersonName.person_id == Person.id)
        .outerjoin(Preferences, Preferences.person_id == Person.id)
        .where(Membership.community_id == community_id, Membership.role == role)
    )
    rows = await _rows(session, query, Membership.source_key, keys)
    ids = [row[1] for row in rows]
    contacts = await _grouped(
        session,
        select(ContactPoint.person_id, ContactPoint.channel, ContactPoint.value),
        ContactPoint.person_id,
        ids,
    )
    abilities = await _grouped(
        session,
        select(PersonAbility.person_id, Ability.code).join(
            Ability, Ability.id == PersonAbility.ability_id
        ),
        PersonAbility.person_id,
        ids,
    )
    consents = await _grouped(
        session,
        select(Consent.person_id, Consent.purpose).where(Consent.community_id == community_id),
        Consent.person_id,
        ids,
    )
    return {
        key: StoredPerson(
            person_id=person_id,
            household_id=household.id,
            consents=frozenset(str(row[1]) for row in consents[person_id]),
            record=PersonRecord(
                name=name,
                contacts=frozenset((row[1], row[2]) for row in contacts[person_id]),
                languages=tuple(languages or ()),
                abilities=frozenset(row[1] for row in abilities[person_id]),
                place=_place(household, address),
            ),
        )
        for key, person_id, household, address, name, languages in rows
    }


def _place(household: Household, address: HouseholdAddress) -> Place:
    return Place(
        address_text=address.address_text,
        unit=address.unit,
        lon_deg=address.lon_deg,
        lat_deg=address.lat_deg,
        precision=str(household.precision),
        area=household.area,
        cell=household.cell,
        address_id=address.address_id,
    )


async def read_volunteers(
    session: Session, community_id: UUID, keys: Iterable[str]
) -> dict[str, StoredVolunteer]:
    """Volunteers by source key."""
    query = select(Volunteer).where(Volunteer.community_id == community_id)
    found = [row[0] for row in await _rows(session, query, Volunteer.source_key, keys)]
    ids = [volunteer.id for volunteer in found]
    windows = await _grouped(
        session,
        select(
            AvailabilityWindow.volunteer_id,
            AvailabilityWindow.starts_at,
            AvailabilityWindow.ends_at,
        ),
        AvailabilityWindow.volunteer_id,
        ids,
    )
    weekly = await _grouped(
        session,
        select(
            WeeklyHours.volunteer_id,
            WeeklyHours.weekday,
            WeeklyHours.start_min,
            WeeklyHours.end_min,
        ),
        WeeklyHours.volunteer_id,
        ids,
    )
    return {
        volunteer.source_key: StoredVolunteer(
            volunteer_id=volunteer.id,
            person_id=volunteer.person_id,
            record=VolunteerRecord(
                mode=str(volunteer.mode),
                max_tasks=volunteer.max_tasks,
                max_work_s=volunteer.max_work_s,
                max_travel_s=volunteer.max_travel_s,
                radius_m=volunteer.radius_m,
                windows=tuple(sorted((row[1], row[2]) for row in windows[volunteer.id])),
                weekly_hours=tuple(
                    sorted((row[1], row[2], row[3]) for row in weekly[volunteer.id])
                ),
            ),
        )
        for volunteer in found
        if volunteer.source_key is not None
    }


async def read_requests(
    session: Session, community_id: UUID, keys: Iterable[str]
) -> dict[str, StoredRequest]:
    """Help requests by source key."""
    query = select(HelpRequest).where(HelpRequest.community_id == community_id)
    found = [row[0] for row in await _rows(session, query, HelpRequest.source_key, keys)]
    ids = [request.id for request in found]
    windows = await _grouped(
        session,
        select(RequestWindow.request_id, RequestWindow.opens_at, RequestWindow.closes_at),
        RequestWindow.request_id,
        ids,
    )
    needs = await _grouped(
        session,
        select(RequestNeed.request_id, Ability.code).join(
            Ability, Ability.id == RequestNeed.ability_id
        ),
        RequestNeed.request_id,
        ids,
    )
    return {
        request.source_key: StoredRequest(
            request_id=request.id,
            resident_id=request.resident_id,
            status=str(request.status),
            record=RequestRecord(
                kind=str(request.kind),
                weight=request.weight,
                service_s=request.service_s,
                crew_size=request.crew_size,
                languages=tuple(request.languages),
                needs=frozenset(row[1] for row in needs[request.id]),
                windows=tuple(sorted((row[1], row[2]) for row in windows[request.id])),
            ),
        )
        for request in found
        if request.source_key is not None
    }


async def find_volunteer_ids(
    session: Session, community_id: UUID, keys: Iterable[str]
) -> dict[str, UUID]:
    """Ids of volunteers by source key, as far as they exist."""
    query = select(Volunteer.source_key, Volunteer.id).where(Volunteer.community_id == community_id)
    return {row[0]: row[1] for row in await _rows(session, query, Volunteer.source_key, keys)}


async def read_season_pairs(
    session: Session, resident_ids: Iterable[UUID]
) -> dict[UUID, list[SeasonPair]]:
    """Season pairs by resident."""
    query = select(SeasonPair.resident_id, SeasonPair)
    groups = await _grouped(session, query, SeasonPair.resident_id, resident_ids)
    return {key: [row[1] for row in rows] for key, rows in groups.items()}


async def read_bans(session: Session, resident_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Banned volunteers by resident."""
    query = select(Ban.resident_id, Ban.volunteer_id)
    groups = await _grouped(session, query, Ban.resident_id, resident_ids)
    return {key: {row[1] for row in rows} for key, rows in groups.items()}


async def insert_rows(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add many rows of one table; the same columns in each."""
    if rows:
        await session.execute(insert(model), list(rows))


async def update_rows(
    session: Session, model: type[Base], key: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Change many rows of one table by their key; a version column counts up by itself."""
    if not rows:
        return
    table = model.__table__
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != key}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    statement = update(table).where(table.c[key] == bindparam("old_key")).values(values)  # type: ignore[arg-type]  # a mapped class always has a Table
    connection = await session.connection()
    await connection.execute(
        statement,
        [
            {"old_key": row[key], **{f"new_{n}": v for n, v in row.items() if n != key}}
            for row in rows
        ],
    )


async def delete_children(
    session: Session,
    model: type[Base],
    column: InstrumentedAttribute[Any],
    parent_ids: Iterable[UUID],
) -> None:
    """Remove the rows that hang on any of these parents."""
    for batch in _batches(parent_ids):
        await session.execute(
            delete(model).where(column.in_(batch)).execution_options(synchronize_session=False)
        )


async def delete_pairs(session: Session, model: type[Base], ids: Iterable[UUID]) -> None:
    """Remove season pairs or bans by id."""
    column: InstrumentedAttribute[UUID] = model.id  # type: ignore[attr-defined]  # both are Keyed
    await delete_children(session, model, column, ids)


async def list_imports(session: Session, actor: Actor, community_id: UUID) -> list[Event]:
    """What was imported into a community, the latest first; for its staff."""
    if not actor.is_staff(community_id):
        return []
    query = (
        select(Event)
        .where(
            Event.community_id == community_id,
            Event.kind == "people.imported",
        )
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(MAX_IMPORTS)
    )
    return list(await session.scalars(query))
