"""A matching round from its start to its end: one at a time in each community.

The solving in between happens outside any transaction; see `matching.rounds.planning`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import CODE_ALPHABET, new_id
from matching import policy, repository
from matching.errors import RoundAlreadyRunning, RoundNotRunning
from matching.kinds import DocumentKind, RoundStatus
from matching.models import OFFER_CODE_LENGTH, Offer
from matching.rounds import repository as round_repository
from matching.rounds.models import Round, RoundDocument, UnservedReason
from matching.states import OPEN_REQUESTS
from matching.transitions import Cause, move_round
from people.auth import Actor

LEASE = timedelta(minutes=5)
"""A running round says at least this often that it lives."""


@dataclass(frozen=True)
class StartRound:
    """What a round is about."""

    community_id: UUID
    horizon_start_at: datetime
    horizon_end_at: datetime
    seed: int = 0
    storm_id: UUID | None = None
    job_key: str | None = None
    """The job that runs it. The same job takes over at once what its dead worker left."""


@dataclass(frozen=True)
class Proposal:
    """One visit of the plan that becomes an offer."""

    request_id: UUID
    request_version: int
    """The version that was planned with; another one by now means no offer."""
    volunteer_id: UUID
    position: int
    starts_at: datetime
    ends_at: datetime
    accept_p: float
    ask_id: UUID | None = None


@dataclass(frozen=True)
class Unserved:
    """Why one request goes without, and what would change it."""

    request_id: UUID
    code: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class RoundResult:
    """What a round leaves behind."""

    inputs_hash: str
    objective: Mapping[str, Any]
    value_m: float
    bound_m: float | None
    gap: float | None
    weight_served: float
    request_count: int
    volunteer_count: int
    served_count: int
    stopped_early: bool
    proposals: Sequence[Proposal]
    unserved: Sequence[Unserved]
    documents: Mapping[DocumentKind, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredRound:
    """A finished round: what was stored, and what had changed under it."""

    round: Round
    offer_count: int
    stale_request_ids: tuple[UUID, ...]
    """Requests that were changed while the round ran, so that they got no offer."""


async def start_round(
    session: Session, actor: Actor, command: StartRound, *, now: datetime
) -> Round:
    """Open a round unless one is running; a running one whose lease ran out is ended first.

    Records ``round.started``.

    Raises
    ------
    RoundAlreadyRunning
        With the id of the round that runs.
    """
    if not policy.can_run_round(actor, command.community_id):
        raise NotPermitted("Only staff of the community may start a matching round.")
    running = await round_repository.find_running_round(session, command.community_id)
    if running is not None:
        own = command.job_key is not None and running.job_key == command.job_key
        if running.lease_until > now and not own:
            raise RoundAlreadyRunning(running.id)
        reason = "worker_died" if own else "lease_ran_out"
        await move_round(session, running.id, RoundStatus.FAILED, Cause(now=now, reason=reason))
    row = Round(
        community_id=command.community_id,
        storm_id=command.storm_id,
        started_by=actor.person_id,
        started_at=now,
        lease_until=now + LEASE,
        horizon_start_at=command.horizon_start_at,
        horizon_end_at=command.horizon_end_at,
        seed=command.seed,
        job_key=command.job_key,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # The unique index on running rounds: somebody else was first in this very moment.
        winner = await round_repository.find_running_round(session, command.community_id)
        if winner is None:
            raise
        raise RoundAlreadyRunning(winner.id) from None
    record_event(
        session,
        "round.started",
        subject_type="round",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
        seed=command.seed,
    )
    return row


async def renew_lease(session: Session, round_id: UUID, *, now: datetime) -> None:
    """Say that a round still lives.

    Raises
    ------
    RoundNotRunning
        When it was ended meanwhile: stop working on it.
    """
    if not await round_repository.extend_lease(session, round_id, now + LEASE):
        raise RoundNotRunning(f"Matching round {round_id} has ended; its result is not kept.")


async def finish_round(
    session: Session, round_id: UUID, result: RoundResult, *, now: datetime
) -> StoredRound:
    """Store everything that a round found, and end it, in one transaction.

    A request that was changed since the round read it gets no offer. Records ``round.finished``
    and ``offer.proposed``.
    """
    row = await repository.get_locked(session, Round, round_id)
    if row is None or row.status is not RoundStatus.RUNNING:
        raise RoundNotRunning(f"Matching round {round_id} has ended; its result is not kept.")
    fresh, stale = await _split_stale(session, result.proposals)
    await _add_offers(session, row, fresh, now)
    for entry in result.unserved:
        session.add(
            UnservedReason(
                round_id=round_id,
                request_id=entry.request_id,
                code=entry.code,
                detail=dict(entry.detail),
            )
        )
    for kind, body in result.documents.items():
        session.add(RoundDocument(round_id=round_id, kind=kind, body=dict(body)))
    await session.flush()
    ended = await move_round(
        session,
        round_id,
        RoundStatus.FINISHED,
        Cause(now=now, actor_id=row.started_by),
        inputs_hash=result.inputs_hash,
        objective=dict(result.objective),
        value_m=result.value_m,
        bound_m=result.bound_m,
        gap=result.gap,
        weight_served=result.weight_served,
        request_count=result.request_count,
        volunteer_count=result.volunteer_count,
        served_count=result.served_count,
        stopped_early=result.stopped_early,
    )
    return StoredRound(ended, len(fresh), stale)


async def cancel_round(
    session: Session, actor: Actor, round_id: UUID, *, now: datetime, reason: str = "interrupted"
) -> Round:
    """End a round without a result. Records ``round.cancelled``."""
    row = await repository.get_locked(session, Round, round_id)
    if row is None or not policy.can_run_round(actor, row.community_id):
        raise NotPermitted("Only staff of the community may end a matching round.")
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    return await move_round(session, round_id, RoundStatus.CANCELLED, cause)


async def fail_round(session: Session, round_id: UUID, *, now: datetime, reason: str) -> Round:
    """End a round that could not be solved. Records ``round.failed``."""
    return await move_round(session, round_id, RoundStatus.FAILED, Cause(now=now, reason=reason))


async def _split_stale(
    session: Session, proposals: Sequence[Proposal]
) -> tuple[list[Proposal], tuple[UUID, ...]]:
    rows = await round_repository.lock_requests(session, [entry.request_id for entry in proposals])
    fresh, stale = [], set()
    for entry in proposals:
        row = rows.get(entry.request_id)
        if row is not None and row.version == entry.request_version and row.status in OPEN_REQUESTS:
            fresh.append(entry)
        else:
            stale.add(entry.request_id)
    return fresh, tuple(sorted(stale))


async def _add_offers(
    session: Session, row: Round, proposals: Sequence[Proposal], now: datetime
) -> None:
    in_use = await repository.load_codes_in_use(
        session, {entry.volunteer_id for entry in proposals}, now=now
    )
    for entry in proposals:
        code = pick_code(in_use[entry.volunteer_id], start=entry.position)
        in_use[entry.volunteer_id].add(code)
        offer = Offer(
            id=new_id(),
            community_id=row.community_id,
            round_id=row.id,
            ask_id=entry.ask_id,
            request_id=entry.request_id,
            volunteer_id=entry.volunteer_id,
            code=code,
            position=entry.position,
            starts_at=entry.starts_at,
            ends_at=entry.ends_at,
            accept_p=entry.accept_p,
            shown=[],
            proposed_at=now,
        )
        session.add(offer)
        record_event(
            session,
            "offer.proposed",
            subject_type="offer",
            subject_id=offer.id,
            happened_at=now,
            community_id=row.community_id,
            round_id=row.id,
            request_id=entry.request_id,
        )


def pick_code(in_use: set[str], *, start: int = 0) -> str:
    """A short code that is not in use: letter and digit first, longer when those run out."""
    letters = [sign for sign in CODE_ALPHABET if sign.isalpha()]
    digits = [sign for sign in CODE_ALPHABET if sign.isdigit()]
    pairs = [letter + digit for digit in digits for letter in letters]
    pairs = pairs[start % len(pairs) :] + pairs[: start % len(pairs)]
    size = OFFER_CODE_LENGTH
    while True:
        for pair in pairs:
            code = pair + digits[0] * (size - OFFER_CODE_LENGTH)
            if code not in in_use:
                return code
        size += 1
