"""A resident and a volunteer of whom a bit of everything is kept; a whole database as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import inspect, select, text

from core.clock import FixedClock
from core.db import Database, Session
from matching.intake.kinds import ContactChoice, TextStep
from matching.intake.models import Declaration, RequestAccess, RequestCaller, TextDialogue
from matching.kinds import DocumentKind, RoundStatus
from matching.models import Assignment, HelpRequest
from matching.notifications import notify_request_received
from matching.offers.answering import accept_offer
from matching.offers.visit_models import VisitPhoto
from matching.rounds.models import Round, RoundDocument
from matching.volunteering.teams import FormTeam, NewMember, form_team
from messaging.conversation_models import Thread
from messaging.conversations import post_message
from messaging.inbound_models import InboundText
from people.auth import Actor
from people.kinds import Channel, Purpose
from people.links import LinkTo, create_link
from people.models import (
    Community,
    ContactPoint,
    HouseholdAddress,
    Membership,
    Person,
    PersonName,
)
from people.safeguard_models import VettingItem
from people.signing_in.kinds import Method
from people.signing_in.magic_links import ask_for_link
from people.signing_in.models import ApiToken, OidcIdentity, Password
from people.signing_in.sessions import start_sign_in
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.messages import give_consent
from tests.factories.people import LONG_AGO, add_community

MARKS = {
    "resident": (
        "Wilhelmina",
        "Quartz",
        "wilhelmina@mail.example",
        "6175550199",
        "4711 Geheim",
        "Unit 93",
        "blue pot",
        "Caller Zwickel",
        "327123.4",
        "row-of-wilma",
    ),
    "volunteer": (
        "Anastasia",
        "Feldspar",
        "anastasia@mail.example",
        "6175550177",
        "815 Verborgen",
        "The Feldspars",
        "Bartholomew",
        "327555.5",
        "row-of-ana",
    ),
}
"""What tells who each of them is, in words that stand nowhere else."""


@dataclass(frozen=True)
class Town:
    """Two people who have met, and one visit that is agreed."""

    community: Community
    asked: Asked
    work: Assignment

    def person_id(self, who: str) -> UUID:
        request = self.asked.requests[0]
        return request.resident_id if who == "resident" else self.asked.volunteer.person_id


async def add_town(session: Session, clock: FixedClock) -> Town:
    community = await add_community(session)
    storm = await add_storm(session, community)
    requests = await add_homes(session, community, storm, 3)
    asked = await ask_volunteer(session, community, storm, requests, planned=2)
    request, volunteer = requests[0], asked.volunteer
    for person_id, home_id, marks in (
        (request.resident_id, request.household_id, MARKS["resident"]),
        (volunteer.person_id, volunteer.home_id, MARKS["volunteer"]),
    ):
        await _identify(session, community, (person_id, home_id), marks)
    address = await session.get_one(HouseholdAddress, request.household_id)
    address.unit = "Unit 93"
    await _tell(session, community, request, clock)
    await _help(session, community, asked, clock)
    await _plan(session, asked, clock)
    work = await accept_offer(session, Actor.system(), asked.offers[0].id, now=clock.now())
    await _meet(session, request, volunteer.person_id, work, clock)
    await _enter(session, volunteer.person_id, clock)
    return Town(community, asked, work)


async def _identify(session: Session, community: Community, keys: tuple, marks: tuple) -> None:  # type: ignore[type-arg]  # ids and words
    person_id, home_id = keys
    first, last, mail, number, street = marks[:5]
    person = await session.get_one(Person, person_id)
    person.household_id = home_id
    name = await session.get_one(PersonName, person_id)
    name.full_name, name.call_name = f"{first} {last}", first
    (await session.get_one(HouseholdAddress, home_id)).address_text = f"{street} Street"
    for channel, value in ((Channel.EMAIL, mail), (Channel.SMS, f"+1{number}")):
        session.add(
            ContactPoint(person_id=person_id, channel=channel, value=value, verified_at=LONG_AGO)
        )
    member = await session.scalar(select(Membership).where(Membership.person_id == person_id))
    assert member is not None
    member.source_key = marks[-1]
    for purpose in (Purpose.MATCHING, Purpose.OFFERS):
        await give_consent(session, community, person, purpose)
    await session.flush()


async def _tell(
    session: Session, community: Community, request: HelpRequest, clock: FixedClock
) -> None:
    consent = await give_consent(
        session, community, await session.get_one(Person, request.resident_id), Purpose.MATCHING
    )
    request.source_key = "row-of-wilma"
    session.add_all(
        [
            RequestAccess(
                request_id=request.id,
                access_notes="Key under the blue pot",
                contact_choice=ContactChoice.PHONE,
            ),
            RequestCaller(request_id=request.id, caller_name="Caller Zwickel"),
            Declaration(
                person_id=request.resident_id,
                community_id=community.id,
                birth_year=1941,
                consent_id=consent.id,
                declared_at=clock.now(),
            ),
            TextDialogue(
                person_id=request.resident_id,
                community_id=community.id,
                step=TextStep.KIND,
                updated_at=clock.now(),
            ),
        ]
    )
    await notify_request_received(session, request, now=clock.now())


async def _help(session: Session, community: Community, asked: Asked, clock: FixedClock) -> None:
    volunteer = asked.volunteer
    team = FormTeam(volunteer.id, "The Feldspars", 2, (NewMember("Bartholomew Feldspar"),))
    await form_team(session, Actor.system(), team, now=clock.now())
    volunteer.source_key = "row-of-ana"
    session.add(
        VettingItem(
            community_id=community.id,
            person_id=volunteer.person_id,
            code="training",
            status="passed",
            valid_from=LONG_AGO,
            recorded_at=LONG_AGO,
        )
    )
    await session.flush()


async def _plan(session: Session, asked: Asked, clock: FixedClock) -> None:
    """A round that has kept where everybody lives, in metres."""
    row = Round(
        community_id=asked.ask.community_id,
        status=RoundStatus.FINISHED,
        started_at=clock.now(),
        lease_until=clock.now(),
        horizon_start_at=clock.now(),
        horizon_end_at=clock.now(),
        seed=1,
    )
    session.add(row)
    await session.flush()
    short = f"V-{asked.volunteer.id.hex[-8:].upper()}"
    body = {
        "requests": [{"id": asked.requests[0].reference, "x_m": 327_123.4, "y_m": 4_692_000.0}],
        "volunteers": [{"id": short, "x_m": 327_555.5, "y_m": 4_692_000.0}],
    }
    session.add(RoundDocument(round_id=row.id, kind=DocumentKind.PROBLEM, body=body))
    await session.flush()


async def _meet(
    session: Session,
    request: HelpRequest,
    helper_id: UUID,
    work: Assignment,
    clock: FixedClock,
) -> None:
    thread = (await session.scalars(select(Thread).where(Thread.subject_id == work.id))).one()
    for number, (person_id, words) in enumerate(
        (
            (request.resident_id, "Wilhelmina here. Is Anastasia coming to 4711 Geheim Street?"),
            (helper_id, "Yes, Mrs. QUARTZ, this is Anastasia Feldspar."),
        )
    ):
        await post_message(session, Actor(person_id=person_id), thread.id, words, now=clock.now())
        session.add(
            InboundText(
                provider_id=f"SM{number}",
                person_id=person_id,
                sender_digest="0" * 64,
                verb="yes",
                received_at=clock.now(),
                reply="Thank you, Wilhelmina and Anastasia.",
            )
        )
        link = LinkTo(
            action="request",
            person_id=person_id,
            subject_id=request.id,
            expires_at=clock.now() + timedelta(days=1),
        )
        await create_link(session, link, now=clock.now())
    session.add(
        VisitPhoto(
            assignment_id=work.id,
            media_type="image/jpeg",
            width_px=1,
            height_px=1,
            content=b"blue pot of 4711 Geheim",
            content_digest="0" * 64,
            created_at=clock.now(),
        )
    )
    await session.flush()


async def _enter(session: Session, person_id: UUID, clock: FixedClock) -> None:
    """Every way in that a person can have."""
    await start_sign_in(session, person_id, Method.LINK, device="firefox_on_linux", now=clock.now())
    await ask_for_link(
        session, MARKS["volunteer"][2], next_path="/", language="en", now=clock.now()
    )
    session.add_all(
        [
            Password(person_id=person_id, password_hash="$argon2id$", set_at=clock.now()),
            ApiToken(
                token_digest="1" * 64,
                person_id=person_id,
                name="Map of The Feldspars",
                scopes=["offers:read"],
                created_at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
            ),
            OidcIdentity(
                issuer_digest="2" * 64,
                subject_digest="3" * 64,
                person_id=person_id,
                linked_at=clock.now(),
            ),
        ]
    )
    await session.flush()


async def dump(database: Database) -> str:
    """Every value of every table, as text."""
    async with database.read() as session:
        connection = await session.connection()
        tables = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
        values = []
        for table in tables:
            for row in await session.execute(text(f'SELECT * FROM "{table}"')):
                values += [
                    value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
    return "\n".join(values)


def find_marks(dumped: str, who: str) -> list[str]:
    """What still tells who somebody is."""
    small = dumped.lower()
    return [mark for mark in MARKS[who] if mark.lower() in small]
