"""Operations about requests, standing requests and the rules of intake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town

STAFF = ("coordinator", "manager")


def _community(town: Town, role: str) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id)}


def _nothing(town: Town, role: str) -> dict[str, Any]:
    return {}


def _scale(town: Town) -> int:
    return len(town.resident_ids)


def accepted(town: Town, owner: int = 0) -> str:
    """A request of that resident with an agreed visit."""
    return global_id("HelpRequest", town.request_ids[_scale(town) + owner])


def untaken(town: Town) -> str:
    """An open request of the first resident."""
    return global_id("HelpRequest", town.request_ids[2 * _scale(town)])


def waiting(town: Town, owner: int = 0) -> str:
    """A request of that resident that waits for review."""
    return global_id("HelpRequest", town.request_ids[4 * _scale(town) + owner])


def standing(town: Town, owner: int = 0) -> str:
    """The active standing request of that resident."""
    return global_id("StandingRequest", town.standing_ids[owner])


def standing_in_review(town: Town) -> str:
    """A standing request that waits for review."""
    return global_id("StandingRequest", town.standing_ids[_scale(town)])


def _one_request(town: Town, role: str) -> dict[str, Any]:
    """For a volunteer, the one that was put to them."""
    return {"id": global_id("HelpRequest", town.request_ids[0])}


def _call(town: Town, role: str) -> dict[str, Any]:
    """Groceries: for oneself, or for the first resident when staff ask."""
    call: dict[str, Any] = {
        "communityId": global_id("Community", town.community_id),
        "kind": "GROCERIES",
        "windows": [{"opensAt": "2026-01-16T14:00:00Z", "closesAt": "2026-01-16T20:00:00Z"}],
        "clientKey": f"case-{role}",
    }
    if role in STAFF:
        call["residentId"] = global_id("Person", town.resident_ids[0])
    return {"input": call}


def _call_for_another(town: Town, other: Town) -> dict[str, Any]:
    variables = _call(town, "resident")
    variables["input"]["residentId"] = global_id("Person", town.resident_ids[1])
    return variables


def _eligibility(town: Town, role: str) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "communityId": global_id("Community", town.community_id),
        "kind": "SNOW",
    }
    if role in STAFF:
        asked["personId"] = global_id("Person", town.resident_ids[0])
    return {"input": asked}


def _eligibility_of_another(town: Town, other: Town) -> dict[str, Any]:
    variables = _eligibility(town, "resident")
    variables["input"]["personId"] = global_id("Person", town.resident_ids[1])
    return variables


def _break(key: str) -> dict[str, Any]:
    return {"input": {"standingRequestId": key, "startsOn": "2026-02-01", "endsOn": "2026-02-08"}}


def _rule(town: Town) -> dict[str, Any]:
    """A rule of eligibility, so that there is one to show."""
    sentence = {"en": "The home is outside the city.", "es": "La casa está fuera de la ciudad."}
    rule = {"code": "inside", "any_of": [{"fact": "inside"}], "sentence": sentence}
    return {
        "input": {
            "communityId": global_id("Community", town.community_id),
            "topic": "ELIGIBILITY",
            "rules": {"version": "1", "rules": [rule]},
        }
    }


CASES: tuple[Case, ...] = (
    Case("everybody/help_kinds", _community, before=(("staff/set_intake_rules", _rule),)),
    Case("everybody/deadline", _community),
    Case("resident/my_requests", _nothing),
    Case("resident/my_standing_requests", _nothing),
    Case(
        "resident/show_request",
        _one_request,
        lambda town, other: {"id": accepted(town, 1)},
    ),
    Case(
        "staff/show_case",
        _one_request,
        lambda town, other: {"id": accepted(town, 1)},
    ),
    Case(
        "resident/address_openings",
        lambda town, role: {"requestId": accepted(town)},
        lambda town, other: {"requestId": accepted(town, 1)},
    ),
    Case("resident/my_eligibility", _eligibility, _eligibility_of_another),
    Case("resident/ask_for_help", _call, _call_for_another),
    Case("staff/take_call", _call, _call_for_another),
    Case("integrator/submit_request", _call, _call_for_another),
    Case(
        "resident/change_request",
        lambda town, role: {"input": {"requestId": untaken(town), "accessNotes": "Ring twice."}},
        lambda town, other: {"input": {"requestId": accepted(town, 1), "accessNotes": "Ring."}},
    ),
    Case(
        "resident/cancel_request",
        lambda town, role: {"input": {"requestId": untaken(town)}},
        lambda town, other: {"input": {"requestId": accepted(town, 1)}},
    ),
    Case(
        "resident/confirm_done",
        lambda town, role: {"input": {"requestId": accepted(town)}},
        lambda town, other: {"input": {"requestId": accepted(town, 1)}},
    ),
    Case(
        "resident/report_not_done",
        lambda town, role: {"input": {"requestId": accepted(town)}},
        lambda town, other: {"input": {"requestId": accepted(town, 1)}},
    ),
    Case(
        "resident/add_standing_break",
        lambda town, role: _break(standing(town)),
        lambda town, other: _break(standing(town, 1)),
    ),
    Case(
        "resident/end_standing_request",
        lambda town, role: {"input": {"standingRequestId": standing(town)}},
        lambda town, other: {"input": {"standingRequestId": standing(town, 1)}},
    ),
    Case("staff/list_requests", _community),
    Case("integrator/list_open_requests", _community),
    Case("staff/review_queue", _community),
    Case("staff/list_standing_requests", _community),
    Case("staff/approve_request", lambda town, role: {"input": {"requestId": waiting(town)}}),
    Case(
        "staff/decline_request",
        lambda town, role: {"input": {"requestId": waiting(town), "reason": "NO_ANSWER"}},
    ),
    Case(
        "staff/merge_requests",
        lambda town, role: {"input": {"keepId": untaken(town), "dropId": waiting(town)}},
    ),
    Case(
        "staff/approve_standing_request",
        lambda town, role: {"input": {"standingRequestId": standing_in_review(town)}},
    ),
    Case(
        "staff/decline_standing_request",
        lambda town, role: {
            "input": {"standingRequestId": standing_in_review(town), "reason": "DUPLICATE"}
        },
    ),
    Case("staff/intake_rules", lambda town, role: _community(town, role) | {"topic": "KINDS"}),
    Case(
        "staff/set_intake_rules",
        lambda town, role: {
            "input": _community(town, role)
            | {"topic": "DEADLINES", "rules": {"promise_hours": 12.0}}
        },
    ),
)
