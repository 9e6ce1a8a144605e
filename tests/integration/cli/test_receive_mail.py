"""``talkoot receive-mail``: a bounce piped in, junk, and a database that is not there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from messaging.delivering import Carriers, deliver_message
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.repository import find_message
from messaging.sending import queue_message
from people.models import ContactPoint
from tests.factories.messages import add_reachable, make_draft
from tests.factories.people import add_community
from tests.mail_server import sink_settings
from tests.mails import bounce, reply

ROOT = Path(__file__).parents[3]


def pipe(raw: bytes, url: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "receive-mail", "--database-url", url, *options],
        input=raw,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


async def send_one(url: str, clock: FixedClock) -> Message:
    async with Database(url) as database:
        async with database.begin() as session:
            community = await add_community(session)
            person = await add_reachable(session, community)
            message = await queue_message(session, make_draft(community, person), now=clock.now())
        carriers = Carriers(MemoryMailer(), MemoryTextSender())
        await deliver_message(database, carriers, Settings(**sink_settings(25)), clock, message.id)
        return message


async def address_of(url: str, message: Message) -> str:
    async with Database(url) as database, database.read() as session:
        return (await session.get_one(ContactPoint, message.contact_point_id)).value


async def count_replies(url: str) -> int:
    async with Database(url) as database, database.read() as session:
        kinds = await session.scalars(select(Message.kind))
        return list(kinds).count("mail_reply")


async def status_of(url: str, message: Message) -> MessageStatus:
    async with Database(url) as database, database.read() as session:
        found = await find_message(session, message.id)
        assert found is not None
        return found.status


def test_a_bounce_is_noted_once(database_url: str, clock: FixedClock) -> None:
    message = asyncio.run(send_one(database_url, clock))
    recipient = f"help+b-{message.id.hex}@city.example"
    first, second = (
        pipe(bounce("help@city.example"), database_url, "--recipient", recipient) for _ in range(2)
    )

    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout.decode() == f"bounced: noted (message {message.id})\n"
    assert second.stdout.startswith(b"bounced: ignored")
    assert asyncio.run(status_of(database_url, message)) is MessageStatus.BOUNCED


def test_an_answer_to_an_offer_is_understood_once(database_url: str, clock: FixedClock) -> None:
    message = asyncio.run(send_one(database_url, clock))
    sender = asyncio.run(address_of(database_url, message))
    raw = reply(f"help+r-{message.id.hex}@city.example", sender, "STATUS", "<1@mail.example>")
    answers = [pipe(raw, database_url) for _ in range(2)]

    assert [(answer.returncode, answer.stderr) for answer in answers] == [(0, b"")] * 2
    assert answers[0].stdout.startswith(b"reply: passed on")
    assert asyncio.run(count_replies(database_url)) == 1


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 2_000, b"From: a@b.example\n\nhello"])
def test_junk_ends_well(sqlite_template: Path, raw: bytes) -> None:
    answer = pipe(raw, f"sqlite:///{sqlite_template}")
    assert answer.returncode == 0
    assert b"about nothing" in answer.stdout
    assert answer.stderr == b""


def test_without_its_database_the_mail_server_shall_try_again(tmp_path: Path) -> None:
    about = f"help+b-{'0' * 32}@city.example"
    answer = pipe(bounce(about), f"sqlite:///{tmp_path / 'no' / 'where.db'}")
    assert answer.returncode == 75
    assert answer.stderr.startswith(b"Error: ")
    assert answer.stderr.count(b"\n") == 1
