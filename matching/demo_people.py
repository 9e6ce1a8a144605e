"""Made-up residents and volunteers at real addresses of a city pack, as import files.

Nobody in them exists: names are numbers, mail goes to example.org, and phone numbers come from the
range that is kept free for fiction (555-0100 to 555-0199).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geo.city import CityPack
from matching.engine.travel import FloatArray

EVENING = date(2027, 1, 24)
"""A Sunday in winter."""
SEASON_ENDS = date(2027, 4, 15)
SENIOR_HOME = "senior_home"
NEAR_SENIOR_HOME_M = 350.0
NEED_NEAR_SENIOR_HOME = 4.0
AREA_CODE = "617"
EARLY, LATE, WHOLE = ("16:00-19:00", "19:00-21:00", "16:00-21:00")
SEASON_PAIR_SHARE = 0.06
BAN_SHARE = 0.02

Rng = np.random.Generator


@dataclass(frozen=True)
class DemoFiles:
    """Two CSV files that ``talkoot import`` takes."""

    volunteers: str
    residents: str


def make_demo_files(pack: CityPack, *, n_requests: int, n_volunteers: int, seed: int) -> DemoFiles:
    """Make people for one evening of snow; the same seed makes the same files.

    Need is higher near senior homes, and need and help are spread over the neighbourhoods by
    different hands, as in every real programme.
    """
    rng = np.random.default_rng(seed)
    homes = _Homes(pack, rng)
    volunteers = homes.pick(n_volunteers, homes.supply)
    residents = homes.pick(n_requests, homes.need, without=volunteers)
    volunteer_rows = [
        _volunteer_row(number, homes.text(home), rng) for number, home in enumerate(volunteers, 1)
    ]
    resident_rows = [
        _resident_row(number, homes.text(home), rng) for number, home in enumerate(residents, 1)
    ]
    _add_pairs(resident_rows, volunteer_rows, homes.xy_m[residents], homes.xy_m[volunteers], rng)
    return DemoFiles(_write(volunteer_rows), _write(resident_rows))


class _Homes:
    """Real addresses, with how much need and help each draws."""

    def __init__(self, pack: CityPack, rng: Rng) -> None:
        self._rng = rng
        addresses = pack.addresses
        first: dict[tuple[str, str, str], int] = {}
        for row in range(len(addresses)):
            if addresses.precisions[row] != "street":
                house = (addresses.numbers[row], addresses.suffixes[row], addresses.streets[row])
                first.setdefault(house, row)
        self.rows = np.array(sorted(first.values()), np.int64)
        self.addresses = addresses
        self.xy_m = pack.to_utm(addresses.lonlat[self.rows])
        names = sorted(set(addresses.areas))
        area = np.array([names.index(addresses.areas[row]) for row in self.rows])
        # Log-normal by neighbourhood, drawn apart: where need is high, help need not be.
        self.need = rng.lognormal(0.0, 0.45, len(names))[area]
        self.need[self._near_senior_home(pack)] *= NEED_NEAR_SENIOR_HOME
        self.supply = rng.lognormal(0.0, 0.7, len(names))[area]

    def _near_senior_home(self, pack: CityPack) -> npt.NDArray[np.bool_]:
        places = pack.layer("poi")
        seniors = [
            (geometry.centroid.x, geometry.centroid.y)
            for kind, geometry in zip(places.kinds, places.geometries, strict=True)
            if kind == SENIOR_HOME
        ]
        if not seniors:
            return np.zeros(len(self.rows), bool)
        distance_m, _ = cKDTree(pack.to_utm(seniors)).query(self.xy_m)
        return np.asarray(distance_m < NEAR_SENIOR_HOME_M)

    def pick(self, count: int, chance: FloatArray, *, without: Sequence[int] = ()) -> list[int]:
        """Homes by chance, each at most once."""
        chance = chance.copy()
        chance[list(without)] = 0.0
        # Efraimidis and Spirakis: the smallest of exponential(1) / w are a weighted sample.
        draws = self._rng.exponential(size=len(chance))
        keys = np.where(chance > 0, draws / np.maximum(chance, 1e-12), np.inf)
        return [int(home) for home in np.argsort(keys, kind="stable")[:count]]

    def text(self, home: int) -> str:
        """The address as people write it."""
        row = self.rows[home]
        addresses = self.addresses
        suffix = addresses.suffixes[row]
        number = addresses.numbers[row] + (f" {suffix}" if "/" in suffix else suffix)
        postcode = addresses.postcodes[row]
        return f"{number} {addresses.streets[row]}" + (f", {postcode}" if postcode else "")


def _choose(rng: Rng, options: Sequence[str | int], chances: Sequence[float]) -> str:
    return str(options[int(rng.choice(len(options), p=np.array(chances) / sum(chances)))])


def _contact(kind: str, number: int, address: str) -> dict[str, str]:
    return {
        "external_id": f"{kind[0].upper()}-{number:03d}",
        "name": f"Synthetic {kind} {number:03d}",
        "email": f"{kind.lower()}{number:03d}@example.org",
        "phone": f"{AREA_CODE}-555-01{number % 100:02d}",
        "address": address,
    }


def _windows(hours: str) -> str:
    return f"{EVENING.isoformat()} {hours}"


def _volunteer_row(number: int, address: str, rng: Rng) -> dict[str, str]:
    mode = _choose(rng, ("walk", "car"), (0.82, 0.18))
    tools = [
        tool
        for tool, chance in (("shovel", 0.93), ("salt", 0.4), ("snow_blower", 0.1))
        if rng.random() < chance
    ]
    languages = ["en"] + [
        tag
        for tag, chance in (("es", 0.16), ("pt", 0.08), ("zh", 0.1), ("ht", 0.04))
        if rng.random() < chance
    ]
    minutes = ("10", "12", "15", "20") if mode == "walk" else ("8", "10", "12", "15")
    return _contact("Volunteer", number, address) | {
        "languages": "|".join(languages),
        "skills": "|".join(tools),
        "windows": _windows(_choose(rng, (EARLY, LATE, WHOLE), (0.4, 0.25, 0.35))),
        "mode": mode,
        "max_tasks": _choose(rng, (1, 2, 3, 4), (0.15, 0.35, 0.3, 0.2)),
        "max_work_min": _choose(rng, (60, 90, 120, 150), (0.2, 0.35, 0.3, 0.15)),
        "max_travel_min": _choose(rng, minutes, (0.25, 0.25, 0.3, 0.2)),
        "max_travel_m": "" if mode == "walk" else _choose(rng, (1500, 2000, 3000), (0.4, 0.4, 0.2)),
        "consents": "matching|offers",
    }


def _resident_row(number: int, address: str, rng: Rng) -> dict[str, str]:
    language = _choose(rng, ("en", "es", "pt", "zh", "ht"), (0.76, 0.09, 0.06, 0.05, 0.04))
    only = language != "en" and rng.random() < 0.6
    long_driveway = rng.random() < 0.05
    blower = not long_driveway and rng.random() < 0.05
    needs = ["shovel"] if not blower else ["snow_blower"]
    if rng.random() < 0.18:
        needs.append("salt")
    minutes = _choose(rng, (15, 20, 25, 30, 40), (0.15, 0.3, 0.25, 0.2, 0.1))
    return _contact("Resident", number, address) | {
        "languages": language if only or language == "en" else f"{language}|en",
        "kind": "snow",
        "language_needed": language if only else "",
        "duration_min": "45" if long_driveway else minutes,
        "weight": _choose(rng, (1, 2, 4), (0.6, 0.3, 0.1)),
        "needs": "|".join(needs),
        "crew_size": "2" if long_driveway else "1",
        "windows": _windows(_choose(rng, (EARLY, LATE, WHOLE), (0.4, 0.2, 0.4))),
        "season_volunteers": "",
        "season_until": "",
        "banned_volunteers": "",
        "consents": "matching|offers",
    }


def _add_pairs(
    residents: list[dict[str, str]],
    volunteers: list[dict[str, str]],
    resident_xy_m: FloatArray,
    volunteer_xy_m: FloatArray,
    rng: Rng,
) -> None:
    """Season pairs between near people, and a few who must not meet."""
    if not residents or not volunteers:
        return
    near = cKDTree(volunteer_xy_m).query(resident_xy_m, k=min(4, len(volunteers)))[1]
    near = near.reshape(len(residents), -1)
    for number, row in enumerate(residents):
        luck = rng.random()
        if luck < SEASON_PAIR_SHARE:
            row["season_volunteers"] = volunteers[int(rng.choice(near[number]))]["external_id"]
            row["season_until"] = SEASON_ENDS.isoformat()
        elif luck > 1 - BAN_SHARE:
            row["banned_volunteers"] = volunteers[int(near[number][0])]["external_id"]


def _write(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()
