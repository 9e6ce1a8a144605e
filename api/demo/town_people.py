"""The people of a made-up town: residents, volunteers and staff, their homes and their tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.town_rows import TownRows
from core.ids import new_id
from matching.kinds import BanSide, TravelMode
from matching.models import AvailabilityWindow, Ban, SeasonPair, Volunteer, WeeklyHours
from matching.volunteering.models import AwayPeriod, Depot, Team, TeamMember, ToolLoan, ToolStock
from people.kinds import AbilityKind, Channel, PlaceKind, Precision, Purpose, Role, VettingStatus
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
from people.safeguard_models import GuardianConsent, Minor, VettingItem

JOINED_BEFORE = timedelta(days=60)
ABILITIES = (
    (AbilityKind.TOOL, "shovel", "a snow shovel"),
    (AbilityKind.TOOL, "salt", "salt or sand"),
    (AbilityKind.TOOL, "snow_blower", "a snow blower"),
)
LANGUAGES = (["en"], ["en", "es"], ["es"], ["en", "pt"])
DEPOTS = 4


@dataclass(frozen=True)
class Place:
    """A home."""

    address_text: str
    lon_deg: float
    lat_deg: float
    cell: int
    area: str


@dataclass
class TownPeople:
    """Adds the people of one town; the ids of what it added."""

    rows: TownRows
    community: Community
    scale: int
    now: datetime
    manager_id: UUID = field(default_factory=new_id)
    coordinator_id: UUID = field(default_factory=new_id)
    resident_ids: list[UUID] = field(default_factory=list)
    volunteer_ids: list[UUID] = field(default_factory=list)
    volunteer_person_ids: list[UUID] = field(default_factory=list)
    household_ids: list[UUID] = field(default_factory=list)
    """Those of the residents, then those of the volunteers."""
    contact_ids: dict[UUID, UUID] = field(default_factory=dict)
    """The mail address of each person."""
    guardian_consent_ids: list[UUID] = field(default_factory=list)
    away_ids: list[UUID] = field(default_factory=list)
    ban_ids: list[UUID] = field(default_factory=list)
    depot_ids: list[UUID] = field(default_factory=list)
    ability_ids: list[UUID] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    """Where the homes lie, each neighbourhood once."""

    @property
    def since(self) -> datetime:
        """When everybody joined."""
        return self.now - JOINED_BEFORE

    def add_all(self, places: Sequence[Place]) -> None:
        """Everybody, in the order of the places."""
        self.areas = list(dict.fromkeys(place.area for place in places))
        self._add_abilities()
        self.add_person(self.manager_id, Role.MANAGER, 0, None)
        self.add_person(self.coordinator_id, Role.COORDINATOR, 0, None)
        for number in range(self.scale):
            home = self.add_home(places[number])
            person_id = self.add_person(new_id(), Role.RESIDENT, number, home)
            self.resident_ids.append(person_id)
        for number in range(self.scale):
            home = self.add_home(places[self.scale + number])
            self._add_volunteer(number, home)
        self._add_depots(places)
        self._add_pairs()
        self._add_minors()

    def _add_abilities(self) -> None:
        for kind, code, label in ABILITIES:
            row = Ability(
                id=new_id(), community_id=self.community.id, kind=kind, code=code, label=label
            )
            self.rows.add(row)
            self.ability_ids.append(row.id)

    def add_home(self, place: Place, kind: PlaceKind = PlaceKind.HOME) -> UUID:
        """A household at a place."""
        home = Household(
            id=new_id(),
            community_id=self.community.id,
            kind=kind,
            cell=place.cell,
            area=place.area,
            precision=Precision.ROOFTOP,
            created_at=self.since,
            address=HouseholdAddress(
                address_text=place.address_text, lon_deg=place.lon_deg, lat_deg=place.lat_deg
            ),
        )
        self.rows.add(home)
        self.household_ids.append(home.id)
        return home.id

    def add_person(self, key: UUID, role: Role, number: int, home: UUID | None) -> UUID:
        """Somebody with name, contacts and consents."""
        slug, word = self.community.slug, role.value
        self.rows.add(
            Person(
                id=key,
                household_id=home,
                is_synthetic=True,
                created_at=self.since,
                name=PersonName(full_name=f"Synthetic {slug.title()} {word.title()} {number + 1}"),
                preferences=Preferences(languages=LANGUAGES[number % len(LANGUAGES)]),
                memberships=[
                    Membership(community_id=self.community.id, role=role, since=self.since)
                ],
                contact_points=[
                    ContactPoint(
                        id=self.contact_ids.setdefault(key, new_id()),
                        channel=Channel.EMAIL,
                        value=f"{word}-{number + 1}@{slug}.example",
                        preferred=True,
                        verified_at=self.since,
                    ),
                    ContactPoint(
                        channel=Channel.SMS,
                        value=f"+161755501{number % 100:02d}",
                        verified_at=self.since,
                    ),
                ],
            )
        )
        for purpose in (Purpose.MATCHING, Purpose.OFFERS):
            self.rows.add(
                Consent(
                    person_id=key,
                    community_id=self.community.id,
                    purpose=purpose,
                    text_version="demo-1",
                    granted=True,
                    recorded_by=key,
                    recorded_at=self.since,
                    source="form",
                )
            )
        return key

    def _add_volunteer(self, number: int, home: UUID) -> None:
        person_id = self.add_person(new_id(), Role.VOLUNTEER, number, home)
        volunteer = Volunteer(
            id=new_id(),
            community_id=self.community.id,
            person_id=person_id,
            home_id=home,
            mode=(TravelMode.WALK, TravelMode.BIKE, TravelMode.CAR)[number % 3],
            max_tasks=3,
            max_work_s=10_800,
            max_travel_s=1_200,
            created_at=self.since,
            updated_at=self.since,
            windows=[AvailabilityWindow(starts_at=self.now, ends_at=self.now + timedelta(hours=6))],
            weekly_hours=[WeeklyHours(weekday=5, start_min=9 * 60, end_min=17 * 60)],
            away=[
                AwayPeriod(
                    id=new_id(),
                    first_day=(self.now + timedelta(days=20)).date(),
                    last_day=(self.now + timedelta(days=27)).date(),
                )
            ],
        )
        self.away_ids.append(volunteer.away[0].id)
        self.rows.add(volunteer)
        self.volunteer_ids.append(volunteer.id)
        self.volunteer_person_ids.append(person_id)
        self.rows.add(PersonAbility(person_id=person_id, ability_id=self.ability_ids[0]))
        self.rows.add(
            VettingItem(
                community_id=self.community.id,
                person_id=person_id,
                code="training",
                status=VettingStatus.PASSED,
                valid_from=self.since,
                recorded_by=self.coordinator_id,
                recorded_at=self.since,
            )
        )
        if number % 4 == 1:
            self._add_team(volunteer.id, number)

    def _add_team(self, volunteer_id: UUID, number: int) -> None:
        slug = self.community.slug
        friend = Person(
            id=new_id(),
            is_synthetic=True,
            created_at=self.since,
            name=PersonName(full_name=f"Synthetic {slug.title()} Friend {number + 1}"),
        )
        self.rows.add(friend)
        self.rows.add(
            Team(
                volunteer_id=volunteer_id,
                name=f"The {slug.title()} Friends {number + 1}",
                size=2,
                members=[TeamMember(person_id=friend.id, joined_at=self.since)],
            )
        )

    def _add_depots(self, places: Sequence[Place]) -> None:
        """Places that lend tools, and a tool on loan to every volunteer but the first."""
        stocks = []
        for number in range(max(DEPOTS, self.scale)):
            home = self.add_home(places[number % len(places)], PlaceKind.OTHER)
            depot = Depot(
                id=new_id(),
                community_id=self.community.id,
                household_id=home,
                code=f"depot-{number + 1}",
                name=f"Tool library {number + 1}",
                hours=["Sat 9:00-12:00"],
                created_at=self.since,
            )
            self.rows.add(depot)
            self.depot_ids.append(depot.id)
            stock = ToolStock(
                id=new_id(), depot_id=depot.id, ability_id=self.ability_ids[2], owned=3, lent=0
            )
            self.rows.add(stock)
            stocks.append(stock)
        for number, volunteer_id in enumerate(self.volunteer_ids):
            if number == 0:
                continue
            stocks[number].lent += 1
            self.rows.add(
                ToolLoan(
                    stock_id=stocks[number].id,
                    volunteer_id=volunteer_id,
                    ability_id=self.ability_ids[2],
                    lent_at=self.now - timedelta(hours=20),
                    due_at=self.now + timedelta(hours=28),
                    handed_at=self.now - timedelta(hours=18),
                )
            )

    def _add_pairs(self) -> None:
        """Season pairs with a neighbour, and bans with the next one."""
        for number, volunteer_id in enumerate(self.volunteer_ids):
            self.rows.add(
                SeasonPair(
                    community_id=self.community.id,
                    volunteer_id=volunteer_id,
                    resident_id=self.resident_ids[(number + 1) % self.scale],
                    valid_from=self.since.date(),
                    valid_until=(self.now + timedelta(days=90)).date(),
                    bonus_m=500.0,
                )
            )
            ban = Ban(
                id=new_id(),
                community_id=self.community.id,
                volunteer_id=volunteer_id,
                resident_id=self.resident_ids[(number + 2) % self.scale],
                created_at=self.since,
                created_by=self.coordinator_id,
                asked_by=BanSide.VOLUNTEER if number == 0 else BanSide.RESIDENT,
                reason="wish",
            )
            self.rows.add(ban)
            self.ban_ids.append(ban.id)

    def _add_minors(self) -> None:
        """Two residents under 18, with the first resident and the first volunteer as guardians."""
        guardians = (self.resident_ids[0], self.volunteer_person_ids[0])
        for guardian_id, minor_id in zip(guardians, self.resident_ids[2:], strict=False):
            self.rows.add(Minor(person_id=minor_id, recorded_at=self.since))
            row = GuardianConsent(
                id=new_id(),
                community_id=self.community.id,
                minor_id=minor_id,
                guardian_id=guardian_id,
                kinds=["snow"],
                text_version="demo-1",
                source="form",
                recorded_by=guardian_id,
                granted_at=self.since,
                valid_until=self.now + timedelta(days=365),
            )
            self.rows.add(row)
            self.guardian_consent_ids.append(row.id)
