"""A matching round from the database and back: read, solve, check, store.

Solving happens in a thread and outside any transaction. What it found is stored in one: offers,
reasons, documents and history, or nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from core.clock import Clock
from core.db import Database, Session
from geo.city import CityPack, find_pack_file
from matching.engine.check import Report, check
from matching.engine.problem import InvalidProblem, Problem
from matching.engine.progress import Callbacks
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from matching.errors import PlanBroken
from matching.kinds import DocumentKind, RoundStage
from matching.rounds import repository as round_repository
from matching.rounds.drafts_repository import withdraw_drafts
from matching.rounds.inputs import RoundInputs, read_inputs
from matching.rounds.lifecycle import (
    Proposal,
    StartRound,
    StoredRound,
    cancel_round,
    fail_round,
    finish_round,
    renew_lease,
    start_round,
)
from matching.rounds.outcome import (
    RoundChanges,
    compare_visits,
    list_visits,
    make_result,
    read_visits,
)
from matching.rounds.problem import RoundProblem, build_round_problem
from matching.rounds.reasons import RoundReasons, explain_round
from matching.rounds.travel import PackTravel, TravelFinder
from matching.transitions import Cause
from people.auth import Actor
from people.repository import get_community

Work = TypeVar("Work")

LEASE_STEP_S = 60.0
CHECKED_VOLUNTEERS = 200


class Solver(Protocol):
    """What turns a problem into a plan; `matching.engine.solve.solve` in production."""

    def __call__(
        self, problem: Problem, *, stop: Stop, seed: int, workers: int, callbacks: Callbacks
    ) -> Solution:
        """The best plan that was found before the stop."""
        ...


@dataclass(frozen=True)
class PlanRound:
    """Which round to plan.

    Parameters
    ----------
    start_at, end_at
        What the round covers; None lets `choose_horizon` decide.
    dry_run
        Store nothing, and leave no trace.
    tries
        For how many requests without help to try what would change that, some seconds each.
    storm_id
        The storm that the round belongs to.
    job_key
        The job that runs it; see `matching.rounds.lifecycle.StartRound`.
    as_of
        The moment that is planned from, when it is not now: that of a round which its worker's
        death cut short, so that the same plan comes of it.
    """

    community: str
    seed: int = 0
    workers: int = 1
    start_at: datetime | None = None
    end_at: datetime | None = None
    dry_run: bool = False
    tries: int = 0
    storm_id: UUID | None = None
    job_key: str | None = None
    as_of: datetime | None = None


class RoundWatcher(Callbacks):
    """Hears of the round's steps and of the solver's; does nothing by default.

    Parameters
    ----------
    interrupted
        Set by whoever cancels the stop because a person has seen enough.
    """

    interrupted = False

    def step(self, words: str, total: int = 0) -> None:
        """Tell that a step has begun, in words for people."""

    def enter(self, stage: RoundStage) -> None:
        """Tell the same as a code word."""

    async def keep(self, planned: PlannedRound) -> bool:
        """Whether to store the best plan of a round that somebody interrupted."""
        return True


class RoundGuide:
    """Shapes what a round reads and what comes of its plan; changes nothing by default."""

    async def shape(self, session: Session, inputs: RoundInputs) -> RoundInputs:
        """What the round plans with, read in the same snapshot."""
        return inputs

    def choose(self, planned: PlannedRound, visits: list[Proposal]) -> list[Proposal]:
        """Which visits become offers; runs in a thread, outside any transaction."""
        return visits

    async def begin_storing(
        self, session: Session, round_id: UUID, visits: list[Proposal]
    ) -> list[Proposal]:
        """Write what the offers will point to, in the transaction that stores them.

        Gives the visits that may still become offers.
        """
        return visits

    async def end_storing(self, session: Session, stored: StoredRound) -> None:
        """Write what follows from the offers, in the same transaction."""


@dataclass(frozen=True)
class RoundTools:
    """What a round works with.

    Parameters
    ----------
    find_travel
        Travel of a pack by mode; None takes the pack's own streets.
    """

    clock: Clock
    solver: Solver = solve
    find_travel: Callable[[CityPack], TravelFinder] = PackTravel


@dataclass(frozen=True, eq=False)
class PlannedRound:
    """A solved and checked round.

    Parameters
    ----------
    stored
        None after a dry run, and when an interrupted plan was not kept.
    changes
        Against the last finished round; None for the first.
    """

    made: RoundProblem
    pack: CityPack
    solution: Solution
    report: Report
    reasons: RoundReasons
    changes: RoundChanges | None
    stored: StoredRound | None = None


async def plan_round(
    database: Database,
    actor: Actor,
    command: PlanRound,
    *,
    tools: RoundTools,
    stop: Stop | None = None,
    watcher: RoundWatcher | None = None,
    guide: RoundGuide | None = None,
) -> PlannedRound:
    """Plan one round of a community and store it; only one runs at a time.

    Records ``round.started``, then ``round.finished`` with ``offer.proposed`` for each offer, or
    ``round.cancelled``, or ``round.failed``.

    Raises
    ------
    RoundAlreadyRunning
        When another one runs.
    PlanBroken
        When the independent checker finds a broken rule; nothing is stored.
    """
    stop, watcher, guide = stop or Stop(), watcher or RoundWatcher(), guide or RoundGuide()
    watcher.enter(RoundStage.READING)
    watcher.step("Reading requests and volunteers")
    async with database.read() as session:
        community = await get_community(session, command.community)
        inputs = await guide.shape(session, await _read(session, command, tools))
    pack = CityPack.open(find_pack_file(community.city_pack))
    running = _Running(database, actor, tools, stop)
    if not command.dry_run:
        await _start(running, command, inputs)
    try:
        planned = await _solve(running, command, inputs, pack, watcher)
        if command.dry_run or running.round_id is None:
            return planned
        if watcher.interrupted and not await watcher.keep(planned):
            await running.cancel()
            return planned
        watcher.enter(RoundStage.STORING)
        watcher.step("Storing the plan")
        return await _store(running, inputs, planned, guide)
    except BaseException as error:
        await running.give_up(error)
        raise


async def _read(session: Session, command: PlanRound, tools: RoundTools) -> RoundInputs:
    community = await get_community(session, command.community)
    return await read_inputs(
        session,
        community,
        now=command.as_of or tools.clock.now(),
        start_at=command.start_at,
        end_at=command.end_at,
    )


@dataclass
class _Running:
    """A round that has a row; None in a dry run."""

    database: Database
    actor: Actor
    tools: RoundTools
    stop: Stop
    round_id: UUID | None = None
    ended: bool = False

    async def cancel(self) -> None:
        """End it because somebody said so."""
        if self.round_id is None or self.ended:
            return
        self.ended = True
        async with self.database.begin() as session:
            await cancel_round(session, self.actor, self.round_id, now=self.tools.clock.now())

    async def give_up(self, error: BaseException) -> None:
        """End it after an error, so that the next round need not wait for the lease."""
        if self.round_id is None or self.ended:
            return
        if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
            await self.cancel()
            return
        self.ended = True
        reason = getattr(type(error), "code", "internal_error")
        async with self.database.begin() as session:
            await fail_round(session, self.round_id, now=self.tools.clock.now(), reason=reason)

    async def keep_alive(self) -> None:
        """Renew the lease until cancelled; a dry run has none, and waits all the same."""
        while True:
            await asyncio.sleep(LEASE_STEP_S)
            if self.round_id is not None:
                async with self.database.begin() as session:
                    await renew_lease(session, self.round_id, now=self.tools.clock.now())


async def _start(running: _Running, command: PlanRound, inputs: RoundInputs) -> None:
    start = StartRound(
        community_id=inputs.community.id,
        horizon_start_at=inputs.horizon.start_at,
        horizon_end_at=inputs.horizon.end_at,
        seed=command.seed,
        storm_id=command.storm_id,
        job_key=command.job_key,
    )
    async with running.database.begin() as session:
        row = await start_round(session, running.actor, start, now=running.tools.clock.now())
    running.round_id = row.id


async def _solve(
    running: _Running,
    command: PlanRound,
    inputs: RoundInputs,
    pack: CityPack,
    watcher: RoundWatcher,
) -> PlannedRound:
    tools = running.tools

    def search(about: RoundInputs, find_travel: TravelFinder) -> tuple[RoundProblem, Solution]:
        try:
            made = build_round_problem(about, pack, find_travel)
            watcher.enter(RoundStage.PLANNING)
            return made, tools.solver(
                made.problem,
                stop=running.stop,
                seed=command.seed,
                workers=command.workers,
                callbacks=watcher,
            )
        except InvalidProblem as error:
            if error.field != "locked":
                raise
            # People agreed to what no plan would have proposed; it stands, and the plan fits in.
            watcher.step("Planning around agreed work that breaks the rules of a plan")
            return search(about.around_agreed(and_offered=True), find_travel)

    def work() -> tuple[RoundProblem, Solution, Report, RoundReasons]:
        watcher.enter(RoundStage.MEASURING)
        watcher.step("Measuring ways along the streets")
        find_travel = tools.find_travel(pack)
        made, solution = search(inputs, find_travel)
        watcher.enter(RoundStage.CHECKING)
        watcher.step("Checking every rule")
        report = check(made.problem, solution, bound_sample=CHECKED_VOLUNTEERS, seed=command.seed)
        _refuse_broken(report)
        watcher.enter(RoundStage.EXPLAINING)
        watcher.step("Finding out why some have nobody", command.tries)
        reasons = explain_round(
            made,
            solution,
            tries=command.tries,
            find_travel=find_travel,
            stop=running.stop,
            progress=watcher.advance,
        )
        return made, solution, report, reasons

    made, solution, report, reasons = await _while_alive(running, work)
    changes = None
    async with running.database.read() as session:
        last = await round_repository.find_last_finished_round(session, inputs.community.id)
        plan = last and await round_repository.find_document(session, last.id, DocumentKind.PLAN)
    if plan:
        asking = set(made.problem.requests.ids)
        changes = compare_visits(read_visits(plan), list_visits(made, solution), asking)
    return PlannedRound(made, pack, solution, report, reasons, changes)


async def _while_alive(running: _Running, work: Callable[[], Work]) -> Work:
    """Do the work in a thread while the lease is renewed; a lost lease ends the round."""
    lease = asyncio.ensure_future(running.keep_alive())
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.wait({lease, thread}, return_when=asyncio.FIRST_COMPLETED)
        if lease.done() and not thread.done():
            running.stop.cancel()
            await asyncio.wait({thread})
            await lease
        return await thread
    finally:
        running.stop.cancel()
        lease.cancel()


def _refuse_broken(report: Report) -> None:
    if report.violations:
        first = report.violations[0]
        more = len(report.violations) - 1
        raise PlanBroken(
            f"The plan breaks a rule and was not stored: {first.message}"
            + (f" ({more} more)." if more else ".")
        )


async def _store(
    running: _Running, inputs: RoundInputs, planned: PlannedRound, guide: RoundGuide
) -> PlannedRound:
    assert running.round_id is not None
    result = make_result(planned.made, planned.solution, planned.report, planned.reasons)
    proposals = await asyncio.to_thread(guide.choose, planned, list(result.proposals))
    now = running.tools.clock.now()
    async with running.database.begin() as session:
        # Drafts that nobody has seen make room for the new plan.
        cause = Cause(now=now, actor_id=running.actor.person_id, reason="new_round")
        await withdraw_drafts(session, inputs.draft_offer_ids, cause)
        proposals = await guide.begin_storing(session, running.round_id, proposals)
        result = replace(result, proposals=proposals)
        stored = await finish_round(session, running.round_id, result, now=now)
        await guide.end_storing(session, stored)
    running.ended = True
    return replace(planned, stored=stored)
