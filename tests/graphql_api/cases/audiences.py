"""Operations about segments and previews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town

Variables = dict[str, Any]

CYCLISTS = {"where": {"all": [{"interests": ["cycling"]}]}, "notContactedDays": 3}


def _community(town: Town) -> str:
    return global_id("Community", town.community_id)


def _segment(town: Town) -> str:
    return global_id("Segment", town.audiences.segment_ids[0])


CASES: tuple[Case, ...] = (
    Case(
        "staff/list_segments",
        lambda town, role: {"communityId": _community(town), "archivedToo": True, "first": 100},
    ),
    Case("staff/segment", lambda town, role: {"segmentId": _segment(town)}),
    Case(
        "staff/audience_preview",
        lambda town, role: {
            "communityId": _community(town),
            "definition": CYCLISTS,
            "purpose": "CAMPAIGNS",
        },
    ),
    Case(
        "staff/save_segment",
        lambda town, role: {
            "input": {
                "communityId": _community(town),
                "name": "Cyclists who rest",
                "definition": CYCLISTS,
            }
        },
    ),
    Case(
        "staff/change_segment",
        lambda town, role: {
            "input": {
                "segmentId": _segment(town),
                "seenNumber": 1,
                "name": "Cyclists who rest",
                "definition": CYCLISTS,
            }
        },
    ),
    Case("staff/archive_segment", lambda town, role: {"input": {"segmentId": _segment(town)}}),
)
