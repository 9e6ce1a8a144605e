from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

import matching.notifications as notifications
from core.db import Database, Session
from core.ids import new_id
from core.sms import count_segments
from matching.intake.kinds import Cadence, ContactChoice, IntakeChannel, StandingStatus, Verdict
from matching.intake.models import RequestAccess, StandingRequest
from matching.kinds import (
    AskOrigin,
    AskStatus,
    OfferStatus,
    RequestKind,
    StormStatus,
)
from matching.models import Assignment, HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import Ask, AskedHome
from matching.telling.values import EMAILS, fold_for_text
from messaging.kinds import MessageStatus
from messaging.models import Message, MessageWords
from people.kinds import Channel, Purpose, Role
from people.models import (
    Community,
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
    Person,
    PersonName,
    Preferences,
)
from tests.factories.matching import add_offer, add_request, add_volunteer
from tests.factories.people import LONG_AGO, add_community, add_person
from tests.ids import drop_ids

NOW = datetime(2026, 1, 15, 17, 0, tzinfo=UTC)
ADDRESS, UNIT = "4711 Geheim <Street>", "Unit 93"
RESIDENT_NAME, RESIDENT_PHONE = "Wilhelmina Quartz", "+16175550199"
RESIDENT_MAIL, NOTES = "wilhelmina.quartz@example.org", "Key under the blue <pot> & ring"
LON_DEG, LAT_DEG = -71.123457, 42.371234
EXACT = (
    "4711",
    "Geheim",
    "Unit 93",
    "Wilhelmina",
    "Quartz",
    "5550199",
    "quartz@",
    "blue",
    "71.12",
    "42.37",
)
"""Parts of what a volunteer must not know before a yes."""
BEFORE_YES = ("notify_offer", "notify_substitute", "notify_taken", "notify_storm_volunteer")


@dataclass
class Scene:
    """Everything that a message may be about."""

    community: Community
    storm: Storm
    request: HelpRequest
    standing: StandingRequest
    volunteer: Volunteer
    staff: Person
    ask: Ask
    offer: Offer
    work: Assignment


async def set_scene(session: Session, language: str) -> Scene:
    community = await add_community(session)
    storm = Storm(community_id=community.id, status=StormStatus.ACTIVE, created_at=LONG_AGO)
    session.add(storm)
    request = await add_request(session, community, scope=["sidewalk", "steps"], deadline_at=NOW)
    request.storm_id = storm.id
    request.weight = 9.0
    await _hide_exact_facts(session, request)
    volunteer = await add_volunteer(session, community)
    staff = await add_person(session, community, role=Role.MANAGER)
    for person_id in (request.resident_id, volunteer.person_id, staff.id):
        await _let_hear(session, community, person_id, language)
    ask, offer, work = await _ask_and_agree(session, storm, request, volunteer)
    standing = _standing(request)
    session.add(standing)
    await session.flush()
    return Scene(community, storm, request, standing, volunteer, staff, ask, offer, work)


async def _hide_exact_facts(session: Session, request: HelpRequest) -> None:
    address = await session.get_one(HouseholdAddress, request.household_id)
    address.address_text, address.unit = ADDRESS, UNIT
    address.lon_deg, address.lat_deg = LON_DEG, LAT_DEG
    name = await session.get_one(PersonName, request.resident_id)
    name.full_name = RESIDENT_NAME
    session.add(
        ContactPoint(person_id=request.resident_id, channel=Channel.PHONE, value=RESIDENT_PHONE)
    )
    session.add(
        RequestAccess(request_id=request.id, access_notes=NOTES, contact_choice=ContactChoice.PHONE)
    )
    (await session.get_one(Household, request.household_id)).area = "Mid-Cambridge"
    await session.flush()


async def _let_hear(session: Session, community: Community, person_id: Any, language: str) -> None:
    preferences = await session.get_one(Preferences, person_id)
    preferences.languages = [language]
    session.add(
        ContactPoint(
            person_id=person_id,
            channel=Channel.EMAIL,
            value=f"{new_id().hex}@example.org",
            preferred=True,
            verified_at=LONG_AGO,
        )
    )
    for purpose in (Purpose.MATCHING, Purpose.OFFERS):
        session.add(
            Consent(
                person_id=person_id,
                community_id=community.id,
                purpose=purpose,
                text_version="1",
                granted=True,
                recorded_at=LONG_AGO,
                source="form",
            )
        )
    await session.flush()


