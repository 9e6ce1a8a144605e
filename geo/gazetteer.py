"""The city's streets and houses, ready to be searched by name and number.

Streets of one name that lie far apart are kept as streets of their own, so that a house is never
placed between two towns, and a name alone does not pick one of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from geo.address_ranges import AddressRanges
from geo.address_text import plain_suffix
from geo.city import CityPack
from geo.street_names import (
    digits_of,
    fold_text,
    join_key,
    spelling_variants,
    split_type,
    street_key,
)

CLUSTER_DEGREES = 0.004
"""Parts of a street further apart than one or two of these cells (about 400 m) are two streets."""
METRES_PER_DEGREE = 111_320.0
_LOOSE_CUTOFF = 80.0
_MOST_SIMILAR = 20


@dataclass(eq=False, slots=True)
class GazetteerStreet:
    """One street: its name, its houses, its segments.

    ``houses`` maps (number, suffix) to rows of the pack's address layer, ``numbers`` maps a number
    to the suffixes that it has, ``series`` maps what stands before the hyphen of a number (usually
    nothing) to ascending (number, row), for interpolation.
    """

    index: int
    name: str
    key: str
    houses: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    series: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    segments: list[int] = field(default_factory=list)

    @property
    def is_numbered(self) -> bool:
        """Whether the name holds a number, in digits or in words."""
        return bool(digits_of(self.key))

    def has_house(self, number: str) -> bool:
        """Whether the city has an address of this number here, with any suffix."""
        return number in self.numbers


@dataclass(frozen=True, slots=True)
class StreetMatch:
    """A street that fits a name.

    ``edits`` counts the letters that differ (0: the same name); ``complete`` is False when the
    text leaves out or changes the type ("Rindge" or "Rindge St" for "Rindge Ave"), and
    ``type_given`` says whether it changes it. ``left_over`` are words behind the name.
    """

    street: GazetteerStreet
    edits: int = 0
    complete: bool = True
    type_given: bool = False
    left_over: str = ""


class Gazetteer:
    """Streets by name, houses by number. Build it with `from_pack`; nothing changes afterwards."""

    def __init__(self, pack: CityPack) -> None:
        self.pack = pack
        self.streets: list[GazetteerStreet] = []
        self._by_key: dict[str, list[GazetteerStreet]] = defaultdict(list)
        self._by_core: dict[str, list[GazetteerStreet]] = defaultdict(list)
        self._spellings: dict[str, list[GazetteerStreet]] = defaultdict(list)
        self._cores_by_text: dict[str, list[GazetteerStreet]] = defaultdict(list)
        self._add_streets()
        self._add_houses()
        self._add_names()
        self._spellings_by_length = _group_by_length(self._spellings)
        self._cores_by_length = _group_by_length(self._cores_by_text)

    @classmethod
    def from_pack(cls, pack: CityPack) -> Gazetteer:
        """Index a pack: about a quarter of a second for 20,000 addresses."""
        gazetteer = cls(pack)
        for lazy in ("ranges", "postcodes", "area_names", "landmarks"):
            getattr(gazetteer, lazy)
        return gazetteer

    # -- building -----------------------------------------------------------------------------

    def _add_streets(self) -> None:
        """One street for each group of near segments and houses of the same key."""
        streets, addresses = self.pack.streets, self.pack.addresses
        keys = {
            name: street_key(name)
            for name in dict.fromkeys((*streets.names, *addresses.streets))
            if name
        }
        cells: dict[str, dict[tuple[int, int], list[int]]] = defaultdict(lambda: defaultdict(list))
        names: dict[str, str] = {}
        lines = shapely.segmentize(streets.lines, CLUSTER_DEGREES)
        coordinates, owner = shapely.get_coordinates(lines, return_index=True)
        grid = np.floor(coordinates / CLUSTER_DEGREES).astype(np.int64)
        for segment, x, y in dict.fromkeys(zip(owner.tolist(), *grid.T.tolist(), strict=True)):
            if name := streets.names[segment]:
                names.setdefault(keys[name], name)
                cells[keys[name]][x, y].append(segment)
        grid = np.floor(addresses.lonlat / CLUSTER_DEGREES).astype(np.int64)
        for row, (x, y) in enumerate(zip(*grid.T.tolist(), strict=True)):
            name = addresses.streets[row]
            names.setdefault(keys[name], name)
            cells[keys[name]][x, y].append(~row)
        self._rows: list[tuple[GazetteerStreet, int]] = []
        for key, members in cells.items():
            for group in _connected_cells(members):
                street = GazetteerStreet(len(self.streets), names[key], key)
                self.streets.append(street)
                found = dict.fromkeys(item for cell in group for item in members[cell])
                street.segments = sorted(item for item in found if item >= 0)
                self._rows += [(street, ~item) for item in found if item < 0]

    def _add_houses(self) -> None:
        addresses = self.pack.addresses
        for street, row in sorted(self._rows, key=lambda pair: pair[1]):
            number = addresses.numbers[row].casefold()
            suffix = plain_suffix(addresses.suffixes[row])
            street.houses.setdefault((number, suffix), []).append(row)
            suffixes = street.numbers.setdefault(number, [])
            if suffix not in suffixes:
                suffixes.append(suffix)
            prefix, _, last = number.rpartition("-")
            if last.isdecimal():
                street.series.setdefault(prefix, []).append((int(last), row))
        for street in self.streets:
            for series in street.series.values():
                series.sort()
        del self._rows

    def _add_names(self) -> None:
        for street in self.streets:
            self._add_name(street, street.name)
            for alias in sorted(self._segment_aliases(street)):
                self._add_name(street, alias)
        for alias, name in sorted((self.pack.meta.aliases or {}).items()):
            for street in list(self._by_key.get(street_key(name), ())):
                self._add_name(street, alias)

    def _segment_aliases(self, street: GazetteerStreet) -> set[str]:
        aliases = self.pack.streets.alias_names
        return {alias for segment in street.segments for alias in aliases[segment]}

    def _add_name(self, street: GazetteerStreet, name: str) -> None:
        key = street_key(name)
        core, kind = split_type(key)
        _add_once(self._by_key[key], street)
        _add_once(self._by_core[core], street)
        for text in spelling_variants(name):
            _add_once(self._spellings[text], street)
        if kind:
            _add_once(self._cores_by_text[core], street)

    @cached_property
    def ranges(self) -> AddressRanges:
        """The address ranges of the street segments."""
        streets = self.pack.streets
        names = [
            (name, *aliases) if name else ()
            for name, aliases in zip(streets.names, streets.alias_names, strict=True)
        ]
        return AddressRanges(names, streets.ranges, streets.lines)

    @cached_property
    def postcodes(self) -> frozenset[str]:
        """Folded postcodes of the city."""
        found = {*self.pack.addresses.postcodes, *self.pack.layer("postcode").names}
        return frozenset(fold_text(code) for code in found if code)

    @cached_property
    def area_names(self) -> dict[str, int]:
        """Folded names of the areas, and their index in the area layer."""
        found: dict[str, int] = {}
        for index, name in enumerate(self.pack.areas.names):
            folded = fold_text(name)
            for spelling in (folded, folded.replace("-", " "), folded.removeprefix("the ")):
                if spelling:
                    found.setdefault(spelling, index)
        return found

    @cached_property
    def landmarks(self) -> dict[str, list[int]]:
        """Folded names of point places, and their indexes in the poi layer."""
        layer = self.pack.layer("poi")
        found: dict[str, list[int]] = defaultdict(list)
        is_point = shapely.get_type_id(layer.geometries) == 0 if len(layer) else np.empty(0, bool)
        for index in np.flatnonzero(is_point).tolist():
            if layer.names[index]:
                found[fold_text(layer.names[index])].append(index)
        return dict(found)

    # -- searching ----------------------------------------------------------------------------

    def find_streets(self, name: str) -> list[StreetMatch]:
        """Streets of this very name, else of this name without or with another type.

        Where the text goes on behind a street name ("Aberdeen Ave Cambrige") the rest is handed
        back as ``left_over``.
        """
        words = name.replace("-", " ").split()
        for length in range(len(words), 0, -1):
            key = join_key(words[:length])
            left_over = " ".join(words[length:])
            if exact := self._by_key.get(key):
                return [StreetMatch(street, left_over=left_over) for street in exact]
            core, kind = split_type(key)
            if length == len(words) or kind:
                similar = self._by_core.get(core, ())
                matches = [
                    StreetMatch(
                        street,
                        complete=False,
                        type_given=bool(kind and split_type(street.key)[1]),
                        left_over=left_over,
                    )
                    for street in similar
                ]
                if matches:
                    return matches
        return []

    def find_similar_streets(self, name: str, *, max_edits: int = 2) -> list[StreetMatch]:
        """Streets whose name differs in a few letters, fewest first; numbers must be equal.

        Edits are inserted, left-out, changed and swapped letters (optimal string alignment).
        """
        words = name.replace("-", " ").split()
        if not words:
            return []
        written, key = " ".join(words), join_key(words)
        allowed = min(max_edits, max(1, len(split_type(key)[0]) // 3))
        best: dict[int, StreetMatch] = {}
        searches = [
            (text, self._spellings_by_length, self._spellings)
            for text in dict.fromkeys((written, key))
        ]
        if not split_type(key)[1]:
            searches.append((key, self._cores_by_length, self._cores_by_text))
        for text, choices, owners in searches:
            numbers = digits_of(text)
            for found, edits in _within_edits(text, choices, allowed):
                if digits_of(found) != numbers:
                    continue
                complete = owners is self._spellings
                for street in owners[found]:
                    known = best.get(street.index)
                    if known is None or (edits, not complete) < (known.edits, not known.complete):
                        best[street.index] = StreetMatch(street, edits, complete)
        return sorted(best.values(), key=lambda match: (match.edits, match.street.index))

    def find_loosely(self, name: str, *, limit: int = 3) -> list[tuple[StreetMatch, float]]:
        """Streets that share most words with a text, with a likeness of 0 to 1, for asking back."""
        written = " ".join(name.replace("-", " ").split())
        numbers = digits_of(written)
        found: dict[int, tuple[StreetMatch, float]] = {}
        for text, ratio, _ in process.extract(
            written,
            self._spellings.keys(),
            scorer=fuzz.WRatio,
            score_cutoff=_LOOSE_CUTOFF,
            limit=20,
        ):
            if digits_of(text) != numbers:
                continue
            for street in self._spellings[text]:
                found.setdefault(street.index, (StreetMatch(street, 9, False), ratio / 100))
        return list(found.values())[:limit]

    def find_crossings(
        self, first: GazetteerStreet, second: GazetteerStreet
    ) -> list[tuple[float, float]]:
        """(lon, lat) in degrees where two streets meet, one for each separate crossing."""
        shared = self._junctions(first) & self._junctions(second)
        return [tuple(np.mean(group, axis=0)) for group in group_near(sorted(shared), 80.0)]

    def _junctions(self, street: GazetteerStreet) -> set[tuple[float, float]]:
        lines = self.pack.streets.lines
        return {lines[segment].coords[end][:2] for segment in street.segments for end in (0, -1)}


def _add_once(streets: list[GazetteerStreet], street: GazetteerStreet) -> None:
    if street not in streets:
        streets.append(street)


def _group_by_length(texts: Iterable[str]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = defaultdict(list)
    for text in texts:
        groups[len(text)].append(text)
    return dict(groups)


def _within_edits(
    text: str, choices: dict[int, list[str]], max_edits: int
) -> Iterator[tuple[str, int]]:
    """Choices at most so many edits away; no edit changes the length by more than one."""
    for length in range(len(text) - max_edits, len(text) + max_edits + 1):
        for found, edits, _ in process.extract(
            text,
            choices.get(length, ()),
            scorer=OSA.distance,
            score_cutoff=max_edits,
            limit=_MOST_SIMILAR,
        ):
            yield found, int(edits)


def _connected_cells(cells: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Groups of grid cells that touch, also at a corner, each in ascending order."""
    left = set(cells)
    for start in sorted(left):
        if start not in left:
            continue
        left.discard(start)
        group, frontier = [start], [start]
        while frontier:
            x, y = frontier.pop()
            for near in [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]:
                if near in left:
                    left.discard(near)
                    group.append(near)
                    frontier.append(near)
        yield sorted(group)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two lon, lat positions in degrees, in a local plane."""
    squeeze = math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot((a[0] - b[0]) * squeeze, a[1] - b[1]) * METRES_PER_DEGREE


def group_near(
    places: Iterable[tuple[float, float]], reach_m: float
) -> list[list[tuple[float, float]]]:
    """Group positions so that each lies within ``reach_m`` of the first of its group."""
    groups: list[list[tuple[float, float]]] = []
    for place in places:
        for group in groups:
            if distance_m(group[0], place) <= reach_m:
                group.append(place)
                break
        else:
            groups.append([place])
    return groups
