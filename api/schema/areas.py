"""Areas: the neighbourhoods of a city, and where help is asked for and given in them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId
from api.schema.context import Info
from api.schema.nodes import find_id, must
from api.schema.operations import field, guarded, query
from api.schema.scalars import Cell, GeoJSON
from geo.geojson import make_point
from geo.privacy import cell_center
from matching.maps import areas as maps
from matching.maps import coverage as covering
from matching.maps.recruitment import make_recruitment_map
from matching.rounds.reading import find_last_told_prices
from people import repository
from people.models import Community as CommunityRow

USUAL_AREAS, USUAL_CELLS = 15, 15
"""How many areas a city has, and how many cells an area; for the cost of an operation."""
FEW = "Empty for fewer than five people, unless you work for the community."


@strawberry.type(
    description="A blurred cell: a piece of ground that holds enough addresses to hide any of them."
)
class AreaCell:
    cell: Cell = strawberry.field(description="The cell.")
    area: str | None = strawberry.field(
        description="The neighbourhood of its middle; empty outside all of them."
    )
    address_count: int = strawberry.field(
        description="Addresses of the city pack that are shown by this cell; 0 when it is none "
        "of the city's own cells."
    )
    geometry: GeoJSON = strawberry.field(description="Its ground.")
    middle: GeoJSON = strawberry.field(description="The middle of the cell, a point.")

    @classmethod
    def of(cls, shown: maps.ShownCell) -> AreaCell:
        return cls(
            cell=Cell(shown.cell),
            area=shown.area,
            address_count=shown.address_count,
            geometry=GeoJSON(dict(shown.geometry)),
            middle=GeoJSON(make_point(*cell_center(shown.cell))),
        )


@strawberry.type(description="A neighbourhood of a community's city.")
class Area:
    name: str = strawberry.field(description="Its name; no other one of the city has it.")
    address_count: int = strawberry.field(
        description="Addresses of the city pack that lie in it; 0 when the pack does not say."
    )
    geometry: GeoJSON = strawberry.field(
        description="Its outline, simplified to a few hundred points at most."
    )
    cells: list[AreaCell] = strawberry.field(
        description="The blurred cells whose middle lies in it.", metadata={"items": USUAL_CELLS}
    )

    @classmethod
    def of(cls, shown: maps.ShownArea) -> Area:
        return cls(
            name=shown.name,
            address_count=shown.address_count,
            geometry=GeoJSON(dict(shown.geometry)),
            cells=[AreaCell.of(cell) for cell in shown.cells],
        )


@strawberry.type(description="Who asks for help and who gives it in one blurred cell.")
class CellCoverage:
    cell: AreaCell = strawberry.field(description="The cell.")
    resident_count: int | None = strawberry.field(
        description=f"Residents with a request that is open or agreed. {FEW}"
    )
    waiting_count: int | None = strawberry.field(
        description="Of those, residents with a request that nobody has agreed to do; empty "
        "where `residentCount` is."
    )
    volunteer_count: int | None = strawberry.field(
        description=f"Volunteers who live there and take part now. {FEW}"
    )


@strawberry.type(description="Who asks for help and who gives it in one neighbourhood.")
class AreaCoverage:
    area: Area = strawberry.field(description="The neighbourhood.")
    resident_count: int | None = strawberry.field(
        description=f"Residents with a request that is open or agreed. {FEW}"
    )
    waiting_count: int | None = strawberry.field(
        description="Of those, residents with a request that nobody has agreed to do; empty "
        "where `residentCount` is."
    )
    volunteer_count: int | None = strawberry.field(
        description=f"Volunteers who live there and take part now. {FEW}"
    )


@strawberry.type(
    description="Where help is asked for and given now. People count where the middle of their "
    "blurred cell lies. Whoever does not work for the community sees groups of at least five "
    "people, and cannot find smaller ones by subtraction."
)
class Coverage:
    community_id: strawberry.Private[UUID]
    told: strawberry.Private[covering.Coverage]
    counted_at: datetime = strawberry.field(description="When it was counted.")

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.community_id}))

    @guarded(Sees.STAFF, description="Everybody who asks. For staff.")
    async def resident_count(self, info: Info) -> int | None:
        return self.told.resident_count

    @guarded(Sees.STAFF, description="Everybody who asks and has nobody yet. For staff.")
    async def waiting_count(self, info: Info) -> int | None:
        return self.told.waiting_count

    @guarded(Sees.STAFF, description="Everybody who takes part. For staff.")
    async def volunteer_count(self, info: Info) -> int | None:
        return self.told.volunteer_count

    @field(description="By neighbourhood.", metadata={"items": USUAL_AREAS})
    async def areas(self) -> list[AreaCoverage]:
        return [
            AreaCoverage(
                area=Area.of(one.area),
                resident_count=one.resident_count,
                waiting_count=one.waiting_count,
                volunteer_count=one.volunteer_count,
            )
            for one in self.told.areas
        ]

    @field(
        description="By blurred cell: those where somebody asks or gives.",
        metadata={"items": USUAL_AREAS * USUAL_CELLS},
    )
    async def cells(self) -> list[CellCoverage]:
        return [
            CellCoverage(
                cell=AreaCell.of(one.cell),
                resident_count=one.resident_count,
                waiting_count=one.waiting_count,
                volunteer_count=one.volunteer_count,
            )
            for one in self.told.cells
        ]


async def open_map(info: Info, given: relay.GlobalID) -> tuple[CommunityRow, maps.CityMap]:
    """A community and the map of its city."""
    key = find_id(given, "Community")
    context = info.context
    async with context.read() as session:
        found = await repository.load_communities(session, context.actor, [key])
        community = must(found.get(key))
        rules = await repository.read_rules_at(session, key, context.now)
    return community, await asyncio.to_thread(maps.open_city_map, community, rules.anonymity_k)


@strawberry.type
class AreaQuery:
    @query(
        description="The neighbourhoods of a community's city, with the cells that homes are "
        "shown by.",
        who=Who.EVERYBODY,
        scope="areas:read",
        metadata={"items": USUAL_AREAS},
    )
    async def areas(self, info: Info, community_id: CommunityId) -> list[Area]:
        _, city = await open_map(info, community_id)
        return [Area.of(area) for area in city.areas]

    @query(
        description="Where help is asked for and given in a community now.",
        who=Who.EVERYBODY,
        scope="areas:read",
        metadata={"cost": 50},
    )
    async def coverage(self, info: Info, community_id: CommunityId) -> Coverage:
        community, city = await open_map(info, community_id)
        async with info.context.read() as session:
            counts = await covering.count_people(session, community.id, now=info.context.now)
        told = covering.cover(counts, city)
        if not info.context.actor.is_staff(community.id):
            told = covering.hide_few(told)
        return Coverage(community_id=community.id, told=told, counted_at=told.counted_at)

    @query(
        description="What one more volunteer would add in each neighbourhood, by the last round "
        "that worked it out: a FeatureCollection with `served_more`, `worth_weight`, `skills` and "
        "a `sentence` for each. A neighbourhood where fewer than five residents asked has no "
        "numbers, unless you work for the community. Empty when no round has worked it out.",
        who=Who.EVERYBODY,
        scope="areas:read",
        metadata={"cost": 50},
    )
    async def recruitment_map(self, info: Info, community_id: CommunityId) -> GeoJSON | None:
        community, city = await open_map(info, community_id)
        async with info.context.read() as session:
            told = await find_last_told_prices(session, community)
        if told is None:
            return None
        everything = info.context.actor.is_staff(community.id)
        return GeoJSON(make_recruitment_map(city, told.prices, told.areas, everything=everything))
