"""How much help there is and is asked for by cell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Covered:
    """The counts of one cell."""

    cell: int
    area: str | None
    person_count: int
    """Residents who asked and volunteers who take part."""
    volunteer_count: int
    asked_count: int
    open_count: int
    served_count: int
