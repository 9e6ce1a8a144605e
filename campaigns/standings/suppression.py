"""Counts of people as everybody may see them: none under five, and none to be found by subtraction.

A small count tells about single people. Hiding it alone is not enough: who knows the sum subtracts
what is shown. So further counts are hidden with it, and of those of one size all or none, so that
even who knows this rule cannot tell which of the hidden counts is the small one.

Zero is hidden like one to four: that nobody of a few took part says something about each of them.

References
----------
.. [1] Hundepool, A. and others (2012). Statistical Disclosure Control. Wiley, chapter 4: primary
       and secondary suppression in tables.
.. [2] Wong, R., Fu, A., Wang, K. and Pei, J. (2007). Minimality attack in privacy preserving data
       publishing. VLDB, 543-554: what the rule itself gives away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from scipy.optimize import linprog

K = 5
"""Counts of fewer people than these are shown to nobody in public."""

Key = TypeVar("Key", bound=Hashable)


def show_count(count: int, *, k: int = K) -> int | None:
    """One count that stands alone; None when it is hidden."""
    return count if count >= k else None


def show_in_steps(count: int, *, k: int = K) -> int | None:
    """One count of this moment, rounded down to steps of five; None when it is hidden.

    A count that moves with each person tells who came and went to whoever asks twice.
    """
    return count - count % k if count >= k else None


def suppress(
    counts: Mapping[Key, int],
    *,
    k: int = K,
    total_shown: bool = True,
    sums: Sequence[Collection[Key]] = (),
) -> dict[Key, int | None]:
    """The counts as everybody may see them, None where one is hidden.

    Nobody is counted in two cells. The sum of all may be shown too, as `show_count` gives it.

    Parameters
    ----------
    total_shown
        Whether the sum of all is known from anywhere. Say no only when it never will be.
    sums
        Sets of cells whose sums other tables show, such as rows and columns. A sum under ``k``
        is taken as hidden there.

    Notes
    -----
    After this, for each hidden count there are at least two numbers that go with all that is
    shown, one of them ``k`` or more. With the total alone that holds against readers who know
    this rule as well. When other tables already give a count away, everything that can be hidden
    is.
    """
    _check(counts)
    hidden = {key for key, count in counts.items() if count < k}
    known = [frozenset(cells) & counts.keys() for cells in sums]
    if total_shown:
        known.append(frozenset(counts))
    known = [cells for cells in known if sum(counts[key] for key in cells) >= k]
    _complete(counts, hidden, known, k)
    while sums and (open_cells := _find_open(counts, hidden, known, k)):
        before = len(hidden)
        for cells in known:
            if not open_cells.isdisjoint(cells):
                _hide_smallest(counts, hidden, cells)
        _complete(counts, hidden, known, k)
        if len(hidden) == before:
            break
    return {key: None if key in hidden else count for key, count in counts.items()}


def suppress_nested(
    counts: Mapping[Key, int], within: Mapping[Key, Key], *, k: int = K
) -> dict[Key, int | None]:
    """Counts of a tree, such as a city, its areas and their groups, as everybody may see them.

    Parameters
    ----------
    counts
        Of every part, the wholes among them.
    within
        The whole that a part belongs to. Whoever is counted in a part is counted in its whole,
        and nobody in two parts.

    Notes
    -----
    What lies within a hidden part is hidden. Parts need not add up to their whole.
    """
    _check(counts)
    parts: dict[Key, list[Key]] = defaultdict(list)
    for part, whole in within.items():
        parts[whole].append(part)
    shown: dict[Key, int | None] = dict.fromkeys(counts)
    tops = [key for key in counts if key not in within]
    for key in tops:
        shown[key] = show_count(counts[key], k=k)
    waiting = list(tops)
    while waiting:
        whole = waiting.pop()
        if not parts[whole] or shown[whole] is None:
            continue
        found = _suppress_parts({part: counts[part] for part in parts[whole]}, counts[whole], k)
        shown.update(found)
        waiting.extend(parts[whole])
    return shown


def _suppress_parts(parts: Mapping[Key, int], whole: int, k: int) -> dict[Key, int | None]:
    """Parts of a shown whole; those that belong to none of them count as one more part."""
    rest = whole - sum(parts.values())
    if rest < 0:
        raise ValueError("The parts of a count of people are more than the whole.")
    table: dict[Key | None, int] = {None: rest} if rest else {}
    table.update(parts.items())
    found = suppress(table, k=k)
    return {key: found[key] for key in parts}


def _check(counts: Mapping[Key, int]) -> None:
    if any(count < 0 for count in counts.values()):
        raise ValueError("A count of people is zero or more.")


def _complete(
    counts: Mapping[Key, int], hidden: set[Key], known: Sequence[frozenset[Key]], k: int
) -> None:
    """Hide with each small count a larger one in every sum that is known."""
    changed = True
    while changed:
        changed = False
        for cells in known:
            mine = hidden & cells
            if mine and mine != cells and (len(mine) < 2 or all(counts[key] < k for key in mine)):
                _hide_smallest(counts, hidden, cells)
                changed = True


def _hide_smallest(counts: Mapping[Key, int], hidden: set[Key], cells: frozenset[Key]) -> None:
    """Hide the smallest counts that are shown: all of the same size, or their order would tell."""
    smallest = min((counts[key] for key in cells - hidden), default=None)
    hidden |= {key for key in cells - hidden if counts[key] == smallest}


def _find_open(
    counts: Mapping[Key, int], hidden: set[Key], known: Sequence[frozenset[Key]], k: int
) -> set[Key]:
    """The hidden counts that the sums give away: exactly, or as certainly under ``k``."""
    keys = [key for key in counts if key in hidden]
    rows = [[float(key in cells) for key in keys] for cells in known if cells & hidden]
    if not rows:
        return set()
    sums = [float(sum(counts[key] for key in cells & hidden)) for cells in known if cells & hidden]
    found = set()
    for place, key in enumerate(keys):
        if not any(row[place] for row in rows):
            continue
        goal = np.zeros(len(keys))
        goal[place] = 1.0
        least = linprog(goal, A_eq=rows, b_eq=sums).fun
        most = -linprog(-goal, A_eq=rows, b_eq=sums).fun
        if most - least < 1 - 1e-6 or most < k - 1e-6:
            found.add(key)
    return found
