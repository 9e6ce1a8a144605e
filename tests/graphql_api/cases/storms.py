"""Operations about storms and the weather."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town


def _community(town: Town, role: str) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id)}


def _storm(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "input": {"stormId": global_id("Storm", town.storm_id), "reason": "phone_calls", **more}
    }


def _answer(town: Town, role: str) -> dict[str, Any]:
    """For oneself, or for the first resident when staff were told."""
    said: dict[str, Any] = {"stormId": global_id("Storm", town.storm_id), "needsHelp": True}
    if role in ("coordinator", "manager"):
        said["personId"] = global_id("Person", town.resident_ids[0])
    return {"input": said}


def _answer_of_another(town: Town, other: Town) -> dict[str, Any]:
    variables = _answer(town, "resident")
    variables["input"]["personId"] = global_id("Person", town.resident_ids[1])
    return variables


CASES: tuple[Case, ...] = (
    Case("everybody/current_storm", _community),
    Case("everybody/list_storms", _community),
    Case("staff/storm_board", _community),
    Case("staff/weather", _community),
    Case("staff/storm_rules", _community),
    Case("resident/answer_storm", _answer, _answer_of_another),
    Case(
        "staff/open_storm",
        lambda town, role: {"input": _community(town, role) | {"reason": "phone_calls"}},
        before=(("staff/close_storm", _storm),),
    ),
    Case("staff/hold_storm", lambda town, role: _storm(town, holdReason="ICE")),
    Case(
        "staff/resume_storm",
        lambda town, role: _storm(town),
        before=(("staff/hold_storm", lambda town: _storm(town, holdReason="ICE")),),
    ),
    Case("staff/close_storm", lambda town, role: _storm(town)),
    Case(
        "staff/set_storm_rules",
        lambda town, role: {
            "input": _community(town, role) | {"rules": {"night_work_allowed": True}}
        },
    ),
)
