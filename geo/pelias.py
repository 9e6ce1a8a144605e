"""Addresses by a Pelias server.

References
----------
.. [1] Pelias, "Search" and "Response": layers, ``accuracy`` and ``match_type``.
"""

from __future__ import annotations

from typing import Any

from geo.areas import ServiceArea
from geo.candidate import Precision
from geo.http_service import ServiceSettings
from geo.online_geocoder import (
    ASKED_FOR,
    DEFAULT_CACHE_SIZE,
    DEFAULT_TIMEOUT_S,
    FoundPlace,
    OnlineGeocoder,
    read_features,
    read_text,
)

_EDGES = ("min_lon", "min_lat", "max_lon", "max_lat")


class PeliasGeocoder(OnlineGeocoder):
    """Asks a Pelias server.

    Parameters
    ----------
    url
        For example ``http://localhost:4000``.
    area
        See `OnlineGeocoder`.
    api_key
        For hosted services.
    """

    source = "pelias"

    def __init__(
        self,
        url: str,
        area: ServiceArea | None = None,
        *,
        api_key: str | None = None,
        user_agent: str = "talkoot",
        timeout_s: float = DEFAULT_TIMEOUT_S,
        attempts: int = 2,
        cache_size: int = DEFAULT_CACHE_SIZE,
    ) -> None:
        settings = ServiceSettings("Pelias", url, timeout_s, attempts, user_agent)
        super().__init__(settings, area, cache_size=cache_size)
        self._api_key = api_key

    def ask(self, text: str) -> list[FoundPlace]:
        """Ask the server."""
        question = {"text": text, "size": str(ASKED_FOR)}
        if self._api_key:
            question["api_key"] = self._api_key
        bounds = self.bounds()
        if bounds is not None:
            for name, edge in zip(_EDGES, bounds, strict=True):
                question[f"boundary.rect.{name}"] = f"{edge:.6f}"
        answer = self.service.get("/v1/search", question)
        features = read_features(answer)
        if features is None:
            raise self.unusable(answer)
        return [_read_place(position, properties) for position, properties in features]


def _read_place(position: tuple[float, float], properties: dict[str, Any]) -> FoundPlace:
    layer, accuracy = properties.get("layer"), properties.get("accuracy")
    number = read_text(properties.get("housenumber"))
    street = read_text(properties.get("street"))
    if layer == "street":
        street = street or read_text(properties.get("name"))
    precision = Precision.AREA
    if layer == "address" and number:
        interpolated = "interpolated" in (accuracy, properties.get("match_type"))
        precision = Precision.INTERPOLATED if interpolated else Precision.ROOFTOP
    elif layer in ("address", "street", "venue", "intersection") and street:
        precision = Precision.STREET
    return FoundPlace(
        *position,
        precision=precision,
        label=read_text(properties.get("label")) or read_text(properties.get("name")),
        place_id=read_text(properties.get("gid")),
        number=number,
        street=street,
        postcode=read_text(properties.get("postalcode")),
    )
