"""Rides of a biking campaign: telling them, correcting them, and what they add up to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema import campaign_words  # noqa: F401 - the enums must be described first
from api.schema.access import Who
from api.schema.context import Info
from api.schema.nodes import find_id, found_by
from api.schema.operations import query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.scalars import Cell
from campaigns.biking import figures_repository, repository
from campaigns.biking.figures import BandShare, Saved, SizeBand, find_band_shares
from campaigns.biking.kinds import RidePurpose, RideSource
from campaigns.biking.measuring import BikingFigures, load_biking_figures
from campaigns.biking.models import Ride as RideRow
from campaigns.biking.recording import open_season
from campaigns.programmes.policy import can_read_inside
from campaigns.programmes.repository import list_team
from campaigns.standings.suppression import K, show_count, suppress

READ = "campaigns:read"

CampaignId = Annotated[relay.GlobalID, strawberry.argument(description="The `Campaign`.")]


@strawberry.type(description="One bicycle ride. No track and no address is kept.")
class Ride(relay.Node):
    id: relay.NodeID[UUID]
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    person_id: relay.GlobalID = strawberry.field(description="The `Person` who rode.")
    source: RideSource = strawberry.field(description="How it came to us.")
    purpose: RidePurpose = strawberry.field(description="What it was for.")
    started_at: datetime = strawberry.field(description="When it began, to the minute.")
    local_day: date = strawberry.field(
        description="The day on which it began, by the community's clock."
    )
    duration_s: int = strawberry.field(description="How long it took, in seconds.")
    distance_m: int = strawberry.field(description="How far it was, in metres.")
    start_cell: Cell | None = strawberry.field(
        description="A coarse cell of a place 200 m into the ride; empty without a track."
    )
    end_cell: Cell | None = strawberry.field(
        description="A coarse cell of a place 200 m before the end; empty without a track."
    )

    @classmethod
    def of(cls, row: RideRow) -> Ride:
        return cls(
            id=row.id,
            campaign_id=relay.GlobalID("Campaign", str(row.campaign_id)),
            person_id=relay.GlobalID("Person", str(row.person_id)),
            source=row.source,
            purpose=row.purpose,
            started_at=row.started_at,
            local_day=row.local_day,
            duration_s=row.duration_s,
            distance_m=row.distance_m,
            start_cell=None if row.start_cell is None else Cell(row.start_cell),
            end_cell=None if row.end_cell is None else Cell(row.end_cell),
        )

    resolve_nodes = found_by(repository.load_rides, scope=READ)


@strawberry.type(description="Groups of one size: which share of their members rode.")
class RideBand:
    size: SizeBand = strawberry.field(description="How large these groups are.")
    group_count: int = strawberry.field(description="How many groups.")
    share: float | None = strawberry.field(
        description="Share of members who rode at least once, between 0 and 1; empty when fewer "
        "than five people rode, or did not."
    )
    share_low: float | None = strawberry.field(
        description="Where the share's 95 % interval begins; empty with the share."
    )
    share_high: float | None = strawberry.field(
        description="Where the share's 95 % interval ends; empty with the share."
    )

    @classmethod
    def of(cls, band: BandShare) -> RideBand:
        share = band.share
        return cls(
            size=band.band,
            group_count=band.group_count,
            share=None if share is None else share.estimate,
            share_low=None if share is None else share.low,
            share_high=None if share is None else share.high,
        )


@strawberry.type(description="How many people began or ended rides in one coarse cell.")
class RideCell:
    cell: Cell = strawberry.field(description="The cell.")
    rider_count: int = strawberry.field(description="How many people; never fewer than five.")


@strawberry.type(
    description="What a biking campaign adds up to, counted anew at each question. Counts of "
    "fewer than five people are empty."
)
class RideFigures:
    member_count: int | None = strawberry.field(description="People who take part.")
    rider_count: int | None = strawberry.field(description="Those who rode at least once.")
    new_rider_count: int | None = strawberry.field(
        description="Those who ride now and did not before."
    )
    ride_count: int | None = strawberry.field(description="Their rides.")
    ride_day_count: int | None = strawberry.field(
        description="Days on which somebody rode, added up over people."
    )
    distance_km: float | None = strawberry.field(description="How far they rode.")
    car_trip_count: float | None = strawberry.field(
        description="Car trips that were not made, by the share that the campaign states; empty "
        "when it states none."
    )
    co2_kg: float | None = strawberry.field(
        description="CO2 that was not let out, roughly, by the factor that the campaign states."
    )
    co2_source: str | None = strawberry.field(description="Where that factor comes from.")
    bands: list[RideBand] = strawberry.field(
        description="Groups by their size, small ones first.", metadata={"items": 3}
    )
    cells: list[RideCell] = strawberry.field(
        description="Where rides with tracks began and ended.", metadata={"items": 20}
    )

    @classmethod
    def of(cls, figures: BikingFigures, cells: dict[int, int]) -> RideFigures:
        riders = len(figures.rider_ids)
        shown = riders >= K
        new = len(figures.new_rider_ids)
        split = suppress({"new": new, "others": riders - new}) if shown else {}
        totals = figures.totals
        saved = figures.saved if shown else None
        members = suppress({"riders": riders, "waiting": figures.member_count - riders})
        return cls(
            member_count=show_count(figures.member_count),
            rider_count=members["riders"],
            new_rider_count=split.get("new"),
            ride_count=sum(one.ride_count for one in totals) if shown else None,
            ride_day_count=sum(one.day_count for one in totals) if shown else None,
            distance_km=_km(sum(one.distance_m for one in totals)) if shown else None,
            car_trip_count=None if saved is None else round(saved.car_trip_count, 1),
            co2_kg=_co2(saved),
            co2_source=None if saved is None else saved.co2_source,
            bands=[RideBand.of(band) for band in find_band_shares(figures.shares)],
            cells=[
                RideCell(cell=Cell(cell), rider_count=count)
                for cell, count in cells.items()
                if count >= K
            ],
        )


def _km(distance_m: int) -> float:
    return round(distance_m / 1_000, 1)


def _co2(saved: Saved | None) -> float | None:
    return None if saved is None or saved.co2_kg is None else round(saved.co2_kg, 1)


@strawberry.type
class BikingQuery:
    @query(
        description="The rides of a campaign, the latest first: your own, or with `everybody` all "
        "of them for those who manage the campaign.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def rides(
        self,
        info: Info,
        campaign_id: CampaignId,
        everybody: Annotated[
            bool, strawberry.argument(description="Not only your own; for who manages it.")
        ] = False,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Ride]:
        key = find_id(campaign_id, "Campaign")
        rows = repository.list_rides(info.context.actor, key, own=not everybody)
        return await connect(info, rows, Ride.of, first=first, after=after)

    @query(
        description="What a biking campaign adds up to at this moment, for staff and its team; "
        "null for everybody else, who see what was published: `goalProgress` and `leaderboard`.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def ride_figures(self, info: Info, campaign_id: CampaignId) -> RideFigures | None:
        key = find_id(campaign_id, "Campaign")
        actor = info.context.actor
        async with info.context.read() as session:
            season = await open_season(session, actor, key)
            team = {one.person_id for one in await list_team(session, key)}
            if not can_read_inside(actor, season.campaign, team):
                return None
            figures = await load_biking_figures(session, key)
            cells = await figures_repository.load_cell_riders(session, key)
        return RideFigures.of(figures, cells)
