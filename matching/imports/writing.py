"""Collects rows of many tables and writes them in the order that their keys need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.columns import Base
from core.db import Session
from core.events import Event
from core.ids import new_id
from matching.imports import repository
from matching.imports.records import PersonRecord, Place, StoredPerson
from matching.intake.models import RequestDetails
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
from people.kinds import Channel, PlaceKind, Purpose, Role
from people.models import (
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

_ORDER: tuple[type[Base], ...] = (
    Household,
    HouseholdAddress,
    Person,
    PersonName,
    ContactPoint,
    Preferences,
    Membership,
    PersonAbility,
    Consent,
    Volunteer,
    AvailabilityWindow,
    WeeklyHours,
    HelpRequest,
    RequestDetails,
    RequestWindow,
    RequestNeed,
    SeasonPair,
    Ban,
    Event,
)
_KEYS = {
    Household: "id",
    HouseholdAddress: "household_id",
    PersonName: "person_id",
    Preferences: "person_id",
    Volunteer: "id",
    HelpRequest: "id",
    SeasonPair: "id",
}
_CHILDREN = {
    ContactPoint: ContactPoint.person_id,
    PersonAbility: PersonAbility.person_id,
    AvailabilityWindow: AvailabilityWindow.volunteer_id,
    WeeklyHours: WeeklyHours.volunteer_id,
    RequestWindow: RequestWindow.request_id,
    RequestNeed: RequestNeed.request_id,
}
CONSENT_VERSION = "import"


class RowWriter:
    """Rows to add, to change and to replace, for one community at one moment."""

    def __init__(self, community_id: UUID, now: datetime, *, synthetic: bool) -> None:
        self.community_id = community_id
        self.now = now
        self.synthetic = synthetic
        self.actor_id: UUID | None = None
        """Who imports; None when the command line does."""
        self._added: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._changed: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._emptied: dict[type[Base], list[UUID]] = defaultdict(list)

    def add(self, model: type[Base], **row: Any) -> None:
        """Write a new row."""
        self._added[model].append(row)

    def change(self, model: type[Base], **row: Any) -> None:
        """Write the given columns of the row with this key."""
        self._changed[model].append(row)

    def empty(self, model: type[Base], parent_id: UUID) -> None:
        """Remove the rows that hang on this parent, before new ones are written."""
        self._emptied[model].append(parent_id)

    def add_event(
        self, kind: str, subject_type: str, subject_id: UUID, data: dict[str, Any]
    ) -> None:
        """Write a line of history; only ids, counts and code words."""
        self.add(
            Event,
            id=new_id(),
            happened_at=self.now,
            community_id=self.community_id,
            actor_id=self.actor_id,
            kind=kind,
            subject_type=subject_type,
            subject_id=subject_id,
            reason="import",
            data=data,
        )

    async def write(self, session: Session) -> None:
        """Write everything into the caller's transaction."""
        for model, parents in self._emptied.items():
            await repository.delete_children(session, model, _CHILDREN[model], parents)
        for model in _ORDER:
            await repository.insert_rows(session, model, self._added[model])
            if model in self._changed:
                await repository.update_rows(session, model, _KEYS[model], self._changed[model])

    def add_person(
        self, record: PersonRecord, role: Role, source_key: str, abilities: Mapping[str, UUID]
    ) -> tuple[UUID, UUID]:
        """Write a new person and home; returns person id and household id."""
        person_id, household_id = new_id(), new_id()
        place = record.place
        self.add(
            Household,
            id=household_id,
            community_id=self.community_id,
            kind=PlaceKind.HOME,
            source_key=f"{role.value}:{source_key}",
            created_at=self.now,
            **_household_columns(place),
        )
        self.add(HouseholdAddress, household_id=household_id, **_address_columns(place))
        self.add(
            Person,
            id=person_id,
            household_id=household_id,
            is_synthetic=self.synthetic,
            created_at=self.now,
        )
        self.add(PersonName, person_id=person_id, full_name=record.name)
        self.add(Preferences, person_id=person_id, languages=list(record.languages))
        self.add(
            Membership,
            id=new_id(),
            person_id=person_id,
            community_id=self.community_id,
            role=role,
            source_key=source_key,
            since=self.now,
        )
        self._add_parts(person_id, record, abilities)
        return person_id, household_id

    def change_person(
        self, stored: StoredPerson, record: PersonRecord, abilities: Mapping[str, UUID]
    ) -> None:
        """Write what a file changed about a person."""
        before = stored.record
        if record.place != before.place:
            household_id = stored.household_id
            self.change(Household, id=household_id, **_household_columns(record.place))
            self.change(
                HouseholdAddress, household_id=household_id, **_address_columns(record.place)
            )
        if record.name != before.name:
            self.change(PersonName, person_id=stored.person_id, full_name=record.name)
        if record.languages != before.languages:
            self.change(Preferences, person_id=stored.person_id, languages=list(record.languages))
        if record.contacts != before.contacts or record.abilities != before.abilities:
            self.empty(ContactPoint, stored.person_id)
            self.empty(PersonAbility, stored.person_id)
            self._add_parts(stored.person_id, record, abilities)

    def _add_parts(
        self, person_id: UUID, record: PersonRecord, abilities: Mapping[str, UUID]
    ) -> None:
        first = min((channel for channel, _ in record.contacts), default=Channel.EMAIL)
        for channel, value in sorted(record.contacts):
            self.add(
                ContactPoint,
                id=new_id(),
                person_id=person_id,
                channel=channel,
                value=value,
                preferred=channel == first,
            )
        for code in sorted(record.abilities):
            self.add(PersonAbility, person_id=person_id, ability_id=abilities[code])

    def grant(self, person_id: UUID, purposes: set[str]) -> None:
        """Add lines to the consent ledger."""
        for purpose in sorted(purposes):
            self.add(
                Consent,
                id=new_id(),
                person_id=person_id,
                community_id=self.community_id,
                purpose=Purpose(purpose),
                channel=None,
                text_version=CONSENT_VERSION,
                granted=True,
                recorded_by=None,
                recorded_at=self.now,
                source="import",
            )


def _household_columns(place: Place) -> dict[str, Any]:
    return {"cell": place.cell, "area": place.area, "precision": place.precision}


def _address_columns(place: Place) -> dict[str, Any]:
    return {
        "address_text": place.address_text,
        "unit": place.unit,
        "lon_deg": place.lon_deg,
        "lat_deg": place.lat_deg,
        "address_id": place.address_id,
    }
