"""Operations about rides."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.campaigns import about, campaign
from tests.graphql_api.cases.case import Case, Variables

if TYPE_CHECKING:
    from tests.factories.town import Town

GPX = (
    '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    + "".join(
        f'<trkpt lat="{42.37 + 0.0005 * number:.4f}" lon="-71.11">'
        f"<time>2026-01-12T12:{number:02}:00Z</time></trkpt>"
        for number in range(20)
    )
    + "</trkseg></trk></gpx>"
)
CSV = "date,start,minutes,km\n2026-01-11,07:30,12,3.5\n2026-01-11,17:30,12,3.5\n"


def person_of(town: Town, role: str) -> UUID:
    people = {
        "volunteer": town.volunteer_person_ids[0],
        "coordinator": town.coordinator_id,
        "manager": town.manager_id,
    }
    return people.get(role, town.resident_ids[0])


def ride(town: Town, person_id: UUID, **values: object) -> Variables:
    key = global_id("Ride", town.campaigns.ride_ids[person_id])
    return {"input": {"rideId": key, **values}}


def listed(town: Town, role: str) -> Variables:
    return {"campaignId": campaign(town), "first": 20}


CASES: tuple[Case, ...] = (
    Case("resident/my_rides", own=listed),
    Case("staff/campaign_rides", own=listed),
    Case("everybody/ride_figures", own=lambda town, role: {"campaignId": campaign(town)}),
    Case(
        "resident/add_ride",
        own=lambda town, role: about(
            town, startedAt="2026-01-13T12:00:00Z", durationS=900, distanceM=4_000
        ),
    ),
    Case("resident/add_track", own=lambda town, role: about(town, gpx=GPX)),
    Case("resident/import_rides", own=lambda town, role: about(town, csv=CSV)),
    Case(
        "resident/change_ride",
        own=lambda town, role: ride(town, person_of(town, role), purpose="LEISURE"),
        foreign=lambda town, other: ride(town, town.resident_ids[1], purpose="LEISURE"),
    ),
    Case(
        "resident/delete_ride",
        own=lambda town, role: ride(town, person_of(town, role)),
        foreign=lambda town, other: ride(town, town.resident_ids[1]),
    ),
    Case("staff/set_biking_rules", own=lambda town, role: about(town, rules={"grace_days": 5})),
)
