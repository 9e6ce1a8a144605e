"""Operations that go on: their tests stand in ``test_subscriptions.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town


def _community(town: Town, role: str) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id)}


CASES: tuple[Case, ...] = (
    Case("volunteer/watch_my_work", lambda town, role: {}),
    Case("staff/watch_round", _community),
    Case("staff/watch_board", _community),
)
