"""Who asks: a resident who is known, or a new one, with home, consents and declarations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.db import Session
from matching.imports import fields
from matching.imports.country import phone_region_of
from matching.imports.errors import CellRefused
from matching.imports.records import Place
from matching.intake import repository
from matching.intake.commands import Declares, NewResident, TakeRequest
from matching.intake.duplicates import SIMILAR_NAME, Sketch, name_likeness, normal_contact
from matching.intake.eligibility import Facts
from matching.intake.errors import ConsentMissing, InvalidRequest, RequestNotYours
from matching.intake.kinds import IntakeChannel
from matching.intake.models import Declaration
from matching.intake.nearby_repository import list_homes_asked_for
from matching.intake.repository import Home
from matching.volunteering.profile import is_same_place
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Channel, PlaceKind, Precision, Purpose, Role
from people.models import (
    Community,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonName,
    Preferences,
)
from people.repository import find_consent

CONSENT_VERSION = "intake-1"
MOVED_M = 60.0
_SOURCES = {
    IntakeChannel.WEB: "form",
    IntakeChannel.SMS: "sms",
    IntakeChannel.IMPORT: "import",
}


@dataclass(frozen=True)
class Resident:
    """Somebody who needs help, as the checks see them."""

    person: Person
    home: Home
    doubts: tuple[str, ...]
    """Why a person should look: code words."""


async def resolve_resident(
    session: Session, actor: Actor, community: Community, command: TakeRequest, now: datetime
) -> Resident:
    """Find the resident of a call for help, or register them.

    Raises
    ------
    RequestNotYours
        When the actor may not ask for this person; unknown people answer alike.
    """
    if command.resident_id is not None:
        return await _known(session, actor, community, command, now)
    assert command.resident is not None
    return await _described(session, actor, community, command.resident, now)


async def _known(
    session: Session, actor: Actor, community: Community, command: TakeRequest, now: datetime
) -> Resident:
    person_id = command.resident_id
    assert person_id is not None
    person = await repository.find_resident(session, person_id)
    own = actor.person_id == person_id
    allowed = person is not None and (
        own
        or (
            actor.is_staff(community.id)
            and (actor.is_system or await repository.is_member(session, person_id, community.id))
        )
    )
    if person is None or not allowed:
        raise RequestNotYours("You cannot ask for help for this person.")
    if person.household_id is None and command.home is not None:
        household = await _add_household(session, community, command.home, now)
        person.household_id = household.id
        await session.flush()
    if person.household_id is None:
        raise InvalidRequest("This person has no home on record; give the address first.")
    home = await repository.find_home(session, person.household_id)
    if home is None:
        raise InvalidRequest("This person has no address on record; give the address first.")
    if command.home is not None:
        home = await _find_or_add_place(session, community, person, command.home, now)
    return Resident(person, home, ())


async def _find_or_add_place(
    session: Session, community: Community, person: Person, place: Place, now: datetime
) -> Home:
    """Where somebody asks for help, who goes on living where they live."""
    for known in await list_homes_asked_for(session, person.id):
        if is_same_place(known, place):
            address = known.address
            return Home(known, address.lon_deg, address.lat_deg, address.unit or "")
    household = await _add_household(session, community, place, now)
    return Home(household, place.lon_deg, place.lat_deg, place.unit or "")


async def _described(
    session: Session, actor: Actor, community: Community, new: NewResident, now: datetime
) -> Resident:
    """Somebody by name, contact and address: joined with a person who is the same."""
    contacts = read_contacts(new, community)
    doubts = [] if actor.is_staff(community.id) else ["contact_not_verified"]
    others = await repository.list_people_with_contacts(
        session, community.id, [value for _, value in contacts]
    )
    for other in others:
        name = "" if other.name is None else other.name.full_name
        if name_likeness(name, new.name) < SIMILAR_NAME or other.household_id is None:
            continue
        person = await repository.find_resident(session, other.id)
        home = await repository.find_home(session, other.household_id)
        if person is None or home is None:
            continue
        if _apart_m(home, new.place) > MOVED_M:
            doubts.append("other_address")
        return Resident(person, home, tuple(doubts))
    if others:
        doubts.append("contact_of_another")
    person, home = await _register(session, community, new, contacts, now)
    return Resident(person, home, tuple(doubts))


def read_contacts(new: NewResident, community: Community) -> list[tuple[Channel, str]]:
    """Mail address and phone number in their normal form."""
    region = phone_region_of(community.time_zone)
    try:
        email = fields.parse_email("email", (new.email or "").strip())
        phone = fields.parse_phone("phone", (new.phone or "").strip(), region=region)
    except CellRefused as refused:
        problem = refused.problem
        raise InvalidRequest(f"The {problem.column} {problem.message}. {problem.remedy}") from None
    found = [(Channel.EMAIL, email), (Channel.PHONE, phone)]
    if new.texts:
        found.insert(0, (Channel.SMS, phone))
    return [(channel, value) for channel, value in found if value]


def find_bad_contacts(community: Community, *, email: str, phone: str) -> tuple[str, ...]:
    """Which of the two cannot be: ``email``, ``phone``."""
    region = phone_region_of(community.time_zone)
    bad = []
    try:
        fields.parse_email("email", email.strip())
    except CellRefused:
        bad.append("email")
    try:
        fields.parse_phone("phone", phone.strip(), region=region)
    except CellRefused:
        bad.append("phone")
    return tuple(bad)


async def _add_household(
    session: Session, community: Community, place: Place, now: datetime
) -> Household:
    household = Household(
        community_id=community.id,
        kind=PlaceKind.HOME,
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


async def _register(
    session: Session,
    community: Community,
    new: NewResident,
    contacts: list[tuple[Channel, str]],
    now: datetime,
) -> tuple[Person, Home]:
    place = new.place
    household = await _add_household(session, community, place, now)
    person = Person(
        household_id=household.id,
        created_at=now,
        name=PersonName(full_name=new.name.strip()),
        preferences=Preferences(languages=list(new.languages) or [community.locale]),
        contact_points=[
            ContactPoint(channel=channel, value=value, preferred=position == 0)
            for position, (channel, value) in enumerate(contacts)
        ],
        memberships=[Membership(community_id=community.id, role=Role.RESIDENT, since=now)],
    )
    session.add(person)
    await session.flush()
    home = Home(household, place.lon_deg, place.lat_deg, place.unit or "")
    return person, home


def _apart_m(home: Home, place: Place) -> float:
    x_m, y_m = home.xy_m
    other_x_m, other_y_m = repository.to_plane(place.lon_deg, place.lat_deg)
    return float(((x_m - other_x_m) ** 2 + (y_m - other_y_m) ** 2) ** 0.5)


def sketch_of(
    resident: Resident, command: TakeRequest, windows: tuple[tuple[datetime, datetime], ...]
) -> Sketch:
    """What the new request is compared by."""
    person, home = resident.person, resident.home
    x_m, y_m = home.xy_m
    return Sketch(
        request_id=None,
        kind=command.kind,
        windows=windows,
        resident_id=person.id,
        household_id=home.household.id,
        name="" if person.name is None else person.name.full_name,
        contacts=frozenset(normal_contact(point.value) for point in person.contact_points),
        x_m=x_m,
        y_m=y_m,
        unit=home.unit,
    )


# --- consents and declarations --------------------------------------------------------------------


async def store_consents(
    session: Session, actor: Actor, resident: Resident, command: TakeRequest, now: datetime
) -> None:
    """Write down what the resident agreed to, where the ledger does not say so already."""
    if "contact_not_verified" in resident.doubts and resident.person.created_at != now:
        # Somebody who has not shown who they are changes nothing of a person who is known.
        return
    recorder = actor if actor.person_id is not None else Actor.system()
    if not recorder.is_staff(command.community_id) and recorder.person_id != resident.person.id:
        recorder = Actor.system()
    for purpose in dict.fromkeys(command.consents):
        if (
            await find_consent(
                session, resident.person.id, purpose, community_id=command.community_id
            )
            is not None
        ):
            continue
        await record_consent(
            session,
            recorder,
            RecordConsent(
                person_id=resident.person.id,
                community_id=command.community_id,
                purpose=purpose,
                granted=True,
                text_version=CONSENT_VERSION,
                source=_SOURCES.get(command.channel, "phone"),
            ),
            now=now,
        )


async def store_declaration(
    session: Session, resident: Resident, command: TakeRequest, now: datetime
) -> Declaration | None:
    """Keep what was declared, and say all that is now on record.

    Raises
    ------
    ConsentMissing
        When something was declared without a consent to match by it.
    """
    person_id, community_id = resident.person.id, command.community_id
    stored = await repository.find_declaration(session, person_id, community_id)
    declares = command.declares
    if declares is None or declares == Declares():
        return stored
    if "contact_not_verified" in resident.doubts and resident.person.created_at != now:
        return stored
    consent = await find_consent(session, person_id, Purpose.MATCHING, community_id=community_id)
    if consent is None:
        raise ConsentMissing(
            "Age and disability may be kept only when the resident agrees to it: record the "
            "consent 'matching', or leave them out."
        )
    if stored is None:
        stored = Declaration(
            person_id=person_id,
            community_id=community_id,
            consent_id=consent.id,
            declared_at=now,
        )
        session.add(stored)
    for name in ("birth_year", "at_least_age", "has_disability", "has_no_other_help"):
        value = getattr(declares, name)
        if value is not None:
            setattr(stored, name, value)
    stored.consent_id = consent.id
    stored.declared_at = now
    await session.flush()
    return stored


def facts_of(home: Home | None, declaration: Declaration | None, today: date) -> Facts:
    """What the eligibility rules may look at. An age that was declared grows with the years."""
    area = None if home is None else home.household.area
    cell = None if home is None else home.household.cell
    inside = is_known_inside(area, cell)
    if declaration is None:
        return Facts(area=area, is_inside=inside)
    at_least = declaration.at_least_age
    if at_least is not None:
        at_least += max(0, today.year - declaration.declared_at.year - 1)
    return Facts(
        birth_year=declaration.birth_year,
        at_least_age=at_least,
        has_disability=declaration.has_disability,
        has_no_other_help=declaration.has_no_other_help,
        area=area,
        is_inside=inside,
    )


def is_known_inside(area: str | None, cell: int | None) -> bool | None:
    """Whether a place is known to lie in the programme's boundary."""
    return None if area is None and cell is None else True
