"""Operations about offers and agreed work."""

from __future__ import annotations

from tests.factories.town import Town
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

SECOND = 1
"""Somebody else among the volunteers."""


def community(town: Town) -> str:
    return global_id("Community", town.community_id)


def volunteer(town: Town, number: int = 0) -> str:
    return global_id("Volunteer", town.volunteer_ids[number])


def given(**values: object) -> Variables:
    return {"input": values}


def offer(town: Town, number: int = 0) -> Variables:
    return given(offerId=global_id("Offer", town.offer_ids[number]))


def ask(town: Town, number: int = 0) -> Variables:
    return given(askId=global_id("Ask", town.ask_ids[number]))


def work(town: Town, number: int = 0) -> Variables:
    return given(assignmentId=global_id("Assignment", town.assignment_ids[number]))


def home(town: Town, number: int = 0) -> Variables:
    return given(
        volunteerId=volunteer(town, number),
        homeId=global_id("OfferedHome", town.request_ids[number]),
    )


def listed(town: Town, **only: object) -> Variables:
    return {"communityId": community(town), "filter": only or None, "first": 20}


CASES: tuple[Case, ...] = (
    Case("volunteer/my_offers", own=lambda town, role: {}),
    Case(
        "volunteer/past_offers",
        own=lambda town, role: listed(town),
        foreign=lambda town, other: listed(town, volunteerId=volunteer(town, SECOND)),
    ),
    Case(
        "staff/list_offers",
        own=lambda town, role: listed(town, statuses=["SENT"]),
        foreign=lambda town, other: listed(town, volunteerId=volunteer(town, SECOND)),
    ),
    Case(
        "volunteer/accept_offer",
        own=lambda town, role: offer(town),
        foreign=lambda town, other: offer(town, SECOND),
    ),
    Case(
        "volunteer/accept_plan",
        own=lambda town, role: ask(town),
        foreign=lambda town, other: ask(town, SECOND),
    ),
    Case(
        "volunteer/take_home",
        own=lambda town, role: home(town),
        foreign=lambda town, other: home(town, SECOND),
    ),
    Case(
        "volunteer/take_best_home",
        own=lambda town, role: given(volunteerId=volunteer(town)),
        foreign=lambda town, other: given(volunteerId=volunteer(town, SECOND)),
    ),
    Case(
        "volunteer/decline_offer",
        own=lambda town, role: {"input": offer(town)["input"] | {"reason": "TOO_FAR"}},
        foreign=lambda town, other: offer(town, SECOND),
    ),
    Case(
        "volunteer/decline_plan",
        own=lambda town, role: ask(town),
        foreign=lambda town, other: ask(town, SECOND),
    ),
    Case(
        "volunteer/say_not_today",
        own=lambda town, role: given(volunteerId=volunteer(town)),
        foreign=lambda town, other: given(volunteerId=volunteer(town, SECOND)),
    ),
    Case("staff/send_proposals", own=lambda town, role: given(communityId=community(town))),
    Case("staff/strike_proposal", own=lambda town, role: ask(town)),
    Case(
        "volunteer/show_visit",
        own=lambda town, role: {"id": work(town)["input"]["assignmentId"]},
        foreign=lambda town, other: {"id": work(town, SECOND)["input"]["assignmentId"]},
    ),
    Case("volunteer/my_assignments", own=lambda town, role: {"first": 20}),
    Case(
        "staff/list_assignments",
        own=lambda town, role: listed(town),
        foreign=lambda town, other: listed(town, volunteerId=volunteer(town, SECOND)),
    ),
    Case(
        "volunteer/start_work",
        own=lambda town, role: work(town),
        foreign=lambda town, other: work(town, SECOND),
    ),
    Case(
        "volunteer/report_done",
        own=lambda town, role: work(town),
        foreign=lambda town, other: work(town, SECOND),
    ),
    Case(
        "volunteer/release_work",
        own=lambda town, role: {"input": work(town)["input"] | {"reason": "NOT_WELL"}},
        foreign=lambda town, other: work(town, SECOND),
    ),
    Case(
        "volunteer/keep_apart",
        own=lambda town, role: work(town),
        foreign=lambda town, other: work(town, SECOND),
    ),
    Case("staff/report_no_show", own=lambda town, role: work(town)),
)
