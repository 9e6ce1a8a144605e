"""``kill -9`` of the real worker in the middle of a round: nothing is lost, nobody is asked twice.

One copy of a snowed-in town is served by a worker that nobody disturbs, another by workers that
are killed at random moments and started again. In the end both have asked the same people about
the same homes. A mail may have gone out a second time for each kill, with the same Message-ID.

``TALKOOT_TEST_KILLS`` (4) and ``TALKOOT_TEST_KILLED_ROUND`` (40 requests) make it larger.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock, SystemClock
from core.db import Database
from core.jobs import check_jobs, list_failed_jobs
from matching.kinds import AskStatus
from matching.models import Offer, Volunteer
from matching.offers.models import Ask
from matching.offers.schedule import schedule_wave
from messaging.kinds import MessageStatus
from messaging.models import Message
from tests import postgres, wave_process
from tests.factories.matching import EVENING
from tests.ladder_town import LadderTown
from tests.mail_server import MailServer, mail_server

KILLS = int(os.environ.get("TALKOOT_TEST_KILLS", "4"))
REQUESTS = int(os.environ.get("TALKOOT_TEST_KILLED_ROUND", "40"))
VOLUNTEERS = REQUESTS * 2 // 5
LIMIT_S = 240.0
LONGEST_LIFE_S = 4.0 if REQUESTS < 200 else 12.0
"""A worker is killed at most so long after it began to work: planning and sending both get hit."""
LATER_S = 900.0
"""The last worker comes a quarter of an hour later, when what a dead one held is free again."""


@dataclass(frozen=True)
class Outcome:
    """What came of a round, without what differs from run to run."""

    asked: frozenset[tuple[UUID, tuple[UUID, ...]]]
    """Volunteers, with the homes that they were asked about."""
    mails: Counter[tuple[str, str]]
    """Receivers and subjects."""


@pytest.fixture
async def town_url(database_url: str) -> str:
    """A town with its first wave due, and nobody at work."""
    rng = Random(11)
    async with Database(database_url) as database:
        town = LadderTown(database, FixedClock(EVENING))
        await town.open()
        await town.set_rules(ladder={"round_min_s": 7_200, "round_max_s": 7_200})
        for _ in range(REQUESTS):
            request = await town.add_request()
            await town.move_home(request.household_id, *_somewhere(rng))
        for _ in range(VOLUNTEERS):
            volunteer_id = await town.add_volunteer()
            async with database.read() as session:
                volunteer = await session.get_one(Volunteer, volunteer_id)
            await town.move_home(volunteer.home_id, *_somewhere(rng))
        async with database.begin() as session:
            await schedule_wave(session, town.community.id, storm_id=town.storm.id, now=EVENING)
    return database_url


def _somewhere(rng: Random) -> tuple[float, float]:
    return -71.11 + rng.uniform(-0.012, 0.012), 42.374 + rng.uniform(-0.008, 0.008)


@contextmanager
def copy_of(url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second database with the same rows."""
    if url.startswith("sqlite"):
        path = tmp_path / "copy.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres_server")
        with postgres.database(server, postgres.database_name(url)) as copied:
            yield copied


class Workers:
    """Starts workers one after another on one database, and kills them."""

    def __init__(self, url: str, mails: MailServer, log: Path) -> None:
        self._url, self._mails, self._log = url, mails, log
        self._moved_s = (EVENING - SystemClock().now()).total_seconds()

    async def start(self, *, later_s: float = 0.0) -> subprocess.Popen[bytes]:
        """A worker that has begun to work."""
        before, moved_s = self._begun(), self._moved_s + later_s
        worker = wave_process.start(self._url, self._mails.port, moved_s, self._log)
        async with asyncio.timeout(60):
            while self._begun() == before:
                assert worker.poll() is None, self._log.read_text()[-3_000:]
                await asyncio.sleep(0.02)
        return worker

    async def start_and_kill(self, life_s: float) -> None:
        worker = await self.start()
        try:
            await asyncio.sleep(life_s)
        finally:
            worker.kill()
            worker.wait(30)

    def _begun(self) -> int:
        return self._log.read_text().count('"worker.began"') if self._log.exists() else 0


