"""What changed, told to whoever watches: a bounded hub, fed by what each transaction recorded.

`core.events.record_event` notes every event with its session. What the transaction keeps, and
nothing else, reaches the subscribers once it is kept. A `Change` holds ids and code words alone:
whoever hears of one reads the rest from the database, with their own rights.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

QUEUE_SIZE = 256
MAX_TOPICS = 1_000
"""Topics of one subscription."""
MAX_CHANGES = 2_000
"""Of one transaction; after more than these everybody looks again."""
GAP_KIND = "live.gap"

NOBODY = UUID(int=0)
_TOLD = "talkoot.told"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed."""

    kind: str
    """As in the history, such as ``offer.sent``; `GAP_KIND` when something may have been lost."""
    subject_type: str
    subject_id: UUID
    community_id: UUID | None = None
    concerns: tuple[str, ...] = ()
    """Topics of other things that it is about, such as ``volunteer:<uuid>``."""

    @property
    def is_gap(self) -> bool:
        """Whether changes may have been lost, so that the reader has to look again."""
        return self.kind == GAP_KIND

    @property
    def topics(self) -> tuple[str, ...]:
        """Where it is told."""
        own = topic(self.subject_type, self.subject_id)
        if self.community_id is None:
            return (own, *self.concerns)
        return (own, topic("community", self.community_id), *self.concerns)


GAP = Change(GAP_KIND, "live", NOBODY)
"""Something may have been lost: look at the present state again."""


def topic(subject_type: str, subject_id: UUID) -> str:
    """The name under which changes of one thing are told, such as ``community:<uuid>``."""
    return f"{subject_type}:{subject_id}"


class Recorded(Protocol):
    """The part of an event row that is told."""

    kind: Any
    subject_type: Any
    subject_id: Any
    community_id: Any


Announcer = Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]
"""Writes what follows from the events of a transaction, in that transaction, before it is kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a session was told of, and the change that it means."""

    event: Any
    """None for a change that is told, and not part of the history."""
    change: Change


def tell(session: AsyncSession, event: Recorded, facts: Iterable[tuple[str, object]]) -> None:
    """Note an event with its transaction.

    Facts named like ``volunteer_id`` that hold an id are what it concerns beside its subject.
    """
    concerns = tuple(
        topic(name[:-3], value)
        for name, value in facts
        if name.endswith("_id") and isinstance(value, UUID)
    )
    change = Change(event.kind, event.subject_type, event.subject_id, event.community_id, concerns)
    session.info.setdefault(_TOLD, []).append(Told(event, change))


def tell_only(session: AsyncSession, change: Change) -> None:
    """Note a change that watchers hear of, and that leaves nothing in the history.

    For what moves often and tells nothing later, such as how far a round is.
    """
    session.info.setdefault(_TOLD, []).append(Told(None, change))


async def read_told(session: AsyncSession, start: int = 0) -> list[Told]:
    """What the transaction was told and still keeps, from the place ``start`` on.

    What a savepoint took back is left out: its rows have lost their keys again. Flush before.
    """
    told: list[Told] = session.info.get(_TOLD, [])
    kept = [one for one in told[start:] if one.event is None or inspect(one.event).key is not None]
    for one in kept:
        if one.event is not None and inspect(one.event).expired_attributes:
            await session.refresh(one.event)
    return kept


def was_told(session: AsyncSession) -> int:
    """How many events a transaction was told of."""
    return len(session.info.get(_TOLD, ()))


def squeeze(changes: Sequence[Change]) -> list[Change]:
    """Each change once; a single gap in place of more than anybody would read one by one."""
    once = list(dict.fromkeys(changes))
    return once if len(once) <= MAX_CHANGES else [GAP]


