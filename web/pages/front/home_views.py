"""What the first page says, made of what is known of a town and of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from campaigns.standings.suppression import K, show_in_steps
from matching.intake.help_kinds import HelpKinds
from matching.kinds import RequestKind, StormStatus
from matching.models import Storm
from matching.rounds.reading import ToldPrices
from matching.storms.listing_repository import StormHomes

MOST_KINDS: Final = 6


@dataclass(frozen=True)
class StormNotice:
    """What everybody may know of the storm. None is a number that is too small to tell."""

    status: str
    hold: str | None
    asked: int | None
    reached: int | None


@dataclass(frozen=True)
class ShortPlace:
    """The neighborhood where one more volunteer reaches the most homes."""

    area: str
    more_homes: int
    served: int | None
    nobody: int | None


@dataclass(frozen=True)
class OpenRequest:
    """A request of the reader that is not over."""

    request_id: UUID
    status: str
    kind: str
    is_overdue: bool = False
    """Somebody was to come, and the time is over."""


@dataclass(frozen=True)
class News:
    """What waits for somebody who is signed in."""

    request: OpenRequest | None = None
    offer_count: int = 0
    visit_count: int = 0
    nobody_count: int | None = None
    """For staff: homes to which nobody comes."""


def make_notice(storm: Storm | None, homes: StormHomes | None) -> StormNotice | None:
    """The notice above the page while snow falls, or is about to."""
    if storm is None or homes is None or storm.status in (StormStatus.WATCH, StormStatus.CLOSED):
        return None
    asked, reached = hide_rest(homes.asked, homes.reached)
    hold = None if storm.hold_reason is None else storm.hold_reason.value
    return StormNotice(storm.status.value, hold, asked, reached)


def hide_rest(whole: int, part: int) -> tuple[int | None, int | None]:
    """A whole and its part in steps of five, as far as neither they nor the rest tell of few."""
    shown = show_in_steps(whole)
    if shown is None or 0 < whole - part < K:
        return shown, None
    return shown, show_in_steps(part)


def find_short_place(told: ToldPrices | None) -> ShortPlace | None:
    """Where help is short, by the last round; only where enough residents asked."""
    for price in () if told is None else told.prices:
        tried = price.row["tried"]
        asked = {} if told is None else told.areas.get(price.area or "", {})
        whole, served = asked.get("resident_count", 0), asked.get("served_count", 0)
        if price.area is None or whole < K or not tried or tried["served_more"] < 1:
            continue
        few = min(served, whole - served) < K
        return ShortPlace(
            price.area,
            int(tried["served_more"]),
            None if few else served,
            None if few else whole - served,
        )
    return None


def choose_kinds(kinds: HelpKinds) -> Sequence[RequestKind]:
    """The kinds of help on the first page, as many as fit."""
    offered = [kind.code for kind in kinds.kinds if kind.offered]
    named = [code for code in offered if code is not RequestKind.OTHER]
    return (named or offered)[:MOST_KINDS]