async def wait_until(url: str, holds: Callable[[Database], Awaitable[bool]]) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    async with Database(url) as database:
        while not await holds(database):
            assert time.monotonic() < deadline_s, "the round does not come to its end"
            await asyncio.sleep(0.5)


async def every_ask_has_left(database: Database) -> bool:
    async with database.read() as session:
        asks = Counter(await session.scalars(select(Ask.status)))
    return bool(asks) and set(asks) <= {AskStatus.SENT, AskStatus.SILENT, AskStatus.WITHDRAWN}


async def all_is_sent(database: Database) -> bool:
    """Every ask has left, no mail waits, and nobody does a job."""
    async with database.read() as session:
        mails = Counter(await session.scalars(select(Message.status)))
        health = await check_jobs(session, now=EVENING)
    sent = set(mails) == {MessageStatus.SENT}
    return sent and not health.running_count and await every_ask_has_left(database)


async def outcome(url: str, mails: MailServer) -> Outcome:
    async with Database(url) as database, database.read() as session:
        rows = await session.execute(
            select(Ask.volunteer_id, Offer.request_id)
            .join(Offer, Offer.ask_id == Ask.id)
            .where(Ask.status != AskStatus.WITHDRAWN)
            .order_by(Ask.volunteer_id, Offer.position, Offer.request_id)
        )
        homes: dict[UUID, list[UUID]] = {}
        for volunteer_id, request_id in rows:
            homes.setdefault(volunteer_id, []).append(request_id)
    received = {str(mail.parse()["Message-ID"]): mail for mail in mails.received}
    return Outcome(
        asked=frozenset((volunteer, tuple(seen)) for volunteer, seen in homes.items()),
        mails=Counter((mail.recipient, str(mail.parse()["Subject"])) for mail in received.values()),
    )


async def serve_until(
    worker: subprocess.Popen[bytes], url: str, holds: Callable[[Database], Awaitable[bool]]
) -> None:
    """Let a worker work until something holds; then it ends well."""
    try:
        await wait_until(url, holds)
    finally:
        worker.terminate()
        code = worker.wait(60)
    assert code == 0


async def undisturbed(url: str, log: Path) -> Outcome:
    with mail_server() as mails:
        await serve_until(await Workers(url, mails, log).start(), url, all_is_sent)
        assert len(mails.received) == len(set(mails.mail_ids()))
        return await outcome(url, mails)


async def test_round_with_killed_workers_ends_like_one_without(
    town_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rng = Random(7)
    with copy_of(town_url, request, tmp_path) as calm_url:
        calm = await undisturbed(calm_url, tmp_path / "calm.log")
    log = tmp_path / "killed.log"
    with mail_server() as mails:
        workers = Workers(town_url, mails, log)
        for _ in range(KILLS):
            await workers.start_and_kill(rng.uniform(0, LONGEST_LIFE_S))
        await serve_until(await workers.start(), town_url, every_ask_has_left)
        await serve_until(await workers.start(later_s=LATER_S), town_url, all_is_sent)
        stormy = await outcome(town_url, mails)
        times_seen = Counter(mails.mail_ids())
    print(  # noqa: T201 - shown with -s: which steps the kills hit
        f"{KILLS} kills, {len(calm.asked)} people asked, "
        f"{sum(times_seen.values()) - len(times_seen)} mails seen twice; taken over: "
        f"{Counter(re.findall(r'taken_over.*?kind.: .([a-z._]+)', log.read_text()))}"
    )

    assert calm.asked, "the round asks somebody"
    assert stormy.asked == calm.asked
    assert stormy.mails == calm.mails
    assert sum(times_seen.values()) - len(times_seen) <= KILLS
    await check_that_nothing_is_left(town_url)


async def check_that_nothing_is_left(url: str) -> None:
    """No job that was given up, nobody with two live asks, one message for each ask."""
    async with Database(url) as database, database.read() as session:
        failed = await list_failed_jobs(session)
        asks = list(await session.scalars(select(Ask).where(Ask.status == AskStatus.SENT)))
        twice = await session.scalar(
            select(func.count())
            .select_from(Message)
            .where(Message.kind == "offer")
            .group_by(Message.subject_id)
            .having(func.count() > 1)
        )
    assert failed == []
    assert len({ask.volunteer_id for ask in asks}) == len(asks)
    assert twice is None
