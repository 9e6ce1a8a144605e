"""Operations about mailings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.demo.town_mailings import CHOOSING, DRAFT, PAUSED, SENDING
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

if TYPE_CHECKING:
    from tests.factories.town import Town

TEXT = {
    "language": "en",
    "subject": "Bring your bicycle, {first_name}",
    "body": "We mend bicycles on Saturday.\n\n- Bring your own\n\n[See where](/events)",
}


def _community(town: Town) -> str:
    return global_id("Community", town.community_id)


def _mailing(town: Town, number: int) -> str:
    return global_id("Mailing", town.mailings.mailing_ids[number])


def _about(town: Town, number: int, **values: Any) -> Variables:
    return {"input": {"mailingId": _mailing(town, number), **values}}


def _words(town: Town) -> Variables:
    return {
        "communityId": _community(town),
        "segmentVersionId": global_id("SegmentVersion", town.audiences.version_ids[0]),
        "title": "Bicycles",
        "texts": [TEXT],
    }


CASES: tuple[Case, ...] = (
    Case(
        "staff/list_mailings",
        lambda town, role: {"communityId": _community(town), "first": 100},
    ),
    Case("staff/mailing_readability", lambda town, role: {"texts": [TEXT]}),
    Case("staff/mailing_settings", lambda town, role: {"communityId": _community(town)}),
    Case("staff/watch_mailing", lambda town, role: {"mailingId": _mailing(town, SENDING)}),
    Case("staff/create_mailing", lambda town, role: {"input": _words(town)}),
    Case("staff/change_mailing", lambda town, role: _about(town, DRAFT, mailing=_words(town))),
    Case("staff/test_mailing", lambda town, role: _about(town, DRAFT)),
    Case("staff/send_mailing", lambda town, role: _about(town, DRAFT, everybody=True)),
    Case("staff/pause_mailing", lambda town, role: _about(town, SENDING)),
    Case("staff/resume_mailing", lambda town, role: _about(town, PAUSED)),
    Case("staff/cancel_mailing", lambda town, role: _about(town, SENDING)),
    Case(
        "staff/choose_mailing_variant",
        lambda town, role: _about(town, CHOOSING, variant="B"),
    ),
    Case(
        "staff/change_mailing_settings",
        lambda town, role: {"input": {"communityId": _community(town), "weekBudget": 2}},
    ),
)
