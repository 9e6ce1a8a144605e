"""Addresses that callers write: found for certain, or asked back with the places it may be."""

from __future__ import annotations

import asyncio

import strawberry
from strawberry import relay

from api.schema.context import Info
from api.schema.errors import Problem
from api.schema.nodes import find_id, must
from geo.candidate import Candidate
from matching.imports.records import Place
from matching.intake.addresses import AddressNotCertain, WrittenAddress, find_place
from matching.intake.repository import find_community
from people.kinds import Precision
from people.repository import read_rules_at


@strawberry.input(description="Where a home is: as people write it, or as a point.")
class AddressInput:
    text: str = strawberry.field(
        description="Street and house number, as people write them there, such as 17 Garden St."
    )
    unit: str | None = strawberry.field(default=None, description="Apartment or floor.")
    lon_deg: float | None = strawberry.field(
        default=None, description="Longitude in degrees; a point wins over the text."
    )
    lat_deg: float | None = strawberry.field(default=None, description="Latitude in degrees.")


@strawberry.type(description="A place that an address may mean.")
class AddressCandidate:
    label: str = strawberry.field(description="The address as people write it there.")
    area: str | None = strawberry.field(description="The neighbourhood; null when it is not known.")
    precision: Precision = strawberry.field(description="How exactly its position is known.")
    lon_deg: float = strawberry.field(description="Longitude in degrees.")
    lat_deg: float = strawberry.field(description="Latitude in degrees.")

    @classmethod
    def of(cls, found: Candidate) -> AddressCandidate:
        return cls(
            label=found.label,
            area=found.area,
            precision=Precision(found.precision.value),
            lon_deg=found.lon,
            lat_deg=found.lat,
        )


@strawberry.type(
    description="The address may mean several places: ask which, and send its label, or its point."
)
class AddressNotSureProblem(Problem):
    candidates: list[AddressCandidate] = strawberry.field(
        description="The places that it may mean, the likeliest first."
    )

    @classmethod
    def about(cls, error: AddressNotCertain) -> AddressNotSureProblem:
        return cls(
            code=error.code,
            message=str(error),
            candidates=[AddressCandidate.of(found) for found in error.candidates],
        )


async def locate_home(
    info: Info, community_id: relay.GlobalID, address: AddressInput, *, offline: bool = False
) -> Place:
    """The home that was meant, by the geocoder of the community's city. Not in a transaction.

    ``offline`` asks the city's own address data alone: what anybody types without signing in
    goes to no other service.
    """
    async with info.context.read() as session:
        community = must(await find_community(session, find_id(community_id, "Community")))
        rules = await read_rules_at(session, community.id, info.context.now)
    written = WrittenAddress(
        address.text, address.unit or "", lon_deg=address.lon_deg, lat_deg=address.lat_deg
    )
    settings = None if offline else info.context.settings
    return await asyncio.to_thread(
        find_place, community.city_pack, rules.anonymity_k, written, settings
    )
