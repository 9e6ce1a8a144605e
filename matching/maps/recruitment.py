"""The recruitment map: what one more volunteer would add in each neighbourhood, as GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo.geojson import make_collection, make_feature
from matching.maps.areas import CityMap
from matching.maps.coverage import FEWEST_PEOPLE
from matching.rounds.reading import ToldPrice

NOTE = "Newcomers were tried by planning again, or only priced; nobody's home is on this map."


def make_recruitment_map(
    city: CityMap,
    prices: Sequence[ToldPrice],
    areas: Mapping[str, Mapping[str, int]],
    *,
    everything: bool,
) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946) with one feature for each neighbourhood.

    Parameters
    ----------
    prices
        Of one round, the best of each neighbourhood first.
    areas
        Residents who asked in that round, by neighbourhood.
    everything
        For staff. For everybody else a neighbourhood has numbers only where at least
        `FEWEST_PEOPLE` residents asked.
    """
    features = []
    for area in city.areas:
        asked = areas.get(area.name, {})
        best = next((one for one in prices if one.area == area.name), None)
        few = asked.get("resident_count", 0) < FEWEST_PEOPLE
        told = None if few and not everything else best
        features.append(make_feature(area.geometry, _properties(area.name, told)))
    return make_collection(features, attribution=city.attribution, note=NOTE)


def _properties(name: str, best: ToldPrice | None) -> dict[str, Any]:
    if best is None:
        return {"area": name, "tried": False}
    tried, newcomer = best.row["tried"], best.row["newcomer"]
    return {
        "area": name,
        "tried": tried is not None,
        "served_more": None if tried is None else tried["served_more"],
        "weight_gain": None if tried is None else tried["weight_gain"],
        "worth_weight": best.row["worth_weight"],
        "worth_m": best.row["worth_m"],
        "mode": newcomer["mode"],
        "skills": newcomer["skills"],
        "languages": newcomer["languages"],
        "sentence": best.sentence,
    }
