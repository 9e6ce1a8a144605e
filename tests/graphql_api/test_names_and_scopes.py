"""A token for work does not read who people are."""

from __future__ import annotations

import pytest

from core.clock import FixedClock
from core.db import Database
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.townspeople import manager, with_scopes

TEAM = """query($id: ID!) { volunteer(id: $id) { team { size members { fullName } } } }"""
CALLER = """query($id: ID!) { node(id: $id) { ... on HelpRequest { status it: callerName } } }"""

WISH = """query($id: ID!) { node(id: $id) { ... on StandingRequest { it: callerName } } }"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


@pytest.mark.parametrize(
    ("document", "scope"),
    [(TEAM, "volunteers:read"), (CALLER, "requests:read"), (WISH, "requests:read")],
)
async def test_names_ask_for_the_scope_of_people(
    asker: Asker, town: Town, document: str, scope: str
) -> None:
    key = {
        TEAM: global_id("Volunteer", town.volunteer_ids[1]),
        CALLER: global_id("HelpRequest", town.request_ids[0]),
        WISH: global_id("StandingRequest", town.standing_ids[0]),
    }[document]
    lacking = await asker.ask(document, with_scopes(manager(town), scope), id=key)
    assert set(lacking.codes) == {"scope_missing"}
    assert "Synthetic" not in str(lacking.data)
    enough = await asker.ask(document, with_scopes(manager(town), scope, "people:read"), id=key)
    assert not enough.errors
