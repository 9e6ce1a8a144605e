"""The routes of a round as GeoJSON: along streets, between blurred places, ids only."""

from __future__ import annotations

from typing import Any

from matching.maps.content import MapContent, MapRoute

DECIMALS = 5
"""About one metre."""


def make_routes_geojson(content: MapContent) -> dict[str, Any]:
    """A FeatureCollection with one line for each route (RFC 7946)."""
    return {
        "type": "FeatureCollection",
        "attribution": content.basemap.attribution,
        "note": (
            f"{content.note} Lines run between cells of at least {content.min_addresses} addresses "
            "and start and end at no home."
        ).strip(),
        "features": [_feature(route) for route in content.routes],
    }


def _feature(route: MapRoute) -> dict[str, Any]:
    coordinates = [[round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in route.line.coords]
    return {
        "type": "Feature",
        "id": route.name,
        "geometry": {"type": "LineString", "coordinates": coordinates},
        "properties": {
            "volunteer": route.name,
            "mode": route.mode,
            "requests": list(route.requests),
            "cells": list(route.cells),
            "starts": list(route.starts),
            "length_m": route.length_m,
        },
    }
