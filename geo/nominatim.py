"""Addresses by a Nominatim server.

References
----------
.. [1] Nominatim, "Search queries" and "Place output formats" (jsonv2).
.. [2] OpenStreetMap Foundation, "Nominatim Usage Policy": at most one request a second for the
   whole application, an identifying user agent, answers to be cached, no autocompletion.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from geo.areas import ServiceArea
from geo.candidate import Precision
from geo.http_service import ServiceSettings
from geo.online_geocoder import (
    ASKED_FOR,
    DEFAULT_CACHE_SIZE,
    DEFAULT_TIMEOUT_S,
    FoundPlace,
    OnlineGeocoder,
    read_position,
    read_text,
)
from geo.rate_limit import RateLimit

PUBLIC_HOST = "nominatim.openstreetmap.org"
PUBLIC_INTERVAL_S = 1.0

_PUBLIC_LIMIT = RateLimit(PUBLIC_INTERVAL_S)
"""One for the whole process: the public host counts the application, not the object."""

_STREET_RANK = 26
_HOUSE_RANK = 28
_STREET_KEYS = ("road", "pedestrian", "footway", "path", "residential", "square")


class NominatimGeocoder(OnlineGeocoder):
    """Asks a Nominatim server, the public one at most once a second.

    Parameters
    ----------
    url
        For example ``http://localhost:8080``.
    area
        See `OnlineGeocoder`.
    user_agent
        Must name your installation when you ask a public server.
    language
        For names, such as ``en`` or ``fi,sv``.
    rate_limit
        None means once a second for the public host and no limit for any other.
    """

    source = "nominatim"

    def __init__(
        self,
        url: str,
        area: ServiceArea | None = None,
        *,
        user_agent: str = "talkoot",
        language: str = "en",
        timeout_s: float = DEFAULT_TIMEOUT_S,
        attempts: int = 2,
        cache_size: int = DEFAULT_CACHE_SIZE,
        rate_limit: RateLimit | None = None,
    ) -> None:
        settings = ServiceSettings("Nominatim", url, timeout_s, attempts, user_agent)
        super().__init__(settings, area, cache_size=cache_size)
        self._language = language
        public = urlsplit(url).hostname == PUBLIC_HOST
        self._rate_limit = rate_limit or (_PUBLIC_LIMIT if public else RateLimit(0.0))

    def ask(self, text: str) -> list[FoundPlace]:
        """Ask the server."""
        question = {
            "q": text,
            "format": "jsonv2",
            "addressdetails": "1",
            "limit": str(ASKED_FOR),
            "accept-language": self._language,
        }
        bounds = self.bounds()
        if bounds is not None:
            question["viewbox"] = ",".join(f"{edge:.6f}" for edge in bounds)
            question["bounded"] = "1"
        self._rate_limit.wait()
        answer = self.service.get("/search", question)
        if not answer.ok or not isinstance(answer.data, list):
            raise self.unusable(answer)
        found = [_read_place(row) for row in answer.data if isinstance(row, dict)]
        places = [place for place in found if place is not None]
        if len(places) < len(answer.data):
            raise self.unusable(answer)
        return places


def _read_place(row: dict[str, Any]) -> FoundPlace | None:
    position = read_position(row.get("lon"), row.get("lat"))
    parts = row.get("address") or {}
    if position is None or not isinstance(parts, dict):
        return None
    street = next((read_text(parts[key]) for key in _STREET_KEYS if key in parts), "")
    number = read_text(parts.get("house_number"))
    return FoundPlace(
        *position,
        precision=_read_precision(row, number, street),
        label=read_text(row.get("display_name")),
        place_id=f"{read_text(row.get('osm_type'))}/{read_text(row.get('osm_id'))}".strip("/"),
        number=number,
        street=street,
        postcode=read_text(parts.get("postcode")),
    )


def _read_precision(row: dict[str, Any], number: str, street: str) -> Precision:
    rank = row.get("place_rank")
    rank = rank if isinstance(rank, int) else 0
    if rank >= _HOUSE_RANK and number:
        # A house that is a way, but no building, was placed along a line of house numbers.
        kind = row.get("category", row.get("class"))
        along_a_line = row.get("osm_type") == "way" and kind == "place"
        return Precision.INTERPOLATED if along_a_line else Precision.ROOFTOP
    return Precision.STREET if rank >= _STREET_RANK and street else Precision.AREA
