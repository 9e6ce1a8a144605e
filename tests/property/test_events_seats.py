"""Whatever people do with the seats of an event: never too many, in order, and nobody lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select

from api.opening import CARRIED
from campaigns.events.errors import (
    CapacityTooSmall,
    NoRoom,
    NoSeat,
    OfferLapsed,
    PartyTooLarge,
)
from campaigns.events.kinds import HOLDING, RegistrationStatus
from campaigns.events.models import EventOccurrence, EventRegistration
from campaigns.events.organizing import set_capacity
from campaigns.events.seating import expire_offer
from campaigns.events.signing_up import (
    SignUp,
    cancel_registration,
    change_party,
    confirm_seat,
    sign_up,
)
from core.clock import FixedClock
from core.db import Database
from core.migrate import upgrade
from people.auth import Actor
from people.kinds import Role
from tests.conftest import EVENING_OF_SNOW
from tests.factories.events import add_event
from tests.factories.people import actor_as, add_community, add_person

PEOPLE = 8
WHO = st.integers(0, PEOPLE - 1)
SIZE = st.integers(1, 4)
MAY_BE_REFUSED = (CapacityTooSmall, NoRoom, NoSeat, OfferLapsed, PartyTooLarge)


@cache
def template() -> Path:
    """A migrated file to copy from."""
    path = Path(tempfile.mkdtemp()) / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


class Seats(RuleBasedStateMachine):
    """People sign up, leave, confirm, change their party; seats are added; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "talkoot.db"
        shutil.copyfile(template(), path)
        self.database = Database(f"sqlite:///{path}", info=CARRIED)
        self.runner.run(self.database.__aenter__())
        self.clock = FixedClock(EVENING_OF_SNOW)
        self.joined: set[UUID] = set()

    @initialize(capacity=st.integers(1, 8))
    def open(self, capacity: int) -> None:
        async def run() -> None:
            async with self.database.begin() as session:
                community = await add_community(session)
                _, (day,) = await add_event(
                    session, community, now=self.clock.now(), capacity=capacity, max_party=4
                )
                self.day_id = day.id
                people = [(await add_person(session, community)).id for _ in range(PEOPLE)]
                self.people = [actor_as(Role.RESIDENT, community.id, key) for key in people]

        self.runner.run(run())

    def rows(self) -> list[EventRegistration]:
        async def run() -> list[EventRegistration]:
            async with self.database.read() as session:
                query = select(EventRegistration).order_by(EventRegistration.number)
                return list(await session.scalars(query))

        return self.runner.run(run())

    def do(self, action: str, who: int, size: int = 1) -> None:
        """One thing that somebody does; a refusal changes nothing."""
        actor, now = self.people[who], self.clock.now()
        own = [row for row in self.rows() if row.person_id == actor.person_id]
        if action != "join" and not own:
            return

        async def run() -> None:
            async with self.database.begin() as session:
                if action == "join":
                    await sign_up(session, actor, SignUp(self.day_id, size), now=now)
                elif action == "leave":
                    await cancel_registration(session, actor, own[0].id, now=now)
                elif action == "confirm":
                    await confirm_seat(session, actor, own[0].id, now=now)
                else:
                    await change_party(session, actor, own[0].id, size, now=now)

        before = self.snapshot()
        try:
            self.runner.run(run())
        except MAY_BE_REFUSED:
            assert self.snapshot() == before
        else:
            if action == "join":
                self.joined.add(actor.person_id or UUID(int=0))

    def snapshot(self) -> list[tuple[object, ...]]:
        return [(row.id, row.status, row.number, row.party_size) for row in self.rows()]

    @rule(who=WHO, size=SIZE)
    def join(self, who: int, size: int) -> None:
        self.do("join", who, size)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        self.do("leave", who)

    @rule(who=WHO)
    def confirm(self, who: int) -> None:
        self.do("confirm", who)

    @rule(who=WHO, size=SIZE)
    def resize_party(self, who: int, size: int) -> None:
        self.do("party", who, size)

    @rule(capacity=st.integers(1, 10))
    def resize(self, capacity: int) -> None:
        async def run() -> None:
            async with self.database.begin() as session:
                await set_capacity(
                    session, Actor.system(), self.day_id, capacity, now=self.clock.now()
                )

        try:
            self.runner.run(run())
        except CapacityTooSmall:
            held = sum(row.party_size for row in self.rows() if row.status in HOLDING)
            assert held > capacity

    @rule()
    @precondition(lambda self: self.clock.now() < EVENING_OF_SNOW + timedelta(days=20))
    def wait_a_day(self) -> None:
        now = self.clock.advance(timedelta(hours=24))
        due = [row.id for row in self.rows() if row.status is RegistrationStatus.OFFERED]

        async def run() -> None:
            for key in due:
                async with self.database.begin() as session:
                    await expire_offer(session, key, now=now)

        self.runner.run(run())

    @invariant()
    def seats_are_counted_and_never_too_many(self) -> None:
        if not hasattr(self, "day_id"):
            return
        rows = self.rows()
        held = sum(row.party_size for row in rows if row.status in HOLDING)
        day = self.read_day()
        assert held == day.taken_count <= day.capacity

    @invariant()
    def nobody_is_lost_and_each_stands_there_once(self) -> None:
        if not hasattr(self, "day_id"):
            return
        rows = self.rows()
        assert {row.person_id for row in rows} == self.joined
        assert len({row.number for row in rows}) == len(rows) == len(self.joined)

    @invariant()
    def seats_are_free_only_where_the_head_of_the_line_does_not_fit(self) -> None:
        if not hasattr(self, "day_id"):
            return
        day = self.read_day()
        waiting = [
            row
            for row in self.rows()
            if row.status is RegistrationStatus.WAITING and row.party_size <= day.capacity
        ]
        if waiting:
            assert day.taken_count + waiting[0].party_size > day.capacity
        assert all(row.offered_until_at for row in self.rows() if row.status.value == "offered")

    def read_day(self) -> EventOccurrence:
        async def run() -> EventOccurrence:
            async with self.database.read() as session:
                return await session.get_one(EventOccurrence, self.day_id)

        return self.runner.run(run())

    def teardown(self) -> None:
        self.runner.run(self.database.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=8, stateful_step_count=18, deadline=None)
