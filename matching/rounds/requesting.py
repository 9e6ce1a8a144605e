"""Asking for a matching round: it runs as a job, one at a time in each community."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from core.db import Session
from core.errors import InvalidInput, NotPermitted
from core.events import record_event
from core.ids import new_id
from core.jobs import NewJob, enqueue
from matching import policy
from matching.errors import RoundAlreadyRequested, RoundJobEnded, RoundJobUnknown
from matching.kinds import RoundJobStatus, RoundStop
from matching.rounds import jobs_repository
from matching.rounds.models import RoundJob
from people.auth import Actor

ROUND = "matching.round"
DEFAULT_LIMIT_S = 120.0
MAX_LIMIT_S = 900.0
MAX_TRIES = 50
MAX_SEED = 2**31 - 1
MAX_KEY = 64

_KEY = re.compile(rf"[A-Za-z0-9._:\-]{{1,{MAX_KEY}}}")


class InvalidRoundRequest(InvalidInput):
    """A round that cannot be planned as it was asked for."""

    code = "invalid_round_request"


@dataclass(frozen=True, kw_only=True)
class RequestRound:
    """Which round somebody wants.

    Parameters
    ----------
    key
        The caller's own word for this request: asked twice with it, the round runs once.
    seed
        The same people, requests and seed give the same plan, unless time ends the search.
    time_limit_s
        The best plan that was found by then counts.
    tries
        For how many requests without help to try what would change that; seconds each.
    start_at, end_at
        What the round covers; without them the next 36 hours or so.
    asks
        Whom to ask by the ladder, with asks that are sent or wait for review, as in a wave.
        Without it the plan becomes draft offers, and nobody is asked.
    """

    community_id: UUID
    key: str | None = None
    seed: int = 0
    time_limit_s: float = DEFAULT_LIMIT_S
    tries: int = 3
    start_at: datetime | None = None
    end_at: datetime | None = None
    asks: bool = False

    def check(self) -> None:
        """Refuse what cannot be planned.

        Raises
        ------
        InvalidRoundRequest
            Naming the field and what it may hold.
        """
        limit_s = self.time_limit_s
        if not (math.isfinite(limit_s) and 1 <= limit_s <= MAX_LIMIT_S):
            raise InvalidRoundRequest(f"The time limit must be 1 to {MAX_LIMIT_S:.0f} seconds.")
        if not 0 <= self.tries <= MAX_TRIES:
            raise InvalidRoundRequest(f"The tries must be 0 to {MAX_TRIES}.")
        if not 0 <= self.seed <= MAX_SEED:
            raise InvalidRoundRequest(f"The seed must be 0 to {MAX_SEED}.")
        if self.key is not None and not _KEY.fullmatch(self.key):
            raise InvalidRoundRequest(
                f"The key must have 1 to {MAX_KEY} letters, digits or . _ : - and no spaces."
            )
        if self.asks and (self.start_at or self.end_at):
            raise InvalidRoundRequest("A round with asks covers the next hours: give no times.")
        if self.start_at and self.end_at and self.start_at >= self.end_at:
            raise InvalidRoundRequest("The round must end after it starts.")


async def request_round(
    session: Session, actor: Actor, command: RequestRound, *, now: datetime
) -> RoundJob:
    """Let a round run as a job; one that was asked for with the same key is given again.

    Records ``round_job.requested``.

    Raises
    ------
    RoundAlreadyRequested
        When another one of the community waits or runs, with its id.
    """
    if not policy.can_run_round(actor, command.community_id):
        raise NotPermitted("Only staff of the community may start a matching round.")
    command.check()
    same = await _find_same(session, command)
    if same is not None:
        return same
    open_job = await jobs_repository.find_open_job(session, command.community_id)
    if open_job is not None:
        raise RoundAlreadyRequested(open_job.id)
    row = _make_row(actor, command, now)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Somebody else asked in this very moment.
        same = await _find_same(session, command)
        if same is not None:
            return same
        winner = await jobs_repository.find_open_job(session, command.community_id)
        if winner is None:
            raise
        raise RoundAlreadyRequested(winner.id) from None
    _record(session, row, "round_job.requested", now, actor.person_id)
    await schedule_round(session, row.id, due_at=now, now=now)
    return row


async def schedule_round(
    session: Session, job_id: UUID, *, due_at: datetime, now: datetime
) -> None:
    """Enqueue the work on a requested round, once."""
    args = {"round_job_id": str(job_id)}
    job = NewJob(name=ROUND, args=args, key=f"round:{job_id}", due_at=due_at, now=now)
    await enqueue(session, job)


async def stop_round(
    session: Session,
    actor: Actor,
    job_id: UUID,
    *,
    now: datetime,
    wanted: RoundStop = RoundStop.DISCARD,
) -> RoundJob:
    """End a requested round early: drop its plan, or keep the best one so far.

    One that waits ends at once; one that runs, at its next safe moment. Asking twice is fine, and
    dropping wins. Records ``round_job.cancelled`` or ``round_job.stopping``.

    Raises
    ------
    RoundJobUnknown
        When there is no such one, or not for this actor.
    RoundJobEnded
        When it has finished or failed already.
    """
    row = await jobs_repository.lock_round_job(session, job_id)
    if row is None or not policy.can_run_round(actor, row.community_id):
        raise RoundJobUnknown(f"There is no requested round {job_id}.")
    if row.status is RoundJobStatus.CANCELLED:
        return row
    if row.status not in jobs_repository.OPEN_JOBS:
        raise RoundJobEnded(f"The requested round {job_id} has ended: it is {row.status.value}.")
    if row.status is RoundJobStatus.WAITING and wanted is RoundStop.DISCARD:
        row.status, row.ended_at, row.updated_at = RoundJobStatus.CANCELLED, now, now
        _record(session, row, "round_job.cancelled", now, actor.person_id)
    elif row.stop_wanted not in (RoundStop.DISCARD, wanted):
        row.stop_wanted = wanted
        _record(session, row, "round_job.stopping", now, actor.person_id, reason=wanted.value)
    await session.flush()
    return row


async def read_round_job(session: Session, actor: Actor, job_id: UUID) -> RoundJob:
    """A requested round, and how far it is.

    Raises
    ------
    RoundJobUnknown
        When there is no such one, or not for this actor.
    """
    row = await jobs_repository.find_round_job(session, job_id)
    if row is None or not policy.can_run_round(actor, row.community_id):
        raise RoundJobUnknown(f"There is no requested round {job_id}.")
    return row


async def find_last_round_job(
    session: Session, actor: Actor, community_id: UUID
) -> RoundJob | None:
    """The newest requested round of a community; None when nobody asked for one."""
    if not policy.can_run_round(actor, community_id):
        raise NotPermitted("Only staff of the community see its matching rounds.")
    return await jobs_repository.find_last_job(session, community_id)


async def _find_same(session: Session, command: RequestRound) -> RoundJob | None:
    if command.key is None:
        return None
    return await jobs_repository.find_by_key(session, command.community_id, command.key)


def _make_row(actor: Actor, command: RequestRound, now: datetime) -> RoundJob:
    key = new_id()
    return RoundJob(
        id=key,
        community_id=command.community_id,
        key=command.key or str(key),
        requested_by=actor.person_id,
        requested_at=now,
        updated_at=now,
        status=RoundJobStatus.WAITING,
        seed=command.seed,
        tries=command.tries,
        time_limit_s=command.time_limit_s,
        horizon_start_at=command.start_at,
        horizon_end_at=command.end_at,
        asks=command.asks,
    )


def _record(
    session: Session,
    row: RoundJob,
    kind: str,
    now: datetime,
    actor_id: UUID | None,
    *,
    reason: str | None = None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="round_job",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor_id,
        community_id=row.community_id,
        reason=reason,
    )
