"""The ground of a city for the map in the browser: public data, read once, packed once."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.db import Database
from people.repository import get_community
from web.pages.design.assets import Asset, answer_asset
from web.pages.design.ground import Ground, find_ground
from web.pages.guards import AnyRequest

AGE = "public, max-age=31536000, immutable"
"""When the address names the version that it gets."""
SHORT_AGE = "public, max-age=300"


@get("/map/{slug:str}/base.geojson", name="base_map")
async def get_base_map(
    request: AnyRequest, slug: FromPath[str], database: NamedDependency[Database]
) -> Response[Any]:
    """Streets, water, parks and neighborhoods as GeoJSON."""
    async with database.read() as session:
        pack = (await get_community(session, slug)).city_pack
    ground = await find_ground(pack)
    file = await asyncio.to_thread(_find_file, ground)
    is_same = request.query_params.get("v") == file.version
    asset = Asset(file.plain, file.packed, "application/geo+json", f'W/"{file.version}"')
    return answer_asset(request, asset, AGE if is_same else SHORT_AGE)


def _find_file(ground: Ground) -> Any:
    return ground.base_file
