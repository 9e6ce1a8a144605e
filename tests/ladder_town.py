"""A snowed-in town with volunteers who can be written to: waves run on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database, Session
from geo.city import CityPack, shipped_pack
from geo.privacy import PrivacyCells
from matching.kinds import AskStatus, HoldReason, StormStatus
from matching.models import HelpRequest, Offer, Storm, Volunteer
from matching.offers.delivery import send_round_asks
from matching.offers.models import Ask
from matching.offers.waves import RunWave, WaveResult, WaveTools, run_wave
from matching.rounds.nearest_first import plan_nearest_first
from matching.rounds.planning import RoundTools
from messaging.kinds import Draft, Words
from messaging.models import Message
from messaging.sending import queue_message
from people.auth import Actor
from people.kinds import Channel, Purpose
from people.models import (
    Community,
    CommunityRules,
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
)
from tests.factories.matching import EVENING, add_request, add_volunteer
from tests.factories.people import LONG_AGO, add_community

SYSTEM = Actor.system()
CELLS = PrivacyCells.from_pack(CityPack.open(shipped_pack("cambridge")))
"""The cells of the real city: found once for all tests."""


def by_hand(problem: Any, **_: Any) -> Any:
    """A real solver without a bound: quick, and its plans keep every rule."""
    return plan_nearest_first(problem)


async def plain_message(session: Session, ask: Ask, *, now: datetime) -> Message:
    """A message with plain words, through the real outbox."""
    volunteer = await session.get(Volunteer, ask.volunteer_id)
    assert volunteer is not None
    draft = Draft(
        community_id=ask.community_id,
        person_id=volunteer.person_id,
        kind="offer",
        key=f"offer:{ask.id}",
        purpose=Purpose.OFFERS,
        words=Words("Help", "Can you help?", "<p>Can you help?</p>", "Can you help?"),
        storm_id=ask.storm_id,
        subject_type="ask",
        subject_id=ask.id,
    )
    return await queue_message(session, draft, now=now)


class LadderTown:
    """A community in Cambridge in an active storm, and the ladder at work in it."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.community: Community
        self.storm: Storm

    async def open(self, *, status: StormStatus = StormStatus.ACTIVE) -> None:
        async with self.database.begin() as session:
            self.community = await add_community(session)
            self.storm = Storm(
                community_id=self.community.id,
                status=status,
                hold_reason=HoldReason.ICE if status is StormStatus.HOLD else None,
                created_at=EVENING - timedelta(hours=6),
            )
            session.add(self.storm)

    async def set_rules(self, **rules: Any) -> None:
        async with self.database.begin() as session:
            session.add(
                CommunityRules(community_id=self.community.id, valid_from=LONG_AGO, rules=rules)
            )

    async def add_request(self, **values: Any) -> HelpRequest:
        async with self.database.begin() as session:
            values.setdefault("storm_id", self.storm.id)
            row = await add_request(session, self.community, **values)
            await self._blur(session, row.household_id)
            return row

    async def add_volunteer(self, *, consent: bool = True, **values: Any) -> UUID:
        async with self.database.begin() as session:
            row = await add_volunteer(session, self.community, **values)
            await self._blur(session, row.home_id)
            session.add(
                ContactPoint(
                    person_id=row.person_id,
                    channel=Channel.EMAIL,
                    value=f"{row.person_id.hex}@example.org",
                    verified_at=LONG_AGO,
                )
            )
            if consent:
                session.add(
                    Consent(
                        person_id=row.person_id,
                        community_id=self.community.id,
                        purpose=Purpose.OFFERS,
                        text_version="1",
                        granted=True,
                        recorded_at=LONG_AGO,
                        source="form",
                    )
                )
            return row.id

    async def _blur(self, session: Session, household_id: UUID) -> None:
        home = await session.get(Household, household_id)
        address = await session.get(HouseholdAddress, household_id)
        assert home is not None
        assert address is not None
        home.cell = CELLS.cell_of(address.lon_deg, address.lat_deg)

    async def move_home(self, household_id: UUID, lon_deg: float, lat_deg: float) -> None:
        async with self.database.begin() as session:
            address = await session.get(HouseholdAddress, household_id)
            assert address is not None
            address.lon_deg, address.lat_deg = lon_deg, lat_deg
            await session.flush()
            await self._blur(session, household_id)

    async def wave(self, *, job_key: str | None = None, by_hand_of: bool = False) -> WaveResult:
        """Plan a wave without sending it."""
        return await run_wave(
            self.database,
            SYSTEM,
            RunWave(self.community.id, job_key=job_key, by_hand=by_hand_of),
            tools=self.tools(),
        )

    def tools(self) -> WaveTools:
        return WaveTools(RoundTools(clock=self.clock, solver=by_hand))

    async def wave_and_send(self, **options: Any) -> WaveResult:
        result = await self.wave(**options)
        if result.round_id is not None:
            await self.send(result.round_id)
        return result

    async def send(self, round_id: UUID) -> tuple[int, int]:
        return await send_round_asks(
            self.database, round_id, clock=self.clock, notify=plain_message
        )

    async def write_to(self, volunteer_id: UUID, *, times: int) -> None:
        """Messages of another sender in this storm."""
        async with self.database.begin() as session:
            volunteer = await session.get(Volunteer, volunteer_id)
            assert volunteer is not None
            for number in range(times):
                draft = Draft(
                    community_id=self.community.id,
                    person_id=volunteer.person_id,
                    kind="news",
                    key=f"news:{volunteer_id}:{number}",
                    purpose=Purpose.OFFERS,
                    words=Words("News", "News", "<p>News</p>", "News"),
                    storm_id=self.storm.id,
                )
                await queue_message(session, draft, now=self.clock.now())

    async def asks(self, *statuses: AskStatus) -> list[Ask]:
        return await self.rows(Ask, Ask.status.in_(statuses or tuple(AskStatus)))

    async def offers(self) -> list[Offer]:
        return await self.rows(Offer)

    async def messages(self) -> list[Message]:
        return await self.rows(Message)

    async def rows(self, model: type[Any], *where: Any) -> list[Any]:
        async with self.database.read() as session:
            key = model.__mapper__.primary_key
            return list(await session.scalars(select(model).where(*where).order_by(*key)))

    async def move_storm(self, status: StormStatus, hold_reason: HoldReason | None = None) -> None:
        async with self.database.begin() as session:
            storm = await session.get(Storm, self.storm.id)
            assert storm is not None
            storm.status, storm.hold_reason = status, hold_reason


def volunteers_of(asks: Sequence[Ask]) -> set[UUID]:
    return {ask.volunteer_id for ask in asks}
