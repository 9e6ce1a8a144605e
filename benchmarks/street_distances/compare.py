"""Compare walking distances along a city pack's streets with those of an OSRM server.

Run ``python -m benchmarks.street_distances.compare --help``; the README beside this file says how
to get and start a server.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import TalkootError
from geo.city import CityPack, find_pack_file
from geo.graph_travel import GraphTravel
from geo.osrm import OsrmTravel
from geo.travel import FloatArray, great_circle_m

MEDIAN_GOAL = 0.03
SPREAD_GOAL = 0.15
BANDS_M = (200.0, 500.0, 1000.0, 2000.0, 5000.0)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Pairs of addresses at least ``BANDS_M[0]`` apart that both sides connect.

    Parameters
    ----------
    air_m, streets_m, osrm_m
        (n,) float64 metres: straight, along the pack's streets, by OSRM; both from door to door.
    only_streets, only_osrm
        Pairs that only one side connects.
    """

    air_m: FloatArray
    streets_m: FloatArray
    osrm_m: FloatArray
    only_streets: int
    only_osrm: int

    @property
    def ratio(self) -> FloatArray:
        """(n,) float64, the pack's length over OSRM's."""
        return self.streets_m / self.osrm_m


def compare_distances(pack: CityPack, osrm: OsrmTravel, n: int, seed: int) -> Comparison:
    """Compare all pairs of ``n`` addresses drawn from the pack."""
    lonlat = pack.addresses.lonlat
    rng = np.random.default_rng(seed)
    places = lonlat[rng.choice(len(lonlat), min(n, len(lonlat)), replace=False)]
    streets_m = GraphTravel.from_pack(pack).matrix(places, places).travel_m
    osrm_m = osrm.matrix(places, places).travel_m
    air_m = great_circle_m(places[:, None], places[None, :])
    apart = air_m >= BANDS_M[0]
    ours, theirs = np.isfinite(streets_m) & apart, np.isfinite(osrm_m) & apart
    both = ours & theirs
    return Comparison(
        air_m[both],
        streets_m[both],
        osrm_m[both],
        only_streets=int((ours & ~theirs).sum()),
        only_osrm=int((theirs & ~ours).sum()),
    )


def describe(result: Comparison) -> list[tuple[str, int, float, float, float, float]]:
    """(pairs, count, median ratio, 5th and 95th percentile, 95th percentile of |ratio - 1|)."""
    rows = [_describe_part("all", result.ratio)]
    for low, high in zip(BANDS_M, (*BANDS_M[1:], np.inf), strict=True):
        part = result.ratio[(result.air_m >= low) & (result.air_m < high)]
        name = f"{low:,.0f} to {high:,.0f} m" if np.isfinite(high) else f"over {low:,.0f} m"
        if len(part):
            rows.append(_describe_part(name, part))
    return rows


def _describe_part(
    name: str, ratio: npt.NDArray[np.float64]
) -> tuple[str, int, float, float, float, float]:
    low, median, high = (float(value) for value in np.percentile(ratio, [5, 50, 95]))
    return name, len(ratio), median, low, high, float(np.percentile(np.abs(ratio - 1), 95))


def write_pairs(result: Comparison, file: Path) -> None:
    """Write the metres of each pair, without the places."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["air_m", "streets_m", "osrm_m"])
        columns = (result.air_m, result.streets_m, result.osrm_m)
        writer.writerows(np.column_stack(columns).round(1).tolist())


def main(arguments: list[str] | None = None) -> int:
    """Print the comparison; 0 when the goals are met, 1 when not, 2 when it cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--city", required=True, help="city pack: a file or a shipped name")
    parser.add_argument("--osrm", required=True, help="URL of osrm-routed with the foot profile")
    parser.add_argument("--places", type=int, default=300, help="addresses to draw (default 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-table-size", type=int, default=100, help="as the server was started")
    parser.add_argument("--csv", type=Path, help="write the metres of each pair here")
    options = parser.parse_args(arguments)
    try:
        pack = CityPack.open(find_pack_file(options.city))
        with OsrmTravel(options.osrm, max_table_size=options.max_table_size) as osrm:
            result = compare_distances(pack, osrm, options.places, options.seed)
    except TalkootError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    if not len(result.ratio):
        print("Error: no pair of addresses is connected by both sides.", file=sys.stderr)
        return 2
    if options.csv:
        write_pairs(result, options.csv)
    rows = describe(result)
    print(f"{pack.meta.name}: streets of the pack over OSRM's foot profile, door to door")
    print(f"{'straight distance':20} {'pairs':>8} {'median':>8} {'p5':>8} {'p95':>8}  p95 |r-1|")
    for name, count, median, low, high, spread in rows:
        print(f"{name:20} {count:8,} {median:8.4f} {low:8.4f} {high:8.4f} {spread:10.4f}")
    print(f"only the pack connects {result.only_streets:,} pairs, only OSRM {result.only_osrm:,}")
    met = abs(rows[0][2] - 1) <= MEDIAN_GOAL and rows[0][5] <= SPREAD_GOAL
    print(f"goals (median within {MEDIAN_GOAL:.0%}, 95 % of pairs within {SPREAD_GOAL:.0%}): "
          + ("met" if met else "NOT met"))  # fmt: skip
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
