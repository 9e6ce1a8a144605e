"""Where one more volunteer counts most: what the newest round that worked it out keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.i18n import Translator
from matching.rounds.reading import ToldPrices
from web.pages.storm_board import words as say

LITTLE = 0.2
"""Below this one more person would change nothing that anybody notices."""
SHOWN_ON_BOARD = 3


@dataclass(frozen=True)
class Price:
    """What one more volunteer of the best kind would add in one neighbourhood."""

    area: str
    worth: float
    """Homes that they would reach: tried, else at most."""
    was_tried: bool
    who: str
    resident_count: int
    served_count: int


@dataclass(frozen=True)
class Prices:
    """The recruitment map as a table."""

    round_id: UUID
    at: datetime
    rows: tuple[Price, ...]

    @property
    def best(self) -> tuple[Price, ...]:
        """Those that the board shows."""
        return tuple(row for row in self.rows if row.worth >= LITTLE)[:SHOWN_ON_BOARD]

    @property
    def others(self) -> int:
        """Neighbourhoods that the board does not show."""
        return len(self.rows) - len(self.best)

    @property
    def most_elsewhere(self) -> float:
        """The highest worth among them."""
        return max((row.worth for row in self.rows[len(self.best) :]), default=0.0)


def make_prices(words: Translator, told: ToldPrices | None) -> Prices | None:
    """The best price of each neighbourhood, the highest first; None when none was worked out."""
    if told is None:
        return None
    best: dict[str, Price] = {}
    for one in told.prices:
        if one.area is None:
            continue
        made = _price(words, one.area, one.row, told.areas.get(one.area, {}))
        known = best.get(one.area)
        if known is None or (made.was_tried, made.worth) > (known.was_tried, known.worth):
            best[one.area] = made
    for area, asked in told.areas.items():
        if area not in best and area != "elsewhere":
            best[area] = Price(
                area,
                0.0,
                was_tried=False,
                who="",
                resident_count=asked.get("resident_count", 0),
                served_count=asked.get("served_count", 0),
            )
    rows = sorted(best.values(), key=lambda row: (-row.worth, row.area))
    return Prices(told.round.id, told.round.started_at, tuple(rows))


def _price(words: Translator, area: str, row: Mapping[str, Any], asked: Mapping[str, int]) -> Price:
    tried = row["tried"]
    return Price(
        area=area,
        worth=round(
            float(row["worth_weight"] if tried is None else max(0, tried["served_more"])), 1
        ),
        was_tried=tried is not None,
        who=say.newcomer_words(words, row["newcomer"]),
        resident_count=asked.get("resident_count", 0),
        served_count=asked.get("served_count", 0),
    )
