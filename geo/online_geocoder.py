"""What all online geocoders share: the service area, the memory, and how well an answer fits.

Services rank by importance, not by agreement with the words, and happily answer with another house
or another town. So the score is computed here from the text and the parts of the answer.
"""

from __future__ import annotations

import itertools
import math
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from rapidfuzz import fuzz

from core.errors import Unavailable
from geo.address_text import MAX_TEXT, AddressReading, read_address
from geo.areas import ServiceArea
from geo.candidate import Candidate, Precision
from geo.errors import GeocodingServiceUnavailable
from geo.http_service import Answer, HttpService, ServiceSettings
from geo.street_names import digits_of, fold_text, street_key

DEFAULT_TIMEOUT_S = 3.0
DEFAULT_CACHE_SIZE = 10_000
ASKED_FOR = 10
"""Places asked for each time, so that one answer serves every limit up to it."""

_SIMILAR_STREET = 0.85
_STREET_WITHOUT_NUMBER = 0.6
_OTHER_NUMBER = 0.5
_OTHER_DIGITS = 0.4
_OTHER_POSTCODE = 0.8
_UNKNOWN_WORDS = 0.85
_NAME_ONLY = 0.85
_AREA_FOR_A_HOUSE = 0.3


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """One place of a service's answer; texts are empty when unknown."""

    lon: float
    lat: float
    precision: Precision
    label: str
    place_id: str
    number: str = ""
    street: str = ""
    postcode: str = ""


