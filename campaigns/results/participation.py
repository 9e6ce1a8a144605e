"""Who took part, by neighbourhood: a share of all addresses with Wilson's interval.

Homes are counted and not people: a neighbourhood's addresses are known from the city pack, its
people are not, and a family that rides together is one home that was won.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from campaigns.measuring.shares import find_share
from campaigns.results.figures import AreaFigures, Participation, Reach
from campaigns.standings.suppression import K, show_in_steps, suppress

WHOLE = ""
"""The name of the row for everything together."""


def count_participation(
    homes: Mapping[str | None, int],
    addresses: Mapping[str, int],
    targets: tuple[str, ...],
    *,
    source: str,
) -> Participation:
    """Shares of every neighbourhood, the campaign's own first.

    Parameters
    ----------
    homes
        Neighbourhood -> homes with somebody who took part; None for homes in none of them.
    addresses
        Neighbourhood -> addresses of the city pack, for all of its neighbourhoods.
    targets
        Neighbourhoods that the campaign is for; empty is all.
    """
    chosen = set(targets) or set(addresses)
    rows = [
        make_area(area, count, homes.get(area, 0), is_target=area in chosen)
        for area, count in addresses.items()
    ]
    rows.sort(key=lambda row: (not row.is_target, row.area))
    inside = [row for row in rows if row.is_target]
    whole = make_area(
        WHOLE,
        sum(row.address_count for row in inside),
        sum(row.home_count or 0 for row in inside),
        is_target=True,
    )
    outside = sum(count for area, count in homes.items() if area not in addresses)
    return Participation(tuple(rows), whole, source, outside)


def make_area(area: str, address_count: int, home_count: int, *, is_target: bool) -> AreaFigures:
    """One row. More homes than addresses means that the addresses are wrong: no share is told."""
    row = AreaFigures(area, address_count, is_target, home_count)
    if address_count <= 0 or home_count > address_count:
        return row
    share = find_share(home_count, address_count)
    return replace(row, share=share.estimate, low=share.low, high=share.high)


def hide_few(participation: Participation) -> Participation:
    """The same for the public: no group under five, and none that could be found by subtraction."""
    counts = {row.area: row.home_count for row in participation.areas if row.home_count is not None}
    targets = [row.area for row in participation.areas if row.is_target]
    shown = suppress(counts, total_shown=False, sums=[targets])
    rows = tuple(
        row if shown.get(row.area) is not None else _hide(row) for row in participation.areas
    )
    whole = participation.whole
    if 0 < (whole.home_count or 0) < K:
        whole = _hide(whole)
    return replace(participation, areas=rows, whole=whole, outside_count=None)


def hide_few_people(reach: Reach) -> Reach:
    """Each number of people that could tell of fewer than five is left out, differences too.

    The rest are rounded down to steps of five: published twice, they tell nothing of who came
    between.
    """
    told, joined, active = (
        None if count is not None and 0 < count < K else count
        for count in (reach.told_count, reach.joined_count, reach.active_count)
    )
    if active is not None and reach.joined_count:
        # That all or none of those who joined did something says so of each of them.
        rest = reach.joined_count - active
        if active == 0 or 0 <= rest < K:
            active = None
    return Reach(_round(told), _round(joined), _round(active))


def _round(count: int | None) -> int | None:
    return show_in_steps(count) if count else count


def _hide(row: AreaFigures) -> AreaFigures:
    return replace(row, home_count=None, share=None, low=None, high=None)
