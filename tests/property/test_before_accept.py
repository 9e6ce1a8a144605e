"""Before a yes nobody learns where the other side is, or who: no page, text, mail, log or event."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from core.db import Database, Session
from core.errors import TalkootError
from core.events import Event
from core.jobs import list_failed_jobs
from core.logging import SafeJsonFormatter
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from matching.notifications import notify_offer, notify_substitute, notify_taken
from matching.offers.answering import decline_offer
from matching.offers.disclosure import read_visit_details, read_work_address
from matching.offers.live import open_now
from matching.offers.replying import accept_or_substitute, say_not_today
from matching.offers.text_answers import register_text_handlers
from messaging.inbound import IncomingText, TextHandlers, receive_text
from messaging.models import MessageWords
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Channel, Purpose
from people.links import LinkTo
from people.models import ContactPoint, HouseholdAddress, PersonName
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.matching import EVENING
from tests.factories.people import add_community
from web.pages.links import Visit
from web.pages.offers import show_offer
from web.pages.rendering import Reader

NOW = EVENING
LETTERS = st.text("bcdfghjklmnpqrstvwxz", min_size=6, max_size=9).map(str.title)


@dataclass(frozen=True)
class Secrets:
    """What would tell who and where somebody is. No word of it is a word of ours."""

    first: str
    last: str
    street: str
    number: int
    lon_deg: float
    lat_deg: float
    phone_end: int
    mailbox: str

    @property
    def phone(self) -> str:
        return f"+1617{self.phone_end:07d}"

    def find_in(self, told: str) -> list[str]:
        """Those of the secrets that a text gives away."""
        plain = told.lower()
        found = [
            word
            for word in (self.first, self.last, self.street, self.mailbox)
            if word.lower() in plain
        ]
        found += [
            figure
            for figure in (f"{self.lon_deg:.4f}", f"{self.lat_deg:.4f}", f"{self.phone_end:07d}")
            if figure in told
        ]
        if re.search(rf"\b{self.number}\b", told):
            found.append(str(self.number))
        return found


SECRETS = st.builds(
    Secrets,
    first=LETTERS,
    last=LETTERS,
    street=LETTERS,
    number=st.integers(10_000, 99_999),
    lon_deg=st.floats(-71.16, -71.07).map(lambda value: round(value, 6)),
    lat_deg=st.floats(42.35, 42.40).map(lambda value: round(value, 6)),
    phone_end=st.integers(2_000_000, 9_999_999),
    mailbox=LETTERS,
)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Every log line that our modules write meanwhile, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeJsonFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


async def hide(session: Session, request: HelpRequest, secrets: Secrets) -> None:
    """Give a resident this name, home and contact."""
    name = await session.get_one(PersonName, request.resident_id)
    name.full_name = f"{secrets.first} {secrets.last}"
    address = await session.get_one(HouseholdAddress, request.household_id)
    address.address_text = f"{secrets.number} {secrets.street} Street"
    address.lon_deg, address.lat_deg = secrets.lon_deg, secrets.lat_deg
    session.add(
        ContactPoint(person_id=request.resident_id, channel=Channel.SMS, value=secrets.phone)
    )
    mail = f"{secrets.mailbox.lower()}@example.org"
    session.add(ContactPoint(person_id=request.resident_id, channel=Channel.EMAIL, value=mail))
    await session.flush()


async def make_world(database: Database, secrets: Secrets, channel: Channel) -> Asked:
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        requests = await add_homes(session, community, storm, 3)
        for request in requests:
            await hide(session, request, secrets)
        asked = await ask_volunteer(session, community, storm, requests, planned=2)
        contact = "+16175550199" if channel is Channel.SMS else "ana@example.org"
        session.add(
            ContactPoint(
                person_id=asked.volunteer.person_id,
                channel=channel,
                value=contact,
                verified_at=NOW - timedelta(days=1),
            )
        )
        consent = RecordConsent(
            person_id=asked.volunteer.person_id,
            community_id=community.id,
            purpose=Purpose.OFFERS,
            granted=True,
            text_version="1",
            source="phone",
        )
        await record_consent(session, Actor.system(), consent, now=NOW - timedelta(days=1))
        return asked


async def say_everything(database: Database, asked: Asked) -> list[str]:
    """All that a volunteer can be told before a yes."""
    actor = Actor(person_id=asked.volunteer.person_id)
    handlers = TextHandlers()
    register_text_handlers(handlers)
    told: list[str] = []
    async with database.begin() as session:
        await notify_offer(session, asked.ask, now=NOW)
        await notify_substitute(session, asked.offers[1], now=NOW)
        await notify_taken(session, asked.offers[0], now=NOW)
        told += [repr(home) for home in await open_now(session, asked.volunteer.id, NOW)]
        for language in ("en", "es"):
            told.append(await show(session, asked, language))
        # Somebody else takes the first home: what is put forward instead is told too.
        request = await session.get_one(HelpRequest, asked.requests[0].id)
        request.seats_taken, request.status = 1, RequestStatus.ACCEPTED
        await session.flush()
        reply = await accept_or_substitute(session, actor, asked.offers[0].id, now=NOW)
        told.append(await show(session, asked, "en", reply.substitute and reply.substitute.id))
    for number, words in enumerate(
        ["status", "yes k7", "what", "yes w9", "no m4", "yes", "not today", "to k7 hi", "help"]
    ):
        async with database.begin() as session:
            incoming = IncomingText(f"SM{number}", "+16175550199", words)
            told.append(
                await receive_text(
                    session, handlers, incoming, site="https://talkoot.example", now=NOW
                )
            )
    async with database.begin() as session:
        await decline_offer(session, actor, asked.offers[1].id, now=NOW, reason="too_far")
        await say_not_today(session, actor, asked.volunteer.id, now=NOW)
    return told


async def show(session: Session, asked: Asked, language: str, instead: object = None) -> str:
    """The page of the offer."""
    link = LinkTo(
        action="answer_offer",
        person_id=asked.volunteer.person_id,
        subject_id=asked.ask.id,
        expires_at=NOW + timedelta(days=1),
    )
    reader = Reader(language=language, time_zone="America/New_York", path="/l/x", now=NOW)
    visit = Visit(session, link, "x", reader, NOW, "taken", instead)  # type: ignore[arg-type]  # an id or nothing
    return str((await show_offer(visit)).content)


async def read_rows(database: Database) -> str:
    """What the tables keep of it: messages, histories, jobs."""
    async with database.read() as session:
        words = [
            " ".join((row.subject, row.text, row.html, row.short, str(row.calendar)))
            for row in await session.scalars(select(MessageWords))
        ]
        events = [
            json.dumps([event.kind, event.reason, event.data, str(event.subject_id)])
            for event in await session.scalars(select(Event))
        ]
        assert not await list_failed_jobs(session)
        jobs: list[str] = []
        if database.is_sqlite:
            jobs = [
                str(dict(row._mapping)) for row in await session.execute(text("SELECT * FROM job"))
            ]
        assert words
        assert events
        return "\n".join([*words, *events, *jobs])


async def check(database: Database, secrets: Secrets, channel: Channel) -> None:
    asked = await make_world(database, secrets, channel)
    with logged() as lines:
        told = await say_everything(database, asked)
        for read in (read_visit_details, read_work_address):
            async with database.begin() as session:
                for key in (asked.ask.id, asked.offers[0].id, asked.requests[0].id):
                    with pytest.raises(TalkootError) as refused:
                        await read(
                            session,
                            Actor(person_id=asked.volunteer.person_id),
                            key,
                            now=NOW,
                        )
                    told.append(str(refused.value))
    everything = "\n".join([*told, await read_rows(database), lines.getvalue()])
    assert lines.getvalue()
    assert secrets.find_in(everything) == []


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(secrets=SECRETS, channel=st.sampled_from([Channel.SMS, Channel.EMAIL]))
def test_nothing_exact_is_told_before_a_yes(
    sqlite_template: Path, secrets: Secrets, channel: Channel
) -> None:
    async def play(path: Path) -> None:
        async with Database(f"sqlite:///{path}") as database:
            await check(database, secrets, channel)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copyfile(sqlite_template, Path(folder) / "talkoot.db"))
        asyncio.run(play(path))


async def test_nothing_exact_is_told_before_a_yes_on_both_databases(database: Database) -> None:
    secrets = Secrets(
        "Xqzrosa", "Wvkexample", "Zzimaginary", 48_713, -71.114321, 42.378912, 5_550_187, "Qzrosa"
    )
    await check(database, secrets, Channel.SMS)


def test_the_check_itself_finds_what_is_told() -> None:
    secrets = Secrets("Xqzrosa", "Wvk", "Zzim", 48_713, -71.114321, 42.378912, 5_550_187, "Qzr")
    for told in ("Dear XQZROSA", "at 48713 x", "-71.114321", "(617) 5550187", "42.3789"):
        assert secrets.find_in(told)
    assert not secrets.find_in("8-4871-3 snow near you")
