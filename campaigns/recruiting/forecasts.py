"""Forecasts of a recruitment campaign: asked for by its team, worked out by a worker, then kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from campaigns.programmes import policy as programme_policy
from campaigns.programmes import repository as programmes
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import lock_for_work
from campaigns.recruiting import repository
from campaigns.recruiting.errors import ForecastRunning, InvalidForecast, NoRoundToRecruitFor
from campaigns.recruiting.forecasting import (
    Forecast,
    Ground,
    Progress,
    Solver,
    Target,
    make_forecast,
    plan_with_seed,
)
from campaigns.recruiting.kinds import ForecastStatus
from campaigns.recruiting.models import RecruitingForecast, RecruitingTarget
from campaigns.recruiting.sign_ups import refuse_others
from core.clock import Clock
from core.db import Database, Session
from core.errors import NotPermitted
from core.events import record_event
from core.job_running import error_word
from core.jobs import NewJob, enqueue
from matching.engine.changes import Newcomer
from matching.engine.problem import Problem
from matching.engine.stop import Stop
from matching.files.problem_file import load_problem
from matching.files.problem_format import ProblemDocument
from matching.kinds import DocumentKind
from matching.rounds import repository as rounds
from matching.rounds.problem import MODES
from people.auth import Actor

FORECAST = "campaigns.recruiting_forecast"
USUAL_VOLUNTEERS = 12
MOST_VOLUNTEERS = 40
VALID = timedelta(days=21)
"""After so long, who asks and who helps is another question."""
TRY_LIMIT_S = 600.0
"""Nobody else is tried after that; what was found is promised and kept."""
TELL_EVERY_S = 2.0


@dataclass(frozen=True, kw_only=True)
class RequestForecast:
    """Whom a campaign shall look for.

    Parameters
    ----------
    round_id
        None takes the newest finished round.
    """

    campaign_id: UUID
    round_id: UUID | None = None
    most_volunteers: int = USUAL_VOLUNTEERS
    seed: int = 0


async def request_forecast(
    session: Session, actor: Actor, command: RequestForecast, *, now: datetime
) -> RecruitingForecast:
    """Ask for a forecast; a worker makes it. One of a campaign is made at a time.

    Records ``recruiting_forecast.requested``.

    Raises
    ------
    NoRoundToRecruitFor, ForecastRunning, InvalidForecast, NotRecruiting
    """
    campaign = await lock_for_work(session, actor, command.campaign_id)
    refuse_others(campaign)
    if not 1 <= command.most_volunteers <= MOST_VOLUNTEERS:
        raise InvalidForecast(f"Look for 1 to {MOST_VOLUNTEERS} volunteers.")
    if not 0 <= command.seed < 2**31:
        raise InvalidForecast("A seed is a whole number from 0 to 2147483647.")
    if await repository.find_open_forecast(session, campaign.id) is not None:
        raise ForecastRunning("A forecast of this campaign is being made; wait for it.")
    found = await repository.find_round_with_problem(
        session, campaign.community_id, command.round_id
    )
    if found is None:
        raise NoRoundToRecruitFor(
            "There is no finished matching round that keeps its problem: run one first."
        )
    row = RecruitingForecast(
        campaign_id=campaign.id,
        round_id=found.id,
        status=ForecastStatus.WAITING,
        seed=command.seed,
        most_volunteers_count=command.most_volunteers,
        valid_until_at=(found.ended_at or found.started_at) + VALID,
        created_by=actor.person_id,
        created_at=now,
        targets=[],
    )
    session.add(row)
    await session.flush()
    await enqueue(
        session,
        NewJob(
            name=FORECAST,
            args={"forecast_id": str(row.id)},
            key=f"forecast:{row.id}",
            now=now,
        ),
    )
    _record(
        session, campaign, row, "recruiting_forecast.requested", now=now, actor_id=actor.person_id
    )
    return row


async def read_inside(session: Session, actor: Actor, campaign_id: UUID) -> Campaign:
    """A recruitment campaign, for its team and the staff of its community."""
    campaign = await programmes.get_campaign(session, actor, campaign_id)
    team = await programmes.list_team(session, campaign_id)
    member_ids = frozenset(row.person_id for row in team)
    if not programme_policy.can_read_inside(actor, campaign, member_ids):
        raise NotPermitted("This is for the staff of the community and the campaign's team.")
    refuse_others(campaign)
    return campaign


async def load_ground(
    session: Session, round_id: UUID, community_id: UUID, *, served_count: int = 0
) -> Ground | None:
    """The problem that a round kept, with whose each request is; None when it kept none."""
    body = await rounds.find_document(session, round_id, DocumentKind.PROBLEM)
    if body is None:
        return None
    document = msgspec.convert(body, ProblemDocument)
    problem = load_problem(document, Path()).problem
    owners = await repository.load_residents(session, community_id, problem.requests.ids)
    numbers: dict[object, int] = {}
    residents = [
        # A request whose resident is gone stands for one person of its own.
        numbers.setdefault(owners.get(reference, reference), len(numbers))
        for reference in problem.requests.ids
    ]
    return Ground(problem, residents, served_count)


async def run_forecast(
    database: Database,
    forecast_id: UUID,
    *,
    clock: Clock,
    solver: Solver = plan_with_seed,
) -> None:
    """Work a forecast out and keep it. Done again it changes nothing; a dead worker's is redone.

    Records ``recruiting_forecast.made`` or ``recruiting_forecast.failed``.
    """
    async with database.begin() as session:
        row = await repository.find_forecast(session, forecast_id)
        if row is None or row.status not in repository.OPEN:
            return
        row.status = ForecastStatus.RUNNING
    async with database.read() as session:
        campaign = await session.get(Campaign, row.campaign_id)
        assert campaign is not None
        ground = await load_ground(session, row.round_id, campaign.community_id)
    if ground is None:
        await _fail(database, forecast_id, "problem_not_kept", clock)
        return
    try:
        found = await _work(database, row, ground, solver)
    except Exception as error:
        # The same forecast would fail in the same way: it is told, not tried again.
        await _fail(database, forecast_id, error_word(error), clock)
        return
    await _keep(database, forecast_id, ground.problem, found, clock)


async def _work(
    database: Database, row: RecruitingForecast, ground: Ground, solver: Solver
) -> Forecast:
    """Solve in a thread, and tell how far it is."""
    told = {"done": 0, "total": 0}

    def progress(done: int, total: int) -> None:
        told.update(done=done, total=total)

    thread = asyncio.ensure_future(asyncio.to_thread(_solve, ground, row, solver, progress))
    shown: dict[str, int] = {}
    while True:
        finished, _ = await asyncio.wait({thread}, timeout=TELL_EVERY_S)
        if finished:
            return await thread
        if told != shown:
            shown = dict(told)
            async with database.begin() as session:
                stored = await repository.find_forecast(session, row.id)
                if stored is not None:
                    stored.step_count = shown["total"]
                    stored.steps_done_count = shown["done"]


def _solve(ground: Ground, row: RecruitingForecast, solver: Solver, progress: Progress) -> Forecast:
    return make_forecast(
        ground,
        most_volunteers=row.most_volunteers_count,
        seed=row.seed,
        solver=solver,
        stop=Stop(TRY_LIMIT_S),
        progress=progress,
    )


async def _keep(
    database: Database, forecast_id: UUID, problem: Problem, found: Forecast, clock: Clock
) -> None:
    async with database.begin() as session:
        row = await repository.find_forecast(session, forecast_id)
        if row is None or row.status is not ForecastStatus.RUNNING:
            return
        row.status, row.finished_at = ForecastStatus.DONE, clock.now()
        row.served_count, row.unserved_count = found.served_count, found.unserved_count
        row.volunteer_count, row.promised_count = found.volunteer_count, found.promised_count
        row.step_count = row.steps_done_count = max(row.step_count, 1)
        row.reason = None if found.targets else "nobody_would_help"
        row.targets = [
            _make_target(problem, target, rank)
            for rank, target in enumerate(found.targets, start=1)
        ]
        await session.flush()
        await _record_end(session, row, "recruiting_forecast.made", clock.now())


async def _fail(database: Database, forecast_id: UUID, reason: str, clock: Clock) -> None:
    async with database.begin() as session:
        row = await repository.find_forecast(session, forecast_id)
        if row is None or row.status not in repository.OPEN:
            return
        row.status, row.reason, row.finished_at = ForecastStatus.FAILED, reason, clock.now()
        await _record_end(session, row, "recruiting_forecast.failed", clock.now())


async def _record_end(session: Session, row: RecruitingForecast, kind: str, now: datetime) -> None:
    campaign = await session.get(Campaign, row.campaign_id)
    assert campaign is not None
    _record(session, campaign, row, kind, now=now, actor_id=None)


def _make_target(problem: Problem, target: Target, rank: int) -> RecruitingTarget:
    first = target.newcomers[0]
    usual = _usual_languages(problem)
    return RecruitingTarget(
        rank=rank,
        area=problem.area_names[first.area] if first.area >= 0 else None,
        abilities=_names(first.skills, problem.skill_names),
        languages=_names(first.languages & ~usual, problem.language_names),
        mode=MODES[first.mode].value,
        volunteer_count=len(target.newcomers),
        promised_count=target.promised_count,
        newcomers={
            "people": [
                asdict(one) | {"near_request": problem.requests.ids[one.near_request]}
                for one in target.newcomers
            ]
        },
    )


def read_newcomers(problem: Problem, target: RecruitingTarget) -> list[Newcomer]:
    """The volunteers of a stored target, so that it can be planned with them again."""
    place: Callable[[str], int] = problem.requests.ids.index
    people: list[dict[str, Any]] = target.newcomers["people"]
    return [Newcomer(**(one | {"near_request": place(one["near_request"])})) for one in people]


def _usual_languages(problem: Problem) -> int:
    masks = problem.volunteers.languages
    return sum(1 << bit for bit in range(63) if 2 * int((masks >> bit & 1).sum()) > len(masks))


def _names(mask: int, names: tuple[str, ...]) -> list[str]:
    return [name for bit, name in enumerate(names) if mask >> bit & 1]


def _record(
    session: Session,
    campaign: Campaign,
    row: RecruitingForecast,
    kind: str,
    *,
    now: datetime,
    actor_id: UUID | None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="campaign",
        subject_id=campaign.id,
        happened_at=now,
        actor_id=actor_id,
        community_id=campaign.community_id,
        forecast_id=row.id,
        round_id=row.round_id,
        volunteer_count=row.volunteer_count,
        promised_count=row.promised_count,
        reason=row.reason,
    )
