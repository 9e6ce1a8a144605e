"""One storm in fast time: the worker's own jobs on a clock that jumps, and made-up people."""

from __future__ import annotations

import csv
import heapq
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import matching.jobs
import messaging.jobs
from api.commands.imports import ImportRequest, run_import
from api.demo import storm_people, storm_repository
from api.demo.evening import CITY, COMMUNITY, DATABASE, DemoSize, prepare_folder
from api.demo.storm_people import NO_SHOW_SEEN, Luck, SyntheticVolunteer, awake, find_token
from api.demo.storm_repository import StormRows
from api.opening import open_database
from api.progress import Steps
from core.clock import FixedClock
from core.db import Database
from core.errors import TalkootError
from core.ids import repeated_ids
from core.jobs import JobRegistry, JobTools, find_next_due_at, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from geo.city import CityPack, find_pack_file
from matching.demo_people import EVENING, make_demo_files
from matching.engine.problem import Problem
from matching.engine.progress import Callbacks
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from matching.files.json_file import write_whole
from matching.imports.preparing import FileKind
from matching.models import Assignment
from matching.offers.schedule import EXPIRE, schedule_wave
from matching.storms.directing import OpenStorm, close_storm, open_storm
from people.auth import Actor
from people.links import resolve_link
from people.repository import get_community

NEXT_DAY = EVENING + timedelta(days=1)
EARLY_SHARE = 0.65
SNOW_ENDS_H, DEADLINE_H = 22, 24
MOST_TURNS = 3
"""Turns of each phase that the optimiser takes in a wave of the demonstration."""
DAY = f"{EVENING} 16:00-21:00|{NEXT_DAY} 06:30-21:00"
EVENINGS = f"{EVENING} 16:00-21:00|{NEXT_DAY} 16:00-21:00"
MORNING = f"{NEXT_DAY} 06:30-12:00"
HOURS = {"16:00-21:00": DAY, "16:00-19:00": EVENINGS, "19:00-21:00": MORNING}
"""What the evening's hours become when the storm lasts a day."""

OUTPUTS = (
    "volunteers.csv",
    "residents.csv",
    "residents-next-day.csv",
    DATABASE,
    "storm.csv",
    "storm.png",
    "storm.html",
)

Deed = Callable[[], Awaitable[None]]


@dataclass(frozen=True, eq=False)
class StormStory:
    """What the demonstration found."""

    started_at: datetime
    ended_at: datetime
    zone: ZoneInfo
    rows: StormRows
    volunteer_count: int
    waves: int
    refused: dict[str, int]
    """Answers that the product turned down, by code."""


def solve_quickly(
    problem: Problem, *, stop: Stop, seed: int, workers: int, callbacks: Callbacks
) -> Solution:
    """The engine with few turns: in fast time nobody waits for the last thousandth.

    No clock ends the search, so that the same seed plays the same storm.
    """
    few = Stop(max_turns=MOST_TURNS)
    return solve(problem, stop=few, seed=seed, workers=workers, callbacks=callbacks)


async def play_storm(out: Path, size: DemoSize, settings: Settings, steps: Steps) -> StormStory:
    """Make people, open a storm, and let a day pass: the same day for the same seed."""
    with repeated_ids(size.seed):
        return await _play_storm(out, size, settings, steps)


async def _play_storm(out: Path, size: DemoSize, settings: Settings, steps: Steps) -> StormStory:
    url = prepare_folder(out, size, play="storm", outputs=OUTPUTS)
    pack = CityPack.open(find_pack_file(CITY))
    zone = ZoneInfo(pack.meta.time_zone)
    clock = FixedClock(datetime.combine(EVENING, time(15, 30), zone).astimezone(UTC))
    steps.start("Making up people")
    files = make_demo_files(
        pack, n_requests=size.requests, n_volunteers=size.volunteers, seed=size.seed
    )
    early, late = _split(_for_a_day(files.residents), EARLY_SHARE)
    for name, text in (
        ("volunteers.csv", _for_a_day(files.volunteers)),
        ("residents.csv", early),
        ("residents-next-day.csv", late),
    ):
        write_whole(out / name, text.encode())
    importer = partial(_import, url, settings, clock=clock, steps=steps)
    await importer(FileKind.VOLUNTEERS, out / "volunteers.csv")
    await importer(FileKind.RESIDENTS, out / "residents.csv")
    steps.start("A storm in fast time", 100)
    async with open_database(url) as database:
        play = _Play(database, clock, settings, Luck(size.seed), zone)
        return await play.run(
            steps, next_day=partial(importer, FileKind.RESIDENTS, out / "residents-next-day.csv")
        )


