"""A first afternoon in Cambridge, made by the product itself: a storm, a round, answers, visits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import matching.jobs
import messaging.jobs
from api.commands.imports import ImportRequest, run_import
from api.demo import storm_people, storm_repository
from api.demo.storm import HOURS
from api.demo.storm_people import find_token
from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from api.opening import open_database
from api.progress import Steps
from core.clock import FixedClock
from core.db import Database, Session
from core.errors import InvalidInput
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from geo.city import CityPack, find_pack_file
from matching.demo_people import EVENING, make_demo_files
from matching.files.json_file import write_whole
from matching.imports.preparing import FileKind
from matching.kinds import AssignmentStatus
from matching.models import Assignment
from matching.offers.live import open_now
from matching.offers.replying import decline_plan, take_home
from matching.offers.schedule import EXPIRE
from matching.offers.visit_repository import find_work
from matching.offers.wave_state import quiet_spans
from matching.rounds.drafts import discard_drafts
from matching.rounds.jobs import round_tools
from matching.rounds.planning import PlanRound, RoundWatcher, plan_round
from matching.rounds.recruiting import RecruitGuide
from matching.storms.directing import OpenStorm, open_storm
from messaging.conversation_repository import find_thread_about
from messaging.conversations import post_message
from people.auth import Actor
from people.kinds import Role
from people.links import resolve_link
from people.repository import get_community

CITY = "cambridge"
REQUESTS, VOLUNTEERS = 60, 24
MOST_TAKEN = 2
VISITS_BEGUN, VISITS_DONE = 3, 5
QUESTIONS = (
    "Hello! Shall I bring salt?",
    "Yes please, the steps are icy.",
    "I am there in ten minutes.",
)
NEWCOMERS_TRIED = 8
DEPTH_CM = 20.0
BEGAN_BEFORE = timedelta(hours=3)
LENGTH = timedelta(hours=1)


@dataclass(frozen=True)
class Neighbors:
    """Who may be tried out in Cambridge."""

    community_id: UUID
    manager_id: UUID
    coordinator_id: UUID
    volunteer_id: UUID
    resident_id: UUID


@dataclass
class Afternoon:
    """The play: everything goes through the product's own workflows and jobs."""

    folder: Path
    url: str
    settings: Settings
    seed: int
    now: datetime
    steps: Steps
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    works: list[tuple[UUID, Assignment]] = field(default_factory=list)
    """Who has agreed to what."""

    async def play(self) -> Neighbors:
        """People, a storm, a round with offers, answers, visits and conversations."""
        zone = ZoneInfo(CityPack.open(find_pack_file(CITY)).meta.time_zone)
        clock = FixedClock(find_beginning(self.now, zone))
        await self._import_people(clock)
        async with open_database(self.url) as database:
            community_id, staff = await self._open(database, clock)
            self.steps.start("Trying one more volunteer here and there")
            await self._try_newcomers(database, staff[0], clock)
            self.steps.start("Planning the first round, and asking")
            await self._work(database, clock)
            self.steps.start("Answering and helping")
            clock.advance(timedelta(minutes=20))
            await self._answer(database, community_id, clock)
            clock.advance(timedelta(minutes=20))
            await self._help(database, clock)
            await self._work(database, clock)
            volunteer_id, resident_id = await self._find_a_pair(database, clock.now())
        return Neighbors(
            community_id=community_id,
            manager_id=staff[0],
            coordinator_id=staff[1],
            volunteer_id=volunteer_id,
            resident_id=resident_id,
        )

    async def _import_people(self, clock: FixedClock) -> None:
        self.steps.start("Making up people")
        pack = CityPack.open(find_pack_file(CITY))
        files = make_demo_files(pack, n_requests=REQUESTS, n_volunteers=VOLUNTEERS, seed=self.seed)
        today = clock.now().astimezone(ZoneInfo(pack.meta.time_zone)).date()
        for kind, text in (
            (FileKind.VOLUNTEERS, files.volunteers),
            (FileKind.RESIDENTS, files.residents),
        ):
            path = self.folder / f"{kind.value}.csv"
            write_whole(path, _for_these_days(text, today).encode())
            request = ImportRequest(kind, path, CITY, city=CITY, synthetic=True)
            await run_import(self.url, request, self.settings, clock=clock, steps=self.steps)

    async def _open(self, database: Database, clock: FixedClock) -> tuple[UUID, tuple[UUID, UUID]]:
        """Staff, and a storm. Nobody of the demonstration sleeps."""
        async with database.begin() as session:
            community = await get_community(session, CITY)
            rows = TownRows(session)
            people = TownPeople(rows, community, 0, clock.now())
            people.add_person(people.manager_id, Role.MANAGER, 0, None)
            people.add_person(people.coordinator_id, Role.COORDINATOR, 0, None)
            await rows.write()
            await storm_repository.end_quiet_hours(session)
            storm = OpenStorm(community.id, reason="demonstration", depth_cm=DEPTH_CM)
            await open_storm(session, Actor.system(), storm, now=clock.now())
        return community.id, (people.manager_id, people.coordinator_id)

    async def _try_newcomers(self, database: Database, manager_id: UUID, clock: FixedClock) -> None:
        """The manager looks where a volunteer is missing, and drops the plan that this needs."""
        manager, tools = (
            Actor(person_id=manager_id, is_system=True),
            round_tools(self.settings, clock, {}),
        )
        planned = await plan_round(
            database,
            manager,
            PlanRound(CITY, seed=self.seed, workers=self.settings.workers),
            tools=tools,
            guide=RecruitGuide(tools, RoundWatcher(), tries=NEWCOMERS_TRIED),
        )
        assert planned.stored is not None
        async with database.begin() as session:
            await discard_drafts(session, manager, planned.stored.round.id, now=clock.now())

    async def _work(self, database: Database, clock: FixedClock) -> None:
        """Do the jobs that are due, with mails that go nowhere."""
        registry = JobRegistry()
        messaging.jobs.register_jobs(registry)
        matching.jobs.register_jobs(registry)
        registry.periods = {EXPIRE: registry.periods[EXPIRE]}
        services = {
            messaging.jobs.MAILER: self.mailer,
            messaging.jobs.TEXT_SENDER: MemoryTextSender(),
        }
        # Whatever this installation sends by: these mails are read here.
        settings = replace(self.settings, mail="console", sms="console")
        tools = JobTools(database, clock, settings, services)
        await run_due_jobs(database, registry, tools)

    async def _answer(self, database: Database, community_id: UUID, clock: FixedClock) -> None:
        """Of four who read their mail two say yes, one says no, and one leaves it lying."""
        async with database.read() as session:
            rows = await storm_repository.list_volunteers(session, community_id)
        people = {mail: volunteer for volunteer, mail in rows}
        asked = 0
        for mail in list(self.mailer.sent):
            volunteer = people.get(mail.recipient)
            body = mail.parse().get_body(("plain",))
            token = None if body is None else find_token(body.get_content())
            if volunteer is None or token is None:
                continue
            async with database.begin() as session:
                link = await resolve_link(session, token, now=clock.now())
                if link.action != "answer_offer":
                    continue
                asked += 1
                actor = Actor(person_id=link.person_id)
                if asked % 4 == 0:
                    await decline_plan(session, actor, link.subject_id, now=clock.now())
                elif asked % 4 != 1:
                    count = MOST_TAKEN if asked % 4 == 2 else 1
                    await self._take(session, actor, volunteer.id, count, now=clock.now())

    async def _take(
        self, session: Session, actor: Actor, volunteer_id: UUID, count: int, *, now: datetime
    ) -> None:
        """Say yes to the first homes of the list, as it is at this moment."""
        for _ in range(count):
            homes = await open_now(session, volunteer_id, now)
            if not homes:
                return
            reply = await take_home(session, actor, volunteer_id, homes[0].request_id, now=now)
            if reply.work is not None and actor.person_id is not None:
                self.works.append((actor.person_id, reply.work))

    async def _help(self, database: Database, clock: FixedClock) -> None:
        """Some visits are done, some are under way, and people talk about others."""
        now = clock.now()
        for number, (person_id, work) in enumerate(self.works[: VISITS_DONE + VISITS_BEGUN]):
            await storm_people.go(database, person_id, work.id, now=now)
            if number < VISITS_DONE:
                await storm_people.finish(database, person_id, work.id, now=now)
        for person_id, work in self.works[VISITS_DONE:]:
            await self._talk(database, person_id, work.id, now)

    async def _talk(
        self, database: Database, volunteer_id: UUID, work_id: UUID, now: datetime
    ) -> None:
        async with database.begin() as session:
            thread = await find_thread_about(session, "assignment", work_id)
            found = await find_work(session, work_id)
            if thread is None or found is None:
                return
            speakers = (volunteer_id, found.request.resident_id, volunteer_id)
            for speaker, words in zip(speakers, QUESTIONS, strict=True):
                await post_message(session, Actor(person_id=speaker), thread.id, words, now=now)

    async def _find_a_pair(self, database: Database, now: datetime) -> tuple[UUID, UUID]:
        """A volunteer with a visit still to come, if there is one who is asked for more besides,
        and the resident who waits for it."""
        pairs = []
        async with database.read() as session:
            for person_id, work in reversed(self.works):
                found = await find_work(session, work.id)
                if found is None or found.status is not AssignmentStatus.ACCEPTED:
                    continue
                pair = (person_id, found.request.resident_id)
                if await open_now(session, found.volunteer_id, now):
                    return pair
                pairs.append(pair)
        if not pairs:
            raise InvalidInput("Nobody of the demonstration said yes: start again with --fresh.")
        return pairs[0]


def find_beginning(now: datetime, zone: ZoneInfo) -> datetime:
    """Three hours ago; or, where that is night and nobody would be asked, the evening before."""
    begins_at = now - BEGAN_BEFORE
    for night_s, _ in quiet_spans(zone, begins_at, begins_at + LENGTH):
        begins_at = datetime.fromtimestamp(night_s, UTC) - LENGTH
    return begins_at


def _for_these_days(text: str, today: date) -> str:
    """The same people with time today and tomorrow."""
    whole = "|".join(f"{today + timedelta(days=step)} 00:00-23:59" for step in range(2))
    for hours in HOURS:
        text = text.replace(f"{EVENING.isoformat()} {hours}", whole)
    return text
