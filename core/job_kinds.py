"""What a job is: its name, its arguments, how often it is tried, and what its handler gets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from core.clock import Clock
from core.db import Database, Session, to_json
from core.errors import InvalidInput, TalkootError
from core.settings import Settings

MAX_ARGS_BYTES = 16_384
MAX_KEY_LENGTH = 200
WORKER_DIED = "worker_died"
"""Why a job failed that its workers did not survive."""

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidJob(InvalidInput):
    """A job that cannot be stored."""

    code = "invalid_job"


class UnknownJob(TalkootError):
    """A job whose name no handler is registered for."""

    code = "unknown_job"
    http_status = 500


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """Work to be done once the caller's transaction is kept.

    ``args`` holds ids and code words, as JSON: never a name, an address or a number to call.
    While a job with the same ``key`` waits, another one is not added: one that is due earlier takes
    its place, unless that was begun before.
    """

    name: str
    args: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    due_at: datetime | None = None
    now: datetime

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.name) > 64:
            raise InvalidJob(f"{self.name!r} is no name of a job: write package.verb_noun.")
        if self.key is not None and not 0 < len(self.key) <= MAX_KEY_LENGTH:
            raise InvalidJob(f"The key of job {self.name} must have 1 to {MAX_KEY_LENGTH} letters.")
        try:
            size = len(to_json(self.args).encode())
        except (TypeError, ValueError):
            raise InvalidJob(
                f"The arguments of job {self.name} must be JSON: write ids as text, moments as "
                "ISO 8601."
            ) from None
        if size > MAX_ARGS_BYTES:
            raise InvalidJob(
                f"The arguments of job {self.name} have {size} bytes, more than {MAX_ARGS_BYTES}: "
                "store the data, and give its id."
            )

    @property
    def starts_at(self) -> datetime:
        """When it may run: never before it was asked for."""
        return self.now if self.due_at is None else max(self.now, self.due_at)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often a job is tried, and how long it rests in between.

    The rest before attempt n + 1 is ``first_s * factor ** (n - 1)``, at most ``most_s``, and then
    up to ``jitter_share`` longer or shorter, so that jobs that failed together come back apart.
    """

    max_attempts: int = 6
    first_s: float = 10.0
    factor: float = 3.0
    most_s: float = 3_600.0
    jitter_share: float = 0.2
    max_deaths: int = 25
    """How many workers may die while they do it, before it is taken for what kills them. Deaths
    are no attempts: a worker that is killed says nothing about the job."""

    def rest_s(self, attempt: int, seed: str) -> float:
        """Seconds to rest after attempt number ``attempt`` failed; the same for the same seed."""
        rest_s = min(self.most_s, self.first_s * self.factor ** (attempt - 1))
        digest = hashlib.blake2b(f"{seed}:{attempt}".encode(), digest_size=8).digest()
        share = int.from_bytes(digest, "big") / 2**64
        return rest_s * (1 + self.jitter_share * (2 * share - 1))


@dataclass(frozen=True)
class JobTools:
    """What a handler works with. It opens its own transactions: ``tools.database.begin()``."""

    database: Database
    clock: Clock
    settings: Settings
    services: Mapping[str, Any] = field(default_factory=dict)
    """By name, filled where the product is put together: the mailer, the text sender ..."""


