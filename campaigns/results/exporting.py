"""Results as files: CSV for spreadsheets, GeoJSON for maps. What is hidden is an empty cell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from campaigns.results.figures import AreaFigures, Results
from geo.geojson import make_geometry
from geo.privacy import cell_polygon, format_cell
from matching.exports.writing import write_csv_head, write_csv_rows
from matching.maps.areas import CityMap

Row = dict[str, Any]


class ResultFile(StrEnum):
    """What can be taken out of results, by the name of its file."""

    AREAS_CSV = "areas.csv"
    EFFECTS_CSV = "effects.csv"
    WEEKS_CSV = "weeks.csv"
    COSTS_CSV = "costs.csv"
    AREAS_GEOJSON = "areas.geojson"


COLUMNS: Mapping[ResultFile, tuple[str, ...]] = MappingProxyType(
    {
        ResultFile.AREAS_CSV: (
            "area",
            "is_target",
            "home_count",
            "address_count",
            "share",
            "share_low",
            "share_high",
        ),
        ResultFile.EFFECTS_CSV: (
            "measure",
            "is_main",
            "scale",
            "verdict",
            "estimate",
            "low",
            "high",
            "confidence",
            "detectable",
            "unit_kind",
            "unit_count",
            "control_count",
            "before",
            "during",
            "control_before",
            "control_during",
            "reason",
        ),
        ResultFile.WEEKS_CSV: ("measure", "week", "phase", "with_campaign", "without_campaign"),
        ResultFile.COSTS_CSV: ("outcome", "cents", "low_cents", "high_cents", "reason"),
    }
)


def write_csv(results: Results, file: ResultFile, *, mark: bool = False) -> bytes:
    """One table; cells that a spreadsheet would run are made harmless."""
    columns = COLUMNS[file]
    return write_csv_head(columns, mark=mark) + write_csv_rows(columns, _ROWS[file](results))


def write_geojson(results: Results, city: CityMap) -> bytes:
    """Neighbourhoods with their outlines and, for staff, blurred cells with those who took part."""
    rows = (
        {}
        if results.participation is None
        else {row.area: row for row in results.participation.areas}
    )
    features = [
        {
            "type": "Feature",
            "geometry": dict(area.geometry),
            "properties": {"level": "area", **_area_row(rows[area.name])},
        }
        for area in city.areas
        if area.name in rows
    ]
    features += [
        {
            "type": "Feature",
            "geometry": make_geometry(cell_polygon(cell.cell)),
            "properties": {
                "level": "cell",
                "cell": format_cell(cell.cell),
                "area": cell.area,
                "home_count": cell.home_count,
                "address_count": cell.address_count,
            },
        }
        for cell in results.cells
    ]
    collection = {
        "type": "FeatureCollection",
        "attribution": city.attribution,
        "features": features,
    }
    return (json.dumps(collection, separators=(",", ":"), allow_nan=False) + "\n").encode()


def _areas(results: Results) -> Iterable[Row]:
    participation = results.participation
    return [] if participation is None else [_area_row(row) for row in participation.areas]


def _area_row(row: AreaFigures) -> Row:
    return {
        "area": row.area,
        "is_target": row.is_target,
        "home_count": row.home_count,
        "address_count": row.address_count,
        "share": row.share,
        "share_low": row.low,
        "share_high": row.high,
    }


def _effects(results: Results) -> Iterable[Row]:
    for measured in results.effects:
        effect = measured.effect
        yield {
            "measure": measured.measure,
            "is_main": measured.is_main,
            "scale": measured.facts.scale,
            "verdict": None if effect is None else effect.verdict,
            "estimate": None if effect is None else effect.estimate,
            "low": None if effect is None else effect.low,
            "high": None if effect is None else effect.high,
            "confidence": None if effect is None else effect.confidence,
            "detectable": None if effect is None else effect.detectable,
            "unit_kind": measured.unit_kind,
            "unit_count": measured.unit_count,
            "control_count": measured.control_count,
            "before": measured.before,
            "during": measured.during,
            "control_before": measured.control_before,
            "control_during": measured.control_during,
            "reason": measured.reason,
        }


def _weeks(results: Results) -> Iterable[Row]:
    for measured in results.effects:
        for point in measured.series:
            yield {
                "measure": measured.measure,
                "week": point.starts_on.isoformat(),
                "phase": point.phase,
                "with_campaign": point.units,
                "without_campaign": point.controls,
            }


def _costs(results: Results) -> Iterable[Row]:
    for cost in results.costs:
        yield {
            "outcome": cost.outcome,
            "cents": cost.cents,
            "low_cents": cost.low_cents,
            "high_cents": cost.high_cents,
            "reason": cost.reason,
        }


_ROWS: Mapping[ResultFile, Callable[[Results], Iterable[Row]]] = MappingProxyType(
    {
        ResultFile.AREAS_CSV: _areas,
        ResultFile.EFFECTS_CSV: _effects,
        ResultFile.WEEKS_CSV: _weeks,
        ResultFile.COSTS_CSV: _costs,
    }
)
