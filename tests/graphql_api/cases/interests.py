"""Operations about interests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town

Variables = dict[str, Any]


def _community(town: Town) -> str:
    return global_id("Community", town.community_id)


def _person(town: Town, role: str) -> str:
    key = town.volunteer_person_ids[0] if role == "volunteer" else town.resident_ids[0]
    return global_id("Person", key)


def _stranger(town: Town) -> str:
    return global_id("Person", town.volunteer_person_ids[2])


def _state(town: Town, person_id: str) -> Variables:
    return {
        "input": {
            "communityId": _community(town),
            "personId": person_id,
            "topics": ["cycling"],
        }
    }


CASES: tuple[Case, ...] = (
    Case("everybody/interests", lambda town, role: {"communityId": _community(town)}),
    Case(
        "resident/person_interests",
        lambda town, role: {"communityId": _community(town), "personId": _person(town, role)},
        lambda town, other: {"communityId": _community(town), "personId": _stranger(town)},
        before=(
            ("resident/state_interests", lambda town: _state(town, _person(town, "resident"))),
            ("resident/state_interests", lambda town: _state(town, _person(town, "volunteer"))),
        ),
    ),
    Case("resident/household_facts", lambda town, role: {"communityId": _community(town)}),
    Case(
        "resident/state_interests",
        lambda town, role: _state(town, _person(town, role)),
        lambda town, other: _state(town, _stranger(town)),
    ),
    Case(
        "resident/declare_household",
        lambda town, role: {"input": {"communityId": _community(town)}},
    ),
    Case(
        "staff/save_interest",
        lambda town, role: {
            "input": {"communityId": _community(town), "code": "chess", "label": "Chess"}
        },
    ),
)
