"""The events of a made-up town: their days, who has a seat, who waits, and who helps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.events.kinds import (
    EventAudience,
    EventStatus,
    HelperStatus,
    OccurrenceStatus,
    RegistrationStatus,
)
from campaigns.events.models import (
    CommunityEvent,
    EventHelper,
    EventOccurrence,
    EventPlace,
    EventRegistration,
    EventRole,
)
from campaigns.events.wall import local_of, write_local
from core.ids import CODE_ALPHABET, new_id
from people.kinds import Precision

FREE, FULL, KEPT, NOW, OVER, DRAFT = range(6)
STARTS_IN = {
    FREE: timedelta(days=6),
    FULL: timedelta(days=7),
    KEPT: timedelta(days=8),
    NOW: timedelta(hours=1),
    OVER: timedelta(days=-1),
    DRAFT: timedelta(days=9),
}
LENGTH = timedelta(hours=2)


@dataclass
class TownEvents:
    """Adds events; the ids of what it added.

    Of the first six events the second one is full: the first resident and the first volunteer have
    two seats each, and others have one. On the third seats are kept for the same two. The fourth is
    about to begin, the fifth is over, the sixth a draft; the first has free seats and a role.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    event_ids: list[UUID] = field(default_factory=list)
    day_ids: list[UUID] = field(default_factory=list)
    registration_ids: dict[tuple[int, UUID], UUID] = field(default_factory=dict)
    """By number of the event and person."""
    helper_ids: dict[tuple[int, UUID], UUID] = field(default_factory=dict)
    role_id: UUID = field(default_factory=new_id)
    code: str = ""
    """For the door of the event that is about to begin."""

    def add_all(self) -> None:
        """Everything; `scale` further events, and as many sign-ups for the full one."""
        people = self.people
        resident_id, volunteer_id = people.resident_ids[0], people.volunteer_person_ids[0]
        other_id = people.resident_ids[1]
        guests = people.volunteer_person_ids[1 : people.scale]
        for number, starts_in in STARTS_IN.items():
            capacity = 5 + len(guests) if number == FULL else 20
            self._add_event(number, self.now + starts_in, capacity)
        for number in range(people.scale):
            self._add_event(len(STARTS_IN) + number, self.now + timedelta(days=20 + number), 20)
        seated, offered = RegistrationStatus.SEATED, RegistrationStatus.OFFERED
        for person_id, size in ((resident_id, 2), (volunteer_id, 2), (other_id, 1)):
            self._sign_up(FULL, person_id, seated, size)
            self._sign_up(KEPT, person_id, offered)
            self._add_helper(FULL, person_id, HelperStatus.INVITED)
        for person_id in guests:
            self._sign_up(FULL, person_id, seated)
            self._add_helper(FULL, person_id, HelperStatus.VOLUNTEERED)
        self._sign_up(NOW, guests[0], seated)
        self._add_helper(FREE, guests[0], HelperStatus.VOLUNTEERED)

    def _add_event(self, number: int, starts_at: datetime, capacity: int) -> None:
        community = self.people.community
        place = self._make_place(is_public=number != FULL)
        zone = ZoneInfo(community.time_zone)
        event = CommunityEvent(
            id=new_id(),
            community_id=community.id,
            status=EventStatus.DRAFT if number == DRAFT else EventStatus.PUBLISHED,
            audience=EventAudience.PUBLIC,
            title=f"Repair evening {number + 1:03}",
            description="Bring your lamp.",
            place_id=place.id,
            time_zone=zone.key,
            starts_local=write_local(local_of(starts_at, zone)),
            duration_s=int(LENGTH.total_seconds()),
            rule=None,
            capacity=capacity,
            max_party=4,
            confirm_s=86_400,
            sequence=0,
            created_by=self.people.manager_id,
            created_at=self.people.since,
            updated_at=self.people.since,
        )
        day = EventOccurrence(
            id=new_id(),
            event_id=event.id,
            community_id=community.id,
            status=OccurrenceStatus.SCHEDULED,
            recurs_at=starts_at,
            starts_at=starts_at,
            ends_at=starts_at + LENGTH,
            capacity=capacity,
            taken_count=0,
            last_number=0,
            came_count=0,
            no_show_count=0,
            sequence=0,
            changed_at=self.people.since,
        )
        for row in (place, event, day):
            self.rows.add(row)
        self.event_ids.append(event.id)
        self.day_ids.append(day.id)
        if number == FREE:
            self._add_role(event.id)

    def _add_role(self, event_id: UUID) -> None:
        self.rows.add(
            EventRole(
                id=self.role_id,
                event_id=event_id,
                code="greeter",
                label="Greeter",
                wanted_count=2,
                abilities=[],
            )
        )

    def _make_place(self, *, is_public: bool) -> EventPlace:
        return EventPlace(
            id=new_id(),
            name=f"The hall of {self.people.community.slug}",
            address_text="1 Imaginary Street",
            lon_deg=-71.1106,
            lat_deg=42.3736,
            cell=None,
            area=self.people.areas[0],
            precision=Precision.ROOFTOP,
            is_public=is_public,
        )

    def _sign_up(
        self, number: int, person_id: UUID, status: RegistrationStatus, party_size: int = 1
    ) -> None:
        day = self._day(number)
        day.last_number += 1
        day.taken_count += party_size
        at = day.last_number
        letters = len(CODE_ALPHABET)
        code = "".join(CODE_ALPHABET[at // letters**place % letters] for place in range(6))
        if number == NOW:
            self.code = code
        row = EventRegistration(
            id=new_id(),
            occurrence_id=day.id,
            community_id=day.community_id,
            person_id=person_id,
            status=status,
            number=at,
            party_size=party_size,
            signed_up_at=self.people.since,
            changed_at=self.people.since,
            offered_until_at=(
                self.now + timedelta(hours=20) if status is RegistrationStatus.OFFERED else None
            ),
            offer_count=int(status is RegistrationStatus.OFFERED),
            expired_count=0,
            sequence=0,
            check_in_code=code,
            came_count=0,
        )
        self.rows.add(row)
        self.registration_ids[number, person_id] = row.id

    def _add_helper(self, number: int, person_id: UUID, status: HelperStatus) -> None:
        day = self._day(number)
        row = EventHelper(
            id=new_id(),
            occurrence_id=day.id,
            community_id=day.community_id,
            person_id=person_id,
            role_id=self.role_id if number == FREE else None,
            status=status,
            is_own_offer=status is HelperStatus.VOLUNTEERED,
            created_at=self.people.since,
            changed_at=self.people.since,
        )
        self.rows.add(row)
        self.helper_ids[number, person_id] = row.id

    def _day(self, number: int) -> EventOccurrence:
        key = self.day_ids[number]
        for row in self.rows.waiting:
            if isinstance(row, EventOccurrence) and row.id == key:
                return row
        raise LookupError(f"There is no day {number} among the rows that wait.")
