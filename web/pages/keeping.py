"""What many look at is made once for them, and kept for some seconds in this process.

In a storm thousands open the first page within a minute. What is kept of pages for everybody is one
answer for each address, language, colours and town, only for those who have not signed in, and only
when it gave no cookie away. Rooms keep parts of their pages here that are the same for all who may
see them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakValueDictionary

from litestar import Response

from core.settings import Settings
from web.identity import COOKIE, read_cookie
from web.pages.choices import PLACE_COOKIE, read_language, read_theme
from web.pages.guards import AnyRequest
from web.pages.rendering import PUBLIC

MOST_KEPT: Final = 200
MOST_KEY: Final = 1_000

Key = tuple[Hashable, ...]
Handler = Callable[..., Awaitable[Response[Any]]]


@dataclass
class Kept:
    """Things made by what they depend on, the one used last at the end."""

    things: OrderedDict[Key, tuple[datetime, Any]] = field(default_factory=OrderedDict)
    _locks: WeakValueDictionary[Key, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def find(self, key: Key, now: datetime) -> Any | None:
        """A thing that is still good."""
        found = self.things.get(key)
        if found is None or found[0] <= now:
            return None
        self.things.move_to_end(key)
        return found[1]

    def keep(self, key: Key, thing: Any, until: datetime) -> None:
        """Keep a thing; the one that nobody asked for longest makes way."""
        self.things[key] = (until, thing)
        self.things.move_to_end(key)
        while len(self.things) > MOST_KEPT:
            self.things.popitem(last=False)

    @asynccontextmanager
    async def one_at_a_time(self, key: Key) -> AsyncIterator[None]:
        """Let one make a thing while the others wait for it, instead of all at once."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            yield


def shown_to_all(handler: Handler) -> Handler:
    """Keep what a handler with ``request`` and ``desk`` shows to strangers."""

    @wraps(handler)
    async def answer(**values: Any) -> Response[Any]:
        desk, request = values["desk"], values["request"]
        key = _make_key(request, desk.settings)
        if key is None or not desk.settings.pages_keep_s:
            return await handler(**values)
        now = desk.clock.now()
        kept: Response[Any] | None = desk.kept.find(key, now)
        if kept is None:
            kept = await handler(**values)
            if not _is_for_all(kept):
                return kept
            until = now + timedelta(seconds=desk.settings.pages_keep_s)
            desk.kept.keep(key, kept, until)
        return Response(
            kept.content,
            status_code=kept.status_code,
            media_type=kept.media_type,
            headers=dict(kept.headers),
        )

    return answer


def _make_key(request: AnyRequest, settings: Settings) -> Key | None:
    """What a stranger's page depends on; None for those who are signed in."""
    if "authorization" in request.headers or read_cookie(request, settings, COOKIE) is not None:
        return None
    query = request.url.query
    if len(query) + len(request.url.path) > MOST_KEY:
        return None
    return (
        request.url.path,
        query,
        read_language(request, settings),
        read_theme(request, settings) or "",
        read_cookie(request, settings, PLACE_COOKIE) or "",
    )


def _is_for_all(answer: Response[Any]) -> bool:
    is_public = answer.headers.get("Cache-Control") == PUBLIC["Cache-Control"]
    return answer.status_code == HTTPStatus.OK and is_public and not answer.cookies
