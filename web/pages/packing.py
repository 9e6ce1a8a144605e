"""Pages are sent packed to those who have not signed in.

A packed page is shorter when what somebody put into its address stands elsewhere in it too. So
pages of those who are signed in, with names and homes in them, are never packed; the token of the
forms on all others looks different each time; and they get some bytes too many, by chance.
"""

from __future__ import annotations

import gzip
import io
import secrets
from functools import lru_cache
from typing import Any, Final

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from web.identity import COOKIE

LEAST_BYTES: Final = 600
LEVEL: Final = 6
MOST_FILLED: Final = 48
_SIGNED_IN: Final = (f"{COOKIE}=", f"__Host-{COOKIE}=")


class PackedPages:
    """Packs whole HTML answers for browsers that take gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_taken = may_be_packed(Headers.from_scope(scope))
        begun: list[Message] = []

        async def send_packed(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                begun.append(message)
                return
            if begun and message["type"] == "http.response.body":
                start: Any = begun.pop()
                whole: Any = message
                _vary(start)
                is_whole = not whole.get("more_body") and len(whole["body"]) >= LEAST_BYTES
                if is_taken and is_whole:
                    whole = {**whole, "body": _pack(start, whole["body"])}
                await send(start)
                await send(whole)
                return
            await send(message)

        await self.app(scope, receive, send_packed)


def may_be_packed(headers: Headers) -> bool:
    """Whether the browser takes it, and nobody is signed in."""
    cookies = [part.strip() for part in headers.get("cookie", "").split(";")]
    signed_in = any(part.startswith(_SIGNED_IN) for part in cookies)
    return "gzip" in headers.get("accept-encoding", "") and not signed_in


def _is_page(message: Any) -> bool:
    headers = Headers(message["headers"])
    is_page = headers.get("content-type", "").startswith("text/html")
    return is_page and "content-encoding" not in headers


def _pack(start: Any, body: bytes) -> bytes:
    headers = MutableScopeHeaders(start)
    packed = _pack_public(body) if headers.get("cache-control") == "no-cache" else _pack_own(body)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    return packed


def _vary(start: Any) -> None:
    headers = MutableScopeHeaders(start)
    headers["Vary"] = ", ".join(part for part in (headers.get("vary"), "Accept-Encoding") if part)


@lru_cache(maxsize=200)
def _pack_public(body: bytes) -> bytes:
    """What everybody reads is packed once."""
    return gzip.compress(body, LEVEL, mtime=0)


def _pack_own(body: bytes) -> bytes:
    """With a name in its head that is not read by anybody, of a length that nobody knows before."""
    name = "." * secrets.randbelow(MOST_FILLED)
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", LEVEL, out, mtime=0) as file:
        file.write(body)
    return out.getvalue()
