from __future__ import annotations

import json

import numpy as np
import shapely

from geo.geojson import DECIMALS, make_collection, make_feature, make_geometry, make_point


def circle(n: int) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, n)
    return shapely.Polygon(np.column_stack([-71 + 0.01 * np.cos(angle), 42 + 0.01 * np.sin(angle)]))


def test_shape_is_small_and_where_it_was() -> None:
    shape = circle(20_000)
    geometry = make_geometry(shape, most_points=50)
    ring = geometry["coordinates"][0]
    assert geometry["type"] == "Polygon"
    assert 4 < len(ring) <= 50
    again = shapely.from_geojson(json.dumps(geometry))
    assert again.symmetric_difference(shape).area < 0.02 * shape.area
    assert all(round(value, DECIMALS) == value for place in ring for value in place)


def test_shape_with_holes_and_parts_stays_whole() -> None:
    ring = shapely.Polygon(circle(40).exterior.coords, [circle(3).exterior.coords])
    parts = shapely.MultiPolygon([circle(40), shapely.Point(-70, 42).buffer(0.01)])
    assert len(make_geometry(ring)["coordinates"]) == 2
    assert len(make_geometry(parts)["coordinates"]) == 2


def test_features_are_json() -> None:
    feature = make_feature(make_point(-71.123456789, 42), {"area": "The Port"})
    text = json.dumps(make_collection([feature], attribution="City"))
    assert json.loads(text) == {
        "type": "FeatureCollection",
        "attribution": "City",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [-71.12346, 42]},
                "properties": {"area": "The Port"},
            }
        ],
    }
