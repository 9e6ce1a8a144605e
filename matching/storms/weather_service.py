"""The US National Weather Service over HTTP: alerts at a point, observations of stations.

Its answers are GeoJSON with values as ``{"value": 1.2, "unitCode": "wmoUnit:degC"}``, where the
value is often null and the unit must be read. Only public places and station names are asked for.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import stamina

from matching.errors import WeatherUnavailable
from matching.storms.following import Observed
from matching.storms.nws_format import SOURCE, read_alerts, read_observations
from matching.storms.rules import StormRules
from matching.storms.weather import Alert, Reading

MAX_ANSWER_BYTES = 8 * 1024 * 1024
TRY_AGAIN_STATUS = frozenset({500, 502, 503, 504})
OBSERVATIONS = 30
"""The newest of each station: enough to catch up after an outage of some hours."""
MAX_REMEMBERED = 200


class _TryAgain(Exception):
    """Failed in a way that often mends itself within seconds."""


@dataclass
class _Remembered:
    """An answer that the service may say has not changed."""

    data: Any
    etag: str | None
    modified: str | None


@dataclass(frozen=True)
class Fetched:
    """What could be had, and in words what could not."""

    observed: Observed
    failures: tuple[str, ...] = ()


class WeatherService:
    """Asks the service; keeps answers to ask only for what has changed."""

    def __init__(
        self,
        url: str,
        *,
        user_agent: str = "talkoot",
        timeout_s: float = 10.0,
        attempts: int = 3,
    ) -> None:
        self._attempts = attempts
        self._timeout_s = timeout_s
        self._remembered: dict[str, _Remembered] = {}
        for name in ("httpx", "httpcore", "stamina"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(timeout_s),
            headers={"User-Agent": user_agent, "Accept": "application/geo+json"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(self, rules: StormRules) -> Fetched:
        """Alerts and observations for one community; a part that fails leaves the others."""
        failures: list[str] = []
        alerts: list[Alert] = []
        complete: str | None = None
        if rules.lon_deg is not None and rules.lat_deg is not None:
            try:
                alerts = await self.fetch_alerts(rules.lon_deg, rules.lat_deg)
                complete = SOURCE
            except WeatherUnavailable as error:
                failures.append(str(error))
        readings: list[Reading] = []
        for station in rules.stations:
            try:
                readings += await self.fetch_observations(station, snow_ratio=rules.snow_ratio)
            except WeatherUnavailable as error:
                failures.append(str(error))
        observed = Observed(readings, alerts, alerts_complete_from=complete)
        return Fetched(observed, tuple(failures))

    async def fetch_alerts(self, lon_deg: float, lat_deg: float) -> list[Alert]:
        """The alerts in effect at a point.

        Raises
        ------
        WeatherUnavailable
            When no usable answer came.
        """
        data = await self._ask(f"/alerts/active?point={lat_deg:.4f},{lon_deg:.4f}")
        return read_alerts(data)

    async def fetch_observations(self, station: str, *, snow_ratio: float) -> list[Reading]:
        """The newest observations of a station; raises as `fetch_alerts`."""
        if not station.isalnum():
            raise WeatherUnavailable(f"{station!r} is no name of a weather station, such as KBOS.")
        data = await self._ask(f"/stations/{station}/observations?limit={OBSERVATIONS}")
        return read_observations(data, station, snow_ratio=snow_ratio)

    async def _ask(self, path: str) -> Any:
        try:
            async for attempt in stamina.retry_context(
                on=_TryAgain,
                attempts=self._attempts,
                timeout=None,
                wait_initial=0.2,
                wait_max=2.0,
                wait_jitter=0.2,
            ):
                with attempt:
                    return await self._ask_once(path)
        except _TryAgain as failure:
            raise WeatherUnavailable(
                f"The weather service {failure}; it is asked again at the next turn."
            ) from None
        raise AssertionError("a retry loop ends by an answer or an error")

    async def _ask_once(self, path: str) -> Any:
        known = self._remembered.get(path)
        headers = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        try:
            async with self._client.stream("GET", path, headers=headers) as response:
                content = await _read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise _TryAgain("cannot be reached") from None
        except httpx.TimeoutException:
            raise _TryAgain(f"did not answer within {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _TryAgain("broke the connection off") from None
        if response.status_code == httpx.codes.NOT_MODIFIED and known is not None:
            return known.data
        return self._take(path, response, content)

    def _take(self, path: str, response: httpx.Response, content: bytes) -> Any:
        status = response.status_code
        if status in TRY_AGAIN_STATUS:
            raise _TryAgain(f"is not ready (HTTP {status})")
        if status == httpx.codes.NOT_FOUND:
            raise WeatherUnavailable(
                f"The weather service knows no {path.split('?')[0]}; check the storm rules."
            )
        if status != httpx.codes.OK:
            raise WeatherUnavailable(f"The weather service refused to answer (HTTP {status}).")
        try:
            data = json.loads(content)
        except ValueError:
            raise WeatherUnavailable(
                "The weather service gave an answer that is no JSON; check TALKOOT_WEATHER_URL."
            ) from None
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[path] = _Remembered(
            data, response.headers.get("ETag"), response.headers.get("Last-Modified")
        )
        return data


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > MAX_ANSWER_BYTES:
            raise WeatherUnavailable(
                "The weather service gave an endless answer; check TALKOOT_WEATHER_URL."
            )
    return bytes(content)
