"""One wave: a round proposes, the ladder decides who is asked, and the asks are stored.

Everything that a wave decides is stored in one transaction, so that a wave that was cut short
leaves nothing, and the same wave run again decides the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.db import Database, Session
from core.logging import get_logger
from geo.city import CityPack
from geo.travel import TravelMode, TravelModel
from matching.engine.stop import Stop
from matching.kinds import AskStatus, RoundStatus
from matching.ladder.board import Board
from matching.ladder.timing import board_usable_s, move_out_of_quiet, round_period_s
from matching.models import HelpRequest
from matching.offers import asks_repository, wave_repository
from matching.offers.ask_rows import store_ask
from matching.offers.asks import SILENT_PAGE, expire_asks
from matching.offers.board import build_board, describe_reach, find_buckets
from matching.offers.models import Ask
from matching.offers.schedule import schedule_sending, schedule_wave
from matching.offers.taking_back import withdraw_unsent_asks
from matching.offers.wave_plan import PlannedAsk, plan_asks
from matching.offers.wave_room import (
    find_ready,
    find_resting,
    find_usable_s,
    give_places,
    weigh_requests,
)
from matching.offers.wave_state import WaveState, quiet_spans, read_wave_state
from matching.rounds import repository as round_repository
from matching.rounds.inputs import RoundInputs
from matching.rounds.lifecycle import Proposal, StoredRound
from matching.rounds.planning import (
    PlannedRound,
    PlanRound,
    RoundGuide,
    RoundTools,
    RoundWatcher,
    plan_round,
)
from matching.rounds.travel import PackTravel
from matching.states import OPEN_REQUESTS
from matching.transitions import Cause, move_ask
from people.auth import Actor
from people.errors import CommunityUnknown
from people.repository import read_rules_at

TAKE_OVER = timedelta(minutes=10)
"""A round that its worker's death cut short is planned again from its own moment so long after."""

_logger = get_logger(__name__)


@dataclass(frozen=True)
class RunWave:
    """Which wave to run.

    Parameters
    ----------
    job_key
        The job that runs it.
    by_hand
        A person asked for it: it replaces proposals that wait for review.
    planned_at
        When it was to run. What is planned soon after is planned as of then, so that a wave whose
        worker died before it had begun a round still comes to the same.
    is_look
        It was to see whether somebody can be asked.
    """

    community_id: UUID
    seed: int = 0
    workers: int = 1
    job_key: str | None = None
    by_hand: bool = False
    planned_at: datetime | None = None
    is_look: bool = False


@dataclass(frozen=True)
class WaveTools:
    """What a wave works with.

    Parameters
    ----------
    find_bucket_travel
        Travel from cell to cell, which is all that strangers hear of.
    """

    round: RoundTools
    find_bucket_travel: Callable[[CityPack], Callable[[TravelMode], TravelModel]] = PackTravel


@dataclass(frozen=True)
class WaveResult:
    """What came of a wave.

    Parameters
    ----------
    skipped
        Why no round was planned: ``nothing_open``, ``quiet_hours``, ``proposals_wait``,
        ``nobody_free``; or None.
    next_at
        When the next wave is due; None when nothing waits for one.
    """

    skipped: str | None
    expired_count: int
    ask_count: int = 0
    round_id: UUID | None = None
    next_at: datetime | None = None
    planned: PlannedRound | None = field(default=None, compare=False)


async def run_wave(
    database: Database,
    actor: Actor,
    command: RunWave,
    *,
    tools: WaveTools,
    stop: Stop | None = None,
    watcher: RoundWatcher | None = None,
) -> WaveResult:
    """Run one wave of a community: end silent asks, plan a round, store whom to ask.

    The asks are sent by a job of their own, or wait for staff where the rules say so. Records what
    a round records, and ``ask.proposed`` for each ask.

    Raises
    ------
    RoundAlreadyRunning
        When another round of the community runs.
    """
    clock = tools.round.clock
    expired = await _expire_all(database, command.community_id, clock.now())
    async with database.read() as session:
        scene = await _look(session, command, clock.now())
    if not scene.waiting:
        return WaveResult("nothing_open", expired)
    why, next_at = scene.reason_to_wait(command)
    if why is not None:
        looks = command.is_look or why != "quiet_hours"
        await _schedule(database, scene.state, next_at, is_look=looks)
        return WaveResult(why, expired, next_at=next_at)
    state = scene.state
    guide = LadderGuide(command.community_id, tools, state.now)
    planned = await plan_round(
        database,
        actor,
        PlanRound(
            state.community.slug,
            seed=command.seed,
            workers=command.workers,
            storm_id=None if state.storm is None else state.storm.id,
            job_key=command.job_key,
            as_of=state.now,
        ),
        tools=tools.round,
        stop=stop,
        watcher=watcher,
        guide=guide,
    )
    round_id = None if planned.stored is None else planned.stored.round.id
    _logger.info("wave.stored", round_id=round_id, ask_count=len(guide.asks), expired_count=expired)
    return WaveResult(None, expired, len(guide.asks), round_id, guide.next_at, planned)


