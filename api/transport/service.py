"""The API of one process: what is carried out, for whom, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from strawberry import Schema

from api.schema.limits import Limits
from api.transport.contract import Contract
from api.transport.documents import DocumentStore
from api.transport.door import Door
from api.transport.execution import OPERATION_LIMIT_S, Engine
from api.transport.rates import CallRates
from api.transport.validity import Validity
from core.errors import TalkootError
from web.identity import AnyConnection, Identity

INIT_LIMIT_S: Final = 3.0
"""So long a socket may stay open before it says who it is."""


@dataclass(frozen=True)
class GraphQLApi:
    """What every way in shares."""

    engine: Engine
    door: Door
    rates: CallRates
    init_limit_s: float = INIT_LIMIT_S
    validity: Validity = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "validity", Validity(self.door))

    async def admit(self, connection: AnyConnection) -> Identity:
        """Who asks. Sign-ins and tokens that do not hold are counted: nobody tries them all."""
        try:
            return await self.door.identify(connection)
        except TalkootError as error:
            if error.http_status < HTTPStatus.INTERNAL_SERVER_ERROR:
                self.rates.count_refused(connection, self.door.clock.now())
            raise


def is_signed_in(identity: Identity) -> bool:
    """Whether somebody in particular asks."""
    return identity.actor.person_id is not None or identity.actor.is_system


def make_api(
    schema: Schema,
    door: Door,
    *,
    contract: Contract | None = None,
    limits: Limits | None = None,
    limit_s: float = OPERATION_LIMIT_S,
    init_limit_s: float = INIT_LIMIT_S,
) -> GraphQLApi:
    """The API on a schema, by the settings behind the door."""
    settings = door.settings
    documents = DocumentStore(
        schema._schema,
        limits or Limits(),
        trusted=contract.trusted if contract else {},
        only_trusted=settings.graphql_documents == "trusted",
    )
    engine = Engine(schema, documents, settings.graphql_introspection == "on", limit_s)
    return GraphQLApi(engine, door, CallRates(settings.graphql_rate), init_limit_s)
