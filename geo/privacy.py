"""Where a home may be shown: an H3 cell that it shares with at least ``k`` addresses.

Each address of the city is given one cell, the finest that hides it. Small cells hand their
addresses to the cell above. A reader of the published cells knows this rule and the city's
addresses, and can subtract: whoever is shown with a coarse cell does not live in one of the finer
cells inside it that are shown too. So a coarse cell counts only the addresses that are left after
this subtraction, and hands them on when they are fewer than ``k``. The cells depend on the pack's
addresses alone, never on the people, so that watching who comes and goes tells nothing.

References
----------
.. [1] L. Sweeney (2002), "k-anonymity: a model for protecting privacy", International Journal of
   Uncertainty, Fuzziness and Knowledge-Based Systems 10(5), 557-570,
   doi:10.1142/S0218488502001648.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from shapely import Polygon

from geo.city import CityPack
from geo.errors import InvalidCell, InvalidPrivacySetting, TooFewAddresses
from geo.travel import FloatArray, IntArray, check_points, great_circle_m

DEFAULT_K = 20
LOWEST_K = 5
FINEST_RESOLUTION = 9
"""H3 resolution 9: hexagons with sides of about 200 m."""
COARSEST_RESOLUTION = 6
"""H3 resolution 6: hexagons with sides of about 3.7 km. Addresses that even these cannot hide are
shown with the nearest group."""

_SAME_HOUSE_DEG = 1e-6


@dataclass(frozen=True, eq=False)
class PrivacyCells:
    """The cell of each address of a city. Build it with `from_pack` or `from_addresses`.

    Parameters
    ----------
    k
        Each cell is the cell of at least this many addresses.
    resolution
        The finest H3 resolution in use.
    fine, shown
        (n_fine,) int64, ascending: the cells of the finest resolution that hold an address, and
        the cell that stands for each.
    cells
        (n_cells,) int64, ascending: all cells that are shown.
    counts
        (n_cells,) int64, addresses with each of these cells; several homes in one house count once.
    anchors
        (n_cells, 2) float64, lon and lat of an address in the middle of each cell's addresses. For
        computing travel only: it is somebody's door, so never show it.
    spread_m
        (n_cells,) float64, mean distance of a cell's addresses from its anchor.
    """

    k: int
    resolution: int
    fine: IntArray
    shown: IntArray
    cells: IntArray
    counts: IntArray
    anchors: FloatArray
    spread_m: FloatArray
    _nearest: cKDTree

    @classmethod
    def from_pack(
        cls, pack: CityPack, *, k: int = DEFAULT_K, resolution: int = FINEST_RESOLUTION
    ) -> PrivacyCells:
        """Find the cells of a city pack's addresses."""
        return cls.from_addresses(pack.addresses.lonlat, k=k, resolution=resolution)

    @classmethod
    def from_addresses(
        cls, lonlat: FloatArray, *, k: int = DEFAULT_K, resolution: int = FINEST_RESOLUTION
    ) -> PrivacyCells:
        """Find the cells of (n, 2) lon and lat.

        Raises
        ------
        TooFewAddresses
            When there are fewer than ``k`` addresses in all.
        InvalidPrivacySetting
            When ``k`` or the resolution would not protect anybody.
        """
        _check_settings(k, resolution)
        lonlat = check_points(lonlat)
        _, first = np.unique(np.rint(lonlat / _SAME_HOUSE_DEG), axis=0, return_index=True)
        houses = lonlat[first]
        if len(houses) < k:
            raise TooFewAddresses(
                f"The city pack has {len(houses)} addresses, but each home is hidden among {k}; "
                "build the pack from a source with more addresses."
            )
        fine_of = fine_cells(houses, resolution)
        fine, fine_index, fine_counts = np.unique(fine_of, return_inverse=True, return_counts=True)
        groups = _group_cells(dict(zip(fine.tolist(), fine_counts.tolist(), strict=True)), k)
        shown_by = {member: cell for cell, members in groups.items() for member in members}
        shown = np.array([shown_by[cell] for cell in fine.tolist()], np.int64)
        cells, house_group = np.unique(shown[fine_index], return_inverse=True)
        anchors, spread_m = _middle_of_groups(houses, house_group, len(cells))
        return cls(
            k=k,
            resolution=resolution,
            fine=fine,
            shown=shown,
            cells=cells,
            counts=np.bincount(house_group, minlength=len(cells)).astype(np.int64),
            anchors=anchors,
            spread_m=spread_m,
            _nearest=cKDTree(_on_sphere(np.array([cell_center(cell) for cell in fine.tolist()]))),
        )

    def cell_of(self, lon_deg: float, lat_deg: float) -> int:
        """Cell that stands for a place in public, as a signed 64-bit number.

        The same place always has the same cell. A place where the pack knows no address takes the
        cell of the nearest addresses: a cell of its own would give it away.
        """
        return int(self.cells_of(np.array([[lon_deg, lat_deg]]))[0])

    def cells_of(self, points: FloatArray) -> IntArray:
        """(n,) int64 cells of (n, 2) lon and lat; see `cell_of`."""
        points = check_points(points)
        fine_of = fine_cells(points, self.resolution)
        at = np.minimum(np.searchsorted(self.fine, fine_of), len(self.fine) - 1)
        strange = self.fine[at] != fine_of
        if strange.any():
            # From the middle of the fine cell, so that all places in it go the same way.
            centers = np.array([cell_center(cell) for cell in fine_of[strange].tolist()])
            at[strange] = self._nearest.query(_on_sphere(centers))[1]
        return self.shown[at]

    def find_index(self, cell: int) -> int | None:
        """Position of a cell in ``cells``, None when it is not shown for any address."""
        at = int(np.searchsorted(self.cells, cell))
        return at if at < len(self.cells) and self.cells[at] == cell else None


