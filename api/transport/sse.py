"""Subscriptions as a stream of events: graphql-sse, one connection for each operation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Final

from litestar import Request

from api.transport.answers import COMPLETE, encode_event, refuse_by
from api.transport.errors import CalledTooOften
from api.transport.execution import Answer, Prepared
from api.transport.rates import find_key
from api.transport.service import GraphQLApi
from api.transport.validity import RECHECK_S, Watch
from people.signing_in.errors import NotSignedIn
from web.identity import Identity

AnyRequest = Request[Any, Any, Any]

PING: Final = ": ping\n\n"
PING_EVERY: Final = 6
"""Of the looks at the sign-in; proxies close what is silent for a minute."""
WAIT_S: Final = 60


async def stream_events(
    api: GraphQLApi, request: AnyRequest, identity: Identity, prepared: Prepared
) -> AsyncIterator[bytes | str]:
    """The answers of one operation, until it or the caller's right to it ends."""
    with api.rates.holding_stream(find_key(request, identity)) as may:
        try:
            if not may:
                raise CalledTooOften(WAIT_S)
            async for event in _stream(api, request, identity, prepared):
                yield event
        except Exception as error:
            yield encode_event({"errors": refuse_by(error).errors})
        yield COMPLETE


async def _stream(
    api: GraphQLApi, request: AnyRequest, identity: Identity, prepared: Prepared
) -> AsyncIterator[bytes | str]:
    watch = Watch(api.validity, request, identity)
    silent = 0
    answers = api.engine.stream(prepared, lambda: api.door.make_context(request, identity))
    async with aclosing(answers):
        coming: asyncio.Task[Any] = asyncio.ensure_future(_take(answers))
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=RECHECK_S)
                if not await watch.still_holds():
                    raise NotSignedIn("Your sign-in has ended. Sign in again.")
                if done:
                    answer = coming.result()
                    if answer is None:
                        return
                    yield encode_event(answer)
                    silent = 0
                    coming = asyncio.ensure_future(_take(answers))
                elif (silent := silent + 1) % PING_EVERY == 0:
                    yield PING
        finally:
            coming.cancel()
            with suppress(Exception, asyncio.CancelledError):
                await coming


async def _take(answers: AsyncIterator[Answer]) -> Answer | None:
    return await anext(answers, None)
