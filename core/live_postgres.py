"""The hub on PostgreSQL: NOTIFY in the transaction itself, one LISTEN connection a process.

What is sent are ids and code words, packed well below the 8000 bytes that a notification takes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from core.live import GAP, Change, Hub
from core.logging import get_logger

LOGGER = get_logger(__name__)

CHANNEL = "talkoot_live"
MAX_PAYLOAD_BYTES = 7_500
CONNECT_TIMEOUT_S = 5
READY_TIMEOUT_S = 5.0
"""How long a new reader waits for the connection; without it the reader is told of a gap later."""
PROBE_S = 15.0
"""A connection is asked so often whether it lives: one that was cut says nothing by itself."""
PROBE_LIMIT_S = 5.0
FIRST_REST_S = 0.2
LONGEST_REST_S = 10.0

_NOTIFY = text(
    "SELECT pg_notify(:channel, told.payload) "
    "FROM unnest(CAST(:payloads AS text[])) WITH ORDINALITY AS told(payload, place) "
    "ORDER BY told.place"
)


class PostgresHub(Hub):
    """Tells the subscribers of this process what transactions of all processes kept."""

    def __init__(self, url: URL) -> None:
        super().__init__()
        self._url = url
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def before_commit(self, session: AsyncSession, changes: Sequence[Change]) -> None:
        """Send the changes with the transaction: it tells them when it is kept, or never."""
        values = {"channel": CHANNEL, "payloads": list(pack(changes))}
        await session.execute(_NOTIFY, values)

    def after_commit(self, changes: Sequence[Change]) -> None:
        """The database itself tells every process, this one too."""

    async def _be_ready(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen(), name="talkoot-live")
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self._listening.wait()

    async def close(self) -> None:
        """End all readers and the connection."""
        await super().close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _listen(self) -> None:
        """Hold one connection for as long as this process runs; after a break everybody looks."""
        engine = _open_engine(self._url)
        rest_s = FIRST_REST_S
        try:
            while True:
                try:
                    async with engine.connect() as connection:
                        await connection.exec_driver_sql(f"LISTEN {CHANNEL}")
                        rest_s = FIRST_REST_S
                        self._listening.set()
                        self.publish([GAP])  # for readers who came before, or heard nothing since
                        await self._hear(connection)
                except Exception as error:  # whatever it was: nobody else would bring it back
                    LOGGER.warning("live.connection_lost", error=error)
                self._listening.clear()
                await asyncio.sleep(rest_s)
                rest_s = min(rest_s * 2, LONGEST_REST_S)
        finally:
            self._listening.clear()
            await engine.dispose()

    async def _hear(self, connection: AsyncConnection) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        while True:
            async for notice in driver.notifies(timeout=PROBE_S):
                self.publish(unpack(notice.payload))
            async with asyncio.timeout(PROBE_LIMIT_S):
                await driver.execute("SELECT 1")


def _open_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "talkoot live",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        },
    )


def pack(changes: Sequence[Change]) -> Iterator[str]:
    """Payloads that hold all changes, grouped by what they share."""
    groups: dict[tuple[str, str, UUID | None], list[list[str]]] = {}
    for change in changes:
        group = groups.setdefault((change.kind, change.subject_type, change.community_id), [])
        group.append([change.subject_id.hex, *change.concerns])
    for (kind, subject_type, community_id), entries in groups.items():
        head = [kind, subject_type, None if community_id is None else community_id.hex]
        size, page = len(_json(head)) + 4, list[list[str]]()
        for entry in entries:
            entry_size = len(_json(entry)) + 1
            if page and size + entry_size > MAX_PAYLOAD_BYTES:
                yield _json([*head, page])
                size, page = len(_json(head)) + 4, []
            page.append(entry)
            size += entry_size
        yield _json([*head, page])


def unpack(payload: str) -> list[Change]:
    """The changes of one payload; a gap for one that cannot be read, as of another version."""
    try:
        kind, subject_type, community, entries = json.loads(payload)
        community_id = None if community is None else UUID(hex=community)
        return [
            Change(str(kind), str(subject_type), UUID(hex=key), community_id, tuple(concerns))
            for key, *concerns in entries
        ]
    except (ValueError, TypeError, AttributeError):
        return [GAP]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
