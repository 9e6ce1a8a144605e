"""Calls for help from the first word to an open request, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from core.events import Event, list_events
from matching.errors import RequestUnknown
from matching.imports.records import Place
from matching.intake import repository
from matching.intake.changing import ChangeRequest, change_request
from matching.intake.commands import Declares, NewResident, Outcome, Taken, TakeRequest
from matching.intake.errors import (
    ConsentMissing,
    InvalidRequest,
    NotInReview,
    RequestNotYours,
    TooLateToChange,
)
from matching.intake.history import list_history
from matching.intake.kinds import (
    Cadence,
    CallerKind,
    ContactChoice,
    IntakeChannel,
    IntakeTopic,
    StandingStatus,
    Verdict,
)
from matching.intake.programme import set_intake_rules
from matching.intake.reviewing import (
    DeclineReason,
    approve_request,
    approve_standing,
    decline_request,
    list_review,
    merge_requests,
)
from matching.intake.taking import take_request
from matching.kinds import OfferStatus, RequestKind, RequestStatus, StormStatus
from matching.models import HelpRequest, Storm
from messaging.models import Message
from people.auth import Actor
from people.kinds import Channel, Purpose, Role
from people.models import Community, ContactPoint, Person
from tests.factories.matching import add_offer, add_volunteer
from tests.factories.people import actor_as, add_community, add_household, add_person
from tests.ids import drop_ids
from tests.ledger import find_consent

NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
TOMORROW = ((NOW + timedelta(hours=16), NOW + timedelta(hours=22)),)
PHONE = "617-555-0142"
SENIORS: dict[str, Any] = {
    "version": "seniors-2026",
    "rules": [
        {
            "code": "senior_or_disabled",
            "any_of": [{"fact": "age", "at_least": 60}, {"fact": "disability"}],
            "sentence": {
                "en": "The programme helps people over 60 or with a disability.",
                "es": "El programa ayuda a mayores de 60 o con discapacidad.",
            },
        }
    ],
}


def place(lon_deg: float = -71.1106, lat_deg: float = 42.3736) -> Place:
    return Place(
        address_text="17 Imaginary Street",
        unit=None,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        precision="rooftop",
        area="Riverside",
        cell=0x8928308280FFFFF,
        address_id=None,
    )


def ana(**changes: Any) -> NewResident:
    values: dict[str, Any] = {"name": "Ana María López", "place": place(), "phone": PHONE}
    return NewResident(**(values | changes))


def call(community: Community, **changes: Any) -> TakeRequest:
    values: dict[str, Any] = {
        "community_id": community.id,
        "kind": RequestKind.YARD,
        "channel": IntakeChannel.PHONE,
        "windows": TOMORROW,
        "consents": (Purpose.MATCHING, Purpose.OFFERS),
    }
    if "resident_id" not in changes:
        values["resident"] = ana()
    return TakeRequest(**(values | changes))


async def add_storm(
    session: Session, community: Community, status: StormStatus = StormStatus.ACTIVE
) -> Storm:
    storm = Storm(
        community_id=community.id,
        status=status,
        created_at=NOW - timedelta(hours=6),
        snow_ended_at=NOW - timedelta(hours=1),
        deadline_at=NOW + timedelta(hours=18),
    )
    session.add(storm)
    await session.flush()
    return storm


async def add_staff(session: Session, community: Community) -> Actor:
    person = await add_person(session, community, role=Role.COORDINATOR)
    return actor_as(Role.COORDINATOR, community.id, person.id)


async def test_staff_takes_a_call_for_somebody_new(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = await take_request(
            session,
            staff,
            call(
                community,
                access_notes="Ring twice.",
                contact_choice=ContactChoice.PHONE,
                caller=CallerKind.FAMILY,
                caller_name="Luisa, her daughter",
            ),
            now=NOW,
        )

    assert taken.outcome is Outcome.OPEN
    assert taken.request is not None
    async with database.read() as session:
        request = await repository.load_request(session, taken.request.id)
        assert request is not None
        assert request.status is RequestStatus.OPEN
        assert request.scope == ["leaves"]
        assert request.deadline_at == TOMORROW[0][1]
        assert request.service_s == 3_600
        details = await repository.find_details(session, request.id)
        assert details is not None
        assert (details.channel, details.caller) == (IntakeChannel.PHONE, CallerKind.FAMILY)
        assert details.taken_by_id == staff.person_id
        assert details.verdict_version == "open-to-all-1"
        access = await repository.find_access(session, request.id)
        assert access is not None
        assert (access.access_notes, access.contact_choice) == ("Ring twice.", ContactChoice.PHONE)
        caller = await repository.find_caller(session, request.id)
        assert caller is not None
        assert caller.caller_name == "Luisa, her daughter"
        consent = await find_consent(session, request.resident_id, Purpose.MATCHING)
        assert consent is not None
        assert (consent.source, consent.recorded_by) == ("phone", staff.person_id)
        person = await repository.find_resident(session, request.resident_id)
        assert person is not None
        assert [point.value for point in person.contact_points] == ["+16175550142"]
        kinds = [event.kind for event in await list_events(session, "request", request.id)]
        assert kinds == ["request.submitted", "request.open"]


@pytest.mark.parametrize("phone", ["617-555-0142", "+1 617 555 0142", "(617) 555.0142"])
@pytest.mark.parametrize("name", ["Ana María López", "ana maria lopez", "López, Ana María"])
async def test_same_call_again_joins(database: Database, phone: str, name: str) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        first = await take_request(session, staff, call(community), now=NOW)
        again = await take_request(
            session, staff, call(community, resident=ana(phone=phone, name=name)), now=NOW
        )

    assert first.request is not None
    assert again.request is not None
    assert again.outcome is Outcome.JOINED
    assert again.request.id == first.request.id


async def test_same_call_that_says_more_is_reviewed(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        first = await take_request(session, staff, call(community), now=NOW)
        more = await take_request(
            session, staff, call(community, scope=("leaves", "hedge")), now=NOW
        )

    assert more.outcome is Outcome.IN_REVIEW
    assert more.reasons == ("same_home",)
    assert first.request is not None
    async with database.read() as session:
        [item] = await list_review(session, staff, community.id)
    assert item.similar_to_id == first.request.id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "Boris Grey"}, "contact_of_another"),
        ({"phone": "617-555-0199"}, "similar_name_near"),
        ({"phone": "617-555-0199", "name": "Ana Maria Lopes"}, "similar_name_near"),
    ],
)
async def test_doubles_go_to_a_person(
    database: Database, changes: dict[str, Any], reason: str
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        await take_request(session, staff, call(community), now=NOW)
        second = await take_request(
            session, staff, call(community, resident=ana(**changes)), now=NOW
        )

    assert second.outcome is Outcome.IN_REVIEW
    assert reason in second.reasons


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": RequestKind.RECYCLING},
        {"windows": ((NOW + timedelta(hours=40), NOW + timedelta(hours=44)),)},
    ],
)
async def test_another_kind_or_time_is_another_request(
    database: Database, changes: dict[str, Any]
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        await take_request(session, staff, call(community), now=NOW)
        other = await take_request(session, staff, call(community, **changes), now=NOW)

    assert other.outcome is Outcome.OPEN


async def test_delivery_with_the_same_key_has_one_effect(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = [
            await take_request(session, staff, call(community, key="form-1"), now=NOW)
            for _ in range(3)
        ]

        wishes = [
            await take_request(
                session,
                Actor.anonymous(),
                call(community, kind=RequestKind.SNOW, cadence=Cadence.SEASON, key="form-2"),
                now=NOW,
            )
            for _ in range(3)
        ]
        other = await take_request(
            session,
            staff,
            call(community, kind=RequestKind.SNOW, cadence=Cadence.SEASON, key="form-2"),
            now=NOW,
        )

    assert len({one.request.id for one in taken if one.request is not None}) == 1
    assert {one.outcome for one in taken} == {Outcome.OPEN}
    assert len({one.standing.id for one in wishes if one.standing is not None}) == 1
    assert {one.outcome for one in wishes} == {Outcome.IN_REVIEW}
    # The key is the sender's own; but staff asks for the same thing, so that it is joined.
    assert other.outcome is Outcome.JOINED


# --- who may ask ----------------------------------------------------------------------------------


async def test_who_may_ask_for_somebody_known(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        elsewhere = await add_community(session, "springfield")
        home = await add_household(session, community)
        resident = await add_person(session, community, household=home)
        stranger = await add_person(session, community)

    actors = {
        "anonymous": (Actor.anonymous(), False),
        "stranger": (actor_as(Role.RESIDENT, community.id, stranger.id), False),
        "volunteer": (actor_as(Role.VOLUNTEER, community.id), False),
        "staff_elsewhere": (actor_as(Role.MANAGER, elsewhere.id), False),
        "resident": (actor_as(Role.RESIDENT, community.id, resident.id), True),
        "system": (Actor.system(), True),
    }
    for name, (actor, allowed) in actors.items():
        command = call(community, resident_id=resident.id, consents=(), key=name)
        if allowed:
            async with database.begin() as session:
                assert (await take_request(session, actor, command, now=NOW)).request is not None
            continue
        with pytest.raises(RequestNotYours):
            async with database.begin() as session:
                await take_request(session, actor, command, now=NOW)


@pytest.mark.parametrize(
    ("notes", "reasons"),
    [(None, ("details_missing",)), (" ", ("details_missing",)), ("To Inman Sq", ())],
)
async def test_a_ride_to_nowhere_waits_for_a_person(
    database: Database, notes: str | None, reasons: tuple[str, ...]
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        home = await add_household(session, community)
        resident = await add_person(session, community, household=home)
        asker = actor_as(Role.RESIDENT, community.id, resident.id)
        wanted = call(community, resident_id=resident.id, kind=RequestKind.RIDE, access_notes=notes)
        taken = await take_request(session, asker, wanted, now=NOW)
        on_the_phone = await take_request(
            session, staff, call(community, kind=RequestKind.RIDE), now=NOW
        )

    assert taken.reasons == reasons
    assert taken.outcome is (Outcome.IN_REVIEW if reasons else Outcome.OPEN)
    assert "details_missing" not in on_the_phone.reasons


async def test_stranger_who_asks_for_somebody_is_checked_and_learns_nothing(
    database: Database,
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        known = await take_request(session, staff, call(community), now=NOW)
        again = await take_request(
            session, Actor.anonymous(), call(community, channel=IntakeChannel.WEB), now=NOW
        )
        new = await take_request(
            session,
            Actor.anonymous(),
            call(community, resident=ana(name="Zoe New", phone="617-555-0177")),
            now=NOW,
        )

    assert again.outcome is new.outcome is Outcome.IN_REVIEW
    assert "contact_not_verified" in again.reasons
    assert again.resident_id == known.resident_id


async def test_weight_is_for_staff_alone(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        home = await add_household(session, community)
        resident = await add_person(session, community, household=home)
        actor = actor_as(Role.RESIDENT, community.id, resident.id)
        taken = await take_request(
            session, actor, call(community, resident_id=resident.id, weight=100.0), now=NOW
        )

    assert taken.request is not None
    assert taken.request.weight == 1.0


# --- eligibility ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declares", "verdict", "outcome"),
    [
        (Declares(at_least_age=60), Verdict.ELIGIBLE, Outcome.OPEN),
        (Declares(birth_year=1940), Verdict.ELIGIBLE, Outcome.OPEN),
        (Declares(has_disability=True), Verdict.ELIGIBLE, Outcome.OPEN),
        (
            Declares(birth_year=1990, has_disability=False),
            Verdict.NOT_ELIGIBLE,
            Outcome.IN_REVIEW,
        ),
        (Declares(birth_year=1990), Verdict.NEEDS_PERSON, Outcome.IN_REVIEW),
        (None, Verdict.NEEDS_PERSON, Outcome.IN_REVIEW),
    ],
)
async def test_eligibility_is_decided_by_the_rules_of_the_day(
    database: Database, declares: Declares | None, verdict: Verdict, outcome: Outcome
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        await set_intake_rules(
            session,
            actor_as(Role.MANAGER, community.id),
            community.id,
            IntakeTopic.ELIGIBILITY,
            SENIORS,
            valid_from=NOW - timedelta(days=1),
            now=NOW,
        )
        taken = await take_request(session, staff, call(community, declares=declares), now=NOW)
        before = await take_request(
            session,
            staff,
            call(community, kind=RequestKind.RECYCLING, declares=declares),
            now=NOW - timedelta(days=2),
        )

    assert taken.outcome is outcome
    assert before.outcome is Outcome.OPEN
    assert taken.request is not None
    async with database.read() as session:
        details = await repository.find_details(session, taken.request.id)
    assert details is not None
    assert (details.verdict, details.verdict_version) == (verdict, "seniors-2026")


async def test_nothing_is_declared_without_a_consent(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        with pytest.raises(ConsentMissing, match="consent 'matching'"):
            await take_request(
                session,
                staff,
                call(community, declares=Declares(at_least_age=60), consents=(Purpose.OFFERS,)),
                now=NOW,
            )
        other = ana(name="Zoe New", phone="617-555-0177", place=place(-71.12))
        taken = await take_request(
            session, staff, call(community, resident=other, consents=()), now=NOW
        )
    assert taken.reasons == ("no_consent",)


# --- time, scope, storms --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ana\r\nBcc: all@example.org", "\u202eanA\u202c", "Ana\x00"])
def test_name_with_characters_that_nobody_sees_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be seen"):
        ana(name=name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"windows": ()}, "Say when"),
        ({"windows": ((NOW - timedelta(hours=3), NOW - timedelta(hours=1)),)}, "60 minutes"),
        ({"windows": ((NOW, NOW + timedelta(minutes=30)),)}, "60 minutes"),
        ({"scope": ("steps",)}, "leaves, lawn, hedge"),
        ({"cadence": Cadence.SEASON}, "does not come with a snowfall"),
        ({"resident": ana(phone="12")}, "phone"),
        ({"resident": ana(phone=None, email="nobody")}, "no @ sign"),
    ],
)
async def test_call_that_cannot_be_taken_says_why(
    database: Database, changes: dict[str, Any], words: str
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        with pytest.raises(InvalidRequest, match=words):
            await take_request(session, staff, call(community, **changes), now=NOW)


async def test_snow_in_a_storm_lasts_until_its_deadline(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        storm = await add_storm(session, community)
        taken = await take_request(
            session, staff, call(community, kind=RequestKind.SNOW, windows=()), now=NOW
        )

    assert taken.outcome is Outcome.OPEN
    assert taken.request is not None
    assert taken.request.storm_id == storm.id
    assert taken.request.deadline_at == storm.deadline_at
    assert taken.request.scope == ["sidewalk", "path_to_door"]


@pytest.mark.parametrize("status", [None, StormStatus.WATCH, StormStatus.ARMED])
async def test_snow_without_a_storm_waits_for_the_next(
    database: Database, status: StormStatus | None
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        if status is not None:
            await add_storm(session, community, status)
        taken = await take_request(
            session, staff, call(community, kind=RequestKind.SNOW, windows=()), now=NOW
        )

    assert taken.outcome is Outcome.WAITING
    assert taken.request is None
    assert taken.standing is not None
    assert taken.standing.cadence is Cadence.NEXT_SNOWFALL
    assert taken.standing.valid_until == date(2026, 3, 16)


# --- review ---------------------------------------------------------------------------------------


async def in_review(session: Session, community: Community, actor: Actor) -> Taken:
    return await take_request(session, actor, call(community, consents=()), now=NOW)


async def test_approved_request_is_open_and_has_time(database: Database) -> None:
    later = NOW + timedelta(days=3)
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = await in_review(session, community, staff)
        assert taken.request is not None
        await approve_request(session, staff, taken.request.id, now=later)

    async with database.read() as session:
        request = await repository.load_request(session, taken.request.id)
        assert request is not None
        assert request.status is RequestStatus.OPEN
        assert request.windows[-1].closes_at > later + timedelta(hours=1)
        assert await list_review(session, staff, community.id) == []


async def test_declined_request_ends_with_its_reason(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = await in_review(session, community, staff)
        assert taken.request is not None
        await decline_request(
            session, staff, taken.request.id, reason=DeclineReason.NOT_ELIGIBLE, now=NOW
        )

    async with database.read() as session:
        events = await list_events(session, "request", taken.request.id)
        assert events[-1].reason == "declined_not_eligible"
        lines = await list_history(session, staff, taken.request.id, language="es")
    assert lines[-1].sentence == "El programa no pudo aceptar esta solicitud."
    with pytest.raises(NotInReview, match="cancelled"):
        async with database.begin() as session:
            await approve_request(session, staff, taken.request.id, now=NOW)


async def test_merged_request_gives_what_it_adds(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        first = await take_request(session, staff, call(community), now=NOW)
        more = await take_request(
            session,
            staff,
            call(community, scope=("leaves", "hedge"), access_notes="Gate on the left."),
            now=NOW,
        )
        assert first.request is not None
        assert more.request is not None
        await merge_requests(
            session, staff, keep_id=first.request.id, drop_id=more.request.id, now=NOW
        )

    async with database.read() as session:
        kept = await repository.load_request(session, first.request.id)
        dropped = await repository.load_request(session, more.request.id)
        access = await repository.find_access(session, first.request.id)
    assert kept is not None
    assert dropped is not None
    assert access is not None
    assert (kept.status, dropped.status) == (RequestStatus.OPEN, RequestStatus.CANCELLED)
    assert kept.scope == ["leaves", "hedge"]
    assert access.access_notes == "Gate on the left."


async def test_review_is_for_staff_and_oldest_first(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        for hours in (3, 1, 2):
            await take_request(
                session,
                staff,
                call(
                    community,
                    resident=ana(
                        name=f"Person {hours} {'xyz'[hours - 1] * 9}",
                        phone=f"617-555-010{hours}",
                        place=place(-71.11 + hours / 100),
                    ),
                    consents=(),
                ),
                now=NOW + timedelta(hours=hours),
            )

    async with database.read() as session:
        items = await list_review(session, staff, community.id)
        first = await list_review(session, staff, community.id, limit=1)
        rest = await list_review(session, staff, community.id, after=(first[0].since, first[0].id))
    assert [item.since for item in items] == [NOW + timedelta(hours=h) for h in (1, 2, 3)]
    assert [*first, *rest] == items
    for actor in (Actor.anonymous(), actor_as(Role.VOLUNTEER, community.id)):
        async with database.read() as session:
            with pytest.raises(NotPermitted):
                await list_review(session, actor, community.id)
        with pytest.raises(RequestUnknown):
            async with database.begin() as session:
                await approve_request(session, actor, items[0].id, now=NOW)


async def test_standing_wish_in_review_is_approved(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = await take_request(
            session,
            staff,
            call(community, kind=RequestKind.SNOW, cadence=Cadence.SEASON, consents=()),
            now=NOW,
        )
        assert taken.outcome is Outcome.IN_REVIEW
        [item] = await list_review(session, staff, community.id)
        assert item.is_standing
        wish = await approve_standing(session, staff, item.id, now=NOW)

    assert wish.status is StandingStatus.ACTIVE
    assert wish.valid_until == date(2026, 4, 30)


# --- change and history ---------------------------------------------------------------------------


async def test_resident_changes_the_scope_and_offers_are_withdrawn(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        home = await add_household(session, community)
        resident = await add_person(session, community, household=home)
        actor = actor_as(Role.RESIDENT, community.id, resident.id)
        taken = await take_request(
            session, actor, call(community, resident_id=resident.id), now=NOW
        )
        assert taken.request is not None
        volunteer = await add_volunteer(session, community)
        offer = await add_offer(session, taken.request, volunteer)
        taken.request.status = RequestStatus.OFFERED
        await session.flush()
        changed = await change_request(
            session, actor, ChangeRequest(taken.request.id, scope=("lawn",)), now=NOW
        )

    assert changed.status is RequestStatus.OPEN
    assert changed.scope == ["lawn"]
    assert offer.status is OfferStatus.WITHDRAWN


async def test_after_a_yes_only_notes_and_contact_change(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = await take_request(session, staff, call(community), now=NOW)
        assert taken.request is not None
        taken.request.status = RequestStatus.ACCEPTED
        await session.flush()
        await change_request(
            session,
            staff,
            ChangeRequest(
                taken.request.id, access_notes="Dog!", contact_choice=ContactChoice.EMAIL
            ),
            now=NOW,
        )
        access = await repository.find_access(session, taken.request.id)
        assert access is not None
        assert (access.access_notes, access.contact_choice) == ("Dog!", ContactChoice.EMAIL)
        with pytest.raises(TooLateToChange):
            await change_request(
                session, staff, ChangeRequest(taken.request.id, windows=TOMORROW), now=NOW
            )


async def test_history_says_how_many_were_asked_and_never_who(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        taken = await take_request(session, staff, call(community), now=NOW)
        assert taken.request is not None
        names = []
        for status in (OfferStatus.SENT, OfferStatus.EXPIRED, OfferStatus.DECLINED):
            volunteer = await add_volunteer(session, community)
            names.append(str(volunteer.id))
            await add_offer(session, taken.request, volunteer, status=status)

    async with database.read() as session:
        resident = actor_as(Role.RESIDENT, community.id, taken.resident_id)
        lines = await list_history(session, resident, taken.request.id)
        with pytest.raises(RequestUnknown):
            await list_history(session, actor_as(Role.VOLUNTEER, community.id), taken.request.id)
    assert [line.sentence for line in lines] == [
        "We wrote down your call for help.",
        "We are looking for a neighbor.",
        "We asked 3 neighbors. 2 have not answered yet. 1 cannot come.",
    ]
    assert not any(name in str(lines) for name in names)


async def test_sms_number_of_a_person_counts_as_the_phone(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        home = await add_household(session, community)
        person = await add_person(session, community, household=home)
        session.add(ContactPoint(person_id=person.id, channel=Channel.SMS, value="+16175550142"))
        found = await repository.find_resident(session, person.id)
        assert found is not None
        assert found.name is not None
        name = found.name.full_name
        taken = await take_request(
            session, staff, call(community, resident=ana(name=name)), now=clock.now()
        )

    assert taken.resident_id == person.id
    assert isinstance(taken.request, HelpRequest)
    assert isinstance(person, Person)


# --- messages and races ---------------------------------------------------------------------------


async def messages_of(session: Session, person_id: UUID) -> list[tuple[str, str | None]]:
    query = select(Message.kind, Message.reason).where(Message.person_id == person_id)
    return sorted((kind, reason) for kind, reason in await session.execute(query))


async def test_resident_hears_what_became_of_the_call(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        mail = ana(phone=None, email="ana@example.org")
        taken = await take_request(session, staff, call(community, resident=mail), now=NOW)
        other = await take_request(
            session,
            staff,
            call(
                community,
                resident=ana(name="Zoe New", phone=None, email="zoe@example.org", place=place(-71)),
                consents=(Purpose.OFFERS,),
            ),
            now=NOW,
        )
        texted = await take_request(
            session,
            staff,
            call(
                community,
                resident_id=taken.resident_id,
                kind=RequestKind.RECYCLING,
                channel=IntakeChannel.SMS,
            ),
            now=NOW,
        )

        formed = await take_request(
            session,
            Actor.anonymous(),
            call(
                community,
                resident=ana(name="Li Wei", phone=None, email="li@example.org", place=place(-70.9)),
                channel=IntakeChannel.WEB,
            ),
            now=NOW,
        )

    assert (taken.outcome, other.outcome, texted.outcome) == (
        Outcome.OPEN,
        Outcome.IN_REVIEW,
        Outcome.OPEN,
    )
    async with database.read() as session:
        assert await messages_of(session, taken.resident_id) == [("request_received", None)]
        assert ("confirm_contact", None) in await messages_of(session, formed.resident_id)
        assert await messages_of(session, other.resident_id) == [("request_in_review", None)]


async def test_ten_equal_calls_at_once_are_one_request(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)

    async def take() -> Taken:
        async with database.begin() as session:
            return await take_request(session, staff, call(community), now=NOW)

    taken = await asyncio.gather(*(take() for _ in range(10)))

    assert sorted(one.outcome for one in taken) == [Outcome.JOINED] * 9 + [Outcome.OPEN]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(HelpRequest)) == 1
        assert len({one.resident_id for one in taken}) == 1


async def test_nothing_private_enters_the_history(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        staff = await add_staff(session, community)
        await take_request(
            session,
            staff,
            call(
                community,
                access_notes="Key under the mat.",
                caller=CallerKind.NEIGHBOUR,
                caller_name="Luisa",
                declares=Declares(birth_year=1941, has_disability=True),
            ),
            now=NOW,
        )

    async with database.read() as session:
        rows = (await session.scalars(select(Event))).all()
    told = " ".join(f"{row.kind} {row.reason} {row.data}" for row in rows)
    assert rows
    for secret in ("under", "Luisa", "1941", "disab", "López", "Imaginary", "0142", "71.1", "42.3"):
        assert secret not in drop_ids(told)
