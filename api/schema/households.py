"""Homes and other places: what may be shown of them, and exactly where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees
from api.schema.context import Info
from api.schema.loaders import Load
from api.schema.nodes import found_by
from api.schema.operations import guarded
from api.schema.scalars import Cell
from people import directory_repository, disclosure
from people.directory_repository import KnownHousehold
from people.kinds import PlaceKind, Precision

_READ_ADDRESSES: Load[disclosure.ExactAddress] = cast("Any", disclosure.read_addresses)
"""It writes down what it reads, so it needs more than other loaders: a moment, and `begin`."""


@strawberry.type(description="Exactly where a place is. That it was read is written down.")
class Address:
    text: str = strawberry.field(description="Street and number, as on a letter.")
    unit: str | None = strawberry.field(description="The flat or floor; empty when there is none.")
    lon_deg: float = strawberry.field(description="Longitude in degrees, WGS 84.")
    lat_deg: float = strawberry.field(description="Latitude in degrees, WGS 84.")

    @classmethod
    def of(cls, row: disclosure.ExactAddress) -> Address:
        return cls(text=row.address_text, unit=row.unit, lon_deg=row.lon_deg, lat_deg=row.lat_deg)


@strawberry.type(description="A home or another place that people are linked with.")
class Household(relay.Node):
    id: relay.NodeID[UUID]
    kind: PlaceKind = strawberry.field(description="What the place is to those linked with it.")
    cell: Cell | None = strawberry.field(
        description="The cell that may be shown; empty where homes are too few to hide one."
    )
    area: str | None = strawberry.field(description="The part of the city; empty when unknown.")
    precision: Precision = strawberry.field(description="How exactly the position is known.")
    known: strawberry.Private[KnownHousehold]

    def owners(self) -> Owners:
        return Owners(self.known.resident_ids, frozenset({self.known.row.community_id}))

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Exactly where it is, for those who live there and for staff. Asking for it is "
        "written down.",
    )
    async def address(self, info: Info) -> Address | None:
        found = await read_address(info, self.known.row.id)
        return None if found is None else Address.of(found)

    @classmethod
    def of(cls, known: KnownHousehold) -> Household:
        row = known.row
        return cls(
            id=row.id,
            kind=row.kind,
            cell=None if row.cell is None else Cell(row.cell),
            area=row.area,
            precision=row.precision,
            known=known,
        )

    resolve_nodes = found_by(directory_repository.load_households, scope="people:read")


async def read_address(info: Info, household_id: UUID) -> disclosure.ExactAddress | None:
    """The address, if the actor may see it; those of one list are read and recorded together."""

    async def run(load: Any, keys: list[UUID]) -> Mapping[UUID, disclosure.ExactAddress]:
        async with info.context.begin() as session:
            found: Mapping[UUID, disclosure.ExactAddress] = await load(
                session, info.context.actor, keys, now=info.context.now
            )
        return found

    return await info.context.loaders.of(_READ_ADDRESSES, run)(household_id)
