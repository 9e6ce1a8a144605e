"""Asking a routing or geocoding service over HTTP: in time, again when it pays, and discreetly.

The questions hold people's homes. So no URL, no coordinate and no text of the service ever gets
into a message or a log, and the HTTP library's own request log is switched off.
"""

from __future__ import annotations

import json
import logging
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import stamina

from core.errors import Unavailable
from geo.errors import InvalidServiceSetting

MAX_ANSWER_BYTES = 64 * 1024 * 1024
TRY_AGAIN_STATUS = frozenset({502, 503, 504})
TOO_MANY_STATUS = 429
CLIENT_ERROR = range(400, 500)
OK = range(200, 300)


@dataclass(frozen=True)
class ServiceSettings:
    """How to talk to a service.

    Parameters
    ----------
    name
        For messages.
    url
        Where it is; a path in front of its own paths is kept.
    timeout_s
        For connecting, and between two pieces of the answer.
    attempts
        How often to try when it cannot be reached or says that it is overloaded.
    user_agent
        Who asks; public services want to know.
    """

    name: str
    url: str
    timeout_s: float = 10.0
    attempts: int = 3
    user_agent: str = "talkoot"


@dataclass(frozen=True)
class Answer:
    """What the service said: a status of 200 to 299 or 400 to 499, and the JSON, if it was any."""

    status: int
    data: Any

    @property
    def ok(self) -> bool:
        """Whether the service did what it was asked to do."""
        return self.status in OK


class _TryAgain(Exception):
    """Failed in a way that often mends itself within a second."""


class HttpService:
    """One service, asked by JSON over HTTP. Safe to share between threads.

    Parameters
    ----------
    settings
        How to talk to it.
    error
        Raised when it does not answer usefully; messages name the service and the remedy.

    Raises
    ------
    InvalidServiceSetting
        When the URL is none.
    """

    def __init__(self, settings: ServiceSettings, error: type[Unavailable]) -> None:
        self.settings = settings
        self._error = error
        _silence_request_logs()
        self._base = _check_url(settings)
        self._client = httpx.Client(
            timeout=httpx.Timeout(settings.timeout_s),
            headers={"User-Agent": settings.user_agent, "Accept": "application/json"},
        )
        # Those who got the service by a setting need not know that there is something to close.
        self._close = weakref.finalize(self, self._client.close)

    def close(self) -> None:
        """Close the connections; also done when the service is no longer used."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask with the question in the URL.

        Raises
        ------
        Unavailable
            The error type given, when no usable answer came.
        """
        return self._ask("GET", path, params=dict(params or {}))

    def post(self, path: str, body: Any) -> Answer:
        """Ask with the question as a JSON body; raises as `get`."""
        return self._ask("POST", path, body=body)

    def fail(self, what: str, remedy: str) -> Unavailable:
        """Build the error that says what happened and what to do, for the caller to raise."""
        return self._error(f"{self.settings.name} {what}; {remedy}.")

    def unusable(self, answer: Answer) -> Unavailable:
        """Build the error for an answer in a shape that this version does not know."""
        return self.fail(
            f"gave an answer that cannot be used (HTTP {answer.status})",
            "check that the URL is that of this service, and its version",
        )

    def _ask(
        self, method: str, path: str, *, params: dict[str, str] | None = None, body: Any = None
    ) -> Answer:
        # Errors of the HTTP library name the URL, so none may be chained to ours: "from None".
        try:
            for attempt in stamina.retry_context(
                on=_TryAgain,
                attempts=self.settings.attempts,
                timeout=None,
                wait_initial=0.1,
                wait_max=1.0,
                wait_jitter=0.1,
            ):
                with attempt:
                    return self._ask_once(method, path, params, body)
        except _TryAgain as failure:
            raise self.fail(str(failure), "check that it runs and try again") from None
        raise AssertionError("a retry loop ends by an answer or an error")

    def _ask_once(self, method: str, path: str, params: dict[str, str] | None, body: Any) -> Answer:
        seconds = f"{self.settings.timeout_s:g} s"
        try:
            with self._client.stream(
                method, self._base + path, params=params or None, json=body
            ) as response:
                status = response.status_code
                content = self._read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise _TryAgain("cannot be reached") from None
        except httpx.TimeoutException:
            raise self.fail(
                f"did not answer within {seconds}", "try again, or allow it more time"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise self.fail(
                "broke the connection off", "check that it runs and try again"
            ) from None
        if status in TRY_AGAIN_STATUS:
            raise _TryAgain(f"is not ready (HTTP {status})")
        if status == TOO_MANY_STATUS:
            raise self.fail(
                "refuses more questions for now (HTTP 429)", "wait, then ask less often"
            )
        if status not in OK and status not in CLIENT_ERROR:
            raise self.fail(f"failed (HTTP {status})", "look into its own log")
        return self._parse(status, content)

    def _read(self, response: httpx.Response) -> bytes:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                raise self.fail(
                    "gave an endless answer", "check that the URL is that of this service"
                )
        return bytes(content)

    def _parse(self, status: int, content: bytes) -> Answer:
        try:
            return Answer(status, json.loads(content))
        except ValueError:
            if status in OK:
                raise self.unusable(Answer(status, None)) from None
            return Answer(status, None)


def _check_url(settings: ServiceSettings) -> str:
    try:
        parts = urlsplit(settings.url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise InvalidServiceSetting(
            f"The URL of {settings.name} is not one; give it as http://host:port."
        )
    return settings.url.rstrip("/")


def _silence_request_logs() -> None:
    for name in ("httpx", "httpcore", "stamina"):
        logger = logging.getLogger(name)
        if logger.level < logging.ERROR:
            logger.setLevel(logging.ERROR)
