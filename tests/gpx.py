"""GPX files for tests, written point by point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

START = datetime(2027, 5, 3, 12, 30, tzinfo=UTC)
"""Half past eight in Cambridge, Massachusetts."""
HEAD = '<gpx version="1.1" creator="{}" xmlns="http://www.topografix.com/GPX/1/1">'
EAST_10_M = 0.0001215
"""Degrees of longitude in about ten metres at 42.37 degrees north."""

Point = tuple[float, float, float]
"""Seconds from the start, longitude, latitude."""


def point(at_s: float, lon_deg: object, lat_deg: object, start: datetime = START) -> str:
    moment = (start + timedelta(seconds=at_s)).isoformat().replace("+00:00", "Z")
    return f'<trkpt lat="{lat_deg}" lon="{lon_deg}"><time>{moment}</time></trkpt>'


def write_gpx(
    segments: Iterable[Sequence[Point]], *, creator: str = "test", kind: str = "cycling"
) -> bytes:
    """A file with these pieces of track."""
    body = "".join(
        f"<trkseg>{''.join(point(*one) for one in points)}</trkseg>" for points in segments
    )
    return f"{HEAD.format(creator)}<trk><type>{kind}</type>{body}</trk></gpx>".encode()


def ride_east(
    count: int, *, step_s: float = 2, step_deg: float = EAST_10_M, lat_deg: float = 42.37
) -> list[Point]:
    """So many points, about ten metres and two seconds apart: 18 km/h."""
    return [(step_s * n, -71.11 + step_deg * n, lat_deg) for n in range(count)]
