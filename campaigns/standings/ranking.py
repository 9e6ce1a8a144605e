"""Who stands where on a board: by the share that takes part, among groups of like size.

Pure. What is published moves in steps of five people: a line keeps its numbers until five more or
five fewer are counted. So nobody who knows that one person joined or left between two days learns
from the two boards whether that person had taken part.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from campaigns.standings.kinds import SizeBand
from campaigns.standings.suppression import K, suppress

BANDS: tuple[tuple[SizeBand, int], ...] = (
    (SizeBand.SMALL, 5),
    (SizeBand.MEDIUM, 20),
    (SizeBand.LARGE, 50),
    (SizeBand.VERY_LARGE, 200),
)
"""From how many people on a group belongs to a band."""
SHARE_STEP = 5
"""Shares are shown in whole steps, rounded down, per cent."""
MOST_SHARE = 95
"""Shown for this share and more: a full group would tell about each of its members."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Tally:
    """What was counted of one group or area."""

    key: str
    label: str
    count: int
    """Its people who took part."""
    size: int
    """All its people, without those who opted out."""
    group_id: UUID | None = None


@dataclass(frozen=True)
class Held:
    """The numbers that a line is worked out from."""

    count: int = 0
    size: int = 0


@dataclass(frozen=True)
class Line:
    """One line of a board, ready to be published."""

    key: str
    label: str
    held: Held
    group_id: UUID | None = None
    band: SizeBand | None = None
    rank: int | None = None
    shown_count: int | None = None
    share_percent: int | None = None

    @property
    def public(self) -> tuple[object, ...]:
        """What readers see of it."""
        return (self.key, self.label, self.band, self.rank, self.shown_count, self.share_percent)


def hold(found: int, held: int, *, k: int = K) -> int:
    """The number to go on with: the new one when it is at least ``k`` away, else the old one."""
    return found if abs(found - held) >= k else held


def find_band(size: int) -> SizeBand | None:
    """The band of a group; None when it is too small for any."""
    found = [band for band, least in BANDS if size >= least]
    return found[-1] if found else None


def find_share(count: int, size: int) -> int:
    """The share to be shown, per cent."""
    percent = 100 * min(count, size) // size if size else 0
    return min(MOST_SHARE, percent // SHARE_STEP * SHARE_STEP)


def rank_values(values: Mapping[Key, int]) -> dict[Key, int]:
    """Ranks, the largest value first; who is equal shares a rank: 1, 2, 2, 4."""
    ordered = sorted(values, key=lambda key: -values[key])
    ranks: dict[Key, int] = {}
    for place, key in enumerate(ordered, start=1):
        before = ordered[place - 2] if place > 1 else None
        same = before is not None and values[before] == values[key]
        ranks[key] = ranks[before] if same and before is not None else place
    return ranks


def make_lines(
    tallies: Sequence[Tally], held: Mapping[str, Held], *, adds_up: bool
) -> tuple[Line, ...]:
    """The lines of a board in their order, each with what readers may see.

    Parameters
    ----------
    held
        The numbers of the board that was published before, by key.
    adds_up
        Whether nobody is counted on two lines, so that who knows the sum could subtract.
    """
    kept = {tally.key: _keep(tally, held.get(tally.key, Held())) for tally in tallies}
    shown = suppress(
        {key: one.count if one.size >= K else 0 for key, one in kept.items()}, total_shown=adds_up
    )
    lines = [_make_line(tally, kept[tally.key], shown[tally.key]) for tally in tallies]
    ranked: list[Line] = []
    for band, _ in BANDS:
        mine = [line for line in lines if line.band is band]
        ranks = rank_values({line.key: line.share_percent or 0 for line in mine})
        ranked += [replace(line, rank=ranks[line.key]) for line in mine]
    ranked += [line for line in lines if line.band is None]
    return tuple(sorted(ranked, key=_order))


def _keep(tally: Tally, before: Held) -> Held:
    return Held(hold(tally.count, before.count), hold(tally.size, before.size))


def _make_line(tally: Tally, held: Held, shown: int | None) -> Line:
    if shown is None:
        return Line(tally.key, tally.label, held, tally.group_id)
    return Line(
        key=tally.key,
        label=tally.label,
        held=held,
        group_id=tally.group_id,
        band=find_band(held.size),
        shown_count=shown,
        share_percent=find_share(held.count, held.size),
    )


def _order(line: Line) -> tuple[int, int, str, str]:
    """Bands from the smallest, ranks, names; hidden lines last, by name."""
    bands = [band for band, _ in BANDS]
    band = bands.index(line.band) if line.band is not None else len(bands)
    return (band, line.rank or 0, line.label.casefold(), line.key)


def count_changed(before: Sequence[Line], after: Sequence[Line]) -> int:
    """How many lines readers see changed, come or gone."""
    old = {line.key: line.public for line in before}
    new = {line.key: line.public for line in after}
    return sum(old.get(key) != new.get(key) for key in old.keys() | new.keys())


@dataclass(frozen=True)
class Alias:
    """Somebody on a board of people, as they chose to be called."""

    person_id: UUID
    alias: str
    days: int
    """Days on which they did something."""


@dataclass(frozen=True)
class RankedAlias:
    """A place on a board of people."""

    alias: str
    days: int
    rank: int


def rank_aliases(people: Sequence[Alias]) -> tuple[RankedAlias, ...]:
    """A board of people; empty while fewer than five are on it."""
    if len(people) < K:
        return ()
    ranks = rank_values({one.person_id: one.days for one in people})
    found = [RankedAlias(one.alias, one.days, ranks[one.person_id]) for one in people]
    ordered = sorted(found, key=lambda one: (one.rank, one.alias.casefold(), one.alias))
    return tuple(ordered)
