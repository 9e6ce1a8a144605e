"""Mail addresses, numbers and consents through the API, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from messaging.confirming import CONFIRM_CONTACT
from messaging.kinds import MessageStatus
from messaging.models import Message, MessageWords
from messaging.sending import queue_message
from people.auth import Actor
from people.kinds import Purpose, Role
from people.models import Community, Consent, ContactPoint, Person
from tests.factories.messages import make_draft
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def actor(town: Town, key: UUID, role: Role = Role.RESIDENT) -> Actor:
    return actor_as(role, town.community_id, key)


def about(town: Town, key: UUID, **more: Any) -> dict[str, Any]:
    return {
        "communityId": global_id("Community", town.community_id),
        "personId": global_id("Person", key),
        **more,
    }


async def list_contacts(database: Database, key: UUID) -> dict[str, bool]:
    """Whether each address or number of a person is confirmed."""
    async with database.read() as session:
        rows = await session.scalars(select(ContactPoint).where(ContactPoint.person_id == key))
        return {row.value: row.verified_at is not None for row in rows}


async def test_new_address_is_asked_and_confirmed_by_its_link(
    asker: Asker, town: Town, database: Database
) -> None:
    me = town.resident_ids[0]
    given = about(town, me, channel="EMAIL", value=" Ana@New.Example ", preferred=True)
    first = (await asker.ask("resident/add_contact", actor(town, me), input=given)).only
    again = (await asker.ask("resident/add_contact", actor(town, me), input=given)).only
    assert first == again
    assert first["contactPoint"]["value"] == "ana@new.example"
    assert first["contactPoint"]["verifiedAt"] is None
    async with database.read() as session:
        (message,) = await session.scalars(select(Message).where(Message.kind == CONFIRM_CONTACT))
        words = await session.get_one(MessageWords, message.id)
    assert message.status is MessageStatus.QUEUED
    token = words.text.partition("/l/")[2].split()[0]
    for _ in range(2):
        done = await asker.ask("everybody/confirm_contact", input={"token": token})
        assert done.only["channel"] == "EMAIL"
    assert (await list_contacts(database, me))["ana@new.example"] is True
    shown = (await asker.ask("resident/my_profile", actor(town, me))).only["person"]
    preferred = [row["value"] for row in shown["contactPoints"] if row["preferred"]]
    assert preferred == ["ana@new.example"]


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 500, "\ud800"])
async def test_other_links_confirm_nothing(asker: Asker, town: Town, token: str) -> None:
    answer = await asker.ask("everybody/confirm_contact", input={"token": token})
    assert answer.only["code"] == "link_unknown"


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        ("EMAIL", "ana"),
        ("EMAIL", "ana@" + "x" * 400),
        ("EMAIL", "ana@new.example\nBcc: b@new.example"),
        ("SMS", "617 555 0100"),
        ("SMS", "+1"),
        ("PHONE", "ana@new.example"),
    ],
)
async def test_what_is_no_address_is_refused(
    asker: Asker, town: Town, database: Database, channel: str, value: str
) -> None:
    me = town.resident_ids[0]
    given = about(town, me, channel=channel, value=value)
    answer = (await asker.ask("resident/add_contact", actor(town, me), input=given)).only
    assert answer["code"] in ("invalid_contact", "invalid_argument")
    assert len(value) < 5 or value not in answer["message"]
    assert len(await list_contacts(database, me)) == 2


async def test_number_takes_the_place_of_another(
    asker: Asker, town: Town, database: Database
) -> None:
    me = town.resident_ids[0]
    old = global_id("ContactPoint", town.contact_ids[me])
    given = about(town, me, channel="EMAIL", value="ana@new.example", replacesId=old)
    for wrong in ("resident-1@snowville.example", "no address"):
        refused = await asker.ask(
            "resident/add_contact", actor(town, me), input=given | {"value": wrong}
        )
        assert refused.only["code"] in ("contact_already_there", "invalid_contact")
    done = (await asker.ask("resident/add_contact", actor(town, me), input=given)).only
    assert done["contactPoint"]["preferred"] is True
    assert set(await list_contacts(database, me)) == {"ana@new.example", "+16175550100"}
    async with database.read() as session:
        kinds = await session.scalars(
            select(Event.kind).where(Event.kind.like("contact.%")).order_by(Event.id)
        )
        assert list(kinds) == ["contact.added", "contact.removed"]


async def test_last_contact_stays(asker: Asker, town: Town, database: Database) -> None:
    me = town.resident_ids[0]
    async with database.read() as session:
        keys = list(
            await session.scalars(select(ContactPoint.id).where(ContactPoint.person_id == me))
        )
    codes = []
    for key in keys:
        given = {"contactPointId": global_id("ContactPoint", key)}
        answer = await asker.ask("resident/remove_contact", actor(town, me), input=given)
        codes.append(answer.only.get("code"))
    assert codes == [None, "last_contact"]


async def test_nobody_takes_over_the_sign_in_of_staff(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    """Whoever reads what comes to an address can sign in with it."""
    manager, me = town.manager_id, town.resident_ids[0]
    coordinator = actor(town, town.coordinator_id, Role.COORDINATOR)
    other = await seed_town(database, clock, "frostville", scale=4)

    async def add(by: Actor, key: UUID, place: Town = town) -> str | None:
        given = about(place, key, channel="EMAIL", value="taken@new.example")
        answer = (await asker.ask("resident/add_contact", by, input=given)).only
        code: str | None = answer.get("code")
        return code

    program = Actor(
        person_id=me,
        roles=actor(town, me).roles,
        scopes=frozenset({"people:write", "people:read"}),
    )
    neighbour = actor(other, other.manager_id, Role.MANAGER)
    assert await add(coordinator, manager) == "not_permitted"
    assert await add(program, me) == "not_permitted"
    assert await add(neighbour, me) == "person_unknown"
    assert await add(neighbour, me, other) == "person_unknown"
    assert await add(actor(town, town.resident_ids[1]), me) == "person_unknown"
    assert await add(actor(town, manager, Role.MANAGER), manager, other) == "person_unknown"
    assert await add(coordinator, me) is None


async def test_unconfirmed_contacts_are_asked_once_a_day(
    asker: Asker, town: Town, clock: FixedClock
) -> None:
    me = town.resident_ids[0]
    added = about(town, me, channel="EMAIL", value="ana@new.example")
    await asker.ask("resident/add_contact", actor(town, me), input=added)

    async def ask() -> Any:
        answer = await asker.ask(
            "resident/ask_to_confirm_contacts", actor(town, me), input=about(town, me)
        )
        return answer.only["askedCount"]

    counts = []
    for _ in range(4):
        counts.append(await ask())
        clock.advance(timedelta(days=1))
    assert counts == [1, 1, 1, 0]


async def test_no_takes_back_what_waits(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    me = town.volunteer_person_ids[0]
    async with database.begin() as session:
        community = await session.get_one(Community, town.community_id)
        person = await session.get_one(Person, me)
        draft = make_draft(community, person)
        waiting = (await queue_message(session, draft, now=clock.now())).id
    given = about(town, me, purpose="OFFERS", granted=False, textVersion="2026-01")
    done = await asker.ask("resident/state_consent", actor(town, me), input=given)
    assert done.only["consent"]["granted"] is False
    async with database.read() as session:
        message = await session.get_one(Message, waiting)
        assert (message.status, message.reason) == (MessageStatus.SUPPRESSED, "stopped")
        lines = await session.scalars(
            select(Consent)
            .where(Consent.person_id == me, Consent.purpose == Purpose.OFFERS)
            .order_by(Consent.id)
        )
        assert [(row.granted, row.source) for row in lines] == [(True, "form"), (False, "form")]


async def test_staff_write_down_what_they_were_told(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    other = await seed_town(database, clock, "frostville", scale=4)
    me = town.resident_ids[0]
    says = {"purpose": "RESEARCH", "granted": True, "textVersion": "2026-01"}
    staff = actor(town, town.coordinator_id, Role.COORDINATOR)

    async def state(by: Actor, given: dict[str, Any]) -> Any:
        return (await asker.ask("resident/state_consent", by, input=given)).only

    done = await state(staff, about(town, me, **says))
    assert done["consent"]["purpose"] == "RESEARCH"
    async with database.read() as session:
        line = await session.scalar(select(Consent).where(Consent.purpose == Purpose.RESEARCH))
        assert line is not None
        assert (line.source, line.recorded_by) == ("phone", town.coordinator_id)
    for wrong in (
        about(town, other.resident_ids[0], **says),
        about(other, me, **says),
        about(other, other.resident_ids[0], **says),
    ):
        assert (await state(staff, wrong))["code"] == "person_unknown"
    assert (await state(actor(town, me), about(other, me, **says)))["code"] == "person_unknown"
    for wrong in ({"textVersion": " "}, {"textVersion": "x" * 51}):
        refused = await state(actor(town, me), about(town, me, **says) | wrong)
        assert refused["code"] in ("invalid_consent", "invalid_argument")
