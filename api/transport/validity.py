"""Whether those who listen may still do so: asked every few seconds, once for each sign-in."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from api.transport.door import Door
from core.errors import TalkootError
from core.logging import get_logger
from web.identity import AnyConnection, Identity

LOGGER = get_logger(__name__)
RECHECK_S: Final = 2.0
MOST_KEYS: Final = 10_000
MOST_FAILURES: Final = 3
"""So often in a row the database may not answer before a stream is ended."""


@dataclass
class Validity:
    """Remembers for a moment what was found, so that many streams of one person ask once."""

    door: Door
    found: OrderedDict[UUID, tuple[float, bool]] = field(default_factory=OrderedDict)
    """When it was looked at, and what was found, by sign-in or token."""

    async def holds(self, connection: AnyConnection, identity: Identity) -> bool:
        """Whether a sign-in or token holds as it did."""
        key = identity.session_id or identity.token_id
        if key is None:
            return True
        at, valid = self.found.get(key, (-RECHECK_S, False))
        if time.monotonic() - at < RECHECK_S / 2:
            return valid
        valid = await self.door.still_valid(connection, identity)
        self.found[key] = (time.monotonic(), valid)
        self.found.move_to_end(key)
        while len(self.found) > MOST_KEYS:
            self.found.popitem(last=False)
        return valid


@dataclass
class Watch:
    """Looks at one stream's right to go on."""

    validity: Validity
    connection: AnyConnection
    identity: Identity
    failures: int = 0

    async def still_holds(self) -> bool:
        """Ask again. A database that does not answer is given a few chances."""
        try:
            valid = await self.validity.holds(self.connection, self.identity)
        except TalkootError as error:
            self.failures += 1
            LOGGER.warning("graphql.not_rechecked", code=error.code, count=self.failures)
            return self.failures < MOST_FAILURES
        self.failures = 0
        return valid
