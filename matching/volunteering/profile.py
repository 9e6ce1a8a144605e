"""Writing down what a volunteer offers: places, hours, abilities, contacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.availability import Weekly
from matching.imports.abilities import ability_kind, ability_label
from matching.imports.records import Place
from matching.models import AvailabilityWindow, Volunteer, WeeklyHours
from matching.volunteering import repository
from people.kinds import Channel, PlaceKind, Precision
from people.models import (
    ContactPoint,
    Household,
    HouseholdAddress,
    PersonAbility,
    Preferences,
)
from people.repository import ensure_abilities

DatedWindow = tuple[datetime, datetime, bool]
"""Start, end, and whether it counts from the second place."""


async def add_place(
    session: Session, community_id: UUID, place: Place, kind: PlaceKind, *, now: datetime
) -> Household:
    """Write down a place."""
    household = Household(
        community_id=community_id,
        kind=kind,
        cell=place.cell,
        area=place.area,
        precision=Precision(place.precision),
        created_at=now,
        address=HouseholdAddress(
            address_text=place.address_text,
            unit=place.unit,
            lon_deg=place.lon_deg,
            lat_deg=place.lat_deg,
            address_id=place.address_id,
        ),
    )
    session.add(household)
    await session.flush()
    return household


def is_same_place(household: Household, place: Place) -> bool:
    """Whether a place is the one that is written down; its address is loaded.

    Somebody who writes the house without the apartment means the apartment that is written down.
    """
    address = household.address
    if place.unit is not None and place.unit != address.unit:
        return False
    if address.address_id is not None and place.address_id is not None:
        return address.address_id == place.address_id
    return (address.lon_deg, address.lat_deg) == (place.lon_deg, place.lat_deg)


async def find_or_add_home(
    session: Session,
    community_id: UUID,
    known_id: UUID | None,
    place: Place,
    *,
    now: datetime,
    kind: PlaceKind = PlaceKind.HOME,
) -> Household:
    """The home, or another place, that is on record when it is this one, else a new one.

    What is on record stays as it is: somebody else may live there, or have asked for help there.
    """
    known = None if known_id is None else await repository.load_household(session, known_id)
    if known is not None and is_same_place(known, place):
        return known
    return await add_place(session, community_id, place, kind, now=now)


async def replace_hours(
    session: Session,
    volunteer_id: UUID,
    *,
    weekly: Sequence[tuple[Weekly, bool]] | None,
    windows: Sequence[DatedWindow] | None,
) -> None:
    """Write weekly hours and single windows anew; None leaves them."""
    if weekly is not None:
        await repository.replace_rows(session, WeeklyHours, WeeklyHours.volunteer_id, volunteer_id)
        session.add_all(
            WeeklyHours(
                volunteer_id=volunteer_id,
                weekday=rule.weekday,
                start_min=rule.start_min,
                end_min=rule.end_min,
                valid_from=rule.valid_from,
                valid_until=rule.valid_until,
                from_second_anchor=second,
            )
            for rule, second in weekly
        )
    if windows is not None:
        await repository.replace_rows(
            session, AvailabilityWindow, AvailabilityWindow.volunteer_id, volunteer_id
        )
        session.add_all(
            AvailabilityWindow(
                volunteer_id=volunteer_id,
                starts_at=opens,
                ends_at=closes,
                from_second_anchor=second,
            )
            for opens, closes, second in windows
        )
    await session.flush()


async def replace_abilities(
    session: Session, community_id: UUID, person_id: UUID, codes: Iterable[str]
) -> None:
    """Write skills and tools anew; new names join the catalogue."""
    wanted = sorted(set(codes))
    catalogue = await ensure_abilities(
        session, community_id, [(ability_kind(code), code, ability_label(code)) for code in wanted]
    )
    await repository.replace_rows(session, PersonAbility, PersonAbility.person_id, person_id)
    session.add_all(
        PersonAbility(person_id=person_id, ability_id=catalogue[code].id) for code in wanted
    )
    await session.flush()


async def add_contacts(
    session: Session, person_id: UUID, contacts: Iterable[tuple[Channel, str]]
) -> None:
    """Add contacts that are not on record; those that are stay, verified or not."""
    known = await repository.load_contacts(session, person_id)
    there = {(row.channel, row.value) for row in known}
    preferred = any(row.preferred for row in known)
    for channel, value in contacts:
        if (channel, value) not in there:
            session.add(
                ContactPoint(
                    person_id=person_id, channel=channel, value=value, preferred=not preferred
                )
            )
            preferred = True
    await session.flush()


async def set_languages(session: Session, person_id: UUID, languages: Sequence[str]) -> None:
    """Write the languages of a person, the most comfortable first."""
    _, preferences = await repository.get_person_parts(session, person_id)
    if preferences is None:
        session.add(Preferences(person_id=person_id, languages=list(languages)))
    else:
        preferences.languages = list(languages)
    await session.flush()


def touch(volunteer: Volunteer, now: datetime) -> None:
    """Note that a profile changed, so that a change based on an old state is refused."""
    volunteer.updated_at = now
