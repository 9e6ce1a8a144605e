"""An online geocoder with the city's own gazetteer behind it."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from core.clock import Clock, SystemClock
from core.errors import Unavailable
from geo.candidate import Candidate
from geo.geocoder import GeocodingProvider

DEFAULT_REST_S = 60.0

_logger = logging.getLogger(__name__)


class FallbackGeocoder:
    """Asks the first provider, and the second when the first fails or knows nothing.

    After a failure the first is left alone for a while: an import of ten thousand addresses must
    not wait three seconds for each of them.

    Parameters
    ----------
    first, second
        Usually an online service, then the gazetteer.
    rest_s
        How long the first is left alone after a failure.
    """

    def __init__(
        self,
        first: GeocodingProvider,
        second: GeocodingProvider,
        *,
        rest_s: float = DEFAULT_REST_S,
        clock: Clock | None = None,
    ) -> None:
        self._first = first
        self._second = second
        self._rest = timedelta(seconds=rest_s)
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._failed_at: datetime | None = None

    def geocode(self, text: str, *, limit: int = 3) -> tuple[Candidate, ...]:
        """Return at most ``limit`` candidates; ``Candidate.source`` says who answered."""
        if not self._is_resting():
            try:
                found = self._first.geocode(text, limit=limit)
            except Unavailable as error:
                with self._lock:
                    self._failed_at = self._clock.now()
                _logger.warning("The gazetteer stands in for a while: %s", error)
            else:
                if found:
                    return found
        return self._second.geocode(text, limit=limit)

    def _is_resting(self) -> bool:
        with self._lock:
            if self._failed_at is None:
                return False
            if timedelta(0) <= self._clock.now() - self._failed_at < self._rest:
                return True
            self._failed_at = None
            return False
