"""How many operations one person, program or network address may do, in memory of this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from graphql import OperationType

from api.transport.documents import Operation
from api.transport.errors import CalledTooOften
from web.identity import AnyConnection, Identity
from web.pages.limiting import Bucket, find_caller

MUTATION_SHARE: Final = 5
"""One mutation, by its field, may be done a fifth as often as operations of all kinds."""
REFUSED_PER_MINUTE: Final = 30
"""Sign-ins and tokens that hold no more, by network address."""
MAX_STREAMS: Final = 30
"""Open sockets and event streams of one person or address."""


def find_key(connection: AnyConnection, identity: Identity) -> str | None:
    """Who is counted: the person, or the network address; None when neither is known."""
    if identity.actor.person_id is not None:
        return f"person:{identity.actor.person_id}"
    caller = find_caller(connection)
    return None if caller is None else f"address:{caller}"


@dataclass
class CallRates:
    """The counters of one process."""

    per_minute: int
    calls: Bucket = field(init=False)
    mutations: Bucket = field(init=False)
    refused: Bucket = field(default_factory=lambda: Bucket(per_minute=REFUSED_PER_MINUTE))
    streams: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.calls = Bucket(per_minute=self.per_minute)
        self.mutations = Bucket(per_minute=max(self.per_minute // MUTATION_SHARE, 1))

    def count_call(self, key: str | None, now: datetime) -> None:
        """Count a call, whatever it wants.

        Raises
        ------
        CalledTooOften
            With the seconds to wait.
        """
        self._take(self.calls, key, now)

    def count_operation(self, key: str | None, operation: Operation, now: datetime) -> None:
        """Count what the mutations of an operation do: each field that stands in it is one.

        Raises
        ------
        CalledTooOften
            With the seconds to wait.
        """
        if key is not None and operation.kind is OperationType.MUTATION:
            for name in operation.root_fields:
                self._take(self.mutations, f"{key} {name}", now)

    def count_refused(self, connection: AnyConnection, now: datetime) -> None:
        """Count a sign-in or token that does not hold.

        Raises
        ------
        CalledTooOften
            With the seconds to wait.
        """
        self._take(self.refused, find_caller(connection), now)

    @contextmanager
    def holding_stream(self, key: str | None) -> Iterator[bool]:
        """Count an open socket or stream; tells whether there may be one more."""
        if key is None:
            yield True
            return
        self.streams[key] += 1
        try:
            yield self.streams[key] <= MAX_STREAMS
        finally:
            self.streams[key] -= 1
            if not self.streams[key]:
                del self.streams[key]

    def _take(self, bucket: Bucket, key: str | None, now: datetime) -> None:
        wait_s = bucket.take(key, now) if key is not None else 0
        if wait_s:
            raise CalledTooOften(wait_s)
