"""Whatever managers press and whoever leaves: nobody gets a mailing twice, or after they left."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from campaigns.audiences.errors import AudienceEmpty
from campaigns.mailings.approving import cancel_mailing, pause_mailing, resume_mailing
from campaigns.mailings.errors import AlreadySent, MailingStands
from campaigns.mailings.kinds import MailingStatus
from campaigns.mailings.states import ENDED, MAILING
from core.clock import FixedClock
from core.db import Database
from matching.errors import IllegalTransition
from messaging.stopping import stop_all
from people.kinds import Channel
from tests.conftest import EVENING_OF_SNOW
from tests.factories.mailings import address_of
from tests.mailing_house import House

PEOPLE = 8
REFUSALS = (AlreadySent, AudienceEmpty, MailingStands, IllegalTransition)


class Mailings(RuleBasedStateMachine):
    """One mailing, a worker that does a job now and then, and managers with quick fingers."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "talkoot.db"
        shutil.copyfile(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        self.house = House(self.database, FixedClock(EVENING_OF_SNOW))
        self.await_(self.house.open(PEOPLE))
        self.mailing = self.await_(self.house.draft(rate_per_min=12))
        self.status = MailingStatus.DRAFT
        self.got_before: dict[str, int] = {}
        """What those who left had got when they did."""
        self.sent_at_end: int | None = None

    def await_(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def press(self, work: Coroutine[Any, Any, Any]) -> None:
        with suppress(*REFUSALS):
            self.await_(work)

    @rule()
    def approve(self) -> None:
        self.press(self.house.approve(self.mailing))

    @rule()
    def pause(self) -> None:
        self.press(self.house.act(pause_mailing, self.mailing.id))

    @rule()
    def resume(self) -> None:
        self.press(self.house.act(resume_mailing, self.mailing.id))

    @rule(sure=st.integers(0, 3))
    def cancel(self, sure: int) -> None:
        if sure == 3:
            self.press(self.house.act(cancel_mailing, self.mailing.id))

    @rule(seconds=st.sampled_from((5, 20, 2_000)))
    def work(self, seconds: int) -> None:
        self.house.clock.advance(timedelta(seconds=seconds))
        self.await_(self.house.run())

    @rule(number=st.integers(0, PEOPLE - 1))
    def leave(self, number: int) -> None:
        person_id = self.house.people[number]
        self.await_(self._stop(person_id))
        address = address_of(person_id)
        self.got_before.setdefault(address, self.house.addresses()[address])

    async def _stop(self, person_id: Any) -> None:
        async with self.database.begin() as session:
            await stop_all(session, person_id, Channel.EMAIL, now=self.house.clock.now())

    @invariant()
    def holds(self) -> None:
        got = self.house.addresses()
        assert max(got.values(), default=0) <= 1
        for address, before in self.got_before.items():
            assert got[address] == before
        after = self.await_(self.house.get(self.mailing)).status
        if after is not self.status:
            assert after in _reachable(self.status)
        self.status = after
        if after in ENDED:
            assert self.sent_at_end in (None, got.total())
            self.sent_at_end = got.total()

    def teardown(self) -> None:
        self.await_(self.database.close())
        self.loop.close()
        self.folder.cleanup()


def _reachable(before: MailingStatus) -> set[MailingStatus]:
    """States that some steps of a worker may lead to."""
    found: set[MailingStatus] = set()
    ahead = set(MAILING[before])
    while ahead - found:
        found |= ahead
        ahead = {after for state in found for after in MAILING[state]}
    return found


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_doubles_whatever_is_pressed(sqlite_template: Path) -> None:
    Mailings.template = sqlite_template
    run_state_machine_as_test(
        Mailings,
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