Handler = Callable[[JobTools, dict[str, Any]], Awaitable[None]]
"""Does one job. It may be run twice for the same job, so its effect must be the same once."""


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A kind of job: who does it, how it is retried, how long it may take, how many at once."""

    name: str
    handler: Handler
    retry: Retry
    limit_s: float
    at_once: int


@dataclass
class JobRegistry:
    """The kinds of jobs, and those that come back by the clock."""

    kinds: dict[str, JobKind] = field(default_factory=dict)
    periods: dict[str, timedelta] = field(default_factory=dict)

    def add(
        self,
        name: str,
        handler: Handler,
        *,
        retry: Retry | None = None,
        limit_s: float = 60.0,
        at_once: int = 2,
    ) -> None:
        """Let a handler do the jobs of a name, at most ``at_once`` of them in one process.

        Each name has places of its own, so that a name that is stuck never holds up another.
        """
        if name in self.kinds:
            raise InvalidJob(f"Job {name} has two handlers: give one of them another name.")
        self.kinds[name] = JobKind(
            name=name, handler=handler, retry=retry or Retry(), limit_s=limit_s, at_once=at_once
        )

    def every(self, name: str, *, minutes: float) -> None:
        """Enqueue a job of this name once in each period of so many minutes."""
        if name not in self.kinds:
            raise InvalidJob(f"Job {name} has no handler: add it before it can come back.")
        self.periods[name] = timedelta(minutes=minutes)

    def find_kind(self, name: str) -> JobKind | None:
        return self.kinds.get(name)

    def slots(self, now: datetime) -> Iterable[tuple[str, datetime]]:
        """For each periodic job, the start of the period that ``now`` is in."""
        for name, period in self.periods.items():
            yield name, _EPOCH + (now - _EPOCH) // period * period

    def next_slot_at(self, now: datetime) -> datetime | None:
        """When the next period begins."""
        starts = [slot + self.periods[name] for name, slot in self.slots(now)]
        return min(starts, default=None)


@dataclass(frozen=True, kw_only=True)
class ClaimedJob:
    """A job that one worker does now."""

    id: str
    name: str
    key: str | None
    args: dict[str, Any]
    attempt: int
    """1 at the first try; those that a worker's death ended do not count."""
    deaths: int = 0
    """Workers that died while they did it."""
    worker_id: int | None
    """None when its worker is gone."""


@dataclass(frozen=True, kw_only=True)
class WaitingJob:
    """A job whose time has not come."""

    due_at: datetime
    args: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FailedJob:
    """A job that was given up, as staff see it."""

    id: str
    name: str
    args: dict[str, Any]
    attempts: int
    error: str
    """A code word."""


@dataclass(frozen=True, kw_only=True)
class JobHealth:
    """How the queue is doing."""

    waiting_count: int
    running_count: int
    failed_count: int
    worker_count: int
    """Workers that were heard of lately."""
    oldest_due_at: datetime | None
    """Since when the job that has waited longest could have run."""


class JobQueue(Protocol):
    """Where jobs wait: one kind of database each. Every method works in the caller's session.

    What ends an attempt answers False when the job is no longer this worker's.
    """

    async def enqueue(self, session: Session, job: NewJob) -> bool: ...

    async def open_slot(self, session: Session, name: str, slot_at: datetime) -> bool: ...

    async def list_due_names(
        self, session: Session, names: list[str], now: datetime
    ) -> list[str]: ...

    async def claim(
        self, session: Session, name: str, worker_id: int, now: datetime
    ) -> ClaimedJob | None: ...

    async def finish(self, session: Session, job: ClaimedJob) -> bool: ...

    async def retry(
        self, session: Session, job: ClaimedJob, *, due_at: datetime, error: str
    ) -> bool: ...

    async def take_over(self, session: Session, job: ClaimedJob, now: datetime) -> bool: ...

    async def hand_back(self, session: Session, job: ClaimedJob, now: datetime) -> bool: ...

    async def fail(
        self, session: Session, job: ClaimedJob, *, error: str, now: datetime
    ) -> bool: ...

    async def register_worker(self, session: Session, now: datetime) -> int: ...

    async def beat(self, session: Session, worker_id: int, now: datetime) -> bool: ...

    async def forget_worker(self, session: Session, worker_id: int) -> None: ...

    async def forget_silent_workers(
        self, session: Session, now: datetime, lease_s: float
    ) -> int: ...

    async def list_orphans(self, session: Session, limit: int) -> list[ClaimedJob]: ...

    async def next_due_at(self, session: Session) -> datetime | None: ...

    async def find_waiting(self, session: Session, key: str) -> WaitingJob | None: ...

    async def list_failed(self, session: Session, limit: int) -> list[FailedJob]: ...

    async def revive(self, session: Session, job_id: str, now: datetime) -> bool: ...

    async def health(self, session: Session, now: datetime, lease_s: float) -> JobHealth: ...