async def _import(
    url: str, settings: Settings, kind: FileKind, path: Path, *, clock: FixedClock, steps: Steps
) -> None:
    request = ImportRequest(kind, path, COMMUNITY, city=CITY, synthetic=True)
    await run_import(url, request, settings, clock=clock, steps=steps)


def _for_a_day(text: str) -> str:
    """The same people with hours that reach over the night."""
    for hours, day in HOURS.items():
        text = text.replace(f"{EVENING.isoformat()} {hours}", day)
    return text


def _split(text: str, share: float) -> tuple[str, str]:
    """The first requests of a file, and those that come later."""
    rows = list(csv.reader(io.StringIO(text)))
    head, body = rows[0], rows[1:]
    cut = round(len(body) * share)
    return _joined([head, *body[:cut]]), _joined([head, *body[cut:]])


def _joined(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


@dataclass
class _Play:
    """The storm as it runs: a clock that jumps from one event to the next."""

    database: Database
    clock: FixedClock
    settings: Settings
    luck: Luck
    zone: ZoneInfo
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    people: dict[str, SyntheticVolunteer] = field(default_factory=dict)
    deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    read: int = 0
    heard: dict[int, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    order: int = 0
    works: int = 0
    community_id: UUID | None = None

    async def run(self, steps: Steps, *, next_day: Callable[[], Awaitable[None]]) -> StormStory:
        """From the opening of the storm to its end."""
        started_at = self.clock.now()
        await self._open()
        self.at(self._local(NEXT_DAY, 7, 30), partial(self._new_requests, next_day))
        deadline_at = self._local(EVENING, SNOW_ENDS_H, 0) + timedelta(hours=DEADLINE_H)
        registry, tools = self._worker()
        whole = (deadline_at - started_at).total_seconds()
        while True:
            await run_due_jobs(self.database, registry, tools)
            await self._read_mails()
            moment = await self._next_moment(registry)
            if moment is None or moment > deadline_at:
                break
            self.clock.advance(max(moment - self.clock.now(), timedelta()))
            while self.deeds and self.deeds[0][0] <= self.clock.now():
                await heapq.heappop(self.deeds)[2]()
            steps.advance(int(100 * (self.clock.now() - started_at).total_seconds() / whole))
        self.clock.advance(deadline_at - self.clock.now())
        return await self._close(registry, tools, started_at)

    def at(self, moment: datetime, deed: Deed) -> None:
        """Let something happen later."""
        self.order += 1
        heapq.heappush(self.deeds, (moment, self.order, deed))

    def _local(self, day: Any, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour % 24, minute), self.zone).astimezone(UTC)

    def _worker(self) -> tuple[JobRegistry, JobTools]:
        registry = JobRegistry()
        messaging.jobs.register_jobs(registry)
        matching.jobs.register_jobs(registry)
        # Nothing is lost in memory, and no weather comes: what looks after that need not wake up.
        registry.periods = {EXPIRE: registry.periods[EXPIRE]}
        services = {
            messaging.jobs.MAILER: self.mailer,
            messaging.jobs.TEXT_SENDER: MemoryTextSender(),
            matching.jobs.SOLVER: solve_quickly,
        }
        return registry, JobTools(self.database, self.clock, self.settings, services)

    async def _next_moment(self, registry: JobRegistry) -> datetime | None:
        async with self.database.read() as session:
            due = await find_next_due_at(session, registry, now=self.clock.now())
        moments = [moment for moment in (due, self.deeds[0][0] if self.deeds else None) if moment]
        return min(moments, default=None)

    async def _open(self) -> None:
        now = self.clock.now()
        async with self.database.begin() as session:
            community = await get_community(session, COMMUNITY)
            self.community_id = community.id
            await open_storm(
                session,
                Actor.system(),
                OpenStorm(community.id, reason="demonstration", depth_cm=20.0),
                now=now,
            )
            rows = await storm_repository.list_volunteers(session, community.id)
            requests = await storm_repository.list_all_requests(session, community.id)
        for number, (volunteer, mail) in enumerate(rows):
            self.people[mail] = self.luck.make_volunteer(
                volunteer.id, volunteer.person_id, number, volunteer.max_tasks
            )
        end = self._local(NEXT_DAY, 20, 0)
        for number, request in enumerate(requests):
            if self.luck.roll(7, number) < self.luck.behaviour.cancel_share:
                moment = now + (end - now) * self.luck.roll(8, number)
                self.at(
                    awake(moment, self.zone),
                    partial(self._call_off, request.resident_id, request.id),
                )

    async def _new_requests(self, bring: Callable[[], Awaitable[None]]) -> None:
        await bring()
        assert self.community_id is not None
        async with self.database.begin() as session:
            await schedule_wave(session, self.community_id, now=self.clock.now())

    async def _read_mails(self) -> None:
        """People look at what came; each answers an offer later, or never."""
        new, self.read = self.mailer.sent[self.read :], len(self.mailer.sent)
        for mail in new:
            person = self.people.get(mail.recipient)
            body = mail.parse().get_body(("plain",))
            token = None if body is None else find_token(body.get_content())
            if person is None or token is None:
                continue
            async with self.database.read() as session:
                link = await resolve_link(session, token, now=self.clock.now())
            if link.action != "answer_offer":
                continue
            count = self.heard.get(person.number, 0)
            delay = self.luck.delay(person, count)
            self.heard[person.number] = count + 1
            if delay is not None:
                moment = awake(self.clock.now() + delay, self.zone)
                self.at(moment, partial(self._answer, person, token))

    async def _answer(self, person: SyntheticVolunteer, token: str) -> None:
        now = self.clock.now()
        try:
            agreed = await storm_people.answer_mail(
                self.database, self.luck, person, token, now=now
            )
        except TalkootError as error:
            # The product said no: the person puts the phone away.
            self.refused[error.code] = self.refused.get(error.code, 0) + 1
            return
        for work in agreed:
            self._plan_visit(person, work)

    def _plan_visit(self, person: SyntheticVolunteer, work: Assignment) -> None:
        self.works += 1
        number = self.works
        back = self.luck.steps_back(number)
        if back is not None:
            moment = self.clock.now() + (work.starts_at - self.clock.now()) * back
            self.at(moment, partial(self._step_back, person, work.id))
        elif self.luck.stays_away(number):
            self.at(work.starts_at + NO_SHOW_SEEN, partial(self._miss, work.id))
        else:
            self.at(work.starts_at, partial(self._go, person, work))

    async def _go(self, person: SyntheticVolunteer, work: Assignment) -> None:
        now = self.clock.now()
        if await storm_people.go(self.database, person.person_id, work.id, now=now):
            self.at(max(work.ends_at, now), partial(self._finish, person, work))

    async def _finish(self, person: SyntheticVolunteer, work: Assignment) -> None:
        await storm_people.finish(self.database, person.person_id, work.id, now=self.clock.now())

    async def _step_back(self, person: SyntheticVolunteer, work_id: UUID) -> None:
        await storm_people.step_back(self.database, person.person_id, work_id, now=self.clock.now())

    async def _miss(self, work_id: UUID) -> None:
        await storm_people.miss(self.database, work_id, now=self.clock.now())

    async def _call_off(self, resident_id: UUID, request_id: UUID) -> None:
        await storm_people.call_off(self.database, resident_id, request_id, now=self.clock.now())

    async def _close(
        self, registry: JobRegistry, tools: JobTools, started_at: datetime
    ) -> StormStory:
        assert self.community_id is not None
        async with self.database.read() as session:
            rows = await storm_repository.load_storm_rows(session, self.community_id)
            storm_id = await storm_repository.find_storm_id(session, self.community_id)
        async with self.database.begin() as session:
            await close_storm(
                session, Actor.system(), storm_id, reason="demonstration", now=self.clock.now()
            )
        await run_due_jobs(self.database, registry, tools)
        return StormStory(
            started_at=started_at,
            ended_at=self.clock.now(),
            zone=self.zone,
            rows=rows,
            volunteer_count=len(self.people),
            waves=rows.round_count,
            refused=self.refused,
        )
