"""The jobs of events: notices, kept seats whose time is over, and attendance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from campaigns.events import seats_repository
from campaigns.events.check_in import CLOSES_AFTER, close_attendance
from campaigns.events.kinds import HelperStatus
from campaigns.events.notifications import (
    notify_change,
    notify_helper,
    notify_let_go,
    notify_registration,
)
from campaigns.events.schedule import EXPIRE, SWEEP, TELL_CHANGE, TELL_HELPER, TELL_PERSON
from campaigns.events.seating import expire_offer
from core.jobs import JobRegistry, JobTools, Retry

SWEEP_MINUTES = 10
PAGE = 100
MAX_PAGES = 1_000
SLOW_LIMIT_S = 600.0


async def expire(tools: JobTools, args: dict[str, Any]) -> None:
    """Pass on one kept seat that was not confirmed."""
    async with tools.database.begin() as session:
        await expire_offer(session, UUID(args["registration_id"]), now=tools.clock.now())


async def sweep(tools: JobTools, args: dict[str, Any]) -> None:
    """Find kept seats that were forgotten, and settle who came to events that are over."""
    now = tools.clock.now()
    async with tools.database.read() as session:
        lapsed = await seats_repository.list_due_offers(session, now, PAGE)
        ended = await seats_repository.list_to_close(session, now - CLOSES_AFTER, PAGE)
    for registration_id in lapsed:
        async with tools.database.begin() as session:
            await expire_offer(session, registration_id, now=now)
    for occurrence_id in ended:
        async with tools.database.begin() as session:
            await close_attendance(session, occurrence_id, now=now)


async def tell_person(tools: JobTools, args: dict[str, Any]) -> None:
    """Tell somebody what became of their sign-up."""
    async with tools.database.begin() as session:
        await notify_registration(
            session,
            UUID(args["registration_id"]),
            args["what"],
            args["sequence"],
            now=tools.clock.now(),
        )


async def tell_change(tools: JobTools, args: dict[str, Any]) -> None:
    """Tell everybody whom a change concerns, a page at a time; again tells nobody twice."""
    event_id, change = UUID(args["event_id"]), int(args["sequence"])
    after: UUID | None = None
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            people = await seats_repository.list_people_of_change(
                session, event_id, change, after=after, limit=PAGE
            )
            for person_id in people:
                await notify_change(
                    session, event_id, change, args["what"], person_id, now=tools.clock.now()
                )
        if len(people) < PAGE:
            return
        after = people[-1]


async def tell_helper(tools: JobTools, args: dict[str, Any]) -> None:
    """Tell somebody that their help is wanted, agreed, or not needed any more."""
    helper_id, was, now = UUID(args["helper_id"]), args.get("was"), tools.clock.now()
    async with tools.database.begin() as session:
        if was is None:
            await notify_helper(session, helper_id, now=now)
        else:
            await notify_let_go(session, helper_id, HelperStatus(was), now=now)


def register_jobs(registry: JobRegistry) -> None:
    """Add the jobs of events."""
    registry.add(EXPIRE, expire, retry=Retry())
    registry.add(SWEEP, sweep, retry=Retry(max_attempts=2), limit_s=SLOW_LIMIT_S, at_once=1)
    registry.add(TELL_PERSON, tell_person, retry=Retry())
    registry.add(TELL_CHANGE, tell_change, retry=Retry(), limit_s=SLOW_LIMIT_S)
    registry.add(TELL_HELPER, tell_helper, retry=Retry())
    registry.every(SWEEP, minutes=SWEEP_MINUTES)
