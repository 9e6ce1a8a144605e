"""Geocoding: what an address text may mean, and in which cell a place lies."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry

from api.schema.access import Who
from api.schema.areas import open_map
from api.schema.arguments import CommunityId, InvalidArgument, plain_text
from api.schema.context import Info
from api.schema.operations import query
from api.schema.scalars import Cell, GeoJSON
from geo.finding import Suggestion, find_place, suggest_addresses
from geo.geojson import make_point
from people.kinds import Precision

MOST_SUGGESTIONS, USUAL_SUGGESTIONS = 10, 5
LONGEST_TEXT = 200


@strawberry.type(
    description="An address that a text may mean, by the public address data of the city. It says "
    "nothing about who lives there."
)
class AddressSuggestion:
    label: str = strawberry.field(description="The address as people write it there.")
    postcode: str | None = strawberry.field(description="Its postcode; empty when unknown.")
    area: str | None = strawberry.field(description="Its neighbourhood; empty when unknown.")
    precision: Precision = strawberry.field(description="How exactly its position is known.")
    score: float = strawberry.field(description="How well it fits the text, 0 to 1.")
    is_sure: bool = strawberry.field(
        description="Whether it may be taken without asking: one house that everything in the text "
        "agrees with. At most the first suggestion is."
    )
    lon_deg: float = strawberry.field(description="Longitude, degrees east in WGS 84.")
    lat_deg: float = strawberry.field(description="Latitude, degrees north in WGS 84.")
    position: GeoJSON = strawberry.field(description="The same position as a point.")
    cell: Cell = strawberry.field(description="The blurred cell by which a home there is shown.")

    @classmethod
    def of(cls, found: Suggestion) -> AddressSuggestion:
        one = found.candidate
        return cls(
            label=one.label,
            postcode=one.postcode,
            area=one.area,
            precision=Precision(one.precision.value),
            score=one.score,
            is_sure=found.is_sure,
            lon_deg=one.lon,
            lat_deg=one.lat,
            position=GeoJSON(make_point(one.lon, one.lat)),
            cell=Cell(found.cell),
        )


@strawberry.type(description="Where a point lies, as far as it is shown to others.")
class BlurredPlace:
    cell: Cell = strawberry.field(description="The blurred cell by which a home there is shown.")
    area: str | None = strawberry.field(
        description="Its neighbourhood; empty where the map has a gap."
    )


@strawberry.type
class GeocodingQuery:
    @query(
        description="Addresses of a community's city that a text may mean, the best first; none "
        "when nothing fits. Looks into the city's own address data and asks no other service.",
        who=Who.EVERYBODY,
        scope="areas:read",
        metadata={"items": USUAL_SUGGESTIONS, "cost": 20},
    )
    async def suggest_addresses(
        self,
        info: Info,
        community_id: CommunityId,
        text: Annotated[
            str,
            strawberry.argument(
                description=f"What somebody typed, such as `14 Aberdeen Ave`; at most "
                f"{LONGEST_TEXT} characters."
            ),
        ],
        limit: Annotated[
            int,
            strawberry.argument(
                description=f"How many to return at most, 1 to {MOST_SUGGESTIONS}."
            ),
        ] = USUAL_SUGGESTIONS,
    ) -> list[AddressSuggestion]:
        if not 1 <= limit <= MOST_SUGGESTIONS:
            raise InvalidArgument(f"limit must be from 1 to {MOST_SUGGESTIONS}.")
        plain_text("text", text, longest=LONGEST_TEXT)
        _, city = await open_map(info, community_id)
        found = await asyncio.to_thread(suggest_addresses, city.city, text, k=city.k, limit=limit)
        return [AddressSuggestion.of(one) for one in found]

    @query(
        description="The blurred cell and the neighbourhood of a point in the service area; an "
        "error says when it lies outside.",
        who=Who.EVERYBODY,
        scope="areas:read",
    )
    async def place_at(
        self,
        info: Info,
        community_id: CommunityId,
        lon_deg: Annotated[
            float, strawberry.argument(description="Longitude, degrees east in WGS 84.")
        ],
        lat_deg: Annotated[
            float, strawberry.argument(description="Latitude, degrees north in WGS 84.")
        ],
    ) -> BlurredPlace:
        _, city = await open_map(info, community_id)
        place = await asyncio.to_thread(find_place, city.city, lon_deg, lat_deg, k=city.k)
        return BlurredPlace(cell=Cell(place.cell), area=place.area)
