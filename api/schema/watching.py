"""The present state of something, again whenever it changed, for as long as one may see it.

Nothing that changes is sent as it happened. A change only says that it is time to look: who looks
reads with the rights of this moment, and many changes become one look. So nothing is lost when
changes are, nothing is sent that one may no longer see, and a slow reader never piles anything up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from api.schema.access import Access, check_access
from api.schema.context import Context
from core.db import Session
from core.errors import Unavailable
from core.live import NOBODY, Change, Subscription, topic
from core.logging import get_logger
from people.signing_in.errors import NotSignedIn
from web.identity import Identity, still_valid

LOGGER = get_logger(__name__)

State = TypeVar("State")

SLOW_LOOK_S = 30.0
"""So often somebody looks although nothing was told: other processes may be silent on SQLite."""
REST_S = 0.2
"""Between two looks, at least."""
SPREAD_S = 1.0
"""After a gap all look again: spread over so long."""
MAX_FAILURES = 5
"""Looks in a row that the database may not answer."""


@dataclass(frozen=True)
class Seen(Generic[State]):
    """What a look found."""

    state: State
    mark: Hashable
    """Equal for states between which nothing changed that is worth telling."""
    topics: frozenset[str]
    """Where changes of it are told."""


@dataclass(frozen=True)
class Watched(Generic[State]):
    """Something to watch."""

    access: Access
    topics: frozenset[str]
    look: Callable[[Session], Awaitable[Seen[State]]]
    """Reads the state as far as the actor may see it; raises when they may not."""
    is_about: Callable[[Change], bool] = lambda change: True
    """Whether a change is a reason to look."""
    rest_s: float = REST_S


async def watch(context: Context, watched: Watched[State]) -> AsyncGenerator[State, None]:
    """The state at once, and again after each change of it.

    Ends with an error when the sign-in or token has ended, the actor's roles are others by now,
    or the thing is not for the actor.
    """
    topics, last = watched.topics, None
    # What ends a sign-in or changes a role is told of the person.
    person = topic("person", context.actor.person_id or NOBODY)
    while True:
        async with context.database.live.subscribe(topics | {person}) as reader:
            while True:
                began_s = _clock_s()
                seen = await _look_patiently(context, watched)
                if last is None or seen.mark != last:
                    last = seen.mark
                    yield seen.state
                if seen.topics != topics:
                    topics = seen.topics
                    break
                await _await_news(reader, watched, person, began_s)
                if reader.ended:
                    return


async def _look_patiently(context: Context, watched: Watched[State]) -> Seen[State]:
    """Look; a database that does not answer for a moment ends nothing."""
    for failures in range(1, MAX_FAILURES):
        try:
            return await _look(context, watched)
        except Unavailable as error:
            LOGGER.warning("live.look_failed", code=error.code, count=failures)
            await asyncio.sleep(failures)
    return await _look(context, watched)


async def _look(context: Context, watched: Watched[State]) -> Seen[State]:
    identity = Identity(context.actor, context.session_id, context.token_id)
    async with context.read() as session:
        if not await still_valid(session, identity, context.now):
            raise NotSignedIn("Your sign-in has ended, or your roles have changed. Sign in again.")
        check_access(context.actor, watched.access)
        return await watched.look(session)


async def _await_news(
    reader: Subscription, watched: Watched[Any], person: str, began_s: float
) -> None:
    """Wait until a look is due: something changed, or it was long ago."""
    # Those who came together need not look together.
    until_s = began_s + SLOW_LOOK_S * random.uniform(0.8, 1.0)  # noqa: S311 - no secret
    while (left_s := until_s - _clock_s()) > 0:
        changes = await reader.wait(left_s)
        if reader.ended:
            return
        if any(change.is_gap for change in changes):
            await asyncio.sleep(random.uniform(0, SPREAD_S))  # noqa: S311 - no secret
            break
        if any(watched.is_about(change) or person in change.topics for change in changes):
            break
    await asyncio.sleep(max(0.0, began_s + watched.rest_s - _clock_s()))
    reader.take_all()  # the look that follows shows them all


def _clock_s() -> float:
    return asyncio.get_running_loop().time()
