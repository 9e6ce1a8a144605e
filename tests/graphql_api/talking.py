"""Saying and hearing messages on a socket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

WAIT_S = 60


async def say(socket: ClientConnection, message: Any) -> None:
    await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))


async def hear(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), WAIT_S))


async def hear_all(socket: ClientConnection) -> None:
    while True:
        await asyncio.wait_for(socket.recv(), WAIT_S)


async def hear_end(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        await hear_all(socket)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code
