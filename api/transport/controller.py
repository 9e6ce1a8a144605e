"""The address ``/graphql``: operations over HTTP, event streams and sockets.

Written on graphql-core and not on the HTTP views of Strawberry: of those nothing would be left
once media types, status codes, limits, the memory of documents and the rules of who may ask are
the house's own. The schema stays Strawberry's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from graphql import OperationType
from litestar import Controller, Request, Response, WebSocket, get, post, websocket

from api.transport.accept import EVENTS, JSON, Answering, choose_answering, is_json
from api.transport.answers import make_refusal, make_response, make_stream, refuse_by
from api.transport.bodies import (
    MAX_BODY_BYTES,
    Call,
    NotJson,
    read_call,
    read_json,
    read_parameters,
)
from api.transport.errors import refuse, refuse_call
from api.transport.execution import Prepared
from api.transport.rates import find_key
from api.transport.service import GraphQLApi, is_signed_in
from api.transport.sse import stream_events
from api.transport.websocket import serve_socket
from web.identity import Identity
from web.pages.guards import check_same_site

PATH: Final = "/graphql"
BODY_LIMIT_S: Final = 10.0

AnyRequest = Request[Any, Any, Any]
ReadCall = Callable[[AnyRequest], Awaitable[Call]]


async def answer_call(api: GraphQLApi, request: AnyRequest, read: ReadCall) -> Response[Any]:
    """Answer one request."""
    answering = choose_answering(request.headers.get("accept"))
    try:
        if answering is None:
            raise refuse(
                HTTPStatus.NOT_ACCEPTABLE,
                "not_acceptable",
                "Accept application/graphql-response+json, application/json or text/event-stream.",
            )
        identity = await api.admit(request)
        key = find_key(request, identity)
        api.rates.count_call(key, api.door.clock.now())
        call = await read(request)
        prepared = api.engine.prepare(call, signed_in=is_signed_in(identity))
        _check_method(request, prepared)
        _check_site(api, request, identity, prepared)
        api.rates.count_operation(key, prepared.operation, api.door.clock.now())
        if answering.media_type == EVENTS:
            return make_stream(stream_events(api, request, identity, prepared))
        if prepared.kind is OperationType.SUBSCRIPTION:
            raise refuse_call(
                "subscription_needs_stream",
                "A subscription needs a stream: accept text/event-stream, or use a socket "
                "(graphql-transport-ws).",
            )
        context = api.door.make_context(request, identity)
        return make_response(await api.engine.run(prepared, context), answering)
    except Exception as error:
        return make_refusal(refuse_by(error), answering or Answering(JSON))


def _check_method(request: AnyRequest, prepared: Prepared) -> None:
    if request.method == "GET" and prepared.kind is OperationType.MUTATION:
        raise refuse(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "GET changes nothing: send mutations by POST.",
            headers={"Allow": "POST"},
        )


def _check_site(
    api: GraphQLApi, request: AnyRequest, identity: Identity, prepared: Prepared
) -> None:
    """What comes with a cookie must come from our own pages."""
    if identity.session_id is None:
        return
    if prepared.kind is OperationType.QUERY:
        check_same_site(request, api.door.settings)
    else:
        api.door.check_csrf(request, identity)


async def read_post(request: AnyRequest) -> Call:
    """The call in the body of a request."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise refuse(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "encoding_not_taken",
            "Send the body as it is: Content-Encoding is not taken.",
            headers={"Accept-Encoding": "identity"},
        )
    if not is_json(request.headers.get("content-type", "")):
        raise refuse(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "media_type_not_taken",
            "Send JSON in UTF-8, with Content-Type: application/json.",
        )
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            body = await request.body()
    except TimeoutError:
        raise refuse(
            HTTPStatus.REQUEST_TIMEOUT, "body_too_slow", "The body did not come in time."
        ) from None
    try:
        return read_call(read_json(body))
    except NotJson as error:
        raise refuse_call("bad_json", f"The body cannot be read: {error}") from None


async def read_get(request: AnyRequest) -> Call:
    """The call in the address of a request."""
    return read_parameters({name: str(value) for name, value in request.query_params.items()})


async def read_trusted_get(request: AnyRequest) -> Call:
    """The call in an address, of a trusted document only."""
    call = await read_get(request)
    if call.text is not None or call.document_hash is None:
        raise refuse(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "By GET only trusted documents are taken, by their `documentId`: use POST.",
            headers={"Allow": "POST"},
        )
    return call


def make_controller(api: GraphQLApi, path: str = PATH) -> type[Controller]:
    """The handlers of an API."""
    routes_path = path

    class GraphQLController(Controller):
        path = routes_path
        request_max_body_size = MAX_BODY_BYTES

        @post(status_code=HTTPStatus.OK, name="graphql")
        async def handle_post(self, request: AnyRequest) -> Response[Any]:
            """Carry out an operation."""
            return await answer_call(api, request, read_post)

        @websocket(name="graphql_socket")
        async def handle_socket(self, socket: WebSocket[Any, Any, Any]) -> None:
            """Carry out operations for as long as the socket is open."""
            await serve_socket(api, socket)

    if api.door.settings.graphql_get == "off":
        return GraphQLController
    read = read_get if api.door.settings.graphql_get == "on" else read_trusted_get

    class GraphQLControllerWithGet(GraphQLController):
        @get(name="graphql_get")
        async def handle_get(self, request: AnyRequest) -> Response[Any]:
            """Carry out a query."""
            return await answer_call(api, request, read)

    return GraphQLControllerWithGet
