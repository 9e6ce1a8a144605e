"""Squares of a map from another server: whether there are any, and who made them."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from core.settings import Settings

AN_HOUR = {"Cache-Control": "public, max-age=3600"}


@get("/map/tiles.json", name="map_tiles", sync_to_thread=False)
def get_tiles(settings: NamedDependency[Settings]) -> Response[bytes]:
    """For the map in the browser; without squares it says so, and the map is drawn alone."""
    said: dict[str, Any] = {}
    if settings.tiles_url is not None:
        said = {"url": settings.tiles_url, "credit": settings.tiles_credit}
    return Response(msgspec.json.encode(said), media_type="application/json", headers=AN_HOUR)
