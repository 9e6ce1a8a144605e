"""The GeoPackage file behind a city pack: the one place in ``geo`` that holds SQL.

A city pack is a plain OGC GeoPackage 1.3, so that any GIS opens it. It is read and written with
the standard library's SQLite and shapely, which is several times faster for these sizes than a
GIS library and needs none to be imported.

References
----------
.. [1] OGC 12-128r17, GeoPackage Encoding Standard 1.3, section 2.1.3 (geometry blob).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import UnusableCityPack

METADATA_TABLE = "talkoot_metadata"
GEOMETRY_COLUMN = "geom"
WriteError = sqlite3.Error
"""What `write_pack` raises when the file cannot be written."""
_APPLICATION_ID = 0x47504B47  # "GPKG"
_USER_VERSION = 10300
_WGS84 = 4326
_HEADER = b"GP\x00\x01" + _WGS84.to_bytes(4, "little")
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_POINT_WKB_BYTES = 21
_SQLITE_HEADER = b"SQLite format 3\x00"
_WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)

_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_USER_VERSION};
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL,
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
"""


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection that never writes a journal beside the pack."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise UnusableCityPack(
            f"{path.name}: not a readable city pack ({error}); build it again with "
            "'talkoot city build'"
        ) from error


def check_file(path: Path) -> None:
    """Refuse what cannot be a whole GeoPackage, from its first bytes and its length.

    Raises
    ------
    UnusableCityPack
        For a missing, empty, truncated or foreign file.
    """
    remedy = "build it with 'talkoot city build'"
    try:
        with path.open("rb") as stream:
            head = stream.read(100)
            size = path.stat().st_size
    except OSError as error:
        raise UnusableCityPack(f"{path}: cannot be read ({error.strerror})") from error
    if size == 0:
        raise UnusableCityPack(f"{path.name}: the file is empty; {remedy}")
    if not head.startswith(_SQLITE_HEADER) or len(head) < 100:
        raise UnusableCityPack(f"{path.name}: not a city pack (no GeoPackage); {remedy}")
    page_bytes = int.from_bytes(head[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    expected = page_bytes * int.from_bytes(head[28:32], "big")
    if size < expected:
        raise UnusableCityPack(
            f"{path.name}: cut off after {size:,} of {expected:,} bytes; copy it again"
        )


def read_metadata(path: Path) -> dict[str, str]:
    """Return the key-value pairs of the metadata table.

    Raises
    ------
    UnusableCityPack
        When the file is no city pack.
    """
    check_file(path)
    with _reading(path) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if METADATA_TABLE not in tables:
            raise UnusableCityPack(
                f"{path.name}: a database, but not a city pack (no table {METADATA_TABLE}); "
                "build it with 'talkoot city build'"
            )
        return dict(connection.execute(f"SELECT key, value FROM {METADATA_TABLE}"))  # noqa: S608 constant


def read_layer_counts(path: Path) -> dict[str, int]:
    """Return the number of features of each layer, in the order of their names."""
    with _reading(path) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM gpkg_geometry_columns ORDER BY table_name"
            )
        ]
        return {
            name: int(connection.execute(f"SELECT count(*) FROM {_quote(name)}").fetchone()[0])  # noqa: S608 quoted
            for name in names
        }


def read_layer(path: Path, layer: str, columns: Sequence[str]) -> tuple[list[bytes], list[Any]]:
    """Return the geometry blobs and the rows of named columns, in the order they were written.

    Raises
    ------
    UnusableCityPack
        When the layer or a column is missing, or the file is damaged.
    """
    # A column named without its table would be read as a text when the pack lacks it.
    table = _quote(layer)
    names = ", ".join(f"{table}.{_quote(name)}" for name in (GEOMETRY_COLUMN, *columns))
    with _reading(path) as connection:
        rows = connection.execute(f"SELECT {names} FROM {table} ORDER BY fid").fetchall()  # noqa: S608 quoted
    return [row[0] for row in rows], [row[1:] for row in rows]


def read_columns(path: Path, layer: str) -> tuple[str, ...]:
    """Return the attribute columns of a layer; empty when the pack has no such layer."""
    with _reading(path) as connection:
        found = [row[1] for row in connection.execute(f"PRAGMA table_info({_quote(layer)})")]
    return tuple(name for name in found if name not in ("fid", GEOMETRY_COLUMN))


