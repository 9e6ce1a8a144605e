"""What a queue of jobs promises, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.clock import Clock, FixedClock, SystemClock
from core.db import Database
from core.events import Event
from core.job_procrastinate import ProcrastinateQueue
from core.job_table import TableQueue
from core.jobs import (
    InvalidJob,
    JobRegistry,
    JobTools,
    Limits,
    NewJob,
    Retry,
    check_jobs,
    enqueue,
    find_next_due_at,
    find_waiting_job,
    list_failed_jobs,
    retry_failed_job,
    run_due_jobs,
    run_jobs_until,
)
from core.settings import Settings
from tests import job_process

LONG_S = 120.0
"""More than anything here takes, so that a failure ends."""
QUICK = Limits(lease_s=1.0, poll_s=0.02, grace_s=0.2, hand_back_s=2.0)


class Ledger:
    """A handler that notes what it was given, and fails as often as it is told."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self.begun: list[dict[str, Any]] = []
        self.failures = 0

    async def __call__(self, tools: JobTools, args: dict[str, Any]) -> None:
        self.begun.append(args)
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError("no such host")
        self.done.append(args)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def registry(ledger: Ledger) -> JobRegistry:
    registry = JobRegistry()
    registry.add("tests.note", ledger, retry=Retry(max_attempts=4, first_s=60, factor=2))
    return registry


def tools_of(database: Database, clock: Clock) -> JobTools:
    return JobTools(database, clock, Settings())


async def add(database: Database, clock: Clock, name: str = "tests.note", **values: Any) -> bool:
    async with database.begin() as session:
        return await enqueue(session, NewJob(name=name, now=clock.now(), **values))


@contextlib.asynccontextmanager
async def working(
    database: Database, registry: JobRegistry, clock: Clock, limits: Limits = QUICK
) -> AsyncIterator[asyncio.Event]:
    """A worker that runs beside the test."""
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_jobs_until(stop, registry, tools_of(database, clock), limits=limits)
    )
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(worker, LONG_S)


async def eventually(holds: Callable[[], Awaitable[bool]], limit_s: float = LONG_S) -> None:
    async with asyncio.timeout(limit_s):
        while not await holds():  # noqa: ASYNC110 - what is awaited is in another process
            await asyncio.sleep(0.05)


async def words_done(database: Database) -> Counter[str]:
    """What the jobs of other processes have written down."""
    async with database.read() as session:
        reasons = await session.scalars(select(Event.reason).where(Event.kind == "tests.job_ran"))
        return Counter(reason or "" for reason in reasons)


# ---- enqueueing


