"""Operations about volunteers, their teams and tools, and about who must not meet."""

from __future__ import annotations

import h3

from tests.factories.town import Town
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

SECOND = 1
"""Somebody else among the volunteers; has a tool on loan."""
IN_CAMBRIDGE = {"text": "", "lonDeg": -71.1106, "latDeg": 42.3736}
TOOL = "snow_blower"


def community(town: Town) -> str:
    return global_id("Community", town.community_id)


def volunteer(town: Town, number: int = 0) -> str:
    return global_id("Volunteer", town.volunteer_ids[number])


def person(town: Town, number: int) -> str:
    return global_id("Person", town.resident_ids[number])


def given(**values: object) -> Variables:
    return {"input": values}


def about(town: Town, number: int = 0, **values: object) -> Variables:
    return given(volunteerId=volunteer(town, number), **values)


def away(town: Town, number: int = 0) -> Variables:
    return about(town, number, awayId=global_id("AwayPeriod", town.away_ids[number]))


def new_days(town: Town, number: int = 0) -> Variables:
    return about(town, number, firstDay="2026-02-01", lastDay="2026-02-03")


def team(town: Town, number: int = 0) -> Variables:
    return about(town, number, name="The Neighbors", size=3, members=[{"name": "Synthetic Sam"}])


def change(town: Town, number: int = 0) -> Variables:
    return about(town, number, maxTasks=2, languages=["es", "en"], abilities=["shovel"])


def sign_up(town: Town, role: str) -> Variables:
    return given(
        communityId=community(town),
        name="Synthetic Newcomer",
        home=IN_CAMBRIDGE,
        email="newcomer@new.example",
        consents=["MATCHING", "OFFERS"],
        weeklyHours=[{"weekday": 5, "startMin": 540, "endMin": 720}],
    )


def ban(town: Town, number: int) -> Variables:
    return given(banId=global_id("Ban", town.ban_ids[number]))


def own_ban(town: Town, role: str) -> Variables:
    """The wish of the first resident is the one before the last but one."""
    return ban(town, len(town.ban_ids) - 2 if role == "resident" else 0)


def pair(town: Town, role: str) -> Variables:
    side = {"resident": "RESIDENT", "volunteer": "VOLUNTEER"}.get(role, "STAFF")
    return about(town, residentId=person(town, 0), askedBy=side)


def hand_out(town: Town) -> Variables:
    return about(town, depotId=global_id("Depot", town.depot_ids[0]), code=TOOL)


def listed(town: Town, role: str) -> Variables:
    return {"communityId": community(town), "first": 20}


def near(town: Town, role: str) -> Variables:
    cell = h3.latlng_to_cell(42.3736, -71.1106, 9)
    return {"communityId": community(town), "cell": cell, "radiusM": 1_000}


CASES: tuple[Case, ...] = (
    Case("volunteer/my_volunteering", own=lambda town, role: {}),
    Case(
        "staff/show_volunteer",
        own=lambda town, role: {"id": volunteer(town)},
        foreign=lambda town, other: {"id": volunteer(town, SECOND)},
    ),
    Case("staff/list_volunteers", own=listed),
    Case("everybody/requests_near", own=near),
    Case("everybody/sign_up_volunteer", own=sign_up),
    Case(
        "volunteer/change_volunteer",
        own=lambda town, role: change(town),
        foreign=lambda town, other: change(town, SECOND),
    ),
    Case(
        "volunteer/pause_volunteer",
        own=lambda town, role: about(town, until="2026-02-01T12:00:00Z"),
        foreign=lambda town, other: about(town, SECOND),
    ),
    Case(
        "volunteer/resume_volunteer",
        own=lambda town, role: about(town),
        foreign=lambda town, other: about(town, SECOND),
    ),
    Case(
        "volunteer/leave_programme",
        own=lambda town, role: about(town),
        foreign=lambda town, other: about(town, SECOND),
    ),
    Case(
        "volunteer/add_away",
        own=lambda town, role: new_days(town),
        foreign=lambda town, other: new_days(town, SECOND),
    ),
    Case(
        "volunteer/remove_away",
        own=lambda town, role: away(town),
        foreign=lambda town, other: away(town, SECOND),
    ),
    Case(
        "volunteer/form_team",
        own=lambda town, role: team(town),
        foreign=lambda town, other: team(town, SECOND),
    ),
    Case(
        "volunteer/dissolve_team",
        own=lambda town, role: about(town),
        foreign=lambda town, other: about(town, SECOND),
    ),
    Case("volunteer/my_bans", own=lambda town, role: {"first": 20}),
    Case("staff/list_bans", own=listed),
    Case(
        "volunteer/ban_pair",
        own=pair,
        foreign=lambda town, other: about(
            town, SECOND, residentId=person(town, 2), askedBy="VOLUNTEER"
        ),
    ),
    Case("volunteer/lift_ban", own=own_ban, foreign=lambda town, other: ban(town, SECOND)),
    Case("everybody/depots", own=listed),
    Case(
        "volunteer/my_tool_loans",
        own=listed,
        before=(("staff/hand_out_tool", hand_out),),
    ),
    Case(
        "staff/list_tool_loans",
        own=listed,
        before=(("staff/hand_out_tool", hand_out),),
    ),
    Case(
        "staff/open_depot",
        own=lambda town, role: given(
            communityId=community(town),
            code="fire-station",
            name="Fire Station",
            address=IN_CAMBRIDGE,
            hours=["Sat 9:00-12:00"],
        ),
    ),
    Case(
        "staff/set_tool_stock",
        own=lambda town, role: given(
            depotId=global_id("Depot", town.depot_ids[0]), code="shovel", owned=12
        ),
    ),
    Case("staff/hand_out_tool", own=lambda town, role: hand_out(town)),
    Case("staff/return_tool", own=lambda town, role: about(town, SECOND, code=TOOL)),
)
