"""The API of the product: its schema, its sign-ins, its trusted documents."""

from __future__ import annotations

from functools import cache
from typing import Any

from strawberry import Schema

from api.schema.build import build_schema
from api.schema.context import Context
from api.transport.contract import load_contract
from api.transport.door import HouseDoor
from api.transport.service import GraphQLApi, make_api
from core.clock import Clock
from core.errors import InvalidSetting
from core.settings import Settings
from web.identity import AnyConnection, Identity
from web.pages.rendering import choose_reader_language


@cache
def house_schema() -> Schema:
    """The schema, built once in a process."""
    return build_schema()


def make_house_api(settings: Settings, clock: Clock) -> GraphQLApi:
    """The API of one installation; database and services are those of its application.

    Raises
    ------
    InvalidSetting
        When only trusted documents are taken, and there are none.
    """
    contract = load_contract()
    if settings.graphql_documents == "trusted" and not contract.trusted:
        raise InvalidSetting(
            "TALKOOT_GRAPHQL_DOCUMENTS is 'trusted', but there are no trusted documents: run "
            "`talkoot graphql export` first."
        )

    def make_context(connection: AnyConnection, identity: Identity) -> Any:
        state = connection.app.state
        return Context(
            database=state.database,
            clock=clock,
            settings=settings,
            services={**state.services, "live": state.database.live},
            actor=identity.actor,
            session_id=identity.session_id,
            token_id=identity.token_id,
            csrf=identity.csrf,
            language=choose_reader_language(None, (), connection.headers.get("accept-language")),
        )

    door = HouseDoor(settings, clock, make_context)
    return make_api(house_schema(), door, contract=contract)
