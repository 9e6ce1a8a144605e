"""Whatever happens in between: no message to who must not get one, and never too many."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import FixedClock
from core.db import Database
from core.errors import TalkootError
from matching.kinds import AskStatus, OfferStatus
from matching.models import AvailabilityWindow, Ban, HelpRequest, Offer, RequestWindow, Volunteer
from matching.offers.answering import decline_offer
from matching.offers.asks import stop_for_storm
from matching.offers.models import Ask
from messaging.timing import is_quiet
from tests.factories.matching import EVENING
from tests.ladder_town import SYSTEM, LadderTown

BUDGET, GAP = 2, timedelta(hours=1)
ZONE = ZoneInfo("America/New_York")
QUIET = (22 * 60, 7 * 60)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wave", "wave", "decline", "not_today", "pause", "ban", "write"]),
        st.integers(0, 5),
        st.sampled_from([0, 20, 70, 240]),
    ),
    min_size=3,
    max_size=7,
)


class Watched:
    """A town, and what its people have said so far."""

    def __init__(self, town: LadderTown) -> None:
        self.town = town
        self.requests: list[HelpRequest] = []
        self.volunteers: list[UUID] = []
        self.struck: set[tuple[UUID, UUID]] = set()
        self.silent: set[UUID] = set()
        self.known: set[UUID] = set()
        self.wrote = 0

    async def fill(self) -> None:
        await self.town.open()
        await self.town.set_rules(
            ladder={
                "messages_per_storm": BUDGET,
                "gap_s": GAP.total_seconds(),
                "gap_max_s": GAP.total_seconds(),
            }
        )
        self.requests = [await self.town.add_request() for _ in range(2)]
        self.volunteers = [await self.town.add_volunteer() for _ in range(2)]
        async with self.town.database.begin() as session:
            for model, end in ((RequestWindow, "closes_at"), (AvailabilityWindow, "ends_at")):
                for row in await self.town.rows(model):
                    kept = await session.get(model, row.id)
                    setattr(kept, end, EVENING + timedelta(hours=40))

    async def take(self, step: str, number: int) -> None:
        town, now = self.town, self.town.clock.now()
        volunteer_id = self.volunteers[number % 2]
        request = self.requests[number // 2 % 2]
        if step == "wave":
            await town.wave_and_send()
        elif step == "write":
            self.wrote += 1
            await town.write_to(volunteer_id, times=1 + self.wrote)
        async with town.database.begin() as session:
            if step == "decline":
                for offer in await town.rows(Offer, Offer.volunteer_id == volunteer_id):
                    if offer.status in (OfferStatus.SENT, OfferStatus.EXPIRED):
                        await decline_offer(session, SYSTEM, offer.id, now=now)
                        self.struck.add((volunteer_id, offer.request_id))
            elif step == "not_today":
                await stop_for_storm(session, town.storm.id, volunteer_id, now=now)
                self.silent.add(volunteer_id)
            elif step == "pause":
                row = await session.get(Volunteer, volunteer_id)
                assert row is not None
                row.paused_until = now + timedelta(days=3)
                self.silent.add(volunteer_id)
            elif step == "ban" and (volunteer_id, request.id) not in self.struck:
                session.add(
                    Ban(
                        community_id=town.community.id,
                        volunteer_id=volunteer_id,
                        resident_id=request.resident_id,
                        created_at=now,
                    )
                )
                self.struck.add((volunteer_id, request.id))

    async def check(self, barred: set[UUID], struck: set[tuple[UUID, UUID]]) -> None:
        """What was sent since the last look was allowed before it was sent."""
        for ask in await self.town.asks():
            if ask.sent_at is None or ask.id in self.known:
                continue
            self.known.add(ask.id)
            assert ask.volunteer_id not in barred
            assert not is_quiet(ask.sent_at, ZONE, *QUIET)
            for offer in await self.town.rows(Offer, Offer.ask_id == ask.id):
                assert (offer.volunteer_id, offer.request_id) not in struck
        for volunteer_id in self.volunteers:
            sent = await self._sent_to(volunteer_id)
            assert len(sent) <= BUDGET
            moments = sorted(ask.sent_at for ask in sent if ask.sent_at is not None)
            for before, after in itertools.pairwise(moments):
                assert after - before >= GAP
            assert sum(ask.status is AskStatus.SENT for ask in sent) <= 1

    async def _sent_to(self, volunteer_id: UUID) -> list[Ask]:
        mine = await self.town.rows(Ask, Ask.volunteer_id == volunteer_id)
        return [ask for ask in mine if ask.sent_at is not None]


async def play(path: Path, steps: list[tuple[str, int, int]]) -> None:
    async with Database(f"sqlite:///{path}") as database:
        watched = Watched(LadderTown(database, FixedClock(EVENING)))
        await watched.fill()
        for step, number, minutes in steps:
            watched.town.clock.advance(timedelta(minutes=minutes))
            barred, struck = set(watched.silent), set(watched.struck)
            with contextlib.suppress(TalkootError):
                await watched.take(step, number)
            await watched.check(barred, struck)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_nobody_hears_what_they_should_not(
    sqlite_template: Path, steps: list[tuple[str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copyfile(sqlite_template, Path(folder) / "talkoot.db")
        asyncio.run(play(path, steps))
