"""Addresses by a Photon server.

References
----------
.. [1] komoot, "Photon", section "Search".
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

_LABEL_KEYS = ("district", "city", "county", "state", "postcode", "country")


class PhotonGeocoder(OnlineGeocoder):
    """Asks a Photon server.

    Parameters
    ----------
    url
        For example ``http://localhost:2322``.
    area
        See `OnlineGeocoder`.
    language
        One that the server's data was imported with, or None for the local names.
    """

    source = "photon"

    def __init__(
        self,
        url: str,
        area: ServiceArea | None = None,
        *,
        user_agent: str = "talkoot",
        language: str | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        attempts: int = 2,
        cache_size: int = DEFAULT_CACHE_SIZE,
    ) -> None:
        settings = ServiceSettings("Photon", url, timeout_s, attempts, user_agent)
        super().__init__(settings, area, cache_size=cache_size)
        self._language = language

    def ask(self, text: str) -> list[FoundPlace]:
        """Ask the server."""
        question = {"q": text, "limit": str(ASKED_FOR)}
        if self._language:
            question["lang"] = self._language
        bounds = self.bounds()
        if bounds is not None:
            question["bbox"] = ",".join(f"{edge:.6f}" for edge in bounds)
        answer = self.service.get("/api", question)
        features = read_features(answer)
        if features is None:
            raise self.unusable(answer)
        return [_read_place(position, properties) for position, properties in features]


def _read_place(position: tuple[float, float], properties: dict[str, Any]) -> FoundPlace:
    kind, name = properties.get("type"), read_text(properties.get("name"))
    number = read_text(properties.get("housenumber"))
    street = read_text(properties.get("street")) or (name if kind == "street" else "")
    precision = Precision.AREA
    if kind == "house" and number:
        precision = Precision.ROOFTOP
    elif kind in ("house", "street") and street:
        precision = Precision.STREET
    first = " ".join(filter(None, (number, street))) or name
    parts = [first, *(read_text(properties.get(key)) for key in _LABEL_KEYS)]
    place_id = f"{read_text(properties.get('osm_type'))}{read_text(properties.get('osm_id'))}"
    return FoundPlace(
        *position,
        precision=precision,
        label=", ".join(dict.fromkeys(filter(None, parts))),
        place_id=place_id,
        number=number,
        street=street,
        postcode=read_text(properties.get("postcode")),
    )
