"""A community with a manager, an audience, and a worker that is run by hand: for mailings."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

import campaigns.mailings.jobs
import messaging.jobs
from campaigns.audiences.models import SegmentVersion
from campaigns.mailings import figures_repository, repository
from campaigns.mailings.approving import ApproveMailing, approve_mailing
from campaigns.mailings.composing import create_mailing
from campaigns.mailings.gate import ask_mailing
from campaigns.mailings.models import Mailing, MailingRecipient
from core.clock import FixedClock
from core.db import Database
from core.jobs import JobRegistry, JobTools, find_next_due_at, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from messaging.sending import DELIVER
from people.auth import Actor
from people.kinds import Role
from people.models import Community
from tests.factories.mailings import add_people, add_segment, write_mailing
from tests.factories.messages import add_reachable
from tests.factories.people import actor_as, add_community
from tests.mail_server import sink_settings

SETTINGS = Settings(**sink_settings(25))


async def _leave(tools: JobTools, args: dict[str, Any]) -> None:
    """Leave a message in the outbox."""


class House:
    """A community with a manager, an audience, and a worker that is run by hand."""

    def __init__(self, database: Database, clock: FixedClock, *, delivers: bool = True) -> None:
        self.database, self.clock, self.mailer = database, clock, MemoryMailer()
        self.registry = JobRegistry()
        if delivers:
            messaging.jobs.register_jobs(self.registry)
        else:
            self.registry.add(DELIVER, _leave)
        campaigns.mailings.jobs.register_jobs(self.registry)
        services = {
            "mailer": self.mailer,
            "text_sender": MemoryTextSender(),
            messaging.jobs.GATES: {"mailing": ask_mailing},
        }
        self.tools = JobTools(database, clock, SETTINGS, services)

    async def open(self, count: int = 12) -> None:
        async with self.database.begin() as session:
            self.community: Community = await add_community(session)
            staff = await add_reachable(session, self.community, role=Role.MANAGER)
            self.manager: Actor = actor_as(Role.MANAGER, self.community.id, staff.id)
            self.people: list[UUID] = await add_people(session, self.community, count)
            self.version: SegmentVersion = await add_segment(session, self.community)

    async def draft(self, **changes: Any) -> Mailing:
        async with self.database.begin() as session:
            command = write_mailing(self.community, self.version, **changes)
            return await create_mailing(session, self.manager, command, now=self.clock.now())

    async def approve(self, mailing: Mailing, **changes: Any) -> Mailing:
        values: dict[str, Any] = {"mailing_id": mailing.id, "everybody": True}
        command = ApproveMailing(**(values | changes))
        return await self.act(approve_mailing, command)

    async def act(self, workflow: Any, *args: Any, actor: Actor | None = None) -> Any:
        async with self.database.begin() as session:
            return await workflow(session, actor or self.manager, *args, now=self.clock.now())

    async def run(self) -> None:
        await run_due_jobs(self.database, self.registry, self.tools)

    async def run_for(self, minutes: float) -> None:
        """Let time go by, from one job to the next."""
        until = self.clock.now() + timedelta(minutes=minutes)
        while True:
            await self.run()
            async with self.database.read() as session:
                next_at = await find_next_due_at(session, self.registry, now=self.clock.now())
            if next_at is None or next_at > until:
                break
            self.clock.advance(max(timedelta(0), next_at - self.clock.now()))
        self.clock.advance(until - self.clock.now())

    async def get(self, mailing: Mailing) -> Mailing:
        async with self.database.read() as session:
            found = await repository.find_mailing(session, mailing.id)
        assert found is not None
        return found

    async def places(self, mailing: Mailing) -> list[MailingRecipient]:
        async with self.database.read() as session:
            query = select(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id)
            return list(await session.scalars(query.order_by(MailingRecipient.position)))

    async def figures(self, mailing: Mailing) -> figures_repository.Figures:
        async with self.database.read() as session:
            found = await figures_repository.load_figures(session, self.manager, [mailing.id])
        return found[mailing.id]

    def addresses(self) -> Counter[str]:
        return Counter(mail.recipient for mail in self.mailer.sent)
