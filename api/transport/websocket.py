"""Operations over a socket: the protocol graphql-transport-ws, and no other.

What a caller does wrong on the socket closes it with the codes of the protocol. What is wrong with
one document ends that operation alone.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import WebSocket
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketException

from api.transport.answers import encode, refuse_by
from api.transport.bodies import Call, NotJson, read_call, read_json
from api.transport.errors import CalledTooOften, CallRefused
from api.transport.rates import find_key
from api.transport.service import GraphQLApi, is_signed_in
from api.transport.validity import RECHECK_S, Watch
from core.errors import TalkootError
from core.logging import get_logger
from core.settings import Settings
from web.identity import ANONYMOUS, AnyConnection, Identity
from web.pages.limiting import Bucket

LOGGER = get_logger(__name__)
PROTOCOL: Final = "graphql-transport-ws"
MAX_MESSAGE_BYTES: Final = 64 * 1024
MAX_ID_LENGTH: Final = 128
MAX_OPERATIONS: Final = 100
"""Of one socket, at the same time."""
MESSAGES_PER_MINUTE: Final = 1_200
SEND_LIMIT_S: Final = 10.0
MAX_REASON_BYTES: Final = 120

BROKEN: Final = 1011
TRY_LATER: Final = 1013
POLICY: Final = 1008
INVALID: Final = 4400
UNAUTHORIZED: Final = 4401
FORBIDDEN: Final = 4403
WRONG_PROTOCOL: Final = 4406
TOO_SLOW: Final = 4408
SAME_ID: Final = 4409
TOO_MANY: Final = 4429

AnySocket = WebSocket[Any, Any, Any]


class SocketEnds(Exception):
    """The socket is to be closed, with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class CallerGone(Exception):
    """The caller closed the socket, or the line is dead."""


async def serve_socket(api: GraphQLApi, socket: AnySocket) -> None:
    """Everything from the handshake to the end of a socket."""
    if not is_own_origin(socket, api.door.settings):
        # Before it is accepted: the handshake is answered with 403.
        await socket.close(code=POLICY)
        return
    if PROTOCOL not in socket.scope["subprotocols"]:
        await socket.accept()
        await socket.close(code=WRONG_PROTOCOL, reason=f"Use the subprotocol {PROTOCOL}")
        return
    await socket.accept(subprotocols=PROTOCOL)
    try:
        await _Conversation(api, socket).hold()
    except* CallerGone:
        pass
    except* SocketEnds as ends:
        await _close(socket, ends)
    except* Exception as errors:
        LOGGER.error("graphql.socket_broke_down", error=errors.exceptions[0])
        await _close(socket, ExceptionGroup("", [SocketEnds(BROKEN, "Something went wrong")]))