class Subscription:
    """What one reader has not read yet. Bounded: who lags finds a gap in place of the oldest."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Change] = deque()
        self._lock = Lock()
        self._woken = asyncio.Event()
        self._closed = False

    def put(self, changes: Iterable[Change]) -> None:
        """Hand changes over; callable from any thread, and never waits."""
        with self._lock:
            for change in changes:
                if len(self._queue) >= QUEUE_SIZE:
                    self._queue.clear()
                    self._queue.append(GAP)
                if not change.is_gap or GAP not in self._queue:
                    self._queue.append(change)
        self._wake()

    def close(self) -> None:
        """End the reader, once it has read what is there."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        # A loop that has gone takes its readers along.
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._woken.set)
            except RuntimeError:
                self._closed = True

    def take_all(self) -> list[Change]:
        """Everything that waits, without waiting."""
        with self._lock:
            taken = list(self._queue)
            self._queue.clear()
        return taken

    async def wait(self, timeout_s: float) -> list[Change]:
        """Everything that came, as soon as something has; nothing when the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wait()
        except TimeoutError:
            pass
        return self.take_all()

    @property
    def ended(self) -> bool:
        """Whether nothing can come any more."""
        return self._closed and not self._queue

    async def _wait(self) -> None:
        while not self._queue and not self._closed:
            self._woken.clear()
            # Something may have come between the look and the clearing.
            if self._queue or self._closed:
                break
            await self._woken.wait()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Change:
        await self._wait()
        with self._lock:
            if self._queue:
                return self._queue.popleft()
        raise StopAsyncIteration


class Hub:
    """Tells the subscribers of this process what transactions of this process kept.

    One hub may serve several databases on one file, and loops in several threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_topic: dict[str, set[Subscription]] = {}
        self._closed = False

    @property
    def subscription_count(self) -> int:
        """How many read now."""
        with self._lock:
            return len(set().union(*self._by_topic.values()))

    async def before_commit(self, session: AsyncSession, changes: Sequence[Change]) -> None:
        """Write what must be written in the transaction itself: nothing in memory."""

    def after_commit(self, changes: Sequence[Change]) -> None:
        """Tell what a transaction has kept; callable from any thread."""
        self.publish(changes)

    def publish(self, changes: Sequence[Change]) -> None:
        """Hand changes to those who watch one of their topics; a gap goes to all."""
        waiting: dict[Subscription, list[Change]] = {}
        with self._lock:
            if not self._by_topic:
                return
            for change in changes:
                for reader in self._readers(change):
                    waiting.setdefault(reader, []).append(change)
        for reader, news in waiting.items():
            reader.put(news)

    def _readers(self, change: Change) -> set[Subscription]:
        if change.is_gap:
            return set().union(*self._by_topic.values())
        found: set[Subscription] = set()
        for name in change.topics:
            found |= self._by_topic.get(name, set())
        return found

    @asynccontextmanager
    async def subscribe(self, topics: Iterable[str]) -> AsyncIterator[Subscription]:
        """Hear of every change of these topics that is kept from now on.

        Read the present state only after entering, so that nothing falls in between.
        """
        wanted = frozenset(topics)
        if not 0 < len(wanted) <= MAX_TOPICS:
            raise ValueError(f"A subscription has 1 to {MAX_TOPICS} topics, not {len(wanted)}.")
        await self._be_ready()
        reader = Subscription(wanted)
        with self._lock:
            if self._closed:
                reader.close()
            for name in wanted:
                self._by_topic.setdefault(name, set()).add(reader)
        try:
            yield reader
        finally:
            self._forget(reader)

    def _forget(self, reader: Subscription) -> None:
        reader.close()
        with self._lock:
            for name in reader.topics:
                readers = self._by_topic.get(name, set())
                readers.discard(reader)
                if not readers:
                    self._by_topic.pop(name, None)

    async def _be_ready(self) -> None:
        """Hear what other processes tell, where there are some."""

    async def close(self) -> None:
        """End all readers, such as those of open sockets when the server stops."""
        with self._lock:
            self._closed = True
            readers = set().union(*self._by_topic.values())
        for reader in readers:
            reader.close()
