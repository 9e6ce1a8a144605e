"""Geocoding: from an address as people write it to places, never by a silent guess."""

from __future__ import annotations

from typing import Protocol

from geo.candidate import ACCEPT_SCORE, Candidate, Precision

__all__ = ["ACCEPT_SCORE", "Candidate", "GeocodingProvider", "Precision"]


class GeocodingProvider(Protocol):
    """Anything that turns an address into candidates: the gazetteer or an online service."""

    def geocode(self, text: str, *, limit: int = 3) -> tuple[Candidate, ...]:
        """Return at most ``limit`` candidates, best first; empty when nothing fits.

        Raises
        ------
        core.errors.Unavailable
            When a service does not answer in time. The message holds no address.
        """
        ...
