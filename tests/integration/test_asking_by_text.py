"""A resident asks by text: kind, when, yes; in English and Spanish, with slips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.db import Database
from matching.intake.by_text import (
    begins_dialogue,
    continue_dialogue,
    fold,
    has_dialogue,
    unknown_number_reply,
)
from matching.intake.commands import Outcome
from matching.kinds import RequestKind
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Purpose, Role
from people.models import Community, Person
from tests.factories.people import actor_as, add_community, add_household, add_person

NOW = datetime(2026, 1, 15, 15, 0, tzinfo=UTC)
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWO_SEGMENTS = 306


async def add_resident(
    database: Database, language: str = "en", *, consent: bool = True
) -> tuple[Community, Person]:
    async with database.begin() as session:
        community = await add_community(session)
        home = await add_household(session, community)
        person = await add_person(session, community, household=home, languages=(language,))
        if consent:
            await record_consent(
                session,
                Actor.system(),
                RecordConsent(
                    person.id,
                    community.id,
                    Purpose.MATCHING,
                    granted=True,
                    text_version="test",
                    source="form",
                ),
                now=NOW,
            )
    return community, person


async def text(
    database: Database, community: Community, person: Person, *words: str, now: datetime = NOW
) -> list[str]:
    actor = actor_as(Role.RESIDENT, community.id, person.id)
    replies = []
    for word in words:
        async with database.begin() as session:
            reply = await continue_dialogue(session, actor, community.id, word, now=now)
        assert len(reply.text) <= TWO_SEGMENTS, reply.text
        assert set(reply.text) <= GSM, set(reply.text) - GSM
        replies.append(reply.text)
    return replies


async def test_three_answers_make_a_request(database: Database) -> None:
    community, person = await add_resident(database)
    actor = actor_as(Role.RESIDENT, community.id, person.id)

    replies = await text(database, community, person, "ASK", "2", "tomorrow")
    async with database.begin() as session:
        assert await has_dialogue(session, person.id, now=NOW)
        last = await continue_dialogue(session, actor, community.id, "Yes!", now=NOW)

    assert "2 Yard work" in replies[0]
    assert replies[1].startswith("Yard work: when?")
    assert "Yard work, tomorrow, at your home" in replies[2]
    assert last.is_over
    assert last.taken is not None
    assert last.taken.outcome is Outcome.OPEN
    assert last.taken.request is not None
    assert last.taken.request.kind is RequestKind.YARD
    assert last.taken.request.reference in last.text
    async with database.begin() as session:
        assert not await has_dialogue(session, person.id, now=NOW)


async def test_in_spanish_and_the_next_snow(database: Database) -> None:
    community, person = await add_resident(database, "es")

    replies = await text(
        database, community, person, "¡Pedir!", "nieve", "1 quitar", "1", "3", "sí"
    )

    assert "1 Quitar la nieve" in replies[0]
    assert "no entendi" in replies[1]
    assert "no entendi" in replies[2]
    assert "proxima nevada" in replies[3]
    assert replies[4].startswith("Quitar la nieve, en la proxima nevada")
    assert replies[5] == "Gracias. Lo guardamos para la proxima nevada y le avisamos."


@pytest.mark.parametrize("stop", ["0", "no", "NO.", "cancelar"])
async def test_it_can_be_ended_at_every_step(database: Database, stop: str) -> None:
    community, person = await add_resident(database)
    for steps in (["ask"], ["ask", "2"], ["ask", "2", "2"]):
        replies = await text(database, community, person, *steps, stop)
        assert replies[-1].startswith("All right, nothing was asked for.")


async def test_today_is_refused_when_the_day_is_over(database: Database) -> None:
    community, person = await add_resident(database)
    late = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)

    replies = await text(database, community, person, "ask", "2", "1", "2", "yes", now=late)

    assert replies[2] == "Today is too late for that. Reply 2 for tomorrow, or 0 to end."
    assert replies[4].startswith("Thank you. We ask your neighbors")


async def test_same_wish_by_text_twice_is_one(database: Database) -> None:
    community, person = await add_resident(database)
    first = await text(database, community, person, "ask", "2", "2", "yes")
    again = await text(database, community, person, "ask", "2", "2", "yes")

    reference = first[-1].rsplit(" ", 1)[-1]
    assert again[-1].startswith(f"We have this request already: {reference}")


async def test_without_consent_a_person_looks_first(database: Database) -> None:
    community, person = await add_resident(database, consent=False)

    assert (await text(database, community, person, "ask", "2", "2", "y"))[-1].startswith(
        "Thank you. A person of the programme looks at your request"
    )


async def test_dialogue_is_forgotten_after_a_day(database: Database) -> None:
    community, person = await add_resident(database)
    await text(database, community, person, "ask", "2")
    later = NOW + timedelta(hours=25)

    assert (await text(database, community, person, "2", now=later))[0].startswith("What help")


async def test_who_cannot_be_served_by_text_is_told_to_call(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community)

    replies = await text(database, community, person, "ask", "2", "2", "yes")

    assert replies[-1].startswith("We cannot take this by text.")


def test_unknown_numbers_hear_how_to_register() -> None:
    assert "https://help.example.org" in unknown_number_reply("https://help.example.org")
    assert "inscríbase" not in unknown_number_reply("x", "es")
    assert "inscribase" in unknown_number_reply("x", "es")


@pytest.mark.parametrize("words", ["ASK", " Help me! ", "Pedir", "¡Ayúdame!"])
def test_words_that_begin(words: str) -> None:
    assert begins_dialogue(words)
    assert not begins_dialogue("YES K7")
    assert fold(words).isascii()
