"""One attempt: a request over HTTP, in time, to an address that was checked; never further."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self

import httpx

from messaging.webhooks.errors import AddressRefused, InvalidEndpoint
from messaging.webhooks.targets import Resolve, find_target, look_up

TIME_LIMIT_S = 10.0
OK = range(200, 300)
GONE = 410
ASKS_TO_WAIT = frozenset({429, 503})
MOST_WAIT_S = 3_600


@dataclass(frozen=True)
class Answer:
    """What came of an attempt."""

    duration_ms: int
    status_code: int | None = None
    error: str | None = None
    """A code word when no answer came."""
    wait_s: int | None = None
    """How long the receiver asks to be left alone."""

    @property
    def is_good(self) -> bool:
        """Whether the receiver has it."""
        return self.status_code in OK

    @property
    def is_gone(self) -> bool:
        """Whether the receiver never wants to hear again."""
        return self.status_code == GONE


@cache
def _trust_of_the_machine() -> ssl.SSLContext:
    """Whose certificates this machine believes: once a process, since reading them all takes long.

    The clients themselves are not kept: they call numbers, and would give the connection to one
    name at a number to another name there, whose certificate nobody has looked at.
    """
    return ssl.create_default_context()


class Poster:
    """Sends deliveries, as JSON if their headers say nothing else.

    Redirects are not followed, proxies of the environment not used.
    """

    def __init__(
        self,
        *,
        local: bool = False,
        user_agent: str = "talkoot",
        resolve: Resolve = look_up,
        limit_s: float = TIME_LIMIT_S,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._local = local
        self._resolve = resolve
        self._limit_s = limit_s
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=limit_s,
            verify=trust or _trust_of_the_machine(),
            headers={"User-Agent": user_agent},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Try once. Whatever goes wrong is an answer too."""
        loop = asyncio.get_running_loop()
        began = loop.time()

        def took_ms() -> int:
            return round((loop.time() - began) * 1_000)

        try:
            async with asyncio.timeout(self._limit_s):
                status, wait_s = await self._send(url, headers, body)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(took_ms(), error="timed_out")
        except AddressRefused:
            return Answer(took_ms(), error="address_refused")
        except InvalidEndpoint:
            return Answer(took_ms(), error="address_invalid")
        except httpx.ConnectError as error:
            return Answer(took_ms(), error=_name_connect_error(error))
        except httpx.HTTPError:
            return Answer(took_ms(), error="answer_broken")
        except (OSError, UnicodeError):
            return Answer(took_ms(), error="name_unknown")
        return Answer(took_ms(), status_code=status, wait_s=wait_s)

    async def _send(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, int | None]:
        target = await find_target(url, local=self._local, resolve=self._resolve)
        request = self._client.build_request(
            "POST",
            target.connect_url,
            content=body,
            headers={"Content-Type": "application/json", **headers, "Host": target.host_header},
            # The certificate must be that of the name, although we call the number.
            extensions={"sni_hostname": target.host},
        )
        answer = await self._client.send(request, stream=True)
        try:
            # What it says is neither read nor kept.
            return answer.status_code, _read_wait(answer)
        finally:
            await answer.aclose()


def _read_wait(answer: httpx.Response) -> int | None:
    text = answer.headers.get("retry-after", "")
    if answer.status_code not in ASKS_TO_WAIT or not text.isascii() or not text.isdecimal():
        return None
    return min(int(text[:9]), MOST_WAIT_S)


def _name_connect_error(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls_failed"
        cause = cause.__cause__ or cause.__context__
    return "connection_failed"