class OnlineGeocoder(ABC):
    """Turns addresses into candidates by asking a service.

    Parameters
    ----------
    settings
        How to talk to the service.
    area
        Only places of this service area are asked for and returned; None allows all.
    cache_size
        Answers to keep in memory.
    """

    source = ""
    """Name of the service in candidates."""

    def __init__(
        self,
        settings: ServiceSettings,
        area: ServiceArea | None = None,
        *,
        cache_size: int = DEFAULT_CACHE_SIZE,
    ) -> None:
        self.area = area
        self.service = HttpService(settings, GeocodingServiceUnavailable)
        self._cache: OrderedDict[str, tuple[Candidate, ...]] = OrderedDict()
        self._cache_size = cache_size
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self.service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def ask(self, text: str) -> list[FoundPlace]:
        """Ask the service; see `GeocodingProvider.geocode` for what it raises."""

    def geocode(self, text: str, *, limit: int = 3) -> tuple[Candidate, ...]:
        """Return at most ``limit`` candidates, best first; see `GeocodingProvider.geocode`.

        Raises
        ------
        GeocodingServiceUnavailable
            When the service does not give a usable answer in time.
        """
        text = " ".join(text.split())[:MAX_TEXT]
        if not text or limit < 1:
            return ()
        known = self._remembered(text)
        if known is None:
            known = self._candidates(text, self.ask(text))
            self._remember(text, known)
        return known[:limit]

    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the service area, None when all places are allowed."""
        return None if self.area is None else self.area.bounds

    def unusable(self, answer: Answer) -> Unavailable:
        """Build the error for an answer that is refused or in an unknown shape."""
        if answer.status in (401, 403):
            return self.service.fail(
                f"refuses to answer us (HTTP {answer.status})",
                "check its key, its rules of use and the user agent setting",
            )
        return self.service.unusable(answer)

    def _remembered(self, text: str) -> tuple[Candidate, ...] | None:
        with self._lock:
            known = self._cache.get(text.casefold())
            if known is not None:
                self._cache.move_to_end(text.casefold())
            return known

    def _remember(self, text: str, candidates: tuple[Candidate, ...]) -> None:
        with self._lock:
            self._cache[text.casefold()] = candidates
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)

    def _candidates(self, text: str, places: list[FoundPlace]) -> tuple[Candidate, ...]:
        if self.area is not None and places:
            points = np.array([[place.lon, place.lat] for place in places])
            inside = self.area.outside_m(points) <= self.area.tolerance_m
            places = [place for place, kept in zip(places, inside, strict=True) if kept]
        found = [self._candidate(text, place) for place in places]
        found.sort(
            key=lambda candidate: (-candidate.score, list(Precision).index(candidate.precision))
        )
        return tuple(found)

    def _candidate(self, text: str, place: FoundPlace) -> Candidate:
        area = None if self.area is None else self.area.find_area(place.lon, place.lat)
        return Candidate(
            lon=place.lon,
            lat=place.lat,
            precision=place.precision,
            score=score_place(text, place),
            label=place.label,
            address_id=place.place_id or None,
            area=area,
            street=place.street or None,
            number=place.number or None,
            postcode=place.postcode or None,
            source=self.source,
        )


def score_place(text: str, place: FoundPlace) -> float:
    """0 to 1, how well a place agrees with the words of an address.

    From `ACCEPT_SCORE` on, the street, the house number, the postcode and all further words that
    the text gives are those of the place.
    """
    around = frozenset(fold_text(part) for part in place.label.split(",")) - {""}
    readings = [
        reading
        for number_first in (True, False)
        for reading in read_address(text, number_first=number_first, place_names=around)
    ]
    if not place.street and any(reading.number for reading in readings):
        return _AREA_FOR_A_HOUSE
    score = max((_score_reading(reading, place) for reading in readings), default=0.0)
    return round(score, 4)


def _score_reading(reading: AddressReading, place: FoundPlace) -> float:
    if not place.street:
        return _NAME_ONLY * fuzz.token_set_ratio(reading.street, fold_text(place.label)) / 100
    wanted, found = street_key(reading.street), street_key(place.street)
    score = 1.0 if wanted == found else _SIMILAR_STREET * fuzz.ratio(wanted, found) / 100
    if digits_of(wanted) != digits_of(found):
        score = min(score, _OTHER_DIGITS)
    if reading.number:
        number = fold_text(reading.number + reading.suffix).replace(" ", "")
        if not place.number:
            score *= _STREET_WITHOUT_NUMBER
        elif number != fold_text(place.number).replace(" ", ""):
            score *= _OTHER_NUMBER
    if reading.postcode and place.postcode and not _same_postcode(reading.postcode, place.postcode):
        score *= _OTHER_POSTCODE
    rest = f"{reading.rest} {reading.area}".replace(",", " ").split()
    known = fold_text(place.label).replace(",", " ").split()
    agreed = all(word in known or _is_short_for(word, known) for word in rest)
    return score if agreed else score * _UNKNOWN_WORDS


def _is_short_for(word: str, names: list[str]) -> bool:
    """Whether two letters stand for a name or two: MA, VT, NY."""
    if len(word) != 2:
        return False
    in_one = any(name[0] == word[0] and word[1] in name[1:] for name in names if len(name) > 3)
    pairs = itertools.pairwise(names)
    return in_one or any(first[0] + second[0] == word for first, second in pairs)


def _same_postcode(a: str, b: str) -> bool:
    a, b = fold_text(a), fold_text(b)
    return a.startswith(b) or b.startswith(a)


def read_text(value: Any) -> str:
    """A text of an answer; empty for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def read_position(lon: Any, lat: Any) -> tuple[float, float] | None:
    """Lon and lat of an answer, given as numbers or texts; None when they are no place."""
    try:
        position = float(lon), float(lat)
    except (TypeError, ValueError):
        return None
    return position if all(map(math.isfinite, position)) and (
        abs(position[0]) <= 180 and abs(position[1]) <= 90
    ) else None  # fmt: skip


def read_features(answer: Answer) -> list[tuple[tuple[float, float], dict[str, Any]]] | None:
    """Positions and properties of a GeoJSON FeatureCollection of points; None when it is none."""
    features = answer.data.get("features") if isinstance(answer.data, dict) else None
    if not answer.ok or not isinstance(features, list):
        return None
    found = []
    for feature in features:
        try:
            lon, lat = feature["geometry"]["coordinates"][:2]
            properties = feature["properties"]
        except (KeyError, TypeError, ValueError):
            return None
        position = read_position(lon, lat)
        if position is None or not isinstance(properties, dict):
            return None
        found.append((position, properties))
    return found
