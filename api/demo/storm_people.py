"""Made-up people of the storm demonstration: they read real mails and answer as people do.

They know nothing but what stands in their mails and on the page behind the link: the code that
serves them is the product's own.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from core.db import Database, Session
from core.errors import TalkootError
from geo.blurred_travel import TimeBucket
from matching.models import Assignment
from matching.offers.answering import release_work
from matching.offers.casework import (
    cancel_request,
    confirm_done,
    release_no_show,
    report_done,
    start_work,
)
from matching.offers.live import OpenHome, open_now
from matching.offers.replying import decline_plan, say_not_today, take_home
from matching.simulation.parameters import Behaviour
from people.auth import Actor
from people.links import resolve_link

Action = Callable[..., Awaitable[Any]]

LINK = re.compile(r"/l/([A-Za-z0-9_\-]{22,64})")
SLEEP_FROM_H, SLEEP_UNTIL_H = 23, 6.5
MOST_AT_ONCE = 3
NO_SHOW_SEEN = timedelta(minutes=30)
"""After so long a resident rings, and staff give the visit to others."""
RADIUS_SHARE = {
    TimeBucket.UNDER_5_MIN: 0.15,
    TimeBucket.FROM_5_TO_10_MIN: 0.5,
    TimeBucket.FROM_10_TO_15_MIN: 0.8,
    TimeBucket.FROM_15_TO_30_MIN: 1.0,
    TimeBucket.OVER_30_MIN: 1.0,
}
"""How far a home is, as a share of how far people go, by what they are told."""


@dataclass(frozen=True)
class SyntheticVolunteer:
    """One made-up volunteer and the dice that were cast for them."""

    volunteer_id: UUID
    person_id: UUID
    number: int
    max_tasks: int
    helps_today: bool
    ever_answers: bool
    has_button: bool


@dataclass(frozen=True)
class SyntheticResident:
    """One made-up resident."""

    person_id: UUID
    number: int


@dataclass
class Luck:
    """Dice by seed and by what they are for, so that each question has one answer."""

    seed: int
    behaviour: Behaviour = field(default_factory=Behaviour)

    def roll(self, *what: int) -> float:
        """From 0 to 1."""
        return float(np.random.default_rng([self.seed, *what]).random())

    def make_volunteer(
        self, volunteer_id: UUID, person_id: UUID, number: int, max_tasks: int
    ) -> SyntheticVolunteer:
        """Who this person is today."""
        own = self.behaviour
        rng = np.random.default_rng([self.seed, 1, number])
        mean, concentration = own.willing_mean, own.willing_concentration
        willing = rng.beta(mean * concentration, (1 - mean) * concentration)
        return SyntheticVolunteer(
            volunteer_id=volunteer_id,
            person_id=person_id,
            number=number,
            max_tasks=max_tasks,
            helps_today=bool(rng.random() < willing),
            ever_answers=bool(rng.random() >= own.ghost_share),
            has_button=bool(rng.random() < own.button_share),
        )

    def delay(self, person: SyntheticVolunteer, message: int) -> timedelta | None:
        """How long until this person answers a message; None when they never do."""
        own = self.behaviour
        rng = np.random.default_rng([self.seed, 2, person.number, message])
        if not person.ever_answers:
            return None
        if rng.random() >= own.reply_share * own.reply_fatigue**message:
            return None
        return timedelta(
            seconds=own.answer_median_s * float(np.exp(own.answer_sigma * rng.normal()))
        )

    def wants(self, person: SyntheticVolunteer, home: OpenHome) -> bool:
        """Whether this person would go to this home today."""
        own, share = self.behaviour, RADIUS_SHARE[home.travel]
        chance = own.near_share + (own.far_share - own.near_share) * share
        return self.roll(3, person.number, home.request_id.int % 2**32) < chance

    def stays_away(self, work_number: int) -> bool:
        """Whether an agreed visit is forgotten."""
        own = self.behaviour
        return self.roll(4, work_number) < own.no_show * own.reminder_factor

    def steps_back(self, work_number: int) -> float | None:
        """After which share of the time until an agreed visit it is given back; None never."""
        if self.roll(5, work_number) >= self.behaviour.withdraw:
            return None
        return self.roll(6, work_number)


def find_token(text: str) -> str | None:
    """The link of a mail, as a reader finds it."""
    found = LINK.search(text)
    return None if found is None else found.group(1)


def awake(moment: datetime, zone: ZoneInfo) -> datetime:
    """This moment, or the next morning when people sleep then."""
    local = moment.astimezone(zone)
    hour = local.hour + local.minute / 60
    if SLEEP_UNTIL_H <= hour < SLEEP_FROM_H:
        return moment
    day = local.date() + timedelta(days=1 if hour >= SLEEP_FROM_H else 0)
    wakes = datetime(day.year, day.month, day.day, 6, 30, tzinfo=zone)
    return wakes.astimezone(moment.tzinfo) + timedelta(seconds=(moment.second * 60) % 3600)


async def answer_mail(
    database: Database, luck: Luck, person: SyntheticVolunteer, token: str, *, now: datetime
) -> list[Assignment]:
    """Open the page behind a mail and do there what this person does; the visits agreed to."""
    agreed: list[Assignment] = []
    async with database.begin() as session:
        link = await resolve_link(session, token, now=now)
        actor = Actor(person_id=link.person_id)
        if not person.helps_today:
            if person.has_button:
                await say_not_today(session, actor, person.volunteer_id, now=now)
            else:
                await decline_plan(session, actor, link.subject_id, now=now)
            return []
        seen: set[UUID] = set()
        while len(agreed) < MOST_AT_ONCE:
            home = await _choose(session, luck, person, seen, now)
            if home is None:
                break
            seen.add(home.request_id)
            reply = await take_home(session, actor, person.volunteer_id, home.request_id, now=now)
            if reply.work is not None:
                agreed.append(reply.work)
        if not agreed:
            await decline_plan(session, actor, link.subject_id, now=now)
    return agreed


async def _choose(
    session: Session,
    luck: Luck,
    person: SyntheticVolunteer,
    seen: set[UUID],
    now: datetime,
) -> OpenHome | None:
    """The first home of the list, as it is at this moment, that the person would go to."""
    for home in await open_now(session, person.volunteer_id, now):
        if home.request_id not in seen and luck.wants(person, home):
            return home
    return None


async def go(database: Database, person_id: UUID, work_id: UUID, *, now: datetime) -> bool:
    """Set out for a visit, unless it was called off."""
    return await _try(database, start_work, Actor(person_id=person_id), work_id, now=now)


async def finish(database: Database, person_id: UUID, work_id: UUID, *, now: datetime) -> bool:
    """Tell that the work is done."""
    return await _try(database, report_done, Actor(person_id=person_id), work_id, now=now)


async def step_back(database: Database, person_id: UUID, work_id: UUID, *, now: datetime) -> bool:
    """Give an agreed visit back."""
    actor = Actor(person_id=person_id)
    return await _try(database, release_work, actor, work_id, now=now, reason="no_time")


async def miss(database: Database, work_id: UUID, *, now: datetime) -> bool:
    """A resident rang because nobody came; staff free the visit."""
    return await _try(database, release_no_show, Actor.system(), work_id, now=now)


async def confirm(database: Database, person_id: UUID, request_id: UUID, *, now: datetime) -> bool:
    """A resident says thank you."""
    return await _try(database, confirm_done, Actor(person_id=person_id), request_id, now=now)


async def call_off(database: Database, person_id: UUID, request_id: UUID, *, now: datetime) -> bool:
    """A resident needs no help after all."""
    actor = Actor(person_id=person_id)
    return await _try(
        database, cancel_request, actor, request_id, now=now, reason="resident_cancelled"
    )


async def _try(database: Database, action: Action, *args: Any, **options: Any) -> bool:
    """People come too late with what they tell; the product answers with a kind error."""
    try:
        async with database.begin() as session:
            await action(session, *args, **options)
    except TalkootError:
        return False
    return True