def decode_points(blobs: Sequence[bytes]) -> npt.NDArray[np.float64]:
    """(n, 2) float64 lon, lat in degrees, of point blobs."""
    if not blobs:
        return np.empty((0, 2))
    plain = len(_HEADER) + _POINT_WKB_BYTES
    if all(len(blob) == plain for blob in blobs):
        table = np.frombuffer(b"".join(blobs), np.uint8).reshape(len(blobs), plain)
        if (table[:, : len(_HEADER) + 1] == np.frombuffer(_HEADER + b"\x01", np.uint8)).all():
            return np.ascontiguousarray(table[:, -16:]).view("<f8").astype(np.float64)
    return np.asarray(shapely.get_coordinates(decode_geometries(blobs)))


def decode_geometries(blobs: Sequence[bytes]) -> npt.NDArray[np.object_]:
    """(n,) shapely geometries of GeoPackage blobs, whoever wrote them.

    Raises
    ------
    UnusableCityPack
        When a blob is not a GeoPackage geometry.
    """
    try:
        return np.asarray(shapely.from_wkb([blob[_header_bytes(blob) :] for blob in blobs]), object)
    except (shapely.errors.ShapelyError, TypeError) as error:
        raise UnusableCityPack("a geometry in the city pack is damaged; build it again") from error


def _header_bytes(blob: bytes) -> int:
    if len(blob) < len(_HEADER) or blob[:2] != b"GP":
        raise UnusableCityPack("a geometry in the city pack is damaged; build it again")
    envelope = blob[3] >> 1 & 7
    if envelope >= len(_ENVELOPE_BYTES):
        raise UnusableCityPack("a geometry in the city pack is damaged; build it again")
    return len(_HEADER) + _ENVELOPE_BYTES[envelope]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def write_pack(
    path: Path,
    metadata: Mapping[str, str],
    layers: Mapping[str, tuple[Mapping[str, str], Sequence[Any], Sequence[Sequence[Any]]]],
    *,
    changed_at: str,
) -> None:
    """Write a new GeoPackage; the same arguments give the same bytes.

    Parameters
    ----------
    layers
        Name to (column name -> SQL type, geometries, rows); rows have one value per column.
    changed_at
        ISO 8601 time stamp for the contents table: the date of the source, not of the run.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCHEMA)
        with connection:
            connection.executemany(
                "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
                [
                    ("Undefined cartesian", -1, "NONE", -1, "undefined", None),
                    ("Undefined geographic", 0, "NONE", 0, "undefined", None),
                    ("WGS 84", _WGS84, "EPSG", _WGS84, _WGS84_WKT, "longitude, latitude, degrees"),
                ],
            )
            _write_metadata(connection, metadata, changed_at)
            for name, (columns, geometries, rows) in layers.items():
                _write_layer(connection, name, columns, (geometries, rows), changed_at)
        connection.execute("VACUUM")


def _write_metadata(
    connection: sqlite3.Connection, metadata: Mapping[str, str], changed_at: str
) -> None:
    connection.execute(
        f"CREATE TABLE {METADATA_TABLE} (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
        "value TEXT NOT NULL)"
    )
    connection.executemany(
        f"INSERT INTO {METADATA_TABLE} (key, value) VALUES (?, ?)",  # noqa: S608 constant
        sorted(metadata.items()),
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
        "VALUES (?, 'attributes', ?, ?)",
        (METADATA_TABLE, METADATA_TABLE, changed_at),
    )


def _write_layer(
    connection: sqlite3.Connection,
    name: str,
    columns: Mapping[str, str],
    content: tuple[Sequence[Any], Sequence[Sequence[Any]]],
    changed_at: str,
) -> None:
    geometries = np.asarray(content[0], object)
    kinds = set(shapely.get_type_id(geometries).tolist()) if len(geometries) else set()
    kind = {0: "POINT", 1: "LINESTRING", 6: "MULTIPOLYGON"}.get(
        kinds.pop() if len(kinds) == 1 else -1, "GEOMETRY"
    )
    bounds = shapely.total_bounds(geometries).tolist() if len(geometries) else [None] * 4
    definition = "".join(f", {_quote(column)} {kind_}" for column, kind_ in columns.items())
    connection.execute(
        f"CREATE TABLE {_quote(name)} (fid INTEGER PRIMARY KEY, "
        f"{GEOMETRY_COLUMN} {kind} NOT NULL{definition})"
    )
    connection.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, ?)",
        (name, name, changed_at, *bounds, _WGS84),
    )
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
        (name, GEOMETRY_COLUMN, kind, _WGS84),
    )
    blobs = shapely.to_wkb(geometries, byte_order=1) if len(geometries) else []
    marks = ", ".join("?" * (len(columns) + 1))
    names = ", ".join(_quote(column) for column in (GEOMETRY_COLUMN, *columns))
    connection.executemany(
        f"INSERT INTO {_quote(name)} ({names}) VALUES ({marks})",  # noqa: S608 quoted
        ((_HEADER + blob, *row) for blob, row in zip(blobs, content[1], strict=True)),
    )
