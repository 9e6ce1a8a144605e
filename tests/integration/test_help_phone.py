"""A programme's own number for everybody: below its mails, and in the answer to HELP."""

from __future__ import annotations

import pytest

import matching.jobs
import messaging.jobs
from core.clock import FixedClock
from core.db import Database
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from matching.models import Volunteer
from matching.offers.schedule import schedule_wave
from messaging.inbound import IncomingText, TextHandlers, receive_text
from people.models import Preferences
from tests.factories.asks import give_number
from tests.ladder_town import LadderTown, by_hand

NUMBER = "+16175550100"
MOBILE = "+16175550101"
WORDS = {
    "en": (f"Questions? Call us: {NUMBER}", f"Or call {NUMBER}."),
    "es": (f"¿Preguntas? Llámenos: {NUMBER}", f"O llame al {NUMBER}."),
}


async def read_offer(town: LadderTown) -> list[str]:
    """The mail of the ask, as text and as HTML."""
    registry, mailer = JobRegistry(), MemoryMailer()
    matching.jobs.register_jobs(registry)
    messaging.jobs.register_jobs(registry)
    registry.periods = {}
    services = {
        matching.jobs.SOLVER: by_hand,
        messaging.jobs.MAILER: mailer,
        messaging.jobs.TEXT_SENDER: MemoryTextSender(),
    }
    settings = Settings.from_environment({})
    async with town.database.begin() as session:
        await schedule_wave(session, town.community.id, now=town.clock.now())
    await run_due_jobs(
        town.database, registry, JobTools(town.database, town.clock, settings, services)
    )
    (mail,) = mailer.sent
    parts = [mail.parse().get_body((kind,)) for kind in ("plain", "html")]
    return [str(part.get_content()) for part in parts if part is not None]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("given", [True, False])
async def test_the_number_stands_below_mails_and_in_the_answer_to_help(
    database: Database, clock: FixedClock, language: str, given: bool
) -> None:
    town = LadderTown(database, clock)
    await town.open()
    if given:
        await town.set_rules(help_phone=NUMBER)
    await town.add_request()
    volunteer_id = await town.add_volunteer()
    async with database.begin() as session:
        volunteer = await session.get_one(Volunteer, volunteer_id)
        preferences = await session.get_one(Preferences, volunteer.person_id)
        preferences.languages = [language]
        await give_number(session, volunteer.person_id, MOBILE)
    below, said = WORDS[language]
    mail = await read_offer(town)
    assert len(mail) == 2
    assert all((below in part) is given for part in mail)
    async with database.begin() as session:
        reply = await receive_text(
            session,
            TextHandlers(),
            IncomingText("SM-1", MOBILE, "HELP"),
            site="https://talkoot.example",
            now=clock.now(),
        )
    assert reply.endswith(said) is given
    assert (NUMBER in reply) is given