@dataclass(frozen=True, eq=False)
class _Scene:
    """A community before its wave.

    Parameters
    ----------
    waiting
        Requests that may be offered now.
    anybody
        Whether somebody could be asked.
    news
        Nobody could, but a request became open since the last round that is on nobody's list.
    """

    now: datetime
    state: WaveState
    waiting: tuple[HelpRequest, ...]
    has_drafts: bool
    anybody: bool
    news: bool

    def reason_to_wait(self, command: RunWave) -> tuple[str | None, datetime]:
        """Why no round is planned now, as a code word, and when to look again."""
        ladder, now_s = self.state.ladder, self.now.timestamp()
        quiet = quiet_spans(self.state.zone, self.now, self.now + timedelta(days=1))
        why, next_s = None, move_out_of_quiet(now_s, quiet, 0.0, ladder)
        if next_s > now_s:
            why = "quiet_hours"
        elif self.has_drafts and self.state.rules.review_proposals and not command.by_hand:
            why, next_s = "proposals_wait", now_s + ladder.round_max_s
        elif not self.anybody and not self.news:
            period_s = round_period_s(find_usable_s(self.state, self.waiting, quiet), ladder)
            why, next_s = "nobody_free", move_out_of_quiet(now_s + period_s, quiet, 0.0, ladder)
        return why, datetime.fromtimestamp(next_s, UTC)