def fine_cells(points: FloatArray, resolution: int = FINEST_RESOLUTION) -> IntArray:
    """(n,) int64 H3 cells of (n, 2) lon and lat. These are exact places: do not publish them."""
    return np.array([h3.latlng_to_cell(lat, lon, resolution) for lon, lat in points], np.int64)


def format_cell(cell: int) -> str:
    """Write a cell as people and other programs know it: 15 hexadecimal digits."""
    return str(h3.int_to_str(_check_cell(cell)))


def parse_cell(text: str) -> int:
    """Read the hexadecimal digits of a cell.

    Raises
    ------
    InvalidCell
        When they are no H3 cell.
    """
    try:
        return _check_cell(int(text, 16))
    except ValueError:
        raise InvalidCell("This is no H3 cell; give its 15 hexadecimal digits.") from None


def cell_center(cell: int) -> tuple[float, float]:
    """Lon and lat of the middle of a cell."""
    lat, lon = h3.cell_to_latlng(_check_cell(cell))
    return lon, lat


def cell_polygon(cell: int) -> Polygon:
    """Outline of a cell, lon and lat in degrees."""
    return Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(_check_cell(cell))])


def _check_cell(cell: int) -> int:
    if not (0 < cell < 1 << 63 and h3.is_valid_cell(int(cell))):
        raise InvalidCell("This is no H3 cell; give its 15 hexadecimal digits.")
    return int(cell)


def _check_settings(k: int, resolution: int) -> None:
    if k < LOWEST_K:
        raise InvalidPrivacySetting(
            f"k is {k}; a home must be hidden among at least {LOWEST_K} addresses."
        )
    if not COARSEST_RESOLUTION <= resolution <= FINEST_RESOLUTION:
        raise InvalidPrivacySetting(
            f"resolution is {resolution}; choose from {COARSEST_RESOLUTION} (coarse) to "
            f"{FINEST_RESOLUTION} (fine)."
        )


def _group_cells(counts: dict[int, int], k: int) -> dict[int, list[int]]:
    """Shown cell -> the fine cells that it stands for, each group with at least ``k`` addresses."""
    groups: dict[int, list[int]] = {}
    waiting = {cell: [cell] for cell in counts}
    resolution = h3.get_resolution(next(iter(counts)))
    while True:
        small: dict[int, list[int]] = {}
        for cell, members in waiting.items():
            enough = sum(counts[member] for member in members) >= k
            (groups if enough else small)[cell] = members
        if resolution == COARSEST_RESOLUTION:
            break
        resolution -= 1
        above: dict[int, list[int]] = defaultdict(list)
        for cell in sorted(small):
            above[h3.cell_to_parent(cell, resolution)] += small[cell]
        waiting = above
    return _join_rest(groups, small)


def _join_rest(groups: dict[int, list[int]], rest: dict[int, list[int]]) -> dict[int, list[int]]:
    """Show addresses that not even the coarsest cell hides with the nearest group.

    They are shown a little beside their place; making the group's cell coarser instead would blur
    many homes for the sake of a few.
    """
    lonely = sorted(member for members in rest.values() for member in members)
    if not groups:
        # No cell holds k addresses, but all of them together are enough to make one group.
        largest = max(rest, key=lambda cell: (len(rest[cell]), cell))
        return {_common_cell(lonely) or largest: lonely}
    joined = {cell: list(members) for cell, members in groups.items()}
    for member in lonely:
        nearest = min((_apart_m(group, member), group) for group in groups)[1]
        joined[nearest].append(member)
    return joined


def _apart_m(a: int, b: int) -> float:
    return float(great_circle_m(np.array(cell_center(a)), np.array(cell_center(b))))


def _common_cell(cells: list[int]) -> int | None:
    """The finest cell that holds all of these, None when not even the coarsest of all does."""
    start = min(h3.get_resolution(cell) for cell in cells)
    for resolution in range(start, -1, -1):
        parents = {h3.cell_to_parent(cell, resolution) for cell in cells}
        if len(parents) == 1:
            return int(parents.pop())
    return None


def _middle_of_groups(
    points: FloatArray, group: npt.NDArray[np.intp], n_groups: int
) -> tuple[FloatArray, FloatArray]:
    """(n_groups, 2) the point nearest to the mean of its group, and (n_groups,) mean distance."""
    size = np.bincount(group, minlength=n_groups)[:, None]
    total = np.column_stack(
        [np.bincount(group, points[:, axis], minlength=n_groups) for axis in (0, 1)]
    )
    off_mean = great_circle_m(points, (total / size)[group])
    order = np.lexsort((points[:, 1], points[:, 0], off_mean, group))
    _, first = np.unique(group[order], return_index=True)
    anchors = points[order[first]]
    apart = np.bincount(group, great_circle_m(points, anchors[group]), minlength=n_groups)
    return anchors, apart / size[:, 0]


def _on_sphere(points: FloatArray) -> FloatArray:
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