async def _ask_and_agree(
    session: Session, storm: Storm, request: HelpRequest, volunteer: Volunteer
) -> tuple[Ask, Offer, Assignment]:
    ask = Ask(
        community_id=request.community_id,
        storm_id=storm.id,
        volunteer_id=volunteer.id,
        key=f"test:{new_id()}",
        origin=next(iter(AskOrigin)),
        status=AskStatus.PROPOSED,
        plan_p=0.5,
        willingness=0.5,
        life_s=5_400,
        proposed_at=NOW,
    )
    session.add(ask)
    offer = await add_offer(session, request, volunteer, status=OfferStatus.SENT)
    await session.flush()
    offer.ask_id = ask.id
    session.add(
        AskedHome(
            ask_id=ask.id,
            request_id=request.id,
            position=0,
            in_plan=True,
            accept_p=0.5,
            travel_s=437,
            travel_m=611,
            travel_bucket="5_to_10_min",
            radius_share=0.4,
        )
    )
    work = Assignment(
        community_id=request.community_id,
        request_id=request.id,
        volunteer_id=volunteer.id,
        offer_id=offer.id,
        seat=0,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        accepted_at=NOW,
    )
    session.add(work)
    await session.flush()
    return ask, offer, work


def _standing(request: HelpRequest) -> StandingRequest:
    return StandingRequest(
        community_id=request.community_id,
        resident_id=request.resident_id,
        household_id=request.household_id,
        kind=RequestKind.SNOW,
        cadence=Cadence.SEASON,
        status=StandingStatus.ACTIVE,
        valid_from=date(2025, 12, 1),
        valid_until=date(2026, 4, 30),
        scope=["sidewalk"],
        needs=[],
        languages=[],
        service_s=1_800,
        weight=1.0,
        crew_size=1,
        channel=IntakeChannel.WEB,
        verdict=Verdict.ELIGIBLE,
        verdict_version="1",
        verdict_reasons=[],
        review_reasons=[],
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


Call = Callable[[Session, Scene], Awaitable[Any]]
EXPIRES = date(2026, 2, 1)
CALLS: dict[str, Call] = {
    "notify_offer": lambda s, x: notifications.notify_offer(s, x.ask, now=NOW),
    "notify_substitute": lambda s, x: notifications.notify_substitute(s, x.offer, now=NOW),
    "notify_taken": lambda s, x: notifications.notify_taken(s, x.offer, now=NOW),
    "notify_agreed": lambda s, x: notifications.notify_agreed(s, x.work, now=NOW),
    "notify_on_the_way": lambda s, x: notifications.notify_on_the_way(s, x.work, now=NOW),
    "notify_check_in": lambda s, x: notifications.notify_check_in(s, x.work, now=NOW),
    "notify_done": lambda s, x: notifications.notify_done(s, x.work, now=NOW),
    "notify_thanks": lambda s, x: notifications.notify_thanks(s, x.work, now=NOW),
    "notify_not_done": lambda s, x: notifications.notify_not_done(s, x.work, now=NOW),
    "notify_cancelled_by_resident": lambda s, x: notifications.notify_cancelled_by_resident(
        s, x.work, now=NOW
    ),
    "notify_cancelled_by_volunteer": lambda s, x: notifications.notify_cancelled_by_volunteer(
        s, x.work, now=NOW
    ),
    "notify_visit_reminder": lambda s, x: notifications.notify_visit_reminder(
        s, x.work, "soon", now=NOW
    ),
    "notify_request_received": lambda s, x: notifications.notify_request_received(
        s, x.request, now=NOW
    ),
    "notify_request_in_review": lambda s, x: notifications.notify_request_in_review(
        s, x.request, now=NOW
    ),
    "notify_request_approved": lambda s, x: notifications.notify_request_approved(
        s, x.request, now=NOW
    ),
    "notify_request_declined": lambda s, x: notifications.notify_request_declined(
        s, x.request, reason="outside_area", now=NOW
    ),
    "notify_request_cancelled": lambda s, x: notifications.notify_request_cancelled(
        s, x.request, now=NOW
    ),
    "notify_not_served": lambda s, x: notifications.notify_not_served(
        s, x.request, "all_full", now=NOW
    ),
    "notify_standing_received": lambda s, x: notifications.notify_standing_received(
        s, x.standing, now=NOW
    ),
    "notify_standing_declined": lambda s, x: notifications.notify_standing_declined(
        s, x.standing, reason="not_eligible", now=NOW
    ),
    "notify_storm_resident": lambda s, x: notifications.notify_storm_resident(
        s, x.storm, x.request.resident_id, now=NOW
    ),
    "notify_storm_volunteer": lambda s, x: notifications.notify_storm_volunteer(
        s, x.storm, x.volunteer, now=NOW
    ),
    "notify_thanks_storm": lambda s, x: notifications.notify_thanks_storm(
        s, x.storm, x.volunteer, 3, now=NOW
    ),
    "notify_welcome": lambda s, x: notifications.notify_welcome(s, x.volunteer, now=NOW),
    "notify_pause_over": lambda s, x: notifications.notify_pause_over(s, x.volunteer, now=NOW),
    "notify_vetting_expires": lambda s, x: notifications.notify_vetting_expires(
        s, x.volunteer, "background check", EXPIRES, now=NOW
    ),
    "notify_weather_silent": lambda s, x: notifications.notify_weather_silent(
        s, x.storm, x.staff.id, now=NOW
    ),
    "notify_digest_staff": lambda s, x: notifications.notify_digest_staff(
        s, x.community.id, x.staff.id, {"review": 2, "failed": 1}, now=NOW
    ),
}


async def tell_all(
    database: Database, language: str
) -> dict[str, list[tuple[Message, MessageWords]]]:
    """Call everything once, and give back what was queued, by the function that did it."""
    told: dict[str, list[tuple[Message, MessageWords]]] = {}
    async with database.begin() as session:
        scene = await set_scene(session, language)
        seen: set[Any] = set()
        for name, call in CALLS.items():
            await call(session, scene)
            rows = [row for row in await session.scalars(select(Message)) if row.id not in seen]
            seen |= {row.id for row in rows}
            told[name] = [(row, await session.get_one(MessageWords, row.id)) for row in rows]
    return told


def test_every_function_and_every_folder_is_tried() -> None:
    assert set(CALLS) == set(notifications.__all__)


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_message_is_complete_and_nothing_exact_leaves_before_a_yes(
    database: Database, language: str
) -> None:
    told = await tell_all(database, language)
    kinds = [message.kind for rows in told.values() for message, _ in rows]
    assert sorted(kinds) == sorted(path.name for path in EMAILS.iterdir() if path.is_dir())
    for name, rows in told.items():
        assert rows, name
        for message, words in rows:
            assert message.status is MessageStatus.QUEUED, (name, message.reason)
            _check_words(message.kind, words)
            if name in BEFORE_YES:
                assert not [
                    part
                    for part in EXACT
                    for text in (words.subject, words.text, words.html, words.short)
                    if part in drop_ids(text)
                ], name
    [(_, volunteer), (_, resident)] = sorted(
        told["notify_agreed"], key=lambda row: row[0].kind, reverse=True
    )
    assert f"{ADDRESS}, {UNIT}" in volunteer.text
    assert NOTES in volunteer.text
    assert RESIDENT_PHONE in volunteer.text
    assert RESIDENT_PHONE not in volunteer.short
    assert volunteer.calendar is not None
    assert ADDRESS not in resident.text
    assert "Synthetic" in resident.text


def _check_words(kind: str, words: MessageWords) -> None:
    for text in (words.subject, words.text, words.html, words.short):
        assert text.strip(), kind
        assert "{{" not in text, kind
        assert "%(" not in text, kind
        assert "None" not in drop_ids(text), kind
        assert "Undefined" not in text, kind
    segments = count_segments(words.short)
    assert segments.encoding == "gsm7", (kind, words.short)
    assert segments.count <= 2, (kind, words.short)
    assert "\n" not in words.subject
    assert "<pot>" not in words.html
    assert "Geheim <" not in words.html
    assert words.html.count("<h1") == 1


async def test_spanish_is_not_english(database: Database) -> None:
    told = await tell_all(database, "es")
    english = (" the ", " you ", " your ", "We ", "You ", " is ")
    for rows in told.values():
        for message, words in rows:
            body = words.text.replace("background check", "").replace(NOTES, "")
            assert not [word for word in english if word in body], (message.kind, body)


async def test_saying_it_twice_queues_it_once(database: Database) -> None:
    async with database.begin() as session:
        scene = await set_scene(session, "en")
        for _ in range(2):
            for call in CALLS.values():
                await call(session, scene)
        keys = list(await session.scalars(select(Message.key)))
    assert len(keys) == len(set(keys)) == len(list(EMAILS.glob("*/subject.txt")))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_offer_of_three_fits_into_two_segments(database: Database, language: str) -> None:
    async with database.begin() as session:
        scene = await set_scene(session, language)
        for code in ("C4", "X9"):
            other = await add_request(session, scene.community, scope=["windrow"])
            home = await session.get_one(Household, other.household_id)
            home.area = "Área de Peñón y Ríos del Norte"
            offer = await add_offer(session, other, scene.volunteer, code=code)
            offer.ask_id = scene.ask.id
        await session.flush()
        message = await notifications.notify_offer(session, scene.ask, now=NOW)
        words = await session.get_one(MessageWords, message.id)
    assert all(code in words.short for code in ("K7", "C4", "X9"))
    segments = count_segments(words.short)
    assert (segments.encoding, segments.count) == ("gsm7", 2)


def test_fold_keeps_other_scripts() -> None:
    assert fold_for_text("Mañana a las cuatro, Ángela está aquí") == (
        "Mañana a las cuatro, Angela esta aqui"
    )
    assert fold_for_text("Цветана 王") == "Цветана 王"