async def _look(session: Session, command: RunWave, now: datetime) -> _Scene:
    community = await asks_repository.find_community(session, command.community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {command.community_id}.")
    as_of = await _choose_moment(session, command, now)
    rules = await read_rules_at(session, community.id, as_of)
    state = await read_wave_state(session, community, rules, now=as_of)
    requests = await round_repository.load_open_requests(session, community.id)
    drafts = await asks_repository.list_asks(session, community.id, (AskStatus.PROPOSED,))
    volunteers = await round_repository.load_available_volunteers(session, community.id, at=as_of)
    waiting = tuple(row for row in requests if state.may_offer(row))
    anybody = any(find_ready(state, volunteers, Counter()))
    return _Scene(
        now=now,
        state=state,
        waiting=waiting,
        has_drafts=bool(drafts),
        anybody=anybody,
        news=not anybody and await _has_news(session, community.id, waiting),
    )


async def _has_news(session: Session, community_id: UUID, requests: Sequence[HelpRequest]) -> bool:
    """Whether a request that changed since the last round stands on nobody's list."""
    last = await round_repository.find_last_finished_round(session, community_id)
    if last is None:
        return True
    changed = {row.id.hex for row in requests if row.updated_at > last.started_at}
    return bool(changed) and not changed <= await wave_repository.load_listed(session, community_id)


async def _expire_all(database: Database, community_id: UUID, now: datetime) -> int:
    expired = 0
    async with database.begin() as session:
        await withdraw_unsent_asks(session, community_id, now=now)
    while True:
        async with database.begin() as session:
            page = await expire_asks(session, community_id, now=now)
        expired += page
        if page < SILENT_PAGE:
            return expired


async def _choose_moment(session: Session, command: RunWave, now: datetime) -> datetime:
    """The moment that is planned from: the same for every try of one job, if it is not long ago.

    That for which the job was planned, else that of the round which its dead worker began.
    """
    planned_at = command.planned_at
    if planned_at is not None and planned_at <= now <= planned_at + TAKE_OVER:
        return planned_at
    if command.job_key is None:
        return now
    row = await asks_repository.find_round_of_job(session, command.community_id, command.job_key)
    if row is None or row.status is not RoundStatus.RUNNING or row.started_at + TAKE_OVER < now:
        return now
    return row.started_at


async def _schedule(
    database: Database, state: WaveState, next_at: datetime, *, is_look: bool
) -> None:
    key, storm_id = state.community.id, None if state.storm is None else state.storm.id
    async with database.begin() as session:
        await schedule_wave(
            session, key, storm_id=storm_id, due_at=next_at, now=state.now, is_look=is_look
        )


class LadderGuide(RoundGuide):
    """Turns a round into a wave: its weights and people before, its asks after."""

    def __init__(self, community_id: UUID, tools: WaveTools, now: datetime) -> None:
        self.asks: list[PlannedAsk] = []
        self.next_at: datetime | None = None
        self._community_id = community_id
        self._tools = tools
        self._now = now
        self._state: WaveState
        self._reach: dict[UUID, dict[str, list[float | str]]] = {}

    async def shape(self, session: Session, inputs: RoundInputs) -> RoundInputs:
        """Weights by what others are being asked already; no place for who has an ask."""
        state = await read_wave_state(session, inputs.community, inputs.rules, now=self._now)
        self._state = state
        held = Counter(work.volunteer_id for work in inputs.held if work.accepted)
        around = inputs.around_agreed()
        requests = tuple(row for row in around.requests if state.may_offer(row))
        return replace(
            around,
            requests=requests,
            weight_share=weigh_requests(state, requests),
            places=give_places(state, inputs, held),
            asked=frozenset(state.waiting),
            resting=find_resting(state, inputs, held),
        )

    def choose(self, planned: PlannedRound, visits: list[Proposal]) -> list[Proposal]:
        """The stops of the asks that the ladder decides on."""
        pack, state = planned.pack, self._state
        bucket = find_buckets(pack, state.rules.anonymity_k, self._tools.find_bucket_travel(pack))
        wave = build_board(planned.made, state, bucket)
        starts = {(one.volunteer_id, one.request_id): one.starts_at for one in visits}
        self.asks = plan_asks(wave, planned.solution, starts)
        self._reach = describe_reach(wave)
        self._plan_next(wave.board, planned.made.requests)
        return [
            Proposal(
                request_id=stop.request_id,
                request_version=stop.request_version,
                volunteer_id=ask.volunteer_id,
                position=position,
                starts_at=stop.starts_at,
                ends_at=stop.ends_at,
                accept_p=stop.accept_p,
                ask_id=ask.id,
            )
            for ask in self.asks
            for position, stop in enumerate(ask.stops)
            if stop.starts_at is not None and stop.ends_at is not None
        ]

    def _plan_next(self, board: Board, requests: tuple[HelpRequest, ...]) -> None:
        usable = board_usable_s(board, self._state.ladder)
        if usable <= 0 or not any(row.status in OPEN_REQUESTS for row in requests):
            return
        due_s = board.moment_s + round_period_s(usable, self._state.ladder)
        due_s = move_out_of_quiet(due_s, board.quiet_s, 0.0, self._state.ladder)
        self.next_at = datetime.fromtimestamp(due_s, UTC)

    async def begin_storing(
        self, session: Session, round_id: UUID, visits: list[Proposal]
    ) -> list[Proposal]:
        """Store the asks, but none for who got one meanwhile; drafts make room."""
        now = self._tools.round.clock.now()
        await asks_repository.lock_volunteers(session, {ask.volunteer_id for ask in self.asks})
        for draft in await asks_repository.list_asks(
            session, self._community_id, (AskStatus.PROPOSED,)
        ):
            await move_ask(
                session, draft.id, AskStatus.WITHDRAWN, Cause(now=now, reason="new_round")
            )
        sent = await asks_repository.list_asks(session, self._community_id, (AskStatus.SENT,))
        taken = {ask.volunteer_id for ask in sent}
        self.asks = [ask for ask in self.asks if ask.volunteer_id not in taken]
        storm_id = None if self._state.storm is None else self._state.storm.id
        for ask in self.asks:
            store_ask(
                session,
                ask,
                Ask(
                    id=ask.id,
                    community_id=self._community_id,
                    storm_id=storm_id,
                    round_id=round_id,
                    volunteer_id=ask.volunteer_id,
                    key=f"wave:{round_id}:{ask.volunteer_id}",
                    origin=ask.origin,
                    plan_p=ask.plan_p,
                    willingness=ask.willingness,
                    life_s=ask.life_s,
                    proposed_at=now,
                ),
            )
        await session.flush()
        kept = {ask.id for ask in self.asks}
        return [visit for visit in visits if visit.ask_id in kept]

    async def end_storing(self, session: Session, stored: StoredRound) -> None:
        """What every volunteer can reach, the sending, and the next wave."""
        now = self._tools.round.clock.now()
        await wave_repository.replace_reach(session, self._reach, now)
        if self.asks and not self._state.rules.review_proposals:
            await schedule_sending(session, stored.round.id, now=now)
        if self.next_at is not None:
            storm = self._state.storm
            await schedule_wave(
                session,
                self._community_id,
                storm_id=None if storm is None else storm.id,
                due_at=max(self.next_at, now),
                now=now,
            )
