"""Telling rides by form, file and track; correcting them and taking them back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from api.schema.access import Who
from api.schema.arguments import InvalidArgument, aware, aware_or_none, rules_object
from api.schema.biking import Ride
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import mutation
from campaigns.biking import importing, recording
from campaigns.biking.checking import RideFacts
from campaigns.biking.gpx import read_track
from campaigns.biking.kinds import RidePurpose

WRITE = "campaigns:write"
MAX_TEXT_BYTES = 240_000
"""Larger files come through the form on the page of rides."""


@strawberry.input(description="A ride of your own.")
class AddRideInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    started_at: datetime = strawberry.field(description="When it began.")
    duration_s: int = strawberry.field(description="How long it took, in seconds.")
    distance_m: int = strawberry.field(description="How far it was, in metres.")
    purpose: RidePurpose = strawberry.field(
        description="What it was for.", default=RidePurpose.TRANSPORT
    )


@strawberry.input(description="A ride of your own, as a track.")
class AddTrackInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    gpx: str = strawberry.field(
        description="A GPX file with times, at most 240 kB. How far and how long is measured from "
        "its points; the points are not kept."
    )
    purpose: RidePurpose = strawberry.field(
        description="What it was for.", default=RidePurpose.TRANSPORT
    )


@strawberry.input(description="Rides in a list.")
class ImportRidesInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    csv: str = strawberry.field(
        description="A CSV file, at most 240 kB, with a line of columns: `date` (2027-05-01) and "
        "`start` (08:30) by the community's clock, `minutes`, `km` or `miles`, `purpose`, and "
        "`person` in a list of who manages the campaign."
    )
    all_or_nothing: bool = strawberry.field(
        description="Whether one bad line keeps all of them out.", default=False
    )


@strawberry.input(description="What changes of a ride; what is left out stays.")
class ChangeRideInput:
    ride_id: relay.GlobalID = strawberry.field(description="The `Ride`.")
    started_at: datetime | None = strawberry.field(description="When it began.", default=None)
    duration_s: int | None = strawberry.field(
        description="How long it took, in seconds.", default=None
    )
    distance_m: int | None = strawberry.field(
        description="How far it was, in metres.", default=None
    )
    purpose: RidePurpose | None = strawberry.field(description="What it was for.", default=None)

    def as_changes(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "started_at": aware_or_none("startedAt", self.started_at),
            "duration_s": self.duration_s,
            "distance_m": self.distance_m,
            "purpose": self.purpose,
        }
        return {name: value for name, value in given.items() if value is not None}


@strawberry.input(description="A ride to take back.")
class DeleteRideInput:
    ride_id: relay.GlobalID = strawberry.field(description="The `Ride`.")


@strawberry.input(description="Rules of a biking campaign; those that are not named stay.")
class SetBikingRulesInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    rules: JSON = strawberry.field(
        description='Rules by name, such as `{"grace_days": 7}`; docs/biking.md lists them.'
    )


@strawberry.type(description="The ride as it stands.")
class RidePayload:
    ride: Ride = strawberry.field(description="The ride.")
    is_new: bool = strawberry.field(
        description="Whether it was not told before: the same ride again counts once."
    )


@strawberry.type(description="The ride that is gone.")
class DeleteRidePayload:
    ride: Ride = strawberry.field(description="The ride as it was.")


@strawberry.type(description="One line of a list that was not taken in.")
class RefusedRideLine:
    line: int = strawberry.field(description="Its number in the file; 1 is the line of columns.")
    column: str = strawberry.field(description="The column; empty when the whole line is meant.")
    message: str = strawberry.field(description="What is wrong.")
    remedy: str = strawberry.field(description="What to write instead.")


@strawberry.type(description="What became of a list of rides.")
class ImportRidesPayload:
    total: int = strawberry.field(description="Lines in the file.")
    created: int = strawberry.field(description="Rides that were taken in.")
    unchanged: int = strawberry.field(description="Rides that were told before.")
    refused: list[RefusedRideLine] = strawberry.field(
        description="Lines that were not taken in.", metadata={"items": 20}
    )
    refused_csv: str = strawberry.field(
        description="The refused lines with their reasons, to mend and send again; no cell is "
        "taken for a formula by a spreadsheet. Empty without any."
    )

    @classmethod
    def of(cls, report: importing.RideImport) -> ImportRidesPayload:
        return cls(
            total=report.total,
            created=report.created,
            unchanged=report.unchanged,
            refused=[
                RefusedRideLine(
                    line=one.line,
                    column=problem.column,
                    message=problem.message,
                    remedy=problem.remedy,
                )
                for one in sorted(report.rejected, key=lambda line: line.line)
                for problem in one.problems
            ],
            refused_csv=report.rejects_csv,
        )


@strawberry.type(description="The rules as they are now.")
class BikingRulesPayload:
    rules: JSON = strawberry.field(description="Every rule by name.")


@strawberry.type
class RideMutation:
    @mutation(
        RidePayload,
        description="Tell a ride of your own. The same ride again counts once.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def add_ride(
        self,
        info: Info,
        input: Annotated[AddRideInput, strawberry.argument(description="A ride of your own.")],
    ) -> RidePayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        facts = RideFacts(
            started_at=aware("startedAt", input.started_at),
            duration_s=input.duration_s,
            distance_m=input.distance_m,
            purpose=input.purpose,
        )
        async with context.begin() as session:
            done = await recording.add_ride(session, context.actor, key, facts, now=context.now)
        return RidePayload(ride=Ride.of(done.ride), is_new=done.is_new)

    @mutation(
        RidePayload,
        description="Tell a ride of your own by its GPX track. The same ride again counts once.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def add_track(
        self,
        info: Info,
        input: Annotated[
            AddTrackInput, strawberry.argument(description="A ride of your own, as a track.")
        ],
    ) -> RidePayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        track = await asyncio.to_thread(read_track, _read_text("gpx", input.gpx))
        async with context.begin() as session:
            done = await recording.add_track(
                session, context.actor, key, track, purpose=input.purpose, now=context.now
            )
        return RidePayload(ride=Ride.of(done.ride), is_new=done.is_new)

    @mutation(
        ImportRidesPayload,
        description="Tell the rides of a CSV file: all that are good, with a report on the "
        "others, or all or none. The same file again adds nothing.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def import_rides(
        self,
        info: Info,
        input: Annotated[ImportRidesInput, strawberry.argument(description="Rides in a list.")],
    ) -> ImportRidesPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        table = importing.read_rides_file(_read_text("csv", input.csv))
        try:
            async with context.begin() as session:
                report = await importing.import_rides(
                    session,
                    context.actor,
                    key,
                    table,
                    all_or_nothing=input.all_or_nothing,
                    now=context.now,
                )
        except importing.NothingStored as undone:
            report = undone.report
        return ImportRidesPayload.of(report)

    @mutation(
        RidePayload,
        description="Correct a ride of your own while rides may be told. Of a track only the "
        "purpose may change.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def change_ride(
        self,
        info: Info,
        input: Annotated[
            ChangeRideInput, strawberry.argument(description="What changes of a ride.")
        ],
    ) -> RidePayload:
        context, key = info.context, find_id(input.ride_id, "Ride")
        changes = input.as_changes()
        async with context.begin() as session:
            row = await recording.change_ride(session, context.actor, key, changes, now=context.now)
        return RidePayload(ride=Ride.of(row), is_new=False)

    @mutation(
        DeleteRidePayload,
        description="Take back a ride: your own, or a wrong one of a campaign that you manage. It "
        "is gone for good.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def delete_ride(
        self,
        info: Info,
        input: Annotated[DeleteRideInput, strawberry.argument(description="A ride to take back.")],
    ) -> DeleteRidePayload:
        context, key = info.context, find_id(input.ride_id, "Ride")
        async with context.begin() as session:
            row = await recording.delete_ride(session, context.actor, key, now=context.now)
        return DeleteRidePayload(ride=Ride.of(row))

    @mutation(
        BikingRulesPayload,
        description="Change rules of a biking campaign: for managers, owners and editors. Rides "
        "that were taken in stay.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def set_biking_rules(
        self,
        info: Info,
        input: Annotated[SetBikingRulesInput, strawberry.argument(description="Rules by name.")],
    ) -> BikingRulesPayload:
        context, key = info.context, find_id(input.campaign_id, "Campaign")
        changes = rules_object("rules", input.rules)
        async with context.begin() as session:
            row = await recording.set_biking_rules(
                session, context.actor, key, changes, now=context.now
            )
        return BikingRulesPayload(rules=JSON(row.settings))


def _read_text(name: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MAX_TEXT_BYTES:
        raise InvalidArgument(
            f"{name} must have at most {MAX_TEXT_BYTES // 1_000} kB; upload larger files on the "
            "page of rides."
        )
    return data
