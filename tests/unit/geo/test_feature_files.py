"""Reading GeoJSON and TopoJSON."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import UnusableSource
from geo.feature_files import read_features


def write(path: Path, document: Any) -> Path:
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


def collection(*geometries: dict[str, Any], **more: Any) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"n": at}, "geometry": geometry}
        for at, geometry in enumerate(geometries)
    ]
    return {"type": "FeatureCollection", "features": features, **more}


POINT = {"type": "Point", "coordinates": [-71.1, 42.3, 9.0]}
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
    "arcs": [[[0, 0], [2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2]], [[7, 7]], [[0, 0], [2, 2]]],
    "objects": {
        "all": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "square"}},
                {"type": "LineString", "arcs": [2], "properties": {"name": "degenerate"}},
                {"type": "Polygon", "arcs": [[2]], "properties": {"name": "degenerate too"}},
                {"type": "LineString", "arcs": [~3], "properties": {"name": "backwards"}},
                {"type": "MultiLineString", "arcs": [[2], [3]], "properties": {"name": "half"}},
                {"type": "Point", "coordinates": [2, 4], "properties": None},
            ],
        }
    },
}


def test_points_lose_their_height(tmp_path: Path) -> None:
    (feature,) = read_features(write(tmp_path / "a.geojson", collection(POINT)))
    assert feature.properties == {"n": 0}
    assert feature.geometry.wkt == "POINT (-71.1 42.3)"


def test_features_without_shape_are_left_out(tmp_path: Path) -> None:
    document = collection(POINT, None)  # type: ignore[arg-type]  # GeoJSON allows null
    assert len(read_features(write(tmp_path / "a.geojson", document))) == 1


def test_a_single_feature_and_a_bare_polygon_are_read(tmp_path: Path) -> None:
    polygon = shapely.geometry.mapping(shapely.box(0, 0, 1, 1))
    feature = {"type": "Feature", "properties": None, "geometry": polygon}
    assert read_features(write(tmp_path / "a.json", feature))[0].geometry.area == 1
    assert read_features(write(tmp_path / "b.json", polygon))[0].geometry.area == 1


def test_gzipped_files_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson.gz"
    path.write_bytes(gzip.compress(json.dumps(collection(POINT)).encode()))
    assert len(read_features(path)) == 1


def test_topojson_is_decoded_and_degenerate_arcs_are_dropped(tmp_path: Path) -> None:
    features = read_features(write(tmp_path / "a.topojson", TOPOLOGY))
    by_name = {feature.properties.get("name"): feature.geometry for feature in features}
    assert set(by_name) == {"square", "backwards", "half", None}
    assert by_name["square"].equals(shapely.box(10, 20, 11, 21))
    assert list(by_name["backwards"].coords) == [(11, 21), (10, 20)]
    assert by_name[None].wkt == "POINT (11 22)"


def test_bow_ties_are_made_valid(tmp_path: Path) -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    (feature,) = read_features(write(tmp_path / "a.geojson", collection(bow_tie)))
    assert shapely.is_valid(feature.geometry)


def crs(name: str) -> dict[str, Any]:
    return {"crs": {"type": "name", "properties": {"name": name}}}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "empty"),
        ("{", "not valid JSON"),
        ("[1]", "neither GeoJSON nor TopoJSON"),
        ({"type": "FeatureCollection"}, "broken feature"),
        ({"type": "FeatureCollection", "features": [3]}, "broken feature"),
        (collection({"type": "Point"}), "broken feature"),
        (collection(), "no feature with a shape"),
        (collection(POINT, **crs("urn:ogc:def:crs:EPSG::26986")), "26986; convert"),
        (collection({"type": "Point", "coordinates": [42.3, -171.1]}), "swap them"),
        (collection({"type": "Point", "coordinates": [236000.0, 900000.0]}), "convert to EPSG"),
        ({**TOPOLOGY, "arcs": []}, "broken feature"),
    ],
)
def test_unusable_files_say_why_in_one_line(tmp_path: Path, document: Any, words: str) -> None:
    path = write(tmp_path / "bad.geojson", document)
    with pytest.raises(UnusableSource, match=words) as caught:
        read_features(path)
    assert str(caught.value).startswith("bad.geojson")
    assert "\n" not in str(caught.value)


def test_wgs84_by_name_is_accepted(tmp_path: Path) -> None:
    document = collection(POINT, **crs("urn:ogc:def:crs:OGC:1.3:CRS84"))
    assert len(read_features(write(tmp_path / "a.geojson", document))) == 1


def test_a_picture_and_a_cut_archive_are_refused(tmp_path: Path) -> None:
    picture = tmp_path / "a.geojson"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(UnusableSource, match="not valid JSON"):
        read_features(picture)
    cut = tmp_path / "b.geojson.gz"
    cut.write_bytes(gzip.compress(json.dumps(collection(POINT)).encode())[:-12])
    with pytest.raises(UnusableSource, match="cannot be read"):
        read_features(cut)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match=r"none\.geojson: cannot be read"):
        read_features(tmp_path / "none.geojson")