async def test_job_is_done_once(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    assert await add(database, clock, args={"count": 1})

    ran = await run_due_jobs(database, registry, tools_of(database, clock))
    again = await run_due_jobs(database, registry, tools_of(database, clock))

    assert ledger.done == [{"count": 1}]
    assert (ran.done_count, again.done_count) == (1, 0)


async def test_rollback_drops_the_job(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    async def fail_after_asking() -> None:
        async with database.begin() as session:
            assert await enqueue(session, NewJob(name="tests.note", now=clock.now()))
            raise KeyError("the caller fails after it has asked for the job")

    with pytest.raises(KeyError):
        await fail_after_asking()

    await run_due_jobs(database, registry, tools_of(database, clock))

    assert ledger.begun == []


async def test_key_that_waits_already_adds_nothing(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    added = await asyncio.gather(*(add(database, clock, key="wave:1") for _ in range(10)))
    other = await add(database, clock, key="wave:2")

    ran = await run_due_jobs(database, registry, tools_of(database, clock))

    assert sorted(added) == [False] * 9 + [True]
    assert other
    assert ran.done_count == 2
    assert await add(database, clock, key="wave:1"), "the key is free once the job is done"


async def test_transaction_goes_on_after_a_key_that_was_taken(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    async with database.begin() as session:
        assert await enqueue(session, NewJob(name="tests.note", key="one", now=clock.now()))
        assert not await enqueue(session, NewJob(name="tests.note", key="one", now=clock.now()))
        assert await enqueue(session, NewJob(name="tests.note", key="two", now=clock.now()))

    assert (await run_due_jobs(database, registry, tools_of(database, clock))).done_count == 2


async def test_job_that_waited_already_sees_what_the_second_caller_wrote(
    database: Database, clock: FixedClock
) -> None:
    """Else a change that came while the job was about to begin would never be looked at."""
    seen: list[int] = []

    async def count_events(tools: JobTools, args: dict[str, Any]) -> None:
        async with tools.database.read() as session:
            seen.append(len(list(await session.scalars(select(Event.id)))))

    registry = JobRegistry()
    registry.add("tests.look", count_events)
    later = clock.now() + timedelta(seconds=10)
    await add(database, clock, "tests.look", key="look", due_at=later)
    async with working(database, registry, clock):
        async with database.begin() as session:
            new = await enqueue(session, NewJob(name="tests.look", key="look", now=clock.now()))
            clock.advance(timedelta(seconds=20))
            await asyncio.sleep(0.4)
            job_process.record(session, tools_of(database, clock), "late")
        await eventually(lambda: _true(bool(seen)))

    assert not new
    assert seen == [1]


async def _true(value: bool) -> bool:
    return value


async def test_job_waits_for_its_time(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    due_at = clock.now() + timedelta(hours=3)
    await add(database, clock, due_at=due_at)

    await run_due_jobs(database, registry, tools_of(database, clock))
    early = list(ledger.done)
    async with database.read() as session:
        next_at = await find_next_due_at(session, registry, now=clock.now())
    clock.advance(timedelta(hours=3))
    await run_due_jobs(database, registry, tools_of(database, clock))

    assert early == []
    assert next_at == due_at
    assert len(ledger.done) == 1


async def test_job_that_waits_comes_forward_but_never_later(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    for hours in (5, 2, 8):
        due_at = clock.now() + timedelta(hours=hours)
        await add(database, clock, key="wave", due_at=due_at, args={"line": hours})

    async with database.read() as session:
        next_at = await find_next_due_at(session, registry, now=clock.now())
        waiting = await find_waiting_job(session, "wave")
        other = await find_waiting_job(session, "another")
        health = await check_jobs(session, now=clock.now())

    assert waiting is not None
    assert next_at == waiting.due_at == clock.now() + timedelta(hours=2)
    # The one that came forward is the one that wanted to.
    assert waiting.args["line"] == 2
    assert other is None
    assert health.waiting_count == 1


async def test_oldest_comes_first(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    for minute in (3, 1, 2):
        due_at = clock.now() + timedelta(minutes=minute)
        await add(database, clock, args={"line": minute}, due_at=due_at)
    clock.advance(timedelta(minutes=5))

    await run_due_jobs(database, registry, tools_of(database, clock))

    assert [args["line"] for args in ledger.done] == [1, 2, 3]


async def test_jobs_that_jobs_ask_for_are_done_too(database: Database, clock: FixedClock) -> None:
    done: list[int] = []

    async def go_on(tools: JobTools, args: dict[str, Any]) -> None:
        done.append(args["left"])
        if args["left"]:
            await add(tools.database, tools.clock, "tests.go_on", args={"left": args["left"] - 1})

    registry = JobRegistry()
    registry.add("tests.go_on", go_on)
    await add(database, clock, "tests.go_on", args={"left": 3})

    await run_due_jobs(database, registry, tools_of(database, clock), until_idle=False)
    first = list(done)
    await run_due_jobs(database, registry, tools_of(database, clock))

    assert first == [3]
    assert done == [3, 2, 1, 0]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "Wave"},
        {"name": "wave"},
        {"name": "matching.wave", "args": {"at": datetime(2026, 1, 1, tzinfo=UTC)}},
        {"name": "matching.wave", "args": {"share": float("nan")}},
        {"name": "matching.wave", "args": {"text": "x" * 20_000}},
        {"name": "matching.wave", "key": ""},
        {"name": "matching.wave", "key": "k" * 201},
    ],
)
def test_job_that_cannot_be_stored_is_refused(values: dict[str, Any], clock: FixedClock) -> None:
    with pytest.raises(InvalidJob):
        NewJob(**values, now=clock.now())


# ---- failing


async def test_failed_attempts_come_back_later_and_later(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    ledger.failures = 3
    await add(database, clock)
    gaps = []
    for _ in range(4):
        await run_due_jobs(database, registry, tools_of(database, clock))
        async with database.read() as session:
            next_at = await find_next_due_at(session, registry, now=clock.now())
        if next_at is None:
            break
        gaps.append((next_at - clock.now()).total_seconds())
        clock.advance(next_at - clock.now() - timedelta(seconds=1))
        await run_due_jobs(database, registry, tools_of(database, clock))
        clock.advance(timedelta(seconds=1))

    assert len(ledger.begun) == 4
    assert len(ledger.done) == 1
    assert [60 * 0.8 <= gaps[0] <= 60 * 1.2, 96 <= gaps[1] <= 144, 192 <= gaps[2] <= 288] == [
        True,
        True,
        True,
    ]


async def test_job_is_given_up_after_its_attempts_and_shown(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    ledger.failures = 100
    await add(database, clock, args={"count": 7}, key="once")
    for _ in range(10):
        await run_due_jobs(database, registry, tools_of(database, clock))
        clock.advance(timedelta(hours=2))

    async with database.read() as session:
        failed = await list_failed_jobs(session)
        health = await check_jobs(session, now=clock.now())

    assert len(ledger.begun) == 4
    assert [(job.name, job.args, job.attempts, job.error) for job in failed] == [
        ("tests.note", {"count": 7}, 4, "connection_refused_error")
    ]
    assert (health.waiting_count, health.running_count, health.failed_count) == (0, 0, 1)


async def test_staff_can_have_a_failed_job_tried_again(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    ledger.failures = 4
    await add(database, clock)
    for _ in range(4):
        await run_due_jobs(database, registry, tools_of(database, clock))
        clock.advance(timedelta(hours=2))

    async with database.begin() as session:
        (failed,) = await list_failed_jobs(session)
        revived = await retry_failed_job(session, failed.id, now=clock.now())
        twice = await retry_failed_job(session, failed.id, now=clock.now())
        unknown = await retry_failed_job(session, str(UUID(int=99)), now=clock.now())
    await run_due_jobs(database, registry, tools_of(database, clock))

    assert (revived, twice, unknown) == (True, False, False)
    assert ledger.done == [{}]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=5)])
async def test_failed_attempt_takes_the_place_of_one_with_its_key(
    database: Database, clock: FixedClock, later: timedelta
) -> None:
    """One of the two is left, it is the one that has begun, and it does not wait for longer."""
    begun: list[str] = []

    async def ask_again_and_fail(tools: JobTools, args: dict[str, Any]) -> None:
        begun.append(args["step"])
        if len(begun) == 1:
            values = {"args": {"step": "second"}, "key": "k", "due_at": clock.now() + later}
            assert await add(tools.database, tools.clock, "tests.fail", **values)
            raise RuntimeError

    registry = JobRegistry()
    registry.add("tests.fail", ask_again_and_fail, retry=Retry(first_s=60))
    await add(database, clock, "tests.fail", args={"step": "first"}, key="k")

    await run_due_jobs(database, registry, tools_of(database, clock), until_idle=False)
    clock.advance(timedelta(minutes=2))
    await run_due_jobs(database, registry, tools_of(database, clock))
    clock.advance(timedelta(days=1))
    await run_due_jobs(database, registry, tools_of(database, clock))

    assert begun == ["first", "first"]


async def test_job_of_a_dead_worker_does_not_wait_for_a_later_one_with_its_key(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    await add(database, clock, key="wave", args={"step": "first"})
    await _claim_and_die(database, clock)
    await add(database, clock, key="wave", due_at=clock.now() + timedelta(hours=1))

    await run_due_jobs(database, registry, tools_of(database, clock))

    assert ledger.done == [{"step": "first"}]


async def _claim_and_die(database: Database, clock: Clock) -> None:
    """What is left by a worker that began the only job there is."""
    queue = TableQueue() if database.is_sqlite else ProcrastinateQueue()
    async with database.begin() as session:
        worker_id = await queue.register_worker(session, clock.now())
        assert await queue.claim(session, "tests.note", worker_id, clock.now())
    async with database.begin() as session:
        await queue.forget_worker(session, worker_id)


async def test_job_that_takes_too_long_is_stopped(database: Database, clock: FixedClock) -> None:
    async def sleep(tools: JobTools, args: dict[str, Any]) -> None:
        await asyncio.sleep(LONG_S)

    registry = JobRegistry()
    registry.add("tests.sleep", sleep, limit_s=0.05, retry=Retry(max_attempts=1))
    await add(database, clock, "tests.sleep")

    await asyncio.wait_for(run_due_jobs(database, registry, tools_of(database, clock)), 60)

    async with database.read() as session:
        (failed,) = await list_failed_jobs(session)
    assert failed.error == "time_limit"


# ---- several kinds, several workers


async def test_kind_that_is_stuck_holds_up_no_other(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    stuck = asyncio.Event()
    waiting = 0

    async def wait_for_server(tools: JobTools, args: dict[str, Any]) -> None:
        nonlocal waiting
        waiting += 1
        await stuck.wait()

    registry.add("tests.mail", wait_for_server, at_once=3, limit_s=2 * LONG_S)
    for _ in range(40):
        await add(database, clock, "tests.mail")
    for number in range(20):
        await add(database, clock, args={"line": number})

    async with working(database, registry, clock, Limits(poll_s=0.02, grace_s=5)):
        await eventually(lambda: _true(len(ledger.done) == 20))
        at_once = waiting
        stuck.set()
        await eventually(lambda: _true(waiting == 40))

    assert at_once == 3


async def test_periodic_job_runs_once_in_its_period(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    registry.every("tests.note", minutes=10)
    counts = []
    for step_min in (0, 5, 4, 1, 10, -30, 29, 2):
        clock.advance(timedelta(minutes=step_min))
        await run_due_jobs(database, registry, tools_of(database, clock))
        counts.append(len(ledger.done))

    # 21:00, :05, :09, :10, :20, then the clock goes back to 20:50, on to 21:19 and 21:21
    assert counts == [1, 1, 1, 2, 3, 3, 3, 3]


async def test_periodic_jobs_of_two_processes_run_once(
    database: Database, database_url: str
) -> None:
    began = SystemClock().now()
    workers = [job_process.start(database_url, ticking=True) for _ in range(2)]
    try:
        await eventually(lambda: _at_least(database, "note", 3))
    finally:
        _end(workers)
    took_s = (SystemClock().now() - began).total_seconds()

    async with database.read() as session:
        moments = list(
            await session.scalars(select(Event.happened_at).where(Event.kind == "tests.job_ran"))
        )
    slots = Counter(int(moment.timestamp() // job_process.TICK_S) for moment in moments)
    # The periods in which the test began and ended count too.
    assert len(moments) <= took_s / job_process.TICK_S + 2
    assert len(slots) >= 2


async def _at_least(database: Database, word: str, count: int) -> bool:
    return (await words_done(database))[word] >= count


def _end(workers: list[subprocess.Popen[bytes]]) -> list[int]:
    for worker in workers:
        worker.terminate()
    return [worker.wait(LONG_S) for worker in workers]


async def test_many_jobs_and_two_processes_and_each_is_done_once(
    database: Database, database_url: str
) -> None:
    workers = [job_process.start(database_url, lease_s=30.0) for _ in range(2)]
    try:
        await eventually(lambda: _are_at_work(database, 2))
        await job_process.enqueue_now(
            database, "tests.note", *({"word": f"w{number}"} for number in range(60))
        )
        await eventually(lambda: _is_idle(database))
    finally:
        codes = _end(workers)

    assert await words_done(database) == Counter(f"w{number}" for number in range(60))
    assert codes == [0, 0]


async def _are_at_work(database: Database, count: int) -> bool:
    async with database.read() as session:
        health = await check_jobs(session, now=SystemClock().now())
    return health.worker_count == count


async def _is_idle(database: Database) -> bool:
    async with database.read() as session:
        health = await check_jobs(session, now=SystemClock().now())
    return health.waiting_count == 0 and health.running_count == 0


async def test_job_of_a_killed_worker_is_taken_over(database: Database, database_url: str) -> None:
    await job_process.enqueue_now(database, "tests.stay_once", {"stay_s": LONG_S})
    first = job_process.start(database_url)
    try:
        await eventually(lambda: _at_least(database, "began", 1))
    finally:
        first.kill()
        first.wait(LONG_S)
    killed_at = SystemClock().now()
    second = job_process.start(database_url)
    try:
        await eventually(lambda: _at_least(database, "began", 2))
        waited_s = (SystemClock().now() - killed_at).total_seconds()
        await eventually(lambda: _at_least(database, "ended", 1))
    finally:
        _end([second])

    assert await words_done(database) == {"began": 2, "ended": 1}
    assert await _is_idle(database)
    assert waited_s < Limits().lease_s - 5, "a lease of one second, and the start of a process"


async def test_job_that_kills_its_workers_is_given_up(
    database: Database, database_url: str
) -> None:
    await job_process.enqueue_now(database, "tests.die")
    for _ in range(2):
        worker = job_process.start(database_url)
        assert await asyncio.to_thread(worker.wait, LONG_S) == -signal.SIGKILL
    third = job_process.start(database_url)
    try:
        await eventually(lambda: _has_failed(database))
        assert third.poll() is None
    finally:
        _end([third])

    async with database.read() as session:
        (failed,) = await list_failed_jobs(session)
    assert (failed.name, failed.error) == ("tests.die", "worker_died")
    assert await words_done(database) == {"began": 2}


async def _has_failed(database: Database) -> bool:
    async with database.read() as session:
        return bool(await list_failed_jobs(session))


async def test_told_to_stop_a_worker_finishes_what_it_has_begun(
    database: Database, database_url: str
) -> None:
    await job_process.enqueue_now(database, "tests.stay", {"stay_s": 1.0})
    worker = job_process.start(database_url, grace_s=LONG_S)
    await eventually(lambda: _at_least(database, "began", 1))
    await job_process.enqueue_now(database, "tests.note")

    assert _end([worker]) == [0]
    assert (await words_done(database))["ended"] == 1


async def test_told_to_stop_a_worker_hands_back_what_takes_long(
    database: Database, database_url: str
) -> None:
    await job_process.enqueue_now(database, "tests.stay", {"stay_s": LONG_S})
    worker = job_process.start(database_url, lease_s=30.0)
    await eventually(lambda: _at_least(database, "began", 1))
    assert _end([worker]) == [0]

    async with database.read() as session:
        health = await check_jobs(session, now=SystemClock().now())
    assert (health.waiting_count, health.running_count, health.worker_count) == (1, 0, 0)
    assert health.oldest_due_at is not None


async def test_worker_that_was_given_up_cannot_end_the_job(
    database: Database, clock: FixedClock
) -> None:
    """It lost touch with the database for longer than its lease; another one has the job."""
    begun = 0
    gate = asyncio.Event()

    async def wait(tools: JobTools, args: dict[str, Any]) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            with contextlib.suppress(asyncio.CancelledError):
                await gate.wait()  # it does not even notice that it is told to stop

    registry = JobRegistry()
    registry.add("tests.wait", wait)
    await add(database, clock, "tests.wait")
    async with working(database, registry, clock, Limits(lease_s=1, poll_s=0.02)):
        await eventually(lambda: _true(begun == 1))
        async with database.begin() as session:
            await _forget_all_workers(session)
        await eventually(lambda: _true(begun == 2))
        gate.set()
        await eventually(lambda: _is_idle_by(database, clock))

    async with database.read() as session:
        assert await list_failed_jobs(session) == []


async def _is_idle_by(database: Database, clock: Clock) -> bool:
    async with database.read() as session:
        health = await check_jobs(session, now=clock.now())
    return health.waiting_count == 0 and health.running_count == 0


async def _forget_all_workers(session: Any) -> None:
    table = "job_worker" if session.get_bind().dialect.name == "sqlite" else "procrastinate_workers"
    connection = await session.connection()
    await connection.exec_driver_sql(f"DELETE FROM {table}")


async def test_locked_database_holds_a_worker_up_and_no_more(
    database_url: str,
    database_kind: str,
    clock: FixedClock,
    registry: JobRegistry,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if database_kind != "sqlite":
        pytest.skip("one writer locks out the others on SQLite alone")
    monkeypatch.setattr("core.db.BUSY_TIMEOUT_MS", 200)
    path = database_url.removeprefix("sqlite:///")
    async with Database(database_url) as database:
        await add(database, clock)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with working(database, registry, clock):
            await asyncio.sleep(2)  # many times longer than the wait for a lock
            before = len(ledger.begun)
            other.execute("ROLLBACK")
            await eventually(lambda: _true(len(ledger.done) == 1))
        other.close()

    assert before == 0


async def test_health_tells_of_workers_and_of_what_waits(
    database: Database, clock: FixedClock, registry: JobRegistry, ledger: Ledger
) -> None:
    async with database.read() as session:
        empty = await check_jobs(session, now=clock.now())
    due_at = clock.now()
    await add(database, clock)
    clock.advance(timedelta(minutes=3))
    async with database.read() as session:
        waiting = await check_jobs(session, now=clock.now())
    async with working(database, registry, clock):
        await eventually(lambda: _true(len(ledger.done) == 1))
        async with database.read() as session:
            served = await check_jobs(session, now=clock.now())

    assert (empty.worker_count, empty.oldest_due_at) == (0, None)
    assert waiting.oldest_due_at == due_at
    assert served.worker_count == 1