def is_own_origin(socket: AnyConnection, settings: Settings) -> bool:
    """Whether no other site opened this socket; programs name no origin."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    own = {socket.headers.get("host", "").lower(), urlsplit(settings.public_url).netloc.lower()}
    return bool(host) and host in own


@dataclass
class _Conversation:
    api: GraphQLApi
    socket: AnySocket
    operations: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    said_hello: asyncio.Event = field(default_factory=asyncio.Event)
    messages: Bucket = field(default_factory=lambda: Bucket(per_minute=MESSAGES_PER_MINUTE))
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    identity: Identity | None = None
    """Who asks; None until the caller has said so and was let in."""

    async def hold(self) -> None:
        """Read messages until one side ends it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._await_hello())
            tasks.create_task(self._watch())
            while True:
                message = self._read(await self._receive())
                await self._handle(message, tasks)

    async def _receive(self) -> str:
        try:
            event: Any = await self.socket.receive()
        except WebSocketException:
            raise CallerGone from None
        if event["type"] != "websocket.receive":
            raise CallerGone
        text = event.get("text")
        if text is None:
            raise SocketEnds(INVALID, "Send text, not bytes")
        if len(text) > MAX_MESSAGE_BYTES or len(text.encode(errors="replace")) > MAX_MESSAGE_BYTES:
            raise SocketEnds(INVALID, "This message has more than 64 KB")
        if self.messages.take("", self.api.door.clock.now()):
            raise SocketEnds(TOO_MANY, "Too many messages")
        return str(text)

    def _read(self, text: str) -> dict[str, Any]:
        try:
            message = read_json(text)
        except NotJson as error:
            raise SocketEnds(INVALID, str(error)) from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise SocketEnds(INVALID, "A message is a JSON object with a type")
        return message

    async def _handle(self, message: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        kind = message["type"]
        if kind == "connection_init":
            await self._greet(message, tasks)
        elif kind == "subscribe":
            self._subscribe(message, tasks)
        elif kind == "complete":
            task = self.operations.pop(self._read_id(message), None)
            if task is not None:
                task.cancel()
        elif kind == "ping":
            await self._send({"type": "pong"})
        elif kind != "pong":
            raise SocketEnds(INVALID, "Unknown type of message")

    async def _await_hello(self) -> None:
        try:
            async with asyncio.timeout(self.api.init_limit_s):
                await self.said_hello.wait()
        except TimeoutError:
            raise SocketEnds(TOO_SLOW, "Connection initialisation timeout") from None

    async def _greet(self, message: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        if self.said_hello.is_set():
            raise SocketEnds(TOO_MANY, "Too many initialisation requests")
        self.said_hello.set()
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise SocketEnds(INVALID, "The payload of connection_init must be an object")
        identity = await self._identify(payload or {})
        tasks.create_task(self._count_socket(find_key(self.socket, identity)))
        await self._send({"type": "connection_ack"})
        self.identity = identity

    async def _identify(self, payload: dict[str, Any]) -> Identity:
        given = payload.get("authorization", payload.get("Authorization"))
        connection: AnyConnection = self.socket
        if given is not None:
            if not isinstance(given, str) or not given.isascii():
                raise SocketEnds(FORBIDDEN, "Forbidden")
            connection = _with_authorization(self.socket, given)
        elif "authorization" not in self.socket.headers and "origin" not in self.socket.headers:
            # A cookie counts only where a browser says that our own page sent it.
            return ANONYMOUS
        try:
            return await self.api.admit(connection)
        except CalledTooOften:
            raise SocketEnds(TRY_LATER, "Too many attempts") from None
        except TalkootError as error:
            if error.http_status >= 500:
                raise SocketEnds(TRY_LATER, "Try again in a moment") from None
            raise SocketEnds(FORBIDDEN, "Forbidden") from None

    async def _count_socket(self, key: str | None) -> None:
        with self.api.rates.holding_stream(key) as may:
            if not may:
                raise SocketEnds(TRY_LATER, "Too many open sockets")
            await asyncio.Event().wait()

    async def _watch(self) -> None:
        """End the socket when the sign-in or the token no longer holds."""
        await self.said_hello.wait()
        watch: Watch | None = None
        while True:
            await asyncio.sleep(RECHECK_S)
            if watch is None and self.identity is not None:
                watch = Watch(self.api.validity, self.socket, self.identity)
            if watch is not None and not await watch.still_holds():
                raise SocketEnds(FORBIDDEN, "Your sign-in has ended")

    def _subscribe(self, message: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        key = self._read_id(message)
        if self.identity is None:
            raise SocketEnds(UNAUTHORIZED, "Unauthorized")
        if key in self.operations:
            raise SocketEnds(SAME_ID, f"Subscriber for {key} already exists")
        payload = message.get("payload")
        if not isinstance(payload, dict):
            raise SocketEnds(INVALID, "The payload of subscribe must be an object")
        try:
            call = read_call(payload)
        except CallRefused as refusal:
            raise SocketEnds(INVALID, str(refusal)) from None
        task = tasks.create_task(self._carry_out(key, call, self.identity))
        self.operations[key] = task

    async def _carry_out(self, key: str, call: Call, identity: Identity) -> None:
        try:
            await self._stream(key, call, identity)
            last: dict[str, Any] = {"id": key, "type": "complete"}
        except (CallerGone, SocketEnds):
            raise
        except Exception as error:
            last = {"id": key, "type": "error", "payload": refuse_by(error).errors}
        # The id is free before the caller hears of the end, and may use it anew.
        if self.operations.get(key) is asyncio.current_task():
            del self.operations[key]
        await self._send(last)

    async def _stream(self, key: str, call: Call, identity: Identity) -> None:
        api, now = self.api, self.api.door.clock.now()
        if len(self.operations) > MAX_OPERATIONS:
            raise CalledTooOften(1)
        caller = find_key(self.socket, identity)
        api.rates.count_call(caller, now)
        prepared = api.engine.prepare(call, signed_in=is_signed_in(identity))
        api.rates.count_operation(caller, prepared.operation, now)
        answers = api.engine.stream(prepared, lambda: api.door.make_context(self.socket, identity))
        async with aclosing(answers):
            async for answer in answers:
                await self._send({"id": key, "type": "next", "payload": answer})

    def _read_id(self, message: dict[str, Any]) -> str:
        key = message.get("id")
        if not isinstance(key, str) or not 0 < len(key) <= MAX_ID_LENGTH:
            raise SocketEnds(INVALID, "A message like this has an id")
        return key

    async def _send(self, message: dict[str, Any]) -> None:
        text = encode(message).decode()
        try:
            async with self.sending, asyncio.timeout(SEND_LIMIT_S):
                await self.socket.send_data(text)
        except TimeoutError:
            raise SocketEnds(TOO_SLOW, "The caller does not read") from None
        except (WebSocketException, RuntimeError, OSError):
            raise CallerGone from None


def _with_authorization(socket: AnySocket, value: str) -> AnyConnection:
    """The same connection, as if it had come with this header and without a cookie."""
    headers = [
        (name, text)
        for name, text in socket.scope["headers"]
        if name.lower() not in (b"authorization", b"cookie")
    ]
    scope: Any = {**socket.scope, "state": {}}
    scope["headers"] = [*headers, (b"authorization", value.encode("ascii"))]
    return ASGIConnection(scope)


async def _close(socket: AnySocket, ends: ExceptionGroup[SocketEnds]) -> None:
    end = ends.exceptions[0]
    while isinstance(end, ExceptionGroup):
        end = end.exceptions[0]
    reason = end.reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
    try:
        async with asyncio.timeout(SEND_LIMIT_S):
            await socket.close(code=end.code, reason=reason)
    except (TimeoutError, WebSocketException, RuntimeError, OSError):
        LOGGER.debug("graphql.socket_gone")
