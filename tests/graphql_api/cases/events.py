"""Operations about events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.demo.town_events import DRAFT, FREE, FULL, KEPT, NOW, OVER
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town

Variables = dict[str, Any]


def _event(town: Town, number: int = FREE) -> str:
    return global_id("CommunityEvent", town.events.event_ids[number])


def _day(town: Town, number: int = FREE) -> str:
    return global_id("EventDay", town.events.day_ids[number])


def _person(town: Town, role: str) -> UUID:
    """Whose sign-up is meant; staff work on that of the resident."""
    return town.volunteer_person_ids[0] if role == "volunteer" else town.resident_ids[0]


def _registration(town: Town, number: int, person_id: UUID) -> str:
    return global_id("EventRegistration", town.events.registration_ids[number, person_id])


def _helper(town: Town, number: int, person_id: UUID) -> str:
    return global_id("EventHelper", town.events.helper_ids[number, person_id])


def _input(**values: Any) -> Variables:
    return {"input": values}


def _about_registration(operation: str, number: int, **more: Any) -> Case:
    """Something that is done with a sign-up."""

    def find(town: Town, person_id: UUID) -> Variables:
        return _input(registrationId=_registration(town, number, person_id), **more)

    return Case(
        operation,
        lambda town, role: find(town, _person(town, role)),
        lambda town, other: find(town, town.resident_ids[1]),
    )


def _about_help(operation: str) -> Case:
    """Something that is done with the help of a person."""
    return Case(
        operation,
        lambda town, role: _input(helperId=_helper(town, FULL, _person(town, role))),
        lambda town, other: _input(helperId=_helper(town, FULL, town.resident_ids[1])),
    )


CASES: tuple[Case, ...] = (
    Case(
        "everybody/list_events",
        lambda town, role: {
            "communityId": global_id("Community", town.community_id),
            "status": "PUBLISHED",
            "first": 20,
        },
    ),
    Case(
        "everybody/event_days",
        lambda town, role: {
            "communityId": global_id("Community", town.community_id),
            "filter": {"openOnly": True},
            "first": 20,
        },
    ),
    Case("everybody/event", lambda town, role: {"eventId": _event(town)}),
    Case("resident/my_event_registrations", lambda town, role: {"first": 20}),
    Case(
        "staff/event_registrations",
        lambda town, role: {"dayId": _day(town, FULL), "status": "SEATED", "first": 20},
    ),
    Case("staff/event_helpers", lambda town, role: {"dayId": _day(town, FULL), "first": 20}),
    Case(
        "staff/create_event",
        lambda town, role: _input(
            communityId=global_id("Community", town.community_id),
            title="Spring fair",
            place={
                "name": "The common",
                "address": {"text": "The common", "lonDeg": -71.1106, "latDeg": 42.3736},
                "isPublic": True,
            },
            startsLocal="2026-04-07T18:00",
            durationS=7200,
            capacity=30,
            rule={"repeats": "WEEKLY", "weekdays": [1], "count": 3},
            clientKey="spring-fair",
        ),
    ),
    Case("staff/publish_event", lambda town, role: _input(eventId=_event(town, DRAFT))),
    Case(
        "staff/change_event",
        lambda town, role: _input(eventId=_event(town), title="Repair night", capacity=25),
    ),
    Case(
        "staff/move_event",
        lambda town, role: _input(dayId=_day(town), startsLocal="2026-03-03T19:00"),
    ),
    Case("staff/cancel_event", lambda town, role: _input(eventId=_event(town))),
    Case("staff/cancel_event_day", lambda town, role: _input(dayId=_day(town))),
    Case("staff/set_event_capacity", lambda town, role: _input(dayId=_day(town), capacity=25)),
    Case("staff/close_event_attendance", lambda town, role: _input(dayId=_day(town, OVER))),
    Case(
        "resident/sign_up_for_event",
        lambda town, role: _input(dayId=_day(town), partySize=2),
    ),
    _about_registration("resident/confirm_event_seat", KEPT),
    _about_registration("resident/cancel_event_registration", FULL),
    _about_registration("resident/change_event_party", FULL, partySize=1),
    Case(
        "staff/check_in_registration",
        lambda town, role: _input(
            registrationId=_registration(town, NOW, town.volunteer_person_ids[1])
        ),
    ),
    Case(
        "staff/check_in_by_code",
        lambda town, role: _input(dayId=_day(town, NOW), code=town.events.code),
    ),
    Case(
        "staff/set_event_roles",
        lambda town, role: _input(
            eventId=_event(town),
            roles=[
                {"code": "greeter", "label": "Greeter", "wantedCount": 3},
                {"code": "driver", "label": "Driver", "abilities": ["snow_blower"]},
            ],
        ),
    ),
    Case("staff/plan_event_roles", lambda town, role: _input(dayId=_day(town))),
    Case(
        "staff/confirm_event_helper",
        lambda town, role: _input(helperId=_helper(town, FREE, town.volunteer_person_ids[1])),
    ),
    Case("volunteer/offer_event_help", lambda town, role: _input(dayId=_day(town))),
    _about_help("volunteer/accept_event_help"),
    _about_help("volunteer/withdraw_event_help"),
)
